"""Drivable surface and vehicles in; how much figures that are off move the answer out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sbd.approach.clearance import Terrain, as_met_by, free_cells, make_terrain
from sbd.approach.dynamics import attainable_speed_mps, kinetic_energy_kj
from sbd.approach.field import check_memory, check_settings, check_widths
from sbd.approach.impact import Impacts, impacts_at
from sbd.approach.measuring import Deciding, deciding_places, measure_first
from sbd.approach.perimeter import OutlinePoints, outline_points
from sbd.approach.rules import driven, rules_for
from sbd.approach.solution import Solution, field_of, resolve_on_cells, solve
from sbd.errors import InputError
from sbd.model import tables
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import LIMITS, Vehicle
from sbd.progress import Progress, ignore, part_of
from sbd.units import KMH_PER_MPS

OBSTACLES_M = 0.5
FRICTION = 0.1
ACCELERATION = 0.2  # share
MOVED_KMH = 2.0
_FIELDS = 3  # alive at once: the base, a variation, and what it is solved from

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """How far the answer of one vehicle moves when its inputs are off.

    Parameters
    ----------
    vehicle : str
        The vehicle that was asked about.
    variations : DataFrame
        A row a variation (`tables.VARIATIONS`).
    measure_first : GeoDataFrame
        Up to five places (`tables.MEASURE_FIRST`), the one that decides most first.
    """

    vehicle: str
    variations: pd.DataFrame
    measure_first: gpd.GeoDataFrame

    def __post_init__(self) -> None:
        for name, schema in (
            ("variations", tables.VARIATIONS),
            ("measure_first", tables.MEASURE_FIRST),
        ):
            object.__setattr__(self, name, tables.check_table(getattr(self, name), schema, name))


@dataclass(frozen=True, slots=True, eq=False)
class _Base:
    """The answer as the inputs stand."""

    terrain: Terrain
    points: OutlinePoints
    solution: Solution
    impacts: Impacts


def sensitivity(
    surface: DrivableSurface,
    vehicles: Sequence[Vehicle],
    settings: FieldSettings,
    *,
    vehicle: str | None = None,
    zone_outline_step_m: float = 1.0,
    progress: Progress = ignore,
) -> Sensitivity:
    """Return how far the nominal speeds along a zone move when an input is off, one at a time.

    Obstacles 0.5 m nearer: cells are free as for a vehicle 1 m wider, and gaps are judged 1 m
    narrower; mass, bends and the width that hits the outline stay. Farther: the same the other
    way. That moves every wall at once, so it errs to the large side for a single one. A metre of
    the outline beside a wall moves with it when it comes nearer, and is not lost. Where the grid
    does not allow a vehicle 1 m narrower (see `check_widths`) obstacles move away by less, and the
    row says by how much.
    Friction by 0.1, that of known surfaces with it. Acceleration by 20 %, and the power with it:
    above some 10 m/s nothing else drives, and a drive that is off is off as a whole.

    Parameters
    ----------
    vehicle : str, optional
        Name of the vehicle to vary; by default that with the highest energy anywhere.
    zone_outline_step_m : float
        Each point of the outline stands for this length.

    Raises
    ------
    InputError
        No vehicles or none of that name, settings that are not offered, or more than 4 GB.
    """
    chosen = _candidates(vehicles, vehicle)
    if not zone_outline_step_m > 0.0:
        raise InputError(f"outline step {zone_outline_step_m} m: it must be above 0")
    check_settings(settings)
    check_widths(chosen, settings)
    check_memory(surface, settings, fields=_FIELDS)
    widest_m = max(one.width_m for one in chosen) + 2 * OBSTACLES_M
    terrain = make_terrain(surface, settings, widest_m=widest_m)
    points = outline_points(surface.zone, terrain, step_m=zone_outline_step_m)
    base = _governing(terrain, points, chosen, part_of(progress, 0.0, 0.3))
    nearer, farther, deciding = _moved_obstacles(base, part_of(progress, 0.3, 0.6))
    rows = [_row(base, *nearer, zone_outline_step_m), _row(base, *farther, zone_outline_step_m)]
    for number, (what, change, changed, driver) in enumerate(_other_inputs(base)):
        share = part_of(progress, 0.6 + 0.1 * number, 0.7 + 0.1 * number)
        label = base.solution.label if _only_raises(base, changed, driver) else None
        solution = solve(changed, driver, bound=Bound.NOMINAL, at_least=label, progress=share)
        impacts = _impacts(solution, points)
        del solution
        rows.append(_row(base, what, change, impacts, zone_outline_step_m))
    name = base.solution.vehicle.name
    first = measure_first(deciding, name, step_m=zone_outline_step_m, crs=surface.crs)
    progress("sensitivity", 1.0, f"{name}: {len(rows)} variations, {len(first)} places")
    return Sensitivity(name, pd.DataFrame(rows), first)


def _candidates(vehicles: Sequence[Vehicle], name: str | None) -> list[Vehicle]:
    if not vehicles:
        raise InputError("sensitivity: no vehicle; give at least one class, for example N2A")
    chosen = [one for one in vehicles if name in (None, one.name)]
    if not chosen:
        names = ", ".join(one.name for one in vehicles)
        raise InputError(f"sensitivity: vehicle {name!r} is none of {names}; name one of them")
    return chosen


def _governing(
    terrain: Terrain, points: OutlinePoints, vehicles: Sequence[Vehicle], progress: Progress
) -> _Base:
    """Return the base of the vehicle with the highest energy; of the first among equals.

    Vehicles that at their top speed have less energy than one already found aren't solved.
    """
    bound_kj = [_most_energy_kj(one, terrain.settings) for one in vehicles]
    best: _Base | None = None
    best_kj = -1.0
    for number, n in enumerate(sorted(range(len(vehicles)), key=lambda n: -bound_kj[n])):
        if bound_kj[n] <= best_kj:
            break
        share = part_of(progress, number / len(vehicles), (number + 1) / len(vehicles))
        solution = solve(terrain, vehicles[n], bound=Bound.NOMINAL, progress=share)
        base = _Base(terrain, points, solution, _impacts(solution, points))
        energy_kj = _highest(base.impacts)
        if energy_kj > best_kj:
            best, best_kj = base, energy_kj
    assert best is not None  # the first vehicle has at least no energy
    return best


def _most_energy_kj(vehicle: Vehicle, settings: FieldSettings) -> float:
    """Return the energy at the highest label's speed, see `label_scale`: never below the field."""
    driver = driven(vehicle, settings)
    top_mps = max(float(attainable_speed_mps(driver)), driver.top_speed_mps)
    return float(kinetic_energy_kj(vehicle.mass_kg, top_mps))


def _moved_obstacles(
    base: _Base, progress: Progress
) -> tuple[tuple[str, str, Impacts], tuple[str, str, Impacts], Deciding]:
    """Return both variations, and the places that decide over what moved between them."""
    vehicle, cell_m = base.solution.vehicle, base.terrain.cell_m
    met = as_met_by(base.terrain, vehicle)
    room_m = 2 * OBSTACLES_M + math.sqrt(2.0) * cell_m
    free = _free_moved(met, vehicle, base.solution.free, OBSTACLES_M)
    solution = resolve_on_cells(base.solution, met, free, progress=part_of(progress, 0.0, 0.5))
    nearer = _impacts_nearer(base, solution)
    moved = _moved(base.impacts, nearer)
    progress("sensitivity", 0.5, f"{vehicle.name}: ways past obstacles that came nearer")
    found = [
        deciding_places(
            field_of(base.solution),
            solution.label,
            met,
            base.impacts,
            nearer,
            moved,
            room_m=room_m,
        )
    ]
    del solution
    away_m = min(OBSTACLES_M, (vehicle.width_m - math.sqrt(2.0) * cell_m) / 2)
    free = _free_moved(met, vehicle, base.solution.free, -away_m)
    solution = resolve_on_cells(base.solution, met, free, progress=part_of(progress, 0.5, 1.0))
    farther = _impacts(solution, base.points)
    moved = _moved(base.impacts, farther)
    progress("sensitivity", 1.0, f"{vehicle.name}: ways past obstacles that went away")
    found.append(
        deciding_places(
            field_of(solution),
            base.solution.label,
            met,
            farther,
            base.impacts,
            moved,
            room_m=room_m,
        )
    )
    return (
        ("obstacles", f"{OBSTACLES_M:g} m nearer", nearer),
        ("obstacles", f"{away_m:.2g} m farther", farther),
        found[0].and_also(found[1]),
    )


def _free_moved(terrain: Terrain, vehicle: Vehicle, free: BoolArray, by_m: float) -> BoolArray:
    """Return the free cells with obstacles nearer by so much, or farther where it is below 0.

    Never more with them nearer, never fewer with them farther: gaps opened along their middle
    could differ by a cell.
    """
    width_m = vehicle.width_m + 2 * by_m
    moved = free_cells(terrain, width_m=width_m, bound=Bound.NOMINAL)
    return moved & free if by_m > 0 else moved | free


def _other_inputs(base: _Base) -> list[tuple[str, str, Terrain, Vehicle]]:
    """Return what, by how much, and the terrain and vehicle with it, within what can be."""
    vehicle, terrain = base.solution.vehicle, base.terrain
    rows = []
    for sign in (-1.0, 1.0):
        friction = _within("friction", vehicle.friction + sign * FRICTION)
        changed = replace(terrain, grip=terrain.grip + sign * FRICTION)
        driver = replace(vehicle, friction=friction)
        rows.append(("friction", f"{friction - vehicle.friction:+.2g}", changed, driver))
    for sign in (-1.0, 1.0):
        factor = 1.0 + sign * ACCELERATION
        drive = _within("acceleration_mps2", vehicle.acceleration_mps2 * factor)
        power = vehicle.power_w * factor
        driver = replace(
            vehicle,
            acceleration_mps2=drive,
            power_w=power if np.isinf(power) else _within("power_w", power),
        )
        share = drive / vehicle.acceleration_mps2 - 1.0
        rows.append(("acceleration", f"{100 * share:+.0f} %", terrain, driver))
    return rows


def _within(name: str, value: float) -> float:
    low, high = LIMITS[name]
    return min(max(value, low), high)


def _only_raises(base: _Base, terrain: Terrain, vehicle: Vehicle) -> bool:
    """Return whether labels mean the same speeds, and none can be lower than in the base."""
    if vehicle.friction <= base.solution.vehicle.friction:
        return False
    before, after = base.solution.rules, rules_for(terrain, vehicle, Bound.NOMINAL)
    return bool(
        before.scale.step_m == after.scale.step_m
        and before.scale.top_label == after.scale.top_label
        and np.array_equal(before.scale.speed_of_label_mps, after.scale.speed_of_label_mps)
    )


def _impacts(solution: Solution, points: OutlinePoints) -> Impacts:
    return impacts_at(field_of(solution), points.place_m, points.inwards)


def _impacts_nearer(base: _Base, solution: Solution) -> Impacts:
    """Return the impacts with obstacles nearer; a metre beside a wall moves away with the wall.

    Otherwise the wall would swallow it. Never harder than in the base.
    """
    vehicle = solution.vehicle
    width_m = _within("width_m", vehicle.width_m + 2 * OBSTACLES_M)
    field = replace(field_of(solution), vehicle=replace(vehicle, width_m=width_m))
    found = impacts_at(field, base.points.place_m, base.points.inwards)
    harder = found.speed_mps > base.impacts.speed_mps
    return Impacts(
        **{
            one.name: np.where(harder, getattr(base.impacts, one.name), getattr(found, one.name))
            for one in fields(Impacts)
        }
    )


def _moved(before: Impacts, after: Impacts) -> NDArray[np.int64]:
    change_kmh = (after.speed_mps - before.speed_mps) * KMH_PER_MPS
    return np.flatnonzero(np.abs(change_kmh) > MOVED_KMH)


def _highest(impacts: Impacts) -> float:
    return float(impacts.energy_kj.max(initial=0.0))


def _row(base: _Base, what: str, change: str, impacts: Impacts, step_m: float) -> dict[str, object]:
    """Return the row of a variation; metres that are hit neither way don't count."""
    before, after = base.impacts.speed_mps, impacts.speed_mps
    counts = (before > 0.0) | (after > 0.0)
    moved_kmh = (after - before)[counts] * KMH_PER_MPS
    size = np.abs(moved_kmh)
    sign = -1.0 if moved_kmh.sum() < 0.0 else 1.0
    return {
        "what": what,
        "change": change,
        "largest_kmh": float(moved_kmh[np.argmax(size)]) if len(size) else 0.0,
        "median_kmh": float(np.median(moved_kmh)) if len(size) else 0.0,
        "p90_kmh": float(sign * np.quantile(size, 0.9)) if len(size) else 0.0,
        "moved_m": float(np.sum(size > MOVED_KMH) * step_m),
        "energy_kj": _highest(impacts) - _highest(base.impacts),
        "reachable_m": float(np.sum((before == 0.0) & (after > 0.0)) * step_m),
        "unreachable_m": float(np.sum((before > 0.0) & (after == 0.0)) * step_m),
    }
