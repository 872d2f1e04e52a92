"""Places in; the field beside closed forms, short cuts and outside judges, as parts of a page."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from sbd.approach.clearance import Terrain, make_terrain
from sbd.approach.dynamics import GRAVITY_MPS2, cornering_speed_mps
from sbd.approach.impact import Impacts, impacts_at
from sbd.approach.law import drive_acceleration_mps2
from sbd.approach.perimeter import OutlinePoints, outline_points
from sbd.approach.routes import find_ways, route_to, speed_profile
from sbd.approach.solution import Solution, field_of, solve
from sbd.catalogue.vehicles import vehicle_named
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.words import Drive
from sbd.units import KMH_PER_MPS
from tests.benchmarks import accuracy as drawn
from tests.benchmarks import baselines, planner_judge
from tests.benchmarks.measures import site_of, surface_of, table
from tests.benchmarks.profile_judge import profile_by_toppra
from tests.drawn_ground import FINE, top_speed, vehicle
from tests.drawn_ground import solve as solve_drawn

SCREENED = FieldSettings(0.5, 64, drive=Drive.SCREENING)
CLASSES = ("M1", "N2A")
PROFILES = 20  # ways a place and class
SLOWEST_MPS = 1.0  # below it a share of the speed says nothing
PLANNER_S, PLANNER_SEEDS = 10.0, (1, 2, 3)
NEAR = 0.9


@lru_cache
def outline_of(name: str, vehicle_class: str) -> tuple[Terrain, OutlinePoints]:
    """Return the terrain of a place and the points along its outline."""
    surface = surface_of(name)
    width = vehicle_named(vehicle_class).width_m
    terrain = make_terrain(surface, SCREENED, widest_m=width)
    return terrain, outline_points(surface.zone, terrain)


@lru_cache(maxsize=8)
def nominal(name: str, vehicle_class: str) -> tuple[Solution, Impacts]:
    """Return the nominal solution and impacts, which several parts use."""
    return solved(name, vehicle_class, Bound.NOMINAL)


def solved(name: str, vehicle_class: str, bound: Bound) -> tuple[Solution, Impacts]:
    """Return the solution of a class on a place, and its impacts along the outline."""
    terrain, points = outline_of(name, vehicle_class)
    solution = solve(terrain, vehicle_named(vehicle_class), bound=bound)
    return solution, impacts_at(field_of(solution), points.place_m, points.inwards)


def accuracy(_: Sequence[str]) -> str:
    """Drawn cases with closed forms, turned against the grid."""
    found = list(drawn.errors())
    rows = []
    for what in dict.fromkeys(error.what for error in found):
        field = [error.field for error in found if error.what == what]
        refined = [error.refined for error in found if error.what == what]
        rows.append((what, str(len(field)), _span(field), _span(refined)))
    return "Above (+) or below (-) the closed form: nominal field and refined path.\n\n" + table(
        ("case", "drawn and turned", "field", "refined"), rows
    )


def _span(values: Sequence[float]) -> str:
    return f"{min(values):+.1%} to {max(values):+.1%}"


def bounds(places: Sequence[str]) -> str:
    """Upper less lower speed across the outline, metre by metre."""
    rows = []
    for name in places:
        for vehicle_class in CLASSES:
            impacts = {
                bound: solved(name, vehicle_class, bound)[1] for bound in (Bound.LOWER, Bound.UPPER)
            }
            impacts[Bound.NOMINAL] = nominal(name, vehicle_class)[1]
            across = {
                bound: found.normal_speed_mps * KMH_PER_MPS for bound, found in impacts.items()
            }
            reached = across[Bound.UPPER] > 0.0
            apart = (across[Bound.UPPER] - across[Bound.LOWER])[reached]
            above = (across[Bound.NOMINAL] - across[Bound.LOWER])[reached]
            rows.append(
                (
                    name, vehicle_class, str(int(reached.sum())), f"{np.median(apart):.1f}",
                    f"{np.percentile(apart, 90):.1f}", f"{apart.max():.1f}",
                    f"{np.median(above):.1f}",
                    f"{np.median(across[Bound.NOMINAL][reached]):.0f}",
                )
            )  # fmt: skip
    return "Normal speed on the outline [km/h].\n\n" + table(
        (
            "place", "class", "points", "upper - lower, median", "90 %", "most",
            "nominal - lower, median", "nominal, median",
        ),
        rows,
    )  # fmt: skip


def short_cuts(places: Sequence[str]) -> str:
    """How far two short cuts are below the nominal field on real outlines."""
    rows = []
    for name in places:
        for vehicle_class in CLASSES:
            solution, impacts = nominal(name, vehicle_class)
            _, points = outline_of(name, vehicle_class)
            field, surface = field_of(solution), surface_of(name)
            methods = {
                "straight rays": baselines.by_straight_rays(field, surface, solution.rules, points),
                "centre lines": baselines.by_centre_lines(
                    site_of(name).streets, surface, field, solution.rules, points
                ),
            }
            for method, theirs in methods.items():
                below = baselines.Shortfall.of(theirs, impacts)
                rows.append(
                    (
                        method, name, vehicle_class, f"{below.over_1_mps:.0%}",
                        f"{below.over_2_mps:.0%}", f"{below.mean_mps:.1f}",
                        f"{below.too_high:.0%}",
                    )
                )  # fmt: skip
    return (
        "Share of the outline's metres at which a short cut's normal speed is too low, and the "
        "mean of what\nis missing. Both have the benefit of the doubt: see "
        "`tests/benchmarks/baselines.py`.\n\n"
        + table(
            (
                "short cut", "place", "class", "> 1 m/s too low", "> 2 m/s too low",
                "missing, mean m/s", "> 2 m/s too high",
            ),
            sorted(rows, key=lambda row: row[0], reverse=True),
        )
    )  # fmt: skip


def profiles(places: Sequence[str]) -> str:
    """Speed profiles of real approaches beside those of toppra on the same ways."""
    if find_spec("toppra") is None:
        return "Left out: toppra is not installed; it comes with the extra `bench`.\n"
    rows = []
    for name in places:
        for vehicle_class in CLASSES:
            along, ends = zip(*_profile_errors(name, vehicle_class), strict=True)
            rows.append(
                (
                    name, vehicle_class, str(len(along)), f"{np.median(along):.2%}",
                    f"{max(along):.2%}", f"{max(ends):.2%}",
                )
            )  # fmt: skip
    return (
        "The largest difference along a way and at its end, as shares of the speed; ways to places "
        "all along\nthe outline, constant drive, driven as fast as they can be from the first "
        "metre on.\n\n"
        + table(
            ("place", "class", "ways", "along, median way", "along, worst", "at the end, worst"),
            rows,
        )
    )


def _profile_errors(name: str, vehicle_class: str) -> list[tuple[float, float]]:
    solution, impacts = nominal(name, vehicle_class)
    arrives = np.flatnonzero(impacts.label > 0)
    chosen = arrives[np.linspace(0, len(arrives) - 1, PROFILES).astype(int)]
    states = np.stack([impacts.row, impacts.heading, impacts.column], axis=-1)[chosen]
    forest = find_ways(field_of(solution), solution.terrain, states)
    driver = solution.rules.vehicle
    found = []
    for target in range(len(chosen)):
        route = route_to(forest, target)
        attained = speed_profile(route, solution.rules.scale, friction=driver.friction)[-1][1]
        # A way takes from its first straight run-up only what its end needs.
        first = route.pieces[0]
        gain = int(solution.rules.scale.label_of_length(first.length_m))
        pieces = (dataclasses.replace(first, gain=gain), *route.pieces[1:])
        driven = dataclasses.replace(route, pieces=pieces)
        ours = speed_profile(driven, solution.rules.scale, friction=driver.friction)
        radii = [piece.radius_m for piece in route.pieces]
        limits = np.minimum(
            cornering_speed_mps(radii, friction=driver.friction), driver.top_speed_mps
        )
        at, speed = profile_by_toppra(
            [piece.length_m for piece in route.pieces],
            limits.tolist(),
            start_mps=float(solution.rules.scale.speed_of_label_mps[route.start_label]),
            drive_mps2=drive_acceleration_mps2(driver),
            brake_mps2=driver.friction * GRAVITY_MPS2,
        )
        place, own = np.array([row[0] for row in ours]), np.array([row[1] for row in ours])
        theirs = np.sqrt(np.interp(place, at, speed**2))
        fast = theirs > SLOWEST_MPS
        along = float(np.max(np.abs(own - theirs)[fast] / theirs[fast]))
        found.append((along, abs(attained / float(speed[-1]) - 1.0)))
    return found


def planner(_: Sequence[str]) -> str:
    """How fast a sampling planner gets to a place, beside the bounds of the field there."""
    if find_spec("ompl") is None:
        return "Left out: ompl is not installed; it comes with the extra `bench`.\n"
    rows = []
    tries = near = beaten = 0
    for case in planner_judge.cases().values():
        lower, upper = (
            top_speed(
                solve_drawn(case.surface, vehicle(), FINE, bound, planner_judge.ENTRY_MPS),
                case.near_target,
            )
            for bound in (Bound.LOWER, Bound.UPPER)
        )
        runs = [_planner_run(case.name, upper, seed) for seed in PLANNER_SEEDS]
        best = [run[-1][1] for run in runs]
        times = [next((at for at, speed in run if speed >= NEAR * upper), None) for run in runs]
        tries += len(runs)
        near += sum(time is not None for time in times)
        beaten += sum(speed > upper for speed in best)
        rows.append(
            (
                case.name, f"{max(best) / upper:.2f}", f"{lower:.1f}", f"{upper:.1f}",
                ", ".join(f"{speed:.1f}" for speed in best),
                ", ".join("never" if time is None else f"{time:.1f}" for time in times),
            )
        )  # fmt: skip
    return (
        f"RRT over place, heading and speed with push and steering as controls, {PLANNER_S:.0f} s "
        f"each, {len(PLANNER_SEEDS)} seeds.\nIt beat the upper figure in {beaten} of {tries} runs "
        f"and came within {1 - NEAR:.0%} of it in {near}.\n\n"
        + table(
            (
                "site", "best over upper", "lower m/s", "upper m/s", "planner m/s, by seed",
                f"s to {NEAR:.0%} of upper",
            ),
            rows,
        )
    )  # fmt: skip


def _planner_run(name: str, upper_mps: float, seed: int) -> list[tuple[float, float]]:
    script = Path(__file__).with_name("planner_judge.py")
    words = [name, str(upper_mps), str(PLANNER_S), str(seed)]
    found = subprocess.run(
        [sys.executable, str(script), *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=10 * PLANNER_S + 60,
    )
    return [(at, speed) for at, speed in json.loads(found.stdout.splitlines()[-1])]
