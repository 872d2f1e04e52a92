"""Distances, radii and vehicles in; the speeds and energies that physics allows out.

Every function takes arrays and gives arrays. The closed forms leave air drag and rolling resistance
out, so they err high; the law of a vehicle in full is in `sbd.approach.law` and offered from here.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sbd.approach.law import (
    GRAVITY_MPS2,
    SHORT_OF_STALL,
    acceleration_mps2,
    attainable_speed_mps,
    drag_deceleration_mps2,
    drive_acceleration_mps2,
    drive_length_m,
    drive_speed_mps,
    driven_speed_mps,
    screening,
)
from sbd.errors import InputError
from sbd.model.speed_field import Bound
from sbd.model.vehicle import LIMITS, Vehicle
from sbd.units import JOULE_PER_KILOJOULE

__all__ = [
    "GRAVITY_MPS2",
    "LABELS",
    "LabelScale",
    "acceleration_mps2",
    "attainable_speed_mps",
    "cornering_speed_mps",
    "drag_deceleration_mps2",
    "drive_acceleration_mps2",
    "drive_length_m",
    "drive_speed_mps",
    "driven_speed_mps",
    "kinetic_energy_kj",
    "label_scale",
    "power_limited_speed_mps",
    "run_up_length_m",
    "run_up_speed_mps",
    "screening",
]

LABELS = 65_536  # what 16 bits can tell apart
FINEST_STEP_M = 0.01

FloatArray = NDArray[np.float64]


def run_up_speed_mps(
    distance_m: ArrayLike,
    *,
    acceleration_mps2: ArrayLike,
    entry_speed_mps: ArrayLike = 0.0,
    grade: ArrayLike = 0.0,
) -> FloatArray:
    """Return the speed after a straight run at constant drive, v^2 = v0^2 + 2 (a - g sin) s.

    Parameters
    ----------
    distance_m : array
        Way along the road [m].
    acceleration_mps2 : array
        On the flat [m/s2]; the grade is taken off it.
    entry_speed_mps : array
        Speed at the start of the run.
    grade : array
        Rise over horizontal way [-], uphill positive; 0.05 is 5 %.

    Returns
    -------
    array
        Speed [m/s]; 0 where the climb stops the vehicle before the end.

    Examples
    --------
    >>> run_up_speed_mps([0.0, 150.0], acceleration_mps2=3.0).tolist()
    [0.0, 30.0]
    """
    distance = _at_least(0.0, distance_m, "distance_m")
    drive = _at_least(0.0, acceleration_mps2, "acceleration_mps2")
    entry = _at_least(0.0, entry_speed_mps, "entry_speed_mps")
    rise = np.asarray(grade, dtype=np.float64)
    net = drive - GRAVITY_MPS2 * rise / np.sqrt(1.0 + rise**2)
    return np.sqrt(np.maximum(entry**2 + 2.0 * net * distance, 0.0))


def run_up_length_m(
    speed_mps: ArrayLike,
    *,
    acceleration_mps2: ArrayLike,
    power_w: ArrayLike = math.inf,
    mass_kg: ArrayLike = 1.0,
) -> FloatArray:
    """Return the way from rest to a speed on the flat, with a(v) = min(a, P / (m v)).

    Up to the speed P / (m a) the tyres limit, then the engine: S = S1 + m (v^3 - v1^3) / (3 P).

    Parameters
    ----------
    speed_mps : array
        Speed to reach [m/s]; inf gives inf.
    acceleration_mps2, power_w, mass_kg : array
        Drive; infinite power is constant acceleration (screening).

    Examples
    --------
    >>> float(run_up_length_m(30.0, acceleration_mps2=3.0))
    150.0
    """
    speed = _at_least(0.0, speed_mps, "speed_mps")
    drive = _positive(acceleration_mps2, "acceleration_mps2")
    switch, inverse_power = _switch_speed(drive, power_w, mass_kg)
    slow = np.minimum(speed, switch)
    with np.errstate(invalid="ignore"):
        rest = np.where(speed > switch, (speed**3 - slow**3) * inverse_power / 3.0, 0.0)
    return slow**2 / (2.0 * drive) + rest


def power_limited_speed_mps(
    distance_m: ArrayLike,
    *,
    acceleration_mps2: ArrayLike,
    power_w: ArrayLike,
    mass_kg: ArrayLike,
    entry_speed_mps: ArrayLike = 0.0,
) -> FloatArray:
    """Return the speed after a straight run on the flat with a(v) = min(a, P / (m v)).

    Parameters
    ----------
    distance_m : array
        Way along the road [m].
    power_w : array
        Power at the wheels [W]; inf is constant acceleration.

    Examples
    --------
    1500 kg, 90 kW at the wheels, 4.5 m/s2 at first, 150 m:

    >>> v = power_limited_speed_mps(150.0, acceleration_mps2=4.5, power_w=90e3, mass_kg=1500.0)
    >>> round(float(v) * 3.6, 1)
    106.4
    """
    distance = _at_least(0.0, distance_m, "distance_m")
    drive = _positive(acceleration_mps2, "acceleration_mps2")
    switch, inverse_power = _switch_speed(drive, power_w, mass_kg)
    before = run_up_length_m(
        entry_speed_mps, acceleration_mps2=drive, power_w=power_w, mass_kg=mass_kg
    )
    total = before + distance
    switch_length = switch**2 / (2.0 * drive)
    slow = np.sqrt(2.0 * drive * np.minimum(total, switch_length))
    with np.errstate(invalid="ignore", divide="ignore"):
        fast = np.cbrt(switch**3 + 3.0 * (total - switch_length) / inverse_power)
    return np.where(total > switch_length, fast, slow)


def cornering_speed_mps(
    radius_m: ArrayLike, *, friction: ArrayLike, bank_rad: ArrayLike = 0.0
) -> FloatArray:
    """Return the highest speed a bend allows before the tyres slide.

    v^2 = g r (f + tan b) / (1 - f tan b); on the flat sqrt(f g r) (MIL-HDBK-1013/14, eq. 5-6).
    Load transfer and the driver's hesitation are left out: errs high.

    Parameters
    ----------
    radius_m : array
        Radius of the driven line [m]; inf on straights.
    friction : array
        Tyre-road friction [-], 0.05 to 1.5.
    bank_rad : array
        Superelevation [rad], positive where it helps.

    Returns
    -------
    array
        Speed [m/s]; inf on straights and where the bank alone holds the vehicle, 0 where the bank
        throws it out at any speed.

    Examples
    --------
    >>> cornering_speed_mps([20.5, float("inf")], friction=0.8).round(1).tolist()
    [12.7, inf]
    """
    radius = _positive(radius_m, "radius_m")
    grip = np.asarray(friction, dtype=np.float64)
    low, high = LIMITS["friction"]
    if not np.all((grip >= low) & (grip <= high)):
        raise InputError(f"friction {grip} is outside {low:g} to {high:g}; 1 is the safe choice")
    slope = np.tan(np.asarray(bank_rad, dtype=np.float64))
    hold = 1.0 - grip * slope
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(hold > 0.0, np.maximum(grip + slope, 0.0) / hold, math.inf)
        return np.where(share > 0.0, np.sqrt(GRAVITY_MPS2 * radius * share), 0.0)


def kinetic_energy_kj(mass_kg: ArrayLike, speed_mps: ArrayLike) -> FloatArray:
    """Return the energy of motion [kJ].

    >>> round(float(kinetic_energy_kj(7200.0, 48 / 3.6)))
    640
    """
    mass = _positive(mass_kg, "mass_kg")
    return mass * np.asarray(speed_mps, dtype=np.float64) ** 2 / (2.0 * JOULE_PER_KILOJOULE)


@dataclass(frozen=True, slots=True, eq=False)
class LabelScale:
    """How run-up lengths of one vehicle are counted in 16 bits.

    Parameters
    ----------
    step_m : float
        One count [m].
    top_label : int
        The count that reaches top speed; no label is larger.
    speed_of_label_mps : (65536,) array
        Speed that each count reaches from rest; the top speed from `top_label` on.
    """

    vehicle: Vehicle
    bound: Bound
    step_m: float
    top_label: int
    speed_of_label_mps: FloatArray

    def label_of_length(self, length_m: ArrayLike) -> NDArray[np.int64]:
        """Return lengths in counts: rounded down in a lower field, up otherwise."""
        counts = np.asarray(length_m, dtype=np.float64) / self.step_m
        # What is whole but for the last binary digits stays whole, so that turned sites agree.
        whole = np.floor(counts + 1e-6) if self.bound is Bound.LOWER else np.ceil(counts - 1e-6)
        return np.clip(whole, 0, LABELS - 1).astype(np.int64)

    def label_of_speed(self, speed_mps: ArrayLike) -> NDArray[np.int64]:
        """Return the run-up that reaches a speed in counts, at most the top label."""
        return np.minimum(
            self.label_of_length(drive_length_m(self.vehicle, speed_mps)), self.top_label
        )


def label_scale(vehicle: Vehicle, *, bound: Bound, reach_m: float) -> LabelScale:
    """Return the finest scale on which top speed and one motion of `reach_m` fit in 16 bits.

    One count is 1 cm as long as the run-up to top speed is below about 600 m, else 2, 4, ... cm. A
    vehicle whose drive dies away before its stated top speed reaches, at the top label, 0.1 % less
    than that limit in a lower field and the limit itself otherwise.
    """
    top_m = float(drive_length_m(vehicle, attainable_speed_mps(vehicle)))
    doublings = max(0, math.ceil(math.log2((top_m + reach_m) / (FINEST_STEP_M * (LABELS - 100)))))
    step_m = FINEST_STEP_M * 2**doublings
    top = math.ceil(top_m / step_m - 1e-6)
    speeds = drive_speed_mps(vehicle, np.arange(LABELS) * step_m)
    if bound is not Bound.LOWER:
        speeds[top:] = min(vehicle.top_speed_mps, speeds[-1] / (1.0 - SHORT_OF_STALL))
    return LabelScale(vehicle, bound, step_m, top, speeds)


def _switch_speed(
    drive_mps2: FloatArray, power_w: ArrayLike, mass_kg: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    power = _positive(power_w, "power_w")
    mass = _positive(mass_kg, "mass_kg")
    return power / (mass * drive_mps2), mass / power


def _at_least(limit: float, value: ArrayLike, name: str) -> FloatArray:
    array = np.asarray(value, dtype=np.float64)
    if not np.all(array >= limit):
        raise InputError(f"{name} {array}: it must be at least {limit:g}")
    return array


def _positive(value: ArrayLike, name: str) -> FloatArray:
    array = np.asarray(value, dtype=np.float64)
    if not np.all(array > 0.0):
        raise InputError(f"{name} {array}: it must be above 0")
    return array
