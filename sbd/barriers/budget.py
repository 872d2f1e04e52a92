"""A plan over its budget -> the cheapest to buy instead, or why the money is too little."""

import math
from collections.abc import Callable
from dataclasses import replace

from sbd.barriers.known import Known
from sbd.barriers.prepared import Prepared, priced_to_buy
from sbd.barriers.relax import irreducible
from sbd.barriers.selecting import (
    QUESTION_S,
    Chosen,
    Refused,
    costs_of,
    is_possible,
    searched,
)
from sbd.errors import InfeasiblePlanError, Relaxation
from sbd.model.proposal import Layout
from sbd.model.request import PlanRequest
from sbd.optimise.choice import TIME_LIMIT_S
from sbd.optimise.wishes import Wish
from sbd.progress import Progress, ignore

SECOND = "second line at every crossing"
DRAWN_ROUNDING = 0.005  # tables hold whole hundredths


def cost_to_buy(layout: Layout) -> float:
    """Return what a layout costs to buy and install, in middle prices."""
    lines = layout.barriers
    return float((0.5 * (lines["cost_low"] + lines["cost_high"])).sum())


def refuse_total(layout: Layout, request: PlanRequest) -> None:
    """Raise InfeasiblePlanError where a layout with chicanes and second lines is over the budget.

    Its first lines are within it; that none with all of this costs less is not shown.
    """
    cost = cost_to_buy(layout)
    if request.budget is None or cost <= request.budget + DRAWN_ROUNDING:
        return
    found = [Relaxation("budget", request.budget, round(cost, 2), "")]
    found += [Relaxation(SECOND, math.nan, math.nan, "")] * request.second_line
    found += [Relaxation("chicanes", request.chicanes, 0.0, "")] * bool(request.chicanes)
    raise InfeasiblePlanError(
        f"budget: {request.budget:.0f} was given; the first lines are within it, with all that "
        f"goes with them the plan costs {cost:.0f}; what would do: {'; or '.join(map(str, found))}",
        found,
    )


def within_budget(
    prepared: Prepared,
    chosen: Chosen,
    layout_of: Callable[[Prepared, Chosen], Layout],
    *,
    progress: Progress = ignore,
) -> tuple[Prepared, Chosen]:
    """Return what was chosen if it is within the budget, or else the plan that costs least to buy.

    What counts in a choice is not always what a plan costs to buy: units whose strength is shown by
    energy alone count a quarter more, and over a calendar each unit counts what it costs over its
    life. So before a budget is refused the plan is chosen again by prices of purchase alone.

    Parameters
    ----------
    layout_of : function
        Makes the layout whose tables tell the cost.

    Raises
    ------
    InfeasiblePlanError
        The plan that costs least to buy is over the budget: with its cost, and what else would do.
        That none costs less is proven of chords at their prices; the cost is that of its units.
    """
    budget = prepared.request.budget
    if budget is None or cost_to_buy(layout_of(prepared, chosen)) <= budget + DRAWN_ROUNDING:
        return prepared, chosen
    plain = priced_to_buy(prepared)
    known = Known()

    def bought(wish: Wish, limit_s: float) -> tuple[Chosen, float] | None:
        found = searched(plain, plain.graph, wish, known, time_limit_s=limit_s, progress=progress)
        return None if isinstance(found, Refused) else (found, cost_to_buy(layout_of(plain, found)))

    def enough(cost: float) -> bool:
        return cost <= budget + DRAWN_ROUNDING

    asked = replace(plain.asked.wish, ways=chosen.wish.ways)
    least = bought(asked, TIME_LIMIT_S)
    if least is not None and enough(least[1]):
        return plain, least[0]

    def possible(wish: Wish, *, drawn: bool) -> bool:
        if not drawn:
            return is_possible(plain, plain.graph, wish)
        found = bought(wish, QUESTION_S)
        return found is not None and enough(found[1])

    hard, others = irreducible(plain.request, asked, possible)
    cheapest = bought(hard, TIME_LIMIT_S)
    if cheapest is None:  # out of time: what is known is the plan with every wish
        cheapest = chosen, cost_to_buy(layout_of(prepared, chosen))
    found = (Relaxation("budget", budget, round(cheapest[1], 2), ""), *others)
    by_chords = costs_of(plain, cheapest[0].selection)[1] + plain.pinned_cost
    raise InfeasiblePlanError(_in_words(found, by_chords), found)


def _in_words(found: tuple[Relaxation, ...], by_chords: float) -> str:
    budget, *others = found
    ruled_out = "" if by_chords > budget.asked else ", so by chords alone it is not ruled out"
    ways = "; or ".join(map(str, others))
    helps = f"beside more money would do: {ways}" if ways else "weaker vehicles may cost less"
    return (
        f"budget: {budget.asked:.0f} was given; the plan that costs least to buy costs "
        f"{by_chords:.0f} at least by its chords and {budget.possible:.0f} with its units, in "
        f"middle prices{ruled_out}; {helps}"
    )
