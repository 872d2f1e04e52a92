"""A way from a solved field in; a smooth path that was checked, as fast as it could be pulled, out.

The path is the attack on the upper field: it is checked against the walls as vectors and knows
nothing of the lattice. One that is faster than the upper field there refutes that field.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.interpolate import make_lsq_spline

from sbd.approach import distance_kernels
from sbd.approach.clearance import Terrain
from sbd.approach.dynamics import GRAVITY_MPS2, LabelScale
from sbd.approach.lattice import heading_vectors
from sbd.approach.refine_kernels import (
    SPEED_STEP_MPS,
    Course,
    Samples,
    climb,
    drive_along,
    pushed_off,
)
from sbd.approach.routes import Route
from sbd.approach.rules import rules_for
from sbd.model.speed_field import Bound
from sbd.model.vehicle import LIMITS, Vehicle

FloatArray = NDArray[np.float64]

SPACING_M = 2.0  # of the control points at first, then half of it
DENSE_M = 0.25  # from sample to sample while the path is pulled about
CHECKS = 4  # samples to one of those in the check of what came out
ROUNDS = 10000
SWEEPS = 10
TRIES = 3  # a fifth of the rounds each, to find the best of; what is left goes into that one
_BUCKET_M = 4.0
_LEAD_M = 60.0  # before the end, over which a line is bent to its goal
_DENSE_M = 0.5  # of the way that a spline is laid through


@dataclass(frozen=True, slots=True, eq=False)
class RefinedPath:
    """A path whose every point is clear for the whole width, with the speed that it attains.

    Parameters
    ----------
    place_m : (n, 2) array
        Of the reference point, every 6 cm or so, in the reference system of the surface.
    reached_mps : (n,) array
        What the drive reaches from behind under the bends; the brakes are left out, and never
        bind at the end.
    allowed_mps, radius_m : (n,) array
        What the bend allows, and its radius.
    """

    place_m: FloatArray
    reached_mps: FloatArray
    allowed_mps: FloatArray
    radius_m: FloatArray

    @property
    def speed_mps(self) -> float:
        """Speed at the end."""
        return float(self.reached_mps[-1])

    @property
    def line(self) -> shapely.LineString:
        """The path as a line."""
        return shapely.LineString(self.place_m)


@dataclass(frozen=True, slots=True, eq=False)
class Refiner:
    """What paths of one vehicle are checked against; see `make_refiner`."""

    terrain: Terrain
    scale: LabelScale
    course: Course


def make_refiner(terrain: Terrain, vehicle: Vehicle) -> Refiner:
    """Return what paths of one vehicle are checked against, for any number of paths.

    `terrain` is that which the vehicle meets (`clearance.as_met_by`). Run-ups are counted as in a
    lower field, rounded down.
    """
    scale = rules_for(terrain, vehicle, Bound.LOWER).scale
    vehicle = scale.vehicle
    speeds = np.arange(0.0, vehicle.top_speed_mps + SPEED_STEP_MPS, SPEED_STEP_MPS)
    buckets = distance_kernels.bucket_edges(terrain.walls, _BUCKET_M)
    course = Course(
        cell_m=terrain.cell_m,
        ground=terrain.ground,
        room_m=terrain.room_m,
        edges=terrain.walls,
        bucket_m=_BUCKET_M,
        bucket_shape=buckets[0],
        bucket_first=buckets[1],
        bucket_edge=buckets[2],
        need_m=_room_needed_m(vehicle, 1.25 * DENSE_M),
        least_radius_m=vehicle.min_turning_radius_m,
        grip_mps2=_least_grip(terrain, vehicle) * GRAVITY_MPS2,
        run_up_m=np.asarray(scale.label_of_speed(speeds) * scale.step_m, dtype=np.float64),
        top_m=scale.top_label * scale.step_m,
        height_m=terrain.height_m,
        worth_m=_climb_worth_m(scale),
        label_m=scale.step_m,
        goal=np.zeros(2),
        goal_m=0.0,
        inwards=np.zeros(2),
        crossing=0.0,
    )
    return Refiner(terrain, scale, course)


def least_crossing(inwards: FloatArray, headings: int) -> FloatArray:
    """Return the part of a direction that must lead inwards for a path to cross each line.

    That of the heading of the lattice which crosses it at the smallest angle: what grazes a line at
    less than that, a field takes for running along it. A line can be crossed to both of its sides,
    and where the headings lie askew to it the two angles differ: the larger one counts.

    Parameters
    ----------
    inwards : (n, 2) array
        Unit normals of the lines.

    Examples
    --------
    >>> least_crossing(np.array([[1.0, 0.0]]), headings=16)  # steps of 22 and 23 degrees
    array([0.37139068])
    """
    vector = heading_vectors(headings).astype(np.float64)
    unit = vector / np.hypot(*vector.T)[:, None]
    across = inwards @ unit.T
    along = np.stack([-inwards[:, 1], inwards[:, 0]], axis=-1) @ unit.T
    sides = [np.where((across > 1e-9) & (side > 0.0), across, 1.0) for side in (along, -along)]
    least: FloatArray = np.max([side.min(axis=1) for side in sides], axis=0)
    return least


def _climb_worth_m(scale: LabelScale) -> FloatArray:
    """Return the run-up that a metre of climb costs at each label.

    A climb takes g off v^2 / 2 a metre, the drive adds its acceleration; at top speed, where the
    drive adds nothing more, it costs as much as just below.
    """
    energy = scale.speed_of_label_mps[: scale.top_label + 1] ** 2 / 2.0
    gained = np.diff(energy) / scale.step_m
    gained = np.maximum(gained, gained[gained > 0.0].min(initial=1.0))
    worth = np.full(len(scale.speed_of_label_mps), GRAVITY_MPS2 / gained[-1])
    worth[: len(gained)] = GRAVITY_MPS2 / gained
    return worth


def _least_grip(terrain: Terrain, vehicle: Vehicle) -> FloatArray:
    """Return the least friction around each cell, as a lower field takes it; (1, 1) if it is one.

    Errs low.
    """
    if not terrain.grip.size:
        return np.full((1, 1), vehicle.friction)
    low, high = LIMITS["friction"]
    grip: FloatArray = ndimage.minimum_filter(terrain.grip, size=3)
    return np.clip(np.minimum(grip, vehicle.friction), low, high)


def _room_needed_m(vehicle: Vehicle, apart_m: float) -> float:
    """Return the room that samples need so that all between them have room for the vehicle.

    A post beside the middle between two samples is nearer to it than to either, and the bend bulges
    from its chord.
    """
    bulge = apart_m**2 / (8.0 * vehicle.min_turning_radius_m)
    return math.hypot(vehicle.width_m / 2, apart_m / 2) + bulge


def refine_route(
    refiner: Refiner,
    route: Route,
    *,
    goal_m: tuple[float, float] | None = None,
    inwards: tuple[float, float] | None = None,
    rounds: int = ROUNDS,
    seed: int = 1,
) -> RefinedPath | None:
    """Return a faster smooth path near a way, or None where no clear one was found.

    The way is laid out as a cubic B-spline whose control points are pulled about at random, where
    the last bend takes speed away and before it; a pull that leaves every sample clear, on the
    ground and no tighter than the vehicle turns is kept if the end gets faster. Errs low: the best
    path may be faster still. The same seed gives the same path.

    Parameters
    ----------
    goal_m : (x, y)
        What the vehicle must cover at the end: the path ends within half its width of it. The end
        of the way where nothing is said.
    inwards : (x, y)
        Direction in which the end must cross; that of the way where nothing is said.
    """
    line = shapely.LineString(np.asarray(route.line.coords) - refiner.terrain.origin_m)
    if route.length_m < 3.0 * SPACING_M:
        return None
    end = np.asarray(line.coords[-1])
    goal = end if goal_m is None else np.asarray(goal_m) - refiner.terrain.origin_m
    ahead = end - np.asarray(line.coords[-2]) if inwards is None else np.asarray(inwards)
    ahead = ahead / np.hypot(*ahead)
    course = refiner.course._replace(
        goal=goal,
        goal_m=refiner.scale.vehicle.width_m / 2,
        inwards=ahead,
        crossing=float(least_crossing(ahead[None], refiner.terrain.settings.headings)[0]),
    )
    start_m = route.start_label * refiner.scale.step_m
    control = pushed_off(_spline(_led_to(line, course)), course, SWEEPS)
    rng = np.random.default_rng(seed)
    dense = round(SPACING_M / DENSE_M)
    tries = [climb(control, start_m, course, dense, rounds // 5, rng) for _ in range(TRIES)]
    control, _ = max(tries, key=lambda found: found[1])
    rest = rounds - TRIES * (rounds // 5)
    control, won_m = climb(_halved(control), start_m, course, dense // 2, rest, rng)
    return _checked(refiner, course, control, start_m) if won_m >= 0.0 else None


def _checked(
    refiner: Refiner, course: Course, control: FloatArray, start_m: float
) -> RefinedPath | None:
    """Return the path of a spline as samples much denser show it; None if one of them is not clear.

    What was hidden between the samples before, a bend or a post, counts now.
    """
    vehicle = refiner.scale.vehicle
    most_m = 2.0 * DENSE_M / CHECKS  # a pulled spline is not evenly spaced
    strict = course._replace(need_m=_room_needed_m(vehicle, most_m))
    samples = drive_along(control, start_m, strict, CHECKS * round(SPACING_M / 2 / DENSE_M))
    apart = np.hypot(*np.diff(samples.place, axis=0).T)
    if samples.missing.any() or apart.max() > most_m:
        return None
    return _path(refiner, samples)


def _path(refiner: Refiner, samples: Samples) -> RefinedPath:
    scale = refiner.scale
    reached, allowed = (
        scale.speed_of_label_mps[np.floor(run_up / scale.step_m + 1e-6).astype(np.int64)]
        for run_up in (samples.won_m, samples.cap_m)
    )
    return RefinedPath(
        samples.place + refiner.terrain.origin_m,
        reached,
        allowed,
        1.0 / np.maximum(samples.curvature, 1e-9),
    )


def _led_to(line: shapely.LineString, course: Course) -> shapely.LineString:
    """Return a line whose last part is bent aside so gently that its end covers the goal."""
    at = np.linspace(0.0, line.length, max(math.ceil(line.length / _DENSE_M), 8) + 1)
    places = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    off = course.goal - places[-1]
    far = float(np.hypot(*off))
    if far <= course.goal_m:
        return line
    share = np.clip(1.0 - (line.length - at) / min(_LEAD_M, line.length), 0.0, 1.0)
    smooth = share**2 * (3.0 - 2.0 * share)
    return shapely.LineString(places + smooth[:, None] * off * (1.0 - 0.95 * course.goal_m / far))


def _spline(line: shapely.LineString) -> FloatArray:
    """Return the control points of a uniform cubic B-spline along a line, as (n, 2)."""
    spans = max(4, round(line.length / SPACING_M))
    at = np.linspace(0.0, 1.0, max(spans * 4, math.ceil(line.length / _DENSE_M)) + 1)
    places = shapely.get_coordinates(shapely.line_interpolate_point(line, at, normalized=True))
    knots = np.arange(-3, spans + 4, dtype=np.float64)
    return np.ascontiguousarray(make_lsq_spline(at * spans, places, knots, k=3).c)


def _halved(control: FloatArray) -> FloatArray:
    """Return the same uniform cubic B-spline with knots twice as dense."""
    middles = (control[:-1] + control[1:]) / 2
    halved = np.empty((2 * len(control) - 3, 2))
    halved[0::2] = middles
    halved[1::2] = (control[:-2] + 6.0 * control[1:-1] + control[2:]) / 8
    return halved
