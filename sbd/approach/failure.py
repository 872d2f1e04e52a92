"""Surface, the units of a plan and vehicles in; what any single failure lets into the zone out.

One gate stands open, or one unit is gone; all else stands. What that frees goes on from the solved
field of the closed plan, so each answer is the field of the plan without those units.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.approach.clearance import Terrain, make_terrain
from sbd.approach.dynamics import kinetic_energy_kj
from sbd.approach.field import check_memory, check_settings, check_widths
from sbd.approach.openings import (
    Closed,
    Opened,
    cells_over,
    closed_by,
    covered,
    gained_cells,
    opened_in,
    speeds_beside,
    window_without,
)
from sbd.approach.rules import told_speeds_mps
from sbd.approach.solution import resolve_on_cells, solve
from sbd.errors import InputError
from sbd.model import tables
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle
from sbd.progress import Progress, ignore, part_of
from sbd.site.shapes import merged, without
from sbd.units import KMH_PER_MPS, MILLIMETRE_PER_METRE

STAGE = "failures"
# Coarse cells and headings; the upper field on them tells more than on fine ones, never less.
RESOLUTION_M = 1.0
HEADINGS = 32
# Area is told from each of these speeds on [km/h].
BANDS_KMH = (0, 16, 32, 48, 64, 80)
_FIELDS = 2  # of one vehicle: the closed plan's and that of a failure

FloatArray = NDArray[np.float64]
Shape: TypeAlias = Polygon | MultiPolygon


@dataclass(frozen=True, slots=True, eq=False)
class _Thing:
    """What may fail: one unit, the units of a gate, or all single units of a line at once.

    `clear_m` is the clear width along the line between what still stands.
    """

    line_id: str
    name: str
    unit_ids: tuple[str, ...]
    shapes: tuple[Shape, ...]
    clear_m: float


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """The things of one line: its gates, and the units that belong to none."""

    gates: tuple[_Thing, ...]
    units: tuple[_Thing, ...]


class _Plan:
    """The site with every unit standing, and windows of it where some are gone."""

    def __init__(
        self,
        surface: DrivableSurface,
        shapes: NDArray[np.object_],
        settings: FieldSettings,
        *,
        widest_m: float,
    ) -> None:
        self.surface = replace(surface, ground=without(surface.ground, merged(shapes)))
        self.terrain = make_terrain(self.surface, settings, widest_m=widest_m)
        self._windows: dict[tuple[str, ...], tuple[Terrain, int, int]] = {}

    def opened(self, closed: Closed, thing: _Thing) -> Opened:
        """Return what a vehicle gains where a thing is gone; the window serves every vehicle."""
        if thing.unit_ids not in self._windows:
            window = window_without(self.surface, self.terrain, thing.shapes)
            self._windows[thing.unit_ids] = window
        return opened_in(closed, self._windows[thing.unit_ids], thing.shapes)


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """What a thing that fails opens to one vehicle."""

    thing: _Thing
    opened: Opened
    over_zone: NDArray[np.bool_]  # cells that are reached and from which it is over the zone


def failures(
    surface: DrivableSurface,
    footprints: gpd.GeoDataFrame,
    vehicles: Sequence[Vehicle],
    settings: FieldSettings,
    *,
    progress: Progress = ignore,
) -> gpd.GeoDataFrame:
    """Return which part of the zone one failure opens to which vehicle, and how fast it gets there.

    Every gate that stands open has its row, and of every line the unit whose place a vehicle
    crosses fastest when that unit is gone. What lets a vehicle in nowhere has none: a gap no wider
    than the vehicle stays shut. Speeds are those of an upper field on cells of 1 m and 32 headings,
    whatever the settings say of these and of a longest approach: errs high. A vehicle that is in
    may turn and take a run-up inside.

    Parameters
    ----------
    surface : DrivableSurface
        Without the plan.
    footprints : GeoDataFrame
        Every unit of a closed plan (`tables.FOOTPRINTS`), in order along its line.
    settings : FieldSettings
        Entry speed, drive, grip and speed limit of the assessment.

    Returns
    -------
    GeoDataFrame
        `tables.FAILURES`, and: `unit_ids` (what is gone), `clear_m` (between what still stands,
        along the line), `speed_gap_kmh` (where it drives through), `speed_limit_kmh` (no unit of
        the line lets in anything faster; of a gate its own speed) and `area_by_speed` (JSON: area
        of the zone [m2] that is reached with at least so many km/h).

    Raises
    ------
    InputError
        No vehicle, one too narrow for cells of 1 m, or a field that would take more than 4 GB.
    """
    _check_vehicles(vehicles)
    coarse = replace(settings, resolution_m=RESOLUTION_M, headings=HEADINGS, max_approach_m=None)
    check_settings(coarse)
    check_widths(vehicles, coarse)
    check_memory(surface, coarse, fields=_FIELDS)
    nothing = tables.empty_layer(tables.FAILURES, surface.crs)
    if footprints.empty or surface.zone.is_empty:
        return nothing
    progress(STAGE, 0.0, "the plan as it stands")
    widest_m = max(one.width_m for one in vehicles)
    plan = _Plan(surface, footprints.geometry.to_numpy(), coarse, widest_m=widest_m)
    lines = _lines(footprints)
    rows: list[dict[str, object]] = []
    for number, vehicle in enumerate(vehicles):
        share = 0.05 + 0.95 * np.array([number, number + 1]) / len(vehicles)
        rows += _rows(plan, lines, vehicle, part_of(progress, *share.tolist()))
    progress(STAGE, 1.0, f"{len(rows)} ways in")
    if not rows:
        return nothing
    ordered = pd.DataFrame(rows).sort_values("energy_kj", ascending=False, kind="stable")
    found = gpd.GeoDataFrame(ordered.reset_index(drop=True), geometry="geometry", crs=surface.crs)
    return tables.check_table(found, tables.FAILURES, "failures")


def _check_vehicles(vehicles: Sequence[Vehicle]) -> None:
    if not vehicles:
        raise InputError("failures: no vehicle; give at least one class, for example N2A")


def _lines(footprints: gpd.GeoDataFrame) -> list[_Line]:
    """Return the things of each line; openable neighbours are one gate."""
    found = []
    for line_id, rows in footprints.groupby("line_id", sort=False):
        opens = rows["openable"].to_list()
        runs = [
            (is_gate, list(run)) for is_gate, run in groupby(range(len(rows)), opens.__getitem__)
        ]
        gates = [rows.iloc[run] for gate, run in runs if gate]
        units = [rows.iloc[[k]] for gate, run in runs if not gate for k in run]
        names = [f"{line_id}/{n}" for n in range(1, len(gates) + 1)]
        names = names if len(gates) > 1 else [str(line_id)]
        found.append(
            _Line(
                tuple(map(_thing, gates, names)),
                tuple(_thing(unit, str(unit["unit_id"].iloc[0])) for unit in units),
            )
        )
    return found


def _thing(rows: gpd.GeoDataFrame, name: str) -> _Thing:
    ids = tuple(rows["unit_id"].astype(str))
    return _Thing(str(rows["line_id"].iloc[0]), name, ids, tuple(rows.geometry), _clear_m(rows))


def _clear_m(rows: gpd.GeoDataFrame) -> float:
    """Return the clear width when units of a row are gone: their widths and all gaps at them."""
    gaps_mm = rows["gap_before_mm"].iloc[0] + rows["gap_after_mm"].sum()
    return float(gaps_mm / MILLIMETRE_PER_METRE + rows["width_m"].sum())


def _rows(
    plan: _Plan, lines: Sequence[_Line], vehicle: Vehicle, progress: Progress
) -> list[dict[str, object]]:
    """Return the rows of one vehicle."""
    solution = solve(plan.terrain, vehicle, bound=Bound.UPPER, progress=part_of(progress, 0.0, 0.4))
    closed = closed_by(solution, plan.surface)
    zone = plan.surface.zone
    over_zone = cells_over(closed, zone)

    def way_through(thing: _Thing) -> _Way | None:
        opened = plan.opened(closed, thing)
        reached = gained_cells(closed, opened) & over_zone
        return _Way(thing, opened, reached) if reached.any() else None

    rows: list[dict[str, object]] = []
    for number, line in enumerate(lines):
        progress(STAGE, 0.4 + 0.6 * number / len(lines), f"{vehicle.name}: line {number + 1}")
        ways = [way_through(gate) for gate in line.gates]
        rows += [
            _row(way, "gate", _told_mps(way, closed), closed, zone)
            for way in ways
            if way is not None
        ]
        # Exactly as wide as the vehicle is shut; the width along the line errs high.
        wide = [unit for unit in line.units if unit.clear_m > vehicle.width_m]
        row = _unit_row(wide, way_through, closed, zone)
        rows += [] if row is None else [row]
    return rows


def _unit_row(
    units: Sequence[_Thing],
    way_through: Callable[[_Thing], _Way | None],
    closed: Closed,
    zone: Shape,
) -> dict[str, object] | None:
    """Return the row of the unit of a line that is crossed fastest; None where none is crossed.

    That is the one with the fastest vehicles beside it while it stands.
    """
    outside_mps = speeds_beside(closed, [unit.shapes[0] for unit in units])
    ranked = (units[k] for k in np.argsort(-outside_mps, kind="stable").tolist())
    worst = next((way for unit in ranked if (way := way_through(unit)) is not None), None)
    if worst is None:
        return None
    told = _told_mps(worst, closed)
    limit_mps = float(told_speeds_mps(closed.solution.rules)[closed.solution.rules.scale.top_label])
    if told[worst.over_zone].max() < limit_mps:
        # With all of them gone at once no label is below that with any single one gone.
        bound = way_through(_together(units))
        if bound is not None:
            limit_mps = float(_told_mps(bound, closed)[bound.over_zone].max())
    return _row(worst, "unit", told, closed, zone, limit_mps=limit_mps)


def _together(units: Sequence[_Thing]) -> _Thing:
    ids = tuple(name for unit in units for name in unit.unit_ids)
    shapes = tuple(shape for unit in units for shape in unit.shapes)
    return _Thing(units[0].line_id, "all single units", ids, shapes, np.inf)


def _row(
    way: _Way,
    kind: str,
    told: FloatArray,
    closed: Closed,
    zone: Shape,
    *,
    limit_mps: float | None = None,
) -> dict[str, object]:
    """Return a row; `told` are the speeds with the way open, as of `_told_mps`."""
    thing, vehicle = way.thing, closed.solution.vehicle
    speed_mps = float(told[way.over_zone].max())
    gap_mps = float(told[tuple(way.opened.cells.T)].max())
    shape = covered(closed, way.opened, zone)
    what = f"gate of {thing.name} stands open" if kind == "gate" else f"unit {thing.name} fails"
    return {
        "failure_id": f"{kind}:{thing.name}:{vehicle.name}",
        "what": what,
        "line_id": thing.line_id,
        "vehicle": vehicle.name,
        "zone_reached_m2": round(shape.area, 1),
        "speed_kmh": round(speed_mps * KMH_PER_MPS, 1),
        "energy_kj": round(float(kinetic_energy_kj(vehicle.mass_kg, speed_mps)), 1),
        "unit_ids": " ".join(thing.unit_ids),
        "clear_m": round(thing.clear_m, 3),
        "speed_gap_kmh": round(gap_mps * KMH_PER_MPS, 1),
        "speed_limit_kmh": round((limit_mps or speed_mps) * KMH_PER_MPS, 1),
        "area_by_speed": _area_by_speed(told, way, shape),
        "geometry": shape,
    }


def _told_mps(way: _Way, closed: Closed) -> FloatArray:
    """Return the highest speed at each cell, on any heading, with a way open."""
    solution = closed.solution
    free = solution.free.copy()
    free[tuple(way.opened.cells.T)] = True
    after = resolve_on_cells(solution, solution.terrain, free)
    fastest: FloatArray = told_speeds_mps(solution.rules)[after.label.max(axis=1)]
    return fastest


def _area_by_speed(told: FloatArray, way: _Way, shape: Shape) -> str:
    """Return the area that is reached with at least each speed, by the share of its cells."""
    kmh = told[way.over_zone] * KMH_PER_MPS
    return json.dumps(
        {str(band): round(shape.area * float(np.mean(kmh >= band)), 1) for band in BANDS_KMH}
    )
