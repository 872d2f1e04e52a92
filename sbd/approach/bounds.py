"""Terrain, vehicle and points in; what its three fields say of the points out."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sbd.approach.arrivals import Arrivals, arrivals_at
from sbd.approach.clearance import Terrain, as_met_by
from sbd.approach.field import solve_on
from sbd.approach.impact import Impacts, impacts_at
from sbd.approach.routes import Forest, find_ways
from sbd.errors import FieldError
from sbd.model.speed_field import Bound, SpeedField
from sbd.model.vehicle import Vehicle
from sbd.progress import Progress, ignore, part_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FAULT = "this is a fault of sbd, please report the site"


@dataclass(frozen=True, slots=True, eq=False)
class AtPoints:
    """What one field says of the points, without the field's own labels.

    Parameters
    ----------
    impacts : Impacts
        The hardest arrival at each point.
    arrivals : Arrivals
        The strongest arrival at each point on each heading.
    forest : Forest
        Ways that attain the hardest arrivals.
    target : (n,) int array
        Target of each point in the forest; -1 where nothing arrives.
    """

    impacts: Impacts
    arrivals: Arrivals
    forest: Forest
    target: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Bounded:
    """One vehicle's answer at the points, three times.

    Parameters
    ----------
    terrain : Terrain
        As the vehicle meets it.
    field : SpeedField
        The upper field.
    more : Forest
        Nominal ways to the strongest arrivals on every heading at some of the points.
    more_state : (m, 2) int array
        Point and heading of each target of `more`.
    """

    terrain: Terrain
    vehicle: Vehicle
    field: SpeedField
    lower: AtPoints
    nominal: AtPoints
    upper: AtPoints
    more: Forest
    more_state: IntArray


def solve_bounds(
    terrain: Terrain,
    vehicle: Vehicle,
    place_m: FloatArray,
    inwards: FloatArray,
    *,
    every: int = 3,
    progress: Progress = ignore,
) -> Bounded:
    """Return what the lower, the nominal and the upper field of a vehicle say of points.

    Each field starts from the one below, which is dropped then: no more than two are alive.

    Parameters
    ----------
    place_m, inwards : (n, 2) arrays
        Points, and the way an attack crosses the line there.
    every : int
        Ways on every heading are looked for at each so many-th point.

    Raises
    ------
    FieldError
        A speed above that of the bound above, or one that no way attains.
    """
    lower = solve_on(terrain, vehicle, bound=Bound.LOWER, progress=part_of(progress, 0.0, 0.3))
    below = _at_points(lower, terrain, place_m, inwards)
    nominal = solve_on(
        terrain,
        vehicle,
        bound=Bound.NOMINAL,
        at_least=lower.label,
        progress=part_of(progress, 0.3, 0.6),
    )
    _check_order(lower, nominal)
    del lower
    middle = _at_points(nominal, terrain, place_m, inwards)
    more, more_state = _on_every_heading(nominal, terrain, middle.arrivals, every)
    upper = solve_on(
        terrain,
        vehicle,
        bound=Bound.UPPER,
        at_least=nominal.label,
        progress=part_of(progress, 0.6, 1.0),
    )
    _check_order(nominal, upper)
    del nominal
    above = _at_points(upper, terrain, place_m, inwards)
    return Bounded(
        as_met_by(terrain, vehicle), vehicle, upper, below, middle, above, more, more_state
    )


def _at_points(
    field: SpeedField, terrain: Terrain, place_m: FloatArray, inwards: FloatArray
) -> AtPoints:
    impacts = impacts_at(field, place_m, inwards)
    arrives = np.flatnonzero(impacts.label > 0)
    states = np.stack([impacts.row, impacts.heading, impacts.column], axis=-1)[arrives]
    target = np.full(len(place_m), -1, dtype=np.int64)
    target[arrives] = np.arange(len(arrives))
    forest = _ways(field, terrain, states)
    return AtPoints(impacts, arrivals_at(field, place_m, inwards), forest, target)


def _on_every_heading(
    field: SpeedField, terrain: Terrain, arrivals: Arrivals, every: int
) -> tuple[Forest, IntArray]:
    point, heading = np.nonzero(arrivals.label)
    some = point % every == 0
    point, heading = point[some], heading[some]
    states = np.stack(
        [arrivals.row[point, heading], heading, arrivals.column[point, heading]], axis=-1
    )
    return _ways(field, terrain, states), np.stack([point, heading], axis=-1)


def _ways(field: SpeedField, terrain: Terrain, states: IntArray) -> Forest:
    """Return the ways to states; a speed that was handed in from below and has none shows here."""
    forest = find_ways(field, terrain, states)
    if np.any(forest.node_of_target < 0):
        raise FieldError(
            f"speed field of {field.vehicle.name!r}, {field.bound}: a speed that no way attains; "
            f"{FAULT}"
        )
    # The labels are the bulk of a field, and ways don't need them any more.
    return replace(forest, field=replace(field, label=np.empty_like(field.label[:0])))


def _check_order(below: SpeedField, above: SpeedField) -> None:
    if np.any(below.free & ~above.free):
        raise FieldError(
            f"speed field of {below.vehicle.name!r}: a place that is free in the {below.bound} "
            f"field and not in the {above.bound} one; {FAULT}"
        )
