"""The field by a first-in first-out queue over states, compiled: the textbook way, same labels.

It gets the table of free motions for nothing, as the sweeps do in the comparison. Flat ground, one
grip.
"""

import time

import numba
import numpy as np
from numpy.typing import NDArray

from sbd.approach import kernels
from sbd.approach.solution import Solution
from tests.benchmarks.reference import Spent

UInt16Array = NDArray[np.uint16]


def solve_by_queue(solution: Solution) -> tuple[UInt16Array, Spent]:
    """Return the labels of a solution, found again from nothing by a queue, and what it took."""
    rules = solution.rules
    free = solution.free
    headings = rules.lattice.headings
    parts = [rules.cells_behind(heading) for heading in range(headings)]
    shape = (free.shape[0], headings, free.shape[1])
    tables = [_table(half, free.shape) for half in solution.halves]
    label = np.zeros(shape, dtype=np.uint16)
    cpu, clock = time.process_time(), time.perf_counter()
    starts(
        label,
        free,
        solution.terrain.entry_headings,
        rules.entry_label,
        rules.scale.top_label,
        np.concatenate([cells for cells, _ in parts]),
        np.concatenate([labels for _, labels in parts]),
        np.concatenate([[0], np.cumsum([len(labels) for _, labels in parts])]),
    )
    settle(label, free, *tables)
    return label, Spent(time.process_time() - cpu, time.perf_counter() - clock)


def _table(half: kernels.Half, shape: tuple[int, int]):
    bits = np.zeros((shape[0], len(half.start), (shape[1] + 63) // 64), dtype=np.uint64)
    _fill(bits, half.first, half.runs)
    return (
        half.low,
        half.begin,
        half.end,
        half.dx,
        half.dy,
        half.gain.astype(np.int64),
        half.cap.astype(np.int64),
        bits,
    )


@numba.njit(cache=True)
def _fill(bits, first, runs):
    for row in range(bits.shape[0]):
        for k in range(bits.shape[1]):
            for r in range(first[row, k], first[row, k + 1]):
                begin = np.int64(runs[r, 0]) & 0x7FFF  # the last bit marks spent runs
                for column in range(begin, np.int64(runs[r, 1])):
                    bits[row, k, column // 64] |= np.uint64(1) << np.uint64(column % 64)


@numba.njit(cache=True)
def starts(label, free, comes_in, entry, top, behind, behind_label, behind_first):
    """Write the best of rest, the rim, and the last part of a straight motion to each state."""
    rows, headings, columns = label.shape
    for row in range(rows):
        for heading in range(headings):
            bit = np.uint64(1) << np.uint64(heading)
            for column in range(columns):
                if not free[row, column]:
                    continue
                best = entry if comes_in[row, column] & bit else 0
                for c in range(behind_first[heading], behind_first[heading + 1]):
                    x, y = column + behind[c, 0], row + behind[c, 1]
                    if x < 0 or x >= columns or y < 0 or y >= rows or not free[y, x]:
                        break
                    if behind_label[c] >= 0:
                        from_rim = entry if comes_in[y, x] & bit else 0
                        best = max(best, from_rim + behind_label[c])
                label[row, heading, column] = min(best, top)


@numba.njit(cache=True)
def settle(label, free, up, down):
    """Raise labels one state after another until none rises."""
    rows, headings, columns = label.shape
    flat = label.reshape(-1)
    size = flat.size
    queue = np.empty(size + 1, dtype=np.int32)
    waits = np.zeros(size, dtype=np.bool_)
    head, tail = 0, 0
    for row in range(rows):
        for heading in range(headings):
            for column in range(columns):
                if free[row, column]:
                    state = (row * headings + heading) * columns + column
                    queue[tail] = state
                    waits[state] = True
                    tail += 1
    while head != tail:
        state = np.int64(queue[head])
        head = head + 1 if head < size else 0
        waits[state] = False
        column = state % columns
        heading = state // columns % headings
        row = state // (columns * headings)
        low, begin, end, dx, dy, gain, cap, bits = down if heading >= headings // 2 else up
        here = np.int64(flat[state])
        word, bit = column // 64, np.uint64(column % 64)
        for k in range(begin[heading - low], begin[heading - low + 1]):
            if not (bits[row, k, word] >> bit) & np.uint64(1):
                continue
            value = min(here + gain[k], cap[k])
            target = ((row + dy[k]) * headings + end[k]) * columns + column + dx[k]
            if value > np.int64(flat[target]):
                flat[target] = value
                if not waits[target]:
                    waits[target] = True
                    queue[tail] = target
                    tail = tail + 1 if tail < size else 0
