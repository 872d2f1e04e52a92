"""Drivable surface and vehicle in; the highest speed at every cell and heading out."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sbd.approach import kernels
from sbd.approach.clearance import Terrain, free_cells, grid_size, make_terrain
from sbd.approach.dynamics import GRAVITY_MPS2, LabelScale, cornering_speed_mps, label_scale
from sbd.approach.lattice import Lattice, make_lattice, sparse_straight
from sbd.catalogue.vehicles import default_entry_speed_mps
from sbd.errors import InputError
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound, SpeedField
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle
from sbd.progress import Progress, ignore, part_of

RESOLUTIONS_M = (0.5, 1.0)
HEADINGS = (32, 64)
MOST_BYTES = 4 * 2**30
UPPER_GRIP = 1.15  # of the grip in an upper field

IntArray = NDArray[np.int64]
Int32Array = NDArray[np.int32]


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
    threads: int = 2,
    progress: Progress = ignore,
) -> SpeedField:
    """Return the field of a vehicle on a grid that is ready; see `solve_field`.

    One thread or two give the same field, bit by bit.
    """
    settings = terrain.settings
    lattice = lattice_for(vehicle, settings, bound)
    scale = scale_for(vehicle, lattice, bound)
    free = free_cells(terrain, width_m=vehicle.width_m, bound=bound)
    progress("speed field", 0.0, f"{vehicle.name}, {bound}: where it fits")
    with ThreadPoolExecutor(max_workers=threads) as pool:
        halves = list(pool.map(lambda up: _half(lattice, scale, free, up=up), (True, False)))
        progress("speed field", 0.3, f"{vehicle.name}, {bound}: straight run-ups")
        label = np.zeros((free.shape[0], lattice.headings, free.shape[1]), dtype=np.uint16)
        entry = entry_label(terrain, vehicle, scale)
        list(
            pool.map(lambda half: _seed(label, free, terrain, entry, lattice, scale, half), halves)
        )
        progress("speed field", 0.4, f"{vehicle.name}, {bound}: turns")
        _settle(label, halves, pool, part_of(progress, 0.4, 1.0))
    return SpeedField(
        vehicle=vehicle,
        bound=bound,
        label=label,
        free=free,
        speed_of_label_mps=scale.speed_of_label_mps,
        heading_rad=lattice.heading_rad,
        origin_m=terrain.origin_m,
        cell_m=terrain.cell_m,
        step_m=scale.step_m,
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
    """Raise InputError, before anything is allocated, if that many fields don't fit."""
    rows, columns = grid_size(surface, settings)
    # As much again as one field for the runs of its motions.
    needed = rows * columns * settings.headings * 2 * (fields + 1)
    if needed > MOST_BYTES:
        raise InputError(
            f"speed field: {rows} x {columns} cells x {settings.headings} headings x {fields} "
            f"fields take {needed / 2**30:.1f} GB; at most {MOST_BYTES / 2**30:.0f} GB; take a "
            "smaller margin, resolution 1 m, 32 headings or fewer vehicles"
        )


def lattice_for(vehicle: Vehicle, settings: FieldSettings, bound: Bound) -> Lattice:
    """Return the headings and motions of a vehicle; cached."""
    return make_lattice(
        settings.resolution_m,
        settings.headings,
        vehicle.min_turning_radius_m,
        every_cell=bound is Bound.LOWER,
    )


def scale_for(vehicle: Vehicle, lattice: Lattice, bound: Bound) -> LabelScale:
    """Return how run-ups are counted in 16 bits, with room for one more motion on top.

    The step is the same for every bound, so that labels of different bounds can be compared.
    """
    return label_scale(vehicle, bound=bound, reach_m=UPPER_GRIP * float(lattice.length_m.max()))


def entry_speed_mps(vehicle: Vehicle, settings: FieldSettings) -> float:
    """Return the speed over the rim: the one that is set, else the vehicle's own; capped at top."""
    if settings.entry_speed_mps is None:
        return default_entry_speed_mps(vehicle)
    return min(settings.entry_speed_mps, vehicle.top_speed_mps)


def entry_label(terrain: Terrain, vehicle: Vehicle, scale: LabelScale) -> int:
    """Return the label with which a vehicle comes in over the rim."""
    return int(scale.label_of_speed(entry_speed_mps(vehicle, terrain.settings)))


def run_up_factor(vehicle: Vehicle, bound: Bound) -> float:
    """Return how much run-up a metre of way is worth.

    More than 1 in the upper field of a vehicle whose grip limits its drive: the drive rises with
    the grip, and counting the way longer keeps one table of speeds for all bounds. Errs high where
    power limits.
    """
    if bound is not Bound.UPPER:
        return 1.0
    grip_mps2 = vehicle.friction * GRAVITY_MPS2
    raised = min(vehicle.acceleration_mps2, UPPER_GRIP * grip_mps2)
    return raised / min(vehicle.acceleration_mps2, grip_mps2)


def motion_labels(lattice: Lattice, scale: LabelScale) -> tuple[IntArray, IntArray]:
    """Return for each motion the label it adds and the label its curve allows."""
    allowed = cornering_speed_mps(lattice.radius_m, friction=scale.vehicle.friction)
    if scale.bound is Bound.UPPER:
        allowed = allowed * math.sqrt(UPPER_GRIP)
    factor = run_up_factor(scale.vehicle, scale.bound)
    return scale.label_of_length(factor * lattice.length_m), scale.label_of_speed(allowed)


def cells_behind(lattice: Lattice, scale: LabelScale, heading: int) -> tuple[IntArray, IntArray]:
    """Return the cells behind a state on its straight motion, nearest first, and their labels.

    A cell that only a lower field asks for has the label -1: no run-up starts there. A lower
    run-up then starts where a nominal one could start, and is never the longer of both.
    """
    k = lattice.first[heading]
    vector = lattice.vector[heading]
    cells = lattice.cell[lattice.cell_first[k] : lattice.cell_first[k + 1]][::-1][1:]
    way = (vector - cells) @ (vector / np.hypot(*vector)) * lattice.cell_m
    common = sparse_straight(heading, lattice.headings)
    starts = np.array([tuple(cell) in common for cell in cells.tolist()])
    factor = run_up_factor(scale.vehicle, scale.bound)
    return cells - vector, np.where(starts, scale.label_of_length(factor * way), -1)


def _half(
    lattice: Lattice, scale: LabelScale, free: NDArray[np.bool_], *, up: bool
) -> kernels.Half:
    count = lattice.headings // 2
    low = 0 if up else count
    half = lattice.start_heading // count
    leaves = lattice.end_heading // count != half
    in_row = (lattice.shift[:, 1] == 0) & (lattice.end_heading == lattice.start_heading)
    straight = np.zeros(lattice.motions, dtype=np.bool_)
    straight[lattice.first[:-1]] = True
    order = np.lexsort((~in_row, ~straight, leaves, lattice.start_heading))
    order = order[half[order] == low // count]
    per_heading = np.bincount(lattice.start_heading[order] - low, minlength=count)
    begin = np.concatenate([[0], np.cumsum(per_heading)])
    inside = np.bincount(
        lattice.start_heading[order] - low, weights=~leaves[order], minlength=count
    )
    gain, cap = motion_labels(lattice, scale)
    cells = [lattice.cell[lattice.cell_first[k] : lattice.cell_first[k + 1]] for k in order]
    cell_first = np.concatenate([[0], np.cumsum([len(part) for part in cells])])
    reach = lattice.reach_cells
    first, runs = kernels.free_runs(
        kernels.pack_rows(free, reach),
        free.shape[0],
        free.shape[1],
        reach,
        cell_first,
        np.concatenate(cells),
    )
    return kernels.Half(
        up=up,
        low=low,
        begin=begin.astype(np.int64),
        cross=(begin[:-1] + inside).astype(np.int64),
        start=lattice.start_heading[order],
        end=lattice.end_heading[order],
        dx=np.ascontiguousarray(lattice.shift[order, 0]),
        dy=np.ascontiguousarray(lattice.shift[order, 1]),
        gain=gain[order].astype(np.uint16),
        cap=cap[order].astype(np.uint16),
        first=first,
        runs=runs,
    )


def _seed(
    label: NDArray[np.uint16],
    free: NDArray[np.bool_],
    terrain: Terrain,
    entry: int,
    lattice: Lattice,
    scale: LabelScale,
    half: kernels.Half,
) -> None:
    count = lattice.headings // 2
    parts = [cells_behind(lattice, scale, half.low + h) for h in range(count)]
    behind = np.concatenate([cells for cells, _ in parts])
    around = 2 * int(np.abs(behind).max()) + 1
    kernels.straight_run_ups(
        label,
        free,
        terrain.entry_headings,
        ndimage.maximum_filter(terrain.entry_headings != 0, size=around),
        entry,
        scale.top_label,
        half,
        behind,
        np.concatenate([labels for _, labels in parts]),
        np.concatenate([[0], np.cumsum([len(labels) for _, labels in parts])]),
    )


def _settle(
    label: NDArray[np.uint16],
    halves: list[kernels.Half],
    pool: ThreadPoolExecutor,
    report: Progress,
) -> None:
    """Sweep until no label rises; the least fixed point above the seeds does not know the order."""
    rows, headings, columns = label.shape
    nothing = np.empty((rows, headings // 2, 2), dtype=np.int32)
    nothing[...] = (columns, 0)
    everything = np.empty_like(nothing)
    everything[...] = (0, columns)
    dirty = [everything.copy(), everything.copy()]
    leaving = [everything.copy(), everything.copy()]
    rounds = 0
    while any(kernels.anything_left(spans) for spans in (*dirty, *leaving)):
        list(pool.map(kernels.sweep, (label, label), halves, dirty, leaving))
        before = leaving
        leaving = [nothing.copy(), nothing.copy()]
        for one, other in ((0, 1), (1, 0)):
            kernels.cross(
                label, halves[one], before[one], halves[other].low, dirty[other], leaving[other]
            )
        rounds += 1
        report("speed field", 1.0 - 0.7**rounds, f"round {rounds}")
