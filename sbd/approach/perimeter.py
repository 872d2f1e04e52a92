"""Drivable surface and vehicles in; speeds along the zone's outline and the approaches out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.approach import route_kernels
from sbd.approach.clearance import Terrain, make_terrain
from sbd.approach.field import check_memory, check_settings, check_widths, solve_on
from sbd.approach.impact import Impacts, impacts_at
from sbd.approach.routes import (
    Forest,
    Route,
    end_label,
    find_ways,
    profile_json,
    route_to,
    speed_profile,
)
from sbd.errors import FieldError, InputError
from sbd.model import tables
from sbd.model.assessment import Assessment, FieldSettings
from sbd.model.speed_field import Bound, SpeedField
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle
from sbd.progress import Progress, ignore, part_of
from sbd.units import KMH_PER_MPS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_AGAINST_WALL_M = 0.05  # an outline this close to something solid runs along it
FROM_REST = "from rest inside the study area"
UNNAMED = ("", "open ground")


@dataclass(frozen=True, slots=True, eq=False)
class OutlinePoints:
    """Points along the outline of a zone where a vehicle could cross it.

    Parameters
    ----------
    place_m : (n, 2) array
        In the reference system of the surface.
    inwards : (n, 2) array
        Unit normals into the zone.
    distance_m : (n,) array
        Along the outline; each further ring goes on where the one before ended.
    """

    place_m: FloatArray
    inwards: FloatArray
    distance_m: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """One vehicle's answer along the outline."""

    vehicle: Vehicle
    field: SpeedField
    impacts: Impacts
    lower: Impacts
    forest: Forest
    order: IntArray  # points with an arrival, as the targets of the forest


def assess_perimeter(
    surface: DrivableSurface,
    vehicles: Sequence[Vehicle],
    settings: FieldSettings,
    *,
    site_hash: str,
    attribution: str,
    zone_outline_step_m: float = 1.0,
    progress: Progress = ignore,
) -> Assessment:
    """Return how hard each vehicle can hit each metre of the zone's outline, and from where.

    Outline along solid things is left out: nothing crosses there. A point at which no vehicle
    arrives has its row, with speed 0. The speed is the nominal one; `speed_lower_kmh` comes from
    the field whose every path was checked. Energy is that of the whole speed.

    Raises
    ------
    InputError
        No vehicles, settings that are not offered, or fields that would take more than 4 GB.
    FieldError
        A lower speed above the nominal one.
    """
    _check_vehicles(vehicles)
    if not zone_outline_step_m > 0.0:
        raise InputError(f"outline step {zone_outline_step_m} m: it must be above 0")
    check_settings(settings)
    check_widths(vehicles, settings)
    check_memory(surface, settings, fields=len(vehicles) + 1)
    started = time.perf_counter()
    terrain = make_terrain(surface, settings, widest_m=max(v.width_m for v in vehicles))
    seconds = {"terrain": time.perf_counter() - started}
    points = outline_points(surface.zone, terrain, step_m=zone_outline_step_m)
    solved = []
    for number, vehicle in enumerate(vehicles):
        share = part_of(progress, number / len(vehicles), (number + 1) / len(vehicles))
        started = time.perf_counter()
        solved.append(_solve_vehicle(terrain, vehicle, points, share))
        seconds[f"field {vehicle.name}"] = time.perf_counter() - started
    started = time.perf_counter()
    corridors, corridor_of_point = _corridors(solved, surface)
    perimeter = _perimeter(solved, points, corridor_of_point, surface)
    seconds["corridors"] = time.perf_counter() - started
    progress("speed field", 1.0, f"{len(points.place_m)} points, {len(corridors)} approaches")
    return Assessment(
        perimeter=perimeter,
        corridors=corridors,
        vehicles=tuple(vehicles),
        settings=settings,
        site_hash=site_hash,
        attribution=attribution,
        seconds=seconds,
        fields=tuple(one.field for one in solved),
    )


def _check_vehicles(vehicles: Sequence[Vehicle]) -> None:
    if not vehicles:
        raise InputError("assessment: no vehicle; give at least one class, for example N2A")
    names = [vehicle.name for vehicle in vehicles]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"assessment: vehicle {', '.join(twice)} is given twice; give each once")


def outline_points(
    zone: Polygon | MultiPolygon, terrain: Terrain, *, step_m: float = 1.0
) -> OutlinePoints:
    """Return the middle of each step along the outline of a zone that is not along a wall."""
    places, normals, distances = [], [], []
    before = 0.0
    for ring in shapely.get_rings(shapely.get_parts(shapely.orient_polygons(np.atleast_1d(zone)))):
        count = max(1, round(ring.length / step_m))
        at = (np.arange(count) + 0.5) * ring.length / count
        reach = min(0.25, ring.length / count / 4)
        ends = [
            shapely.get_coordinates(shapely.line_interpolate_point(ring, at + shift))
            for shift in (-reach, reach)
        ]
        along = ends[1] - ends[0]
        length = np.hypot(*along.T)
        keep = length > 0.0
        # Rings run with the zone on their left.
        normals.append(np.stack([-along[:, 1], along[:, 0]], axis=-1)[keep] / length[keep, None])
        places.append(shapely.get_coordinates(shapely.line_interpolate_point(ring, at))[keep])
        distances.append(before + at[keep])
        before += ring.length
    place, inwards, distance = map(np.concatenate, (places, normals, distances))
    open_ground = _off_walls(place, terrain)
    return OutlinePoints(place[open_ground], inwards[open_ground], distance[open_ground])


def _off_walls(place: FloatArray, terrain: Terrain) -> NDArray[np.bool_]:
    if not len(terrain.walls):
        return np.ones(len(place), dtype=np.bool_)
    walls = shapely.linestrings((terrain.walls + np.tile(terrain.origin_m, 2)).reshape(-1, 2, 2))
    near, _ = shapely.STRtree(walls).query(
        shapely.points(place), predicate="dwithin", distance=_AGAINST_WALL_M
    )
    off = np.ones(len(place), dtype=np.bool_)
    off[near] = False
    return off


def _solve_vehicle(
    terrain: Terrain, vehicle: Vehicle, points: OutlinePoints, progress: Progress
) -> _Solved:
    below = solve_on(terrain, vehicle, bound=Bound.LOWER, progress=part_of(progress, 0.0, 0.5))
    field = solve_on(
        terrain,
        vehicle,
        bound=Bound.NOMINAL,
        progress=part_of(progress, 0.5, 0.9),
    )
    if route_kernels.any_above(below.label, field.label):
        raise FieldError(
            f"speed field of {vehicle.name!r}: a lower speed is above the nominal one; "
            "this is a fault of sbd, please report the site"
        )
    progress("speed field", 0.9, f"{vehicle.name}: approaches")
    impacts = impacts_at(field, points.place_m, points.inwards)
    lower = impacts_at(below, points.place_m, points.inwards)
    arrives = np.flatnonzero(impacts.label > 0)
    order = arrives[np.lexsort((arrives, -impacts.label[arrives]))]
    states = np.stack([impacts.row, impacts.heading, impacts.column], axis=-1)[order]
    forest = find_ways(field, terrain, states)
    if np.any(forest.node_of_target < 0):
        raise FieldError(
            f"speed field of {vehicle.name!r}: a speed that no way attains; "
            "this is a fault of sbd, please report the site"
        )
    return _Solved(vehicle, field, impacts, lower, forest, order)


def _corridors(
    solved: Sequence[_Solved], surface: DrivableSurface
) -> tuple[gpd.GeoDataFrame, list[dict[int, str]]]:
    """Return the ranked approaches, and for each vehicle the approach of each point."""
    rows: list[dict[str, object]] = []
    members: list[tuple[int, IntArray]] = []
    hardness: list[tuple[float, float]] = []
    for number, one in enumerate(solved):
        for (entry_id, street), targets in _groups(one, surface).items():
            target, route = _best_route(one, targets, street)
            rows.append(_corridor(one, target, route) | {"entry_id": entry_id, "street": street})
            members.append((number, one.order[targets]))
            energy = float(one.impacts.energy_kj[one.order[target]])
            hardness.append((-round(energy, 6), round(route.length_m, 6)))
    # Hardest first, then shortest; the rest of a tie stays in the order of vehicles and entries.
    ranked = sorted(range(len(rows)), key=hardness.__getitem__)
    corridor_of_point: list[dict[int, str]] = [{} for _ in solved]
    for rank, n in enumerate(ranked, start=1):
        rows[n] |= {"corridor_id": f"C{rank:03d}", "rank": rank}
        vehicle, points = members[n]
        corridor_of_point[vehicle].update(dict.fromkeys(points.tolist(), rows[n]["corridor_id"]))
    if not rows:
        return tables.empty_layer(tables.CORRIDORS, surface.crs), corridor_of_point
    table = gpd.GeoDataFrame([rows[n] for n in ranked], crs=surface.crs)
    return table[list(tables.CORRIDORS.columns)], corridor_of_point


def _groups(one: _Solved, surface: DrivableSurface) -> dict[tuple[str, str], list[int]]:
    """Return the targets of a vehicle by the street they come in on, strongest first in each.

    Entries of one street name are one group, named after the strongest; unnamed entries stay apart.
    """
    ids = surface.entries["entry_id"].astype(str).tolist()
    streets = surface.entries["street"].astype(str).tolist()
    groups: dict[str, list[int]] = {}
    first_entry: dict[str, int] = {}
    for target, entry in enumerate(one.forest.entries().tolist()):
        if entry < 0:
            key = ""
        else:
            key = f"entry {ids[entry]}" if streets[entry] in UNNAMED else f"street {streets[entry]}"
        groups.setdefault(key, []).append(target)
        first_entry.setdefault(key, entry)
    return {
        (ids[entry], streets[entry])
        if (entry := first_entry[key]) >= 0
        else ("", FROM_REST): targets
        for key, targets in groups.items()
    }


def _best_route(one: _Solved, targets: list[int], street: str) -> tuple[int, Route]:
    """Return the target of a group that is hit fastest, over the shortest way among equals."""
    label = one.impacts.label[one.order[targets]]
    best = np.flatnonzero(label == label[0])  # targets are in falling order of speed
    way = one.forest.length_m()[np.array(targets)[best]]
    target = targets[int(best[np.argmin(np.round(way, 6))])]
    route = route_to(one.forest, target)
    if end_label(route) != one.impacts.label[one.order[target]]:
        raise FieldError(
            f"approach of {one.vehicle.name!r} over {street!r}: its way gives another speed than "
            "the field; this is a fault of sbd, please report the site"
        )
    return target, route


def _corridor(one: _Solved, target: int, route: Route) -> dict[str, object]:
    point = one.order[target]
    profile = speed_profile(route, one.forest.scale, friction=one.vehicle.friction)
    return {
        "vehicle": one.vehicle.name,
        "speed_kmh": one.impacts.speed_mps[point] * KMH_PER_MPS,
        "energy_kj": one.impacts.energy_kj[point],
        "length_m": route.length_m,
        "profile": profile_json(profile),
        "geometry": route.line,
    }


def _perimeter(
    solved: Sequence[_Solved],
    points: OutlinePoints,
    corridor_of_point: list[dict[int, str]],
    surface: DrivableSurface,
) -> gpd.GeoDataFrame:
    count = len(points.place_m)
    if not count:
        return tables.empty_layer(tables.PERIMETER, surface.crs)
    parts = []
    for one, corridors in zip(solved, corridor_of_point, strict=True):
        way = np.zeros(count)
        way[one.order] = one.forest.length_m()
        parts.append(
            pd.DataFrame(
                {
                    "perimeter_id": [f"P{number:05d}" for number in range(1, count + 1)],
                    "vehicle": one.vehicle.name,
                    "distance_m": points.distance_m,
                    "speed_kmh": one.impacts.speed_mps * KMH_PER_MPS,
                    "speed_lower_kmh": one.lower.speed_mps * KMH_PER_MPS,
                    "normal_speed_kmh": one.impacts.normal_speed_mps * KMH_PER_MPS,
                    "angle_deg": one.impacts.angle_deg,
                    "energy_kj": one.impacts.energy_kj,
                    "approach_length_m": way,
                    "corridor_id": [corridors.get(number, "") for number in range(count)],
                }
            )
        )
    return gpd.GeoDataFrame(
        pd.concat(parts, ignore_index=True),
        geometry=np.tile(shapely.points(points.place_m), len(solved)),
        crs=surface.crs,
    )
