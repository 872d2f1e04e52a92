"""Holes in solids: archways, arcades, gates, bridges, crossings."""

import pytest
from shapely import box

from sbd.site.assemble import _solids
from sbd.site.streets import way_lines
from tests.drawn_town import Town, report_of, solid_at, town, whole

STUDY = box(-200, -200, 200, 200)
HOUSE = box(-10, 0, 10, 20)  # 20 m deep


def cut(drawing):
    """Return what is left of the solids and the holes, of a drawing around the origin."""
    features = drawing.features()
    return _solids(features, way_lines(features), STUDY)


def left(drawing):
    return whole(cut(drawing)[0].geometry)


def house():
    return Town().area("way/1", HOUSE, building="yes")


def passage(**tags):
    return house().line("way/2", [(0, -10), (0, 30)], highway="service", **tags)


def test_an_archway_is_4_m_wide_unless_stated():
    # 400 m2 of house less 20 m x 4 m.
    drawing = house().line("way/2", [(0, 0), (0, 20)], highway="footway", tunnel="building_passage")
    assert left(drawing).area == pytest.approx(400 - 80)


def test_an_archway_takes_the_width_that_is_stated():
    assert left(passage(tunnel="building_passage", width="3")).area == pytest.approx(400 - 60)


def test_an_archway_of_a_street_is_as_wide_as_the_street():
    drawing = house().line(
        "way/2", [(0, -10), (0, 30)], highway="residential", tunnel="building_passage", lanes="2"
    )
    assert left(drawing).area == pytest.approx(400 - 20 * 6.5)  # two lanes of 3.25 m


@pytest.mark.parametrize(
    "tags",
    [{"covered": "yes"}, {"covered": "arcade"}, {"tunnel": "building_passage", "layer": "-1"}],
)
def test_covered_ways_and_passages_on_layer_minus_1_are_archways(tags):
    assert left(passage(**tags)).area == pytest.approx(400 - 80)


def test_an_arcade_along_a_facade_opens_the_facade():
    # The line runs 1 m inside the facade y = 0: the strip y < 3 m goes, 20 m x 3 m.
    drawing = house().line("way/2", [(-20, 1), (20, 1)], highway="footway", covered="arcade")
    assert left(drawing).area == pytest.approx(400 - 60)


def test_a_road_drawn_through_a_building_counts_as_an_archway_and_is_reported():
    drawing = house().line("way/2", [(0, -10), (0, 30)], highway="service")
    solids, holes = cut(drawing)
    assert whole(solids.geometry).area == pytest.approx(400 - 80)
    assert holes["kind"].tolist() == ["untagged archway"]


def test_a_garage_ramp_that_ends_in_a_building_opens_nothing():
    drawing = house().line("way/2", [(0, -10), (0, 10)], highway="service")
    assert left(drawing).area == pytest.approx(400)


def test_a_footpath_drawn_through_a_building_opens_nothing_without_a_tag():
    drawing = house().line("way/2", [(0, -10), (0, 30)], highway="footway")
    assert left(drawing).area == pytest.approx(400)


@pytest.mark.parametrize("tags", [{"tunnel": "yes"}, {"indoor": "yes"}, {"level": "-1"}])
def test_what_runs_under_or_inside_a_building_opens_nothing(tags):
    assert left(passage(**tags)).area == pytest.approx(400)


def wall(**tags):
    return Town().line("way/1", [(-50, 0), (50, 0)], barrier="wall", **tags)


def gap_m(drawing):
    """Return how long the opening in the wall along y = 0 is."""
    line = box(-40, -0.01, 40, 0.01)
    return 80 - left(drawing).intersection(line).area / 0.02


def test_a_gate_on_a_wall_is_a_hole_of_4_m():
    assert gap_m(wall().node("node/2", (3, 0), barrier="gate")) == pytest.approx(4.0, abs=0.05)


def test_a_gate_with_a_width_is_a_hole_of_that_width():
    drawing = wall().node("node/2", (3, 0), barrier="lift_gate", maxwidth="6")
    assert gap_m(drawing) == pytest.approx(6.0, abs=0.05)


def test_a_street_that_crosses_a_wall_goes_through_it():
    drawing = wall().line("way/2", [(0, -20), (0, 20)], highway="residential", width="7")
    assert gap_m(drawing) == pytest.approx(7.0, abs=0.01)


def test_a_footpath_that_crosses_a_wall_leaves_2_m():
    drawing = wall().line("way/2", [(0, -20), (0, 20)], highway="footway", width="0.8")
    assert gap_m(drawing) == pytest.approx(2.0, abs=0.01)


def test_a_tunnel_below_a_wall_opens_nothing():
    drawing = wall().line("way/2", [(0, -20), (0, 20)], highway="service", tunnel="yes")
    assert gap_m(drawing) == pytest.approx(0.0, abs=0.01)


def river():
    return Town().area("way/1", box(-100, 0, 100, 30), natural="water")


def test_a_bridge_is_ground_over_water_as_wide_as_its_street():
    drawing = river().line("way/2", [(0, -5), (0, 35)], highway="primary", bridge="yes", width="8")
    assert left(drawing).area == pytest.approx(200 * 30 - 8 * 30)


def test_a_mapped_bridge_deck_is_ground_over_water():
    assert left(river().area("way/2", box(0, -5, 12, 35), man_made="bridge")).area == pytest.approx(
        200 * 30 - 12 * 30
    )


def test_a_street_over_water_without_a_bridge_tag_is_ground_too():
    drawing = river().line("way/2", [(0, -5), (0, 35)], highway="service", width="4")
    assert left(drawing).area == pytest.approx(200 * 30 - 4 * 30)


def test_a_bridge_over_a_building_leaves_the_building_whole():
    drawing = house().line("way/2", [(0, -10), (0, 30)], highway="primary", bridge="yes", layer="1")
    assert left(drawing).area == pytest.approx(400)


def test_archways_and_openings_are_on_the_list_for_a_visit():
    drawing = (
        town()
        .line("way/8", [(10, 20), (10, 140)], highway="service", tunnel="building_passage")
        .line("way/9", [(-18, -18), (-10, -18)], barrier="wall")
        .node("node/9", (-14, -18), barrier="gate")
    )
    notes = report_of(drawing.site(), "visit")
    assert "way/8" in notes["archways"]
    assert "node/9" in notes["openings in walls"]
    assert "way/9" in notes["walls"]
    assert solid_at(drawing.site(), (10, 60)) == []
