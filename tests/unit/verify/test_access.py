"""Doors, deliveries and desire lines before the judge, each with a twin that fails by 1 cm."""

from dataclasses import replace

import pytest
from shapely import LineString, Point, box

from sbd.catalogue.access_rules import access_rules
from sbd.model.request import PlanRequest
from sbd.model.verdict import Standing
from sbd.verify import judge_layout
from tests.judged import BLOCKS, WALLS, check, layer, one_gap, row, town, units, with_layers

DOOR = Point(95, 30)  # on the east wall, in the zone's square


def with_doors(site, *points):
    return with_layers(site, demands=layer(points))


def boxed_in(door, gap_m):
    """Units around a door at the east wall with one gap of `gap_m` between them."""
    x, y = door.x, door.y
    return [
        box(x - 3, y - 3, x, y - 2),
        box(x - 3, y + 2, x, y + 3),
        box(x - 3.2, y - 2.9, x - 3, y - gap_m / 2),
        box(x - 3.2, y + gap_m / 2, x - 3, y + 2.9),
    ]


@pytest.mark.parametrize(("gap_m", "gets_in"), [(0.90, True), (0.89, False)])
def test_every_door_is_asked_for_not_the_zone_alone(gap_m, gets_in):
    # The row lets wheelchairs in; units in the square stand around the door.
    shapes = units(*row(6)[0].geometry, *boxed_in(DOOR, gap_m))
    site = with_doors(town(zone=box(65, 10, 85, 50)), DOOR)
    verdict = judge_layout(site, shapes)
    found = check(verdict, "wheelchair")
    assert found.passes is gets_in
    if not gets_in:
        assert "n1 (d1) is cut off; the widest way to it at x 94" in found.note
        assert "0.890 m, between L1-09 and L1-10 at x 92.0, y 30.0" in found.note
    assert check(judge_layout(town(), shapes), "wheelchair").passes is True


def test_a_door_behind_a_thin_wall_is_not_reached_through_it():
    # The wall is 0.2 m thick; its far side is open ground, the door opens to a sealed yard.
    wall = box(92, 20, 92.2, 40).union(box(92, 20, 95, 20.2)).union(box(92, 39.8, 95, 40))
    site = with_doors(town((*BLOCKS, *WALLS, wall)), Point(92.21, 30))
    verdict = judge_layout(site, row(6)[0])
    assert check(verdict, "wheelchair").passes is True
    text = "wheelchair: 0.9 m do not get to n1 (d1) even without any unit"
    assert text in verdict.conditions


def test_a_place_too_narrow_without_units_is_said_and_not_charged():
    narrow = (box(20, 26, 21, 29.6), box(20, 30.4, 21, 34))  # 0.8 m are left
    verdict = judge_layout(town((*BLOCKS, *WALLS, *narrow)), units())
    assert check(verdict, "wheelchair").holds
    assert any(text.startswith("wheelchair: too narrow without") for text in verdict.conditions)


def deliveries(*points, width_m=2.5):
    count = len(points)
    return layer(
        points,
        who=["deliveries"] * count,
        opens=["06:00"] * count,
        closes=["10:00"] * count,
        width_m=[width_m] * count,
    )


def gate(clear_m):
    """A lane of `clear_m` between blocks, shut by retractables, and the units of it."""
    low, high = 30 - clear_m / 2, 30 + clear_m / 2
    inside = [box(50, y, 50.2, y + 0.2) for y in (low + 0.8, 29.9, high - 1.0)]
    return units(box(50, 26, 51, low), box(50, high, 51, 34), *inside, openable=(2, 3, 4))


@pytest.mark.parametrize(("clear_m", "gets_in"), [(2.5, True), (2.49, False)])
def test_deliveries_get_to_their_place_with_gates_open(clear_m, gets_in):
    site = with_layers(town(), deliveries=deliveries(Point(80, 30)))
    found = check(judge_layout(site, gate(clear_m)), "deliveries")
    assert found.passes is gets_in
    if not gets_in:
        assert (
            "the widest way to it at x 80.0, y 30.1 is 2.490 m, between L1-01 and L1-02"
            in found.note
        )


def test_a_delivery_may_be_wider_than_an_engine():
    site = with_layers(town(), deliveries=deliveries(Point(80, 30), width_m=6.0))
    assert check(judge_layout(site, gate(6.0)), "deliveries").passes is True
    assert check(judge_layout(site, gate(5.99)), "deliveries").passes is False


def test_deliveries_do_not_pass_units_that_stay():
    site = with_layers(town(), deliveries=deliveries(Point(80, 30)))
    assert check(judge_layout(site, row(6)[0]), "deliveries").passes is False


def test_a_delivery_wider_than_its_street_is_not_charged_to_the_plan():
    site = with_layers(town(), deliveries=deliveries(Point(80, 30), width_m=8.5))
    verdict = judge_layout(site, gate(3.0))
    assert check(verdict, "deliveries").passes is True
    assert any(text.startswith("deliveries: 8.5 m do not get to") for text in verdict.conditions)


@pytest.mark.parametrize(("hours", "asked"), [(("10:00", "18:00"), 0), (("09:00", "18:00"), 1)])
def test_what_is_delivered_while_crossings_are_shut_must_not_need_one(hours, asked):
    # From 06:00 to 10:00, one place behind the gate and one before it.
    request = PlanRequest(shut_hours=(hours,))
    for x, gets_there in ((80, False), (20, True)):
        site = with_layers(town(), deliveries=deliveries(Point(x, 30)))
        verdict = judge_layout(site, gate(3.0), request=request)
        assert check(verdict, "deliveries").passes is True
        late = [found.passes for found in verdict.checks if found.name == "deliveries_shut"]
        assert late == [gets_there] * asked


def test_a_site_without_deliveries_is_not_asked():
    names = [found.name for found in judge_layout(town(), gate(3.0)).checks]
    assert not {"deliveries", "foot", "cycle", "run_out", "place", "exits"} & set(names)


def desire(*lines, kind="foot"):
    return layer(lines, kind=[kind] * len(lines))


STRAIGHT = LineString([(5, 30), (80, 30)])


@pytest.mark.parametrize(("gap_m", "gets_on"), [(0.90, True), (0.89, False)])
def test_a_desire_line_needs_a_passage_of_its_width(gap_m, gets_on):
    site = with_layers(town(), desire_lines=desire(STRAIGHT))
    found = check(judge_layout(site, one_gap(gap_m)), "foot")
    assert found.passes is gets_on
    if not gets_on:
        assert "the widest passage is 0.890 m, between L1-01 and L1-02 at x 50" in found.note


@pytest.mark.parametrize(("off_m", "gets_on"), [(2.9, True), (3.2, False)])
def test_the_passage_lies_within_three_metres_of_the_line(off_m, gets_on):
    # The gap of 1.1 m is in the middle of the street; the disc is 0.9 m, so the middle of it may
    # be 0.1 m nearer to the line than the gap's own.
    line = LineString([(5, 30 + off_m), (80, 30 + off_m)])
    site = with_layers(town(), desire_lines=desire(line))
    assert check(judge_layout(site, one_gap(1.1)), "foot").passes is gets_on


def test_cyclists_are_asked_for_by_their_own_width():
    lines = layer([STRAIGHT, STRAIGHT], kind=["foot", "cycle"])
    site = with_layers(town(), desire_lines=lines)
    request = PlanRequest(access=replace(access_rules("FR"), cycle_width_m=1.1, desire_width_m=0.9))
    verdict = judge_layout(site, one_gap(1.05), request=request)
    assert check(verdict, "foot").holds
    assert not check(verdict, "cycle").holds
    assert verdict.standing is Standing.FAILS


def test_a_line_through_a_building_is_said_and_not_charged():
    house = box(20, 26, 24, 34)
    site = town((*BLOCKS, *WALLS, house), entries=(LineString([(0, 26), (0, 34)]),))
    lines = desire(LineString([(5, 30), (40, 30)]))
    verdict = judge_layout(with_layers(site, desire_lines=lines), units())
    assert check(verdict, "foot").passes is True
    assert "foot: n1 is no way of 0.9 m even without any unit" in verdict.conditions


def test_a_line_off_the_map_is_no_way_and_not_charged():
    lines = desire(LineString([(200, 30), (260, 30)]))
    verdict = judge_layout(with_layers(town(), desire_lines=lines), one_gap(1.0))
    assert check(verdict, "foot").passes is True
    assert "foot: n1 is no way of 0.9 m even without any unit" in verdict.conditions


def test_a_line_that_a_wall_of_units_fills_is_blocked():
    # Planters fill 20 m of the street along the line: no room is left on it at all.
    fill = units(box(10, 26, 70, 34))
    lines = desire(LineString([(20, 30), (60, 30)]))
    found = check(judge_layout(with_layers(town(), desire_lines=lines), fill), "foot")
    assert found.passes is False
    assert "no room for 0.9 m is left on it" in found.note
