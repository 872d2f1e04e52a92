"""A network of chains and a wish for openable crossings -> the cheapest selection, by MIP."""

import time
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from sbd.optimise.cut import Blocked, Selection, minimum_cut, selection_from_chains
from sbd.optimise.network import (
    FORBIDDEN,
    SINK,
    SOURCE,
    ChainGraph,
    ChordGraph,
    Ints,
    compressed,
)

ROUNDING = 0.5  # a relaxed 0/1 answer above this counts as chosen
TIME_LIMIT_S = 30.0
SCALE = 1e-5  # prices are whole 1e-5 of a currency unit; the solver works best near 1
SOLVER_OPTIONS: dict[str, bool | int | float] = {
    "output_flag": False,
    "threads": 1,  # the same answer on every machine
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-3,
}

_Row = tuple[list[int], list[float], float]  # columns, factors, upper limit


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

    A crossing counts only where an engine gets from the source to its outer side and from its
    inner side to the sink, both by wide chords with nothing placed on them. Such pockets are found
    in each solution and cut off by rows for every crossing on them, until none is left.

    Parameters
    ----------
    gates : int
        How many openable crossings are wanted; with 0 the minimum cut is the answer.
    apart_m : float
        Least distance between two of them: closer ones are one way in, not two. Each chain offers
        its cheapest place; the proof is of that offer.
    """
    plain = minimum_cut(graph)
    if gates == 0 or isinstance(plain, Blocked):
        return plain
    model = _Model(graph, compressed(graph), apart_m)
    deadline_s = time.monotonic() + TIME_LIMIT_S
    answer = _solved(model, gates, deadline_s)
    if isinstance(answer, OutOfTime):
        return answer
    if answer is None:
        fewer = (_solved(model, count, deadline_s) for count in range(gates - 1, 0, -1))
        found = next((a for a in fewer if isinstance(a, _Answer)), None)
        return TooFew(0 if found is None else int(found.is_gate.sum()))
    # The plan without crossings costs less: its proven cost is a bound here as well.
    bound = max(answer.bound, plain.cost)
    return selection_from_chains(
        graph, model.chains, answer.cut, answer.reverse, bound=bound, gates=answer.is_gate
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    inside: NDArray[np.bool_]
    cut: Ints
    reverse: NDArray[np.bool_]
    is_gate: NDArray[np.bool_]
    bound: int


class _Model:
    """Columns: y of each junction, then x forth, x back, then a gate for each chain direction."""

    def __init__(self, graph: ChordGraph, chains: ChainGraph, apart_m: float) -> None:
        self.chains = chains
        self.apart_m = apart_m
        self.size = len(chains.tail)
        can_gate = np.concatenate([chains.gate_forth, chains.gate_back]) < FORBIDDEN
        self.gate_slot = np.flatnonzero(can_gate)  # chain + size * (direction is back)
        self.gate_chain = self.gate_slot % self.size
        self.gate_reverse = self.gate_slot >= self.size
        self.outer = np.where(
            self.gate_reverse, chains.head[self.gate_chain], chains.tail[self.gate_chain]
        )
        self.inner = np.where(
            self.gate_reverse, chains.tail[self.gate_chain], chains.head[self.gate_chain]
        )
        gate_chord = np.concatenate([chains.gate_chord_forth, chains.gate_chord_back])
        self.place_m = graph.middle_m[gate_chord[self.gate_slot]]
        self.first_x = chains.junction_count
        self.first_gate = self.first_x + 2 * self.size
        self.columns = self.first_gate + len(self.gate_slot)
        self.rows: list[_Row] = [*self._separation(), *self._crossing(), *self._crowds()]

    def prices(self) -> NDArray[np.float64]:
        chains = self.chains
        cost = np.zeros(self.columns)
        cost[self.first_x : self.first_gate] = np.concatenate([chains.cost_forth, chains.cost_back])
        gate = np.concatenate([chains.gate_forth, chains.gate_back])
        cost[self.first_gate :] = gate[self.gate_slot]
        return cost

    def _separation(self) -> list[_Row]:
        gate_of = {int(slot): k for k, slot in enumerate(self.gate_slot)}
        rows: list[_Row] = []
        for chain in range(self.size):
            a, b = int(self.chains.tail[chain]), int(self.chains.head[chain])
            for slot, near, far in ((chain, a, b), (chain + self.size, b, a)):
                # y_far - y_near - x - g <= 0
                columns, factors = [far, near, self.first_x + slot], [1.0, -1.0, -1.0]
                if slot in gate_of:
                    columns.append(self.first_gate + gate_of[slot])
                    factors.append(-1.0)
                rows.append((columns, factors, 0.0))
        return rows

    def _crossing(self) -> list[_Row]:
        rows: list[_Row] = []
        for k in range(len(self.gate_slot)):
            gate = self.first_gate + k
            rows.append(([gate, int(self.inner[k])], [1.0, -1.0], 0.0))
            rows.append(([gate, int(self.outer[k])], [1.0, 1.0], 1.0))
        return rows

    def _crowds(self) -> list[_Row]:
        # One row a place keeps far fewer alternatives open than one row a pair would.
        return self._crowd_rows(self.place_m)

    def crowded_rows(self, answer: _Answer) -> list[_Row]:
        """Return rows around the places between gates that are too close to each other."""
        chosen = self.place_m[self._chosen(answer)]
        pairs = KDTree(chosen).query_pairs(self.apart_m * (1 - 1e-9)) if len(chosen) else set()
        return self._crowd_rows(np.array([chosen[[a, b]].mean(axis=0) for a, b in sorted(pairs)]))

    def _crowd_rows(self, centres: NDArray[np.float64]) -> list[_Row]:
        """Let at most one gate be within half the distance of each centre."""
        if not len(centres) or not len(self.place_m):
            return []
        crowds = KDTree(self.place_m).query_ball_point(centres, 0.5 * self.apart_m)
        distinct = sorted({tuple(sorted(crowd)) for crowd in crowds if len(crowd) > 1})
        return [
            ([self.first_gate + k for k in crowd], [1.0] * len(crowd), 1.0) for crowd in distinct
        ]

    def _chosen(self, answer: _Answer) -> list[int]:
        wanted = {
            int(chain) + self.size * int(back)
            for chain, back, gate in zip(answer.cut, answer.reverse, answer.is_gate, strict=True)
            if gate
        }
        return [k for k, slot in enumerate(self.gate_slot.tolist()) if slot in wanted]

    def pocket_rows(self, answer: _Answer) -> list[_Row]:
        """Return the rows that a gate onto a sealed pocket breaks; none where all lead on."""
        chains = self.chains
        inside = answer.inside
        rows: list[_Row] = []
        chosen = self._chosen(answer)
        for side, ends, terminal in ((False, self.outer, SOURCE), (True, self.inner, SINK)):
            same = chains.wide & (inside[chains.tail] == side) & (inside[chains.head] == side)
            part = _parts(chains.junction_count, chains.tail[same], chains.head[same])
            sealed = {int(part[ends[k]]) for k in chosen if part[ends[k]] != part[terminal]}
            for pocket in sorted(sealed):
                # On one side of the cut only: the other side may share no number with it.
                member = (part == pocket) & (inside == side)
                rows += self._pocket(member, ends, side=side)
        return rows

    def _pocket(self, member: NDArray[np.bool_], ends: Ints, *, side: bool) -> list[_Row]:
        chains = self.chains
        leaves = chains.wide & (member[chains.tail] != member[chains.head])
        around = np.unique(
            np.where(member[chains.tail[leaves]], chains.head[leaves], chains.tail[leaves])
        )
        rows: list[_Row] = []
        for k in np.flatnonzero(member[ends]).tolist():
            columns = [self.first_gate + k, *around.tolist()]
            # outer: g + sum y <= |N|      inner: g - sum y <= 0
            factors = [1.0] + [-1.0 if side else 1.0] * len(around)
            rows.append((columns, factors, 0.0 if side else float(len(around))))
        return rows


def _parts(count: int, tail: Ints, head: Ints) -> Ints:
    ones = np.ones(len(tail), dtype=np.int8)
    _, part = connected_components(coo_array((ones, (tail, head)), shape=(count, count)), False)
    return np.asarray(part, dtype=np.int64)


def _solved(model: _Model, gates: int, deadline_s: float) -> _Answer | OutOfTime | None:
    """Return the best selection with that many gates; None where there is none.

    No gate is on a pocket or too close to another: rows for that are added as they are needed.
    """
    solver = _solver(model, gates)
    while (left_s := deadline_s - time.monotonic()) > 0:
        solver.setOptionValue("time_limit", solver.getRunTime() + left_s)
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return None
        info = solver.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            break
        bound = int(np.floor(info.mip_dual_bound / SCALE))
        answer = _answer(model, np.array(solver.getSolution().col_value), bound)
        rows = [*model.pocket_rows(answer), *model.crowded_rows(answer)]
        if not rows:
            return answer
        model.rows += rows
        for columns, factors, limit in rows:
            index = np.array(columns, dtype=np.int32)
            solver.addRow(-highspy.kHighsInf, limit, len(columns), index, np.array(factors))
    return OutOfTime(TIME_LIMIT_S)


def _solver(model: _Model, gates: int) -> highspy.Highs:
    cost = model.prices() * SCALE
    never = cost >= FORBIDDEN * SCALE
    upper = np.where(never, 0.0, 1.0)
    lower = np.zeros(model.columns)
    upper[SOURCE], lower[SINK] = 0.0, 1.0
    every = list(range(model.first_gate, model.columns))
    rows = [
        *model.rows,
        (every, [1.0] * len(every), float(gates)),
        (every, [-1.0] * len(every), float(-gates)),
    ]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = model.columns, len(rows)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.where(never, 0.0, cost), lower, upper
    lp.row_lower_ = np.full(len(rows), -highspy.kHighsInf)
    lp.row_upper_ = np.array([limit for _, _, limit in rows])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(c) for c, _, _ in rows])])
    lp.a_matrix_.index_ = np.concatenate([np.array(c, dtype=np.int32) for c, _, _ in rows])
    lp.a_matrix_.value_ = np.concatenate([np.array(f) for _, f, _ in rows])
    # x would be whole by itself, but HiGHS 1.14.0 calls wrong answers optimal where a real column
    # has one row (singleton stuffing in presolve, ERGO-Code/HiGHS issues 3043, 3073 and 3094).
    lp.integrality_ = [highspy.HighsVarType.kInteger] * model.columns
    solver = highspy.Highs()
    for option, value in SOLVER_OPTIONS.items():
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    return solver


def _answer(model: _Model, values: NDArray[np.float64], bound: int) -> _Answer:
    chains = model.chains
    inside = values[: chains.junction_count] > ROUNDING
    forth = ~inside[chains.tail] & inside[chains.head]
    back = inside[chains.tail] & ~inside[chains.head]
    gated = np.zeros(model.size, dtype=bool)
    gated[model.gate_chain[values[model.first_gate :] > ROUNDING]] = True
    cut = np.flatnonzero(forth | back)
    return _Answer(inside, cut, back[cut], gated[cut], bound)
