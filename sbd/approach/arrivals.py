"""A solved field and points on lines in; the strongest arrival at each point by heading out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sbd.approach.impact import cover_cells
from sbd.model.speed_field import SpeedField

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_AT_ONCE = 500  # points; keeps what is gathered small


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """The strongest arrival at each of n points on each heading.

    Parameters
    ----------
    label : (n, headings) int array
        Run-up in counts; 0 where nothing arrives on that heading, or it leads away.
    row, column : (n, headings) int arrays
        Its cell.
    """

    label: IntArray
    row: IntArray
    column: IntArray


def arrivals_at(field: SpeedField, points_m: FloatArray, inwards: FloatArray) -> Arrivals:
    """Return the strongest arrival at each point of a line on each heading that crosses it.

    The same cells count as for `impacts_at`: those from which the vehicle covers the point.

    Parameters
    ----------
    points_m, inwards : (n, 2) arrays
        Points in the reference system of the field, and the way an attack crosses the line.
    """
    parts = [
        _some(field, points_m[first : first + _AT_ONCE], inwards[first : first + _AT_ONCE])
        for first in range(0, len(points_m), _AT_ONCE)
    ]
    if not parts:
        nothing = np.empty((0, len(field.heading_rad)), dtype=np.int64)
        return Arrivals(nothing, nothing, nothing)
    return Arrivals(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _some(
    field: SpeedField, points_m: FloatArray, inwards: FloatArray
) -> tuple[IntArray, IntArray, IntArray]:
    rows, _, columns = field.label.shape
    cells = (points_m - field.origin_m) / field.cell_m
    reach = cover_cells(field)
    span = np.arange(-math.ceil(reach) - 1, math.ceil(reach) + 2)
    offset = np.stack(np.meshgrid(span, span), axis=-1).reshape(-1, 2)
    place = np.round(cells).astype(np.int64)[:, None] + offset
    near = np.hypot(*(place - cells[:, None]).transpose(2, 0, 1)) <= reach
    column, row = place[..., 0], place[..., 1]
    near &= (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    row, column = np.where(near, row, 0), np.where(near, column, 0)
    label = np.where(near[..., None], field.label[row, :, column], 0).astype(np.int64)
    best = label.argmax(axis=1)
    point = np.arange(len(points_m))[:, None]
    heading = np.arange(label.shape[2])[None]
    direction = np.stack([np.cos(field.heading_rad), np.sin(field.heading_rad)])
    crosses = inwards @ direction > 1e-9
    return (
        np.where(crosses, label[point, best, heading], 0),
        row[point, best],
        column[point, best],
    )
