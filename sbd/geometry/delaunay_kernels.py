"""The loops of the constrained Delaunay triangulation, compiled.

A triangle has three corners, counter-clockwise; `across` names its neighbour over the side opposite
to each corner, `fixed` says which of those sides are segments, `at` names a triangle of each point.
All four are changed in place. The last four points are a square around the others.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NONE = -1
# Nearer to a circle than this share of what is summed up, a corner lies on it: turning ends.
ON_CIRCLE = 1e-12
MOST_PASSES = 10_000  # over crossed edges or over all edges; a handful is usual


@numba.njit(cache=True)
def _side(xy: Floats, a: int, b: int, c: int) -> float:
    """Return twice the area of a triangle: positive where c lies to the left of the way a to b."""
    ax, ay = xy[a, 0] - xy[c, 0], xy[a, 1] - xy[c, 1]
    bx, by = xy[b, 0] - xy[c, 0], xy[b, 1] - xy[c, 1]
    return float(ax * by - ay * bx)


@numba.njit(cache=True)
def _in_circle(xy: Floats, a: int, b: int, c: int, d: int) -> bool:
    """Say whether d lies inside the circle around the counter-clockwise triangle a, b, c."""
    ax, ay = xy[a, 0] - xy[d, 0], xy[a, 1] - xy[d, 1]
    bx, by = xy[b, 0] - xy[d, 0], xy[b, 1] - xy[d, 1]
    cx, cy = xy[c, 0] - xy[d, 0], xy[c, 1] - xy[d, 1]
    a2, b2, c2 = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    total = a2 * (bx * cy - by * cx) + b2 * (cx * ay - cy * ax) + c2 * (ax * by - ay * bx)
    summed = a2 * (abs(bx * cy) + abs(by * cx)) + b2 * (abs(cx * ay) + abs(cy * ax))
    summed += c2 * (abs(ax * by) + abs(ay * bx))
    return bool(total > ON_CIRCLE * summed)


@numba.njit(cache=True)
def _place_of(row: Ints, value: int) -> int:
    """Return where in a row of three a value stands."""
    if row[0] == value:
        return 0
    return 1 if row[1] == value else 2


@numba.njit(cache=True)
def _turn(t: int, k: int, corner: Ints, across: Ints, fixed: Bools, at: Ints) -> None:
    """Turn the diagonal opposite to corner k of triangle t.

    Corners a, b, c of t and d beyond b-c become t = a, b, d and its neighbour u = a, d, c.
    """
    u = across[t, k]
    j = _place_of(across[u], t)
    k1, k2, j1, j2 = (k + 1) % 3, (k + 2) % 3, (j + 1) % 3, (j + 2) % 3
    a, b, c, d = corner[t, k], corner[t, k1], corner[t, k2], corner[u, j]
    over_ca, over_ab, over_bd, over_dc = across[t, k1], across[t, k2], across[u, j1], across[u, j2]
    fixed_ca, fixed_ab, fixed_bd, fixed_dc = fixed[t, k1], fixed[t, k2], fixed[u, j1], fixed[u, j2]
    corner[t, 0], corner[t, 1], corner[t, 2] = a, b, d
    across[t, 0], across[t, 1], across[t, 2] = over_bd, u, over_ab
    fixed[t, 0], fixed[t, 1], fixed[t, 2] = fixed_bd, False, fixed_ab
    corner[u, 0], corner[u, 1], corner[u, 2] = a, d, c
    across[u, 0], across[u, 1], across[u, 2] = over_dc, over_ca, t
    fixed[u, 0], fixed[u, 1], fixed[u, 2] = fixed_dc, fixed_ca, False
    if over_bd != NONE:
        across[over_bd, _place_of(across[over_bd], u)] = t
    if over_ca != NONE:
        across[over_ca, _place_of(across[over_ca], t)] = u
    at[a], at[b], at[c], at[d] = t, t, u, t


@numba.njit(cache=True)
def _may_turn(xy: Floats, t: int, k: int, corner: Ints, across: Ints) -> bool:
    """Say whether the two triangles on a side make a convex four-corner."""
    u = across[t, k]
    a, d = corner[t, k], corner[u, _place_of(across[u], t)]
    b, c = corner[t, (k + 1) % 3], corner[t, (k + 2) % 3]
    return _side(xy, a, b, d) > 0 and _side(xy, a, d, c) > 0


@numba.njit(cache=True)
def _should_turn(xy: Floats, t: int, k: int, corner: Ints, across: Ints) -> bool:
    """Say whether the corner beyond a side lies in the circle around its triangle."""
    u = across[t, k]
    d = corner[u, _place_of(across[u], t)]
    return _in_circle(xy, corner[t, 0], corner[t, 1], corner[t, 2], d) and _may_turn(
        xy, t, k, corner, across
    )


@numba.njit(cache=True)
def framed_triangles(xy: Floats, order: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the Delaunay triangles of points; the last four are a square around the others.

    Corners (t, 3), neighbours over the side opposite to each corner (t, 3), and a triangle at each
    point (n,).
    """
    count = len(order)
    corner = np.full((2 * count + 2, 3), NONE, np.int64)
    across = np.full((2 * count + 2, 3), NONE, np.int64)
    fixed = np.zeros((2 * count + 2, 3), np.bool_)
    at = np.zeros(count + 4, np.int64)
    south_west, south_east, north_east, north_west = count, count + 1, count + 2, count + 3
    corner[0, 0], corner[0, 1], corner[0, 2] = south_west, south_east, north_east
    corner[1, 0], corner[1, 1], corner[1, 2] = south_west, north_east, north_west
    across[0, 1], across[1, 2] = 1, 0
    at[north_west] = 1
    used, t = 2, 0
    for point in order:
        t = _around(xy, point, t, corner, across)
        _put_in(point, t, used, corner, across, at)
        waiting = [t, used, used + 1]
        used += 2
        while waiting:
            t = waiting.pop()  # its first corner is the new point
            if across[t, 0] != NONE and _should_turn(xy, t, 0, corner, across):
                u = across[t, 0]
                _turn(t, 0, corner, across, fixed, at)
                waiting.append(t)
                waiting.append(u)
    return corner, across, at


@numba.njit(cache=True)
def _around(xy: Floats, point: int, t: int, corner: Ints, across: Ints) -> int:
    """Return the triangle around a point, walked to from triangle t."""
    k = 0
    while k < 3:
        beyond = _side(xy, corner[t, (k + 1) % 3], corner[t, (k + 2) % 3], point) < 0
        t, k = (across[t, k], 0) if beyond else (t, k + 1)
    return int(t)


@numba.njit(cache=True)
def _put_in(point: int, t: int, new: int, corner: Ints, across: Ints, at: Ints) -> None:
    """Divide triangle t into three at a point, which becomes the first corner of each.

    A point on a side makes one of them flat; the turning that follows takes that side away.
    """
    a, b, c = corner[t, 0], corner[t, 1], corner[t, 2]
    over_a, over_b, over_c = across[t, 0], across[t, 1], across[t, 2]
    corner[t, 0] = point
    across[t, 1], across[t, 2] = new, new + 1
    corner[new, 0], corner[new, 1], corner[new, 2] = point, c, a
    across[new, 0], across[new, 1], across[new, 2] = over_b, new + 1, t
    corner[new + 1, 0], corner[new + 1, 1], corner[new + 1, 2] = point, a, b
    across[new + 1, 0], across[new + 1, 1], across[new + 1, 2] = over_c, t, new
    across[t, 0] = over_a
    if over_b != NONE:
        across[over_b, _place_of(across[over_b], t)] = new
    if over_c != NONE:
        across[over_c, _place_of(across[over_c], t)] = new + 1
    at[point], at[a], at[b], at[c] = t, new, t, t


@numba.njit(cache=True)
def join_all(segments: Ints, xy: Floats, corner: Ints, across: Ints, fixed: Bools, at: Ints) -> int:
    """Make every segment an edge; return the number of one that crosses another, or `NONE`."""
    for number in range(len(segments)):
        here, there = segments[number, 0], segments[number, 1]
        while here != there:
            here = _join(here, there, xy, corner, across, fixed, at)
            if here == NONE:
                return number
    return NONE


@numba.njit(cache=True)
def _join(a: int, b: int, xy: Floats, corner: Ints, across: Ints, fixed: Bools, at: Ints) -> int:
    """Make the way from a towards b an edge, as far as the next corner on it; return that one."""
    t, k = _begin(a, b, xy, corner, across, at)
    if t == NONE:
        return NONE
    right, left = corner[t, (k + 1) % 3], corner[t, (k + 2) % 3]
    if _side(xy, a, b, right) == 0 or right == b:
        _fix(t, (k + 2) % 3, across, fixed)
        return int(right)
    crossed, goal = [(right, left)], NONE
    while goal == NONE:
        if fixed[t, k]:
            return NONE
        u = across[t, k]
        j = _place_of(across[u], t)
        d = corner[u, j]
        side = _side(xy, a, b, d)
        if d == b or side == 0:
            goal = d
        elif side > 0:  # the way leaves between the right corner and d, opposite to the left one
            t, k, left = u, (j + 1) % 3, d
            crossed.append((right, left))
        else:
            t, k, right = u, (j + 2) % 3, d
            crossed.append((right, left))
    if not _clear(a, goal, crossed, xy, corner, across, fixed, at):
        return NONE
    t, k = _edge(a, goal, len(xy) - 4, corner, across, at)
    _fix(t, k, across, fixed)
    return int(goal)


@numba.njit(cache=True)
def _begin(a: int, b: int, xy: Floats, corner: Ints, across: Ints, at: Ints) -> tuple[int, int]:
    """Return the triangle at a, and a's place in it, through which the way to b leaves.

    Either it leaves between the other two corners or along the side to the first of them.
    """
    first = at[a]
    t = first
    while True:
        k = _place_of(corner[t], a)
        right, left = corner[t, (k + 1) % 3], corner[t, (k + 2) % 3]
        side = _side(xy, a, b, right)
        ahead = (xy[right] - xy[a]) @ (xy[b] - xy[a]) > 0
        if right == b or (side == 0 and ahead) or (side < 0 and _side(xy, a, b, left) > 0):
            return t, k
        t = across[t, (k + 1) % 3]
        if t == first:
            return NONE, NONE


@numba.njit(cache=True)
def _clear(
    a: int,
    b: int,
    crossed: list[tuple[int, int]],
    xy: Floats,
    corner: Ints,
    across: Ints,
    fixed: Bools,
    at: Ints,
) -> bool:
    """Turn every edge that the way from a to b crosses; say whether that came to an end."""
    for _ in range(MOST_PASSES):
        still = [(0, 0) for _ in range(0)]
        for p, q in crossed:
            t, k = _edge(p, q, len(xy) - 4, corner, across, at)
            if not _may_turn(xy, t, k, corner, across):
                still.append((p, q))
                continue
            _turn(t, k, corner, across, fixed, at)
            one, other = corner[t, 0], corner[t, 2]  # the ends of the new diagonal
            at_end = one in (a, b) or other in (a, b)
            if not at_end and _side(xy, a, b, one) * _side(xy, a, b, other) < 0:
                still.append((one, other))
        if not still:
            return True
        crossed = still
    return False


@numba.njit(cache=True)
def _edge(p: int, q: int, frame: int, corner: Ints, across: Ints, at: Ints) -> tuple[int, int]:
    """Return a triangle with the side p-q, and the place of the corner opposite to it."""
    pivot, end = (p, q) if p < frame else (q, p)  # triangles go all around any other point
    t = at[pivot]
    while True:
        k = _place_of(corner[t], pivot)
        if corner[t, (k + 1) % 3] == end:
            return t, (k + 2) % 3
        t = across[t, (k + 1) % 3]


@numba.njit(cache=True)
def _fix(t: int, k: int, across: Ints, fixed: Bools) -> None:
    """Hold a side, seen from both of its triangles."""
    u = across[t, k]
    fixed[t, k] = True
    fixed[u, _place_of(across[u], t)] = True


@numba.njit(cache=True)
def turn_all(xy: Floats, corner: Ints, across: Ints, fixed: Bools, at: Ints) -> None:
    """Turn diagonals until none should be; sides that are held stay."""
    for _ in range(MOST_PASSES):
        turned = False
        for t in range(len(corner)):
            for k in range(3):
                free = across[t, k] != NONE and not fixed[t, k]
                if free and _should_turn(xy, t, k, corner, across):
                    _turn(t, k, corner, across, fixed, at)
                    turned = True
        if not turned:
            return
