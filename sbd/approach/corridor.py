"""Answers of vehicles along an outline in; the ranked approaches, refined and explained, out."""

import json
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.approach.bounds import FAULT, Bounded
from sbd.approach.clearance import Terrain
from sbd.approach.dynamics import GRAVITY_MPS2, kinetic_energy_kj
from sbd.approach.explain import hold_of, piece_ends, surface_words
from sbd.approach.refine import RefinedPath, make_refiner, refine_route
from sbd.approach.routes import Forest, Route, end_label, route_to, speed_profile
from sbd.errors import FieldError
from sbd.model import tables
from sbd.model.assessment import FieldSettings
from sbd.model.surface import DrivableSurface
from sbd.progress import Progress, ignore
from sbd.units import KMH_PER_MPS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FROM_REST = "from rest inside the study area"
UNNAMED = ("", "open ground")
AGREE_MPS = 0.15  # half a km/h
SAME_MPS = 1e-6  # speeds closer than this are the same
THREADS = 2
_THIN = 16  # samples of a refined path to one of the profile: about a metre
_AT_LIMIT_MPS = 0.02
_LEAST_BEND = 3  # places at the limit of a bend; fewer are touched, not held
_LOOK_M = 15.0  # how far aside of a way walls are looked for
_BESIDE = 0.39  # cosine of 67 degrees: arrivals within it count as from the same side


@dataclass(frozen=True, slots=True, eq=False)
class Approach:
    """One vehicle's best way over one street to the outline.

    Parameters
    ----------
    number : int
        Of the vehicle.
    point, heading : int
        Where it crosses the outline, and on which heading of the lattice.
    members : (k,) int array
        Points whose highest speed comes over this street; empty for an approach that is nowhere
        the fastest.
    """

    number: int
    entry_id: str
    street: str
    point: int
    heading: int
    route: Route
    members: IntArray


def approaches_of(number: int, one: Bounded, surface: DrivableSurface) -> list[Approach]:
    """Return the best way of a vehicle over each street that leads to the outline at all.

    First the streets over which the highest speed of some point comes, then those that only reach
    the outline more slowly; these are looked for on every heading at some of the points. Entries
    of one street name are one; unnamed entries stay apart.
    """
    place = np.flatnonzero(one.nominal.target >= 0)
    order = place[np.lexsort((place, -one.nominal.impacts.label[place]))]
    heading = one.nominal.impacts.heading[order]
    found = _best_of_streets(
        number, one, surface, one.nominal.forest, one.nominal.target[order], (order, heading)
    )
    known = {_street_key(approach) for approach in found}
    point, on = one.more_state.T
    label = one.nominal.arrivals.label[point, on]
    order = np.lexsort((point, -label))
    slower = _best_of_streets(number, one, surface, one.more, order, (point[order], on[order]))
    nobody = np.empty(0, dtype=np.int64)
    return found + [
        Approach(a.number, a.entry_id, a.street, a.point, a.heading, a.route, nobody)
        for a in slower
        if a.entry_id and _street_key(a) not in known
    ]


def _street_key(approach: Approach) -> str:
    if not approach.entry_id:
        return ""
    unnamed = approach.street in UNNAMED
    return f"entry {approach.entry_id}" if unnamed else f"street {approach.street}"


def _best_of_streets(
    number: int,
    one: Bounded,
    surface: DrivableSurface,
    forest: Forest,
    targets: IntArray,
    states: tuple[IntArray, IntArray],
) -> list[Approach]:
    """Return the best way of each street among targets in falling order of speed."""
    ids = surface.entries["entry_id"].astype(str).tolist()
    streets = surface.entries["street"].astype(str).tolist()
    entry = forest.entries()[targets]
    groups: dict[str, list[int]] = {}
    for n, at in enumerate(entry.tolist()):
        unnamed = at < 0 or streets[at] in UNNAMED
        key = str(at) if unnamed else f"street {streets[at]}"
        groups.setdefault(key, []).append(n)
    way = forest.length_m()[targets]
    point, heading = states
    label = one.nominal.arrivals.label[point, heading]
    found = []
    for rows in groups.values():
        best = [n for n in rows if label[n] == label[rows[0]]]
        n = min(best, key=lambda n: round(float(way[n]), 6))
        at = int(entry[rows[0]])
        entry_id, street = ("", FROM_REST) if at < 0 else (ids[at], streets[at])
        route = route_to(forest, int(targets[n]))
        if end_label(route) != label[n]:
            raise FieldError(
                f"approach of {one.vehicle.name!r} over {street!r}: its way gives another speed "
                f"than the field; {FAULT}"
            )
        members = np.array(point[rows], dtype=np.int64)
        state = int(point[n]), int(heading[n])
        found.append(Approach(number, entry_id, street, *state, route, members))
    return found


def refine_approaches(
    approaches: Sequence[Approach],
    solved: Sequence[Bounded],
    place_m: FloatArray,
    inwards: FloatArray,
    *,
    progress: Progress = ignore,
) -> list[RefinedPath | None]:
    """Return the fastest checked path that was found for each approach.

    It starts from the nominal way, and where that can't be pulled clear from the lower one. Where
    the lower and the upper field agree there is nothing to find, and the answer is None.

    Raises
    ------
    FieldError
        A checked path is faster than the upper field says is possible.
    """
    refiners = [make_refiner(one.terrain, one.vehicle) for one in solved]

    def refined(approach: Approach) -> RefinedPath | None:
        one, point = solved[approach.number], approach.point
        lower, upper = _speeds_beside(approach, one)
        if upper - lower < AGREE_MPS:
            return None
        goal = (float(place_m[point, 0]), float(place_m[point, 1]))
        ahead = (float(inwards[point, 0]), float(inwards[point, 1]))
        routes = [approach.route]
        if len(approach.members) and one.lower.target[point] >= 0:
            routes.append(route_to(one.lower.forest, int(one.lower.target[point])))
        for route in routes:
            path = refine_route(refiners[approach.number], route, goal_m=goal, inwards=ahead)
            if path is not None:
                return path
        return None

    paths = []
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        for number, path in enumerate(pool.map(refined, approaches)):
            progress("speed field", number / len(approaches), "paths refined")
            approach = approaches[number]
            check_below_upper(path, solved[approach.number], approach.point, place_m)
            paths.append(path)
    return paths


def check_below_upper(
    path: RefinedPath | None, one: Bounded, point: int, place_m: FloatArray
) -> None:
    """Raise FieldError if a checked path reaches a point faster than the upper field allows."""
    upper_mps = float(one.upper.impacts.speed_mps[point])
    if path is not None and path.speed_mps > upper_mps + SAME_MPS:
        x, y = place_m[point]
        raise FieldError(
            f"approach of {one.vehicle.name!r}: a checked path reaches ({x:.1f}, {y:.1f}) at "
            f"{path.speed_mps * KMH_PER_MPS:.2f} km/h, the upper field allows "
            f"{upper_mps * KMH_PER_MPS:.2f} km/h; {FAULT}"
        )


def corridor_table(
    approaches: Sequence[Approach],
    paths: Sequence[RefinedPath | None],
    solved: Sequence[Bounded],
    surface: DrivableSurface,
    settings: FieldSettings,
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the approaches as a table, the hardest first, and the id of each approach."""
    trees = [wall_tree(one.terrain) for one in solved]
    rows = [
        _row(approach, path, solved[approach.number], surface, settings, trees[approach.number])
        for approach, path in zip(approaches, paths, strict=True)
    ]
    # Hardest first, then shortest; the rest of a tie stays in the order of vehicles and entries.
    hardness = [(-round(row["energy_kj"], 6), round(row["length_m"], 6)) for row in rows]
    ranked = sorted(range(len(rows)), key=hardness.__getitem__)
    ids = [""] * len(rows)
    for rank, n in enumerate(ranked, start=1):
        ids[n] = f"C{rank:03d}"
        rows[n] |= {"corridor_id": ids[n], "rank": rank}
    if not rows:
        return tables.empty_layer(tables.CORRIDORS, surface.crs), ids
    table = gpd.GeoDataFrame([rows[n] for n in ranked], crs=surface.crs)
    return table[list(tables.CORRIDORS.columns)], ids


def _row(
    approach: Approach,
    path: RefinedPath | None,
    one: Bounded,
    surface: DrivableSurface,
    settings: FieldSettings,
    tree: shapely.STRtree,
) -> dict[str, Any]:
    scale = one.nominal.forest.scale
    speed = float(scale.speed_of_label_mps[end_label(approach.route)])
    lower, upper = _speeds_beside(approach, one)
    way = way_of_route(approach.route, one, settings, tree)
    if path is not None:
        lower, upper = max(lower, path.speed_mps), max(upper, path.speed_mps)
        if path.speed_mps > speed + SAME_MPS:
            speed, way = path.speed_mps, way_of_path(path, one, tree)
    return {
        "vehicle": one.vehicle.name,
        "entry_id": approach.entry_id,
        "street": approach.street,
        "speed_lower_kmh": lower * KMH_PER_MPS,
        "speed_kmh": speed * KMH_PER_MPS,
        "speed_upper_kmh": upper * KMH_PER_MPS,
        "energy_kj": float(kinetic_energy_kj(one.vehicle.mass_kg, speed)),
        "length_m": float(way.distance_m[-1]),
        "limited_by": way.limited_by,
        "surface": surface_words(way.line, surface),
        "profile": json.dumps(_profile_rows(way)),
        "geometry": way.line,
    }


def _speeds_beside(approach: Approach, one: Bounded) -> tuple[float, float]:
    """Return the lower speed on the approach's heading and the upper one from the same side."""
    lower = int(one.lower.arrivals.label[approach.point, approach.heading])
    angles = one.field.heading_rad
    beside = np.cos(angles - angles[approach.heading]) > _BESIDE
    upper = one.upper.arrivals.label[approach.point, beside].max()
    exact = one.lower.forest.field.speed_of_label_mps
    return float(exact[lower]), float(one.field.speed_of_label_mps[upper])


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A way as it is driven: what counts at each of n places along it.

    Parameters
    ----------
    distance_m, speed_mps : (n,) arrays
        Way driven, and the speed there: the lower of what the drive reaches from behind and of
        what the brakes still lose before the next bend.
    limits : tuple of str
        What limits it there: entry, engine, bend radius, gap, braking or top speed.
    radius_m, clear_width_m : (n,) arrays
        Of the bend where one limits, nan elsewhere.
    """

    line: shapely.LineString
    distance_m: FloatArray
    speed_mps: FloatArray
    limits: tuple[str, ...]
    radius_m: FloatArray
    clear_width_m: FloatArray
    limited_by: str


def way_of_route(route: Route, one: Bounded, settings: FieldSettings, tree: shapely.STRtree) -> Way:
    """Return a way of the nominal field as it is driven."""
    rules, scale = one.nominal.forest.rules, one.nominal.forest.scale
    driven = speed_profile(route, scale, friction=rules.vehicle.friction)
    distance, speed = (np.array([row[n] for row in driven]) for n in (0, 1))
    bends = np.array([name.startswith("bend") for _, _, name in driven])
    radius = np.array([piece.radius_m for piece in route.pieces] or [math.inf])
    piece = np.minimum(np.searchsorted(piece_ends(route), distance - 1e-6), len(radius) - 1)
    width = np.full(len(distance), math.nan)
    width[bends] = clear_widths(tree, route.line, distance[bends] / max(distance[-1], 1e-9))
    gaps = width <= _gap_m(one)
    names = [
        ("gap" if gaps[n] else "bend radius") if bends[n] else name
        for n, (_, _, name) in enumerate(driven)
    ]
    hold = hold_of(route, scale, settings)
    at_hold = gaps[piece == hold.piece].any() if hold.limited_by == "bend" else False
    return Way(
        route.line,
        distance,
        speed,
        tuple(names),
        np.where(bends, radius[piece], math.nan),
        width,
        "gap" if at_hold else hold.limited_by,
    )


def way_of_path(path: RefinedPath, one: Bounded, tree: shapely.STRtree) -> Way:
    """Return a refined path as it is driven."""
    rules = one.nominal.forest.rules
    every = slice(None, None, _THIN)
    place = np.concatenate([path.place_m[:-1][every], path.place_m[-1:]])
    reached, allowed, radius = (
        np.concatenate([values[:-1][every], values[-1:]])
        for values in (path.reached_mps, path.allowed_mps, path.radius_m)
    )
    step = np.hypot(*np.diff(place, axis=0).T)
    distance = np.concatenate([[0.0], np.cumsum(step)])
    speed = reached.copy()
    for n in range(len(step) - 1, -1, -1):
        lost = 2.0 * rules.vehicle.friction * GRAVITY_MPS2 * step[n]
        speed[n] = min(speed[n], math.sqrt(speed[n + 1] ** 2 + lost))
    bends = (reached >= allowed - _AT_LIMIT_MPS) & (allowed < rules.vehicle.top_speed_mps)
    braking = speed < reached - _AT_LIMIT_MPS
    bends &= ~braking
    line = shapely.LineString(place)
    width = np.full(len(distance), math.nan)
    width[bends] = clear_widths(tree, line, distance[bends] / distance[-1])
    gaps = width <= _gap_m(one)
    names = np.where(braking, "braking", "engine").astype(object)
    names[bends], names[gaps] = "bend radius", "gap"
    if names[0] == "engine" and reached[0] > 0.0:
        names[0] = "entry"
    last = np.flatnonzero(bends)
    held = "acceleration" if len(last) < _LEAST_BEND else "gap" if gaps[last[-1]] else "bend"
    limits = tuple(str(name) for name in names)
    return Way(line, distance, speed, limits, np.where(bends, radius, math.nan), width, held)


def _gap_m(one: Bounded) -> float:
    """Return the clear width up to which a place counts as a gap."""
    return one.vehicle.width_m + one.field.cell_m


def _profile_rows(way: Way) -> list[list[float | str | None]]:
    columns = (way.distance_m, way.speed_mps, way.limits, way.radius_m, way.clear_width_m)
    return [
        [round(at, 2), round(speed * KMH_PER_MPS, 2), name, _or_none(radius), _or_none(width)]
        for at, speed, name, radius, width in zip(*columns, strict=True)
    ]


def _or_none(value: float) -> float | None:
    return round(float(value), 2) if math.isfinite(value) else None


def wall_tree(terrain: Terrain) -> shapely.STRtree:
    """Return the walls as lines in the reference system of the surface, ready to be looked up."""
    walls = terrain.walls + np.tile(terrain.origin_m, 2)
    return shapely.STRtree(shapely.linestrings(walls.reshape(-1, 2, 2)))


def clear_widths(tree: shapely.STRtree, line: shapely.LineString, share: FloatArray) -> FloatArray:
    """Return the clear width across a line at some shares of its length [m].

    From wall to wall square to the line; inf where there is none within 15 m on a side.
    """
    edges = tree.geometries
    if not len(share) or not len(edges):
        return np.full(len(share), math.inf)
    at = np.clip(share, 0.0, 1.0) * line.length
    before, place, after = (
        shapely.get_coordinates(
            shapely.line_interpolate_point(line, np.clip(at + d, 0.0, line.length))
        )
        for d in (-0.25, 0.0, 0.25)
    )
    along = after - before
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    total = np.zeros(len(place))
    for side in (1.0, -1.0):
        aside = side * np.stack([-along[:, 1], along[:, 0]], axis=-1) * _LOOK_M
        rays = shapely.linestrings(np.stack([place, place + aside], axis=1))
        ray, wall = tree.query(rays, predicate="intersects")
        crossing = shapely.intersection(rays[ray], edges[wall])
        nearest = np.full(len(place), math.inf)
        np.minimum.at(nearest, ray, shapely.distance(shapely.points(place[ray]), crossing))
        total += nearest
    return total
