"""Points and segments -> their constrained Delaunay triangulation.

Libraries take a face with all its holes in turn, in a time that grows much faster than the holes:
the streets of a town are one face with ten thousand of them. Here every point is put into one
triangulation, segments that are no edge yet are made one by turning diagonals, and diagonals are
turned until no circle around a triangle holds a corner on the same side of every segment.
"""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sbd.errors import FieldError
from sbd.geometry.delaunay_kernels import (
    NONE,
    Bools,
    Floats,
    Ints,
    framed_triangles,
    join_all,
    turn_all,
)


def constrained_delaunay(points: Floats, segments: Ints) -> tuple[Ints, Ints]:
    """Return the triangles inside some closed outlines, and which of their parts each lies in.

    Parameters
    ----------
    points : (n, 2) array
        Different positions [m].
    segments : (m, 2) array
        Numbers of the points that each segment joins; segments meet at their ends only.

    Returns
    -------
    (t, 3) and (t,) arrays
        Corners of each triangle, counter-clockwise, smallest number first, in their order; and the
        number of its part: triangles of a part reach each other without crossing a segment. The
        part outside all outlines is left out.

    Raises
    ------
    FieldError
        Two segments cross; the message names the place.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.2, 1.2]])
    >>> constrained_delaunay(square, np.array([[0, 1], [1, 3], [3, 2], [2, 0]]))[0].tolist()
    [[0, 2, 1], [1, 2, 3]]
    """
    if not len(segments):
        return np.zeros((0, 3), dtype=np.int64), np.zeros(0, dtype=np.int64)
    # Differences of the positions are exact; products of large coordinates would not be.
    local = points - points.min(axis=0)
    framed = np.concatenate([local, _frame(local.max())])
    corner, across, at = framed_triangles(framed, _insertion_order(local))
    fixed = np.zeros(corner.shape, dtype=bool)
    failed = join_all(segments.astype(np.int64), framed, corner, across, fixed, at)
    if failed != NONE:
        place = ", ".join(f"{value:.1f}" for value in points[segments[failed]].mean(axis=0))
        raise FieldError(
            f"mesh: outlines cross near ({place}) and are not noded there; "
            "report this with the site file"
        )
    turn_all(framed, corner, across, fixed, at)
    part = _parts(across, fixed)
    kept = part != part[np.flatnonzero((corner >= len(points)).any(axis=1))[0]]
    return _ordered(corner[kept], part[kept])


def _frame(size: float) -> Floats:
    """Return a square far around all points; what hangs on its corners is left out in the end."""
    low, high = -2.0 * size - 1.0, 3.0 * size + 1.0
    return np.array([[low, low], [high, low], [high, high], [low, high]])


def _insertion_order(points: Floats) -> Ints:
    """Return an order in which neighbours follow each other, in rounds that double.

    Each round is spread over the whole place, so that triangles never get long, and runs along a
    curve, so that the way from one point to the next is short.
    """
    count = len(points)
    rank = np.random.default_rng(0).permutation(count)
    rounds = np.floor(np.log2(rank + 1.0))
    size = max(float(points.max(initial=0.0)), 1e-9)
    cell = np.minimum(points / size * 65_535, 65_535).astype(np.int64)
    curve = np.zeros(count, dtype=np.int64)
    for bit in range(16):
        curve |= (cell[:, 0] >> bit & 1) << (2 * bit) | (cell[:, 1] >> bit & 1) << (2 * bit + 1)
    return np.asarray(np.lexsort((curve, rounds)), dtype=np.int64)


def _parts(across: Ints, fixed: Bools) -> Ints:
    """Return the part of each triangle: what hangs together without crossing a segment."""
    open_side = (across != NONE) & ~fixed
    one, other = np.nonzero(open_side)[0], across[open_side]
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(across),) * 2)
    _, part = connected_components(links, directed=False)
    return np.asarray(part, dtype=np.int64)


def _ordered(corner: Ints, part: Ints) -> tuple[Ints, Ints]:
    """Return triangles from their smallest corner on and in its order, parts from 0 on."""
    first = corner.argmin(axis=1)
    turned = np.take_along_axis(corner, (first[:, None] + np.arange(3)) % 3, axis=1)
    order = np.lexsort(turned.T[::-1])
    return turned[order], np.unique(part[order], return_inverse=True)[1].astype(np.int64)
