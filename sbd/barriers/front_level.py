"""One place, priced against some vehicles -> the cheapest plan of each access that may be kept.

Each is proven for its wish, or comes with its bound. Wishes of one level share their models, and
what one of them proves bounds the next.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from sbd.barriers.access_kept import AccessKept
from sbd.barriers.cost import SHORT_PRICE
from sbd.barriers.covers import asked_of
from sbd.barriers.prepared import Prepared
from sbd.model.request import PlanRequest
from sbd.optimise.cut import Blocked, Selection, minimum_cut
from sbd.optimise.network import repriced, without
from sbd.optimise.sweep import Sweep
from sbd.optimise.wishes import Wish

TIGHTER = 3  # limits on enclosed ground below the loosest
AREA_SHARE = 0.5  # of what a limit leaves above the least, at the next one
DISTANCE_SHARES = (0.75, 0.5)  # of the way from the farthest door, at the next limits on it
LEAST_STEP_M2 = 1.0  # ground that is worth no limit of its own
TIME_LIMIT_S = 5.0  # of computing for a plan
ROUND_M2 = 0.1  # limits are rounded up by this, so that a plan meets its own

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A plan on chords, what was asked of it and how much access it keeps."""

    selection: Selection
    request: PlanRequest
    enclosed_m2: float
    engine_distance_m: float | None


class Level:
    """One place, priced against some vehicles."""

    def __init__(self, prepared: Prepared, request: PlanRequest) -> None:
        self._prepared, self._request = prepared, request
        self._kept = AccessKept.of(prepared)
        closed, gates = prepared.asked.wish.shuts(len(prepared.graph.tail))
        self._graph = without(prepared.graph, closed, gates)
        self._chains = repriced(self._graph, prepared.chains)
        self._wishes: dict[tuple[object, ...], Wish] = {}
        self._sweeps: dict[tuple[object, ...], Sweep] = {}

    @property
    def is_closable(self) -> bool:
        """Whether there is any plan, with a product that is strong enough everywhere."""
        plain = minimum_cut(self._graph, chains=self._chains)
        return not isinstance(plain, Blocked) and not self._is_too_weak(plain)

    def found(self, told: Told) -> Iterator[Found]:
        """Yield plans by crossings, then by less ground enclosed, then by nearer crossings."""
        least_m2 = self._kept.least_enclosed_m2()
        worst_m = 0.0
        for crossings in range(self._request.openable, self._prepared.request.openable + 1):
            request = replace(self._request, openable=crossings)
            for plan in self._tighter(request, least_m2, told):
                if plan.engine_distance_m is not None and np.isfinite(plan.engine_distance_m):
                    worst_m = max(worst_m, plan.engine_distance_m)
                yield plan
        yield from self._nearer(worst_m, told)

    def _tighter(self, request: PlanRequest, least_m2: float, told: Told) -> Iterator[Found]:
        """Yield plans within less and less ground, as long as there are any."""
        bound = 0
        for _ in range(1 + TIGHTER):
            told(_words(request))
            plan = self._plan(request, bound)
            if plan is None:
                return
            yield plan
            bound = plan.selection.bound  # no plan within less ground is below it
            limit_m2 = least_m2 + AREA_SHARE * (plan.enclosed_m2 - least_m2)
            if plan.enclosed_m2 - limit_m2 < LEAST_STEP_M2:
                return
            request = replace(request, enclosed_max_m2=_rounded_up(limit_m2))

    def _nearer(self, worst_m: float, told: Told) -> Iterator[Found]:
        """Yield plans in which no door is farther from a crossing than a share of what is found."""
        first = max(self._request.openable, 1)
        for share in DISTANCE_SHARES if worst_m > 0 else ():
            for crossings in range(first, self._prepared.request.openable + 1):
                request = replace(
                    self._request, openable=crossings, engine_distance_m=round(share * worst_m, 1)
                )
                told(_words(request))
                plan = self._plan(request, 0)
                if plan is not None:
                    yield plan

    def _plan(self, request: PlanRequest, bound: int) -> Found | None:
        """Return the cheapest plan of a request, which costs `bound` at least; None: none found."""
        wish = self._wish(request)
        answer = (
            minimum_cut(self._graph, chains=self._chains)
            if wish.gates == 0 and not wish.asks_more
            else self._sweep(wish).cheapest(
                gates=wish.gates,
                enclosed_max_m2=wish.enclosed_max_m2,
                time_limit_s=TIME_LIMIT_S,
            )
        )
        if not isinstance(answer, Selection) or self._is_too_weak(answer):
            return None
        return Found(
            replace(answer, bound=min(max(answer.bound, bound), answer.cost)),
            request,
            _rounded_up(self._kept.enclosed_m2(answer.chords)),
            self._kept.farthest_door_m(answer),
        )

    def _wish(self, request: PlanRequest) -> Wish:
        """Return the wish of a request; only its numbers are not the same for many."""
        key = (request.openable > 0, request.engine_distance_m, request.enclosed_max_m2 is None)
        if key not in self._wishes:
            ready = self._prepared
            desires = ready.terrain.desires
            self._wishes[key] = asked_of(
                ready.found, ready.surface, request, ready.offered, desires
            ).wish
        limit_m2 = request.enclosed_max_m2
        return replace(
            self._wishes[key],
            gates=request.openable,
            enclosed_max_m2=np.inf if limit_m2 is None else limit_m2,
        )

    def _sweep(self, wish: Wish) -> Sweep:
        crowded = wish.gates > 1 if wish.services else True
        services = tuple((service.name, service.limit_m) for service in wish.services)
        key = (services, wish.asks_area, crowded)
        if key not in self._sweeps:
            self._sweeps[key] = Sweep(self._graph, self._chains, wish)
        return self._sweeps[key]

    def _is_too_weak(self, found: Selection) -> bool:
        """Whether a line is only a last resort: it stops none of what it is for."""
        candidates = self._prepared.found
        number = candidates.number[found.chords]
        price = candidates.price[np.where(found.forth, 0, 1), number]
        return bool(((price >= SHORT_PRICE) & ~found.openable).any())


def _rounded_up(area_m2: float) -> float:
    return round(float(np.ceil(area_m2 / ROUND_M2 - 1e-6)) * ROUND_M2, 1)


def _words(request: PlanRequest) -> str:
    words = f"{request.openable} crossings"
    if request.engine_distance_m is not None:
        words += f", doors within {request.engine_distance_m:.0f} m"
    if request.enclosed_max_m2 is not None:
        words += f", {request.enclosed_max_m2:.0f} m2"
    return words
