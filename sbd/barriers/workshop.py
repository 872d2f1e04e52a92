"""One place planned again and again -> what was prepared and found out before, where it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import numpy as np
import shapely

from sbd.barriers.demand import Demand
from sbd.barriers.known import Known
from sbd.barriers.prepared import Prepared, prepare
from sbd.catalogue.product import Product
from sbd.model.assessment import Assessment
from sbd.model.request import Hand, PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.optimise.network import repriced, without
from sbd.progress import Progress, ignore

# What a request may ask otherwise and the place stays as it was prepared.
FREE = "no_crossing"


class Workshop:
    """The place that was prepared last, for requests that differ in where no crossing may be.

    Planner and judge agree by turns: from one to the next only that grows. One caller at a time.
    """

    def __init__(self) -> None:
        self._asked: tuple[object, ...] = ()
        self._prepared: Prepared | None = None
        self._known = Known()

    def prepared(
        self,
        surface: DrivableSurface,
        demand: Assessment | Demand,
        request: PlanRequest,
        *,
        products: Sequence[Product] | None = None,
        prices: Mapping[str, float] | None = None,
        progress: Progress = ignore,
    ) -> tuple[Prepared, Known]:
        """Return a place as `prepare` does, and what is known of it; raises as that does."""
        asked = (surface, demand, products, prices, *_parts(request))
        if self._prepared is None or not _same(asked, self._asked):
            bare = replace(request, hand=replace(request.hand, no_crossing=None))
            self._prepared = prepare(
                surface, demand, bare, products=products, prices=prices, progress=progress
            )
            self._asked, self._known = asked, Known()
        return _with_crossings_off(self._prepared, request), self._known


def _with_crossings_off(prepared: Prepared, request: PlanRequest) -> Prepared:
    """Return the place for a request that allows crossings on less ground."""
    ground = request.hand.no_crossing
    if ground is None:
        return replace(prepared, request=request)
    found = prepared.found
    shut = shapely.intersects(shapely.linestrings(found.chords.ends[found.number]), ground)
    graph = without(found.graph, np.zeros(len(shut), dtype=bool), shut)
    return replace(
        prepared,
        request=request,
        found=replace(found, graph=graph),
        chains=repriced(graph, prepared.chains),
    )


def _parts(request: PlanRequest) -> list[object]:
    """Return all that a request says of the place, without where crossings may be."""
    of_hand = [getattr(request.hand, f.name) for f in fields(Hand) if f.name != FREE]
    rest = [getattr(request, f.name) for f in fields(PlanRequest) if f.name != "hand"]
    return [*of_hand, *rest]


def _same(some: tuple[object, ...], others: tuple[object, ...]) -> bool:
    """Say whether things are the same ones, or equal plain values; tables are not looked into."""
    plain = (str, int, float, bool, dict, tuple)
    return len(some) == len(others) and all(
        a is b or (isinstance(a, plain) and type(a) is type(b) and a == b)
        for a, b in zip(some, others, strict=True)
    )
