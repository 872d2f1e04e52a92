"""A site: the zone to protect and all that stands, runs and opens around it, in metres."""

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import shapely
from shapely import MultiPolygon, Polygon

from sbd.errors import CrsError, LayerError, ZoneError
from sbd.geometry.crs import require_metric
from sbd.model import tables

# Layer name to contract, in the order of a SITE.gpkg.
SCHEMAS = {
    "zone": tables.ZONE,
    "solids": tables.SOLIDS,
    "furniture": tables.FURNITURE,
    "ground": tables.GROUND,
    "steps": tables.STEPS,
    "streets": tables.STREETS,
    "entries": tables.ENTRIES,
    "demands": tables.DEMANDS,
    "place_rules": tables.PLACE_RULES,
    "desire_lines": tables.DESIRE_LINES,
    "deliveries": tables.DELIVERIES,
    "crowds": tables.CROWDS,
    "study_area": tables.STUDY_AREA,
}

# Layers that a site need not have; without one there is nothing of its kind.
OPTIONAL = ("steps", "place_rules", "desire_lines", "deliveries", "crowds")


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A place ready for assessment; every layer is in one metric reference system.

    Parameters
    ----------
    name : str
        What people call the place.
    zone, solids, furniture, ground, streets, entries, demands, study_area : GeoDataFrame
        The layers of `sbd.model.tables`.
    steps, place_rules, desire_lines, deliveries, crowds : GeoDataFrame
        Layers of `sbd.model.tables` that a site need not have: empty without.
    report : DataFrame
        The data report: source, repairs, unknowns, what a visit should measure.
    attribution : str
        Whose data this is; it travels with every map, export and report.
    """

    name: str
    zone: gpd.GeoDataFrame
    solids: gpd.GeoDataFrame
    furniture: gpd.GeoDataFrame
    ground: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    entries: gpd.GeoDataFrame
    demands: gpd.GeoDataFrame
    study_area: gpd.GeoDataFrame
    report: pd.DataFrame
    attribution: str
    steps: gpd.GeoDataFrame = field(default=None)
    place_rules: gpd.GeoDataFrame = field(default=None)
    desire_lines: gpd.GeoDataFrame = field(default=None)
    deliveries: gpd.GeoDataFrame = field(default=None)
    crowds: gpd.GeoDataFrame = field(default=None)

    def __post_init__(self) -> None:
        for name in OPTIONAL:
            if getattr(self, name) is None:
                nothing = tables.empty_layer(SCHEMAS[name], self.zone.crs)
                object.__setattr__(self, name, nothing)
        faults: list[str] = []
        for name, schema in SCHEMAS.items():
            layer = getattr(self, name)
            require_metric(layer, name)
            if layer.crs != self.zone.crs:
                raise CrsError(
                    f"{name}: {layer.crs}; the zone is in {self.zone.crs}; project it first"
                )
            try:
                object.__setattr__(self, name, tables.check_table(layer, schema, name))
            except LayerError as error:
                faults += [f"{name}: {fault}" for fault in error.faults]
        if faults:
            raise LayerError(f"site {self.name!r}", faults)
        if self.zone.empty:
            raise ZoneError(f"site {self.name!r}: the zone is empty; draw a polygon to protect")
        object.__setattr__(self, "report", tables.check_table(self.report, tables.REPORT, "report"))

    @property
    def crs(self) -> pyproj.CRS:
        """The metric reference system of every layer."""
        return pyproj.CRS(self.zone.crs)

    @property
    def zone_shape(self) -> Polygon | MultiPolygon:
        """The ground to protect as one shape."""
        return shapely.union_all(self.zone.geometry.to_numpy())

    @property
    def study_shape(self) -> Polygon | MultiPolygon:
        """The ground that was looked at as one shape."""
        return shapely.union_all(self.study_area.geometry.to_numpy())

    @property
    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Every layer by name, in the order of a SITE.gpkg."""
        return {name: getattr(self, name) for name in SCHEMAS}

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """The zone, for tools that take any geometry."""
        return dict(self.zone_shape.__geo_interface__)
