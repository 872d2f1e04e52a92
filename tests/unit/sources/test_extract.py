import bz2
import gzip
import math
import shutil
from pathlib import Path

import osmium
import pytest
import shapely

from sbd.errors import CancelledError, ExtractError
from sbd.sources.extract import read_extract


def by_id(layers, osm_id):
    rows = layers.features[layers.features["osm_id"] == osm_id]
    assert len(rows) == 1, osm_id
    return rows.iloc[0]


def count_of(layers, item):
    rows = layers.repairs[layers.repairs["item"] == item]
    return 0 if rows.empty else int(rows["count"].iloc[0])


def street(draw, **tags):
    """Give one sound way, so that the file has something to say."""
    ends = draw.node(901, 0, 0) + draw.node(902, 10, 10)
    return ends, draw.way(900, [901, 902], highway="residential", **tags)


def read(draw, nodes="", ways="", relations="", **kwargs):
    ends, line = street(draw)
    return read_extract(draw.file(nodes, ends, ways, line, relations), **kwargs)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"building": "yes"}, "Polygon"),
        ({"natural": "water"}, "Polygon"),
        ({"leisure": "park"}, "Polygon"),
        ({"place": "square"}, "Polygon"),
        ({"amenity": "parking"}, "Polygon"),
        ({"highway": "pedestrian", "area": "yes"}, "Polygon"),
        ({"highway": "pedestrian"}, "LineString"),
        ({"highway": "pedestrian", "place": "square"}, "Polygon"),
        ({"highway": "residential", "place": "square"}, "LineString"),
        ({"building": "yes", "barrier": "wall"}, "Polygon"),
        ({"barrier": "wall"}, "LineString"),
        ({"barrier": "fence"}, "LineString"),
        ({"barrier": "hedge"}, "LineString"),
        ({"barrier": "wall", "landuse": "cemetery"}, "LineString"),
        ({"barrier": "fence", "leisure": "park"}, "Polygon"),
        ({"building": "no", "barrier": "kerb"}, "LineString"),
        ({"leisure": "park", "area": "no"}, "LineString"),
    ],
)
def test_a_closed_way_is_an_area_where_its_tags_say_so(draw, tags, kind):
    layers = read(draw, draw.square(1, 2, 2, 1), draw.way(10, [1, 2, 3, 4, 1], **tags))

    assert by_id(layers, "way/10").geometry.geom_type == kind


def test_an_object_that_no_plan_needs_is_not_kept(draw):
    nodes = draw.node(1, 1, 1, name="Mitte", place="suburb") + draw.node(2, 1, 1, barrier="bollard")

    assert set(read(draw, nodes).features["osm_id"]) == {"node/2", "way/900"}


def test_an_open_building_outline_is_left_out_and_counted(draw):
    layers = read(draw, draw.square(1, 2, 2, 1), draw.way(10, [1, 2, 3, 4], building="yes"))

    assert "way/10" not in set(layers.features["osm_id"])
    assert count_of(layers, "outlines that do not close") == 1


def test_an_outline_is_closed_over_a_gap_that_no_vehicle_fits_through(draw):
    # node 5 lies 0.000004 degrees (0.44 m) north of node 1
    nodes = draw.square(1, 2, 2, 1) + draw.node(5, 2, 2.004)

    layers = read(draw, nodes, draw.way(10, [1, 2, 3, 4, 5], building="yes"))

    assert by_id(layers, "way/10").geometry.geom_type == "Polygon"
    assert count_of(layers, "outlines closed over a gap") == 1


def test_a_building_with_a_missing_corner_is_left_out_rather_than_guessed(draw):
    layers = read(draw, draw.square(1, 2, 2, 1), draw.way(10, [1, 2, 77, 4, 1], building="yes"))

    assert "way/10" not in set(layers.features["osm_id"])
    assert count_of(layers, "outlines that do not close") == 1


def test_a_street_with_a_missing_node_keeps_its_longest_piece(draw):
    nodes = "".join(draw.node(i, i, 1) for i in range(1, 6))

    layers = read(draw, nodes, draw.way(10, [1, 2, 77, 3, 4, 5], highway="service"))

    # nodes 3, 4, 5 stand at x = 3, 4, 5 thousandths
    bounds = by_id(layers, "way/10").geometry.bounds
    assert bounds[0] == pytest.approx(draw.lon + 0.003)
    assert bounds[2] == pytest.approx(draw.lon + 0.005)
    assert count_of(layers, "ways with missing nodes") == 1


def test_a_ring_of_road_with_a_missing_node_is_one_piece_around_the_hole(draw):
    layers = read(draw, draw.square(1, 2, 2, 1), draw.way(10, [1, 2, 77, 3, 4, 1], barrier="fence"))

    # 3-4-1-2: three sides of the square
    assert len(by_id(layers, "way/10").geometry.coords) == 4


def test_a_way_without_two_known_nodes_is_counted(draw):
    layers = read(draw, draw.node(1, 1, 1), draw.way(10, [1, 77], highway="service"))

    assert count_of(layers, "ways with fewer than two known nodes") == 1


def test_an_outline_that_crosses_itself_becomes_sound_and_is_counted(draw):
    # corners in the order of a bow tie: two triangles that meet in the middle
    layers = read(draw, draw.square(1, 2, 2, 2), draw.way(10, [1, 2, 4, 3, 1], building="yes"))

    shape = by_id(layers, "way/10").geometry
    assert shape.is_valid
    # each triangle has a base of 2 and a height of 1 thousandth
    assert shape.area == pytest.approx(2e-6)
    assert count_of(layers, "outlines that cross themselves") == 1


def test_an_outline_on_one_line_is_left_out(draw):
    nodes = "".join(draw.node(i, i, 1) for i in range(1, 4))

    layers = read(draw, nodes, draw.way(10, [1, 2, 3, 1], building="yes"))

    assert "way/10" not in set(layers.features["osm_id"])
    assert count_of(layers, "outlines without an area") == 1


def test_a_building_on_a_point_is_left_out_and_counted(draw):
    layers = read(draw, draw.node(1, 1, 1, building="yes"))

    assert "node/1" not in set(layers.features["osm_id"])
    assert count_of(layers, "buildings mapped as points") == 1


def court(draw, outer_tags, inner_tags, relation_tags, inner_nodes=(5, 6, 7, 8, 5)):
    nodes = draw.square(1, 1, 1, 4) + draw.square(5, 2, 2, 2)
    ways = draw.way(10, [1, 2, 3, 4, 1], **outer_tags) + draw.way(11, inner_nodes, **inner_tags)
    members = [(10, "outer"), (11, "inner")]
    return read(draw, nodes, ways, draw.relation(20, members, type="multipolygon", **relation_tags))


def test_a_courtyard_is_not_solid(draw):
    layers = court(draw, {}, {}, {"building": "yes"})

    # 4 x 4 less 2 x 2 thousandths of a degree
    assert by_id(layers, "relation/20").geometry.area == pytest.approx(12e-6)


@pytest.mark.parametrize("on_relation", [{}, {"building": "office"}])
def test_an_outer_way_with_the_tags_of_the_whole_does_not_fill_the_courtyard(draw, on_relation):
    layers = court(draw, {"building": "yes"}, {}, on_relation)

    assert by_id(layers, "relation/20").geometry.area == pytest.approx(12e-6)
    assert "way/10" not in set(layers.features["osm_id"])
    assert count_of(layers, "outlines drawn twice") == 1


@pytest.mark.parametrize("also", [{}, {"leisure": "park"}])
def test_a_fence_around_a_park_stays_a_fence(draw, also):
    layers = court(draw, {"barrier": "fence", **also}, {}, {"leisure": "park"})

    assert by_id(layers, "way/10").geometry.geom_type == "LineString"
    assert by_id(layers, "relation/20").geometry.area == pytest.approx(12e-6)


def test_a_building_whose_courtyard_is_missing_is_left_out(draw):
    layers = court(draw, {}, {}, {"building": "yes"}, inner_nodes=(5, 6, 77, 8, 5))

    assert "relation/20" not in set(layers.features["osm_id"])
    assert count_of(layers, "multipolygons with missing or open sides") == 1


def test_a_park_with_an_unknown_hole_is_kept_and_counted(draw):
    layers = court(draw, {}, {}, {"leisure": "park"}, inner_nodes=(5, 6, 77, 8, 5))

    assert by_id(layers, "relation/20").geometry.area == pytest.approx(16e-6)
    assert count_of(layers, "multipolygons with missing or open sides") == 1


def test_a_building_that_lost_one_of_its_outer_rings_keeps_the_other(draw):
    members = [(10, "outer"), (77, "outer")]

    layers = read(
        draw,
        draw.square(1, 1, 1, 1),
        draw.way(10, [1, 2, 3, 4, 1]),
        draw.relation(20, members, type="multipolygon", building="yes"),
    )

    assert by_id(layers, "relation/20").geometry.area == pytest.approx(1e-6)


def test_sides_from_several_ways_and_an_island_in_the_hole_are_put_together(draw):
    nodes = draw.square(1, 0, 0, 6) + draw.square(5, 1, 1, 4) + draw.square(9, 2, 2, 2)
    ways = draw.way(10, [1, 2, 3]) + draw.way(11, [3, 4, 1])
    ways += draw.way(12, [5, 6, 7, 8, 5]) + draw.way(13, [9, 10, 11, 12, 9])
    members = [(10, "outer"), (11, "outer"), (12, "inner"), (13, "outer")]

    layers = read(
        draw, nodes, ways, draw.relation(20, members, type="multipolygon", natural="water")
    )

    # 36 - 16 + 4
    assert by_id(layers, "relation/20").geometry.area == pytest.approx(24e-6)


def test_a_way_knows_the_public_transport_that_runs_on_it(draw):
    relations = (
        draw.relation(20, [(900, "")], type="route", route="tram")
        + draw.relation(21, [(900, "forward"), (10, "platform")], type="route", route="bus")
        + draw.relation(22, [(900, "")], type="route", route="hiking")
    )
    platform = draw.way(10, [1, 2], highway="platform")

    layers = read(draw, draw.square(1, 1, 1, 1), platform, relations)

    assert by_id(layers, "way/900")["routes"] == "bus tram"
    assert by_id(layers, "way/10")["routes"] == ""
    assert count_of(layers, "bus and tram routes") == 0


def test_data_without_routes_says_that_it_does_not_know_them(draw):
    layers = read(draw)

    assert "bus and tram routes" in set(layers.repairs["item"])
    assert set(layers.repairs["topic"]) == {"unknown"}


def test_only_objects_that_touch_the_area_are_kept_and_those_whole(draw):
    nodes = draw.square(1, 1, 1, 2) + draw.square(5, 8, 8, 1)
    ways = draw.way(10, [1, 2, 3, 4, 1], building="yes") + draw.way(
        11, [5, 6, 7, 8, 5], building="yes"
    )
    area = shapely.box(draw.lon, draw.lat, draw.lon + 0.002, draw.lat + 0.002)

    layers = read(draw, nodes, ways, area=area)

    assert set(layers.features["osm_id"]) == {"way/10", "way/900"}
    assert by_id(layers, "way/10").geometry.bounds[2] == pytest.approx(draw.lon + 0.003)


def test_a_ring_outside_the_area_is_not_a_missing_member(draw):
    # an island in a lake: the area touches the lake, its hole lies outside the area
    nodes = draw.square(1, 1, 1, 8) + draw.square(5, 6, 6, 1)
    ways = draw.way(10, [1, 2, 3, 4, 1]) + draw.way(11, [5, 6, 7, 8, 5])
    lake = draw.relation(20, [(10, "outer"), (11, "inner")], type="multipolygon", natural="water")
    area = shapely.box(draw.lon, draw.lat, draw.lon + 0.002, draw.lat + 0.002)

    layers = read(draw, nodes, ways, lake, area=area)

    assert "relation/20" in set(layers.features["osm_id"])
    assert set(layers.repairs["topic"]) == {"unknown"}


def test_the_box_and_the_date_come_from_the_file(draw):
    layers = read(draw)

    corners = (draw.lon, draw.lat, draw.lon + 0.01, draw.lat + 0.01)
    assert layers.covered.bounds == pytest.approx(corners, abs=1e-7)
    assert layers.covered.area == pytest.approx(1e-4)
    assert layers.source == "town.osm"
    assert layers.date == "2020-05-04"
    assert layers.attribution.startswith("© OpenStreetMap contributors")


def test_without_a_stated_box_the_edge_is_reported_as_unknown(draw):
    ends, line = street(draw)
    nodes = draw.square(1, 0, 0, 10)
    square = draw.way(10, [1, 2, 3, 4, 1], place="square")

    layers = read_extract(draw.file(ends, nodes, line, square, box=False))

    assert layers.covered.area == pytest.approx(1e-4)
    assert "edge of the data" in set(layers.repairs["item"])


@pytest.mark.parametrize("ending", [".osm.gz", ".osm.bz2", ".osm.pbf"])
def test_every_format_says_the_same(draw, tmp_path, ending):
    plain = draw.file(*street(draw), draw.node(5, 5, 5, barrier="bollard"))
    other = tmp_path / f"other{ending}"
    if ending == ".osm.pbf":
        with osmium.SimpleWriter(str(other)) as writer:
            for thing in osmium.FileProcessor(plain):
                writer.add(thing)
    else:
        pack = gzip.compress if ending == ".osm.gz" else bz2.compress
        other.write_bytes(pack(plain.read_bytes()))

    features = read_extract(other).features

    assert features["osm_id"].tolist() == read_extract(plain).features["osm_id"].tolist()
    assert features["tags"].tolist() == read_extract(plain).features["tags"].tolist()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.osm.pbf", None, "no such file"),
        ("empty.osm.pbf", b"", "0 bytes"),
        ("picture.osm.pbf", b"\x89PNG" + bytes(500), "not OpenStreetMap"),
        ("page.osm", b"<html><body>504</body></html>", "not OpenStreetMap"),
        ("notes.osm", b"plain words", "not OpenStreetMap"),
        ("half.osm.gz", gzip.compress(b"<osm version='0.6'>" * 999)[:40], "cut off"),
        ("half.osm.bz2", bz2.compress(b"<osm version='0.6'>" * 999)[:40], "cut off"),
        ("change.osm", b"<osmChange version='0.6'/>", "change or history"),
        ("bare.osm", b"<osm version='0.6'/>", "holds no way"),
        ("place.osm", b"<osm version='0.6'><node id='1' lat='x' lon='2'/></osm>", "damaged"),
        ("town.shp", b"abc", ".osm.bz2 or .osm.pbf"),
        ("town.pbf", b"abc", ".osm.bz2 or .osm.pbf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_extract_is_refused_in_one_line(tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ExtractError, match=words) as caught:
        read_extract(path)

    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_extract(tmp_path):
    (tmp_path / "town.osm").mkdir()

    with pytest.raises(ExtractError, match="no such file"):
        read_extract(tmp_path / "town.osm")


def test_ways_that_come_before_their_nodes_are_refused_with_the_way_out(draw):
    ends, line = street(draw)

    with pytest.raises(ExtractError, match="osmium sort"):
        read_extract(draw.file(line, ends))


def test_an_area_elsewhere_is_refused_with_what_the_file_covers(draw):
    with pytest.raises(ExtractError, match=r"nothing at 48\.0000, 11\.0000.*60\.1700 to 60\.1800"):
        read(draw, area=shapely.Point(11, 48).buffer(0.001))


def test_reading_can_be_stopped(draw):
    def stop(stage: str, share: float, note: str) -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        read(draw, progress=stop)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.9])
def test_a_truncated_pbf_is_refused(sites, tmp_path, share):
    whole = (sites / "sites" / "munich_marienplatz.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(ExtractError, match="cut off"):
        read_extract(path)


REAL = {
    "munich_marienplatz": (11.5758, 48.1371),
    "porto_aliados_ribeira": (-8.6114, 41.1465),
    "geneva_quays": (6.1510, 46.2042),
    "geneva_place_des_nations": (6.1387, 46.2226),
    "london_paternoster": (-0.0994, 51.5146),
    "helsinki_rautatientori": (24.9442, 60.1713),
}


@pytest.mark.parametrize("name", REAL)
def test_a_real_site_comes_out_sound(sites, name):
    lon, lat = REAL[name]
    area = shapely.box(lon - 0.004, lat - 0.002, lon + 0.004, lat + 0.002)

    layers = read_extract(sites / "sites" / f"{name}.osm.pbf", area)

    features = layers.features
    assert features["osm_id"].is_unique
    assert features.is_valid.all()
    assert features.intersects(area).all()
    assert set(features.geom_type) <= {"Point", "LineString", "Polygon", "MultiPolygon"}
    solid = features[features["tags"].map(lambda tags: "building" in tags)]
    assert len(solid) > 50
    assert layers.covered.covers(shapely.Point(lon, lat))


def test_a_corner_without_any_data_counts_as_unknown(sites):
    # the source of this extract was clipped to an outline: nothing south-east of 46.199, 6.152
    layers = read_extract(sites / "sites" / "geneva_quays.osm.pbf")

    assert not layers.covered.covers(shapely.Point(6.158, 46.1983))
    unknown = layers.repairs.set_index("item").loc["corners without data"]
    assert unknown["topic"] == "unknown"
    assert math.isnan(unknown["count"])


def test_a_renamed_file_still_reads(sites, tmp_path: Path):
    shutil.copy(sites / "sites" / "geneva_place_des_nations.osm.pbf", tmp_path / "A PLAN.OSM.PBF")

    assert len(read_extract(tmp_path / "A PLAN.OSM.PBF").features) > 1000
