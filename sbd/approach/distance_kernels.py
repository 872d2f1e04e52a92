"""Compiled loops over wall edges and cells: inside tests, distances, gaps between walls.

Edges are rows (x0, y0, x1, y1) in metres from the centre of cell (row 0, column 0).
"""

# ruff: noqa: PLR0913 - a compiled loop is one function with plain arguments

import math

import numba
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@numba.njit(cache=True, nogil=True)
def inside_rings(edges: FloatArray, rows: int, columns: int, cell_m: float) -> BoolArray:
    """Return which cell centres an odd number of rings encloses."""
    flip = np.zeros((rows, columns + 1), dtype=np.bool_)
    for e in range(edges.shape[0]):
        x0, y0, x1, y1 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        first = max(0, math.ceil(y0 / cell_m))
        last = min(rows, math.ceil(y1 / cell_m))
        for row in range(first, last):
            x = x0 + (row * cell_m - y0) / (y1 - y0) * (x1 - x0)
            column = min(max(math.ceil(x / cell_m), 0), columns)
            flip[row, column] = not flip[row, column]
    inside = np.zeros((rows, columns), dtype=np.bool_)
    for row in range(rows):
        odd = False
        for column in range(columns):
            odd = odd != flip[row, column]
            inside[row, column] = odd
    return inside


@numba.njit(cache=True, nogil=True, inline="always")
def _square_to_edge(x, y, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    # Square of the distance from a point to an edge, and where on the edge its foot is, 0 to 1.
    dx, dy = x1 - x0, y1 - y0
    length2 = dx * dx + dy * dy
    share = 0.0
    if length2 > 0.0:
        share = min(max(((x - x0) * dx + (y - y0) * dy) / length2, 0.0), 1.0)
    px, py = x0 + share * dx - x, y0 + share * dy - y
    return px * px + py * py, share


@numba.njit(cache=True, nogil=True)
def distance_to_edges(
    edges: FloatArray, rows: int, columns: int, cell_m: float, reach_m: float
) -> FloatArray:
    """Return the distance of each cell centre to the nearest edge [m], `reach_m` where further."""
    square = np.full((rows, columns), reach_m * reach_m)
    for e in range(edges.shape[0]):
        x0, y0, x1, y1 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        first_row = max(0, math.ceil((min(y0, y1) - reach_m) / cell_m))
        last_row = min(rows - 1, math.floor((max(y0, y1) + reach_m) / cell_m))
        first_column = max(0, math.ceil((min(x0, x1) - reach_m) / cell_m))
        last_column = min(columns - 1, math.floor((max(x0, x1) + reach_m) / cell_m))
        for row in range(first_row, last_row + 1):
            for column in range(first_column, last_column + 1):
                d2, _ = _square_to_edge(column * cell_m, row * cell_m, x0, y0, x1, y1)
                square[row, column] = min(square[row, column], d2)
    distance: FloatArray = np.sqrt(square)
    return distance


@numba.njit(cache=True, nogil=True)
def mark_entries(
    edges: FloatArray,
    headings_in: NDArray[np.uint64],
    piece: IntArray,
    rows: int,
    columns: int,
    cell_m: float,
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Return which headings come in at each cell, as bits, and over which piece of the rim.

    A straight line that crosses the rim has its last cell within 1.4142 cells of the crossing.
    `piece` is -1 where nothing comes in; the nearest one counts.
    """
    reach = (math.sqrt(2.0) + 1e-6) * cell_m
    bits = np.zeros((rows, columns), dtype=np.uint64)
    nearest = np.full((rows, columns), np.inf)
    index = np.full((rows, columns), -1, dtype=np.int32)
    for e in range(edges.shape[0]):
        x0, y0, x1, y1 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        first_row = max(0, math.ceil((min(y0, y1) - reach) / cell_m))
        last_row = min(rows - 1, math.floor((max(y0, y1) + reach) / cell_m))
        first_column = max(0, math.ceil((min(x0, x1) - reach) / cell_m))
        last_column = min(columns - 1, math.floor((max(x0, x1) + reach) / cell_m))
        for row in range(first_row, last_row + 1):
            for column in range(first_column, last_column + 1):
                d2, _ = _square_to_edge(column * cell_m, row * cell_m, x0, y0, x1, y1)
                if d2 <= reach * reach:
                    bits[row, column] |= headings_in[e]
                    if d2 < nearest[row, column]:
                        nearest[row, column] = d2
                        index[row, column] = piece[e]
    return bits, index


def bucket_edges(edges: FloatArray, size_m: float) -> tuple[IntArray, IntArray, IntArray]:
    """Return the edges sorted into square buckets: shape (x, y, low x, low y), first, edge.

    An edge is in each bucket that its bounding box touches. Bucket (x, y) of the shape holds
    `edge[first[y * wide + x]:first[y * wide + x + 1]]`.
    """
    corners = edges.reshape(-1, 2, 2)
    least = np.floor(corners.min(axis=1) / size_m).astype(np.int64)
    most = np.floor(corners.max(axis=1) / size_m).astype(np.int64)
    low = least.min(axis=0)
    wide, high = most.max(axis=0) - low + 1
    spread = most - least + 1
    edge = np.repeat(np.arange(len(edges)), spread.prod(axis=1))
    ends = np.cumsum(spread.prod(axis=1))
    number = np.arange(len(edge)) - np.repeat(ends - spread.prod(axis=1), spread.prod(axis=1))
    x = least[edge, 0] - low[0] + number % spread[edge, 0]
    y = least[edge, 1] - low[1] + number // spread[edge, 0]
    order = np.argsort(y * wide + x, kind="stable")
    counts = np.bincount(y * wide + x, minlength=wide * high)
    first = np.concatenate([[0], np.cumsum(counts)])
    return np.array([wide, high, *low]), first, edge[order]


@numba.njit(cache=True, nogil=True)
def clearance_at(
    x: float,
    y: float,
    reach_m: float,
    edges: FloatArray,
    size_m: float,
    shape: IntArray,
    first: IntArray,
    content: IntArray,
) -> float:
    """Return the exact distance of one point to the nearest edge [m], at most `reach_m`."""
    best = reach_m * reach_m
    wide, high, low_x, low_y = shape[0], shape[1], shape[2], shape[3]
    bx0 = max(math.floor((x - reach_m) / size_m) - low_x, 0)
    bx1 = min(math.floor((x + reach_m) / size_m) - low_x, wide - 1)
    by0 = max(math.floor((y - reach_m) / size_m) - low_y, 0)
    by1 = min(math.floor((y + reach_m) / size_m) - low_y, high - 1)
    for by in range(by0, by1 + 1):
        for bx in range(bx0, bx1 + 1):
            b = by * wide + bx
            for k in range(first[b], first[b + 1]):
                e = content[k]
                d2, _ = _square_to_edge(x, y, edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3])
                best = min(best, d2)
    return math.sqrt(best)


@numba.njit(cache=True, nogil=True)
def _closest(edges, e, f):  # type: ignore[no-untyped-def]
    # The shortest way between two edges that don't cross: one of its ends is an end of an edge.
    best, ax, ay, bx, by = np.inf, 0.0, 0.0, 0.0, 0.0
    for turn in range(2):
        p, q = (e, f) if turn == 0 else (f, e)
        for end in range(2):
            x, y = edges[p, 2 * end], edges[p, 2 * end + 1]
            d2, share = _square_to_edge(x, y, edges[q, 0], edges[q, 1], edges[q, 2], edges[q, 3])
            if d2 < best - 1e-12:
                best, ax, ay = d2, x, y
                bx = edges[q, 0] + share * (edges[q, 2] - edges[q, 0])
                by = edges[q, 1] + share * (edges[q, 3] - edges[q, 1])
    return best, ax, ay, bx, by


@numba.njit(cache=True, nogil=True)
def narrow_gaps(
    edges: FloatArray,
    narrowest_m: float,
    widest_m: float,
    size_m: float,
    shape: IntArray,
    first: IntArray,
    content: IntArray,
) -> FloatArray:
    """Return the gaps between edges, as rows (ax, ay, bx, by), in a range of widths.

    A gap is a shortest way between two edges whose disc (the way is its diameter) holds no other
    edge: the places where the room between walls is locally narrowest.
    """
    found = [(0.0, 0.0, 0.0, 0.0) for _ in range(0)]
    wide, high, low_x, low_y = shape[0], shape[1], shape[2], shape[3]
    for e in range(edges.shape[0]):
        bx0 = math.floor((min(edges[e, 0], edges[e, 2]) - widest_m) / size_m) - low_x
        bx1 = math.floor((max(edges[e, 0], edges[e, 2]) + widest_m) / size_m) - low_x
        by0 = math.floor((min(edges[e, 1], edges[e, 3]) - widest_m) / size_m) - low_y
        by1 = math.floor((max(edges[e, 1], edges[e, 3]) + widest_m) / size_m) - low_y
        for by in range(max(by0, 0), min(by1, high - 1) + 1):
            for bx in range(max(bx0, 0), min(bx1, wide - 1) + 1):
                b = by * wide + bx
                for k in range(first[b], first[b + 1]):
                    f = content[k]
                    if f <= e:
                        continue
                    d2, ax, ay, cx, cy = _closest(edges, e, f)
                    if d2 <= narrowest_m * narrowest_m or d2 > widest_m * widest_m:
                        continue
                    half = math.sqrt(d2) / 2.0
                    mx, my = (ax + cx) / 2.0, (ay + cy) / 2.0
                    room = clearance_at(mx, my, half, edges, size_m, shape, first, content)
                    if room >= half - 1e-6:
                        found.append((ax, ay, cx, cy))
    gaps = np.empty((len(found), 4))
    for k in range(len(found)):
        gaps[k, 0], gaps[k, 1], gaps[k, 2], gaps[k, 3] = found[k]
    return gaps


@numba.njit(cache=True, nogil=True)
def middle_of_gap(
    gap: FloatArray,
    side: float,
    narrow_m: float,
    roomy_m: float,
    step_m: float,
    most_steps: int,
    edges: FloatArray,
    size_m: float,
    shape: IntArray,
    first: IntArray,
    content: IntArray,
) -> FloatArray:
    """Return places along the middle between two walls, from a gap to one side of it.

    Stops where the room is `roomy_m` (the grid sees that itself) or no longer `narrow_m`.
    """
    places = np.empty((most_steps + 1, 2))
    x, y = (gap[0] + gap[2]) / 2.0, (gap[1] + gap[3]) / 2.0
    width = math.hypot(gap[2] - gap[0], gap[3] - gap[1])
    tx, ty = -side * (gap[3] - gap[1]) / width, side * (gap[2] - gap[0]) / width
    count = 0
    for _ in range(most_steps + 1):
        room = clearance_at(x, y, roomy_m, edges, size_m, shape, first, content)
        if room < narrow_m:
            break
        places[count, 0], places[count, 1] = x, y
        count += 1
        if room >= roomy_m:
            break
        nx, ny = x + step_m * tx, y + step_m * ty
        # Across the way the room rises to one summit: halve the bracket by thirds.
        low, high = -step_m, step_m
        for _ in range(40):
            left, right = low + (high - low) / 3.0, high - (high - low) / 3.0
            at_left = clearance_at(
                nx - ty * left, ny + tx * left, roomy_m, edges, size_m, shape, first, content
            )
            at_right = clearance_at(
                nx - ty * right, ny + tx * right, roomy_m, edges, size_m, shape, first, content
            )
            if at_left < at_right - 1e-12:
                low = left
            elif at_right < at_left - 1e-12:
                high = right
            else:
                low, high = left, right
        aside = (low + high) / 2.0
        nx, ny = nx - ty * aside, ny + tx * aside
        length = math.hypot(nx - x, ny - y)
        tx, ty = (nx - x) / length, (ny - y) / length
        x, y = nx, ny
    return places[:count]


@numba.njit(cache=True, nogil=True)
def cells_on_edges(mask: BoolArray, edges: FloatArray, cell_m: float) -> None:
    """Set the cells whose square an edge touches; no step to a neighbour crosses their line."""
    rows, columns = mask.shape
    half = cell_m / 2.0 + 1e-6
    for e in range(edges.shape[0]):
        x0, y0, x1, y1 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        rise = y1 - y0
        first_row = max(0, math.ceil((min(y0, y1) - half) / cell_m))
        last_row = min(rows - 1, math.floor((max(y0, y1) + half) / cell_m))
        for row in range(first_row, last_row + 1):
            # The part of the edge within the row of squares, then the columns it spans.
            low, high = 0.0, 1.0
            if abs(rise) > 1e-12:
                a, b = (row * cell_m - half - y0) / rise, (row * cell_m + half - y0) / rise
                low, high = max(low, min(a, b)), min(high, max(a, b))
            if low > high:
                continue
            xa, xb = x0 + low * (x1 - x0), x0 + high * (x1 - x0)
            first_column = max(0, math.ceil((min(xa, xb) - half) / cell_m))
            last_column = min(columns - 1, math.floor((max(xa, xb) + half) / cell_m))
            for column in range(first_column, last_column + 1):
                mask[row, column] = True


@numba.njit(cache=True, nogil=True)
def cells_near(mask: BoolArray, places: FloatArray, cell_m: float, reach_m: float) -> None:
    """Set the cells whose centre is within `reach_m` of one of the places."""
    rows, columns = mask.shape
    for k in range(places.shape[0]):
        x, y = places[k, 0], places[k, 1]
        for row in range(
            max(0, math.ceil((y - reach_m) / cell_m)),
            min(rows - 1, math.floor((y + reach_m) / cell_m)) + 1,
        ):
            for column in range(
                max(0, math.ceil((x - reach_m) / cell_m)),
                min(columns - 1, math.floor((x + reach_m) / cell_m)) + 1,
            ):
                if math.hypot(column * cell_m - x, row * cell_m - y) <= reach_m:
                    mask[row, column] = True
