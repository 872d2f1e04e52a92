"""What a source hands over: OpenStreetMap features or a city's own layers, and their repairs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd
import pyproj
from shapely import Polygon

from sbd.errors import LayerError
from sbd.model import tables
from sbd.model.words import ODBL_ATTRIBUTION

# Layers of a city that say more of a place than where vehicles go.
OPTIONAL_LAYERS = {
    "place_rules": tables.PLACE_RULES,
    "desire_lines": tables.DESIRE_LINES,
    "deliveries": tables.DELIVERIES,
    "crowds": tables.CROWDS,
}

# What may be added to a site that is there already.
EXTRA_LAYERS = ("demands", *OPTIONAL_LAYERS)


@dataclass(frozen=True, slots=True, eq=False)
class RawLayers:
    """OpenStreetMap features around a place, in longitude and latitude.

    Parameters
    ----------
    features : GeoDataFrame, EPSG:4326
        One row an object: `osm_id` ("node/1", "way/2", "relation/3"; unique), `tags` (dict of
        str to str), `routes` (space-separated kinds of the route relations the way is part of,
        for example "bus tram"; empty otherwise), `geometry` (Point, LineString, Polygon or
        MultiPolygon; closed ways that OSM counts as areas are polygons).
    covered : Polygon, EPSG:4326
        Where the data speaks. Outside it nothing is known, which is not the same as nothing there.
    source : str
        File name or service, for the data report.
    date : str
        ISO date of the map data; "unknown" where the source does not say.
    repairs : DataFrame
        Rows of the data report (`sbd.model.tables.REPORT`): what was repaired or left out.
    """

    features: gpd.GeoDataFrame
    covered: Polygon
    source: str
    date: str
    repairs: pd.DataFrame
    attribution: str = ODBL_ATTRIBUTION

    def __post_init__(self) -> None:
        missing = {"osm_id", "tags", "routes", "geometry"} - set(self.features.columns)
        if missing:
            raise LayerError(self.source, [f"column {name} is missing" for name in sorted(missing)])


@dataclass(frozen=True, slots=True, eq=False)
class CityLayers:
    """A city's own layers, checked, in the reference system they came in.

    Columns follow `sbd.model.tables`, with some that may still be open, for the site stage to
    settle as it does for OpenStreetMap: in `streets`, `width_m` is NaN, `highway` is "" and
    `stays_open` is None where the city did not say; in `steps`, `height_m` is NaN; in
    `place_rules`, `effect` is "", `price` and `clearance_m` are NaN, and shapes may be points or
    lines.

    Parameters
    ----------
    zone, solids, streets, furniture, ground, steps, entries, demands : GeoDataFrame
        All in one reference system, metres or degrees; a layer that was not given has no row.
    source : str
        File or folder name, for the data report.
    repairs : DataFrame
        Rows of the data report (`sbd.model.tables.REPORT`): what was filled in or left out.
    date : str
        ISO date of the data; "unknown" where nobody said.
    attribution : str
        Whose data this is.
    place_rules, desire_lines, deliveries, crowds : GeoDataFrame
        As the layers above; without one there is nothing of its kind.
    """

    zone: gpd.GeoDataFrame
    solids: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    furniture: gpd.GeoDataFrame
    ground: gpd.GeoDataFrame
    steps: gpd.GeoDataFrame
    entries: gpd.GeoDataFrame
    demands: gpd.GeoDataFrame
    source: str
    repairs: pd.DataFrame
    date: str = "unknown"
    attribution: str = "the city's own layers"
    place_rules: gpd.GeoDataFrame = field(default=None)
    desire_lines: gpd.GeoDataFrame = field(default=None)
    deliveries: gpd.GeoDataFrame = field(default=None)
    crowds: gpd.GeoDataFrame = field(default=None)

    def __post_init__(self) -> None:
        for name, schema in OPTIONAL_LAYERS.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, tables.empty_layer(schema, self.zone.crs))

    @property
    def crs(self) -> pyproj.CRS:
        """The reference system of every layer, in metres or in degrees."""
        return pyproj.CRS(self.zone.crs)


@dataclass(frozen=True, slots=True, eq=False)
class ExtraLayers:
    """Layers that somebody adds to a site, checked, each in the reference system it came in.

    Parameters
    ----------
    layers : mapping of layer name to GeoDataFrame
        Any of `EXTRA_LAYERS`, as in `CityLayers`.
    source : str
        File or folder name, for the data report.
    repairs : DataFrame
        Rows of the data report (`sbd.model.tables.REPORT`): what was filled in or left out.
    """

    layers: Mapping[str, gpd.GeoDataFrame]
    source: str
    repairs: pd.DataFrame
