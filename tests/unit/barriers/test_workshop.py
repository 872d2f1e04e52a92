"""A place that is planned again is prepared once, and its plans are those of a new one."""

from dataclasses import replace

import pytest
import shapely
from shapely import box

from sbd.barriers import propose_layout
from sbd.barriers.workshop import Workshop
from sbd.model.request import Hand, PlanRequest
from tests.placed import Everywhere, place

# A square of 20 m between four blocks, with streets of 20 m: room for a crossing in each.
BLOCKS = [box(0, 0, 40, 40), box(60, 0, 100, 40), box(0, 60, 40, 100), box(60, 60, 100, 100)]
SURFACE = place(box(0, 0, 100, 100), BLOCKS, box(44, 44, 56, 56))
DEMAND = Everywhere()
ASKED = PlanRequest(openable=1)


def around_crossings(layout):
    lanes = layout.footprints[layout.footprints["openable"]]
    return shapely.buffer(lanes.union_all(), 3.0)


def test_turn_by_turn_a_workshop_plans_as_one_that_knows_nothing():
    workshop, request = Workshop(), ASKED
    for _ in range(3):
        again = propose_layout(SURFACE, DEMAND, request, workshop=workshop)
        afresh = propose_layout(SURFACE, DEMAND, request)
        assert again.cost_found == afresh.cost_found
        assert again.cost_bound == afresh.cost_bound
        ground = around_crossings(again)
        before = request.hand.no_crossing
        assert before is None or not around_crossings(again).buffer(-3.0).intersects(before)
        request = replace(
            request, hand=Hand(no_crossing=ground if before is None else before.union(ground))
        )


@pytest.mark.parametrize(
    ("request_", "same"),
    [
        (replace(ASKED, hand=Hand(no_crossing=box(0, 0, 1, 1))), True),
        (replace(ASKED, openable=2), False),
        (replace(ASKED, layout="temporary"), False),
        (replace(ASKED, hand=Hand(forbidden=box(0, 0, 1, 1))), False),
    ],
)
def test_only_where_crossings_may_not_be_leaves_a_place_as_it_was(request_, same):
    workshop = Workshop()
    first, _ = workshop.prepared(SURFACE, DEMAND, ASKED)
    second, _ = workshop.prepared(SURFACE, DEMAND, request_)
    assert (second.found.chords is first.found.chords) == same
    assert second.request is request_


def test_another_demand_is_another_place():
    workshop = Workshop()
    first, known = workshop.prepared(SURFACE, DEMAND, ASKED)
    second, others = workshop.prepared(SURFACE, Everywhere(60.0), ASKED)
    assert second.found.chords is not first.found.chords
    assert others is not known
