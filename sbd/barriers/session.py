"""A place held ready -> what a pin, a ban or a move costs, at once; then the plan with units."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, MultiPolygon, Polygon

from sbd.barriers.blocked import what_blocks
from sbd.barriers.chords import PRICE_UNIT
from sbd.barriers.cost import Strength
from sbd.barriers.demand import Demand
from sbd.barriers.known import Known
from sbd.barriers.pins import Pin
from sbd.barriers.prepared import Prepared, prepare
from sbd.barriers.propose import layout_of
from sbd.barriers.selecting import Chosen, fitted_selection
from sbd.barriers.tabulate import numbered
from sbd.catalogue.product import Product
from sbd.errors import InfeasiblePlanError, InputError
from sbd.model.assessment import Assessment
from sbd.model.proposal import Layout
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.model.words import STRENGTHS
from sbd.optimise.cut import Blocked, Selection, minimum_cut
from sbd.optimise.network import FORBIDDEN, Bools, ChordGraph, Ints, repriced
from sbd.progress import Progress, ignore

# Rows of units this far off forbidden ground and units that stay are the same as before.
CHANGED_M = 10.0
# So far around a lane an engine needs room to turn.
TURNED_M = 40.0
MOST_PLANS = 32  # that are remembered


@dataclass(frozen=True, slots=True, eq=False)
class QuickAnswer:
    """The cheapest closed plan as chords, without openable crossings or other wishes.

    Parameters
    ----------
    cost, bound : float
        Chord cost, what pinned lines cost and the prices of last resorts included, and what no plan
        is below.
    costs_more : float
        Than without pins and bans.
    lines : tuple of LineString
        Where it runs; pinned lines among them.
    seconds : float
        How long the answer took.
    """

    cost: float
    bound: float
    costs_more: float
    lines: tuple[LineString, ...]
    seconds: float

    def __str__(self) -> str:
        return f"{self.cost:.0f}, {self.costs_more:.0f} more than without pins and bans"


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A line that stays: its chords and the side each was built against.

    `counted` is what the choice counts for them, `price` what the units cost to buy.
    """

    chords: Ints
    forth: Bools
    units: gpd.GeoDataFrame
    lines: tuple[LineString, ...]
    counted: float = 0.0
    price: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    prepared: Prepared
    chosen: Chosen
    layout: Layout


class PlacementSession:
    """One place between two answers of a planner: each change is answered at once by the cut.

    `plan()` then gives the layout with all wishes and units; lines that did not change keep theirs.
    A session is used by one caller at a time.
    """

    def __init__(self, surface: DrivableSurface, prepared: Prepared) -> None:
        self._surface = surface
        self._prepared, self._request = prepared, prepared.request
        self._known = Known()
        self._pins: dict[str, _Held] = {}
        self._forbidden: list[Polygon | MultiPolygon] = []
        self._moved: list[gpd.GeoDataFrame] = []
        self._plans: dict[tuple[object, ...], _Plan] = {}
        self._plan: _Plan | None = None
        self._free_plan: _Plan | None = None
        free, _ = self._cut(prepared.graph)
        self._free_cost = free.cost * PRICE_UNIT + prepared.pinned_cost

    @classmethod
    def start(
        cls,
        surface: DrivableSurface,
        demand: Assessment | Demand,
        request: PlanRequest,
        *,
        products: Sequence[Product] | None = None,
        progress: Progress = ignore,
    ) -> "PlacementSession":
        """Return the session of a place; raises as `propose_layout` does."""
        prepared = prepare(surface, demand, request, products=products, progress=progress)
        return cls(surface, prepared)

    @property
    def prepared(self) -> Prepared:
        """What the session holds of its place."""
        return self._prepared

    def answer(self) -> QuickAnswer:
        """Return the cheapest closed plan under every pin and ban so far."""
        started = time.perf_counter()
        selection, pinned = self._cut(self._graph())
        cost, bound = selection.cost * PRICE_UNIT, selection.bound * PRICE_UNIT
        ends = self._prepared.found.chords.ends[self._prepared.found.number[selection.chords]]
        lines = [*shapely.linestrings(ends).tolist()]
        lines += [line for held in self._pins.values() for line in held.lines]
        pinned += self._prepared.pinned_cost
        cost, bound = cost + pinned, bound + pinned
        more = max(cost - self._free_cost, 0.0)
        return QuickAnswer(cost, bound, more, tuple(lines), time.perf_counter() - started)

    def pin_line(self, line_id: str) -> QuickAnswer:
        """Keep a line of the last plan where it is.

        Raises InputError where the last plan has no such line, or there is no plan yet.
        """
        held, of_this_mesh = self._line(line_id)
        if not of_this_mesh:
            return self.move(line_id, 0.0, 0.0)
        self._pins[line_id] = held
        return self._tried(lambda: self._pins.pop(line_id))

    def release(self, line_id: str) -> QuickAnswer:
        """Let go of a pinned line."""
        if line_id not in self._pins:
            raise InputError(f"line {line_id}: not pinned; pinned are {', '.join(self._pins)}")
        del self._pins[line_id]
        return self.answer()

    def forbid(self, shape: Polygon | MultiPolygon) -> QuickAnswer:
        """Keep every unit off some ground.

        The answer at once errs high: chords that touch the ground are out, and others are not drawn
        around it until `plan()` meshes it again. Raises InfeasiblePlanError, and takes the ban
        back, where none of them closes the place.
        """
        if shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
            raise InputError("forbidden ground: not a polygon; draw an outline")
        self._forbidden.append(shape)
        return self._tried(self._forbidden.pop)

    def allow(self) -> QuickAnswer:
        """Take back the ban that was made last; nothing happens where there is none."""
        if self._forbidden:
            self._forbidden.pop()
        return self.answer()

    def move(self, line_id: str, east_m: float, north_m: float) -> QuickAnswer:
        """Put the units of a line of the last plan elsewhere; they stay there.

        The ground is meshed again around them, which takes seconds. Raises InputError where they
        can't stand there.
        """
        units = self._line(line_id)[0].units
        placed = units.set_geometry(units.geometry.translate(east_m, north_m))
        self._moved.append(placed)
        try:
            self._prepared = self._again(())
        except InputError:
            self._moved.pop()
            raise
        self._known, self._plan, self._free_plan = Known(), None, None
        # Their chords were those of the mesh before; their units stay.
        self._moved += [held.units for held in self._pins.values()]
        self._pins.clear()
        return self.answer()

    def plan(self, *, progress: Progress = ignore) -> Layout:
        """Return the layout that meets all wishes under every pin and ban, units in place.

        Where nothing changed it is the one before. Lines of the cheapest plan that are pinned leave
        it the cheapest: whatever else closes the place saves no more by them than it does. So does
        forbidden ground that it does not touch. Else the ground is meshed again, as forbidden
        ground and units that stay change where others fit.
        """
        state = self._state()
        if state not in self._plans:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            self._plans[state] = self._kept(progress) or self._planned(progress)
        self._plan = self._plans[state]
        return self._plan.layout

    def _state(self) -> tuple[object, ...]:
        """Return what tells the planner's hand of now from all others."""
        bans = tuple(sorted(shape.wkb for shape in self._forbidden))
        return tuple(sorted(self._pins)), bans, len(self._moved)

    def _kept(self, progress: Progress) -> _Plan | None:
        """Return the cheapest plan of this mesh with its pins, where it is still the cheapest."""
        prepared = self._prepared
        if self._free_plan is None:
            chosen = fitted_selection(prepared, known=self._known, progress=progress)
            self._free_plan = _Plan(prepared, chosen, layout_of(prepared, chosen))
        plan, names = self._free_plan, list(self._pins)
        layout = plan.layout
        weak = layout.barriers["strength"] == STRENGTHS[Strength.SHORT]
        # A unit that is too weak for what comes is no wall, however much it is pinned.
        if (weak & layout.barriers["line_id"].isin(names)).any():
            return None
        ban = shapely.union_all(self._forbidden)
        stands = [layout.footprints.geometry.to_numpy(), layout.barriers.geometry.to_numpy()]
        if shapely.intersects(ban, np.concatenate(stands)).any():
            return None
        return _Plan(prepared, plan.chosen, _with_pins(plan, self._pins)) if names else plan

    def _planned(self, progress: Progress) -> _Plan:
        changed = shapely.union_all(
            [*self._forbidden, *(held.units.union_all() for held in self._pins.values())]
        )
        known = Known(
            rows=self._known.rows.off(changed, CHANGED_M),
            refusals=self._known.refusals.off(changed, TURNED_M),
        )
        if not self._pins:
            known.hopeless.update(self._known.hopeless)  # the ground is the same
        prepared = self._again(self._forbidden)
        chosen = fitted_selection(prepared, known=known, progress=progress)
        return _Plan(prepared, chosen, layout_of(prepared, chosen))

    def _again(self, forbidden: Sequence[Polygon | MultiPolygon]) -> Prepared:
        hand = self._request.hand
        tables = [held.units for held in self._pins.values()] + self._moved
        if hand.pinned is not None:
            tables = [hand.pinned, *tables]
        pinned = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True)) if tables else None
        bans = [*forbidden, *([hand.forbidden] if hand.forbidden is not None else [])]
        ground = shapely.union_all(bans) if bans else None
        return prepare(
            self._surface,
            self._prepared.demand,
            replace(self._request, hand=replace(hand, pinned=pinned, forbidden=ground)),
            products=self._prepared.catalogue,
        )

    def _line(self, line_id: str) -> tuple[_Held, bool]:
        """Return a line of the last plan, and whether its chords are those of this mesh."""
        if self._plan is None:
            raise InputError(f"line {line_id}: there is no plan to take it from; call plan() first")
        prepared, chosen, layout = self._plan.prepared, self._plan.chosen, self._plan.layout
        names = layout.barriers["line_id"].to_list()
        if line_id not in names:
            raise InputError(f"line {line_id}: not in the plan; it has {', '.join(names)}")
        shape = layout.barriers.geometry.iloc[names.index(line_id)]
        units = layout.footprints[layout.footprints["line_id"] == line_id]
        nothing = np.zeros(0, dtype=np.int64)
        if prepared is not self._prepared or not chosen.lines or line_id.startswith("P"):
            return _Held(nothing, nothing > 0, units, (shape,)), False
        fitted = dict(numbered(chosen.lines, zone=prepared.surface.zone))[line_id]
        chords = np.unique(np.searchsorted(prepared.found.number, fitted.line.all_chords))
        at = np.searchsorted(chosen.selection.chords, chords)
        graph, selection = prepared.graph, chosen.selection
        forth, opens = selection.forth[at], selection.openable[at]
        ahead = np.where(opens, graph.gate_forth[chords], graph.cost_forth[chords])
        behind = np.where(opens, graph.gate_back[chords], graph.cost_back[chords])
        counted = float(np.where(forth, ahead, behind).sum()) * PRICE_UNIT
        price = sum(Pin(line_id, unit).line.price for unit in fitted.units)
        return _Held(chords, forth, units, (shape,), counted, price), True

    def _graph(self) -> ChordGraph:
        """Return the graph with pinned chords free and chords on forbidden ground shut."""
        graph, found = self._prepared.graph, self._prepared.found
        forth, back = graph.cost_forth.copy(), graph.cost_back.copy()
        gates = graph.gate_forth.copy(), graph.gate_back.copy()
        for shape in self._forbidden:
            on = shapely.intersects(shapely.linestrings(found.chords.ends[found.number]), shape)
            for column in (forth, back, *gates):
                column[on] = FORBIDDEN
        for held in self._pins.values():
            for k, ahead in zip(held.chords.tolist(), held.forth.tolist(), strict=True):
                paid = int(graph.cost_forth[k] if ahead else graph.cost_back[k])
                # Built against one side; from the other it counts if that asks for no more.
                forth[k] = 0 if ahead or graph.cost_forth[k] <= paid else forth[k]
                back[k] = 0 if not ahead or graph.cost_back[k] <= paid else back[k]
        return replace(
            graph, cost_forth=forth, cost_back=back, gate_forth=gates[0], gate_back=gates[1]
        )

    def _cut(self, graph: ChordGraph) -> tuple[Selection, float]:
        found = minimum_cut(graph, chains=repriced(graph, self._prepared.chains))
        if isinstance(found, Blocked):
            where = what_blocks(
                found, self._prepared.found, self._prepared.surface, refused=bool(self._forbidden)
            )
            raise InfeasiblePlanError(where)
        plain = self._prepared.graph
        pinned = 0.0
        for held in self._pins.values():
            forth, back = plain.cost_forth[held.chords], plain.cost_back[held.chords]
            pinned += float(np.where(held.forth, forth, back).sum())
        return found, pinned * PRICE_UNIT

    def _tried(self, undo: Callable[[], object]) -> QuickAnswer:
        """Answer, or take the last change back where no plan is left."""
        try:
            return self.answer()
        except InfeasiblePlanError:
            undo()
            raise


def _with_pins(plan: _Plan, pins: Mapping[str, _Held]) -> Layout:
    """Return the layout of a plan with some of its lines pinned.

    Pinned units count what it costs to buy them, as they do where a request brings them along.
    """
    layout = plan.layout
    more = sum(held.price - held.counted for held in pins.values())
    tables = {}
    for name in ("barriers", "units", "footprints"):
        table = getattr(layout, name)
        stays = table["line_id"].isin(list(pins))
        ids = table["line_id" if name == "barriers" else "unit_id"]
        tables[name] = table.assign(
            pinned=stays | table["pinned"], pin_id=table["pin_id"].where(~stays, ids)
        )
    return replace(
        layout,
        **tables,
        cost_found=round(layout.cost_found + more, 2),
        cost_bound=round(max(layout.cost_bound + more, 0.0), 2),
    )
