"""Drawn site in; the highest speed that a sampling planner (ompl) gets at a target out.

    python tests/benchmarks/planner_judge.py SITE SPEED SECONDS SEED

Prints one line of JSON: each record of speed within the target's disc, as (seconds, speed). SPEED
is what it is to beat. A process of its own, because the library is noisy when it is unloaded.
"""

import json
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle
from tests.drawn_ground import chicane, corner, street, vehicle

ENTRY_MPS = 10.0
GRAVITY_MPS2 = 9.81
TARGET_RADIUS_M = 1.5
STEP_S = 0.1
LOOK_EVERY_M = 0.25
LONGEST_STEPS = 10
METRES_A_UNIT = 10.0  # of the planner's distance; 1 rad and 5 m/s count as much
MPS_A_UNIT = 5.0


@dataclass(frozen=True)
class Case:
    """A drawn site with the place and the heading at which the vehicle is to be fast."""

    name: str
    surface: DrivableSurface
    target: tuple[float, float]
    heading_rad: float

    def near_target(self, x, y):
        """Whether a place is within the target's disc."""
        return np.hypot(x - self.target[0], y - self.target[1]) <= TARGET_RADIUS_M


def cases() -> dict[str, Case]:
    """Return the drawn sites, easiest first."""
    found = (
        Case("straight street, 100 m", street(100.0, entry=True), (98.0, 0.0), 0.0),
        Case("corner, 6 m lanes", corner(6.0), (4.0, 50.0), math.pi / 2),
        Case("chicane, 2 m slack", chicane(3.0, 15.0, 2.0), (60.0, 4.0), 0.0),
    )
    return {case.name: case for case in found}


class Drive:
    """The vehicle as the planner moves it, and what it has reached."""

    def __init__(self, case: Case, driver: Vehicle):
        self.case, self.driver = case, driver
        self.grip = driver.friction * GRAVITY_MPS2
        self.free = _room(case.surface, driver.width_m)
        shapely.prepare(self.free)
        self.started = time.perf_counter()
        self.records: list[tuple[float, float]] = [(0.0, 0.0)]

    def is_valid(self, state) -> bool:
        x, y, speed = state[0] * METRES_A_UNIT, state[1] * METRES_A_UNIT, state[3] * MPS_A_UNIT
        if not (0.0 <= speed <= self.driver.top_speed_mps):
            return False
        if not shapely.contains_xy(self.free, x, y):
            return False
        if speed > self.records[-1][1] and self.case.near_target(x, y):
            self.records.append((time.perf_counter() - self.started, speed))
        return True

    def move(self, state, control, seconds, result) -> None:
        """Drive on an arc at constant push; the speed in the bend never leaves the grip."""
        before = state[3] * MPS_A_UNIT
        after = min(max(before + control[0] * seconds, 0.0), self.driver.top_speed_mps)
        bend = min(
            1.0 / self.driver.min_turning_radius_m, self.grip / max(before, after, 1e-3) ** 2
        )
        way = (before + after) / 2 * seconds
        turn = control[1] * bend * way
        middle = state[2] + turn / 2
        chord = way if abs(turn) < 1e-9 else way * math.sin(turn / 2) / (turn / 2)
        result[0] = state[0] + chord * math.cos(middle) / METRES_A_UNIT
        result[1] = state[1] + chord * math.sin(middle) / METRES_A_UNIT
        result[2] = math.remainder(state[2] + turn, 2 * math.pi)
        # The planner looks at the ends of steps only; a speed that can't be stands for a cut.
        result[3] = after / MPS_A_UNIT if self._is_free(state, way, turn) else -1.0

    def _is_free(self, state, way, turn) -> bool:
        share = np.linspace(0.0, 1.0, max(2, math.ceil(way / LOOK_EVERY_M) + 1))[1:]
        half = turn * share / 2
        chord = way * share * np.sinc(half / math.pi)
        x = state[0] * METRES_A_UNIT + chord * np.cos(state[2] + half)
        y = state[1] * METRES_A_UNIT + chord * np.sin(state[2] + half)
        return bool(shapely.contains_xy(self.free, x, y).all())


def _room(surface: DrivableSurface, width_m: float) -> shapely.Geometry:
    """Return where the reference point may be; the rim, in the west, is no wall."""
    west, south, _, north = surface.entries.total_bounds
    beyond = shapely.union(surface.ground, shapely.box(west - width_m, south, west, north))
    return beyond.buffer(-width_m / 2 + 1e-6).intersection(surface.ground)


def best_speeds(
    case: Case, driver: Vehicle, *, wanted_mps: float, seconds: float, seed: int
) -> list[tuple[float, float]]:
    """Return the records of speed within the target's disc, as (seconds, speed)."""
    from ompl import base, control, util  # noqa: PLC0415 - of the extra `bench`

    util.setLogLevel(util.LogLevel.LOG_NONE)
    util.RNG.setSeed(seed)
    drive = Drive(case, driver)
    space = base.RealVectorStateSpace(4)
    limits = base.RealVectorBounds(4)
    west, south, east, north = drive.free.bounds
    for axis, (low, high) in enumerate(
        (
            (west / METRES_A_UNIT, east / METRES_A_UNIT),
            (south / METRES_A_UNIT, north / METRES_A_UNIT),
            (-math.pi, math.pi),
            (0.0, 1.2 * wanted_mps / MPS_A_UNIT),
        )
    ):
        limits.setLow(axis, low)
        limits.setHigh(axis, high)
    space.setBounds(limits)
    controls = control.RealVectorControlSpace(space, 2)
    pushes = base.RealVectorBounds(2)
    for axis, (low, high) in enumerate(((-drive.grip, driver.acceleration_mps2), (-1.0, 1.0))):
        pushes.setLow(axis, low)
        pushes.setHigh(axis, high)
    controls.setBounds(pushes)
    setup = control.SimpleSetup(controls)
    setup.setStateValidityChecker(drive.is_valid)
    setup.setStatePropagator(drive.move)
    for start in starts(case, drive):
        setup.addStartState(_state(space, *start))
    x, y = case.target
    # Faster than can be, so that it goes on improving until its time is over.
    setup.setGoalState(_state(space, x, y, case.heading_rad, 1.2 * wanted_mps), 1e-3)
    information = setup.getSpaceInformation()
    information.setPropagationStepSize(STEP_S)
    information.setMinMaxControlDuration(1, LONGEST_STEPS)
    setup.setPlanner(control.RRT(information))
    drive.started = time.perf_counter()
    setup.solve(seconds)
    return drive.records


def starts(case: Case, drive: Drive) -> list[tuple[float, float, float, float]]:
    """Return five starts over the entry at speed, as (x, y, heading, speed)."""
    line = case.surface.entries.geometry.iloc[0]
    spots = [line.interpolate(share, normalized=True) for share in np.linspace(0.2, 0.8, 5)]
    moved = [(spot.x + 0.01, spot.y) for spot in spots]  # every entry looks east
    return [(x, y, 0.0, ENTRY_MPS) for x, y in moved if shapely.contains_xy(drive.free, x, y)]


def _state(space, x, y, heading, speed):
    state = space.allocState()
    state[0], state[1] = x / METRES_A_UNIT, y / METRES_A_UNIT
    state[2], state[3] = heading, speed / MPS_A_UNIT
    return state


if __name__ == "__main__":
    name, wanted, limit, chance = sys.argv[1:]
    found = best_speeds(
        cases()[name],
        vehicle(),
        wanted_mps=float(wanted),
        seconds=float(limit),
        seed=int(chance),
    )
    print(json.dumps(found), flush=True)
    os._exit(0)
