"""A plan that may slow vehicles instead of stopping faster ones -> chicanes that make it cheaper.

What a chicane does to speeds is never estimated: the field is solved again with its units as
obstacles, and the plan is made again from it.
"""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Polygon

from sbd.approach.edits import PREVIEW_HEADINGS, PREVIEW_RESOLUTION_M, EditableField
from sbd.approach.perimeter import assess_perimeter
from sbd.barriers.chicane_places import STAGE, Chicane, possible_chicanes
from sbd.barriers.cost import offer_for
from sbd.barriers.demand import FieldDemand
from sbd.barriers.tabulate import layout_tables
from sbd.catalogue.product import Product
from sbd.catalogue.products import load_products
from sbd.errors import InfeasiblePlanError
from sbd.model import tables
from sbd.model.assessment import Assessment
from sbd.model.proposal import Layout
from sbd.model.request import PlanRequest
from sbd.model.speed_field import Bound
from sbd.model.surface import DrivableSurface
from sbd.progress import Progress, ignore, part_of
from sbd.site.shapes import merged, without

log = logging.getLogger(__name__)

# Up to so many sets of places every one is tried; beyond that the best few grow by one at a time.
MOST_SETS = 40
BEAM = 3
MOST_CONFIRMED = 2  # sets that are assessed in full, the cheapest first

Plan: TypeAlias = Callable[[DrivableSurface, Assessment], Layout]
# Metres of line that nothing is strong enough for, then cost: what is better is less.
Worth: TypeAlias = tuple[float, float]
_NO_PLAN: Worth = (math.inf, math.inf)


@dataclass(frozen=True, slots=True, eq=False)
class Slowed:
    """What chicanes were adopted, and the plan behind them.

    Parameters
    ----------
    chicanes, units, barriers : GeoDataFrame
        Footprints, unit points and rows (`sbd.model.tables`) of the chicanes alone, with line ids
        C1.1, C1.2, ...; empty where none was adopted.
    assessment : Assessment
        With the chicanes standing; the one given where there are none.
    layout : Layout
        Without the chicanes.
    cost, cost_without : float
        Middle costs of lines and chicanes together, and of the plan that needs no chicane; inf
        where there is no such plan.
    """

    chicanes: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    assessment: Assessment
    layout: Layout
    cost: float
    cost_without: float

    @property
    def whole(self) -> Layout:
        """The layout with the chicanes among its lines."""
        if self.chicanes.empty:
            return self.layout
        joined = {
            name: gpd.GeoDataFrame(
                pd.concat([getattr(self.layout, name), mine], ignore_index=True),
                crs=self.chicanes.crs,
            )
            for name, mine in (
                ("barriers", self.barriers),
                ("units", self.units),
                ("footprints", self.chicanes),
            )
        }
        extra = middle_cost(self.barriers)
        return replace(
            self.layout,
            **joined,
            cost_found=self.layout.cost_found + extra,
            cost_bound=self.layout.cost_bound + extra,
        )


def slowed(
    surface: DrivableSurface,
    assessment: Assessment,
    request: PlanRequest,
    *,
    plan: Plan,
    products: Sequence[Product] | None = None,
    progress: Progress = ignore,
) -> Slowed:
    """Return the plan with up to `request.chicanes` chicanes, as few as make it cheapest.

    Every set of places is tried where there are at most 40 of them; else the three best grow by one
    at a time, which may miss a better set. Sets are compared on fields with cells of 1 m and 32
    headings (errs high, with and without chicanes alike); the cheapest are assessed in full, and
    taken only if the whole is cheaper then. A plan with less length for which nothing is strong
    enough counts as better than any saving.

    Parameters
    ----------
    plan : callable
        Makes a layout for a surface and an assessment; chicanes are furniture of that surface on
        which no unit may stand, and lean on nothing.
    products : sequence of Product or None
        As for `propose_layout`.

    Raises
    ------
    InfeasiblePlanError
        There is no plan, neither without chicanes nor with any.
    """
    refusal: InfeasiblePlanError | None = None
    base: Layout | None = None
    progress(STAGE, 0.0, "the plan without chicanes")
    try:
        base = plan(surface, assessment)
    except InfeasiblePlanError as error:
        refusal = error
    now = _NO_PLAN if base is None else worth(base)
    progress(STAGE, 0.1, "places for chicanes")
    offered = offer_for(load_products() if products is None else products, request)
    places = (
        possible_chicanes(
            surface,
            assessment,
            FieldDemand(assessment),
            offered,
            request,
            progress=part_of(progress, 0.1, 0.2),
        )
        if request.chicanes
        else []
    )
    # A chicane that costs more than all lines together never pays.
    places = [one for one in places if now[0] > 0 or one.cost < now[1]]
    trial = _Trial(surface, assessment, plan) if places else None
    ranked = _ranked(trial, places, request.chicanes, part_of(progress, 0.2, 0.7)) if trial else []
    for number, chosen in enumerate(ranked[:MOST_CONFIRMED]):
        share = part_of(progress, 0.7 + 0.15 * number, 0.85 + 0.15 * number)
        found = _confirmed(surface, assessment, chosen, plan, share)
        if found is not None and _total(worth(found[1]), chosen) < now:
            log.info(
                "%d chicanes: %s instead of %s", len(chosen), _total(worth(found[1]), chosen), now
            )
            return _slowed(surface, request, chosen, *found, cost_without=now[1])
    progress(STAGE, 1.0, f"none of {len(places)} places for chicanes makes the plan cheaper")
    if base is None:
        assert refusal is not None  # the plan either came or was refused
        raise refusal
    return _slowed(surface, request, (), assessment, base, cost_without=now[1])


def worth(layout: Layout) -> Worth:
    """Return the metres of line that nothing is strong enough for, and the middle cost."""
    short = layout.barriers["strength"] == "short"
    return float(layout.barriers["length_m"][short].sum()), middle_cost(layout.barriers)


def middle_cost(barriers: gpd.GeoDataFrame) -> float:
    """Return the middle of the cost range of lines."""
    return float((barriers["cost_low"] + barriers["cost_high"]).sum() / 2)


def _total(found: Worth, chosen: Sequence[Chicane]) -> Worth:
    return found[0], round(found[1] + sum(one.cost for one in chosen), 2)


class _Trial:
    """Plans behind chicanes on coarse fields; each set is solved once."""

    def __init__(self, surface: DrivableSurface, assessment: Assessment, plan: Plan) -> None:
        self._surface, self._assessment, self._plan = surface, assessment, plan
        coarse = replace(
            assessment.settings, resolution_m=PREVIEW_RESOLUTION_M, headings=PREVIEW_HEADINGS
        )
        self._fields = [
            EditableField.start(surface, vehicle, coarse, bound=Bound.UPPER)
            for vehicle in assessment.vehicles
        ]
        self._known: dict[tuple[int, ...], Worth] = {}

    def worth(self, chosen: Sequence[Chicane]) -> Worth:
        key = tuple(id(one) for one in chosen)
        if key not in self._known:
            shapes = [shape for one in chosen for shape in one.shapes]
            fields = [field.added(shapes).settled() if shapes else field for field in self._fields]
            there = replace(self._assessment, fields=tuple(field.field for field in fields))
            try:
                layout = self._plan(_furnished(self._surface, shapes), there)
            except InfeasiblePlanError:
                self._known[key] = _NO_PLAN
            else:
                self._known[key] = _total(worth(layout), chosen)
        return self._known[key]


def _ranked(
    trial: _Trial, places: Sequence[Chicane], most: int, progress: Progress
) -> list[tuple[Chicane, ...]]:
    """Return the sets of places that make the plan cheaper, the cheapest first."""
    most = min(most, len(places))
    now = trial.worth(())
    found: dict[tuple[int, ...], Worth] = {}

    def look(chosen: tuple[int, ...], share: float) -> None:
        if chosen not in found:
            progress(STAGE, share, f"{len(chosen)} chicanes, set {len(found) + 1}")
            found[chosen] = trial.worth([places[k] for k in chosen])

    every = sum(math.comb(len(places), size) for size in range(1, most + 1))
    if every <= MOST_SETS:
        for size in range(1, most + 1):
            for chosen in combinations(range(len(places)), size):
                look(chosen, len(found) / every)
    else:
        best: list[tuple[int, ...]] = [()]
        for size in range(most):
            grown = {tuple(sorted({*b, k})) for b in best for k in range(len(places)) if k not in b}
            for number, chosen in enumerate(sorted(grown)):
                look(chosen, (size + number / len(grown)) / most)
            best = sorted(grown, key=lambda one: (found[one], one))[:BEAM]
    better = [chosen for chosen, value in found.items() if value < now]
    better.sort(key=lambda chosen: (found[chosen], len(chosen), chosen))
    return [tuple(places[k] for k in chosen) for chosen in better]


def _confirmed(
    surface: DrivableSurface,
    assessment: Assessment,
    chosen: Sequence[Chicane],
    plan: Plan,
    progress: Progress,
) -> tuple[Assessment, Layout] | None:
    """Return the assessment in full with chicanes standing, and the plan for it."""
    shapes = [shape for one in chosen for shape in one.shapes]
    standing = merged(np.array(shapes, dtype=object))
    there = assess_perimeter(
        replace(surface, ground=without(surface.ground, standing)),
        assessment.vehicles,
        assessment.settings,
        site_hash=assessment.site_hash,
        attribution=assessment.attribution,
        progress=progress,
    )
    there = replace(there, heights=assessment.heights)
    try:
        return there, plan(_furnished(surface, shapes), there)
    except InfeasiblePlanError:
        return None


def _furnished(surface: DrivableSurface, shapes: Sequence[Polygon]) -> DrivableSurface:
    """Return a surface on which no unit stands in a chicane."""
    if not len(shapes):
        return surface
    rows = gpd.GeoDataFrame(
        {
            "furniture_id": [f"chicane {number}" for number in range(1, len(shapes) + 1)],
            "kind": "chicane",
            "standing": "planned",
        },
        geometry=list(shapes),
        crs=surface.crs,
    )
    return replace(
        surface,
        unmovable=gpd.GeoDataFrame(
            pd.concat([surface.unmovable, rows], ignore_index=True), crs=surface.crs
        ),
    )


def _slowed(
    surface: DrivableSurface,
    request: PlanRequest,
    chosen: Sequence[Chicane],
    assessment: Assessment,
    layout: Layout,
    *,
    cost_without: float,
) -> Slowed:
    parts: dict[str, list[gpd.GeoDataFrame]] = {"barriers": [], "units": [], "footprints": []}
    for number, one in enumerate(chosen, start=1):
        for order, row in enumerate(one.rows, start=1):
            found = layout_tables(
                [row],
                zone=surface.zone,
                layout=request.layout,
                crs=surface.crs,
            )
            for name, table in zip(parts, found[:3], strict=True):
                parts[name].append(_renamed(table, f"C{number}.{order}"))
    schemas = {"barriers": tables.BARRIERS, "units": tables.UNITS, "footprints": tables.FOOTPRINTS}
    joined = {
        name: gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=surface.crs)
        if rows
        else tables.empty_layer(schemas[name], surface.crs)
        for name, rows in parts.items()
    }
    return Slowed(
        chicanes=joined["footprints"],
        units=joined["units"],
        barriers=joined["barriers"],
        assessment=assessment,
        layout=layout,
        cost=_total(worth(layout), chosen)[1],
        cost_without=cost_without,
    )


def _renamed(table: gpd.GeoDataFrame, line_id: str) -> gpd.GeoDataFrame:
    """Return the table of one row of a chicane under another id, its units with it.

    The column `chicane` says that it may stand on a street that stays open.
    """
    named = table.assign(line_id=line_id, chicane=True)
    if "unit_id" in named:
        named["unit_id"] = [f"{line_id}-{k:02d}" for k in range(1, len(named) + 1)]
    return named
