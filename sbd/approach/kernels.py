"""Compiled loops of the speed field: straight run-ups and sweeps.

Labels are `label[row, heading, column]`, flat where a loop writes them. Motions come in two
halves: those that start on a heading that goes up (0 to pi) and the rest. One thread owns the
labels of one half, so both halves can be swept at the same time.
"""

# ruff: noqa: C901, PLR0912, PLR0913 - a compiled loop is one function with plain arguments

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from sbd.approach.slope_kernels import Slope, climb_on, label_after

UInt16Array = NDArray[np.uint16]
UInt64Array = NDArray[np.uint64]
Int32Array = NDArray[np.int32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class Half(NamedTuple):
    """The motions that start on one half of the headings, and where they are free.

    Parameters
    ----------
    up : bool
        Whether the headings go up (0 to pi).
    low : int
        The first heading of the half.
    begin, cross : (h + 1,), (h,) int arrays
        Motions of the half's heading h are `begin[h]:begin[h + 1]`, straight first; those from
        `cross[h]` on end in the other half.
    start, end : (m,) int arrays
        Heading before and after.
    dx, dy : (m,) int arrays
        Cells from start to end.
    gain, cap : (m,) uint16 arrays
        Run-up won on a motion, and the label that its curve allows.
    first, runs
        Where each motion is free, from `run_kernels.free_runs`; the sweeps mark a run as spent with
        `SPENT` in its first column, so that it begins behind its end.
    slope : Slope
        Empty on flat ground.
    """

    up: bool
    low: int
    begin: IntArray
    cross: IntArray
    start: IntArray
    end: IntArray
    dx: IntArray
    dy: IntArray
    gain: UInt16Array
    cap: UInt16Array
    first: Int32Array
    runs: UInt16Array
    slope: Slope


SPENT = 0x8000


@numba.njit(cache=True, nogil=True)
def straight_run_ups(
    label: UInt16Array,
    free: BoolArray,
    entry_headings: UInt64Array,
    near_entry: BoolArray,
    entry_label: int,
    top_label: int,
    half: Half,
    low: int,
    high: int,
    behind: IntArray,
    behind_label: IntArray,
    behind_first: IntArray,
) -> None:
    """Raise each state of a half, in rows low to high, to what the straight way behind it gives.

    Parameters
    ----------
    near_entry : (rows, columns) bool array
        Cells whose straight motion may begin behind an entry.
    behind : (n, 2) int array
        Cells (x, y) behind a state on the line of its straight motion, nearest first; those of
        heading h of the half are `behind[behind_first[h]:behind_first[h + 1]]`.
    behind_label : (n,) int array
        Run-up from each of them; -1 where a run-up does not start, but the cell must be free.
    """
    rows, _, columns = label.shape
    flat = label.reshape(-1)
    covered = np.zeros(columns, dtype=np.bool_)
    height = half.slope.height
    sloping = height.size > 0
    for turn in range(high - low):
        row = low + turn if half.up else high - 1 - turn
        for h in range(half.begin.size - 1):
            heading = half.low + h
            k = half.begin[h]  # the straight motion comes first
            dx, back_row = half.dx[k], row - half.dy[k]
            begin, end = 0, 0
            if 0 <= back_row < rows:
                begin, end = half.first[back_row, k], half.first[back_row, k + 1]
            for column in range(columns):
                covered[column] = False
            for r in range(begin, end):
                for column in range(half.runs[r, 0], half.runs[r, 1]):
                    covered[column + dx] = True
            bit = np.uint64(1) << np.uint64(heading)
            for column in range(columns):
                if not free[row, column]:
                    continue
                best = 0
                if entry_headings[row, column] & bit:
                    best = entry_label
                # A full straight motion wins more than its last part, unless an entry lies on it or
                # the vehicle has to climb.
                if sloping or not covered[column] or near_entry[row, column]:
                    for c in range(behind_first[h], behind_first[h + 1]):
                        x, y = column + behind[c, 0], row + behind[c, 1]
                        if x < 0 or x >= columns or y < 0 or y >= rows or not free[y, x]:
                            break
                        if behind_label[c] < 0:
                            continue
                        start = entry_label if entry_headings[y, x] & bit else 0
                        if sloping:
                            below, here = np.int64(height[y, x]), np.int64(height[row, column])
                            reached = label_after(
                                np.int64(start), behind_label[c], top_label, below, here, half.slope
                            )
                        else:
                            reached = start + behind_label[c]
                        best = max(best, reached)
                label[row, heading, column] = max(
                    label[row, heading, column], np.uint16(min(best, top_label))
                )
            if begin < end and sloping:
                _carry_over(flat, label.shape, half, k, back_row, 0, columns, back_row == row)
            elif begin < end:
                _carry(flat, label.shape, half, k, back_row, 0, columns, back_row == row)


@numba.njit(cache=True, nogil=True, inline="always")
def _drive_on(flat, source, target, count, gain, cap):  # type: ignore[no-untyped-def]
    # flat[target] = max(flat[target], min(flat[source] + gain, cap)) over a run. Returns whether
    # anything changed and the smallest label there. Unsigned 64-bit places let the loop become
    # vector instructions; gain and room above the top label are such that the sum can't overflow.
    change, least = np.uint16(0), np.uint16(65_535)
    for k in range(count):
        old = flat[target + k]
        new = max(old, min(np.uint16(flat[source + k] + gain), cap))
        change |= new ^ old
        least = min(least, new)
        flat[target + k] = new
    return change != 0, least


@numba.njit(cache=True, nogil=True, inline="always")
def _drive_on_backwards(flat, source, target, count, gain, cap):  # type: ignore[no-untyped-def]
    # The same from the last cell to the first: inside one row of one heading a label goes all the
    # way in one pass only if the cells are taken in the order they are driven.
    change = np.uint16(0)
    for k in range(count):
        back = count - np.uint64(1) - k
        old = flat[target + back]
        new = max(old, min(np.uint16(flat[source + back] + gain), cap))
        change |= new ^ old
        flat[target + back] = new
    return change != 0


@numba.njit(cache=True, nogil=True)
def _carry(flat, shape, half, k, row, low, high, in_row):  # type: ignore[no-untyped-def]
    # Carries the labels of a row in columns low to high along motion k; returns the span of
    # columns where something changed. A run whose targets are all at the cap is spent: labels
    # only rise, so it has nothing left to give.
    _, headings, columns = shape
    heading = half.start[k]
    gain, cap, dx = half.gain[k], half.cap[k], half.dx[k]
    from_row = (row * headings + heading) * columns
    to_row = ((row + half.dy[k]) * headings + half.end[k]) * columns + dx
    changed_low, changed_high = columns, 0
    for r in range(half.first[row, k], half.first[row, k + 1]):
        begin, end = np.int64(half.runs[r, 0]), np.int64(half.runs[r, 1])
        a, b = max(begin, low), min(end, high)
        if a >= b:
            continue
        source, target, count = np.uint64(from_row + a), np.uint64(to_row + a), np.uint64(b - a)
        if in_row and dx < 0:
            changed = _drive_on_backwards(flat, source, target, count, gain, cap)
        else:
            changed, least = _drive_on(flat, source, target, count, gain, cap)
            if least >= cap and a == begin and b == end:
                half.runs[r, 0] |= SPENT
        if changed:
            changed_low, changed_high = min(changed_low, a + dx), max(changed_high, b + dx)
    return changed_low, changed_high


@numba.njit(cache=True, nogil=True)
def _carry_over(flat, shape, half, k, row, low, high, in_row):  # type: ignore[no-untyped-def]
    # As `_carry`, over ground with heights.
    _, headings, columns = shape
    gain, cap, dx = half.gain[k], half.cap[k], half.dx[k]
    to_row = row + half.dy[k]
    from_place = (row * headings + half.start[k]) * columns
    to_place = (to_row * headings + half.end[k]) * columns + dx
    changed_low, changed_high = columns, 0
    for r in range(half.first[row, k], half.first[row, k + 1]):
        begin, end = np.int64(half.runs[r, 0]), np.int64(half.runs[r, 1])
        a, b = max(begin, low), min(end, high)
        if a >= b:
            continue
        source, target, count = np.uint64(from_place + a), np.uint64(to_place + a), np.uint64(b - a)
        cells = (np.uint64(row * columns + a), np.uint64(to_row * columns + dx + a))
        changed, least = climb_on(
            flat, source, target, count, gain, cap, cells, half.slope, in_row and dx < 0
        )
        if least >= cap and a == begin and b == end:
            half.runs[r, 0] |= SPENT
        if changed:
            changed_low, changed_high = min(changed_low, a + dx), max(changed_high, b + dx)
    return changed_low, changed_high


@numba.njit(cache=True, nogil=True)
def sweep(label: UInt16Array, half: Half, dirty: Int32Array, leaving: Int32Array) -> None:
    """Carry labels along the motions that stay in a half, row after row in its direction.

    Parameters
    ----------
    dirty, leaving : (rows, headings of the half, 2) int32 array
        Columns from, to (exclusive) that changed since they were last carried on inside the half,
        and since they were last carried into the other half. Updated in place.
    """
    rows, columns = label.shape[0], label.shape[2]
    flat = label.reshape(-1)
    sloping = half.slope.height.size > 0
    for turn in range(rows):
        row = turn if half.up else rows - 1 - turn
        for h in range(half.begin.size - 1):
            low, high = np.int64(dirty[row, h, 0]), np.int64(dirty[row, h, 1])
            if low >= high:
                continue
            dirty[row, h, 0], dirty[row, h, 1] = columns, 0
            for k in range(half.begin[h], half.cross[h]):
                to = half.end[k] - half.low
                in_row = half.dy[k] == 0 and to == h
                if sloping:
                    a, b = _carry_over(flat, label.shape, half, k, row, low, high, in_row)
                else:
                    a, b = _carry(flat, label.shape, half, k, row, low, high, in_row)
                if a < b:
                    _mark(dirty, row + half.dy[k], to, a, b)
                    _mark(leaving, row + half.dy[k], to, a, b)
                    if in_row:  # the motions that follow carry on what drove along the row
                        low, high = min(low, a), max(high, b)


@numba.njit(cache=True, nogil=True)
def cross(
    label: UInt16Array,
    half: Half,
    leaving: Int32Array,
    other_low: int,
    other_dirty: Int32Array,
    other_leaving: Int32Array,
) -> None:
    """Carry labels along the motions that leave a half; `leaving` is a copy made before."""
    flat = label.reshape(-1)
    sloping = half.slope.height.size > 0
    for row in range(label.shape[0]):
        for h in range(half.begin.size - 1):
            low, high = np.int64(leaving[row, h, 0]), np.int64(leaving[row, h, 1])
            if low >= high:
                continue
            for k in range(half.cross[h], half.begin[h + 1]):
                if sloping:
                    a, b = _carry_over(flat, label.shape, half, k, row, low, high, False)
                else:
                    a, b = _carry(flat, label.shape, half, k, row, low, high, False)
                if a < b:
                    to = half.end[k] - other_low
                    _mark(other_dirty, row + half.dy[k], to, a, b)
                    _mark(other_leaving, row + half.dy[k], to, a, b)


@numba.njit(cache=True, nogil=True, inline="always")
def _mark(spans, row, h, low, high):  # type: ignore[no-untyped-def]
    spans[row, h, 0] = min(spans[row, h, 0], low)
    spans[row, h, 1] = max(spans[row, h, 1], high)


@numba.njit(cache=True, nogil=True)
def anything_left(spans: Int32Array) -> bool:
    """Return whether any span holds a column."""
    for row in range(spans.shape[0]):
        for h in range(spans.shape[1]):
            if spans[row, h, 0] < spans[row, h, 1]:
                return True
    return False
