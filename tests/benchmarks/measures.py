"""Places in; how long the field, its edits and its compiler take, as parts of a page."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from shapely import Polygon, box

from sbd import pipeline
from sbd.approach.clearance import Terrain, make_terrain
from sbd.approach.edits import EditableField
from sbd.approach.solution import Solution, solve
from sbd.catalogue.vehicles import vehicle_named
from sbd.model.assessment import FieldSettings
from sbd.model.site import Site
from sbd.model.speed_field import Bound
from sbd.model.surface import DrivableSurface
from sbd.site import ZoneRequest
from sbd.surface import build_surface
from tests.benchmarks.drawn_squares import drawn_square
from tests.benchmarks.queue_solver import solve_by_queue
from tests.benchmarks.reference import (
    Spent,
    best_of,
    held_bytes,
    peak_bytes,
    reference_kernel,
    spent_on,
)
from tests.places import PLACES

FINAL = FieldSettings(0.5, 64)
PREVIEW = FieldSettings(1.0, 32)
SQUARES = {"square 500 m": 500.0, "square 1 km": 1000.0}
LORRY = "N2A"
RUNS = 2


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


@lru_cache
def surface_of(name: str) -> DrivableSurface:
    """Return a drawn square or a real place, by its name."""
    if name in SQUARES:
        return drawn_square(SQUARES[name])
    return build_surface(site_of(name))


@lru_cache
def site_of(name: str) -> Site:
    """Return a real place from its extract."""
    place = PLACES[name]
    request = ZoneRequest(center=place.center, radius_m=place.radius_m)
    return pipeline.site_from_extract(place.path, request)


def ratio(spent: Spent) -> str:
    """Return processor seconds over those of the reference kernel, run now."""
    return f"{spent.cpu_s / best_of_reference().cpu_s:.1f}"


def best_of_reference() -> Spent:
    """Return what the reference kernel takes now."""
    return min(reference_kernel() for _ in range(3))


def chain(surface: DrivableSurface, name: str, settings: FieldSettings = FINAL) -> Solution:
    """Return the nominal solution of a vehicle class, from the vectors on."""
    driver = vehicle_named(name)
    terrain = make_terrain(surface, settings, widest_m=driver.width_m)
    return solve(terrain, driver, bound=Bound.NOMINAL)


def states_m(solution: Solution) -> float:
    """Return the free states in millions."""
    return float(solution.free.sum()) * solution.label.shape[1] / 1e6


def cold_chains(places: Sequence[str]) -> str:
    """From the vectors to the finished nominal field, nothing kept from before."""
    rows = []
    for name in ("square 500 m", *places, "square 1 km"):
        surface = surface_of(name)
        solution = chain(surface, LORRY)
        spent = best_of(lambda area=surface: chain(area, LORRY), RUNS)
        count = states_m(solution)
        west, south, east, north = surface.study_area.bounds
        per_heading = solution.rules.lattice.motions / solution.label.shape[1]
        memory = _memory_in_own_process(name) / 1e6
        rows.append(
            (
                name,
                ratio(spent),
                f"{spent.cpu_s:.2f}",
                f"{spent.wall_s:.2f}",
                f"{spent.cpu_s / count:.3f}",
                f"{memory / count:.0f}",
                f"{memory:.0f}",
                f"{count:.1f}",
                f"{east - west:.0f} x {north - south:.0f}",
                f"{per_heading:.0f}",
            )
        )
    return (
        f"{LORRY}, nominal, 0.5 m, 64 headings, two threads, best of {RUNS}. Memory is what the "
        "process grew\nby; on real places that is too little, because reading them left room.\n\n"
        + table(
            (
                "site", "x reference", "processor s", "clock s", "processor s per M states",
                "MB per M states", "MB", "M free states", "m x m", "motions a heading",
            ),
            rows,
        )
    )  # fmt: skip


def _memory_in_own_process(name: str) -> float:
    script = Path(__file__).with_name("speed_field.py")
    found = subprocess.run(
        [sys.executable, str(script), "--memory-of", name],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return float(found.stdout.split()[-1])


def memory_of(name: str) -> int:
    """Return by how many bytes one cold chain makes this process grow."""
    surface = surface_of(name)
    chain(drawn_square(120.0), LORRY)
    before = held_bytes()
    kept = chain(surface, LORRY)
    return peak_bytes() - before if kept.label.size else 0


def first_answer(_: Sequence[str]) -> str:
    """How long compiling takes, and how long a process needs whose loops are compiled."""
    command = [sys.executable, "-c", "import sbd; sbd.warm_up()"]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        cold, warm = (
            spent_on(lambda: subprocess.run(command, env=environment, check=True, timeout=600))
            for _ in range(2)
        )
    return (
        "`sbd.warm_up()` in a process of its own compiles every loop and keeps it on disk; the "
        "set-up calls it.\n\n"
        + table(
            ("process", "clock s"),
            [
                ("first after installation", f"{cold.wall_s:.1f}"),
                ("any later one", f"{warm.wall_s:.1f}"),
            ],
        )
    )


def beside_a_queue(_: Sequence[str]) -> str:
    """The same labels by a first-in first-out queue, compiled, over the same motions."""
    solve_by_queue(chain(drawn_square(120.0), LORRY))  # compile
    driver = vehicle_named(LORRY)
    terrain = make_terrain(surface_of("square 500 m"), FINAL, widest_m=driver.width_m)
    label, queue = solve_by_queue(solve(terrain, driver, bound=Bound.NOMINAL))
    rows = []
    for threads in (1, 2):
        found = [_labels(terrain, threads) for _ in range(RUNS)]
        sweeps = min(spent for spent, _ in found)
        rows.append(
            (
                f"{queue.cpu_s / sweeps.cpu_s:.1f}", f"{queue.wall_s / sweeps.wall_s:.1f}",
                str(threads), f"{sweeps.cpu_s:.2f}", f"{queue.cpu_s:.1f}",
                "yes" if np.array_equal(label, found[0][1].label) else "NO",
            )
        )  # fmt: skip
    return (
        "Square 500 m. Both start from the finished table of free motions; the queue runs on one "
        "thread.\n\n"
        + table(
            (
                "queue over sweeps, processor", "on the clock", "threads of the sweeps",
                "sweeps s", "queue s", "same labels",
            ),
            rows,
        )
    )  # fmt: skip


def _labels(terrain: Terrain, threads: int) -> tuple[Spent, Solution]:
    """Return what it takes from the finished runs of motions to the finished labels."""
    begun: list[tuple[float, float]] = []

    def watch(stage: str, share: float, note: str) -> None:
        if "straight run-ups" in note:
            begun.append((time.process_time(), time.perf_counter()))

    driver = vehicle_named(LORRY)
    solution = solve(terrain, driver, bound=Bound.NOMINAL, threads=threads, progress=watch)
    cpu, clock = begun[0]
    return Spent(time.process_time() - cpu, time.perf_counter() - clock), solution


def edits(places: Sequence[str]) -> str:
    """A wall of 16 m put up beside the middle of the zone and taken away again."""
    rows = []
    for name in ("square 500 m", *places):
        surface = surface_of(name)
        middle = surface.zone.representative_point()
        wall = [box(middle.x - 8.0, middle.y - 0.3, middle.x + 8.0, middle.y + 0.3)]
        answers, same = _edit_costs(surface, wall)
        figures = [
            f"{ratio(spent)} ({spent.cpu_s:.2f} s, {spent.wall_s:.2f} s)" for spent in answers
        ]
        rows.append((name, *figures, "yes" if same else "NO"))
    return (
        f"{LORRY}, upper field, a wall of 16 m in the zone; impacts along the outline included. "
        f"Times the\nreference kernel, best of {RUNS} (processor, clock).\n\n"
        + table(
            (
                "site", "added, preview 1 m", "added, bound at 0.5 m", "added, exact 0.5 m",
                "removed, exact 0.5 m", "undone bit by bit",
            ),
            rows,
        )
    )  # fmt: skip


def _edit_costs(surface: DrivableSurface, wall: Sequence[Polygon]) -> tuple[list[Spent], bool]:
    """Return what each kind of answer takes, and whether undoing leaves no trace."""
    driver = vehicle_named(LORRY)
    coarse, fine = (
        EditableField.start(surface, driver, settings, bound=Bound.UPPER)
        for settings in (PREVIEW, FINAL)
    )
    walled = fine.added(wall).settled()
    answers = (
        lambda: coarse.added(wall).settled().impacts(),
        lambda: fine.added(wall).impacts(),
        lambda: fine.added(wall).settled().impacts(),
        lambda: walled.removed(wall).impacts(),
    )
    costs = [best_of(answer, RUNS) for answer in answers]
    return costs, np.array_equal(walled.removed(wall).field.label, fine.field.label)
