"""Method B. Ground and width -> who reaches whom, by taking half a width off the ground.

What is left of the ground is where the middle of the disc can be; two places in one piece reach
each other. Round corners become polygons in any buffer, so the answer is bracketed: a ground from
which too little was taken (shut there is shut) and one from which too much was taken (open there
is open). Where the bracket does not decide, it is drawn tighter; what stays open within about
0.1 mm of the width is undecided, and undecided counts as a failed check.
"""

import math
from enum import IntEnum
from itertools import pairwise

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
    open_wide = meets(wide, sources, zone)
    if not open_wide.any():
        return _between(open_wide, open_wide)
    tight = ground.buffer(-outside(half_m, FINE), quad_segs=FINE)
    open_tight = meets(tight, sources, zone)
    if (open_tight == open_wide).all():
        return _between(open_wide, open_tight)
    chains = _chains(ground)
    if len(near):
        beside = shapely.STRtree(chains).query(near, predicate="dwithin", distance=width_m)[1]
        wide = wide.difference(_grown(chains[np.unique(beside)], half_m))
        open_wide = meets(wide, sources, zone)
        if (open_tight == open_wide).all():
            return _between(open_wide, open_tight)
    wide = ground.difference(_grown(chains, half_m))
    tight = ground.difference(_grown(chains, outside(half_m, FINE)))
    return _between(meets(wide, sources, zone), meets(tight, sources, zone))


def surely_open(
    ground: BaseGeometry, width_m: float, sources: Shapes, zone: Shapes
) -> NDArray[np.bool_]:
    """Return for each piece of the zone whether it is open even where too much is taken off.

    One quick look. What is not surely open may still be open: ask `reached` then.
    """
    return meets(ground.buffer(-outside(width_m / 2, COARSE), quad_segs=COARSE), sources, zone)


def surely_free(ground: BaseGeometry, width_m: float) -> Shapes:
    """Return the pieces of ground where the middle of a disc can surely be."""
    pieces = shapely.get_parts(ground.buffer(-outside(width_m / 2, COARSE), quad_segs=COARSE))
    return np.asarray(pieces[~shapely.is_empty(pieces)])


def meets(rooms: BaseGeometry, sources: Shapes, zone: Shapes) -> NDArray[np.bool_]:
    """Return for each piece of the zone whether it shares a room with a source."""
    pieces = np.array([p for p in shapely.get_parts(rooms) if not p.is_empty], dtype=object)
    if not len(pieces) or not len(sources):
        return np.zeros(len(zone), dtype=bool)
    shapely.prepare(pieces)
    started = np.unique(_touching(pieces, sources)[1])
    piece, room = _touching(pieces, zone)
    answer = np.zeros(len(zone), dtype=bool)
    answer[piece[np.isin(room, started)]] = True
    return answer


def _touching(pieces: Shapes, shapes: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    # Prepared pieces answer fast; the tree's own predicate would prepare the small shapes instead.
    shape, piece = shapely.STRtree(pieces).query(shapes)
    hit = shapely.intersects(pieces[piece], shapes[shape])
    return shape[hit], piece[hit]


def _between(wide: NDArray[np.bool_], tight: NDArray[np.bool_]) -> NDArray[np.int8]:
    return np.where(tight, Reach.OPEN, np.where(wide, Reach.UNDECIDED, Reach.SHUT)).astype(np.int8)


def outside(radius_m: float, quad_segs: int) -> float:
    """Return the radius whose polygon of 4 `quad_segs` sides goes around a circle."""
    return radius_m / math.cos(math.pi / (4 * quad_segs))


def _grown(chains: Shapes, radius_m: float) -> BaseGeometry:
    return shapely.union_all(shapely.buffer(chains, radius_m, quad_segs=FINE))


def _chains(ground: BaseGeometry) -> Shapes:
    """Return the outline in pieces without hollows, so that no buffer evens any out."""
    polygons = shapely.orient_polygons(shapely.get_parts(ground))
    pieces: list[BaseGeometry] = []
    for ring in shapely.get_rings(polygons):
        points = shapely.get_coordinates(ring)
        ahead = np.diff(points, axis=0)
        behind = np.roll(ahead, 1, axis=0)
        # Ground lies to the left, so at a hollow of the obstacle the outline turns left.
        hollow = np.flatnonzero(behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0] > 0)
        if not len(hollow):
            pieces.append(shapely.LineString(points))
            continue
        points = np.roll(points[:-1], -hollow[0], axis=0)
        points = np.concatenate([points, points[:1]])
        stops = [*(hollow - hollow[0]), len(points) - 1]
        pieces += [shapely.LineString(points[i : j + 1]) for i, j in pairwise(stops)]
    return np.array(pieces, dtype=object)
