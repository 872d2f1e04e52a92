"""Compiled loops from free cells to free runs: where each motion may start, row by row."""

# ruff: noqa: C901 - a compiled loop is one function with plain arguments

import numba
import numpy as np
from numpy.typing import NDArray

UInt16Array = NDArray[np.uint16]
UInt64Array = NDArray[np.uint64]
Int32Array = NDArray[np.int32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

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
