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
    first : int
        What a climb takes off before the drive adds, in halves; a fall gives the rest before it.
    rounding : int
        Parts that are added before a label is rounded down.
    """

    height: Int32Array
    energy: Int32Array
    label_of: Int32Array
    bits: int
    first: int
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
def label_after(label, gain, cap, start, end, slope):  # type: ignore[no-untyped-def]
    """Return the label at the end of a motion between two heights, in units of energy.

    Never falls as the label at its start rises. All arguments but the slope are 64-bit integers.
    """
    label = min(label, cap)
    climb = end - start
    if climb == 0:
        return min(label + gain, cap)
    half = np.int64(1 << (SHARE_BITS - 1))
    # Before the drive, and after it.
    before = (climb * (slope.first if climb > 0 else 2 - slope.first)) >> 1
    shares = label << SHARE_BITS
    if before != 0:
        left = slope.energy[np.uint64(label)] - before
        shares = _shares_of(left, slope.label_of, slope.bits)
    shares += gain << SHARE_BITS
    if before != climb:
        left = _energy_of(shares, slope.energy) - (climb - before)
        shares = _shares_of(left, slope.label_of, slope.bits)
    # Near rest this makes a whole number of the climb, so that nothing adds up along a way.
    whole = ((end + half) >> SHARE_BITS) - ((start + half) >> SHARE_BITS)
    shares += climb - (whole << SHARE_BITS)
    return min(max((shares + slope.rounding) >> SHARE_BITS, 0), cap)


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
    # What a unit is worth at most, in parts: as much as at the cap, where the drive is weakest.
    at = min((np.int64(slope.energy[cap]) >> slope.bits) + 1, slope.label_of.size - 2)
    dear = np.int64(slope.label_of[at + 1] - slope.label_of[at])
    for turn in range(count):
        k = count - np.uint64(1) - turn if backwards else turn
        old = flat[target + k]
        least = min(least, old)
        label = np.int64(flat[source + k])
        start, end = np.int64(height[from_cell + k]), np.int64(height[to_cell + k])
        # Most of what is tried raises nothing; a climb costs at least what it does near rest.
        won = start - end if end > start else ((start - end) * dear) >> slope.bits
        if min(label + wide_gain + (won >> SHARE_BITS) + 3, wide_cap) <= np.int64(old):
            continue
        new = np.uint16(label_after(label, wide_gain, wide_cap, start, end, slope))
        if new > old:
            change |= np.uint16(1)
            flat[target + k] = new
    return change != 0, least
