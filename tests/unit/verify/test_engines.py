"""How far engines drive from a lane to doors, which lanes count, and what one open lane lets in."""

from dataclasses import replace

import pytest
from shapely import LineString, Point, box

from sbd.catalogue.access_rules import access_rules
from sbd.model.request import PlanRequest
from sbd.verify import judge_layout
from sbd.verify.swept import Engine
from tests.judged import BLOCKS, ENTRY, WALLS, check, layer, town, units, with_layers


def lane(x=50.0, clear_m=4.0):
    """A lane across the street at `x`: blocks on both sides, three retractables within."""
    low, high = 30 - clear_m / 2, 30 + clear_m / 2
    inside = [box(x, y, x + 0.2, y + 0.2) for y in (low + 0.85, 29.9, high - 1.05)]
    return [box(x, 26, x + 1, low), box(x, high, x + 1, 34), *inside]


LANE = units(*lane(), openable=(2, 3, 4))


def asked(distance_m, **changes):
    return PlanRequest(openable=1, engine_distance_m=distance_m, **changes)


def with_door(site, *points):
    return with_layers(site, demands=layer(points))


# From the middle of the lane (about x = 50.2) straight to where the engine stands, and on to the
# door in the east wall at x = 95: 44.8 m in all.
@pytest.mark.parametrize(("most_m", "near"), [(45.2, True), (44.6, False)])
def test_a_door_straight_ahead_is_as_far_as_the_straight_line(most_m, near):
    verdict = judge_layout(with_door(town(), Point(95, 30)), LANE, request=asked(most_m))
    found = check(verdict, "engine_distance")
    assert found.passes is near
    text = "the farthest is n1 (d1), 44." if near else "n1 (d1) at x 95.0, y 30.0: 44."
    assert text in found.note
    assert found.note.endswith("m from L1")


@pytest.mark.parametrize(("most_m", "near"), [(62.2, True), (61.7, False)])
def test_the_way_leads_around_a_building(most_m, near):
    # A hall stands in the square; the door is in its east face, at (80, 30). The middle of a lane
    # of 3.5 m keeps 1.75 m off all corners: 10.53 m to the circle around the corner of the street
    # (60, 26), 1.64 m along it, 16.85 m to the circle around (70, 12), 2.02 m along it, 10 m
    # along the south face, 2.75 m around (80, 12), 10.2 m north, 8 m on foot: 61.99 m.
    hall = box(70, 12, 80, 48)
    site = with_door(town((*BLOCKS, *WALLS, hall)), Point(80, 30))
    found = check(judge_layout(site, LANE, request=asked(most_m)), "engine_distance")
    assert found.passes is near


@pytest.mark.parametrize(("clear_m", "near"), [(3.5, True), (3.49, False)])
def test_a_passage_narrower_than_the_lane_is_no_way(clear_m, near):
    # A wall across the square leaves 6 m at its south end; a unit leaves less of them.
    wall = box(70, 11, 71, 55)
    site = with_door(town((*BLOCKS, *WALLS, wall)), Point(95, 30))
    table = units(*lane(), box(70, 5 + clear_m, 71, 11), openable=(2, 3, 4))
    found = check(judge_layout(site, table, request=asked(200.0)), "engine_distance")
    assert found.passes is near
    if not near:
        assert found.note == "n1 (d1) at x 95.0, y 30.0: no lane leads near it within 200 m"


def test_a_door_beside_the_street_needs_no_lane():
    site = with_door(town(), Point(20, 26))
    found = check(judge_layout(site, LANE, request=asked(5.0)), "engine_distance")
    assert found.passes is True
    assert found.note == "1 doors, none of them behind a lane"


def test_a_door_that_no_engine_gets_near_is_not_charged_to_the_plan():
    # A passage of 3 m leads 23 m into the east wall, to the door.
    east = box(95, 0, 120, 60).difference(box(95, 28.5, 118, 31.5))
    site = with_door(town((*BLOCKS, *WALLS[:2], east), study=box(0, 0, 120, 60)), Point(118, 30))
    verdict = judge_layout(site, LANE, request=asked(50.0))
    assert check(verdict, "engine_distance").passes is True
    assert any(
        "do not come near n1 (d1) even without any unit" in text for text in verdict.conditions
    )


def test_a_distance_without_any_door_is_a_condition():
    verdict = judge_layout(town(), LANE, request=asked(50.0))
    assert "engine_distance" not in [found.name for found in verdict.checks]
    assert "engine distance: no door is on the map, so none was measured" in verdict.conditions


def test_the_figures_are_the_countrys():
    # Belgium asks for 4 m, so a lane of 3.9 m that is enough elsewhere serves nobody there.
    table = units(*lane(clear_m=3.9), openable=(2, 3, 4))
    there = replace(PlanRequest(openable=1), access=access_rules("BE"))
    assert check(judge_layout(town(), table, openable_wanted=1), "engine:L1").holds
    found = check(judge_layout(town(), table, request=there), "engine:L1")
    assert (found.holds, found.width_m) == (False, 4.0)


def test_an_engine_fills_the_bend_of_its_country():
    # Inner radius 10 m, lane 3.5 m, outer radius 16 m: the body keeps 0.25 m off both edges.
    engine = Engine.of_lane(3.5, 10.0, 16.0)
    assert engine.radius_m - engine.width_m / 2 == pytest.approx(10.25)
    outer_m = ((engine.radius_m + engine.width_m / 2) ** 2 + engine.front_m**2) ** 0.5
    assert outer_m == pytest.approx(15.75)


@pytest.mark.parametrize(("gap_m", "shut"), [(1.20, True), (1.21, False)])
def test_a_second_line_is_shut_while_the_first_stands_open(gap_m, shut):
    # A lane at x = 20, and behind it a row with one gap at x = 50.
    half = gap_m / 2
    behind = [box(50, 26, 51, 30 - half), box(50, 30 + half, 51, 34)]
    table = units(*lane(20.0), *behind, openable=(2, 3, 4))
    request = PlanRequest(openable=0, second_line=True)
    found = check(judge_layout(town(), table, request=request), "second_line")
    assert found.holds is shut
    if not shut:
        assert "with L1 open: a way in to the zone" in found.note
        assert "1.210 m, between L1-06 and L1-07 at x 51.0" in found.note


def test_without_a_second_line_an_open_lane_lets_the_threat_in():
    request = PlanRequest(openable=1, second_line=True)
    assert not check(judge_layout(town(), LANE, request=request), "second_line").holds
    assert "second_line" not in [
        found.name for found in judge_layout(town(), LANE, openable_wanted=1).checks
    ]


def test_two_lanes_that_lead_to_different_streets_stay_shut_behind_each_other():
    east = (*BLOCKS, *WALLS[:2], WALLS[2].difference(box(95, 26, 100, 34)))
    site = town(east, entries=(ENTRY, LineString([(100, 26), (100, 34)])))
    first = units(*lane(20.0), *lane(30.0), *lane(96.0), openable=(2, 3, 4))
    table = first.assign(line_id=["L1"] * 5 + ["L2"] * 5 + ["L3"] * 5)
    request = PlanRequest(second_line=True)
    assert check(judge_layout(site, table, request=request), "second_line").holds
