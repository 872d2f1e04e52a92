"""Wishes that can't be met together -> which they are, and the least change of each that helps."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sbd.barriers.cost import LANE_WIDTH_M
from sbd.errors import InfeasiblePlanError, Relaxation
from sbd.model.proposal import Layout
from sbd.model.request import PlanRequest
from sbd.optimise.choice import cheapest_selection
from sbd.optimise.cut import Selection
from sbd.optimise.network import ChainGraph, ChordGraph
from sbd.optimise.wishes import Wish

# How finely the smallest change is looked for, and how far out at most, as a share of the wish.
FINE_SHARE, MOST_SHARE = 0.02, 1e4
TIME_LIMIT_S = 5.0  # of each question; one without answer counts as not possible


@dataclass(frozen=True, slots=True)
class NamedWish:
    """A wish by name: how it is left out, and how it is asked less strictly."""

    name: str
    unit: str
    asked: float
    without: Callable[[Wish], Wish]
    relaxed: Callable[[Wish, float], Wish] | None = None
    whole: bool = False  # a number that is counted down; others are raised


def refuse_wishes(
    graph: ChordGraph, chains: ChainGraph, request: PlanRequest, wish: Wish
) -> InfeasiblePlanError:
    """Return the error that names an irreducible set of wishes and what each could be.

    Wishes are left out one by one as long as no plan meets the rest: what remains can't be met
    together, and any one less could be. For each of them the others are kept and the least change
    is searched by halving, to 2 % of it.
    """

    def possible(asked: Wish) -> bool:
        answer = cheapest_selection(graph, asked, chains=chains, time_limit_s=TIME_LIMIT_S)
        return isinstance(answer, Selection)

    named = named_wishes(request, wish)
    kept = dict(named)
    for name in named:
        rest = {other: item for other, item in kept.items() if other != name}
        if not possible(_asking(wish, named, rest)):
            kept = rest
    hard = _asking(wish, named, kept)
    found = tuple(_relaxation(item, hard, possible) for item in kept.values())
    return InfeasiblePlanError(_in_words(found), found)


def refuse_budget(layout: Layout, budget: float) -> None:
    """Raise InfeasiblePlanError where a layout costs more than the budget, in middle prices."""
    lines = layout.barriers
    cost = float((0.5 * (lines["cost_low"] + lines["cost_high"])).sum())
    if cost > budget:
        found = (Relaxation("budget", budget, round(cost, 2), ""),)
        raise InfeasiblePlanError(
            f"budget: the cheapest plan that meets every other wish costs {cost:.0f}, "
            f"{budget:.0f} was given; a plan of fewer wishes or weaker vehicles may cost less",
            found,
        )


def named_wishes(request: PlanRequest, wish: Wish) -> Mapping[str, NamedWish]:
    """Return the wishes that are asked, by their name in words."""
    found: list[NamedWish] = []
    if wish.asks_area:
        found.append(
            NamedWish(
                "enclosed ground",
                "m2",
                wish.enclosed_max_m2,
                lambda w: replace(w, enclosed_max_m2=np.inf),
                lambda w, value: replace(w, enclosed_max_m2=value),
            )
        )
    if wish.exits:
        found.append(
            NamedWish(
                "exits",
                "",
                wish.exits,
                lambda w: replace(w, exits=0),
                lambda w, value: replace(w, exits=int(value)),
                whole=True,
            )
        )
    if wish.exit_need_m > 0:
        width_minutes = wish.exit_need_m * request.exit_minutes
        found.append(
            NamedWish(
                "exit time",
                "minutes",
                request.exit_minutes,
                lambda w: replace(w, exit_need_m=0.0),
                lambda w, value: replace(w, exit_need_m=width_minutes / value),
            )
        )
    for service in wish.services:
        found.append(_service(service.name, service.limit_m))
    if wish.gates:
        found.append(
            NamedWish(
                "openable crossings",
                "",
                wish.gates,
                lambda w: replace(w, gates=0),
                lambda w, value: replace(w, gates=int(value)),
                whole=True,
            )
        )
    return {item.name: item for item in found}


def _service(name: str, limit_m: float) -> NamedWish:
    def without(wish: Wish) -> Wish:
        return replace(wish, services=tuple(s for s in wish.services if s.name != name))

    def relaxed(wish: Wish, value: float) -> Wish:
        changed = (replace(s, limit_m=value) if s.name == name else s for s in wish.services)
        return replace(wish, services=tuple(changed))

    if not math.isfinite(limit_m):
        return NamedWish(name, "", math.nan, without)
    return NamedWish(f"{name}, way of an engine", "m", limit_m, without, relaxed)


def _asking(wish: Wish, named: Mapping[str, NamedWish], kept: Mapping[str, NamedWish]) -> Wish:
    for name, item in named.items():
        if name not in kept:
            wish = item.without(wish)
    return wish


def _relaxation(item: NamedWish, hard: Wish, possible: Callable[[Wish], bool]) -> Relaxation:
    if item.relaxed is None:
        return Relaxation(item.name, item.asked, math.nan, item.unit)
    ask = item.relaxed
    if item.whole:
        fewer = range(int(item.asked) - 1, -1, -1)
        best = next((n for n in fewer if possible(ask(hard, float(n)))), None)
        return Relaxation(item.name, item.asked, math.nan if best is None else best, item.unit)
    low = high = item.asked
    while not possible(ask(hard, high)):
        low, high = high, high * 2
        if high > item.asked * MOST_SHARE:
            return Relaxation(item.name, item.asked, math.nan, item.unit)
    while high - low > FINE_SHARE * item.asked:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if possible(ask(hard, middle)) else (middle, high)
    return Relaxation(item.name, item.asked, round(high, 2), item.unit)


def _in_words(found: tuple[Relaxation, ...]) -> str:
    if len(found) == 1 and found[0].wish == "openable crossings":
        asked, can = int(found[0].asked), int(found[0].possible)
        return (
            f"openable crossings: {asked} asked for, {can} possible (a lane of {LANE_WIDTH_M:g} m, "
            f"apart from the next, with a way for an engine to it and on from it, turns included); "
            f"ask for at most {can}"
        )
    names = ", ".join(relaxation.wish for relaxation in found) or "wishes"
    ways = "; or ".join(str(relaxation) for relaxation in found)
    return f"{names}: can't be met together; what would do: {ways or 'ask for less'}"
