import dataclasses
import json

import numpy as np
import pyogrio
import pytest
import shapely

from sbd.errors import OutputError
from sbd.export.geojson import footprints, lines, placement, write_geojson
from sbd.sources.store import read_footprints
from sbd.verify import judge_layout, prepare_footprints

COLLECTIONS = {"placement": placement, "footprints": footprints, "lines": lines}


@pytest.fixture(scope="module")
def files(proposal, tmp_path_factory):
    folder = tmp_path_factory.mktemp("geojson")
    return {path.stem: path for path in write_geojson(proposal, folder)}


@pytest.fixture(params=list(COLLECTIONS))
def collection(request, files):
    return json.loads(files[request.param].read_text(encoding="utf-8"))


def positions(feature):
    return shapely.get_coordinates(shapely.from_geojson(json.dumps(feature["geometry"])))


def test_a_collection_states_whose_data_it_is_and_who_may_see_it(collection):
    assert collection["type"] == "FeatureCollection"
    assert "OpenStreetMap" in collection["attribution"]
    assert collection["sensitivity"] == "restricted"
    assert collection["verdict"] == "holds on condition"


def test_no_reference_system_is_named(collection):
    # RFC 7946, section 4: it is WGS 84 always, and the member `crs` is gone.
    assert "crs" not in collection


def test_every_feature_has_an_id_of_its_own(collection):
    ids = [feature["id"] for feature in collection["features"]]
    assert len(ids) == len(set(ids)) > 0
    assert all(isinstance(name, str) for name in ids)


def test_a_feature_has_the_three_members_of_the_standard(collection):
    for feature in collection["features"]:
        assert {"type", "geometry", "properties"} <= feature.keys()
        assert set(feature["geometry"]) == {"type", "coordinates"}


def test_longitude_comes_first_and_lies_where_the_place_is(collection):
    for feature in collection["features"]:
        x, y = positions(feature).T
        assert ((x > 24.94) & (x < 24.95)).all()
        assert ((y > 60.16) & (y < 60.17)).all()


def test_outlines_run_counter_clockwise_and_close(files):
    for feature in json.loads(files["footprints"].read_text())["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        assert ring[0] == ring[-1]
        assert shapely.is_ccw(shapely.LinearRing(ring))


def test_coordinates_carry_nine_decimals_at_most(collection):
    for feature in collection["features"]:
        for number in positions(feature).ravel():
            assert number == round(number, 9)


def test_features_say_what_a_buyer_must_know(collection):
    properties = collection["features"][0]["properties"]
    assert properties["line_id"] == "L1"
    assert properties["kind"] == "fixed_bollard"
    assert properties["layout"] == "permanent"
    assert properties["openable"] is False
    impact = [properties[name] for name in ("vehicle", "mass_kg", "speed_kmh", "energy_kj")]
    assert impact == ["N2A", 7200.0, 48.0, 640.0]
    assert properties["angle_deg"] == 90.0
    assert properties["cost_low"] < properties["cost_high"]
    assert (properties["currency"], properties["cost_year"]) == ("EUR", 2024)
    assert properties["source"]
    assert properties["standing"] == "assumed"


def test_units_are_points_that_name_their_clear_gaps(files):
    collection = json.loads(files["placement"].read_text())
    assert len(collection["features"]) == 12
    for feature in collection["features"]:
        assert feature["geometry"]["type"] == "Point"
        assert feature["id"] == feature["properties"]["unit_id"]
        # 12 m less six units of 0.6 m, over seven gaps
        assert feature["properties"]["gap_before_mm"] == pytest.approx(1200)
        assert feature["properties"]["gap_after_mm"] == pytest.approx(1200)


def test_a_line_names_its_narrowest_and_its_widest_gap(proposal):
    gaps = np.array([1000.0, *[1200.0] * 4, 1150.0, *[1200.0] * 6])
    other = dataclasses.replace(proposal, units=proposal.units.assign(gap_before_mm=gaps))
    first, second = (feature["properties"] for feature in lines(other)["features"])
    assert (first["narrowest_gap_mm"], first["widest_gap_mm"]) == (1000.0, 1200.0)
    assert (second["narrowest_gap_mm"], second["widest_gap_mm"]) == (1200.0, 1200.0)


def test_an_unknown_figure_is_null(files):
    _, second = json.loads(files["lines"].read_text())["features"]
    assert second["properties"]["penetration_m"] is None


def test_a_footprint_comes_back_to_a_tenth_of_a_millimetre(proposal, files):
    found = pyogrio.read_dataframe(files["footprints"]).to_crs(proposal.crs)
    given = proposal.footprints
    assert found["unit_id"].tolist() == given["unit_id"].tolist()
    # A unit of the ninth decimal is 0.11 mm on the ground, so rounding moves a corner by 0.08 mm
    # at most and a gap by twice that: a millimetre is never lost.
    distance = shapely.hausdorff_distance(found.geometry.values, given.geometry.values)
    assert distance.max() < 1e-4


def test_gdal_reads_what_was_written(files):
    for name, count, kind in (
        ("placement", 12, "Point"),
        ("footprints", 12, "Polygon"),
        ("lines", 2, "LineString"),
    ):
        found = pyogrio.read_dataframe(files[name])
        assert (len(found), set(found.geom_type)) == (count, {kind})
        assert found.crs.to_epsg() == 4326


def test_a_plan_without_barriers_gives_empty_collections(proposal):
    bare = dataclasses.replace(
        proposal,
        barriers=proposal.barriers.iloc[:0],
        units=proposal.units.iloc[:0],
        footprints=proposal.footprints.iloc[:0],
    )
    assert [made(bare)["features"] for made in COLLECTIONS.values()] == [[], [], []]


def test_a_file_in_the_way_of_the_folder_is_named(proposal, tmp_path):
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(OutputError, match=r"placement\.geojson: can't be written"):
        write_geojson(proposal, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_footprints_stand_up_to_the_judge_again(proposal, files):
    # Every gap is 1.2 m, the very limit: 0.1 mm lost on the way are forgiven, a centimetre is not.
    found = read_footprints(files["footprints"])
    before = judge_layout(proposal.site, proposal.footprints, threat_width_m=1.2)
    after = judge_layout(proposal.site, prepare_footprints(found, proposal.crs), threat_width_m=1.2)
    assert before.holds
    assert [check.passes for check in after.checks] == [check.passes for check in before.checks]
    assert after.gaps["width_mm"].to_numpy() == pytest.approx(1200.0, abs=0.3)


def test_seven_decimals_would_not(proposal, files):
    rounded = read_footprints(files["footprints"])
    rounded = rounded.set_geometry(
        shapely.transform(rounded.geometry.values, lambda degrees: np.round(degrees, 7))
    ).set_crs(4326)
    shapes = prepare_footprints(rounded, proposal.crs)
    assert not judge_layout(proposal.site, shapes, threat_width_m=1.2).holds
