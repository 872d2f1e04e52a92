"""Second lines for which there is no room: refused with what would do, tried out."""

from dataclasses import replace

import pytest
from shapely import box

from sbd.barriers import propose_layout
from sbd.barriers.budget import cost_to_buy, refuse_total
from sbd.barriers.second_line import with_second_lines
from sbd.barriers.second_wishes import with_room_for_seconds
from sbd.catalogue.access_rules import access_rules
from sbd.errors import InfeasiblePlanError
from sbd.model.request import PlanRequest
from tests.placed import Everywhere, place, street_of

ONE = PlanRequest(openable=1, second_line=True)


def planner(surface):
    def plan(request):
        found = propose_layout(surface, Everywhere(), request)
        if request.second_line:
            found = with_second_lines(surface, Everywhere(), request, found)
        refuse_total(found, request)
        return found

    return plan


def test_no_room_for_a_second_line_names_what_would_do_and_nothing_else():
    surface = street_of(12.0, length_m=9.0)
    request = replace(ONE, people=100, access=replace(access_rules("EU"), exits_min=1.0))
    with pytest.raises(InfeasiblePlanError, match="second line at the crossing of L1") as caught:
        with_room_for_seconds(surface, request, planner(surface))
    # Exits are met in any case.
    wishes = [found.wish for found in caught.value.relaxations]
    assert wishes == ["second line at every crossing", "openable crossings"]
    assert caught.value.relaxations[1].possible == 0
    assert "give up second line at every crossing" in str(caught.value)


def test_of_two_crossings_the_one_with_room_is_what_is_possible():
    # A long street from the west, a short one from the east.
    walls = [box(0, 6, 100, 30), box(0, -30, 100, -6), box(140, 6, 149, 30)]
    walls += [box(140, -30, 149, -6), box(100, 28, 140, 30), box(100, -30, 140, -28)]
    surface = place(box(0, -30, 149, 30), walls, box(100, -28, 140, 28))
    with pytest.raises(InfeasiblePlanError) as caught:
        with_room_for_seconds(surface, replace(ONE, openable=2), planner(surface))
    crossings = caught.value.relaxations[-1]
    assert (crossings.asked, crossings.possible) == (2, 1)


def test_second_lines_are_within_the_budget_or_refused_with_the_whole_cost():
    surface = street_of(12.0)
    plan = planner(surface)
    first = cost_to_buy(plan(replace(ONE, second_line=False)))
    whole = cost_to_buy(plan(ONE))
    assert whole > 1.5 * first
    with pytest.raises(InfeasiblePlanError, match="with all that goes with them") as caught:
        with_room_for_seconds(surface, replace(ONE, budget=1.2 * first), plan)
    money, second = caught.value.relaxations
    assert money.possible == pytest.approx(whole)
    assert second.wish == "second line at every crossing"
    assert cost_to_buy(plan(replace(ONE, budget=money.possible))) == pytest.approx(whole)
