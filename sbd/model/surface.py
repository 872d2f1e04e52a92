"""Where a vehicle can drive, and what it must not reach."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon


@dataclass(frozen=True, slots=True, eq=False)
class Elevation:
    """Heights of the ground on a regular grid in the metric system of the site.

    Parameters
    ----------
    height_m : (rows, columns) array
        Row 0 is the southernmost; no gaps.
    origin_m : (x, y)
        Centre of the cell (row 0, column 0).
    cell_m : float
        Distance of neighbouring centres.
    source : str
        File it was read from, for the report.
    """

    height_m: NDArray[np.float64]
    origin_m: tuple[float, float]
    cell_m: float
    source: str


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
    paving : GeoDataFrame or None
        Where the surface is known (`tables.GROUND`); None: nowhere.
    steps : GeoDataFrame or None
        Kerbs and steps whose height is known (`tables.STEPS`); None: there are none.
    elevation : Elevation or None
        Heights of the ground; None takes it for flat.
    everyday_streets : GeoDataFrame or None
        Carriageways that a plan closes and people drive on ordinary days, as polygons with
        `street_id` and `name`; None: there are none.
    place_rules, desire_lines, deliveries, crowds, demands : GeoDataFrame or None
        What a plan has to respect (`sbd.model.tables`); None: there is nothing of the kind.
    """

    crs: pyproj.CRS
    ground: Polygon | MultiPolygon
    study_area: Polygon | MultiPolygon
    solids: gpd.GeoDataFrame
    zone: Polygon | MultiPolygon
    entries: gpd.GeoDataFrame
    open_streets: gpd.GeoDataFrame
    unmovable: gpd.GeoDataFrame
    paving: gpd.GeoDataFrame | None = None
    steps: gpd.GeoDataFrame | None = None
    elevation: Elevation | None = None
    everyday_streets: gpd.GeoDataFrame | None = None
    place_rules: gpd.GeoDataFrame | None = None
    desire_lines: gpd.GeoDataFrame | None = None
    deliveries: gpd.GeoDataFrame | None = None
    crowds: gpd.GeoDataFrame | None = None
    demands: gpd.GeoDataFrame | None = None
