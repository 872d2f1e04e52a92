"""Prepared candidates + wishes -> the cheapest selection on whose lines units fit."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import Polygon

from sbd.barriers.blocked import what_blocks
from sbd.barriers.chords import PRICE_UNIT
from sbd.barriers.cost import SHORT_PRICE, SHORT_PRICE_PER_M
from sbd.barriers.exits import more_asked
from sbd.barriers.fitting import FittedLine, Misfit, fit_line
from sbd.barriers.known import Known, Refusals
from sbd.barriers.lines import Line, trace_lines
from sbd.barriers.pinned_lanes import opens_what_stands, standing_first
from sbd.barriers.prepared import Prepared
from sbd.barriers.relax import refuse_wishes
from sbd.barriers.rows import Rows
from sbd.barriers.shortcuts import straightened
from sbd.barriers.too_weak import needs_last_resort, refuse_weakness
from sbd.barriers.turning import blocked_lanes, hopeless_lanes
from sbd.barriers.ways import ground_for, held_up
from sbd.errors import InfeasiblePlanError
from sbd.optimise.choice import TIME_LIMIT_S, OutOfTime, Unmet, cheapest_selection
from sbd.optimise.cut import Blocked, Selection
from sbd.optimise.kept import Kept
from sbd.optimise.network import FORBIDDEN, ChordGraph, repriced, without
from sbd.optimise.wishes import Wish
from sbd.progress import Progress, ignore

log = logging.getLogger(__name__)

STAGE = "barriers"
# A plan of last resort with wishes is looked for so long; then it is told what no product stops.
LAST_RESORT_S = 3.0
QUESTION_S = 5.0  # of each question what would help; one without answer counts as not possible
# Chords on which no row of units fits are taken out and the rest is chosen again.
MOST_ROUNDS = 200
BESIDE_M = 25.0  # from a lane that no engine turns through to others that are looked at with it


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A selection with its units, the wish it meets and the graph with what was learned of both."""

    selection: Selection
    lines: list[FittedLine]
    wish: Wish
    graph: ChordGraph


@dataclass(frozen=True, slots=True, eq=False)
class Refused:
    """No selection: what was found last, on which graph, for which wish; None: out of rounds."""

    answer: Blocked | Unmet | OutOfTime | None
    graph: ChordGraph
    wish: Wish
    turns: int


def fitted_selection(
    prepared: Prepared,
    *,
    known: Known | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    progress: Progress = ignore,
) -> Chosen:
    """Return the cheapest selection on whose lines units fit; what does not fit is taken out.

    Parameters
    ----------
    known : Known or None
        From choices for the same chords; filled here.

    Raises InfeasiblePlanError where the wishes can't be met, with what would help.
    """
    known = Known() if known is None else known
    graph, wish = prepared.graph, prepared.asked.wish
    start = known.refusals.on(graph)
    answer = searched(prepared, start, wish, known, time_limit_s=time_limit_s, progress=progress)
    if isinstance(answer, Refused) and start is not graph:
        answer = searched(
            prepared, graph, wish, known, time_limit_s=time_limit_s, progress=progress
        )
    if isinstance(answer, Refused):
        raise _refusal(prepared, answer, known)
    known.refusals = Refusals.of(graph, answer.graph)
    return answer


def searched(
    prepared: Prepared,
    graph: ChordGraph,
    wish: Wish,
    known: Known,
    *,
    time_limit_s: float,
    progress: Progress = ignore,
) -> Chosen | Refused:
    """Return the cheapest selection of a graph that meets a wish with its units, or why none does.

    A lane that no fire engine turns through is taken out like a chord on which no unit fits, and a
    chord on which people would be held up; where the gaps of the units let out fewer people than
    their chords promised, more is asked of the chords.
    """
    found, limits = prepared.found, prepared.limits
    asked = wish
    if prepared.request.access is not None:
        prepared = replace(prepared, terrain=ground_for(prepared.terrain, wish))
    for turn in range(MOST_ROUNDS):
        selection = _selected(prepared, graph, wish, time_limit_s, known.kept)
        if not isinstance(selection, Selection):
            return Refused(selection, graph, wish, turn)
        numbers = found.number[selection.chords]
        # What stands already is in the choice, and not drawn again.
        new = ~np.isin(numbers, list(found.chords.lanes))
        lines = trace_lines(
            found.chords,
            numbers[new],
            selection.forth[new],
            selection.openable[new],
            streets=limits.streets,
        )
        fitted, refused, gates = _fit_all(prepared, lines, numbers[selection.openable], known)
        if not refused and not gates:
            fitted = _apart(fitted, prepared, known.rows)
            if selection.openable.any():
                key = (*numbers.tolist(), *selection.openable.tolist())
                if key not in known.blocked:
                    access = prepared.request.access
                    middles = blocked_lanes(fitted, prepared.surface, access)
                    lanes = np.flatnonzero(selection.openable)
                    lane_m = graph.middle_m[selection.chords[lanes]]
                    nearest = [int(np.argmin(np.hypot(*(lane_m - m).T))) for m in middles]
                    known.blocked[key] = numbers[lanes[nearest]].tolist() if nearest else []
                gates = list(known.blocked[key])
        if not refused and not gates:
            gaps = [gap for n in numbers[~new].tolist() for gap in found.chords.lanes[n].gaps]
            taught = held_up(wish, found, fitted) or _more_exits(
                prepared, wish, asked, fitted, gaps
            )
            if taught is None:
                return Chosen(selection, fitted, wish, graph)
            wish = taught
        gates += _hopeless_beside(prepared, graph, gates, known.hopeless)
        log.info("%d chords without room, choosing again", len(refused) + len(gates))
        progress(STAGE, 0.5 + 0.4 * turn / MOST_ROUNDS, "choosing again, something is in the way")
        out = np.isin(found.number, refused)
        graph = without(graph, out, out | np.isin(found.number, gates))
    return Refused(None, graph, wish, MOST_ROUNDS)


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
    prepared: Prepared, graph: ChordGraph, wish: Wish, time_limit_s: float, kept: Kept | None = None
) -> Selection | Blocked | Unmet | OutOfTime:
    chains = repriced(graph, prepared.chains)
    limit_s = min(time_limit_s, LAST_RESORT_S) if _is_weak(graph, wish) else time_limit_s
    first = standing_first(prepared.found, graph, wish)
    if first is not None:
        answer = cheapest_selection(
            first,
            wish,
            chains=repriced(first, prepared.chains),
            kept=kept,
            time_limit_s=limit_s,
        )
        if isinstance(answer, Selection) and opens_what_stands(prepared.found, answer, wish):
            return answer
    return cheapest_selection(graph, wish, chains=chains, kept=kept, time_limit_s=limit_s)


def is_possible(prepared: Prepared, graph: ChordGraph, wish: Wish) -> bool:
    """Say whether chords alone meet a wish, units not looked at."""
    return isinstance(_selected(prepared, graph, wish, QUESTION_S), Selection)


def _is_weak(graph: ChordGraph, wish: Wish) -> bool:
    return (wish.gates > 0 or wish.asks_more) and needs_last_resort(graph)


def _refusal(prepared: Prepared, refused: Refused, known: Known) -> InfeasiblePlanError:
    """Return the error that says what is in the way, and what would help."""
    answer, graph = refused.answer, refused.graph
    if answer is None:
        return InfeasiblePlanError(
            f"units: after {MOST_ROUNDS} attempts furniture or narrow corners still leave no room "
            "on some line; allow wider gaps or move furniture"
        )
    if isinstance(answer, Blocked):
        return InfeasiblePlanError(
            what_blocks(answer, prepared.found, prepared.surface, refused=refused.turns > 0)
        )
    if _is_weak(graph, refused.wish):
        # Whatever else is in the way: without a stronger product no plan holds.
        told = refuse_weakness(prepared, graph)
        if told is not None:
            return told
    if isinstance(answer, OutOfTime):
        return InfeasiblePlanError(
            f"wishes: no plan that meets them found in {answer.seconds:g} s, and none ruled out; "
            "ask for less"
        )

    def possible(wish: Wish, *, drawn: bool) -> bool:
        if drawn:
            found = searched(prepared, graph, wish, known, time_limit_s=QUESTION_S)
            return isinstance(found, Chosen)
        return is_possible(prepared, graph, wish)

    plain = prepared.asked.wish
    asked = replace(refused.wish, exit_need_m=plain.exit_need_m, exits=plain.exits)
    return refuse_wishes(prepared.request, asked, possible)


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
        widths = tuple((d.desire_id, d.width_m) for d in prepared.terrain.desires)
        place = (*line.all_chords.tolist(), *line.openable.tolist(), *line.vertices[0].tolist())
        key = (widths, *place)
        if key not in known.lines:
            known.lines[key] = (
                _as_chosen(line, prepared, known.rows)
                if as_chosen
                else _fitted(line, prepared, known.rows)
            )
        answer = known.lines[key]
        if isinstance(answer, Misfit):
            openable = np.intersect1d(answer.chords, lanes).tolist()
            gates += openable
            refused += [] if openable else answer.chords.tolist()
        else:
            fitted.append(answer)
    return fitted, refused, gates


def _hopeless_beside(
    prepared: Prepared, graph: ChordGraph, blocked: list[int], known: dict[bytes, bool]
) -> list[int]:
    """Return chords near blocked lanes that can't have one either: so they need no round each."""
    found: list[int] = []
    number = prepared.found.number
    possible = np.minimum(graph.gate_forth, graph.gate_back) < FORBIDDEN
    normal = prepared.found.chords.normal_forth[number]
    for chord in blocked:
        here = graph.middle_m[np.searchsorted(number, chord)]
        near = np.flatnonzero(possible & (np.hypot(*(graph.middle_m - here).T) <= BESIDE_M))
        place = [middle.tobytes() for middle in graph.middle_m[near]]
        new = near[[middle not in known for middle in place]]
        heading = np.arctan2(normal[new, 1], normal[new, 0])
        access = prepared.request.access
        none = hopeless_lanes(graph.middle_m[new], heading, prepared.surface, access)
        asked = [middle for middle in place if middle not in known]
        known.update(zip(asked, none.tolist(), strict=True))
        found += number[near][[known[middle] for middle in place]].tolist()
    return found


def _more_exits(
    prepared: Prepared,
    wish: Wish,
    asked: Wish,
    fitted: list[FittedLine],
    gaps: Sequence[shapely.LineString],
) -> Wish | None:
    access = prepared.request.access
    if access is None or not asked.asks_exits:
        return None
    gap_min_m = prepared.request.gap_min_m
    return more_asked(wish, asked, prepared.found, fitted, gaps, access, gap_min_m)


def _as_chosen(
    line: Line, prepared: Prepared, rows: Rows, placed: Sequence[Polygon] = ()
) -> FittedLine | Misfit:
    setting = (prepared.demand, prepared.offered, prepared.terrain)
    return fit_line(line, *setting, placed, rows)


def _fitted(line: Line, prepared: Prepared, rows: Rows) -> FittedLine | Misfit:
    """Return the units of a line, without its detours where that costs no more."""
    straight = straightened(line, prepared.limits)
    answer = _as_chosen(straight, prepared, rows)
    if len(straight.members) == len(line.members):
        return answer
    winding = _as_chosen(line, prepared, rows)
    if isinstance(answer, Misfit) or isinstance(winding, Misfit):
        return winding if isinstance(answer, Misfit) else answer
    return min(answer, winding, key=lambda found: (len(found.narrow), found.price))


def _apart(fitted: list[FittedLine], prepared: Prepared, rows: Rows) -> list[FittedLine]:
    """Return the lines with units of the later one moved where two lines stand in each other."""
    result: list[FittedLine] = []
    placed: list[Polygon] = []
    for line in fitted:
        shapes = np.array([unit.shape for unit in line.units], dtype=object)
        clash = shapely.STRtree(placed).query(shapes, predicate="intersects").size > 0
        answer = _as_chosen(line.line, prepared, rows, placed) if clash else line
        kept = line if isinstance(answer, Misfit) else answer
        result.append(kept)
        placed += [unit.shape for unit in kept.units]
    return result
