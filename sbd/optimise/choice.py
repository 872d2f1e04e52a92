"""A network of chains and a wish for openable crossings -> the cheapest selection, by MIP."""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sbd.errors import FieldError
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
MOST_ROUNDS = 50  # each round cuts a pocket off; a real place needs none to two

_Row = tuple[list[int], list[float], float]  # columns, factors, upper limit


@dataclass(frozen=True, slots=True)
class TooFew:
    """There are not as many openable crossings as were asked for; `possible` can be had at once."""

    possible: int


def cheapest_with_gates(graph: ChordGraph, *, gates: int) -> Selection | Blocked | TooFew:
    """Return the cheapest selection with at least `gates` openable crossings that lead somewhere.

    A crossing counts only where an engine gets from the source to its outer side and from its
    inner side to the sink, both by wide chords with nothing placed on them. Such pockets are found
    in each solution and cut off by rows for every crossing on them, until none is left.

    Parameters
    ----------
    gates : int
        How many openable crossings are wanted at least; with 0 the minimum cut is the answer.
    """
    plain = minimum_cut(graph)
    if gates == 0 or isinstance(plain, Blocked):
        return plain
    model = _Model(compressed(graph))
    answer = _solved(model, at_least=gates, most_gates=False)
    if answer is None:
        widest = _solved(model, at_least=0, most_gates=True)
        return TooFew(0 if widest is None else int(widest.is_gate.sum()))
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

    def __init__(self, chains: ChainGraph) -> None:
        self.chains = chains
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
        self.first_x = chains.junction_count
        self.first_gate = self.first_x + 2 * self.size
        self.columns = self.first_gate + len(self.gate_slot)
        self.rows: list[_Row] = [*self._separation(), *self._crossing()]

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

    def pocket_rows(self, answer: _Answer) -> list[_Row]:
        """Return the rows that a gate onto a sealed pocket breaks; none where all lead on."""
        chains = self.chains
        inside = answer.inside
        rows: list[_Row] = []
        chosen = {
            (int(c), bool(r))
            for c, r, g in zip(answer.cut, answer.reverse, answer.is_gate, strict=True)
            if g
        }
        for side, ends, terminal in ((False, self.outer, SOURCE), (True, self.inner, SINK)):
            same = chains.wide & (inside[chains.tail] == side) & (inside[chains.head] == side)
            part = _parts(chains.junction_count, chains.tail[same], chains.head[same])
            sealed = {
                int(part[ends[k]])
                for k in range(len(ends))
                if (int(self.gate_chain[k]), bool(self.gate_reverse[k])) in chosen
                and part[ends[k]] != part[terminal]
            }
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


def _solved(model: _Model, *, at_least: int, most_gates: bool) -> _Answer | None:
    """Return the best selection that leaves no gate on a pocket; None where there is none."""
    scale = 1e-5  # prices are whole 1e-5 of a currency unit; the solver works best near 1
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", TIME_LIMIT_S)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 1e-3)
    cost = model.prices() * scale
    lower, upper = np.zeros(model.columns), np.ones(model.columns)
    upper[SOURCE], lower[SINK] = 0.0, 1.0
    upper[model.first_x : model.first_gate][
        cost[model.first_x : model.first_gate] >= FORBIDDEN * scale
    ] = 0.0
    cost[cost >= FORBIDDEN * scale] = 0.0
    if most_gates:
        cost[:] = 0.0
        cost[model.first_gate :] = -1.0
    whole = np.ones(model.columns, dtype=bool)
    whole[model.first_x : model.first_gate] = False
    solver.passModel(_lp(model, cost, lower, upper, whole, at_least))
    for _ in range(MOST_ROUNDS):
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        values = np.array(solver.getSolution().col_value)
        if (
            len(values) != model.columns
            or solver.getInfo().primal_solution_status
            != highspy.SolutionStatus.kSolutionStatusFeasible
        ):
            raise FieldError(
                f"choice: no plan within {TIME_LIMIT_S:g} s; ask for fewer openable crossings"
            )
        bound = 0 if most_gates else int(np.floor(solver.getInfo().mip_dual_bound / scale))
        answer = _answer(model, values, bound)
        rows = model.pocket_rows(answer)
        if not rows:
            return answer
        model.rows += rows
        for columns, factors, limit in rows:
            solver.addRow(
                -highspy.kHighsInf,
                limit,
                len(columns),
                np.array(columns, np.int32),
                np.array(factors),
            )
    raise FieldError(f"choice: still a gate on a pocket after {MOST_ROUNDS} rounds; report this")


def _lp(
    model: _Model,
    cost: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    whole: NDArray[np.bool_],
    at_least: int,
) -> highspy.HighsLp:
    gates = list(range(model.first_gate, model.columns))
    rows = [*model.rows, (gates, [-1.0] * len(gates), float(-at_least))]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = model.columns, len(rows)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
    lp.row_lower_ = np.full(len(rows), -highspy.kHighsInf)
    lp.row_upper_ = np.array([limit for _, _, limit in rows])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(c) for c, _, _ in rows])])
    lp.a_matrix_.index_ = np.concatenate([np.array(c, dtype=np.int32) for c, _, _ in rows])
    lp.a_matrix_.value_ = np.concatenate([np.array(f) for _, f, _ in rows])
    lp.integrality_ = [
        highspy.HighsVarType.kInteger if w else highspy.HighsVarType.kContinuous for w in whole
    ]
    return lp


def _answer(model: _Model, values: NDArray[np.float64], bound: int) -> _Answer:
    chains = model.chains
    inside = values[: chains.junction_count] > ROUNDING
    forth = ~inside[chains.tail] & inside[chains.head]
    back = inside[chains.tail] & ~inside[chains.head]
    gated = np.zeros(model.size, dtype=bool)
    gated[model.gate_chain[values[model.first_gate :] > ROUNDING]] = True
    cut = np.flatnonzero(forth | back)
    return _Answer(inside, cut, back[cut], gated[cut], bound)
