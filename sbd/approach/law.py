"""Vehicle and speed in; its acceleration, its top speed and its run-up from rest out.

a(v) = min(a_max, mu g, P / (m v)) - c g - rho A v^2 / (2 m) - g sin(grade): the tyres, then the
engine, less rolling, air drag and the climb. It never rises with speed.
"""

import dataclasses
import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicHermiteSpline
from scipy.optimize import brentq

from sbd.errors import InputError, VehicleError
from sbd.model.vehicle import Vehicle

GRAVITY_MPS2 = 9.81
# Of a hot day (35 degrees) at 400 m above the sea; colder air brakes more: errs high.
AIR_DENSITY_KGPM3 = 1.1

FloatArray = NDArray[np.float64]

# A speed that is only reached after an endless run-up counts as reached this much below it.
SHORT_OF_STALL = 1e-3
# Pieces of the table from rest to the end of grip, and from there to top speed.
PIECES = 2000
# Runs on a grade are followed in this many steps.
STEPS = 2000
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(5)


@dataclasses.dataclass(frozen=True, slots=True)
class _Law:
    """The figures of a vehicle that its acceleration depends on, per kilogramme."""

    grip_mps2: float
    power_wpkg: float
    rolling_mps2: float
    drag_per_m: float  # times v^2
    top_speed_mps: float


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _RunUp:
    """Run-up lengths from rest at ascending speeds, up to the highest that is reached."""

    speed_mps: FloatArray
    length_m: FloatArray
    square_of_length: CubicHermiteSpline


def screening(vehicle: Vehicle) -> Vehicle:
    """Return a vehicle that accelerates at the same rate up to its top speed: errs high.

    >>> from sbd.catalogue.vehicles import vehicle_named
    >>> float(acceleration_mps2(screening(vehicle_named("N2A")), 30.0))
    2.0
    """
    return dataclasses.replace(vehicle, power_w=math.inf, rolling_resistance=0.0, drag_area_m2=0.0)


def drive_acceleration_mps2(vehicle: Vehicle) -> float:
    """Return the most a vehicle can push itself on the flat: its drive, at most its grip."""
    return min(vehicle.acceleration_mps2, vehicle.friction * GRAVITY_MPS2)


def drag_deceleration_mps2(
    speed_mps: ArrayLike,
    *,
    mass_kg: ArrayLike,
    drag_area_m2: ArrayLike,
    air_density_kgpm3: ArrayLike = AIR_DENSITY_KGPM3,
) -> FloatArray:
    """Return what the air takes off the acceleration, rho A v^2 / (2 m) [m/s2].

    >>> float(drag_deceleration_mps2(40.0, mass_kg=1100.0, drag_area_m2=0.5).round(3))
    0.4
    """
    speed = np.asarray(speed_mps, dtype=np.float64)
    area, density = np.asarray(drag_area_m2), np.asarray(air_density_kgpm3)
    mass = np.asarray(mass_kg, dtype=np.float64)
    if not (np.all(mass > 0.0) and np.all(area >= 0.0) and np.all(density >= 0.0)):
        raise InputError(
            f"drag of {mass} kg, {area} m2, {density} kg/m3: the mass must be above 0, the others "
            "at least 0"
        )
    return np.asarray(density * area * speed**2 / (2.0 * mass), dtype=np.float64)


def acceleration_mps2(
    vehicle: Vehicle, speed_mps: ArrayLike, *, grade: ArrayLike = 0.0
) -> FloatArray:
    """Return the acceleration at full throttle; below 0 where the vehicle can't hold its speed.

    Parameters
    ----------
    speed_mps : array
        Speed [m/s], at least 0. The stated top speed is not looked at.
    grade : array
        Rise over horizontal way [-], uphill positive.
    """
    speed = np.asarray(speed_mps, dtype=np.float64)
    if not np.all(speed >= 0.0):
        raise InputError(f"speed_mps {speed}: it must be at least 0")
    return _flat(_law(vehicle), speed) - _climb(grade)


def attainable_speed_mps(vehicle: Vehicle) -> float:
    """Return the stated top speed, or 0.1 % below where resistance eats up the drive on the flat.

    Raises VehicleError where the vehicle can't even set off.
    """
    return float(_run_up(_law(vehicle)).speed_mps[-1])


def drive_length_m(vehicle: Vehicle, speed_mps: ArrayLike) -> FloatArray:
    """Return the run-up of a vehicle from rest to a speed on the flat, S(v) = integral v / a dv.

    Parameters
    ----------
    speed_mps : array
        Speed to reach [m/s].

    Returns
    -------
    array
        Length [m]; inf for a speed above `attainable_speed_mps`.
    """
    speed = np.asarray(speed_mps, dtype=np.float64)
    if not np.all(speed >= 0.0):
        raise InputError(f"speed_mps {speed}: it must be at least 0")
    law = _law(vehicle)
    table = _run_up(law)
    reached = np.minimum(speed, table.speed_mps[-1])
    below = np.clip(np.searchsorted(table.speed_mps, reached, side="right") - 1, 0, None)
    length = table.length_m[below] + _integral(law, table.speed_mps[below], reached)
    return np.where(speed > table.speed_mps[-1], math.inf, length)


def drive_speed_mps(vehicle: Vehicle, length_m: ArrayLike) -> FloatArray:
    """Return the speed after a run-up from rest on the flat, at most `attainable_speed_mps`.

    The inverse of `drive_length_m`, to some 1e-9 of the speed.
    """
    length = np.asarray(length_m, dtype=np.float64)
    if not np.all(length >= 0.0):
        raise InputError(f"length_m {length}: it must be at least 0")
    table = _run_up(_law(vehicle))
    square = table.square_of_length(np.minimum(length, table.length_m[-1]))
    speed = np.sqrt(np.maximum(square, 0.0))
    whole: FloatArray = np.where(length >= table.length_m[-1], table.speed_mps[-1], speed)
    return whole


def driven_speed_mps(
    vehicle: Vehicle,
    distance_m: ArrayLike,
    *,
    entry_speed_mps: ArrayLike = 0.0,
    grade: ArrayLike = 0.0,
) -> FloatArray:
    """Return the speed after a straight run at full throttle on an even grade.

    Parameters
    ----------
    distance_m : array
        Way along the road [m].
    entry_speed_mps : array
        Speed at the start.
    grade : array
        Rise over horizontal way [-], uphill positive.

    Returns
    -------
    array
        Speed [m/s], at most the stated top speed, downhill too; 0 where the climb stops the
        vehicle before the end. Good to 1e-4 of the speed.
    """
    law = _law(vehicle)
    distance, entry, climb = np.broadcast_arrays(
        np.asarray(distance_m, dtype=np.float64),
        np.asarray(entry_speed_mps, dtype=np.float64),
        _climb(grade),
    )
    if not (np.all(distance >= 0.0) and np.all(entry >= 0.0)):
        raise InputError("distance_m and entry_speed_mps must be at least 0")
    step = distance / STEPS
    square: FloatArray
    highest = law.top_speed_mps**2

    def slope(square: FloatArray) -> FloatArray:
        gain: FloatArray = 2.0 * (_flat(law, np.sqrt(np.maximum(square, 0.0))) - climb)
        return gain

    # The square of the speed is all but straight along the way, also from rest.
    square = np.minimum(entry**2, highest)
    moving = np.ones(square.shape, dtype=bool)
    for _ in range(STEPS):
        one = slope(square)
        two = slope(square + step / 2.0 * one)
        three = slope(square + step / 2.0 * two)
        four = slope(square + step * three)
        square = np.minimum(square + step / 6.0 * (one + 2.0 * two + 2.0 * three + four), highest)
        moving &= (square > 0.0) | (step == 0.0)
        square = np.where(moving, square, 0.0)
    return square**0.5


def _law(vehicle: Vehicle) -> _Law:
    drag = drag_deceleration_mps2(1.0, mass_kg=vehicle.mass_kg, drag_area_m2=vehicle.drag_area_m2)
    return _Law(
        grip_mps2=drive_acceleration_mps2(vehicle),
        power_wpkg=vehicle.power_w / vehicle.mass_kg,
        rolling_mps2=vehicle.rolling_resistance * GRAVITY_MPS2,
        drag_per_m=float(drag),
        top_speed_mps=vehicle.top_speed_mps,
    )


def _flat(law: _Law, speed: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        push = np.minimum(law.grip_mps2, law.power_wpkg / speed)
    return np.asarray(push - law.rolling_mps2 - law.drag_per_m * speed**2)


def _climb(grade: ArrayLike) -> FloatArray:
    rise = np.asarray(grade, dtype=np.float64)
    return np.asarray(GRAVITY_MPS2 * rise / np.sqrt(1.0 + rise**2), dtype=np.float64)


def _integral(law: _Law, start: FloatArray, end: FloatArray) -> FloatArray:
    """Return the run-up between two speeds of one piece of the table."""
    half = (end - start) / 2.0
    speed = (start + half)[..., None] + half[..., None] * _NODES
    length: FloatArray = half * (_WEIGHTS * speed / _flat(law, speed)).sum(axis=-1)
    return length


# Laws are few, and each is asked for once a bend.
@lru_cache(maxsize=64)
def _run_up(law: _Law) -> _RunUp:
    top = _highest_mps(law)
    switch = law.power_wpkg / law.grip_mps2
    speed = np.linspace(0.0, min(switch, top), PIECES + 1)
    # Where the engine takes over right at the top speed, one piece is all there is.
    if switch < top * (1.0 - 1e-9):
        speed = np.concatenate([speed, np.linspace(switch, top, PIECES + 1)[1:]])
    length = np.concatenate([[0.0], np.cumsum(_integral(law, speed[:-1], speed[1:]))])
    square = CubicHermiteSpline(length, speed**2, 2.0 * _flat(law, speed))
    return _RunUp(speed, length, square)


def _highest_mps(law: _Law) -> float:
    stated = law.top_speed_mps
    if law.grip_mps2 <= law.rolling_mps2:
        raise VehicleError(
            f"a drive of {law.grip_mps2:.2f} m/s2 does not overcome a rolling resistance of "
            f"{law.rolling_mps2:.2f} m/s2; state a stronger drive or less resistance"
        )
    beyond = stated / (1.0 - SHORT_OF_STALL)
    if float(_flat(law, np.asarray(beyond))) > 0.0:
        return stated
    stall = brentq(lambda speed: float(_flat(law, np.asarray(speed))), 1e-6, beyond)
    return float(stall) * (1.0 - SHORT_OF_STALL)
