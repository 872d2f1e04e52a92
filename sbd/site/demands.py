"""Features and zone in, demands out: the doors that a fire engine must be able to reach."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon

from sbd.site.features import dimension, is_one_of, tag
from sbd.site.solids import building_outlines

# Facades stand back from the outline of a square, and both are drawn by hand.
DOOR_REACH_M = 12.0
MAIN_DOORS = ("main", "yes", "main_entrance", "staircase", "home")


def demand_table(features: gpd.GeoDataFrame, zone: Polygon | MultiPolygon) -> gpd.GeoDataFrame:
    """Return the doors in the zone or at its edge (12 m): `tables.DEMANDS`.

    Service, emergency and garage doors are left out. A door is named by itself, its building or
    its address; buildings without a mapped door raise no demand, the data report counts them.
    """
    doors = features[is_one_of(features, "entrance", MAIN_DOORS) & (dimension(features) == 0)]
    # A main door is main on any floor that has a street in front of it; -1 has none.
    doors = doors[~tag(doors, "level").str.startswith("-").to_numpy(dtype=bool)]
    near = shapely.dwithin(doors.geometry.to_numpy(), zone, DOOR_REACH_M)
    doors = doors[near]
    return gpd.GeoDataFrame(
        {"demand_id": doors["osm_id"].astype(object), "name": _door_names(doors, features)},
        geometry=doors.geometry,
        crs=features.crs,
    ).reset_index(drop=True)


def _door_names(doors: gpd.GeoDataFrame, features: gpd.GeoDataFrame) -> pd.Series:
    own = tag(doors, "name")
    address = _address(doors)
    houses = features[building_outlines(features)]
    of_house = pd.Series("", index=doors.index, dtype=object)
    door, house = shapely.STRtree(houses.geometry.to_numpy()).query_nearest(
        doors.geometry.to_numpy(), max_distance=1.0, all_matches=False
    )
    known = tag(houses, "name").where(tag(houses, "name") != "", _address(houses))
    of_house.iloc[door] = known.to_numpy()[house]
    name = own.where(own != "", of_house)
    name = name.where(name != "", address)
    return name.where(name != "", "door " + doors["osm_id"].astype(object))


def _address(features: gpd.GeoDataFrame) -> pd.Series:
    street, house = tag(features, "addr:street"), tag(features, "addr:housenumber")
    return pd.Series(np.where(house != "", street + " " + house, ""), features.index).str.strip()
