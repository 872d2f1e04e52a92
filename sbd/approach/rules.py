"""Terrain and vehicle in; headings, motions and what each of them wins and allows out."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sbd.approach.clearance import Terrain
from sbd.approach.dynamics import (
    GRAVITY_MPS2,
    LabelScale,
    acceleration_mps2,
    attainable_speed_mps,
    cornering_speed_mps,
    label_scale,
    screening,
)
from sbd.approach.lattice import Lattice, make_lattice, sparse_straight
from sbd.approach.slope import slope_of
from sbd.approach.slope_kernels import Slope
from sbd.catalogue.vehicles import default_entry_speed_mps
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.vehicle import LIMITS, Vehicle
from sbd.model.words import Drive

UPPER_GRIP = 1.15  # of the grip in an upper field
# Share of the run-up that an upper field adds on 0.5 m cells and 64 headings: refined paths on
# drawn streets were up to 0.3 % longer than its ways. On 1 m and 32 headings, where few bends are
# to be had, they took some with 6 to 12 % more, so the share grows with both.
LONGER = 0.01

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """What one vehicle may do on the lattice of a terrain, in one bound.

    Parameters
    ----------
    vehicle : Vehicle
        With the figures that the settings ask for.
    entry_label : int
        Label with which it comes in over the rim.
    gain : (motions,) int array
        Label that each motion adds.
    cap : (levels, motions) int array
        Label that each motion's curve allows on each level of grip, the lowest first.
    level : (rows, columns) uint8 array
        Level of grip at each cell; (0, 0) where there is one only. What counts for a motion is the
        highest among its cells, in a lower field the lowest.
    slope : slope_kernels.Slope
        Tables to climb and to fall by; empty on flat ground.
    """

    vehicle: Vehicle
    bound: Bound
    lattice: Lattice
    scale: LabelScale
    entry_label: int
    gain: IntArray
    cap: IntArray
    level: NDArray[np.uint8]
    slope: Slope

    def cells_behind(self, heading: int) -> tuple[IntArray, IntArray]:
        """Return the cells behind a state on its straight motion, nearest first, and their labels.

        A cell that only a lower field asks for has the label -1: no run-up starts there. A lower
        run-up then starts where a nominal one could start, and is never the longer of both.
        """
        lattice = self.lattice
        k = lattice.first[heading]
        vector = lattice.vector[heading]
        cells = lattice.cell[lattice.cell_first[k] : lattice.cell_first[k + 1]][::-1][1:]
        way = (vector - cells) @ (vector / np.hypot(*vector)) * lattice.cell_m
        common = sparse_straight(heading, lattice.headings)
        starts = np.array([tuple(cell) in common for cell in cells.tolist()])
        label = self.scale.label_of_length(run_up_factor(self.vehicle, self.bound) * way)
        return cells - vector, np.where(starts, label, -1)


def rules_for(terrain: Terrain, vehicle: Vehicle, bound: Bound) -> Rules:
    """Return the rules of a vehicle; those of its three bounds share one step and speed table."""
    settings = terrain.settings
    driver = driven(vehicle, settings)
    lattice = make_lattice(
        settings.resolution_m,
        settings.headings,
        driver.min_turning_radius_m,
        every_cell=bound is Bound.LOWER,
    )
    reach_m = run_up_factor(driver, Bound.UPPER) * float(lattice.length_m.max())
    scale = _no_longer_approach(terrain, label_scale(driver, bound=bound, reach_m=reach_m))
    friction, level = _levels(terrain, driver, bound)
    allowed = cornering_speed_mps(lattice.radius_m, friction=friction[:, None])
    if bound is Bound.UPPER:
        allowed = allowed * math.sqrt(UPPER_GRIP)
    return Rules(
        vehicle=driver,
        bound=bound,
        lattice=lattice,
        scale=scale,
        entry_label=int(scale.label_of_speed(entry_speed_mps(driver, settings))),
        gain=scale.label_of_length(run_up_factor(driver, bound) * lattice.length_m),
        cap=scale.label_of_speed(allowed),
        level=level,
        slope=slope_of(terrain.height_m, scale),
    )


def driven(vehicle: Vehicle, settings: FieldSettings) -> Vehicle:
    """Return a vehicle with the law of acceleration and the top speed that the settings ask for.

    The screening mode is constant acceleration: no limit of power, no drag, nothing rolls. Errs
    high.
    """
    top_mps = min(vehicle.top_speed_mps, settings.speed_limit_mps or math.inf)
    driver = screening(vehicle) if settings.drive is Drive.SCREENING else vehicle
    return replace(driver, top_speed_mps=top_mps)


def entry_speed_mps(vehicle: Vehicle, settings: FieldSettings) -> float:
    """Return the speed over the rim: the one that is set, else the vehicle's own; capped at top."""
    if settings.entry_speed_mps is None:
        return min(default_entry_speed_mps(vehicle), vehicle.top_speed_mps)
    return min(settings.entry_speed_mps, vehicle.top_speed_mps)


def told_speeds_mps(rules: Rules) -> FloatArray:
    """Return the speed that a field tells for each label.

    Lower and nominal fields tell what the run-up reaches. An upper one adds a cell and a little
    more: paths begin and end anywhere in the plane, its ways at the centres of cells; and a path
    that weaves in a wide street is a little longer than its motions can be. Label 0 stays 0.
    """
    table = rules.scale.speed_of_label_mps
    if rules.bound is not Bound.UPPER:
        return table
    cell_m, headings = rules.lattice.cell_m, rules.lattice.headings
    share = LONGER * (cell_m / 0.5) ** 3 * 64 / headings
    label = np.arange(len(table))
    more = label + np.ceil(share * label + cell_m / rules.scale.step_m).astype(np.int64)
    told: FloatArray = table[np.minimum(more, len(table) - 1)]
    return np.where(label > 0, told, 0.0)


def run_up_factor(vehicle: Vehicle, bound: Bound) -> float:
    """Return how much run-up a metre of way is worth.

    More than 1 in the upper field of a vehicle whose grip limits its drive: the drive rises with
    the grip, and counting the way longer keeps one table of speeds for all bounds. Errs high where
    power limits.
    """
    if bound is not Bound.UPPER or vehicle.acceleration_mps2 <= vehicle.friction * GRAVITY_MPS2:
        return 1.0
    raised = replace(vehicle, friction=min(UPPER_GRIP * vehicle.friction, LIMITS["friction"][1]))
    speed = np.linspace(0.0, float(attainable_speed_mps(vehicle)), 200)
    ratio = acceleration_mps2(raised, speed) / acceleration_mps2(vehicle, speed)
    return float(ratio.max())


def _levels(
    terrain: Terrain, vehicle: Vehicle, bound: Bound
) -> tuple[FloatArray, NDArray[np.uint8]]:
    """Return the levels of friction, ascending, and the level at each cell; see `Rules`.

    A motion needs one cell a cell length only, so each cell takes the grip of its neighbours, too:
    the highest of them, in a lower field the lowest. A patch of low grip lowers bends, never the
    drive: the straight run-up to it may be on better ground. Errs high.
    """
    if not terrain.grip.size:
        return np.array([vehicle.friction]), np.empty((0, 0), dtype=np.uint8)
    around = ndimage.minimum_filter if bound is Bound.LOWER else ndimage.maximum_filter
    low, high = LIMITS["friction"]
    grip = np.clip(np.minimum(terrain.grip, vehicle.friction), low, high)
    friction, level = np.unique(around(grip, size=3), return_inverse=True)
    if len(friction) == 1:
        return friction, np.empty((0, 0), dtype=np.uint8)
    return friction, level.reshape(grip.shape).astype(np.uint8)


def _no_longer_approach(terrain: Terrain, scale: LabelScale) -> LabelScale:
    """Return the scale with the top label that the longest approach of the settings can give.

    Counted from the entry speed where an entry lies within it. Errs high: laps within that
    distance of the zone count up to its length.
    """
    settings = terrain.settings
    if settings.max_approach_m is None:
        return scale
    way_m = run_up_factor(scale.vehicle, scale.bound) * settings.max_approach_m
    top = int(scale.label_of_length(way_m))
    if terrain.entry_headings[terrain.ground].any():
        top += int(scale.label_of_speed(entry_speed_mps(scale.vehicle, settings)))
    return replace(scale, top_label=min(scale.top_label, top))
