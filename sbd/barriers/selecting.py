"""Prepared candidates + wishes -> the cheapest selection on whose lines units fit."""

import logging
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import Polygon

from sbd.barriers.blocked import what_blocks
from sbd.barriers.chords import PRICE_UNIT
from sbd.barriers.cost import SHORT_PRICE, SHORT_PRICE_PER_M, Offer
from sbd.barriers.covers import clear_width_m
from sbd.barriers.demand import Demand
from sbd.barriers.fitting import FittedLine, Misfit, fit_line
from sbd.barriers.lines import Line, trace_lines
from sbd.barriers.prepared import Prepared
from sbd.barriers.relax import refuse_wishes
from sbd.barriers.runs import Terrain
from sbd.barriers.shortcuts import Limits, straightened
from sbd.barriers.turning import blocked_lanes, hopeless_lanes
from sbd.errors import InfeasiblePlanError
from sbd.optimise.choice import TIME_LIMIT_S, OutOfTime, Unmet, cheapest_selection
from sbd.optimise.cut import Blocked, Selection
from sbd.optimise.network import FORBIDDEN, Bools, ChordGraph, repriced
from sbd.optimise.wishes import Wish
from sbd.progress import Progress, ignore

log = logging.getLogger(__name__)

STAGE = "barriers"
# Chords on which no row of units fits are taken out and the rest is chosen again.
MOST_ROUNDS = 200
BESIDE_M = 25.0  # from a lane that no engine turns through to others that are looked at with it

Known = dict[tuple[object, ...], FittedLine | Misfit]


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A selection with its units."""

    selection: Selection
    lines: list[FittedLine]


def fitted_selection(
    prepared: Prepared,
    *,
    known: Known | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    progress: Progress = ignore,
) -> Chosen:
    """Return the cheapest selection on whose lines units fit; what does not fit is taken out.

    A lane that no fire engine turns through is taken out likewise; where the gaps of the units let
    out fewer people than their chords promised, more is asked of the chords.

    Parameters
    ----------
    known : dict or None
        Units of lines that were fitted before; filled here.

    Raises InfeasiblePlanError where the wishes can't be met, with what would help.
    """
    found, limits = prepared.found, prepared.limits
    graph, wish = prepared.graph, prepared.asked.wish
    known = {} if known is None else known
    turns: dict[tuple[object, ...], list[int]] = {}
    for turn in range(MOST_ROUNDS):
        selection = _selected(prepared, graph, wish, time_limit_s, refused=turn > 0)
        numbers = found.number[selection.chords]
        lines = trace_lines(
            found.chords, numbers, selection.forth, selection.openable, streets=limits.streets
        )
        fitted, refused, gates = _fit_all(prepared, lines, numbers[selection.openable], known)
        if not refused and not gates:
            fitted = _apart(fitted, prepared.demand, prepared.offered, prepared.terrain)
            if selection.openable.any():
                key = (*numbers.tolist(), *selection.openable.tolist())
                if key not in turns:
                    access = prepared.request.access
                    middles = blocked_lanes(fitted, prepared.surface, access)
                    lanes = np.flatnonzero(selection.openable)
                    lane_m = graph.middle_m[selection.chords[lanes]]
                    nearest = [int(np.argmin(np.hypot(*(lane_m - m).T))) for m in middles]
                    turns[key] = numbers[lanes[nearest]].tolist() if nearest else []
                gates = list(turns[key])
        if not refused and not gates:
            short_m = _exits_short_m(prepared, fitted)
            if short_m <= 0:
                return Chosen(selection, fitted)
            wish = replace(wish, exit_need_m=wish.exit_need_m + max(short_m, 0.5))
        gates += _hopeless_beside(prepared, graph, gates)
        log.info("%d chords without room, choosing again", len(refused) + len(gates))
        progress(STAGE, 0.5 + 0.4 * turn / MOST_ROUNDS, "choosing again, something is in the way")
        graph = _without(graph, np.isin(found.number, refused), np.isin(found.number, gates))
    raise InfeasiblePlanError(
        f"units: after {MOST_ROUNDS} attempts furniture or narrow corners still leave no room on "
        "some line; allow wider gaps or move furniture"
    )


def costs_of(prepared: Prepared, selection: Selection) -> tuple[float, float]:
    """Return chord cost and its bound, without the price that marks a last resort."""
    found = prepared.found
    number = found.number[selection.chords]
    side = np.where(selection.forth, 0, 1)
    price = found.price[side, number]
    length = found.chords.length_m[number]
    short = (price >= SHORT_PRICE) & ~selection.openable
    extra = float((SHORT_PRICE + SHORT_PRICE_PER_M * length[short]).sum())
    cost = max(selection.cost * PRICE_UNIT - extra, 0.0)
    bound = max(min(selection.bound * PRICE_UNIT - extra, cost), 0.0)
    return round(cost, 2), round(bound, 2)


def _selected(
    prepared: Prepared, graph: ChordGraph, wish: Wish, time_limit_s: float, *, refused: bool
) -> Selection:
    chains = repriced(graph, prepared.chains)
    answer = cheapest_selection(graph, wish, chains=chains, time_limit_s=time_limit_s)
    if isinstance(answer, Blocked):
        blocked = what_blocks(answer, prepared.found, prepared.surface, refused=refused)
        raise InfeasiblePlanError(blocked)
    if isinstance(answer, Unmet):
        raise refuse_wishes(graph, chains, prepared.request, wish)
    if isinstance(answer, OutOfTime):
        raise InfeasiblePlanError(
            f"wishes: no plan that meets them found in {answer.seconds:g} s, and none ruled out; "
            "ask for less"
        )
    return answer


def _fit_all(
    prepared: Prepared, lines: list[Line], lanes: np.ndarray, known: Known
) -> tuple[list[FittedLine], list[int], list[int]]:
    """Return fitted lines, chords on which nothing fits, and those on which no lane does."""
    fitted: list[FittedLine] = []
    refused: list[int] = []
    gates: list[int] = []
    # A line that cuts corners may enclose more than its chords do.
    as_chosen = prepared.asked.wish.asks_area
    for line in lines:
        key = (*line.all_chords.tolist(), *line.openable.tolist(), *line.vertices[0].tolist())
        if key not in known:
            setting = (prepared.demand, prepared.offered, prepared.terrain)
            known[key] = (
                fit_line(line, *setting) if as_chosen else _fitted(line, prepared.limits, *setting)
            )
        answer = known[key]
        if isinstance(answer, Misfit):
            openable = np.intersect1d(answer.chords, lanes).tolist()
            gates += openable
            refused += [] if openable else answer.chords.tolist()
        else:
            fitted.append(answer)
    return fitted, refused, gates


def _hopeless_beside(prepared: Prepared, graph: ChordGraph, blocked: list[int]) -> list[int]:
    """Return chords near blocked lanes that can't have one either: so they need no round each."""
    found: list[int] = []
    number = prepared.found.number
    possible = np.minimum(graph.gate_forth, graph.gate_back) < FORBIDDEN
    normal = prepared.found.chords.normal_forth[number]
    for chord in blocked:
        here = graph.middle_m[np.searchsorted(number, chord)]
        near = possible & (np.hypot(*(graph.middle_m - here).T) <= BESIDE_M)
        heading = np.arctan2(normal[near, 1], normal[near, 0])
        access = prepared.request.access
        none = hopeless_lanes(graph.middle_m[near], heading, prepared.surface, access)
        found += number[near][none].tolist()
    return found


def _exits_short_m(prepared: Prepared, fitted: list[FittedLine]) -> float:
    need_m = prepared.asked.wish.exit_need_m
    if not need_m or prepared.request.access is None:
        return 0.0
    least_m = max(prepared.request.access.clear_width_m, prepared.request.gap_min_m)
    return need_m - clear_width_m(fitted, least_m)


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
    return min(answer, winding, key=lambda found: (len(found.narrow), found.price))


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


def _without(graph: ChordGraph, refused: Bools, gates: Bools) -> ChordGraph:
    """Return the graph without some chords, and without the crossings on others."""
    return replace(
        graph,
        cost_forth=np.where(refused, FORBIDDEN, graph.cost_forth),
        cost_back=np.where(refused, FORBIDDEN, graph.cost_back),
        gate_forth=np.where(refused | gates, FORBIDDEN, graph.gate_forth),
        gate_back=np.where(refused | gates, FORBIDDEN, graph.gate_back),
    )
