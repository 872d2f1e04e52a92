"""Heights of the cells and a scale of labels in; the tables that sweeps climb and fall by out.

A label is a run-up on the flat, so the drive adds the same on any slope. A climb takes the same
energy off at any speed. Each motion does one after the other, by two tables: label to energy and
back. Which comes first decides to which side it errs, because drives weaken with speed: to climb
first and to fall last leaves the drive the lower speeds, and errs high. So do upper fields. Nominal
ones climb half before and half after, lower ones fall first and climb last. Where that gives more,
for the rounding of the tables, the bound above counts: so bounds are in order, bit by bit.

Labels are whole numbers, and motions can be as short as a cell; rounded each for itself, their
errors would add up to percents. So heights are counted in parts of the label that they cost near
rest, and rounding goes by the rounded heights of both ends: what one motion loses the next gains.
Lower fields are rounded down, upper ones up, nominal ones to the nearest label.

Ways are counted in plan: 0.1 % short at 5 %.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sbd.approach.dynamics import (
    GRAVITY_MPS2,
    LABELS,
    LabelScale,
    acceleration_mps2,
    attainable_speed_mps,
    drive_length_m,
)
from sbd.approach.slope_kernels import SHARE_BITS, Slope
from sbd.model.speed_field import Bound

_TABLE = 2**15  # energies up to top speed
# In how many orders climb and drive are tried, and what is added before a label is rounded down:
# down, to the nearest, up. One part more or less is rounding in the tables.
_SIDES = {
    Bound.LOWER: (3, 1),
    Bound.NOMINAL: (2, 2 ** (SHARE_BITS - 1)),
    Bound.UPPER: (1, 2**SHARE_BITS - 2),
}

FloatArray = NDArray[np.float64]


def slope_of(height_m: FloatArray, scale: LabelScale) -> Slope:
    """Return the tables for the ground's heights.

    Parameters
    ----------
    height_m : (rows, columns) array
        Heights of the cell centres; (0, 0) where the ground is taken for flat.
    """
    orders, rounding = _SIDES[scale.bound]
    attainable = float(attainable_speed_mps(scale.vehicle))
    unit = unit_j_per_kg(scale)
    climb = np.floor((height_m - height_m.min(initial=np.inf)) * GRAVITY_MPS2 / unit + 0.5)
    if not climb.any():
        nothing = np.empty(0, dtype=np.int32)
        return Slope(np.empty((0, 0), dtype=np.int32), nothing, nothing, 0, orders, rounding)
    # Up to top speed the table of speeds is the same for all bounds; past it no label has more.
    top = math.ceil(float(drive_length_m(scale.vehicle, attainable)) / scale.step_m - 1e-6)
    speed = np.append(scale.speed_of_label_mps[:top], attainable)
    energy = np.floor(np.pad(speed, (0, LABELS - len(speed)), mode="edge") ** 2 / 2.0 / unit + 0.5)
    bits = max(0, math.ceil(math.log2(energy[top] / _TABLE)))
    amounts = np.arange(int(energy[top]) // 2**bits + 1) * 2.0**bits
    label = np.interp(amounts, energy[: top + 1], np.arange(top + 1.0))
    # Past top speed it goes on as steeply; no label gets there.
    label = np.append(label, label[-1] + np.arange(1, 5) * (label[-1] - label[-2]))
    return Slope(
        height=np.ascontiguousarray(climb.astype(np.int32)),
        energy=energy.astype(np.int32),
        label_of=np.floor(label * 2**SHARE_BITS + 0.5).astype(np.int32),
        bits=bits,
        orders=orders,
        rounding=rounding,
    )


def unit_j_per_kg(scale: LabelScale) -> float:
    """Return the unit of energy: a small part of what one label is worth near rest."""
    return float(acceleration_mps2(scale.vehicle, 0.0)) * scale.step_m / 2.0**SHARE_BITS
