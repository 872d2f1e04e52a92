"""A network of chains and wishes -> the cheapest selection, by MIP, with what proves it."""

import time
from dataclasses import dataclass

import highspy
import numpy as np

from sbd.optimise.cut import Blocked, Selection, minimum_cut, selection_of
from sbd.optimise.lazy import Answer, broken_rows, crowd_rows
from sbd.optimise.model import Model, Row
from sbd.optimise.network import SINK, SOURCE, ChainGraph, ChordGraph, Floats, compressed
from sbd.optimise.wishes import Wish

ROUNDING = 0.5  # a relaxed 0/1 answer above this counts as chosen
TIME_LIMIT_S = 30.0
# The rest of the time any plan will do that meets the wishes.
PROVING_SHARE = 0.8
SCALE = 1e-5  # prices are whole 1e-5 of a currency unit; the solver works best near 1
SOLVER_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,  # the same answer on every machine
    # HiGHS 1.14.0 did not come back from presolve on a real place, and is no faster with it here.
    "presolve": "off",
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-3,
}


@dataclass(frozen=True, slots=True)
class Unmet:
    """No selection meets the wishes, and that is proven."""


@dataclass(frozen=True, slots=True)
class TooFew:
    """There are not as many openable crossings as were asked for; `possible` were found at once."""

    possible: int


@dataclass(frozen=True, slots=True)
class OutOfTime:
    """Neither a selection nor a proof that there is none was found in time."""

    seconds: float


def cheapest_with_gates(
    graph: ChordGraph, *, gates: int, apart_m: float
) -> Selection | Blocked | TooFew | OutOfTime:
    """Return the cheapest selection with `gates` openable crossings that lead somewhere.

    No more than that, even where one more would be cheaper: each can be left open.

    Parameters
    ----------
    gates : int
        How many openable crossings are wanted; with 0 the minimum cut is the answer.
    apart_m : float
        Least distance between two of them: closer ones are one way in, not two. Each chain offers
        its cheapest place; the proof is of that offer.
    """
    chains = compressed(graph)
    for count in range(gates, -1, -1):
        answer = cheapest_selection(graph, Wish(gates=count, apart_m=apart_m), chains=chains)
        if not isinstance(answer, Unmet):
            break
    if count == gates or not isinstance(answer, Selection):
        return TooFew(0) if isinstance(answer, Unmet) else answer
    return TooFew(count)


def cheapest_selection(
    graph: ChordGraph,
    wish: Wish,
    *,
    chains: ChainGraph | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Selection | Blocked | Unmet | OutOfTime:
    """Return the cheapest selection that meets the wishes.

    A crossing counts only where an engine gets from the source to its outer side and from its
    inner side to the sink, both by wide chords with nothing placed on them. Such pockets are found
    in each solution and cut off by rows for every crossing on them, until none is left; places that
    have to be served, likewise, by ways that stay inside. Places that no way leads to today are not
    asked for (`sbd.optimise.roads.served_today` names them).

    Parameters
    ----------
    chains : ChainGraph or None
        Of the graph, with its prices, where they are known.
    time_limit_s : float
        After that the best selection found comes with its bound, which is then below its cost.
    """
    chains = compressed(graph) if chains is None else chains
    plain = minimum_cut(graph, chains=chains)
    if isinstance(plain, Blocked) or (wish.gates == 0 and not wish.asks_more):
        return plain
    model = Model(graph, chains, wish)
    answer = _solved(model, time_limit_s)
    if not isinstance(answer, Answer):
        return answer
    taken = answer.taken
    return selection_of(
        graph,
        model.options.chord[taken],
        price=model.options.cost[taken],
        gates=model.options.gate[taken],
        bound=max(answer.bound, plain.cost) if _plain_is_least(graph) else answer.bound,
    )


def _plain_is_least(graph: ChordGraph) -> bool:
    """Whether a plan without wishes costs no more: not where a crossing is cheaper than a row."""
    forth, back = graph.gate_forth >= graph.cost_forth, graph.gate_back >= graph.cost_back
    return bool((forth & back).all())


def _solved(model: Model, time_limit_s: float) -> Answer | OutOfTime | Unmet:
    """Return the best solution that breaks no row, written down before or not."""
    if model.wish.gates > 1 and model.wish.apart_m > 0:
        # One row a place keeps far fewer alternatives open than one row a pair would.
        model.rows += crowd_rows(model, model.place_m)
    solver = _solver(model)
    started_s = time.monotonic()
    bound, hurried = 0, False
    while (left_s := started_s + time_limit_s - time.monotonic()) > 0:
        proving_s = left_s - (1 - PROVING_SHARE) * time_limit_s
        if proving_s <= 0 and not hurried:
            hurried = True
            solver.setOptionValue("mip_rel_gap", highspy.kHighsInf)
        solver.setOptionValue(
            "time_limit", solver.getRunTime() + (left_s if hurried else proving_s)
        )
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return Unmet()
        info = solver.getInfo()
        # Rows only come in: what bounds an earlier model bounds all later ones.
        bound = max(bound, _bound(info.mip_dual_bound))
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            continue
        answer = _answer(model, np.array(solver.getSolution().col_value), bound)
        rows = broken_rows(model, answer)
        if not rows:
            return answer
        model.rows += rows
        for columns, factors, limit in rows:
            index = np.array(columns, dtype=np.int32)
            solver.addRow(-highspy.kHighsInf, limit, len(columns), index, np.array(factors))
    return OutOfTime(time_limit_s)


def _bound(dual: float) -> int:
    return int(np.floor(dual / SCALE)) if np.isfinite(dual) else 0


def _solver(model: Model) -> highspy.Highs:
    lower, upper = np.zeros(model.columns), np.ones(model.columns)
    upper[SOURCE], lower[SINK] = 0.0, 1.0
    rows: list[Row] = model.rows
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = model.columns, len(rows)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.prices() * SCALE, lower, upper
    lp.row_lower_ = np.full(len(rows), -highspy.kHighsInf)
    lp.row_upper_ = np.array([limit for _, _, limit in rows])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(c) for c, _, _ in rows])])
    lp.a_matrix_.index_ = np.concatenate([np.array(c, dtype=np.int32) for c, _, _ in rows])
    lp.a_matrix_.value_ = np.concatenate([np.array(f, dtype=float) for _, f, _ in rows])
    # x would be whole by itself, but HiGHS 1.14.0 calls wrong answers optimal where a real column
    # has one row (singleton stuffing in presolve, ERGO-Code/HiGHS issues 3043, 3073 and 3094).
    lp.integrality_ = [highspy.HighsVarType.kInteger] * model.columns
    solver = highspy.Highs()
    for option, value in SOLVER_OPTIONS.items():
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    return solver


def _answer(model: Model, values: Floats, bound: int) -> Answer:
    inside = values[: model.first] > ROUNDING
    crossed = ~inside[model.outer] & inside[model.inner]
    # Of what was taken on one chain the crossing counts, then the option the solver meant most.
    value = values[model.first : model.first_whole] + model.options.gate
    kept = np.flatnonzero(crossed & (values[model.first : model.first_whole] > ROUNDING))
    order = kept[np.lexsort((-value[kept], model.options.chain[kept]))]
    _, first = np.unique(model.options.chain[order], return_index=True)
    return Answer(inside, np.sort(order[first]), bound)
