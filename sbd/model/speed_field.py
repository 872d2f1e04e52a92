"""The highest speed of one vehicle at every cell and heading."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sbd.model.vehicle import Vehicle


class Bound(StrEnum):
    """Which way a field errs."""

    LOWER = "lower"  # every label is a path that was checked
    NOMINAL = "nominal"
    UPPER = "upper"  # more room and more grip than there is; no checked path may beat it


@dataclass(frozen=True, slots=True, eq=False)
class SpeedField:
    """A solved field on the lattice (row, heading, column).

    Parameters
    ----------
    label : (rows, headings, columns) uint16 array
        Run-up length in steps of `step_m`; row 0 is the southernmost.
    free : (rows, columns) bool array
        Cells on which the vehicle's reference point may be.
    speed_of_label_mps : (65536,) array
        Speed that a run-up length reaches from rest on the flat; in an upper field a little more.
    heading_rad : (headings,) array
        Direction of travel, counter-clockwise from grid east, ascending from 0.
    origin_m : (x, y)
        Centre of the cell (row 0, column 0).
    """

    vehicle: Vehicle
    bound: Bound
    label: NDArray[np.uint16]
    free: NDArray[np.bool_]
    speed_of_label_mps: NDArray[np.float64]
    heading_rad: NDArray[np.float64]
    origin_m: tuple[float, float]
    cell_m: float
    step_m: float
