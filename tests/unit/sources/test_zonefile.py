import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from shapely import LineString, MultiPolygon, Point, Polygon, box

from sbd.errors import CrsError, InputError, ZoneError
from sbd.sources.zonefile import read_zone

SQUARE = box(24.943, 60.171, 24.945, 60.172)


@pytest.fixture
def drawn(tmp_path):
    def write(*shapes, crs="EPSG:4326", file="zone.gpkg", **columns):
        path = tmp_path / file
        gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs).to_file(path)
        return path

    return write


@pytest.mark.parametrize("name", ["zone.geojson", "zone.gpkg", "zone.fgb", "plan.geojson"])
def test_a_drawn_polygon_is_a_zone(drawn, name):
    zone = read_zone(drawn(SQUARE, file=name))

    assert len(zone) == 1
    assert zone.geometry.iloc[0].equals(SQUARE)
    assert zone.crs.to_epsg() == 4326


def test_several_polygons_are_one_zone_with_their_names(drawn):
    other = box(24.945, 60.171, 24.946, 60.172)

    zone = read_zone(drawn(SQUARE, other, MultiPolygon([other]), name=["North", "", "North"]))

    assert len(zone) == 1
    # side by side, 2 and 1 thousandths of a degree wide
    assert zone.geometry.iloc[0].area == pytest.approx(3e-6)
    assert zone["name"].iloc[0] == "North"


def test_a_zone_in_metres_stays_in_metres(drawn):
    zone = read_zone(drawn(box(385_900, 6_672_300, 385_950, 6_672_350), crs="EPSG:3067"))

    assert zone.crs.to_epsg() == 3067
    assert zone.area.iloc[0] == pytest.approx(2500)


def test_heights_are_dropped(drawn):
    raised = Polygon([(24.943, 60.171, 5), (24.945, 60.171, 5), (24.945, 60.172, 6)])

    zone = read_zone(drawn(raised, file="zone.geojson"))

    assert not zone.has_z.any()
    assert zone.crs.to_epsg() == 4326


def test_the_layer_named_zone_is_taken_from_several(drawn, tmp_path):
    path = drawn(SQUARE, file="plan.gpkg")
    table = gpd.GeoDataFrame(geometry=[box(24.943, 60.171, 24.944, 60.172)], crs=4326)
    pyogrio.write_dataframe(table, path, layer="zone", driver="GPKG", append=True)

    assert read_zone(path).geometry.iloc[0].bounds[2] == pytest.approx(24.944)


def test_several_layers_without_a_zone_are_refused(drawn):
    path = drawn(SQUARE, file="plan.gpkg")
    table = gpd.GeoDataFrame(geometry=[SQUARE], crs=4326)
    pyogrio.write_dataframe(table, path, layer="other", driver="GPKG", append=True)

    with pytest.raises(ZoneError, match=r"2 layers \(plan, other\)"):
        read_zone(path)


def test_an_outline_that_crosses_itself_is_refused_with_the_place(drawn):
    # the diagonals of a square of 2 x 1 thousandths meet in its middle
    bow_tie = Polygon([(24.943, 60.171), (24.945, 60.172), (24.945, 60.171), (24.943, 60.172)])

    with pytest.raises(ZoneError, match=r"Self-intersection at 24\.944\d* 60\.171[45]"):
        read_zone(drawn(bow_tie, file="zone.geojson"))


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ([], "it is empty"),
        ([Polygon()], "it is empty"),
        ([LineString([(24.943, 60.171), (24.945, 60.172)])], "row 0 is a LineString"),
        ([SQUARE, Point(24.943, 60.171)], "row 1 is a Point"),
    ],
)
def test_what_is_no_polygon_is_refused(drawn, shapes, words):
    with pytest.raises(ZoneError, match=words):
        read_zone(drawn(*shapes, file="zone.geojson"))


def test_a_polygon_without_an_area_is_refused(drawn):
    flat = Polygon([(24.943, 60.171), (24.945, 60.171), (24.944, 60.171)])

    with pytest.raises(ZoneError, match="row 0: the outline is not simple"):
        read_zone(drawn(flat))


@pytest.mark.parametrize(
    ("shape", "crs", "words"),
    [
        (SQUARE, None, "no reference system"),
        (SQUARE, "EPSG:32635", "look like degrees, but EPSG:32635 counts in metres"),
        (box(385_900, 6_672_300, 385_950, 6_672_350), "EPSG:4326", "are no degrees"),
    ],
)
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_coordinates_that_contradict_the_reference_system_are_refused(drawn, shape, crs, words):
    with pytest.raises(CrsError, match=words):
        read_zone(drawn(shape, crs=crs))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.geojson", None, "no such file"),
        ("empty.geojson", b"", "0 bytes"),
        ("notes.geojson", b"plain words", "not a file of shapes"),
        ("half.geojson", b'{"type": "FeatureCollection", "features": [', "not a file of shapes"),
        ("none.json", b'{"type": "FeatureCollection", "features": []}', "empty"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused_in_one_line(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(InputError, match=words) as caught:
        read_zone(tmp_path / name)

    assert isinstance(caught.value, ZoneError)
    assert "\n" not in str(caught.value)


def test_a_table_without_shapes_is_refused(tmp_path):
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "zone.csv", index=False)

    with pytest.raises(ZoneError, match="no shapes"):
        read_zone(tmp_path / "zone.csv")
