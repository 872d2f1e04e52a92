"""What the speed field says of a perimeter: which vehicle, how fast, from where."""

from dataclasses import dataclass, field

import geopandas as gpd
import pyproj

from sbd.model import tables
from sbd.model.speed_field import SpeedField
from sbd.model.vehicle import Vehicle


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
    """

    resolution_m: float = 0.5
    headings: int = 64
    entry_speed_mps: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """Speeds along the outline of a zone, and the approaches that attain them.

    `fields` holds the nominal speed field a vehicle, for the stages that ask about other lines;
    it is empty in an assessment that was read from a file.
    """

    perimeter: gpd.GeoDataFrame
    corridors: gpd.GeoDataFrame
    vehicles: tuple[Vehicle, ...]
    settings: FieldSettings
    site_hash: str
    attribution: str
    seconds: dict[str, float] = field(default_factory=dict)
    fields: tuple[SpeedField, ...] = ()

    def __post_init__(self) -> None:
        for name, schema in (("perimeter", tables.PERIMETER), ("corridors", tables.CORRIDORS)):
            object.__setattr__(self, name, tables.check_table(getattr(self, name), schema, name))

    @property
    def crs(self) -> pyproj.CRS:
        """The metric reference system of both layers."""
        return pyproj.CRS(self.perimeter.crs)
