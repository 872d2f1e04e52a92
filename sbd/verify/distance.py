"""Case + lanes that serve -> how far an engine drives from a lane to stand near each door.

The engine's middle keeps half its lane off everything. The ground where it can be is cut into
triangles, the way goes from edge to edge and is then pulled tight: a way that is really there, so
the figure errs long, the strict side, by the few ways round that were not tried.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from shapely.geometry.base import BaseGeometry

from sbd.model.verdict import Check
from sbd.verify.breach import Finding, at
from sbd.verify.case import ACCESS_SLACK_M, Case
from sbd.verify.erosion import HOLLOWS
from sbd.verify.narrows import Floats, face_at
from sbd.verify.spots import ground_in_sight, names_of

# An engine stands this near a door, in sight of it: its crew walks from there. Its own length.
STAND_M = 8.0
# From the lane places within this are looked at directly [m].
REACH_M = 20.0
# Places on the edge of a triangle where a way may cross it [m].
CROSSING_M = 2.0
# A way along the outline of its ground grazes it by rounding [m].
GRAZED_M = 0.01
NAMED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """A lane, its units, and what a disc as wide as the engine's lane finds with it open alone."""

    lane: str
    units: NDArray[np.bool_]
    way: Finding


@dataclass(frozen=True, slots=True, eq=False)
class _Drives:
    """Ways from one lane: places, how far each is, the one before it, the ground, and it eased."""

    places: Floats
    far_m: Floats
    before: NDArray[np.intp]
    ground: BaseGeometry
    eased: BaseGeometry


def lane_start(case: Case, lane: str, units: NDArray[np.bool_], width_m: float) -> Start:
    """Return a lane as a start, with what a disc of `width_m` finds where it is open alone."""
    return Start(lane, units, case.find(width_m - ACCESS_SLACK_M, ~units))


def distance_check(
    case: Case, starts: list[Start], width_m: float, most_m: float
) -> tuple[Check | None, list[str]]:
    """Return whether an engine from some lane stands near every door after at most `most_m`.

    Counted are the drive from the middle of the lane and the last metres on foot, at most 8 and
    straight. Doors that engines get near from the streets with everything shut need no lane; doors
    that none gets near without any unit either are a condition and not charged to the plan.
    """
    doors = case.site.demands
    if doors.empty:
        return None, ["engine distance: no door is on the map, so none was measured"]
    points = doors.geometry.to_numpy()
    stand = ground_in_sight(case.arena, points, STAND_M)
    before = case.find_places(width_m, stand, case.none()).surely
    outside = case.find_places(width_m, stand).surely
    names = names_of(doors, "demand_id")
    advice = []
    if not before.all():
        advice = [
            f"engine distance: {width_m:g} m of lane do not come near "
            f"{'; '.join(names[~before][:NAMED])} even without any unit"
        ]
    best = [(float("inf"), "")] * len(doors)
    rows = np.flatnonzero(before & ~outside)
    for start in starts if len(rows) else ():
        drives = _drives(case, start, width_m, most_m)
        for row in rows:
            far_m = _to_door(drives, points[row], stand[row])
            best[row] = min(best[row], (far_m, start.lane))
    faults = [
        f"{names[row]} {at(shapely.get_coordinates(points[row])[0])}: "
        + (
            f"{best[row][0]:.1f} m from {best[row][1]}"
            if np.isfinite(best[row][0])
            else f"no lane leads near it within {most_m:g} m"
        )
        for row in rows
        if best[row][0] > most_m
    ]
    check = Check(
        name="engine_distance",
        question=(
            f"From some lane, does an engine ({width_m:g} m) stand within sight and {STAND_M:g} m "
            f"of every door after at most {most_m:g} m, these included?"
        ),
        width_m=width_m,
        passes=not faults,
        wanted=True,
        note="; ".join(faults[:NAMED]) or _farthest(names, best, rows, len(doors)),
    )
    return check, advice


def _farthest(
    names: NDArray[np.object_], best: list[tuple[float, str]], rows: NDArray[np.intp], doors: int
) -> str:
    if not len(rows):
        return f"{doors} doors, none of them behind a lane"
    row = max(rows.tolist(), key=lambda k: best[k][0])
    return (
        f"{len(rows)} of {doors} doors are behind a lane; the farthest is {names[row]}, "
        f"{best[row][0]:.1f} m from {best[row][1]}"
    )


def _drives(case: Case, start: Start, width_m: float, most_m: float) -> _Drives:
    """Return the ways from a lane over the room that the disc finds there."""
    middle = shapely.centroid(shapely.union_all(case.shapes[start.units]))
    window = middle.buffer(most_m + width_m)
    face = int(face_at(start.way.rooms, shapely.get_coordinates(middle))[0])
    nowhere = _Drives(np.empty((0, 2)), np.empty(0), np.empty(0, dtype=int), window, window)
    if face < 0:
        return nowhere
    room = start.way.rooms.faces[face].intersection(window)
    # A little too little is taken off, or a passage of exactly the width would be pinched; that
    # none is narrower the room itself says.
    free = shapely.get_parts(room.buffer(-width_m / 2 * HOLLOWS, quad_segs=8))
    free = free[~shapely.is_empty(free)]
    if not len(free):
        return nowhere
    ground = free[int(np.argmin(shapely.distance(free, middle)))]
    eased = ground.buffer(GRAZED_M, join_style="mitre")
    shapely.prepare([ground, eased])
    places, one, two = _net(ground)
    gate = shapely.get_coordinates(shapely.shortest_line(ground, middle))[0]
    near = np.flatnonzero(np.hypot(*(places - gate).T) <= REACH_M)
    seen = near[_clear(eased, gate, places[near])]
    one, two = np.r_[one, np.full(len(seen), len(places))], np.r_[two, seen]
    places = np.concatenate([places, gate[None]])
    first = len(places) - 1
    length_m = np.hypot(*(places[one] - places[two]).T)
    links = coo_matrix((length_m, (one, two)), shape=(len(places), len(places)))
    far_m, before = dijkstra(links.tocsr(), directed=False, indices=first, return_predecessors=True)
    return _Drives(places, far_m, before, ground, eased)


def _net(ground: BaseGeometry) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    """Return places on the edges of triangles, and the pairs of places in one triangle."""
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(ground))
    corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
    points, number = np.unique(corners.reshape(-1, 2).round(6), axis=0, return_inverse=True)
    number = number.reshape(-1, 3)
    edges = np.sort(number[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    edges, edge_of = np.unique(edges, axis=0, return_inverse=True)
    length_m = np.hypot(*(points[edges[:, 1]] - points[edges[:, 0]]).T)
    between = np.maximum(np.ceil(length_m / CROSSING_M).astype(int) - 1, 0)
    first = len(points) + np.r_[0, np.cumsum(between)]
    owner = np.repeat(np.arange(len(edges)), between)
    share = (np.arange(len(owner)) - (first[owner] - len(points)) + 1) / (between[owner] + 1)
    along = points[edges[owner, 1]] - points[edges[owner, 0]]
    places = np.concatenate([points, points[edges[owner, 0]] + share[:, None] * along])
    pairs = []
    for triangle, sides in zip(number, edge_of.reshape(-1, 3), strict=True):
        on_it = np.concatenate(
            [triangle, *(np.arange(first[k], first[k] + between[k]) for k in sides)]
        )
        one, two = np.triu_indices(len(on_it), 1)
        pairs.append(np.stack([on_it[one], on_it[two]]))
    low, high = np.sort(np.concatenate(pairs, axis=1), axis=0)
    # Two triangles share the places on their edge: each pair once, or its length counts twice.
    key = np.unique(low * len(places) + high)
    return places, key // len(places), key % len(places)


def _to_door(drives: _Drives, door: BaseGeometry, stand: BaseGeometry) -> float:
    """Return the shortest drive and walk to a door; inf where no place near it is driven to."""
    target = shapely.get_coordinates(door)[0]
    walk_m = np.hypot(*(drives.places - target).T)
    total_m = drives.far_m + walk_m
    near = (walk_m <= STAND_M) & np.isfinite(total_m)
    near[near] = shapely.intersects(stand, shapely.points(drives.places[near]))
    if not near.any():
        return float("inf")
    row = int(np.flatnonzero(near)[np.argmin(total_m[near])])
    bends = _pulled(drives, row)
    far_m = np.r_[0.0, np.cumsum(np.hypot(*np.diff(bends, axis=0).T))]
    # From a bend straight to the door, where the engine can stand on that line.
    ahead_m = [
        far_m[k] + np.hypot(*(target - bend))
        for k, bend in enumerate(bends)
        if _straight(drives.ground, bend, target, stand)
    ]
    return float(min([far_m[-1] + walk_m[row], *ahead_m]))


def _straight(ground: BaseGeometry, bend: Floats, door: Floats, stand: BaseGeometry) -> bool:
    """Return whether the drive straight on from a bend to a door ends where an engine stands."""
    line = shapely.LineString([bend, door])
    pieces = shapely.get_parts(shapely.intersection(line, ground))
    first = pieces[shapely.dwithin(pieces, shapely.Point(bend), GRAZED_M)]
    if not len(first):
        return False
    ahead = shapely.intersection(first, stand)
    return bool((shapely.distance(ahead, shapely.Point(door)) <= STAND_M).any())


def _pulled(drives: _Drives, row: int) -> Floats:
    """Return the bends of the way to a place once it is pulled tight, from the lane on."""
    way = [row]
    while drives.before[way[-1]] >= 0:
        way.append(int(drives.before[way[-1]]))
    places = drives.places[way[::-1]]
    kept = [0]
    while kept[-1] < len(places) - 1:
        ahead = np.arange(kept[-1] + 1, len(places))
        seen = _clear(drives.eased, places[kept[-1]], places[ahead])
        kept.append(int(ahead[seen].max(initial=ahead[0])))
    return np.asarray(places[kept])


def _clear(ground: BaseGeometry, here: Floats, places: Floats) -> NDArray[np.bool_]:
    """Return which places are driven to straight from here."""
    lines = shapely.linestrings(np.stack([np.broadcast_to(here, places.shape), places], axis=1))
    return np.asarray(shapely.covers(ground, lines))
