"""Drivable surface and vehicles in; speeds along the zone's outline and the approaches out."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.approach.attained import attained_mps
from sbd.approach.bounds import FAULT, Bounded, solve_bounds
from sbd.approach.clearance import Terrain, make_terrain
from sbd.approach.corridor import (
    SAME_MPS,
    THREADS,
    Approach,
    approaches_of,
    corridor_table,
    refine_approaches,
)
from sbd.approach.dynamics import kinetic_energy_kj
from sbd.approach.explain import holds_of, inputs_of, obstacle_standing
from sbd.approach.field import check_memory, check_settings, check_widths
from sbd.approach.refine import RefinedPath
from sbd.errors import FieldError, InputError
from sbd.model import tables
from sbd.model.assessment import Assessment, FieldSettings
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle
from sbd.progress import Progress, ignore, part_of
from sbd.units import KMH_PER_MPS

FloatArray = NDArray[np.float64]

_AGAINST_WALL_M = 0.05  # an outline this close to something solid runs along it


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
    arrives has its row, with speed 0. `speed_lower_kmh` is attained by a path that was checked: by
    the lower field, or by a path refined from one of the approaches. `speed_kmh` is the nominal
    field's, or what was attained where that is more; `speed_upper_kmh` is the upper field's, which
    no checked path has beaten. Energy is that of the whole speed. The fields are the upper ones.

    Raises
    ------
    InputError
        No vehicles, settings that are not offered, or fields that would take more than 4 GB.
    FieldError
        Speeds that contradict each other: a lower one above the nominal one, a checked path faster
        than the upper field, a speed that no way attains.
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
        share = part_of(progress, 0.9 * number / len(vehicles), 0.9 * (number + 1) / len(vehicles))
        started = time.perf_counter()
        solved.append(
            solve_bounds(terrain, vehicle, points.place_m, points.inwards, progress=share)
        )
        seconds[f"field {vehicle.name}"] = time.perf_counter() - started
    started = time.perf_counter()
    approaches = [
        approach
        for number, one in enumerate(solved)
        for approach in approaches_of(number, one, surface)
    ]
    paths = refine_approaches(
        approaches, solved, points.place_m, points.inwards, progress=part_of(progress, 0.9, 1.0)
    )
    attained = _attained(solved, approaches, paths, points)
    seconds["refinement"] = time.perf_counter() - started
    started = time.perf_counter()
    corridors, ids = corridor_table(approaches, paths, solved, surface, settings)
    corridor_of_point: list[dict[int, str]] = [{} for _ in solved]
    for approach, corridor_id in zip(approaches, ids, strict=True):
        members = dict.fromkeys(approach.members.tolist(), corridor_id)
        corridor_of_point[approach.number].update(members)
    for one, lower in zip(solved, attained, strict=True):
        _check_order(one, lower)
    perimeter = _perimeter(
        solved, points, attained, corridor_of_point, surface, settings, attribution
    )
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


def _perimeter(
    solved: Sequence[Bounded],
    points: OutlinePoints,
    attained: Sequence[FloatArray],
    corridor_of_point: Sequence[dict[int, str]],
    surface: DrivableSurface,
    settings: FieldSettings,
    attribution: str,
) -> gpd.GeoDataFrame:
    count = len(points.place_m)
    if not count:
        return tables.empty_layer(tables.PERIMETER, surface.crs)
    obstacles = obstacle_standing(attribution)
    parts = []
    for one, lower, corridors in zip(solved, attained, corridor_of_point, strict=True):
        impacts, target = one.nominal.impacts, one.nominal.target
        way = np.zeros(count)
        way[target >= 0] = one.nominal.forest.length_m()[target[target >= 0]]
        speed = np.maximum(impacts.speed_mps, lower)
        limits = _limits(one, settings)
        upper = one.upper.impacts.speed_mps
        parts.append(
            pd.DataFrame(
                {
                    "perimeter_id": [f"P{number:05d}" for number in range(1, count + 1)],
                    "vehicle": one.vehicle.name,
                    "distance_m": points.distance_m,
                    "speed_lower_kmh": lower * KMH_PER_MPS,
                    "speed_kmh": speed * KMH_PER_MPS,
                    "speed_upper_kmh": upper * KMH_PER_MPS,
                    "normal_speed_kmh": impacts.normal_speed_mps * KMH_PER_MPS,
                    "angle_deg": impacts.angle_deg,
                    "energy_kj": kinetic_energy_kj(one.vehicle.mass_kg, speed),
                    "energy_upper_kj": one.upper.impacts.energy_kj,
                    "approach_length_m": way,
                    "corridor_id": [corridors.get(number, "") for number in range(count)],
                    "limited_by": limits,
                    "inputs": [
                        inputs_of(limit, at, one.vehicle, settings, obstacles=obstacles)
                        for limit, at in zip(limits, speed.tolist(), strict=True)
                    ],
                }
            )
        )
    return gpd.GeoDataFrame(
        pd.concat(parts, ignore_index=True),
        geometry=np.tile(shapely.points(points.place_m), len(solved)),
        crs=surface.crs,
    )


def _attained(
    solved: Sequence[Bounded],
    approaches: Sequence[Approach],
    paths: Sequence[RefinedPath | None],
    points: OutlinePoints,
) -> list[FloatArray]:
    """Return the attained speeds of each vehicle."""

    def of(number: int) -> FloatArray:
        pairs = zip(approaches, paths, strict=True)
        mine = [path for a, path in pairs if a.number == number and path is not None]
        return attained_mps(solved[number], mine, points.place_m, points.inwards)

    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        return list(pool.map(of, range(len(solved))))


def _limits(one: Bounded, settings: FieldSettings) -> list[str]:
    """Return what holds the nominal speed at each point."""
    targets = one.nominal.target
    holds = holds_of(one.nominal.forest, targets[targets >= 0].tolist(), settings)
    return [holds[n].limited_by if n >= 0 else "no way" for n in targets.tolist()]


def _check_order(one: Bounded, lower: FloatArray) -> None:
    """Raise FieldError where an attained speed is above the nominal field's ways to the point.

    A refined path may beat the nominal speed, never the upper one.
    """
    nominal, upper = one.nominal.impacts, one.upper.impacts
    for below, above, names in (
        (one.lower.impacts.speed_mps, nominal.speed_mps, "lower speed is above the nominal one"),
        (nominal.speed_mps, upper.speed_mps, "nominal speed is above the upper one"),
        (lower, upper.speed_mps, "refined speed is above the upper one"),
    ):
        if np.any(below > above + SAME_MPS):
            worst = int(np.argmax(below - above))
            raise FieldError(
                f"speed field of {one.vehicle.name!r}: a {names} "
                f"({below[worst] * KMH_PER_MPS:.1f} and {above[worst] * KMH_PER_MPS:.1f} km/h); "
                f"{FAULT}"
            )
