"""Answers of a vehicle and its refined paths in; the speed that is attained at each point out."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.approach.bounds import Bounded
from sbd.approach.corridor import check_below_upper
from sbd.approach.refine import RefinedPath, Refiner, least_crossing, make_refiner, refine_route
from sbd.approach.routes import Route, route_to

FloatArray = NDArray[np.float64]

WIDE_MPS = 5.0 / 3.6  # a nominal speed so much above what is attained is looked into
MOST_TRIES = 16  # points whose own way is refined
MOST_STEPS = 48  # further points that a refined path is led to
_APART_M = 4.0  # of the points whose own way is refined
_STEP_ROUNDS = 800  # a path that is led on by a metre or two needs few


def attained_mps(
    one: Bounded, paths: Sequence[RefinedPath], place_m: FloatArray, inwards: FloatArray
) -> FloatArray:
    """Return the highest speed that a checked path attains at each point.

    That of the lower field, or of a refined path that covers the point on its way in: within half
    the vehicle's width, on a heading that crosses the outline. Where the nominal field says much
    more, mostly behind a gap that is only just wide enough for it, the nominal ways to some of
    these points are refined too, and led on to their neighbours. Errs low.

    Raises
    ------
    FieldError
        A checked path is faster than the upper field says is possible.
    """
    attained = one.lower.impacts.speed_mps.copy()
    for given in paths:
        _credit(attained, given, one, place_m, inwards)
    refiner = make_refiner(one.terrain, one.vehicle)
    tried = np.zeros(len(place_m), dtype=np.bool_)
    steps = MOST_STEPS
    for _ in range(MOST_TRIES):
        wide = _wide(attained, one, tried)
        if not len(wide):
            break
        point = int(wide[0])
        tried |= np.hypot(*(place_m - place_m[point]).T) <= _APART_M
        route = route_to(one.nominal.forest, int(one.nominal.target[point]))
        path = _refined(refiner, route, one, point, place_m, inwards)
        if path is not None:
            _credit(attained, path, one, place_m, inwards)
            steps = _lead_on(attained, path, route, refiner, one, point, place_m, inwards, steps)
    return attained


def _wide(attained: FloatArray, one: Bounded, tried: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the points where much more may be possible than is attained, the widest first."""
    short = np.round(one.nominal.impacts.speed_mps - attained, 9)
    short[tried] = 0.0
    wide = np.flatnonzero(short > WIDE_MPS)
    return wide[np.lexsort((wide, -short[wide]))]


def _refined(
    refiner: Refiner,
    route: Route,
    one: Bounded,
    point: int,
    place_m: FloatArray,
    inwards: FloatArray,
    *,
    rounds: int | None = None,
) -> RefinedPath | None:
    goal = (float(place_m[point, 0]), float(place_m[point, 1]))
    ahead = (float(inwards[point, 0]), float(inwards[point, 1]))
    options = {} if rounds is None else {"rounds": rounds}
    path = refine_route(refiner, route, goal_m=goal, inwards=ahead, **options)
    check_below_upper(path, one, point, place_m)
    return path


def _lead_on(
    attained: FloatArray,
    path: RefinedPath,
    route: Route,
    refiner: Refiner,
    one: Bounded,
    point: int,
    place_m: FloatArray,
    inwards: FloatArray,
    steps: int,
) -> int:
    """Lead a path on to the neighbours on both sides while that raises them; return steps left."""
    for side in (1, -1):
        led, at = path, point
        while steps > 0:
            at += side
            if not 0 <= at < len(place_m):
                break
            near = np.hypot(*(place_m[at] - led.place_m[-1])) <= _APART_M
            short = one.nominal.impacts.speed_mps[at] - attained[at]
            if not near:
                break
            if short <= WIDE_MPS:
                continue
            steps -= 1
            on = Route(led.line, led.line.length, route.start_label, route.entry, ())
            found = _refined(refiner, on, one, at, place_m, inwards, rounds=_STEP_ROUNDS)
            if found is None:
                break
            led = found
            _credit(attained, led, one, place_m, inwards)
    return steps


def _credit(
    attained: FloatArray,
    path: RefinedPath,
    one: Bounded,
    place_m: FloatArray,
    inwards: FloatArray,
) -> None:
    """Raise in place what a path attains at the points that it covers on its way in."""
    along = np.gradient(path.place_m, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    tree = shapely.STRtree(shapely.points(path.place_m))
    point, sample = tree.query(
        shapely.points(place_m), predicate="dwithin", distance=one.vehicle.width_m / 2
    )
    least = least_crossing(inwards, len(one.field.heading_rad))
    crosses = np.sum(along[sample] * inwards[point], axis=1) >= least[point]
    np.maximum.at(attained, point[crosses], path.reached_mps[sample[crosses]])
