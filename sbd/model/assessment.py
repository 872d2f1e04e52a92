"""What the speed field says of a perimeter: which vehicle, how fast, from where."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import geopandas as gpd
import pyproj

from sbd.errors import InputError
from sbd.model import tables
from sbd.model.speed_field import SpeedField
from sbd.model.vehicle import Vehicle
from sbd.model.words import Drive, Grip
from sbd.units import mps_to_kmh

MemberT = TypeVar("MemberT", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """How a speed field is computed; the same settings on the same site give the same field.

    Parameters
    ----------
    resolution_m : float
        Cell size [m].
    headings : int
        Headings of the lattice: 32 or 64.
    entry_speed_mps : float or None
        Speed at which vehicles come in over the rim; None takes each vehicle's own default.
    drive : Drive
        Law of acceleration.
    grip : Grip
        Which grip bends are taken with.
    max_approach_m : float or None
        Only so much of the way before the zone counts: farther off a vehicle stands still. None
        counts all of it, laps included.
    speed_limit_mps : float or None
        Speed that no driver is taken to exceed; None, because an attacker does not keep to it.
    """

    resolution_m: float = 0.5
    headings: int = 64
    entry_speed_mps: float | None = None
    drive: Drive = Drive.DETAILED
    grip: Grip = Grip.DESIGN
    max_approach_m: float | None = None
    speed_limit_mps: float | None = None

    def __post_init__(self) -> None:
        # Words of a file or a command line become members, or are refused.
        object.__setattr__(self, "drive", _member(Drive, self.drive, "drive"))
        object.__setattr__(self, "grip", _member(Grip, self.grip, "grip"))
        for value, name, unit in (
            (self.max_approach_m, "longest approach", "m"),
            (self.speed_limit_mps, "speed limit", "m/s"),
        ):
            if value is not None and not (math.isfinite(value) and value > 0.0):
                raise InputError(
                    f"{name} {value:g} {unit}: it must be above 0; leave it out for none"
                )

    @property
    def less_safe(self) -> tuple[str, ...]:
        """What was assumed in the city's favour; it travels with every answer.

        >>> FieldSettings(max_approach_m=150.0, grip=Grip.WET).less_safe
        ('grip of a wet road', 'no approach longer than 150 m')
        """
        words = {Grip.SURFACE: "grip by surface", Grip.WET: "grip of a wet road"}
        said = [words[self.grip]] if self.grip in words else []
        if self.entry_speed_mps is not None:
            said.append(f"{mps_to_kmh(self.entry_speed_mps):.0f} km/h at the edge of the map")
        if self.max_approach_m is not None:
            said.append(f"no approach longer than {self.max_approach_m:g} m")
        if self.speed_limit_mps is not None:
            said.append(f"nobody drives faster than {mps_to_kmh(self.speed_limit_mps):.0f} km/h")
        return tuple(said)


def _member(kind: type[MemberT], value: str, name: str) -> MemberT:
    try:
        return kind(value)
    except ValueError as error:
        raise InputError(f"{name} {value!r}: not known; take one of {', '.join(kind)}") from error


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """Speeds along the outline of a zone, and the approaches that attain them.

    `fields` holds the upper speed field a vehicle, for the stages that ask about other lines;
    it is empty in an assessment that was read from a file. `heights` says where the heights of the
    ground come from; empty where it was taken for flat.
    """

    perimeter: gpd.GeoDataFrame
    corridors: gpd.GeoDataFrame
    vehicles: tuple[Vehicle, ...]
    settings: FieldSettings
    site_hash: str
    attribution: str
    seconds: dict[str, float] = field(default_factory=dict)
    fields: tuple[SpeedField, ...] = ()
    heights: str = ""

    def __post_init__(self) -> None:
        for name, schema in (("perimeter", tables.PERIMETER), ("corridors", tables.CORRIDORS)):
            object.__setattr__(self, name, tables.check_table(getattr(self, name), schema, name))

    @property
    def crs(self) -> pyproj.CRS:
        """The metric reference system of both layers."""
        return pyproj.CRS(self.perimeter.crs)
