"""A planner's changes are answered at once, and never make a plan cheaper."""

import pytest
from shapely import box

from sbd.barriers.session import PlacementSession
from sbd.errors import InfeasiblePlanError, InputError
from sbd.model.request import PlanRequest
from tests.placed import Everywhere, lets_in, place

TOWN = box(0, 0, 100, 100)
# A square of 20 m between four blocks; a pillar halves the northern street.
BLOCKS = [box(0, 0, 40, 40), box(60, 0, 100, 40), box(0, 60, 40, 100), box(60, 60, 100, 100)]
SURFACE = place(TOWN, [*BLOCKS, box(48, 70, 52, 74)], box(42, 42, 58, 58))


@pytest.fixture
def session():
    return PlacementSession.start(SURFACE, Everywhere(), PlanRequest())


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
