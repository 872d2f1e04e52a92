"""Drivable surface and vehicle in; the highest speed at every cell and heading out."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sbd.approach.clearance import Terrain, grid_size, make_terrain
from sbd.approach.solution import THREADS, field_of, solve
from sbd.errors import InputError
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound, SpeedField
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle
from sbd.progress import Progress, ignore

RESOLUTIONS_M = (0.5, 1.0)
HEADINGS = (32, 64)
MOST_BYTES = 4 * 2**30
MOST_COLUMNS = 32_767  # the last bit of a run marks that it is spent


def solve_field(
    surface: DrivableSurface,
    vehicle: Vehicle,
    settings: FieldSettings,
    *,
    bound: Bound,
    progress: Progress = ignore,
) -> SpeedField:
    """Return the highest speed of a vehicle at every cell and heading.

    The vehicle starts from rest anywhere, or comes in over an entry of the rim at the entry speed.

    Parameters
    ----------
    surface : DrivableSurface
        Vehicles drive on its ground and come in over its entries.
    settings : FieldSettings
        Resolution 0.5 or 1 m, 32 or 64 headings, entry speed.
    bound : Bound
        LOWER: each label is a path with its whole width clear. NOMINAL: a cell counts by its
        centre, gaps by their exact width. UPPER: 0.35 m more room and 1.15 times the grip, beaten
        by no path that was ever refined; gaps too narrow stay shut.

    Raises
    ------
    InputError
        Settings that are not offered, or a field that would take more than 4 GB.
    """
    check_settings(settings)
    check_widths([vehicle], settings)
    check_memory(surface, settings, fields=1)
    terrain = make_terrain(surface, settings, widest_m=vehicle.width_m)
    return solve_on(terrain, vehicle, bound=bound, progress=progress)


def solve_on(
    terrain: Terrain,
    vehicle: Vehicle,
    *,
    bound: Bound,
    at_least: NDArray[np.uint16] | None = None,
    threads: int = THREADS,
    progress: Progress = ignore,
) -> SpeedField:
    """Return the field of a vehicle on a grid that is ready; see `solve_field` and `solve`."""
    return field_of(
        solve(terrain, vehicle, bound=bound, at_least=at_least, threads=threads, progress=progress)
    )


def check_settings(settings: FieldSettings) -> None:
    """Raise InputError unless the settings are among those offered."""
    if settings.resolution_m not in RESOLUTIONS_M:
        raise InputError(f"resolution {settings.resolution_m:g} m: give 0.5 or 1")
    if settings.headings not in HEADINGS:
        raise InputError(f"headings {settings.headings}: give 32 or 64")
    entry = settings.entry_speed_mps
    if entry is not None and not (math.isfinite(entry) and entry >= 0.0):
        raise InputError(f"entry speed {entry} m/s: it must be 0 or more")


def check_widths(vehicles: Sequence[Vehicle], settings: FieldSettings) -> None:
    """Raise InputError for a vehicle so narrow that the grid could carry it across a thin wall.

    Neighbouring cell centres are up to 1.4142 cells apart; a wall grown by half the width on both
    sides must be wider than that.
    """
    cell = settings.resolution_m
    least = math.sqrt(2.0) * cell
    for vehicle in vehicles:
        if vehicle.width_m < least:
            way_out = (
                f"take cells of {RESOLUTIONS_M[0]:g} m" if cell > RESOLUTIONS_M[0] else "widen it"
            )
            raise InputError(
                f"vehicle {vehicle.name!r}: {vehicle.width_m:g} m wide, too narrow for cells of "
                f"{cell:g} m, which need {least:.2f} m; {way_out}"
            )


def check_memory(surface: DrivableSurface, settings: FieldSettings, *, fields: int) -> None:
    """Raise InputError, before anything is allocated, if that many fields don't fit.

    `fields` are those whose labels are alive at the same time; one of them is being solved.
    """
    rows, columns = grid_size(surface, settings)
    if columns > MOST_COLUMNS:
        raise InputError(
            f"speed field: {columns} cells from west to east; at most {MOST_COLUMNS}; take a "
            "smaller margin or resolution 1 m"
        )
    # Half as much again as one field for the runs of its motions while they are made.
    needed = round(rows * columns * settings.headings * 2 * (fields + 1.5))
    if needed > MOST_BYTES:
        raise InputError(
            f"speed field: {rows} x {columns} cells x {settings.headings} headings x {fields} "
            f"fields take {needed / 2**30:.1f} GB; at most {MOST_BYTES / 2**30:.0f} GB; take a "
            "smaller margin, resolution 1 m, 32 headings or fewer vehicles"
        )
