"""Where a vehicle can drive, and what it must not reach."""

from dataclasses import dataclass

import geopandas as gpd
import pyproj
from shapely import MultiPolygon, Polygon


@dataclass(frozen=True, slots=True, eq=False)
class DrivableSurface:
    """The ground of a site as vehicles see it, in metres.

    Parameters
    ----------
    ground : Polygon or MultiPolygon
        Study area less everything solid. Furniture is not taken out: a vehicle drives through it.
    study_area : Polygon or MultiPolygon
        Its outline is the rim, where the data ends: never an anchor for a barrier.
    solids : GeoDataFrame
        What stops every vehicle (`tables.SOLIDS`); pieces cut to the study area.
    zone : Polygon or MultiPolygon
        The drivable part of what is to be protected, without the streets that stay open.
    entries : GeoDataFrame
        Pieces of the rim where vehicles come in (`tables.ENTRIES`).
    open_streets : GeoDataFrame
        Carriageways that stay open, as polygons with `street_id` and `name`: vehicles drive there
        after the plan is built, and no barrier may cross them.
    unmovable : GeoDataFrame
        Furniture that no unit may stand on (`tables.FURNITURE`): trees, hydrants and the like.
    """

    crs: pyproj.CRS
    ground: Polygon | MultiPolygon
    study_area: Polygon | MultiPolygon
    solids: gpd.GeoDataFrame
    zone: Polygon | MultiPolygon
    entries: gpd.GeoDataFrame
    open_streets: gpd.GeoDataFrame
    unmovable: gpd.GeoDataFrame
