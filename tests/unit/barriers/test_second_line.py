"""Drawn places whose crossings get a second line: the zone stays shut while any one is open."""

import pytest
from shapely import box

from sbd.barriers import propose_layout
from sbd.barriers.second_line import (
    NoSecondLineError,
    openable_crossings,
    where_there_is_room,
    with_second_lines,
)
from sbd.errors import CancelledError, InfeasiblePlanError
from sbd.model.request import PlanRequest
from tests.placed import Everywhere, lets_in, place, street_of

ONE = PlanRequest(openable=1, second_line=True)


def doubled(surface, request=ONE):
    first = propose_layout(surface, Everywhere(), request)
    return first, with_second_lines(surface, Everywhere(), request, first)


@pytest.fixture(scope="module")
def street():
    surface = street_of(12.0)
    return surface, *doubled(surface)


def test_the_zone_stays_shut_while_any_one_crossing_is_open(street):
    surface, first, both = street
    names = [name for name, _ in openable_crossings(both.footprints)]
    assert names == ["L1", "L1B"]
    for _, opened in openable_crossings(both.footprints):
        left = both.footprints[~both.footprints["unit_id"].isin(opened["unit_id"])]
        assert not lets_in(surface, left.geometry)
    # Without a second line the same question is answered the other way.
    opened = openable_crossings(first.footprints)[0][1]
    left = first.footprints[~first.footprints["unit_id"].isin(opened["unit_id"])]
    assert lets_in(surface, left.geometry)


def test_a_lorry_fits_between_the_two(street):
    _, _, both = street
    (_, one), (_, other) = openable_crossings(both.footprints)
    assert one.union_all().distance(other.union_all()) >= 12.0


def test_with_both_open_an_engine_drives_in(street):
    surface, _, both = street
    assert lets_in(surface, both.footprints.geometry[~both.footprints["openable"]], width_m=3.5)


def test_the_first_layout_stands_in_it_unchanged_and_costs_add_up(street):
    _, first, both = street
    count = len(first.footprints)
    assert both.footprints["unit_id"].iloc[:count].tolist() == first.footprints["unit_id"].tolist()
    assert both.footprints["unit_id"].is_unique
    assert set(both.units["line_id"]) == {"L1", "L1B"}
    # The street is as wide everywhere and vehicles as fast: both lines cost the same.
    assert both.cost_found == pytest.approx(2 * first.cost_found, rel=0.02)
    assert both.cost_bound <= both.cost_found


def test_where_the_street_is_too_short_the_crossing_is_named():
    surface = street_of(12.0, length_m=9.0)
    with pytest.raises(InfeasiblePlanError, match="second line at the crossing of L1"):
        doubled(surface)


def test_a_plan_without_crossings_stays_as_it_is():
    surface = street_of(12.0)
    first, both = doubled(surface, PlanRequest(second_line=True))
    assert both is first


def test_each_of_two_crossings_has_its_own():
    # A zone between two long streets, entered from both ends.
    walls = [box(0, 6, 140, 30), box(0, -30, 140, -6)]
    surface = place(box(0, -30, 140, 30), walls, box(50, -6, 90, 6))
    _, both = doubled(surface, PlanRequest(openable=2, second_line=True))
    crossings = openable_crossings(both.footprints)
    assert len(crossings) == 4
    for _, opened in crossings:
        left = both.footprints[~both.footprints["unit_id"].isin(opened["unit_id"])]
        assert not lets_in(surface, left.geometry)


def test_it_can_be_stopped(street):
    surface, first, _ = street

    def stop(stage, share, note):
        raise CancelledError(stage)

    with pytest.raises(CancelledError):
        with_second_lines(surface, Everywhere(), ONE, first, progress=stop)


def test_another_crossing_is_taken_where_the_cheapest_has_no_room():
    # The zone's southern mouth is 14 m wide, so a lane there saves most bollards, but it opens onto
    # an avenue that stays open; the street from the west is 8 m wide and 60 m long.
    study = box(0, -40, 100, 30)
    walls = [box(0, 4, 60, 30), box(0, -20, 60, -4), box(60, -20, 66, -15), box(80, -20, 100, -15)]
    walls += [box(60, 15, 100, 30), box(90, -15, 100, 15)]
    surface = place(study, walls, box(60, -15, 90, 15), streets=[box(0, -38, 100, -21)])
    first = propose_layout(surface, Everywhere(), ONE)
    assert (first.units[first.units["openable"]].geometry.y < -10).all()
    with pytest.raises(NoSecondLineError, match="room on neither side"):
        with_second_lines(surface, Everywhere(), ONE, first)

    def plan(request):
        layout = propose_layout(surface, Everywhere(), request)
        return with_second_lines(surface, Everywhere(), request, layout)

    both = where_there_is_room(surface, ONE, plan)
    crossings = openable_crossings(both.footprints)
    assert len(crossings) == 2
    for _, opened in crossings:
        assert (opened.centroid.y > -10).all()
        left = both.footprints[~both.footprints["unit_id"].isin(opened["unit_id"])]
        assert not lets_in(surface, left.geometry)


def test_where_no_crossing_has_room_the_cheapest_is_named():
    # Nothing but the avenue beside the zone.
    walls = [box(0, 0, 40, 30), box(70, 0, 100, 30), box(40, 28, 70, 30)]
    surface = place(box(0, -20, 100, 30), walls, box(40, 0, 70, 28), streets=[box(0, -18, 100, -1)])

    def plan(request):
        layout = propose_layout(surface, Everywhere(), request)
        return with_second_lines(surface, Everywhere(), request, layout)

    with pytest.raises(NoSecondLineError, match="crossing of L1: the zone and what stays open"):
        where_there_is_room(surface, ONE, plan)
