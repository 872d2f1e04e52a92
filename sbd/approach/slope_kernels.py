"""Compiled loops over ground with heights: a motion's label from its tables; see `slope`."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

Int32Array = NDArray[np.int32]

SHARE_BITS = 6  # of a label, in which climbs are counted


class Slope(NamedTuple):
    """How labels change over climbs and falls; see `slope`.

    Parameters
    ----------
    height : (rows, columns) int32 array
        Height of each cell as the units of energy that a climb to it takes; (0, 0) on flat ground.
    energy : (65536,) int32 array
        Units of energy of each label; near rest a label has 2^`SHARE_BITS` of them.
    label_of : (n,) int32 array
        Label, in parts of 2^-`SHARE_BITS`, of 0, 1, ... times 2^`bits` units.
    orders : int
        In how many orders climb and drive are tried; the least counts. See `slope`.
    rounding : int
        Parts that are added before a label is rounded down.
    """

    height: Int32Array
    energy: Int32Array
    label_of: Int32Array
    bits: int
    orders: int
    rounding: int


@numba.njit(cache=True, nogil=True, inline="always")
def _shares_of(energy, label_of, bits):  # type: ignore[no-untyped-def]
    # The label of an energy, in parts. What is missing at rest only the drive near rest can make
    # up for, and nowhere is it stronger.
    at = np.uint64(min(max(energy, 0) >> bits, label_of.size - 2))
    below = np.int64(label_of[at])
    above = np.int64(label_of[at + np.uint64(1)])
    rest = min(energy - (np.int64(at) << bits), np.int64(1) << bits)
    if energy < 0:
        return energy
    return below + (((above - below) * rest) >> bits)


@numba.njit(cache=True, nogil=True, inline="always")
def _energy_of(shares, energy):  # type: ignore[no-untyped-def]
    at = np.uint64(min(max(shares, 0) >> SHARE_BITS, energy.size - 2))
    below = np.int64(energy[at])
    rest = min(shares - (np.int64(at) << SHARE_BITS), 1 << SHARE_BITS)
    if shares < 0:
        return shares
    return below + (((np.int64(energy[at + np.uint64(1)]) - below) * rest) >> SHARE_BITS)


@numba.njit(cache=True, nogil=True, inline="always")
def _driven(label, gain, before, after, slope):  # type: ignore[no-untyped-def]
    # The label, in parts, after a climb, the drive and another climb.
    shares = label << SHARE_BITS
    if before != 0:
        shares = _shares_of(slope.energy[np.uint64(label)] - before, slope.label_of, slope.bits)
    shares += gain << SHARE_BITS
    if after != 0:
        left = _energy_of(shares, slope.energy) - after
        shares = _shares_of(left, slope.label_of, slope.bits)
    return shares


@numba.njit(cache=True, nogil=True, inline="always")
def _dearest(cap, slope):  # type: ignore[no-untyped-def]
    # What 2^bits units of energy are worth at most, in parts of a label: as much as at the cap,
    # where the drive is weakest.
    at = min((np.int64(slope.energy[np.uint64(cap)]) >> slope.bits) + 1, slope.label_of.size - 2)
    return np.int64(slope.label_of[at + 1]) - np.int64(slope.label_of[at])


@numba.njit(cache=True, nogil=True, inline="always")
def _most(label, gain, climb, dearest, bits):  # type: ignore[no-untyped-def]
    # No label is higher after a motion: a climb costs at least what it does near rest.
    won = -climb if climb > 0 else (-climb * dearest) >> bits
    return label + gain + (won >> SHARE_BITS) + 3


@numba.njit(cache=True, nogil=True, inline="always")
def label_after(label, gain, cap, start, end, slope):  # type: ignore[no-untyped-def]
    """Return the label at the end of a motion between two heights, in units of energy.

    Never falls as the label at its start rises. All arguments but the slope are 64-bit integers.
    """
    label = min(label, cap)
    climb = end - start
    if climb == 0:
        return min(label + gain, cap)
    rise, fall = max(climb, 0), min(climb, 0)
    shares = _driven(label, gain, rise, fall, slope)
    if slope.orders > 1:
        half = climb >> 1
        shares = min(shares, _driven(label, gain, half, climb - half, slope))
    if slope.orders > 2:
        shares = min(shares, _driven(label, gain, fall, rise, slope))
    # Near rest this makes a whole number of the climb, so that nothing adds up along a way.
    middle = np.int64(1 << (SHARE_BITS - 1))
    whole = ((end + middle) >> SHARE_BITS) - ((start + middle) >> SHARE_BITS)
    shares += climb - (whole << SHARE_BITS)
    most = _most(label, gain, climb, _dearest(cap, slope), slope.bits)
    return min(max(min((shares + slope.rounding) >> SHARE_BITS, most), 0), cap)


@numba.njit(cache=True, nogil=True)
def climb_on(flat, source, target, count, gain, cap, cells, slope, backwards):  # type: ignore[no-untyped-def]
    """Carry a run of labels along a motion, in the order driven where it stays in its row.

    `source`, `target` and `cells` (of both) are the places of its first state in the flat arrays,
    as unsigned 64-bit numbers. Returns whether anything changed and the smallest label there, or a
    smaller one.
    """
    height = slope.height.reshape(-1)
    change, least = np.uint16(0), np.uint16(65_535)
    from_cell, to_cell = cells
    wide_gain, wide_cap = np.int64(gain), np.int64(cap)
    dearest = _dearest(wide_cap, slope)
    for turn in range(count):
        k = count - np.uint64(1) - turn if backwards else turn
        old = flat[target + k]
        least = min(least, old)
        label = np.int64(flat[source + k])
        start, end = np.int64(height[from_cell + k]), np.int64(height[to_cell + k])
        # Most of what is tried raises nothing, and that needs no table.
        most = _most(min(label, wide_cap), wide_gain, end - start, dearest, slope.bits)
        if min(most, wide_cap) <= np.int64(old):
            continue
        new = np.uint16(label_after(label, wide_gain, wide_cap, start, end, slope))
        if new > old:
            change |= np.uint16(1)
            flat[target + k] = new
    return change != 0, least
