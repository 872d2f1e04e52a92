"""Compiled loops that read a solved field: strongest impacts at points, ways that attain them."""

# ruff: noqa: C901 - a compiled loop is one function with plain arguments

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from sbd.approach import slope_kernels

LABELS = 65_535  # the largest label
LONGEST_CHAIN = 100_000  # motions; a way never comes near it

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
UInt16Array = NDArray[np.uint16]


class Arrivals(NamedTuple):
    """What is needed to walk a field backwards.

    Parameters
    ----------
    before_first, before : (headings + 1,), (m,) int arrays
        Motions that end on heading i are `before[before_first[i]:before_first[i + 1]]`.
    start, dx, dy, gain : (m,) int arrays
        Heading at the start, cells to the end and label won, by motion.
    cap, level, lowest
        Label allowed by level of grip and motion, and the level at each cell, as in `Rules`;
        whether the lowest level of a motion counts.
    length_m : (m,) array
        Way driven.
    straight : (headings,) int array
        The straight motion of each heading.
    cell_first, cell
        Cells of each motion, as in `Lattice`.
    entry_headings, entry_index, entry_label
        Where vehicles come in, over which piece of the rim, and their label there.
    top_label : int
        No label is larger.
    slope : slope_kernels.Slope
        Empty on flat ground.
    """

    before_first: IntArray
    before: IntArray
    start: IntArray
    dx: IntArray
    dy: IntArray
    gain: IntArray
    cap: IntArray
    level: NDArray[np.uint8]
    lowest: bool
    length_m: FloatArray
    straight: IntArray
    cell_first: IntArray
    cell: IntArray
    behind_first: IntArray
    behind: IntArray
    behind_label: IntArray
    behind_m: FloatArray
    entry_headings: NDArray[np.uint64]
    entry_index: NDArray[np.int32]
    entry_label: int
    top_label: int
    slope: slope_kernels.Slope


@numba.njit(cache=True, nogil=True)
def strongest_impacts(
    label: UInt16Array,
    speed_of_label: FloatArray,
    direction: FloatArray,
    places: FloatArray,
    inwards: FloatArray,
    reach: float,
) -> tuple[IntArray, FloatArray]:
    """Return the fastest arrival at each point, and the largest speed across its line.

    Parameters
    ----------
    direction : (headings, 2) array
        Unit vectors of the headings.
    places : (n, 2) array
        Points (x, y) in cells.
    inwards : (n, 2) array
        Unit normals; only headings with a part along it arrive.
    reach : float
        Cells within this many cells of the point count.

    Returns
    -------
    state : (n, 4) int array
        Row, heading, column and label of the fastest arrival; among equals the one most square to
        the line. The heading is -1 where nothing arrives.
    across : (n,) array
        Largest speed along the normal, over all arrivals.
    """
    rows, headings, columns = label.shape
    state = np.full((places.shape[0], 4), -1, dtype=np.int64)
    across = np.zeros(places.shape[0])
    first = np.empty(2 * math.ceil(reach) + 2, dtype=np.int64)
    last = np.empty(first.size, dtype=np.int64)
    for n in range(places.shape[0]):
        x, y = places[n, 0], places[n, 1]
        low, high = max(0, math.ceil(y - reach)), min(rows - 1, math.floor(y + reach))
        for row in range(low, high + 1):
            wide = math.sqrt(max(reach * reach - (row - y) * (row - y), 0.0))
            first[row - low] = max(0, math.ceil(x - wide))
            last[row - low] = min(columns - 1, math.floor(x + wide))
        best, best_heading, best_cosine = 0, -1, 0.0
        for heading in range(headings):
            cosine = direction[heading, 0] * inwards[n, 0] + direction[heading, 1] * inwards[n, 1]
            if cosine <= 1e-9:
                continue
            most = 0
            for row in range(low, high + 1):
                for column in range(first[row - low], last[row - low] + 1):
                    most = max(most, label[row, heading, column])
            across[n] = max(across[n], speed_of_label[most] * cosine)
            if most > best or (most == best and most > 0 and cosine > best_cosine + 1e-9):
                best, best_heading, best_cosine = most, heading, cosine
        state[n, 3] = best
        for row in range(low, high + 1):
            for column in range(first[row - low], last[row - low] + 1):
                if best > 0 and state[n, 0] < 0 and label[row, best_heading, column] == best:
                    state[n, 0], state[n, 1], state[n, 2] = row, best_heading, column
    return state, across


@numba.njit(cache=True, nogil=True)
def any_above(lower: UInt16Array, upper: UInt16Array) -> bool:
    """Return whether a label of the first field is above that of the second."""
    for row in range(lower.shape[0]):
        for heading in range(lower.shape[1]):
            for column in range(lower.shape[2]):
                if lower[row, heading, column] > upper[row, heading, column]:
                    return True
    return False


@numba.njit(cache=True, nogil=True)
def label_after(
    label: int, gain: int, cap: int, start: int, end: int, slope: slope_kernels.Slope
) -> int:
    """Return the label after a motion; see `slope_kernels.label_after`."""
    return slope_kernels.label_after(label, gain, cap, start, end, slope)  # type: ignore[no-any-return]


@numba.njit(cache=True, nogil=True)
def _height(slope, row, column):  # type: ignore[no-untyped-def]
    if slope.height.size == 0:
        return np.int64(0)
    return np.int64(slope.height[row, column])


@numba.njit(cache=True, nogil=True)
def _need_before(need, gain, cap, start, end, slope):  # type: ignore[no-untyped-def]
    # The least label with which a motion gives what is needed; 0 or less: rest will do.
    if start == end:
        return need - gain
    low, high = 0, LABELS
    while low < high:
        middle = (low + high) // 2
        if label_after(middle, gain, cap, start, end, slope) >= need:
            high = middle
        else:
            low = middle + 1
    return low


@numba.njit(cache=True, nogil=True)
def _straight_start(free, arrivals, row, heading, column, need):  # type: ignore[no-untyped-def]
    # The shortest straight run-up that gives the label: way [m], start row and column, rim piece.
    # A way of -1 means that no straight run-up gives it.
    rows, columns = free.shape
    bit = np.uint64(1) << np.uint64(heading)
    k = arrivals.straight[heading]
    top, slope = arrivals.top_label, arrivals.slope
    way = 0.0
    while need < LABELS:
        if need <= 0:
            return way, row, column, -1
        if arrivals.entry_headings[row, column] & bit and need <= arrivals.entry_label:
            return way, row, column, arrivals.entry_index[row, column]
        y, x = row, column
        for c in range(arrivals.behind_first[heading], arrivals.behind_first[heading + 1]):
            y, x = row + arrivals.behind[c, 1], column + arrivals.behind[c, 0]
            if x < 0 or x >= columns or y < 0 or y >= rows or not free[y, x]:
                return -1.0, 0, 0, -1
            won = arrivals.behind_label[c]
            if won < 0:
                continue
            start, end = _height(slope, y, x), _height(slope, row, column)
            if arrivals.entry_headings[y, x] & bit and need <= slope_kernels.label_after(
                arrivals.entry_label, won, top, start, end, slope
            ):
                return way + arrivals.behind_m[c], y, x, arrivals.entry_index[y, x]
            if need <= slope_kernels.label_after(np.int64(0), won, top, start, end, slope):
                return way + arrivals.behind_m[c], y, x, -1
        start, end = _height(slope, y, x), _height(slope, row, column)
        need = _need_before(need, arrivals.gain[k], top, start, end, slope)
        row, column = y, x
        way += arrivals.length_m[k]
    return -1.0, 0, 0, -1


@numba.njit(cache=True, nogil=True)
def _is_free(free, arrivals, k, row, column):  # type: ignore[no-untyped-def]
    rows, columns = free.shape
    for c in range(arrivals.cell_first[k], arrivals.cell_first[k + 1]):
        x, y = column + arrivals.cell[c, 0], row + arrivals.cell[c, 1]
        if x < 0 or x >= columns or y < 0 or y >= rows or not free[y, x]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _step_back(label, free, arrivals, row, heading, column, need):  # type: ignore[no-untyped-def]
    # The motion over which a state is reached with `need`, and what it allows: the straightest,
    # then the one that leaves most to spare. -1 means that the field holds no such motion.
    best, best_cap, best_source = -1, -1, -1
    for p in range(arrivals.before_first[heading], arrivals.before_first[heading + 1]):
        k = arrivals.before[p]
        y, x = row - arrivals.dy[k], column - arrivals.dx[k]
        if x < 0 or x >= label.shape[2] or y < 0 or y >= label.shape[0]:
            continue
        source = np.int64(label[y, arrivals.start[k], x])
        gain, cap = arrivals.gain[k], arrivals.cap[-1, k]
        if cap < best_cap or not free[y, x]:
            continue
        start, end = _height(arrivals.slope, y, x), _height(arrivals.slope, row, column)
        if slope_kernels.label_after(source, gain, cap, start, end, arrivals.slope) < need:
            continue
        if not _is_free(free, arrivals, k, y, x):
            continue
        cap = _cap_here(arrivals, k, y, x)
        if slope_kernels.label_after(source, gain, cap, start, end, arrivals.slope) < need:
            continue
        if cap > best_cap or (cap == best_cap and source > best_source):
            best, best_cap, best_source = k, cap, source
    return best, best_cap


@numba.njit(cache=True, nogil=True)
def _cap_here(arrivals, k, row, column):  # type: ignore[no-untyped-def]
    # The label that a motion allows from a cell.
    if arrivals.level.size == 0:
        return arrivals.cap[0, k]
    c = arrivals.cell_first[k]
    level = arrivals.level[row + arrivals.cell[c, 1], column + arrivals.cell[c, 0]]
    for c in range(arrivals.cell_first[k], arrivals.cell_first[k + 1]):
        here = arrivals.level[row + arrivals.cell[c, 1], column + arrivals.cell[c, 0]]
        level = min(level, here) if arrivals.lowest else max(level, here)
    return arrivals.cap[level, k]


@numba.njit(cache=True, nogil=True)
def attaining_ways(
    label: UInt16Array, free: BoolArray, arrivals: Arrivals, targets: IntArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return a shortest way that attains the label of each state.

    Walks back with the run-up that is still needed. A motion takes its own length off that, and
    any state whose label is at least what is left will do, because every lower speed is attainable
    there too. So the need falls at each step, no search is needed, and the way is as long as the
    label says. On slopes the need may rise for a while, but not once round a circle.

    Parameters
    ----------
    targets : (n, 3) int array
        Row, heading and column.

    Returns
    -------
    node : (m, 8) int array
        Row, heading, column; the node before it on the way (-1 at a start) and the motion from
        there; at a start the cell (row * columns + column) where the straight run-up begins, the
        piece of the rim, -1 from rest, and the label that the run-up has to reach; elsewhere the
        last is the label that the motion allows.
    node_of_target : (n,) int array
        -1 where the field holds no way, which a solved field never does.
    way_m : (m,) array
        Way driven to each node.
    """
    columns = label.shape[2]
    nodes = [(0, 0, 0, 0, 0, 0, 0, 0) for _ in range(0)]
    ways = [0.0 for _ in range(0)]
    node_of_target = np.full(targets.shape[0], -1, dtype=np.int64)
    for t in range(targets.shape[0]):
        row, heading, column = targets[t, 0], targets[t, 1], targets[t, 2]
        need = np.int64(label[row, heading, column])
        chain = [(row, heading, column, need, need) for _ in range(0)]
        back = -1.0
        while True:
            back, y, x, piece = _straight_start(free, arrivals, row, heading, column, need)
            if back >= 0.0:
                break
            k, cap = _step_back(label, free, arrivals, row, heading, column, need)
            if k < 0 or len(chain) == LONGEST_CHAIN:
                break
            chain.append((row, heading, column, k, cap))
            y, x = row - arrivals.dy[k], column - arrivals.dx[k]
            start, end = _height(arrivals.slope, y, x), _height(arrivals.slope, row, column)
            need = _need_before(need, arrivals.gain[k], cap, start, end, arrivals.slope)
            row, column, heading = y, x, arrivals.start[k]
        if back < 0.0:
            continue
        nodes.append((row, heading, column, -1, -1, y * columns + x, piece, need))
        ways.append(back)
        for n in range(len(chain) - 1, -1, -1):
            row, heading, column, k, cap = chain[n]
            nodes.append((row, heading, column, len(nodes) - 1, k, -1, -1, cap))
            ways.append(ways[-1] + arrivals.length_m[k])
        node_of_target[t] = len(nodes) - 1
    node_table = np.empty((len(nodes), 8), dtype=np.int64)
    for n in range(len(nodes)):
        for field in range(8):
            node_table[n, field] = nodes[n][field]
    return node_table, node_of_target, np.array(ways)
