"""DrivableSurface + demand -> a layout: the cheapest closed plan, with what proves it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from sbd.barriers.barred import barred_in_words
from sbd.barriers.chords import (
    PRICE_UNIT,
    Candidates,
    Chords,
    candidates,
    find_chords,
    kept_open,
)
from sbd.barriers.cost import LANE_WIDTH_M, SHORT_PRICE, SHORT_PRICE_PER_M, Offer, offer_for
from sbd.barriers.demand import Demand, FieldDemand, Floats
from sbd.barriers.fitting import FittedLine, Misfit, fit_line
from sbd.barriers.lines import Line, trace_lines
from sbd.barriers.pins import with_hand
from sbd.barriers.runs import Terrain, terrain
from sbd.barriers.shortcuts import Limits, limits_of, straightened
from sbd.barriers.tabulate import access_shortfalls, layout_tables
from sbd.catalogue.product import Product
from sbd.catalogue.products import load_products
from sbd.errors import InfeasiblePlanError
from sbd.model.assessment import Assessment
from sbd.model.proposal import Layout
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.optimise.choice import OutOfTime, TooFew, cheapest_with_gates
from sbd.optimise.cut import Blocked, Selection
from sbd.optimise.network import FORBIDDEN, ChordGraph
from sbd.progress import Progress, ignore

log = logging.getLogger(__name__)

STAGE = "barriers"
# Chords on which no row of units fits are taken out and the rest is chosen again.
MOST_ROUNDS = 200
# Two openable crossings in one street mouth are one way in: a parked lorry shuts both.
GATES_APART_M = 25.0


def propose_layout(
    surface: DrivableSurface,
    demand: Assessment | Demand,
    request: PlanRequest,
    *,
    products: Sequence[Product] | None = None,
    prices: Mapping[str, float] | None = None,
    progress: Progress = ignore,
) -> Layout:
    """Return the cheapest layout that closes the zone, units in place.

    Lines run from solid to solid or close on themselves, cross no street that stays open and never
    lean on the rim of the data. Chords are priced by the class that is needed on the attacked side;
    the selection is a minimum cut, or with openable crossings a MIP. A zone that no vehicle can
    reach gets an empty layout.

    Parameters
    ----------
    request : PlanRequest
        What the plan must meet; both sides of the gap rule hold for what is drawn.
    products : sequence of Product or None
        A city's own list; None takes the catalogue.
    prices : mapping of product_id to float
        What a unit counts for in the choice, over its life say; None: its middle cost. The tables
        of the layout keep what it costs to buy.

    Raises
    ------
    InfeasiblePlanError
        No closed line exists, or not as many openable lanes; the message names what is in the way.
    """
    asked = FieldDemand(demand) if isinstance(demand, Assessment) else demand
    catalogue = load_products() if products is None else products
    offered = offer_for(catalogue, request, prices=prices)
    surface, pins = with_hand(surface, request.hand, asked, catalogue)
    progress(STAGE, 0.0, "looking for chords")
    chords = find_chords(surface, gap_max_m=request.gap_max_m, keep_off_m=offered.keep_off_m)
    _refuse_open_zone(surface, chords)
    progress(STAGE, 0.3, f"pricing {len(chords.edge)} chords")
    found = candidates(chords, surface, asked, offered, openable=request.openable > 0)
    progress(STAGE, 0.5, "choosing the cheapest closed plan")
    selection, fitted = _fitted_selection(
        found,
        surface,
        asked,
        offered,
        terrain(surface, request.access),
        request.openable,
        progress,
    )
    cost, bound = _costs(found, selection)
    log.info(
        "%d lines from %d chords, %.0f at least %.0f", len(fitted), len(chords.edge), cost, bound
    )
    progress(STAGE, 1.0, f"{sum(len(line.units) for line in fitted)} units on {len(fitted)} lines")
    barriers, units, footprints, run_out = layout_tables(
        fitted, zone=surface.zone, layout=request.layout, crs=surface.crs, pins=pins
    )
    pinned_cost = sum(pin.line.price for pin in pins)
    return Layout(
        barriers,
        units,
        footprints,
        cost_bound=round(bound + pinned_cost, 2),
        cost_found=round(cost + pinned_cost, 2),
        run_out=run_out,
        access_shortfalls=access_shortfalls(fitted, zone=surface.zone),
    )


def _fitted_selection(
    found: Candidates,
    surface: DrivableSurface,
    demand: Demand,
    offered: Offer,
    ground: Terrain,
    openable: int,
    progress: Progress,
) -> tuple[Selection, list[FittedLine]]:
    """Return the cheapest selection on whose lines units fit; what does not fit is taken out."""
    graph = found.graph
    limits = limits_of(surface)
    known: dict[tuple[object, ...], FittedLine | Misfit] = {}
    for turn in range(MOST_ROUNDS):
        selection = _selected(graph, found, surface, openable, refused=turn > 0)
        numbers = found.number[selection.chords]
        lines = trace_lines(
            found.chords, numbers, selection.forth, selection.openable, streets=limits.streets
        )
        fitted: list[FittedLine] = []
        refused: list[int] = []
        gates: list[int] = []
        for line in lines:
            key = (*line.all_chords.tolist(), *line.openable.tolist(), *line.vertices[0].tolist())
            if key not in known:
                known[key] = _fitted(line, limits, demand, offered, ground)
            answer = known[key]
            if isinstance(answer, Misfit):
                lanes = np.intersect1d(answer.chords, numbers[selection.openable]).tolist()
                gates += lanes
                refused += [] if lanes else answer.chords.tolist()
            else:
                fitted.append(answer)
        if not refused and not gates:
            return selection, _apart(fitted, demand, offered, ground)
        log.info("no units fit on %d chords, choosing again", len(refused) + len(gates))
        progress(STAGE, 0.5 + 0.4 * turn / MOST_ROUNDS, "choosing again, trees or walls in the way")
        graph = _without(graph, np.isin(found.number, refused), np.isin(found.number, gates))
    raise InfeasiblePlanError(
        f"units: after {MOST_ROUNDS} attempts furniture or narrow corners still leave no room on "
        "some line; allow wider gaps or move furniture"
    )


def _fitted(
    line: Line, limits: Limits, demand: Demand, offered: Offer, ground: Terrain
) -> FittedLine | Misfit:
    """Return the units of a line, without its detours where that costs no more."""
    straight = straightened(line, limits)
    answer = fit_line(straight, demand, offered, ground)
    if len(straight.members) == len(line.members):
        return answer
    winding = fit_line(line, demand, offered, ground)
    if isinstance(answer, Misfit) or isinstance(winding, Misfit):
        return winding if isinstance(answer, Misfit) else answer
    return answer if answer.price <= winding.price else winding


def _apart(
    fitted: list[FittedLine], demand: Demand, offered: Offer, ground: Terrain
) -> list[FittedLine]:
    """Return the lines with units of the later one moved where two lines stand in each other."""
    result: list[FittedLine] = []
    placed: list[Polygon] = []
    for line in fitted:
        shapes = np.array([unit.shape for unit in line.units], dtype=object)
        clash = shapely.STRtree(placed).query(shapes, predicate="intersects").size > 0
        answer = fit_line(line.line, demand, offered, ground, placed) if clash else line
        kept = line if isinstance(answer, Misfit) else answer
        result.append(kept)
        placed += [unit.shape for unit in kept.units]
    return result


def _without(graph: ChordGraph, refused: NDArray[np.bool_], gates: NDArray[np.bool_]) -> ChordGraph:
    """Return the graph without some chords, and without the crossings on others."""
    return replace(
        graph,
        cost_forth=np.where(refused, FORBIDDEN, graph.cost_forth),
        cost_back=np.where(refused, FORBIDDEN, graph.cost_back),
        gate_forth=np.where(refused | gates, FORBIDDEN, graph.gate_forth),
        gate_back=np.where(refused | gates, FORBIDDEN, graph.gate_back),
    )


def _selected(
    graph: ChordGraph, found: Candidates, surface: DrivableSurface, openable: int, *, refused: bool
) -> Selection:
    answer = cheapest_with_gates(graph, gates=openable, apart_m=GATES_APART_M)
    if isinstance(answer, TooFew):
        raise InfeasiblePlanError(
            f"openable crossings: {openable} asked for, {answer.possible} possible (a lane of "
            f"{LANE_WIDTH_M:g} m, {GATES_APART_M:g} m from the next, with a way for an engine to "
            f"it and on from it); ask for at most {answer.possible}"
        )
    if isinstance(answer, OutOfTime):
        raise InfeasiblePlanError(
            f"openable crossings: no plan with {openable} of them found in {answer.seconds:g} s; "
            "ask for fewer"
        )
    if isinstance(answer, Blocked):
        raise InfeasiblePlanError(_what_blocks(answer, found, surface, refused=refused))
    return answer


def _refuse_open_zone(surface: DrivableSurface, chords: Chords) -> None:
    """Raise where the zone itself lies on what stays open."""
    both = np.flatnonzero(chords.source & chords.sink)
    if len(both):
        corner = chords.mesh.vertices[chords.mesh.triangles[both[0]]].mean(axis=0)
        raise InfeasiblePlanError(
            f"zone: it reaches the edge of the data at {_place(corner)}, entry "
            f"{_entry_near(surface, corner)}, where vehicles come in; draw a smaller zone or a "
            "larger margin"
        )
    if not chords.sink.any():
        raise InfeasiblePlanError(
            "zone: nothing of it is drivable ground beside the streets that stay open; "
            "close one with --close, or move the zone"
        )


def _what_blocks(
    blocked: Blocked, found: Candidates, surface: DrivableSurface, *, refused: bool
) -> str:
    way = "; draw a smaller zone or a larger margin, or close the street with --close"
    if not len(blocked.chords):
        return f"zone: it touches what stays open{way}"
    number = found.number[blocked.chords]
    place = found.chords.ends[number].mean(axis=1)
    nearest = int(np.argmin(shapely.distance(shapely.points(place), surface.zone)))
    where = f"at {_place(place[nearest])}"
    if barred := barred_in_words(found, number, surface):
        return f"line: {barred}; move the crowd, allow heavier products, or ask for less"
    if refused:
        return f"units: none fit {where}, furniture or walls leave no room{way}"
    street = shapely.dwithin(shapely.points(place[nearest]), kept_open(surface), 1.0)
    if street:
        return f"zone: a street that stays open leads into it {where}{way}"
    return (
        f"zone: no line fits between it and the edge of the data {where}, entry "
        f"{_entry_near(surface, place[-1])}{way}"
    )


def _entry_near(surface: DrivableSurface, point: Floats) -> str:
    if surface.entries.empty:
        return "unknown"
    near = int(
        np.argmin(shapely.distance(surface.entries.geometry.to_numpy(), shapely.Point(point)))
    )
    row = surface.entries.iloc[near]
    return f"{row['entry_id']} ({row['street']})"


def _place(point: Floats) -> str:
    return f"({point[0]:.0f}, {point[1]:.0f})"


def _costs(found: Candidates, selection: Selection) -> tuple[float, float]:
    """Return chord cost and its bound, without the price that marks a last resort."""
    number = found.number[selection.chords]
    side = np.where(selection.forth, 0, 1)
    price = found.price[side, number]
    length = found.chords.length_m[number]
    short = (price >= SHORT_PRICE) & ~selection.openable
    extra = float((SHORT_PRICE + SHORT_PRICE_PER_M * length[short]).sum())
    cost = max(selection.cost * PRICE_UNIT - extra, 0.0)
    bound = max(min(selection.bound * PRICE_UNIT - extra, cost), 0.0)
    return round(cost, 2), round(bound, 2)
