"""Wishes that can't be met together -> which they are, and the least change of each that helps."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from sbd.barriers.cost import LANE_WIDTH_M
from sbd.errors import InfeasiblePlanError, Relaxation
from sbd.model.request import PlanRequest
from sbd.optimise.wishes import Service, Way, Wish

# How finely the smallest change is looked for, and how far out at most, as a share of the wish.
FINE_SHARE, MOST_SHARE = 0.02, 1e4
WAY = "clear width on desire line"
WIDTH_STEP_M = 0.01  # clear widths are looked for on whole centimetres


class Possible(Protocol):
    """Whether a wish can be met: by chords alone, or `drawn`, with units that fit."""

    def __call__(self, wish: Wish, *, drawn: bool) -> bool:
        """Answer for one wish."""


@dataclass(frozen=True, slots=True)
class NamedWish:
    """A wish by name: how it is left out, and how it is asked less strictly."""

    name: str
    unit: str
    asked: float
    without: Callable[[Wish], Wish]
    relaxed: Callable[[Wish, float], Wish] | None = None
    step: float = 0.0  # of a figure that is lowered by such steps down to 0; others are raised
    least: float = math.nan  # what is told where only to leave it out helps
    matters: bool = True  # False: nothing was shut for it, so to leave it out changes nothing


def refuse_wishes(request: PlanRequest, wish: Wish, possible: Possible) -> InfeasiblePlanError:
    """Return the error that names an irreducible set of wishes and what each could be."""
    _, found = irreducible(request, wish, possible)
    return InfeasiblePlanError(_in_words(found), found)


def irreducible(
    request: PlanRequest, wish: Wish, possible: Possible
) -> tuple[Wish, tuple[Relaxation, ...]]:
    """Return what can't be met together, nothing in it dispensable, and what each part could be.

    Wishes are left out one by one as long as no plan meets the rest: what remains can't be met
    together, and any one less could be, by a plan with units. For each of them the others are kept
    and the least change is searched by halving, to 2 % of it or to a centimetre of clear width;
    what is told was planned with units.

    Parameters
    ----------
    wish : Wish
        With what was learned of its ways; what is possible for less is asked anew.
    """
    named = named_wishes(request, wish)
    kept = {name: item for name, item in named.items() if item.matters}
    for name in tuple(kept):
        rest = {other: item for other, item in kept.items() if other != name}
        less = _asking(wish, named, rest)
        if not (possible(less, drawn=False) and possible(less, drawn=True)):
            kept = rest
    hard = _asking(wish, named, kept)
    return hard, tuple(_relaxation(item, hard, possible) for item in kept.values())


def named_wishes(request: PlanRequest, wish: Wish) -> Mapping[str, NamedWish]:
    """Return the wishes that are asked, by their name in words."""
    found = [_way(way) for way in wish.ways]
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
                lambda w: replace(w, exits=0.0),
                lambda w, value: replace(w, exits=value),
                step=1.0,
                least=0.0,
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
        found.append(_service(service))
    if wish.gates:
        found.append(
            NamedWish(
                "openable crossings",
                "",
                wish.gates,
                lambda w: replace(w, gates=0),
                lambda w, value: replace(w, gates=int(value)),
                step=1.0,
                least=0.0,
            )
        )
    return {item.name: item for item in found}


def _way(way: Way) -> NamedWish:
    def without(wish: Wish) -> Wish:
        return replace(wish, ways=tuple(w for w in wish.ways if w.name != way.name))

    def relaxed(wish: Wish, value: float) -> Wish:
        changed = (replace(w, width_m=value) if w.name == way.name else w for w in wish.ways)
        return replace(wish, ways=tuple(changed))

    return NamedWish(
        f"{WAY} {way.name}",
        "m",
        way.width_m,
        without,
        relaxed,
        step=WIDTH_STEP_M,
        matters=bool(way.shut.any() or way.gate_shut.any()),
    )


def _service(service: Service) -> NamedWish:
    name, limit_m = service.name, service.limit_m

    def without(wish: Wish) -> Wish:
        return replace(wish, services=tuple(s for s in wish.services if s.name != name))

    def relaxed(wish: Wish, value: float) -> Wish:
        changed = (replace(s, limit_m=value) if s.name == name else s for s in wish.services)
        return replace(wish, services=tuple(changed))

    if limit_m < 0:
        return NamedWish(name, "h", service.shut_h, without, least=0.0)
    if not math.isfinite(limit_m):
        return NamedWish(name, "", math.nan, without)
    return NamedWish(f"{name}, way of an engine", "m", limit_m, without, relaxed)


def _asking(wish: Wish, named: Mapping[str, NamedWish], kept: Mapping[str, NamedWish]) -> Wish:
    for name, item in named.items():
        if name not in kept:
            wish = item.without(wish)
    return wish


def _relaxation(item: NamedWish, hard: Wish, possible: Possible) -> Relaxation:
    if item.relaxed is None:
        return Relaxation(item.name, item.asked, item.least, item.unit)
    ask = item.relaxed
    search = _lowered if item.step else _raised
    # By chords first, which takes no time; what they promise is then held against units.
    best = search(item, item.asked, lambda v: possible(ask(hard, v), drawn=False))
    if best is not None and not possible(ask(hard, best), drawn=True):
        best = search(item, best, lambda v: possible(ask(hard, v), drawn=True))
    return Relaxation(item.name, item.asked, item.least if best is None else best, item.unit)


def _raised(item: NamedWish, from_: float, possible: Callable[[float], bool]) -> float | None:
    """Return about the least figure from `from_` up that is possible; None where none is."""
    low = high = from_
    while not possible(high):
        low, high = high, high * 2
        if high > item.asked * MOST_SHARE:
            return None
    while high - low > FINE_SHARE * item.asked:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if possible(middle) else (middle, high)
    return round(high + 0.005, 2)


def _lowered(item: NamedWish, from_: float, possible: Callable[[float], bool]) -> float | None:
    """Return the most steps below `from_` that are possible; None where not even one is."""
    most = math.ceil(round(from_ / item.step, 6)) - 1
    if most < 1 or not possible(item.step):
        return None
    low, high = 1, most + 1  # possible, not possible
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if possible(middle * item.step) else (low, middle)
    return round(low * item.step, 2)


def _in_words(found: tuple[Relaxation, ...]) -> str:
    if len(found) == 1 and found[0].wish == "openable crossings":
        asked, can = int(found[0].asked), int(found[0].possible)
        return (
            f"openable crossings: {asked} asked for, {can} possible (a lane of {LANE_WIDTH_M:g} m, "
            f"apart from the next, with a way for an engine to it and on from it, turns included); "
            f"ask for at most {can}"
        )
    if len(found) == 1 and found[0].wish.startswith(WAY):
        wide = f"{found[0].possible:.2f} m" if found[0].possible > 0 else "nothing"
        return (
            f"{found[0].wish}: {found[0].asked:.2f} m asked, and no plan leaves more than {wide} "
            "there; accept that width on it (desire_widths_m), allow wider gaps, or lead people "
            "another way"
        )
    names = ", ".join(relaxation.wish for relaxation in found) or "wishes"
    ways = "; or ".join(str(relaxation) for relaxation in found)
    how = "can't be met together" if len(found) > 1 else "can't be met"
    return f"{names}: {how}; what would do: {ways or 'ask for less'}"
