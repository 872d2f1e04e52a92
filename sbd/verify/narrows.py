"""Method A. Ground and width -> the narrow places of the ground, cut there, and who reaches whom.

A narrow place is a segment between two points of the outline, shorter than the width, whose
diametral disc holds no obstacle. A disc of that width cannot take its middle across one; and where
the clearance along some way is least, the two nearest points of the outline form exactly such
a segment. So the faces that remain when the ground is cut along all of them are the rooms within
which a disc can move, without any approximation but floating point.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]

# A foot on an edge is pushed across it by this, so that one off by 1e-16 still cuts [m]. A corner
# is met exactly: beyond it a longer cut could run along the wall without touching it.
OVERSHOOT_M = 1e-3
# Places on a shape that are looked at before it is cut up: so far apart, and so many at most.
LOOK_M = 0.3
MOST_LOOKS = 2000
# The polygon of a disc that is grown from an edge reaches at least this share of its radius.
ROUNDED = 0.99
# Angles and distances closer than this are equal.
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Rooms:
    """Ground cut at its narrow places.

    Parameters
    ----------
    width_m : float
        Diameter of the disc.
    segments : (n, 2, 2) array
        Ends of the narrow places.
    faces : (f,) array of Polygon
        What remains; each is one room for the disc, or too narrow for it.
    edges : (e,) array of LineString
        Outline of the ground.
    """

    width_m: float
    segments: Floats
    faces: Shapes
    edges: Shapes
    _held: dict[tuple[int, float], tuple[Shapes, NDArray[np.intp]]] = field(
        default_factory=dict, repr=False
    )

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Tree of the edges."""
        return shapely.STRtree(self.edges)

    @property
    def lengths_m(self) -> Floats:
        """Clear width of each narrow place, short by the skin of both obstacles."""
        return _length(self.segments[:, 1] - self.segments[:, 0])


def cut_into_rooms(ground: BaseGeometry, width_m: float) -> Rooms:
    """Return the rooms of `ground` for a disc of `width_m`."""
    start, stop, previous = _outline(ground)
    edges = shapely.linestrings(np.stack([start, stop], axis=1))
    segments, cuts = _narrow_places(start, stop, previous, edges, width_m)
    lines = shapely.union_all([shapely.boundary(ground), *shapely.linestrings(cuts)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    shapely.prepare(ground)
    faces = faces[shapely.contains(ground, shapely.point_on_surface(faces))]
    shapely.prepare(faces)
    return Rooms(width_m, segments, faces, edges)


def reached(rooms: Rooms, sources: Shapes, zone: Shapes) -> NDArray[np.bool_]:
    """Return for each piece of the zone whether the middle of the disc gets into it.

    A nose that pokes in between two units by less than half a width is no breach.
    """
    answer = np.zeros(len(zone), dtype=bool)
    piece, face = _touched(rooms, zone)
    started = np.intersect1d(face, rooms_with(rooms, sources, rooms.width_m))
    rows = np.isin(face, started)
    piece, face = piece[rows], face[rows]
    answer[piece[_held(rooms, zone[piece], face, rooms.width_m)]] = True
    return answer


def rooms_with(rooms: Rooms, terminals: Shapes, width_m: float) -> NDArray[np.intp]:
    """Return the faces in which the middle of a disc can be on any of `terminals`.

    Remembered for the same array, as most questions ask for the same sources and the same zone.
    """
    key = id(terminals), width_m
    if key not in rooms._held:
        terminal, face = _touched(rooms, terminals)
        found = np.unique(face[_held(rooms, terminals[terminal], face, width_m, once=True)])
        # The array is kept with the answer, so that its id stays its own.
        rooms._held[key] = terminals, found
    return rooms._held[key][1]


def _held(
    rooms: Rooms, shapes: Shapes, faces: NDArray[np.intp], width_m: float, *, once: bool = False
) -> NDArray[np.bool_]:
    """Return for pairs of shape and face whether the middle of a disc can be on both.

    With `once` a face that has held one shape is not asked about others: they count as not held.
    """
    if not len(shapes):
        return np.zeros(0, dtype=bool)
    parts = shapes.copy()
    crossing = ~shapely.covers(rooms.faces[faces], parts)
    parts[crossing] = shapely.intersection(parts[crossing], rooms.faces[faces[crossing]])
    fits = _distance(rooms.tree, shapely.point_on_surface(parts)) >= width_m / 2
    done = set(faces[fits].tolist()) if once else set()
    for row in np.flatnonzero(~fits):
        if faces[row] in done or parts[row].is_empty:
            continue
        if _fits(parts[row], rooms, width_m):
            fits[row] = True
            if once:
                done.add(int(faces[row]))
    return fits


def clearance_m(rooms: Rooms, points: Shapes) -> Floats:
    """Return the distance of each point from the outline of the ground."""
    return _distance(rooms.tree, points)


def sides(rooms: Rooms) -> NDArray[np.intp]:
    """Return (k, 3): segment, face on one side, face on the other; where both are rooms.

    Looked up at two places of each segment, as two segments may cross on a common circle.
    """
    if not len(rooms.segments) or not len(rooms.faces):
        return np.empty((0, 3), dtype=np.intp)
    along = rooms.segments[:, 1] - rooms.segments[:, 0]
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / rooms.lengths_m[:, None]
    rows = []
    for share in (0.23, 0.71):
        middle = rooms.segments[:, 0] + share * along
        left, right = (face_at(rooms, middle + sign * 2e-5 * normal) for sign in (1, -1))
        rows.append(np.stack([np.arange(len(left)), left, right], axis=1))
    found = np.concatenate(rows)
    return np.unique(found[(found[:, 1:] >= 0).all(axis=1)], axis=0)


def widest_way(
    rooms: Rooms, sources: Shapes, zone: Shapes, width_m: float
) -> tuple[float, Floats] | None:
    """Return the widest disc below `rooms.width_m` that gets in, and where it squeezes through.

    It starts and ends where a disc of `width_m` can be. None where no way leads from a source to
    the zone at any width, or where a disc of the full width gets in already.
    """
    outside, inside = (rooms_with(rooms, t, width_m) for t in (sources, zone))
    if not len(outside) or not len(inside) or np.intersect1d(outside, inside).size:
        return None
    label = np.arange(len(rooms.faces))
    label[outside] = outside[0]
    label[inside] = inside[0]
    lengths_m = rooms.lengths_m
    pairs = sides(rooms)
    # Open the narrow places from the widest down until both sides meet.
    for segment, one, other in pairs[np.argsort(-lengths_m[pairs[:, 0]], kind="stable")]:
        label[label == label[one]] = label[other]
        if label[outside[0]] == label[inside[0]]:
            return float(lengths_m[segment]), rooms.segments[segment]
    return None


def _outline(ground: BaseGeometry) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return start and stop of every edge, and the edge before it; ground lies to the left."""
    polygons = shapely.orient_polygons(shapely.get_parts(ground))
    rings = shapely.get_rings(shapely.remove_repeated_points(polygons, TOLERANCE))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    first = np.r_[True, ring[edge][1:] != ring[edge][:-1]]
    # A ring repeats its first point at the end, so the vertex before the first is the last but one.
    last = np.r_[np.flatnonzero(first)[1:] - 1, len(edge) - 1]
    previous = np.arange(len(edge)) - 1
    previous[first] = last
    return points[edge], points[edge + 1], previous


def _narrow_places(
    start: Floats, stop: Floats, previous: NDArray[np.intp], edges: Shapes, width_m: float
) -> tuple[Floats, Floats]:
    """Return the segments from a corner to its foot on another edge, and the cuts along them."""
    incoming, outgoing = _direction(start - start[previous]), _direction(stop - start)
    # Only a corner that sticks out into the ground can be the nearest point of its obstacle.
    sticks_out = _cross(incoming, outgoing) <= TOLERANCE
    corners = np.flatnonzero(sticks_out)
    tree = shapely.STRtree(edges)
    # Only the boxes of the cones are asked for: what they hold beside is sorted out below anyhow.
    near, edge = tree.query(
        _boxes_of_cones(start[corners], incoming[corners], outgoing[corners], width_m)
    )
    corner = corners[near]
    # An edge that shows its back holds no foot.
    front = _cross(outgoing[edge], start[corner] - start[edge]) >= -2 * TOLERANCE * width_m
    corner, edge = corner[front], edge[front]

    tip, foot, share = _feet(start[corner], start[edge], stop[edge])
    across = foot - tip
    length_m = _length(across)
    keep = (length_m > TOLERANCE) & (length_m < width_m)
    corner, edge, tip, foot, share = (a[keep] for a in (corner, edge, tip, foot, share))
    across = _direction(foot - tip)

    # Neither outline may enter the diametral disc: at the tip ...
    keep = _dot(outgoing[corner], across) <= TOLERANCE
    keep &= _dot(-incoming[corner], across) <= TOLERANCE
    # ... and at the foot, which is on the ground's side of its edge or at a corner that sticks out.
    keep &= _cross(outgoing[edge], -across) >= -TOLERANCE
    after = np.empty(len(previous), dtype=np.intp)
    after[previous] = np.arange(len(previous))
    at_start, at_stop = share <= 0.0, share >= 1.0
    keep &= ~at_start | (sticks_out[edge] & (_dot(-incoming[edge], -across) <= TOLERANCE))
    keep &= ~at_stop | (
        sticks_out[after[edge]] & (_dot(outgoing[after[edge]], -across) <= TOLERANCE)
    )
    tip, foot, inner = tip[keep], foot[keep], ~(at_start | at_stop)[keep]
    middle = shapely.points((tip + foot) / 2)
    half_m = _length(foot - tip) / 2
    clear_m = _distance(tree, middle)
    empty = clear_m >= half_m - TOLERANCE
    tip, foot, inner = tip[empty], foot[empty], inner[empty]
    beyond = foot + inner[:, None] * OVERSHOOT_M * _direction(foot - tip)
    segments = np.stack([tip, foot], axis=1)
    once = _distinct(segments)
    return segments[once], np.stack([tip, beyond], axis=1)[once]


def _boxes_of_cones(tip: Floats, incoming: Floats, outgoing: Floats, width_m: float) -> Shapes:
    """Return boxes around where the foot of a narrow place can be: between a corner's two normals.

    Looking there only, and not all around, is what keeps rows of round posts fast.
    """
    turn = np.abs(np.arctan2(-_cross(incoming, outgoing), _dot(incoming, outgoing)))
    # A little wider than it is, so that the cone of a straight wall is not empty.
    angles = np.stack([np.full_like(turn, 1e-3), -turn / 2, -turn - 1e-3], axis=1)
    # Chords of the arc must not cut into it.
    reach_m = width_m / np.cos((turn / 2 + 1e-3) / 2)
    cos, sin = np.cos(angles), np.sin(angles)
    normal_x, normal_y = -incoming[:, 1:], incoming[:, :1]
    ways = np.stack([cos * normal_x - sin * normal_y, sin * normal_x + cos * normal_y], axis=2)
    arc = tip[:, None] + reach_m[:, None, None] * ways
    low, high = (f(np.concatenate([tip[:, None], arc], axis=1), axis=1) for f in (np.min, np.max))
    return np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))


def _feet(point: Floats, start: Floats, stop: Floats) -> tuple[Floats, Floats, Floats]:
    along = stop - start
    length_m = np.maximum(_length(along), 1e-300)
    share = _dot(point - start, along) / length_m**2
    # A foot beside a corner is the corner.
    share[share * length_m <= TOLERANCE] = 0.0
    share[(1.0 - share) * length_m <= TOLERANCE] = 1.0
    foot = start + share[:, None] * along
    foot[share >= 1.0] = stop[share >= 1.0]
    return point, foot, share


def _distance(tree: shapely.STRtree, points: Shapes) -> Floats:
    """Return the distance of each point from the outline; 0 for a point that is empty."""
    distance_m = np.zeros(len(points))
    (row, _), found_m = tree.query_nearest(points, all_matches=False, return_distance=True)
    distance_m[row] = found_m
    return distance_m


def _distinct(segments: Floats) -> NDArray[np.intp]:
    """Return each segment once: a pair of corners is met from both of their edges."""
    flat = segments.reshape(-1, 4)
    swap = (flat[:, 0] > flat[:, 2]) | ((flat[:, 0] == flat[:, 2]) & (flat[:, 1] > flat[:, 3]))
    flat = np.where(swap[:, None], flat[:, [2, 3, 0, 1]], flat)
    _, first = np.unique(np.round(flat / TOLERANCE), axis=0, return_index=True)
    return np.sort(first)


def _fits(part: BaseGeometry, rooms: Rooms, width_m: float) -> bool:
    """Return whether the middle of a disc can be somewhere on `part` of the ground."""
    places, off_m = _spread_over(part)
    clear_m = _distance(rooms.tree, places)
    if (shapely.intersects(part, places) & (clear_m > width_m / 2)).any():
        return True
    # No place is roomier than its neighbour by more than they are apart.
    if (clear_m + off_m < ROUNDED * width_m / 2).all():
        return False
    near = rooms.edges[rooms.tree.query(part, predicate="dwithin", distance=width_m / 2)]
    return not part.difference(shapely.union_all(shapely.buffer(near, width_m / 2))).is_empty


def _spread_over(part: BaseGeometry) -> tuple[Shapes, float]:
    """Return places all over a shape, and how far from one of them any point of it is at most."""
    west, south, east, north = part.bounds
    step_m = max(LOOK_M, np.sqrt((east - west) * (north - south) / MOST_LOOKS))
    x, y = np.meshgrid(
        *(np.arange(low, high + step_m, step_m) for low, high in ((west, east), (south, north)))
    )
    off_m = float(step_m * np.sqrt(0.5))
    places = shapely.points(x.ravel(), y.ravel())
    shapely.prepare(part)
    return np.asarray(places[shapely.dwithin(part, places, off_m)]), off_m


def _touched(rooms: Rooms, shapes: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of shape and face that touch; the faces are prepared, they have most corners."""
    if not len(rooms.faces) or not len(shapes):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    shape, face = shapely.STRtree(rooms.faces).query(shapes)
    hit = shapely.intersects(rooms.faces[face], shapes[shape])
    return shape[hit], face[hit]


def face_at(rooms: Rooms, points: Floats) -> NDArray[np.intp]:
    """Return the face that each point is in, -1 where it is in none."""
    point, face = _touched(rooms, shapely.points(points))
    at = np.full(len(points), -1, dtype=np.intp)
    at[point] = face
    return at


def _direction(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(_length(vectors), 1e-300)[:, None], dtype=float)


def _length(vectors: Floats) -> Floats:
    return np.asarray(np.hypot(vectors[:, 0], vectors[:, 1]), dtype=float)


def _dot(one: Floats, other: Floats) -> Floats:
    return np.asarray((one * other).sum(axis=1), dtype=float)


def _cross(one: Floats, other: Floats) -> Floats:
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0], dtype=float)
