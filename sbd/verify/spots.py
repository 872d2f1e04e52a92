"""Points of a site -> the free ground beside them, where somebody who wants to get there stands."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sbd.verify.arena import Arena, Shapes, grown

# A door may be drawn this far inside its building, or a little off it [m].
SNAP_M = 3.0
# From the edge of a disc to the point: within reach of a hand [m].
HAND_M = 0.5
# Who looks out of a door stands this far before it, or less where there is no room [m].
BEFORE_M = 0.3
RAYS = 120


def ground_beside(arena: Arena, points: Shapes, width_m: float) -> Shapes:
    """Return for each point where the middle of a disc of `width_m` stands that reaches it.

    That is the piece of ground at the nearest free place, as far as half the disc and a hand. An
    empty shape where no ground is within 3 m, or where the point is off the study area. Ground on
    the other side of a thin wall does not count.
    """
    reach_m = width_m / 2 + HAND_M
    found = [
        _piece_at(place.buffer(reach_m).intersection(ground), place)
        for place, ground in _places(arena, points, reach_m)
    ]
    return np.array(found, dtype=object)


def ground_in_sight(arena: Arena, points: Shapes, reach_m: float) -> Shapes:
    """Return for each point the ground within reach that is seen from right before it.

    Only solids hide anything. Between two rays 3 degrees apart the nearer end counts for neither.
    An empty shape as for `ground_beside`.
    """
    found = [
        _seen_from(place, ground, reach_m) for place, ground in _places(arena, points, reach_m)
    ]
    return np.array(found, dtype=object)


def names_of(table: gpd.GeoDataFrame, column: str) -> NDArray[np.object_]:
    """Return name and id of each row, the id alone where it has no name."""
    rows = zip(table["name"], table[column], strict=True)
    return np.array([f"{name} ({key})" if name else str(key) for name, key in rows], dtype=object)


def _places(
    arena: Arena, points: Shapes, reach_m: float
) -> list[tuple[BaseGeometry, BaseGeometry]]:
    """Return the nearest free place of each point, empty where none is near, and its ground."""
    solids = grown(arena.solids)
    tree = shapely.STRtree(solids)
    found = []
    for point in points:
        near = solids[tree.query(point, predicate="dwithin", distance=SNAP_M + reach_m)]
        taken = shapely.union_all([*near, arena.rim])
        ground = point.buffer(SNAP_M + reach_m).intersection(arena.study).difference(taken)
        off = ground.is_empty or ground.distance(point) > SNAP_M
        place = shapely.Point() if off else shapely.shortest_line(ground, point).interpolate(0)
        found.append((place, ground))
    return found


def _piece_at(ground: BaseGeometry, place: BaseGeometry) -> BaseGeometry:
    pieces = shapely.get_parts(ground)
    if place.is_empty or not len(pieces):
        return shapely.Polygon()
    return pieces[int(np.argmin(shapely.distance(pieces, place)))]


def _seen_from(place: BaseGeometry, ground: BaseGeometry, reach_m: float) -> BaseGeometry:
    before = _piece_at(place.buffer(BEFORE_M).intersection(ground), place)
    if before.is_empty:
        return before
    eye = shapely.get_coordinates(shapely.point_on_surface(before))[0]
    angle = 2 * np.pi * np.arange(RAYS) / RAYS
    ends = eye + reach_m * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rays = shapely.linestrings(np.stack([np.broadcast_to(eye, ends.shape), ends], axis=1))
    pieces, ray = shapely.get_parts(shapely.intersection(rays, ground), return_index=True)
    first = shapely.dwithin(pieces, shapely.Point(eye), 1e-9)
    far_m = np.zeros(RAYS)
    far_m[ray[first]] = shapely.length(pieces[first])
    seen = eye + (far_m / reach_m)[:, None] * (ends - eye)
    return shapely.make_valid(shapely.Polygon(seen)).intersection(ground)
