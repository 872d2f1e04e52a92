"""What a source hands over: OpenStreetMap features as they are, and how sound they were."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from shapely import Polygon

from sbd.errors import LayerError

ODBL_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


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
