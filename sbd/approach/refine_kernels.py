"""Compiled loops that pull a smooth path about: samples of a spline, their room, the speed won.

A path is a uniform cubic B-spline with `dense` samples a span; places are metres from the centre of
cell (row 0, column 0), speeds are run-up lengths on the flat.
"""

# ruff: noqa: C901, PLR0912, PLR0915 - a compiled loop is one function with plain arguments

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from sbd.approach.distance_kernels import clearance_at

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SPEED_STEP_MPS = 0.01  # of the table of run-up lengths
AROUND_M = 40.0  # before the last binding bend, where pulls may help
PROBE_M = 0.05  # aside, to find which way a wall lies
OFF_GROUND = 1.0  # what a sample off the ground counts as missing room [m]


class Course(NamedTuple):
    """What a path is checked against.

    Parameters
    ----------
    cell_m, ground, room_m
        Grid of the terrain; its room saves looking at the walls where there is plenty.
    edges, bucket_m, bucket_shape, bucket_first, bucket_edge
        Walls and their buckets (`distance_kernels.bucket_edges`).
    need_m : float
        Room that each sample must have.
    least_radius_m : float
        Tightest turn of the vehicle.
    grip_mps2 : (rows, columns) array
        Most side force over mass at each cell; (1, 1) where it is one everywhere.
    run_up_m : (n,) array
        Run-up that reaches each speed, in steps of `SPEED_STEP_MPS`.
    top_m : float
        Run-up that reaches top speed.
    height_m : (rows, columns) array
        Height of the ground at the cell centres; (0, 0) on flat ground.
    worth_m, label_m : (65536,) array, float
        Run-up that a metre of climb costs, by the run-up that was won in steps of `label_m`.
    goal, inwards : (2,) array
        The path ends within `goal_m` of the goal, with at least `crossing` of its direction along
        `inwards`.
    """

    cell_m: float
    ground: BoolArray
    room_m: FloatArray
    edges: FloatArray
    bucket_m: float
    bucket_shape: IntArray
    bucket_first: IntArray
    bucket_edge: IntArray
    need_m: float
    least_radius_m: float
    grip_mps2: FloatArray
    run_up_m: FloatArray
    top_m: float
    height_m: FloatArray
    worth_m: FloatArray
    label_m: float
    goal: FloatArray
    goal_m: float
    inwards: FloatArray
    crossing: float


@numba.njit(cache=True, nogil=True)
def _room_missing(course, x, y):  # type: ignore[no-untyped-def]
    # How much room a place lacks; the grid answers where the walls are far.
    column, row = math.floor(x / course.cell_m + 0.5), math.floor(y / course.cell_m + 0.5)
    rows, columns = course.ground.shape
    if row < 0 or column < 0 or row >= rows or column >= columns or not course.ground[row, column]:
        return OFF_GROUND
    away = math.hypot(x - column * course.cell_m, y - row * course.cell_m)
    if course.room_m[row, column] - away >= course.need_m:
        return 0.0
    room = clearance_at(
        x, y, course.need_m, course.edges, course.bucket_m, course.bucket_shape,
        course.bucket_first, course.bucket_edge,
    )  # fmt: skip
    return max(course.need_m - room, 0.0)


class Samples(NamedTuple):
    """The samples of a path.

    Parameters
    ----------
    place : (n, 2) array
        Where they are.
    way_m, curvature : (n,) array
        Way to the next, and curvature there [1/m].
    cap_m, won_m : (n,) array
        Run-up that the bend allows, and run-up that the drive has won.
    height_m : (n,) array
        Of the ground.
    missing : (n,) array
        What is wrong: room that is missing [m], and how much too tight the bend is.
    """

    place: FloatArray
    way_m: FloatArray
    curvature: FloatArray
    cap_m: FloatArray
    won_m: FloatArray
    height_m: FloatArray
    missing: FloatArray


@numba.njit(cache=True, nogil=True)
def _grip_at(course, x, y):  # type: ignore[no-untyped-def]
    rows, columns = course.grip_mps2.shape
    column = min(max(math.floor(x / course.cell_m + 0.5), 0), columns - 1)
    row = min(max(math.floor(y / course.cell_m + 0.5), 0), rows - 1)
    return course.grip_mps2[row, column]


@numba.njit(cache=True, nogil=True)
def _height_at(course, x, y):  # type: ignore[no-untyped-def]
    # Straight between the four cell centres around a place; 0 on flat ground.
    rows, columns = course.height_m.shape
    if rows < 2 or columns < 2:
        return 0.0
    across = min(max(x / course.cell_m, 0.0), columns - 1.0)
    up = min(max(y / course.cell_m, 0.0), rows - 1.0)
    column, row = min(int(across), columns - 2), min(int(up), rows - 2)
    u, v = across - column, up - row
    south = (1.0 - u) * course.height_m[row, column] + u * course.height_m[row, column + 1]
    north = (1.0 - u) * course.height_m[row + 1, column] + u * course.height_m[row + 1, column + 1]
    return (1.0 - v) * south + v * north


@numba.njit(cache=True, nogil=True)
def _measure(control, dense, first, last, stop, course, samples):  # type: ignore[no-untyped-def]
    # Samples first to last - 1: place, way to the next, run-up that the bend allows, what is wrong.
    # Returns early at the first that is wrong where that is enough to know.
    spans = control.shape[0] - 3
    tightest = 1.0 / course.least_radius_m
    for i in range(first, last):
        span = min(i // dense, spans - 1)
        t = (i - span * dense) / dense
        u = 1.0 - t
        b0, b1 = u * u * u / 6.0, (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0
        b2, b3 = (3.0 * u * u * u - 6.0 * u * u + 4.0) / 6.0, t * t * t / 6.0
        c0, c1 = -u * u / 2.0, (3.0 * t * t - 4.0 * t) / 2.0
        c2, c3 = (4.0 * u - 3.0 * u * u) / 2.0, t * t / 2.0
        e1, e2 = 3.0 * t - 2.0, 3.0 * u - 2.0
        x = b0 * control[span, 0] + b1 * control[span + 1, 0]
        x += b2 * control[span + 2, 0] + b3 * control[span + 3, 0]
        y = b0 * control[span, 1] + b1 * control[span + 1, 1]
        y += b2 * control[span + 2, 1] + b3 * control[span + 3, 1]
        dx = c0 * control[span, 0] + c1 * control[span + 1, 0]
        dx += c2 * control[span + 2, 0] + c3 * control[span + 3, 0]
        dy = c0 * control[span, 1] + c1 * control[span + 1, 1]
        dy += c2 * control[span + 2, 1] + c3 * control[span + 3, 1]
        ddx = u * control[span, 0] + e1 * control[span + 1, 0]
        ddx += e2 * control[span + 2, 0] + t * control[span + 3, 0]
        ddy = u * control[span, 1] + e1 * control[span + 1, 1]
        ddy += e2 * control[span + 2, 1] + t * control[span + 3, 1]
        speed = math.hypot(dx, dy)
        curvature = abs(dx * ddy - dy * ddx) / max(speed * speed * speed, 1e-9)
        samples.place[i, 0], samples.place[i, 1] = x, y
        samples.height_m[i] = _height_at(course, x, y)
        samples.way_m[i], samples.curvature[i] = speed / dense, curvature
        lacks = _room_missing(course, x, y)
        if curvature > tightest:
            lacks += curvature / tightest - 1.0
        if i == spans * dense:
            far = math.hypot(x - course.goal[0], y - course.goal[1])
            lacks += max(far - course.goal_m, 0.0)
            ahead = (dx * course.inwards[0] + dy * course.inwards[1]) / max(speed, 1e-9)
            lacks += max(course.crossing - ahead, 0.0)
        samples.missing[i] = lacks
        if stop and lacks > 0.0:
            return False
        grip_mps2 = _grip_at(course, x, y)
        allowed = math.sqrt(grip_mps2 / max(curvature, 1e-9)) / SPEED_STEP_MPS
        step = course.run_up_m.shape[0] - 1
        if allowed < step:
            step = math.floor(allowed)
        samples.cap_m[i] = min(course.run_up_m[step], course.top_m)
    return True


@numba.njit(cache=True, nogil=True)
def _drive(samples, start_m, first, course):  # type: ignore[no-untyped-def]
    # The forward pass from sample `first` on; the way is the chord, which is never the longer.
    place, cap_m, won_m = samples.place, samples.cap_m, samples.won_m
    if first == 0:
        won_m[0] = min(start_m, cap_m[0])
    for i in range(max(first, 1), won_m.shape[0]):
        way = math.hypot(place[i, 0] - place[i - 1, 0], place[i, 1] - place[i - 1, 1])
        climb = samples.height_m[i] - samples.height_m[i - 1]
        if climb != 0.0:
            label = min(int(won_m[i - 1] / course.label_m), course.worth_m.shape[0] - 1)
            way -= climb * course.worth_m[label]
        won_m[i] = max(min(won_m[i - 1] + way, cap_m[i]), 0.0)


@numba.njit(cache=True, nogil=True)
def _last_binding(samples, start_m):  # type: ignore[no-untyped-def]
    # The last sample at which a bend takes speed away, or -1.
    for i in range(samples.won_m.shape[0] - 1, 0, -1):
        if samples.won_m[i] >= samples.cap_m[i] - 1e-9:
            return i
    return 0 if start_m > samples.cap_m[0] else -1


@numba.njit(cache=True, nogil=True)
def _smooth_end(samples, first, soft_m):  # type: ignore[no-untyped-def]
    # A smooth stand-in for the run-up at the end: all bends from `first` on count, the worst most.
    cap_m, way_m = samples.cap_m, samples.way_m
    last = cap_m.shape[0] - 1
    rest, worst = 0.0, math.inf
    for i in range(last, first - 1, -1):
        worst = min(worst, cap_m[i] + rest)
        if i > first:
            rest += way_m[i - 1]
    worst = min(worst, samples.won_m[first] + rest)
    total = math.exp(-(samples.won_m[first] + rest - worst) / soft_m)
    rest = 0.0
    for i in range(last, first - 1, -1):
        above = (cap_m[i] + rest - worst) / soft_m
        if above < 20.0:
            total += math.exp(-above)
        if i > first:
            rest += way_m[i - 1]
    return worst - soft_m * math.log(total)


@numba.njit(cache=True, nogil=True)
def _wrong_sample(samples, draw):  # type: ignore[no-untyped-def]
    # A sample drawn by how much is wrong there; `draw` is 0 to 1.
    left = draw * samples.missing.sum()
    for i in range(samples.missing.shape[0]):
        left -= samples.missing[i]
        if left <= 0.0:
            return i
    return samples.missing.shape[0] - 1


@numba.njit(cache=True, nogil=True)
def _across(control, middle, size):  # type: ignore[no-untyped-def]
    # A pull across the way; along it a pull changes next to nothing.
    before, after = max(middle - 1, 0), min(middle + 1, control.shape[0] - 1)
    x, y = control[after, 0] - control[before, 0], control[after, 1] - control[before, 1]
    along = max(math.hypot(x, y), 1e-9)
    return -size * y / along, size * x / along


@numba.njit(cache=True, nogil=True)
def _pull(control, middle, half, pull_x, pull_y, start):  # type: ignore[no-untyped-def]
    # Pulls the control points around `middle`; returns the first and the last that moved.
    low, high = max(1, middle - half), min(control.shape[0] - 1, middle + half)
    for c in range(low, high + 1):
        share = 0.5 + 0.5 * math.cos(math.pi * (c - middle) / (half + 1.0))
        control[c, 0] += pull_x * share
        control[c, 1] += pull_y * share
    if low <= 2:  # the start stays where it is, and turns
        low = 0
        for axis in range(2):
            control[0, axis] = 6.0 * start[axis] - 4.0 * control[1, axis] - control[2, axis]
    return low, high


@numba.njit(cache=True, nogil=True)
def _copy(source, target, first, last):  # type: ignore[no-untyped-def]
    # Copies the samples first to last - 1, and the run-ups of all that follow.
    target.place[first:last] = source.place[first:last]
    target.way_m[first:last] = source.way_m[first:last]
    target.curvature[first:last] = source.curvature[first:last]
    target.height_m[first:last] = source.height_m[first:last]
    target.cap_m[first:last] = source.cap_m[first:last]
    target.missing[first:last] = source.missing[first:last]
    target.won_m[first:] = source.won_m[first:]


@numba.njit(cache=True, nogil=True)
def drive_along(control: FloatArray, start_m: float, course: Course, dense: int) -> Samples:
    """Return the samples of a spline that starts with a run-up of `start_m`."""
    count = (control.shape[0] - 3) * dense + 1
    samples = Samples(
        np.empty((count, 2)),
        np.empty(count),
        np.empty(count),
        np.empty(count),
        np.empty(count),
        np.empty(count),
        np.empty(count),
    )
    _measure(control, dense, 0, count, False, course, samples)
    _drive(samples, start_m, 0, course)
    return samples


@numba.njit(cache=True, nogil=True)
def pushed_off(control: FloatArray, course: Course, sweeps: int) -> FloatArray:
    """Return the control points pushed off the walls that they are too near to, step by step."""
    control = control.copy()
    for _ in range(sweeps):
        for c in range(2, control.shape[0]):
            x, y = control[c, 0], control[c, 1]
            lacks = _room_missing(course, x, y)
            if lacks <= 0.0 or lacks >= OFF_GROUND:
                continue
            dx = _room_missing(course, x - PROBE_M, y) - _room_missing(course, x + PROBE_M, y)
            dy = _room_missing(course, x, y - PROBE_M) - _room_missing(course, x, y + PROBE_M)
            steep = math.hypot(dx, dy)
            if steep > 0.0:
                control[c, 0] += 0.5 * lacks * dx / steep
                control[c, 1] += 0.5 * lacks * dy / steep
    return control


@numba.njit(cache=True, nogil=True)
def climb(
    control: FloatArray,
    start_m: float,
    course: Course,
    dense: int,
    rounds: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, float]:
    """Return the spline after random hill climbing, and the run-up at its end; -1 if none is clear.

    First whatever is wrong is pulled straight, then only pulls count that leave nothing wrong. The
    start stays where it is; its direction is free, as it is for a vehicle at rest or at the rim.

    Parameters
    ----------
    control : (n, 2) array
        Control points; the path starts in the first span.
    start_m : float
        Run-up at the start.
    dense : int
        Samples a span.
    rounds : int
        Pulls to try.
    """
    control = control.copy()
    now, kept = (
        drive_along(control, start_m, course, dense),
        drive_along(control, start_m, course, dense),
    )
    kept_control, best_control = control.copy(), control.copy()
    count = now.won_m.shape[0]
    start = now.place[0].copy()
    wrong = now.missing.sum()
    best = now.won_m[-1] if wrong <= 0.0 else -1.0
    around = math.ceil(AROUND_M / (now.way_m.sum() / (control.shape[0] - 3)))
    reach_m, soft_m, value, counted_from, binding = 0.2, 1.0, -math.inf, -1, 0
    again, middle, half, pull_x, pull_y = False, 0, 1, 0.0, 0.0
    for trial in range(rounds):
        clear = wrong <= 0.0
        if trial % 50 == 0 or (clear and counted_from < 0):
            binding = _last_binding(now, start_m)
            if clear and (now.won_m[-1] >= course.top_m - 1e-9 or binding < 0):
                break  # nothing takes speed away
            soft_m = (0.02 * now.won_m[-1] + 0.2) * max(0.1, 1.0 - trial / rounds)
            counted_from = max(0, binding - 3 * around * dense)
            value = _smooth_end(now, counted_from, soft_m)
        if again:  # what did well may do better still
            pull_x, pull_y = 1.5 * pull_x, 1.5 * pull_y
        else:
            if clear:
                middle = binding // dense + int(1.5 * around * rng.random()) - around
                half = 1 + int(0.7 * around * rng.random() ** 2)
                size = min(reach_m * math.exp(1.5 * rng.standard_normal()), 3.0)
            else:  # wide and gentle, or it would cost more speed than needed
                there = _wrong_sample(now, rng.random())
                middle = there // dense + int(7.0 * rng.random()) - 2
                half = 1 + int(0.7 * around * rng.random())
                size = min(now.missing[there] * math.exp(rng.standard_normal()), 3.0)
            middle = min(max(middle, 1), control.shape[0] - 1)
            side = 1.0 if rng.random() < 0.5 else -1.0
            pull_x, pull_y = _across(control, middle, side * size)
        low, high = _pull(control, middle, half, pull_x, pull_y, start)
        first, last = max(low - 3, 0) * dense, min((high + 1) * dense + 1, count)
        good, new_wrong, new_value = False, wrong, value
        if _measure(control, dense, first, last, clear, course, now):
            _drive(now, start_m, first, course)
            if clear:
                new_value = _smooth_end(now, counted_from, soft_m)
                good = new_value > value
            else:
                new_wrong = now.missing.sum()
                good = new_wrong < wrong
                counted_from = -1
        if good:
            wrong, value = new_wrong, new_value
            kept_control[low : high + 1] = control[low : high + 1]
            _copy(now, kept, first, last)
            if wrong <= 0.0 and now.won_m[-1] > best:
                best = now.won_m[-1]
                best_control[:] = control
        else:
            control[low : high + 1] = kept_control[low : high + 1]
            _copy(kept, now, first, last)
        if not again:
            reach_m = min(reach_m * 1.25, 1.0) if good else max(reach_m * 0.97, 0.003)
        again = good
    return best_control if best >= 0.0 else control, best
