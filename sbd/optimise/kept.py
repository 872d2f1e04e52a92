"""A model that is kept -> answers for networks that differ in prices only, each from the last one.

Rows that one answer taught hold for the next, and the linear programme starts where it ended.
Crowds of crossings are told anew: where a chain's crossing stands changes with prices.
"""

from dataclasses import fields, replace

import highspy
import numpy as np

from sbd.optimise.branching import Branching, Searched
from sbd.optimise.lazy import Answer, broken_rows, crowd_rows
from sbd.optimise.model import Model, Row
from sbd.optimise.network import FORBIDDEN, Bools, ChainGraph, ChordGraph, Ints
from sbd.optimise.options import Options, cheapest_options, worthwhile_options
from sbd.optimise.solver import SCALE, add_rows, answer_of, bound_of, solver_for
from sbd.optimise.wishes import Wish

WHOLE = 1e-6  # a value this near to a whole number is one


class Kept:
    """The model of the wish that was asked last, and what its answers taught.

    `ask` comes before everything else. One caller at a time.
    """

    def __init__(self) -> None:
        self._model: Model | None = None
        self._wish = Wish()
        self._shut: Bools = np.zeros(0, dtype=bool)
        self._crowds: dict[tuple[int, ...], Row] = {}
        self._crowd_row: dict[tuple[int, ...], int] = {}
        self.is_infeasible = False

    @property
    def model(self) -> Model:
        """What was asked last."""
        if self._model is None:
            raise ValueError("nothing was asked yet")
        return self._model

    def ask(self, graph: ChordGraph, chains: ChainGraph, wish: Wish) -> None:
        """Turn to a network and a wish; what is known stays where only prices differ."""
        self.is_infeasible = False
        options = self._same_options(graph, chains, wish)
        if options is None or self._model is None:
            self._begin(Model(graph, chains, wish), wish)
        else:
            model = self._model
            model.graph, model.chains = graph, chains
            self._shut = options.cost >= FORBIDDEN
            model.options = replace(options, cost=np.where(self._shut, 0, options.cost))
            model.place_m = graph.middle_m[options.chord[model.gates]]
            self._price()
        self._tell_crowds()

    def relaxed(self, time_limit_s: float) -> Answer | None:
        """Return the best answer where the linear programme has a whole one; None where not.

        Where it has none at all, `is_infeasible` says so.
        """
        solver = self._solver
        solver.setOptionValue("time_limit", solver.getRunTime() + time_limit_s)
        while self._is_solved():
            values = np.array(solver.getSolution().col_value)
            chosen = values[: self.model.first_whole]
            if np.abs(chosen - np.round(chosen)).max(initial=0.0) > WHOLE:
                return None
            least = bound_of(solver.getInfo().objective_function_value)
            answer = answer_of(self.model, values, least)
            if not self.learned(answer):
                cost = int(self.model.options.cost[answer.taken].sum())
                return replace(answer, bound=min(answer.bound, cost))
        return None

    def searched(self, time_limit_s: float) -> Searched:
        """Return the best whole answer near one that is not, within so much computing time."""
        self._solver.setOptionValue("time_limit", highspy.kHighsInf)
        return Branching(self.model, self._solver, self.learned).best(time_limit_s)

    def _is_solved(self) -> bool:
        """Solve the linear programme; from the start, where the last end is no good beginning."""
        status = highspy.HighsModelStatus
        self._solver.run()
        if self._solver.getModelStatus() not in (status.kOptimal, status.kInfeasible):
            self._solver.clearSolver()
            self._solver.run()
        found = self._solver.getModelStatus()
        self.is_infeasible = found == status.kInfeasible
        return bool(found == status.kOptimal)

    def whole_solver(self) -> highspy.Highs:
        """Return a solver of the same in whole numbers."""
        model = self.model
        known, model.rows = model.rows, [*model.rows, *self._crowds.values()]
        solver = solver_for(model)
        model.rows = known
        shut = (model.first + np.flatnonzero(self._shut)).astype(np.int32)
        none = np.zeros(len(shut))
        solver.changeColsBounds(len(shut), shut, none, none)
        return solver

    def learned(self, answer: Answer) -> list[Row]:
        """Return the rows that an answer breaks and nobody wrote down before; they are now."""
        rows = broken_rows(self.model, answer)
        self._write(rows)
        return rows

    def _same_options(self, graph: ChordGraph, chains: ChainGraph, wish: Wish) -> Options | None:
        """Return the options of a network for the columns there are; None where they differ."""
        model = self._model
        if model is None or chains.members is not model.chains.members:
            return None
        if not _asks_the_same(wish, self._wish):
            return None
        known = model.options
        if wish.asks_more:
            found = worthwhile_options(graph, chains, model.wish, model.places, model.reach)
            alike = len(found.chord) == len(known.chord) and bool(
                (_place(found, chains) == _place(known, chains)).all()
                and (found.chord == known.chord).all()
            )
            return found if alike else None
        found = cheapest_options(chains)
        place, asked = _place(known, chains), _place(found, chains)
        at = np.minimum(np.searchsorted(place, asked), len(place) - 1)
        if len(place) == 0 or (place[at] != asked).any():
            return None
        cost, chord = np.full(len(place), FORBIDDEN), known.chord.copy()
        cost[at], chord[at] = found.cost, found.chord
        return replace(known, cost=cost, chord=chord)

    def _begin(self, model: Model, wish: Wish) -> None:
        self._model, self._wish = model, wish
        self._shut = np.zeros(len(model.options.chain), dtype=bool)
        self._crowds, self._crowd_row = {}, {}
        self._solver = solver_for(model)
        programme = self._solver.getLp()
        programme.integrality_ = []
        self._solver.passModel(programme)
        self._solver.setOptionValue("solver", "simplex")

    def _price(self) -> None:
        model = self.model
        column = np.arange(model.first, model.first_whole, dtype=np.int32)
        self._solver.changeColsCost(len(column), column, model.options.cost * SCALE)
        upper = np.where(self._shut, 0.0, 1.0)
        self._solver.changeColsBounds(len(column), column, np.zeros(len(column)), upper)

    def _tell_crowds(self) -> None:
        model = self.model
        rows: list[Row] = []
        if model.wish.gates > 1 and model.wish.apart_m > 0:
            # One row a place keeps far fewer alternatives open than one row a pair would.
            rows = crowd_rows(model, model.place_m)
        wanted = {tuple(columns) for columns, _, _ in rows}
        for crowd in [crowd for crowd in self._crowds if crowd not in wanted]:
            self._solver.changeRowBounds(
                self._crowd_row.pop(crowd), -highspy.kHighsInf, highspy.kHighsInf
            )
            del self._crowds[crowd]
        self._write([row for row in rows if tuple(row[0]) not in self._crowds])

    def _write(self, rows: list[Row]) -> None:
        model, last = self.model, self._solver.getNumRow()
        for number, row in enumerate(rows):
            columns, _, limit = row
            # Only a crowd counts crossings up to one; all else asks something of junctions.
            if limit == 1.0 and min(columns) >= model.first:
                self._crowds[tuple(columns)] = row
                self._crowd_row[tuple(columns)] = last + number
            else:
                model.rows.append(row)
        add_rows(self._solver, rows)


def _place(options: Options, chains: ChainGraph) -> Ints:
    """Return one number for chain, direction and kind of each option, ascending where cheapest."""
    kind = 2 * options.gate.astype(np.int64) + options.reverse
    return np.asarray(kind * len(chains.tail) + options.chain)


def _asks_the_same(one: Wish, other: Wish) -> bool:
    """Say whether two wishes are one to a model; ways have shut their chords before it is made."""
    pairs = (
        (getattr(one, field.name), getattr(other, field.name))
        for field in fields(Wish)
        if field.name != "ways"
    )
    return all(a is b or (isinstance(a, int | float) and a == b) for a, b in pairs)
