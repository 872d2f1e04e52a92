"""Features and zone in, demands out: the doors that a fire engine must be able to reach."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.site.features import is_one_of, is_point, tag
from sbd.site.solids import building_outlines

# Facades stand back from the outline of a square, and both are drawn by hand.
DOOR_REACH_M = 12.0
FACADE_REACH_M = 1.0
MAIN_DOORS = ("main", "yes", "main_entrance", "staircase", "home")


def demand_table(features: gpd.GeoDataFrame, zone: Polygon | MultiPolygon) -> gpd.GeoDataFrame:
    """Return the doors in the zone or at its edge (12 m): `tables.DEMANDS`.

    Service, emergency and garage doors are left out. A door is named by itself, its building or
    its address; buildings without a mapped door raise no demand, the data report counts them.
    """
    doors = features[is_one_of(features, "entrance", MAIN_DOORS) & is_point(features)]
    # A main door is main on any floor that has a street in front of it; -1 has none.
    doors = doors[~tag(doors, "level").str.startswith("-").to_numpy(dtype=bool)]
    doors = doors[shapely.dwithin(doors.geometry.to_numpy(), zone, DOOR_REACH_M)]
    houses = features[building_outlines(features)]
    # The way down to a station is an entrance too, but no house behind it can burn.
    row, house = shapely.STRtree(houses.geometry.to_numpy()).query_nearest(
        doors.geometry.to_numpy(), max_distance=FACADE_REACH_M, all_matches=False
    )
    doors = doors.iloc[row]
    return gpd.GeoDataFrame(
        {
            "demand_id": doors["osm_id"].astype(object),
            "name": _door_names(doors, houses.iloc[house]),
        },
        geometry=doors.geometry,
        crs=features.crs,
    ).reset_index(drop=True)


def _door_names(doors: gpd.GeoDataFrame, houses: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return what to call each door; `houses` holds the building of each."""
    names = np.full(len(doors), "", dtype=object)
    for text in (tag(doors, "name"), tag(houses, "name"), _address(doors), _address(houses)):
        names = np.where(names == "", text.to_numpy(), names)
    return np.where(names == "", "door " + doors["osm_id"].astype(object), names)


def _address(features: gpd.GeoDataFrame) -> pd.Series:
    street, house = tag(features, "addr:street"), tag(features, "addr:housenumber")
    both = [f"{name} {of}".strip() if of else "" for name, of in zip(street, house, strict=True)]
    return pd.Series(both, features.index, dtype=object)
