"""Speed fields -> what strikes a line at a point: speed and angle of every design vehicle."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sbd.approach.impact import impacts_at
from sbd.errors import InputError
from sbd.model.assessment import Assessment
from sbd.units import JOULE_PER_KILOJOULE, KMH_PER_MPS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Strikes:
    """What arrives at n points, for k vehicles.

    Parameters
    ----------
    speed_mps : (n, k) array
        Highest speed at which the vehicle crosses from behind the normal; 0 where it can't come.
        The whole speed counts, whatever the angle: a part of it would reward zig-zag lines.
    angle_deg : (n, k) array
        Between that path and the line; 90 is head-on.
    """

    speed_mps: Floats
    angle_deg: Floats


class Demand(Protocol):
    """What the stages before say of any line: vehicles by name and mass, and their strikes."""

    @property
    def names(self) -> tuple[str, ...]:
        """Class of each vehicle."""

    @property
    def masses_kg(self) -> Floats:
        """Mass of each vehicle, (k,)."""

    def __call__(self, points_m: Floats, normals: Floats) -> Strikes:
        """Return the strikes at points (n, 2) by travel along unit normals (n, 2)."""


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """What one place must stop: speeds of all vehicles, and the hardest of them.

    Parameters
    ----------
    speed_mps : (k,) array
        Highest speed of each vehicle over the place.
    worst : int
        Vehicle with the most energy.
    """

    names: tuple[str, ...]
    masses_kg: Floats
    speed_mps: Floats
    worst: int
    angle_deg: float

    @property
    def vehicle(self) -> str:
        """Class of the hardest vehicle."""
        return self.names[self.worst]

    @property
    def mass_kg(self) -> float:
        """Mass of the hardest vehicle."""
        return float(self.masses_kg[self.worst])

    @property
    def speed_kmh(self) -> float:
        """Speed of the hardest vehicle."""
        return float(self.speed_mps[self.worst]) * KMH_PER_MPS

    @property
    def energy_kj(self) -> float:
        """Energy of the hardest vehicle."""
        return float(energies_kj(self.masses_kg, self.speed_mps)[self.worst])


def energies_kj(masses_kg: Floats, speed_mps: Floats) -> Floats:
    """Return kinetic energies [kJ] of vehicles (k,) at speeds (..., k).

    >>> energies_kj(np.array([7200.0]), np.array([80 / 3.6])).round().tolist()
    [1778.0]
    """
    return np.asarray(0.5 * masses_kg * speed_mps**2 / JOULE_PER_KILOJOULE)


def hardest(demand: Demand, strikes: Strikes) -> Need:
    """Return the need that covers every strike given: per vehicle the highest speed of all."""
    speed = strikes.speed_mps.max(axis=0)
    worst = int(np.argmax(energies_kj(demand.masses_kg, speed)))
    at = int(np.argmax(strikes.speed_mps[:, worst]))
    return Need(
        names=demand.names,
        masses_kg=demand.masses_kg,
        speed_mps=speed,
        worst=worst,
        angle_deg=float(strikes.angle_deg[at, worst]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class FieldDemand:
    """The demand that the speed fields of an assessment make."""

    assessment: Assessment

    def __post_init__(self) -> None:
        if not self.assessment.fields:
            raise InputError(
                "assessment: it holds no speed field, only its perimeter; "
                "assess the site again in this run"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Class of each vehicle."""
        return tuple(field.vehicle.name for field in self.assessment.fields)

    @property
    def masses_kg(self) -> Floats:
        """Mass of each vehicle, (k,)."""
        return np.array([field.vehicle.mass_kg for field in self.assessment.fields])

    def __call__(self, points_m: Floats, normals: Floats) -> Strikes:
        """Return the strikes at points by travel along unit normals."""
        found = [impacts_at(field, points_m, normals) for field in self.assessment.fields]
        return Strikes(
            speed_mps=np.stack([impacts.speed_mps for impacts in found], axis=1),
            angle_deg=np.stack([impacts.angle_deg for impacts in found], axis=1),
        )
