"""A planner's changes are answered at once, and never make a plan cheaper."""

import numpy as np
import pytest
import shapely
from shapely import box

from sbd.barriers import propose_layout
from sbd.barriers.session import PlacementSession
from sbd.errors import InfeasiblePlanError, InputError
from sbd.model.request import Hand, PlanRequest
from tests.placed import Everywhere, lets_in, place

TOWN = box(0, 0, 100, 100)
# A square of 20 m between four blocks; a pillar halves the northern street.
BLOCKS = [box(0, 0, 40, 40), box(60, 0, 100, 40), box(0, 60, 40, 100), box(60, 60, 100, 100)]
SURFACE = place(TOWN, [*BLOCKS, box(48, 70, 52, 74)], box(42, 42, 58, 58))
# A square of 30 m with a street of 8 m from each side: four lines close it.
SQUARE = box(35, 35, 65, 65)
CORNERS = [box(0, 0, 46, 46), box(54, 0, 100, 46), box(0, 54, 46, 100), box(54, 54, 100, 100)]
STREETS = place(TOWN, [corner - SQUARE for corner in CORNERS], box(38, 38, 62, 62))


@pytest.fixture
def session():
    return PlacementSession.start(SURFACE, Everywhere(), PlanRequest())


@pytest.fixture
def streets():
    return PlacementSession.start(STREETS, Everywhere(), PlanRequest())


def test_nothing_changed_costs_nothing_more(session):
    answer = session.answer()
    assert answer.costs_more == 0.0
    assert answer.cost == answer.bound


def test_a_line_of_the_cheapest_plan_is_pinned_for_nothing_and_stays(session):
    layout = session.plan()
    answer = session.pin_line("L1")
    assert answer.costs_more == pytest.approx(0.0, abs=0.01)
    kept = layout.footprints[layout.footprints["line_id"] == "L1"]
    again = session.plan()
    for shape in kept.geometry:
        assert again.footprints.geometry.intersection(shape).area.max() > 0.99 * shape.area
    assert not lets_in(SURFACE, again.footprints.geometry)


def test_a_ban_never_costs_less_and_no_unit_stands_on_it(session):
    free = session.plan()
    ban = free.barriers.geometry.iloc[0].buffer(3.0)
    answer = session.forbid(ban)
    assert answer.costs_more >= 0.0
    banned = session.plan()
    assert banned.footprints.geometry.intersection(ban).area.max() < 1e-3
    assert not lets_in(SURFACE, banned.footprints.geometry)
    assert banned.cost_found >= free.cost_found
    assert session.allow().costs_more == 0.0


def test_a_ban_all_round_leaves_no_plan_and_is_taken_back(session):
    with pytest.raises(InfeasiblePlanError):
        session.forbid(box(0, 0, 100, 100))
    assert session.answer().costs_more == 0.0


def test_a_moved_line_stays_where_it_was_put(session):
    layout = session.plan()
    units = layout.footprints[layout.footprints["line_id"] == "L1"]
    shape = layout.barriers.geometry.iloc[0]
    # Along the street it closes, away from the square.
    centre = shape.centroid
    east, north = (3.0 * (centre.x - 50) / 50, 3.0 * (centre.y - 50) / 50)
    answer = session.move("L1", east, north)
    assert answer.costs_more >= 0.0
    again = session.plan()
    for moved in units.geometry.translate(east, north):
        assert again.footprints.geometry.intersection(moved).area.max() > 0.99 * moved.area
    assert not lets_in(SURFACE, again.footprints.geometry)


def test_a_line_that_is_not_in_the_plan_is_refused_by_name(session):
    with pytest.raises(InputError, match="call plan"):
        session.pin_line("L1")
    session.plan()
    with pytest.raises(InputError, match="L99: not in the plan"):
        session.pin_line("L99")


def afresh(surface, layout, bans=(), openable=0):
    """The plan of a request that brings along what is pinned in a layout, and the bans."""
    units = layout.footprints[layout.footprints["pinned"]]
    hand = Hand(
        pinned=None if units.empty else units, forbidden=shapely.union_all(bans) if bans else None
    )
    return propose_layout(surface, Everywhere(), PlanRequest(openable=openable, hand=hand))


def test_a_plan_that_nothing_changed_is_the_one_before(session):
    first = session.plan()
    session.answer()
    assert session.plan() is first


@pytest.mark.parametrize("line_ids", [("L1",), ("L2", "L4"), ("L1", "L2", "L3", "L4")])
def test_pinned_lines_cost_what_a_request_with_their_units_costs(streets, line_ids):
    free = streets.plan()
    for line_id in line_ids:
        streets.pin_line(line_id)
    pinned = streets.plan()
    fresh = afresh(STREETS, pinned)
    assert set(pinned.barriers[pinned.barriers["pinned"]]["line_id"]) == set(line_ids)
    assert pinned.cost_found == pytest.approx(fresh.cost_found, abs=0.02)
    assert pinned.cost_bound <= pinned.cost_found
    # The same units, none of them elsewhere.
    assert pinned.footprints.geometry.to_list() == free.footprints.geometry.to_list()


def test_lines_let_go_leave_the_first_plan(streets):
    first = streets.plan()
    for line_id in ("L1", "L3"):
        streets.pin_line(line_id)
    streets.plan()
    for line_id in ("L1", "L3"):
        streets.release(line_id)
    assert streets.plan() is first


def test_a_pinned_crossing_is_the_one_that_was_asked_for():
    session = PlacementSession.start(STREETS, Everywhere(), PlanRequest(openable=1))
    layout = session.plan()
    line = layout.barriers[layout.barriers["openable"]].iloc[0]
    session.pin_line(line["line_id"])
    pinned = session.plan()
    assert pinned.footprints["openable"].sum() == layout.footprints["openable"].sum()
    assert pinned.cost_found == pytest.approx(
        afresh(STREETS, pinned, openable=1).cost_found, abs=0.02
    )


def test_ground_that_no_unit_stands_on_is_forbidden_for_nothing(session):
    free = session.plan()
    session.forbid(box(49, 49, 51, 51))
    assert session.plan() is free


@pytest.mark.parametrize("seed", range(3))
def test_pins_and_bans_in_any_order_cost_what_the_same_hand_costs_at_once(streets, seed):
    rng = np.random.default_rng(seed)
    first, bans, pins = streets.plan(), [], []
    for _ in range(4):
        layout = streets.plan()
        deed = rng.choice(["pin", "release", "forbid", "allow"])
        free = [n for n in first.barriers["line_id"] if n not in pins]
        if deed == "pin" and free and not bans:
            pins.append(str(rng.choice(free)))
            streets.pin_line(pins[-1])
        elif deed == "release" and pins:
            streets.release(pins.pop())
        elif deed == "forbid":
            line = layout.barriers.geometry.iloc[int(rng.integers(len(layout.barriers)))]
            ban = line.interpolate(rng.random(), normalized=True).buffer(1.0)
            stays = layout.footprints[layout.footprints["pinned"]].geometry
            if stays.intersects(ban).any():
                continue
            try:
                streets.forbid(ban)
                bans.append(ban)
            except InfeasiblePlanError:
                continue
        elif deed == "allow" and bans:
            bans.pop()
            streets.allow()
        found = streets.plan()
        fresh = afresh(STREETS, found, bans)
        assert fresh.cost_bound - 0.02 <= found.cost_found <= fresh.cost_found + 0.02
        units = found.footprints.geometry
        assert not lets_in(STREETS, units)
        assert not bans or units.intersection(shapely.union_all(bans)).area.max() < 1e-3
    while bans:
        bans.pop()
        streets.allow()
    while pins:
        streets.release(pins.pop())
    assert streets.plan() is first
