"""Method B. Ground and width -> who reaches whom, by taking half a width off the ground.

What is left of the ground is where the middle of the disc can be; two places in one piece reach
each other. Round corners become polygons in any buffer, so the answer is bracketed: a ground from
which too little was taken (shut there is shut) and one from which too much was taken (open there
is open). Where the bracket does not decide, it is drawn tighter; what stays open within about
0.1 mm of the width is undecided, and undecided counts as a failed check.
"""

import math
from enum import IntEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Shapes = NDArray[np.object_]

# The buffer of GEOS evens out hollows flatter than 1 % of the distance; that takes off too much.
HOLLOWS = 0.985
COARSE = 16
FINE = 64


class Reach(IntEnum):
    """Whether a disc gets there."""

    SHUT = 0
    OPEN = 1
    UNDECIDED = 2


def reached(
    ground: BaseGeometry, width_m: float, sources: Shapes, zone: Shapes, *, near: Shapes
) -> NDArray[np.int8]:
    """Return a `Reach` for each piece of the zone.

    Parameters
    ----------
    near : (n,) array of geometries
        Where narrow places are expected, that is the units: the bracket is drawn tighter there
        first, and over all the ground only where that does not decide.
    """
    half_m = width_m / 2
    wide = ground.buffer(-half_m * HOLLOWS, quad_segs=COARSE)
    tight = ground.buffer(-_outside(half_m, FINE), quad_segs=FINE)
    answer = _between(_meets(wide, sources, zone), _meets(tight, sources, zone))
    if not _undecided(answer):
        return answer
    edges = _edges(ground)
    if len(near):
        beside = np.unique(
            shapely.STRtree(edges).query(near, predicate="dwithin", distance=2 * width_m)[1]
        )
        wide = wide.difference(_grown(edges[beside], half_m))
        answer = _between(_meets(wide, sources, zone), _meets(tight, sources, zone))
        if not _undecided(answer):
            return answer
    # Edge by edge nothing is evened out; slow, and hardly ever needed.
    wide = ground.difference(_grown(edges, half_m))
    tight = ground.difference(_grown(edges, _outside(half_m, FINE)))
    return _between(_meets(wide, sources, zone), _meets(tight, sources, zone))


def _meets(rooms: BaseGeometry, sources: Shapes, zone: Shapes) -> NDArray[np.bool_]:
    """Return for each piece of the zone whether it shares a room with a source."""
    pieces = np.array([p for p in shapely.get_parts(rooms) if not p.is_empty], dtype=object)
    if not len(pieces) or not len(sources):
        return np.zeros(len(zone), dtype=bool)
    tree = shapely.STRtree(pieces)
    started = np.unique(tree.query(sources, predicate="intersects")[1])
    piece, room = tree.query(zone, predicate="intersects")
    answer = np.zeros(len(zone), dtype=bool)
    answer[piece[np.isin(room, started)]] = True
    return answer


def _between(wide: NDArray[np.bool_], tight: NDArray[np.bool_]) -> NDArray[np.int8]:
    return np.where(tight, Reach.OPEN, np.where(wide, Reach.UNDECIDED, Reach.SHUT)).astype(np.int8)


def _undecided(answer: NDArray[np.int8]) -> bool:
    return bool((answer == Reach.UNDECIDED).any())


def _outside(radius_m: float, quad_segs: int) -> float:
    """Return the radius whose polygon of 4 `quad_segs` sides goes around a circle."""
    return radius_m / math.cos(math.pi / (4 * quad_segs))


def _grown(edges: Shapes, radius_m: float) -> BaseGeometry:
    return shapely.union_all(shapely.buffer(edges, radius_m, quad_segs=FINE))


def _edges(ground: BaseGeometry) -> Shapes:
    rings = shapely.get_rings(shapely.get_parts(ground))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(ring[1:] == ring[:-1])
    return np.asarray(shapely.linestrings(np.stack([points[first], points[first + 1]], axis=1)))
