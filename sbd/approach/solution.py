"""Terrain, rules and vehicle in; a solved field out that can go on when its terrain is edited.

Solving is a least fixed point: labels start at or below it and only rise. So a field may start
from any other that is nowhere above it, and after a wall is taken away it goes on from where it
was. After a wall is put up labels must fall, and nothing but a new start is safe: a loop that the
wall cut off would keep itself going. The motions' runs are kept in both cases, and only the rows
within reach of the edit are made again.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sbd.approach import kernels, run_kernels
from sbd.approach.clearance import Terrain, as_met_by, free_cells
from sbd.approach.rules import Rules, rules_for, told_speeds_mps
from sbd.model.speed_field import Bound, SpeedField
from sbd.model.vehicle import Vehicle
from sbd.progress import Progress, ignore, part_of

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Int32Array = NDArray[np.int32]
UInt16Array = NDArray[np.uint16]

THREADS = 2  # one a half of the headings


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A solved field with what is needed to go on from it.

    Parameters
    ----------
    vehicle : Vehicle
        As it was asked for; `rules.vehicle` has the figures of the settings.
    free : (rows, columns) bool array
        Cells on which its reference point may be.
    halves : tuple of kernels.Half
        Motions and their free runs, of the headings that go up and of the rest.
    label : (rows, headings, columns) uint16 array
        Not changed by anything that goes on from here; it may be shared with fields.
    """

    terrain: Terrain
    vehicle: Vehicle
    rules: Rules
    free: BoolArray
    halves: tuple[kernels.Half, kernels.Half]
    label: UInt16Array


def solve(
    terrain: Terrain,
    vehicle: Vehicle,
    *,
    bound: Bound,
    at_least: UInt16Array | None = None,
    threads: int = THREADS,
    progress: Progress = ignore,
) -> Solution:
    """Return the solution of a vehicle on a terrain.

    Parameters
    ----------
    at_least : (rows, headings, columns) uint16 array, optional
        Labels that are nowhere above the answer, for example of the bound below on the same
        terrain. The answer is the same, bit by bit; on slopes with drag it can be 1 higher.
    threads : int
        1 or 2; the answer is the same, bit by bit.
    """
    rules = rules_for(terrain, vehicle, bound)
    free = _free(terrain, vehicle, bound)
    progress("speed field", 0.0, f"{vehicle.name}, {bound}: where it fits")
    with ThreadPoolExecutor(max_workers=threads) as pool:
        up, down = pool.map(lambda up: _half(rules, free, up=up), (True, False))
        progress("speed field", 0.3, f"{vehicle.name}, {bound}: straight run-ups")
        shape = (free.shape[0], rules.lattice.headings, free.shape[1])
        label = np.zeros(shape, dtype=np.uint16) if at_least is None else at_least.copy()
        solution = Solution(terrain, vehicle, rules, free, (up, down), label)
        _seed(solution, 0, free.shape[0], pool)
        progress("speed field", 0.4, f"{vehicle.name}, {bound}: turns")
        everything = np.broadcast_to(np.array([0, free.shape[1]], dtype=np.int32), (*shape[:2], 2))
        _settle(solution, everything, pool, part_of(progress, 0.4, 1.0))
    return solution


def resolve(
    solution: Solution,
    terrain: Terrain,
    *,
    threads: int = THREADS,
    progress: Progress = ignore,
) -> Solution:
    """Return the solution on an edited terrain, bit by bit that of `solve` on it.

    Quick where cells were only freed, because then labels only rise: what lies within reach of
    them is swept again. Where a cell was shut, all labels start anew (on the runs that are there).
    `solution` stays as it was: it is the answer before the edit, and where walls were only put up
    it is an upper bound of the answer after it.

    Parameters
    ----------
    terrain : Terrain
        Same grid, settings and entries as that of the solution, with other walls.
    """
    rules = solution.rules
    free = _free(terrain, solution.vehicle, rules.bound)
    return resolve_on_cells(solution, terrain, free, threads=threads, progress=progress)


def resolve_on_cells(
    solution: Solution,
    terrain: Terrain,
    free: BoolArray,
    *,
    threads: int = THREADS,
    progress: Progress = ignore,
) -> Solution:
    """Return the solution with other free cells than the terrain says; see `resolve`."""
    old, rules = solution.free, solution.rules
    changed = free != old
    if not changed.any():
        return replace(solution, terrain=terrain)
    note = f"{solution.vehicle.name}, {rules.bound}: the edit"
    progress("speed field", 0.0, note)
    reach = rules.lattice.reach_cells
    low, high = _span(changed.any(axis=1), reach)
    left, right = _span(changed.any(axis=0), reach)
    only_freed = not np.any(old & ~free)
    with ThreadPoolExecutor(max_workers=threads) as pool:
        up, down = pool.map(
            lambda half: _half_again(half, rules, free, low, high, afresh=not only_freed),
            solution.halves,
        )
        progress("speed field", 0.3, note)
        label = solution.label.copy() if only_freed else np.zeros_like(solution.label)
        after = Solution(terrain, solution.vehicle, rules, free, (up, down), label)
        rows, headings, columns = label.shape
        dirty = np.empty((rows, headings, 2), dtype=np.int32)
        if only_freed:
            dirty[...] = (columns, 0)
            dirty[low:high] = (left, right)
            # A straight run-up carries what is new along its whole row at once.
            straight = int(np.abs(rules.lattice.vector).max())
            seeded = _span(changed.any(axis=1), straight)
            dirty[slice(*seeded)] = (0, columns)
            _seed(after, *seeded, pool)
        else:
            dirty[...] = (0, columns)
            _seed(after, 0, rows, pool)
        _settle(after, dirty, pool, part_of(progress, 0.4, 1.0))
    return after


def field_of(solution: Solution) -> SpeedField:
    """Return the speed field of a solution; it shares the labels."""
    rules, terrain = solution.rules, solution.terrain
    return SpeedField(
        vehicle=solution.vehicle,
        bound=rules.bound,
        label=solution.label,
        free=solution.free,
        speed_of_label_mps=told_speeds_mps(rules),
        heading_rad=rules.lattice.heading_rad,
        origin_m=terrain.origin_m,
        cell_m=terrain.cell_m,
        step_m=rules.scale.step_m,
    )


def _free(terrain: Terrain, vehicle: Vehicle, bound: Bound) -> BoolArray:
    return free_cells(as_met_by(terrain, vehicle), width_m=vehicle.width_m, bound=bound)


def _span(marked: BoolArray, reach: int) -> tuple[int, int]:
    """Return the first place within reach of a mark and the one after the last."""
    at = np.flatnonzero(marked)
    return max(int(at[0]) - reach, 0), min(int(at[-1]) + reach + 1, len(marked))


def _half(rules: Rules, free: BoolArray, *, up: bool) -> kernels.Half:
    lattice = rules.lattice
    count = lattice.headings // 2
    low = 0 if up else count
    entries = _entries(rules, low)
    motion = entries.motion
    start = lattice.start_heading[motion] - low
    begin = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=count))])
    stays = lattice.end_heading[motion] // count == low // count
    inside = np.bincount(start, weights=stays, minlength=count)
    first, runs = _runs(rules, entries, free, 0, free.shape[0])
    return kernels.Half(
        up=up,
        low=low,
        begin=begin.astype(np.int64),
        cross=(begin[:-1] + inside).astype(np.int64),
        start=lattice.start_heading[motion],
        end=lattice.end_heading[motion],
        dx=np.ascontiguousarray(lattice.shift[motion, 0]),
        dy=np.ascontiguousarray(lattice.shift[motion, 1]),
        gain=rules.gain[motion].astype(np.uint16),
        cap=rules.cap[entries.level, motion].astype(np.uint16),
        first=first,
        runs=runs,
        slope=rules.slope,
    )


def _half_again(
    half: kernels.Half, rules: Rules, free: BoolArray, low: int, high: int, *, afresh: bool
) -> kernels.Half:
    """Return a half with the runs of rows low to high made again.

    Afresh, the runs that had nothing left to give are taken up again, too.
    """
    first, runs = _runs(rules, _entries(rules, half.low), free, low, high)
    begin, end = int(half.first[low, 0]), int(half.first[high - 1, -1])
    runs = np.concatenate([half.runs[:begin], runs, half.runs[end:]])
    if afresh:
        runs[:, 0] &= np.uint16(~kernels.SPENT & 0xFFFF)
    place = half.first.copy()
    place[high:] += first[-1, -1] - (end - begin)
    place[low:high] = first + begin
    return half._replace(first=place, runs=runs)


class _Entries(NamedTuple):
    """The motions of a half, each once a level of grip on which its curve allows another label."""

    motion: IntArray
    level: IntArray  # also the layer of free cells: see `_layers`
    less: IntArray  # level on which it is another entry; -1 for none


def _entries(rules: Rules, low: int) -> _Entries:
    """Return what a half holds, in its order: see `kernels.Half`."""
    lattice = rules.lattice
    count = lattice.headings // 2
    half = lattice.start_heading // count
    leaves = lattice.end_heading // count != half
    in_row = (lattice.shift[:, 1] == 0) & (lattice.end_heading == lattice.start_heading)
    straight = np.zeros(lattice.motions, dtype=np.bool_)
    straight[lattice.first[:-1]] = True
    order: IntArray = np.lexsort((~in_row, ~straight, leaves, lattice.start_heading))
    order = order[half[order] == low // count]
    levels = len(rules.cap)
    everywhere = 0 if rules.bound is Bound.LOWER else levels - 1
    split = np.any(rules.cap != rules.cap[0], axis=0)
    times = np.where(split, levels, 1)[order]
    motion = np.repeat(order, times)
    number = np.arange(len(motion)) - np.repeat(np.cumsum(times) - times, times)
    level = np.where(split[motion], number, everywhere)
    less = level + (1 if rules.bound is Bound.LOWER else -1)
    less = np.where(split[motion] & (less < levels), less, -1)
    return _Entries(motion, level, less)


def _layers(rules: Rules, free: BoolArray) -> NDArray[np.uint64]:
    """Return the free cells up to each level of grip, as bits; in a lower field from it on."""
    reach = rules.lattice.reach_cells
    if not rules.level.size:
        return run_kernels.pack_rows(free, reach)[None]
    levels = range(len(rules.cap))
    if rules.bound is Bound.LOWER:
        return np.stack([run_kernels.pack_rows(free & (rules.level >= n), reach) for n in levels])
    return np.stack([run_kernels.pack_rows(free & (rules.level <= n), reach) for n in levels])


def _runs(
    rules: Rules, entries: _Entries, free: BoolArray, low: int, high: int
) -> tuple[Int32Array, UInt16Array]:
    """Return the free runs of motions in rows low to high, counted from 0."""
    lattice = rules.lattice
    cells = [
        lattice.cell[lattice.cell_first[k] : lattice.cell_first[k + 1]] for k in entries.motion
    ]
    return run_kernels.free_runs(
        _layers(rules, free),
        low,
        high,
        free.shape[1],
        lattice.reach_cells,
        np.concatenate([[0], np.cumsum([len(part) for part in cells])]),
        np.concatenate(cells),
        entries.level,
        entries.less,
    )


def _seed(solution: Solution, low: int, high: int, pool: ThreadPoolExecutor) -> None:
    """Raise the labels of rows low to high to what the straight way behind each state gives."""
    terrain, rules = solution.terrain, solution.rules
    around = 2 * int(np.abs(rules.lattice.vector).max()) + 1
    near_entry = ndimage.maximum_filter(terrain.entry_headings != 0, size=around)

    def seed_half(half: kernels.Half) -> None:
        count = rules.lattice.headings // 2
        parts = [rules.cells_behind(half.low + h) for h in range(count)]
        kernels.straight_run_ups(
            solution.label,
            solution.free,
            terrain.entry_headings,
            near_entry,
            rules.entry_label,
            rules.scale.top_label,
            half,
            low,
            high,
            np.concatenate([cells for cells, _ in parts]),
            np.concatenate([labels for _, labels in parts]),
            np.concatenate([[0], np.cumsum([len(labels) for _, labels in parts])]),
        )

    list(pool.map(seed_half, solution.halves))


def _settle(
    solution: Solution, spans: Int32Array, pool: ThreadPoolExecutor, report: Progress
) -> None:
    """Sweep until no label rises; the least fixed point above the seeds does not know the order.

    `spans` are the columns from, to (exclusive) of each row and heading to be carried on.
    """
    label, halves = solution.label, solution.halves
    rows, headings, columns = label.shape
    nothing = np.empty((rows, headings // 2, 2), dtype=np.int32)
    nothing[...] = (columns, 0)
    parts = (spans[:, : headings // 2], spans[:, headings // 2 :])
    dirty = [np.array(part) for part in parts]
    leaving = [np.array(part) for part in parts]
    rounds = 0
    while any(kernels.anything_left(part) for part in (*dirty, *leaving)):
        list(pool.map(kernels.sweep, (label, label), halves, dirty, leaving))
        before = leaving
        leaving = [nothing.copy(), nothing.copy()]
        for one, other in ((0, 1), (1, 0)):
            kernels.cross(
                label, halves[one], before[one], halves[other].low, dirty[other], leaving[other]
            )
        rounds += 1
        report("speed field", 1.0 - 0.7**rounds, f"round {rounds}")
