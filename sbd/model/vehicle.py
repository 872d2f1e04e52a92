"""A vehicle as the physics sees it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sbd.errors import VehicleError

# figure: (lowest, highest) that a road vehicle can have; outside them the row holds a slip
LIMITS = {
    "mass_kg": (100.0, 100_000.0),
    "width_m": (0.5, 4.0),
    "length_m": (1.0, 30.0),
    "wheelbase_m": (0.5, 20.0),
    "min_turning_radius_m": (1.0, 30.0),
    "top_speed_mps": (1.0, 120.0),
    "acceleration_mps2": (0.05, 15.0),
    "power_w": (1_000.0, 5_000_000.0),
    "friction": (0.05, 1.5),
    "rolling_resistance": (0.0, 0.1),
    "drag_area_m2": (0.0, 20.0),
    "stopping_step_m": (0.05, 5.0),
}
# Figures for which no limit at all is a value, too.
_MAY_BE_INFINITE = ("power_w", "stopping_step_m")


@dataclass(frozen=True, slots=True)
class Figure:
    """Where a figure comes from and how sure it is.

    `low` and `high` are the ends of what the sources say, where they differ.
    """

    source: str
    standing: str  # one of words.STANDINGS
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle class with its test mass and its drive.

    Parameters
    ----------
    name : str
        ISO 22343-1 class, or a city's own name.
    power_w : float
        Power at the wheels; inf is the screening mode (constant acceleration, errs high).
    min_turning_radius_m : float
        Of the reference point, the middle of the rear axle.
    rolling_resistance : float
        Share of the weight that rolling costs [-]; 0 errs high.
    drag_area_m2 : float
        Drag coefficient times frontal area; 0 errs high.
    stopping_step_m : float
        Kerbs and steps of at least this height stop it; inf where nobody knows.
    figures : mapping of figure name to Figure
        Source and standing of each figure.
    """

    name: str
    description: str
    mass_kg: float
    width_m: float
    length_m: float
    wheelbase_m: float
    min_turning_radius_m: float
    top_speed_mps: float
    acceleration_mps2: float
    friction: float
    power_w: float = math.inf
    figures: Mapping[str, Figure] = field(default_factory=lambda: MappingProxyType({}))
    rolling_resistance: float = 0.0
    drag_area_m2: float = 0.0
    stopping_step_m: float = math.inf

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise VehicleError("vehicle: no name; give it one in the column `vehicle`")
        faults = [
            f"{name} {value:g} is outside {low:g} to {high:g}"
            for name, (low, high) in LIMITS.items()
            if not low <= (value := getattr(self, name)) <= high
            and not (name in _MAY_BE_INFINITE and value == math.inf)
        ]
        if faults:
            raise VehicleError(f"vehicle {self.name!r}: {'; '.join(faults)}")

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy can't be pickled, and vehicles travel to worker processes.
        values = {name: getattr(self, name) for name in self.__slots__}
        return (_rebuilt, ({**values, "figures": dict(self.figures)},))


def _rebuilt(values: dict[str, object]) -> Vehicle:
    return Vehicle(**values)  # type: ignore[arg-type]  # the values of a Vehicle that was valid
