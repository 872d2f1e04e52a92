"""Compiled loops of the speed field: free runs, straight run-ups, sweeps.

Labels are `label[row, heading, column]`, flat where a loop writes them. Motions come in two
halves: those that start on a heading that goes up (0 to pi) and the rest. One thread owns the
labels of one half, so both halves can be swept at the same time.
"""

# ruff: noqa: C901, PLR0912, PLR0913 - a compiled loop is one function with plain arguments

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

UInt16Array = NDArray[np.uint16]
UInt64Array = NDArray[np.uint64]
Int32Array = NDArray[np.int32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


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
        Where each motion is free, from `free_runs`; the sweeps mark a run as spent with `SPENT` in
        its first column, so that it begins behind its end.
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
SHARE_BITS = 6  # of a label, in which climbs are counted
_WORD = 64
_ROWS_AT_ONCE = 4  # long enough for vector instructions, short enough for the cache
# Multiplying a lone bit by this puts its number into the top six bits (a de Bruijn sequence).
_SEQUENCE = np.uint64(0x03F79D71B4CB0A89)
_BIT_NUMBER = np.zeros(64, dtype=np.int64)
for _number in range(64):
    _BIT_NUMBER[((int(_SEQUENCE) << _number) % 2**64) >> 58] = _number


@numba.njit(cache=True, nogil=True)
def pack_rows(free: BoolArray, reach: int) -> UInt64Array:
    """Return the free cells as rows of bits, with `reach` shut cells or more on every side."""
    rows, columns = free.shape
    pad = _words(reach) + 1
    words = _words(columns)
    bits = np.zeros((rows + 2 * reach, words + 2 * pad), dtype=np.uint64)
    for row in range(rows):
        for column in range(columns):
            if free[row, column]:
                place = np.uint64(1) << np.uint64(column % _WORD)
                bits[row + reach, pad + column // _WORD] |= place
    return bits


@numba.njit(cache=True, nogil=True)
def free_runs(
    bits: UInt64Array,
    top: int,
    bottom: int,
    columns: int,
    reach: int,
    cell_first: IntArray,
    cell: IntArray,
    layer: IntArray,
    less: IntArray,
) -> tuple[Int32Array, UInt16Array]:
    """Return for each row and motion the starts from which all its cells are free, as runs.

    Parameters
    ----------
    bits : (layers, rows + 2 reach, words) uint64 array
        Each from `pack_rows`.
    top, bottom : int
        First row, and the one after the last.
    cell_first, cell
        Cells of each motion, as in `Lattice`.
    layer, less : (motions,) int arrays
        The layer on which the cells of each motion must be free, and one on which they must not
        all be; -1 for none.

    Returns
    -------
    first : (bottom - top, motions + 1) int32 array
        Runs of motion k in a row are `runs[first[row - top, k]:first[row - top, k + 1]]`.
    runs : (n, 2) uint16 array
        First column of a run and the column after its last.
    """
    motions = cell_first.size - 1
    pad = _words(reach) + 1
    words = _words(columns)
    stride = bits.shape[2]
    area = bits.shape[1] * stride
    flat = bits.reshape(-1)
    # Rows lie behind each other, so the far cell of a motion is a number of words and bits away.
    word = np.empty(cell.shape[0], dtype=np.uint64)
    bit = np.empty(cell.shape[0], dtype=np.uint64)
    for c in range(cell.shape[0]):
        word[c] = np.uint64(cell[c, 1] * stride + cell[c, 0] // _WORD)
        bit[c] = np.uint64(cell[c, 0] % _WORD)
    first = np.zeros((bottom - top, motions + 1), dtype=np.int32)
    turns = np.empty(max(1024, 2 * (bottom - top) * motions), dtype=np.uint16)
    starts = np.empty((motions, _ROWS_AT_ONCE * stride), dtype=np.uint64)
    others = np.empty(starts.shape[1], dtype=np.uint64)
    some = np.empty(motions, dtype=np.bool_)
    count = 0
    for low in range(top, bottom, _ROWS_AT_ONCE):
        high = min(low + _ROWS_AT_ONCE, bottom)
        size = np.uint64((high - low) * stride - 2 * pad)
        for k in range(motions):
            begin, end = cell_first[k], cell_first[k + 1]
            place = np.uint64(layer[k] * area + (low + reach) * stride + pad)
            some[k] = _starts(starts[k], flat, place, size, begin, end, word, bit)
            if some[k] and less[k] >= 0:
                place = np.uint64(less[k] * area + (low + reach) * stride + pad)
                if _starts(others, flat, place, size, begin, end, word, bit):
                    for w in range(size):
                        starts[k, w] &= ~others[w]
        for row in range(low, high):
            for k in range(motions):
                first[row - top, k] = count // 2
                if not some[k]:
                    continue
                if count + words * _WORD + 1 > turns.size:
                    turns = _longer(turns, count, words * _WORD + 1)
                count = _write_runs(turns, count, starts[k], (row - low) * stride, words)
            first[row - top, motions] = count // 2
    return first, turns[:count].reshape((count // 2, 2))


@numba.njit(cache=True, nogil=True)
def _longer(turns, count, room):  # type: ignore[no-untyped-def]
    more = np.empty(turns.size * 3 // 2 + room, dtype=np.uint16)
    for n in range(count):
        more[n] = turns[n]
    return more


@numba.njit(cache=True, nogil=True, inline="always")
def _words(columns):  # type: ignore[no-untyped-def]
    return (columns + _WORD - 1) // _WORD


@numba.njit(cache=True, nogil=True)
def _starts(starts, flat, place, size, begin, end, word, bit):  # type: ignore[no-untyped-def]
    # Keeps the starts all of whose cells are free, some rows at once; tells whether there are any.
    for w in range(size):
        starts[w] = flat[place + w]
    for c in range(end - 1, begin - 1, -1):  # the far end is the most likely to be shut
        there = place + word[c]
        rest = np.uint64(63) - bit[c]
        left = np.uint64(0)
        for w in range(size):
            # The second word is shifted in two steps, because a shift by 64 is not defined.
            after = (flat[there + w + np.uint64(1)] << np.uint64(1)) << rest
            value = starts[w] & ((flat[there + w] >> bit[c]) | after)
            starts[w] = value
            left |= value
        if left == 0:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _write_runs(turns, count, starts, place, words):  # type: ignore[no-untyped-def]
    # Begins and ends of runs take turns, so each place where the bits change is written as found.
    carry = np.uint64(0)
    for w in range(words):
        value = starts[place + w]
        changes = value ^ ((value << np.uint64(1)) | carry)
        carry = value >> np.uint64(63)
        while changes != 0:
            lone = changes & (~changes + np.uint64(1))
            changes ^= lone
            turns[count] = w * _WORD + _BIT_NUMBER[(lone * _SEQUENCE) >> np.uint64(58)]
            count += 1
    if carry != 0:
        turns[count] = words * _WORD
        count += 1
    return count


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
def _climb_on(flat, source, target, count, gain, cap, cells, slope, backwards):  # type: ignore[no-untyped-def]
    # As `_drive_on`, over ground with heights; `cells` are those of source and target.
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
        changed, least = _climb_on(
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
