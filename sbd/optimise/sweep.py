"""One network, many wishes -> the cheapest selection of each, from one model that is kept.

Wishes differ in how many crossings they ask and in how much ground they let enclose. Rows that one
of them taught hold for all, and the linear programme starts where the last one ended.
"""

from dataclasses import replace

import highspy
import numpy as np

from sbd.optimise.branching import Branching
from sbd.optimise.choice import OutOfTime, Unmet
from sbd.optimise.cut import Selection, selection_of
from sbd.optimise.lazy import Answer, broken_rows, crowd_rows
from sbd.optimise.model import Model, Row
from sbd.optimise.network import ChainGraph, ChordGraph
from sbd.optimise.solver import add_rows, solver_for
from sbd.optimise.wishes import Wish


class Sweep:
    """The wishes of one model.

    Parameters
    ----------
    wish : Wish
        What all of them ask; crossings and the limit on enclosed ground are given anew each time.
        A finite limit says that limits will be asked for. With services it matters whether `gates`
        is above 1: only then are crossings kept apart, for all.
    """

    def __init__(self, graph: ChordGraph, chains: ChainGraph, wish: Wish) -> None:
        self._model = Model(graph, chains, wish)
        self._area_row = len(self._model.rows) - 1
        if wish.apart_m > 0 and (wish.gates > 1 or not wish.services):
            self._model.rows += crowd_rows(self._model, self._model.place_m)
        self._scale_m2 = max(wish.enclosed_max_m2, 1.0)
        self._solver = _relaxed(self._model)
        self._branching = Branching(self._model, self._solver, self._learned)

    def cheapest(
        self, *, gates: int, enclosed_max_m2: float = np.inf, time_limit_s: float
    ) -> Selection | Unmet | OutOfTime:
        """Return the cheapest selection for so many crossings within so much ground.

        Parameters
        ----------
        time_limit_s : float
            Of computing in this thread, so that others on the machine change no answer. After it
            the best selection found comes with its bound.
        """
        self._ask(gates, enclosed_max_m2)
        found = self._branching.best(time_limit_s)
        if found.best is None:
            return Unmet() if found.is_done else OutOfTime(time_limit_s)
        options, taken = self._model.options, found.best.taken
        return selection_of(
            self._model.graph,
            options.chord[taken],
            price=options.cost[taken],
            gates=options.gate[taken],
            bound=found.best.bound,
        )

    def _ask(self, gates: int, enclosed_max_m2: float) -> None:
        model = self._model
        limits = [float(gates), -float(gates)][-len(model.counting) :]
        for row, limit in zip(model.counting, limits, strict=True):
            self._solver.changeRowBounds(row, -highspy.kHighsInf, limit)
        if model.wish.asks_area:
            limit = min(enclosed_max_m2 / self._scale_m2, highspy.kHighsInf)
            self._solver.changeRowBounds(self._area_row, -highspy.kHighsInf, limit)
        model.wish = replace(model.wish, gates=gates)

    def _learned(self, answer: Answer) -> list[Row]:
        rows = broken_rows(self._model, answer)
        add_rows(self._solver, rows)
        return rows


def _relaxed(model: Model) -> highspy.Highs:
    """Return a solver in which columns may be anything from 0 to 1."""
    solver = solver_for(model)
    programme = solver.getLp()
    programme.integrality_ = []
    solver.passModel(programme)
    solver.setOptionValue("solver", "simplex")
    return solver
