"""A model -> a solver with its columns and rows, and what the solver's values mean."""

from collections.abc import Sequence

import highspy
import numpy as np
from numpy.typing import NDArray

from sbd.optimise.lazy import Answer
from sbd.optimise.model import Model, Row
from sbd.optimise.network import SINK, SOURCE, Floats

Int32s = NDArray[np.int32]  # what the solver counts in

ROUNDING = 0.5  # a relaxed 0/1 answer above this counts as chosen
SCALE = 1e-5  # prices are whole 1e-5 of a currency unit; the solver works best near 1
SOLVER_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,  # the same answer on every machine
    # HiGHS 1.14.0 did not come back from presolve on a real place, and is no faster with it here.
    "presolve": "off",
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-3,
}


def bound_of(dual: float) -> int:
    """Return what no selection is below, as the solver says, in the unit of prices."""
    return int(np.floor(dual / SCALE)) if np.isfinite(dual) else 0


def solver_for(model: Model) -> highspy.Highs:
    """Return a solver with the columns and rows of a model, all whole."""
    lower, upper = np.zeros(model.columns), np.ones(model.columns)
    upper[SOURCE], lower[SINK] = 0.0, 1.0
    rows = model.rows
    start, index, factors = _matrix_of(rows)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = model.columns, len(rows)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.prices() * SCALE, lower, upper
    lp.row_lower_ = np.full(len(rows), -highspy.kHighsInf)
    lp.row_upper_ = np.array([limit for _, _, limit in rows])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = start, index, factors
    # x would be whole by itself, but HiGHS 1.14.0 calls wrong answers optimal where a real column
    # has one row (singleton stuffing in presolve, ERGO-Code/HiGHS issues 3043, 3073 and 3094).
    lp.integrality_ = [highspy.HighsVarType.kInteger] * model.columns
    solver = highspy.Highs()
    for option, value in SOLVER_OPTIONS.items():
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    return solver


def answer_of(model: Model, values: Floats, bound: int) -> Answer:
    """Return what a solver's values of the columns mean."""
    inside = values[: model.first] > ROUNDING
    crossed = ~inside[model.outer] & inside[model.inner]
    # Of what was taken on one chain the crossing counts, then the option the solver meant most.
    value = values[model.first : model.first_whole] + model.options.gate
    kept = np.flatnonzero(crossed & (values[model.first : model.first_whole] > ROUNDING))
    order = kept[np.lexsort((-value[kept], model.options.chain[kept]))]
    _, first = np.unique(model.options.chain[order], return_index=True)
    return Answer(inside, np.sort(order[first]), bound)


def add_rows(solver: highspy.Highs, rows: Sequence[Row]) -> None:
    """Write more rows into a solver."""
    start, index, factors = _matrix_of(rows)
    limits = np.array([limit for _, _, limit in rows])
    lower = np.full(len(rows), -highspy.kHighsInf)
    # At once: row by row most of the time goes into the calls.
    solver.addRows(len(rows), lower, limits, len(index), start[:-1], index, factors)


def _matrix_of(rows: Sequence[Row]) -> tuple[Int32s, Int32s, Floats]:
    """Return rows as where each starts (one more for the end), the columns and the factors."""
    start = np.concatenate([[0], np.cumsum([len(columns) for columns, _, _ in rows])])
    index = np.array([column for columns, _, _ in rows for column in columns], dtype=np.int32)
    factor = np.array([f for _, factors, _ in rows for f in factors], dtype=np.float64)
    return start.astype(np.int32), index, factor
