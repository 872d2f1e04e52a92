"""A relaxed solver whose answers are whole or nearly so -> the best whole answer, and its bound.

Searching through the few columns that are not whole takes less time than a MIP solver needs to
begin: each linear programme starts where the last one ended.
"""

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import highspy
import numpy as np

from sbd.errors import FieldError
from sbd.optimise.lazy import Answer
from sbd.optimise.model import Model, Row
from sbd.optimise.network import Floats
from sbd.optimise.solver import SCALE, answer_of

WHOLE = 1e-6  # a value this near to a whole number is one
SAME_COST = 1e-3  # of the currency, as the MIP solver is told
ROUND_OFF_COST = 1e-4  # bounds are lowered by this: sums of floating numbers are right to less
# After that share of the time without a whole answer the search goes deep instead of wide.
WIDE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found: `best` is None where no whole answer was; `is_done` where none is left."""

    best: Answer | None
    is_done: bool


@dataclass(frozen=True, slots=True, order=True)
class _Node:
    """Columns held at 0 or 1, and what no whole answer there is below; the latest comes first."""

    least: float
    latest: int
    held: dict[int, float] = field(compare=False)


class Branching:
    """A search over the columns of a relaxed solver; it leaves the solver's bounds as they were.

    Parameters
    ----------
    learned : function
        Writes the rows that an answer breaks into the solver, and returns them.
    """

    def __init__(
        self, model: Model, solver: highspy.Highs, learned: Callable[[Answer], list[Row]]
    ) -> None:
        self._model, self._solver, self._learned = model, solver, learned
        free = solver.getLp()
        self._lower, self._upper = np.array(free.col_lower_), np.array(free.col_upper_)
        self._held: dict[int, float] = {}

    def best(self, time_limit_s: float) -> Searched:
        """Return the best whole answer within so much computing time of this thread."""
        started_s = time.thread_time()
        best: Answer | None = None
        cost, left, count = np.inf, [_Node(0.0, 0, {})], 0
        while left and left[0].least < cost - SAME_COST:
            used_s = time.thread_time() - started_s
            if used_s > time_limit_s:
                break
            # The lowest first, which proves most. Without an answer and with little time: deeper.
            hurried = best is None and used_s > WIDE_SHARE * time_limit_s
            node = max(left, key=lambda n: len(n.held)) if hurried else left[0]
            left.remove(node)
            heapq.heapify(left)
            least, values = self._solved(node.held, cost)
            if least >= cost - SAME_COST:
                continue
            column = self._split(values)
            if column is None:
                best, cost = answer_of(self._model, values, 0), least
                continue
            near = float(round(values[column]))
            for at in (1.0 - near, near):
                count += 1
                heapq.heappush(left, _Node(least, -count, {**node.held, column: at}))
        self._hold({})
        is_done = not left or left[0].least >= cost - SAME_COST
        return Searched(None if best is None else self._bounded(best, cost, left), is_done)

    def _bounded(self, best: Answer, cost: float, left: list[_Node]) -> Answer:
        least = min(cost, left[0].least) if left else cost
        bound = max(int(np.floor((least - ROUND_OFF_COST) / SCALE)), 0)
        price = int(self._model.options.cost[best.taken].sum())
        return Answer(best.inside, best.taken, min(bound, price))

    def _solved(self, held: dict[int, float], cost: float) -> tuple[float, Floats]:
        """Return cost and values with some columns held; inf where that is not possible.

        A whole answer that breaks rows which nobody wrote down before gets them.
        """
        self._hold(held)
        while True:
            least = self._run()
            if least >= cost - SAME_COST:
                return least, np.zeros(0)
            values = np.array(self._solver.getSolution().col_value)
            if self._split(values) is not None:
                return least, values
            if not self._learned(answer_of(self._model, values, 0)):
                return least, values

    def _run(self) -> float:
        status = highspy.HighsModelStatus
        for _ in range(2):
            self._solver.run()
            found = self._solver.getModelStatus()
            if found == status.kInfeasible:
                return np.inf
            if found == status.kOptimal:
                return float(self._solver.getInfo().objective_function_value)
            self._solver.clearSolver()  # from the start, where the last end is no good beginning
        raise FieldError(f"search: the solver answered {found}; report this with the site file")

    def _hold(self, held: dict[int, float]) -> None:
        for column in [column for column in self._held if column not in held]:
            lower, upper = float(self._lower[column]), float(self._upper[column])
            self._solver.changeColBounds(column, lower, upper)
        for column, at in held.items():
            if self._held.get(column) != at:
                self._solver.changeColBounds(column, at, at)
        self._held = held

    def _split(self, values: Floats) -> int | None:
        """Return the column to decide next, junctions first, then crossings; None: all are whole.

        What is inside settles most: a crossing that is ruled out has others beside it. Whether a
        chain is wholly inside follows from the others.
        """
        model = self._model
        off = np.abs(values[: model.first_whole] - np.round(values[: model.first_whole]))
        for columns in (
            np.arange(model.first),
            model.first + model.gates,
            np.arange(model.first, model.first_whole),
        ):
            if len(columns) and off[columns].max() > WHOLE:
                return int(columns[np.argmax(off[columns])])
        return None
