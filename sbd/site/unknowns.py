"""Site geometry in, what the data does not say out: missing run-up, ground without a feature."""

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.ndimage
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon

from sbd.site.features import is_one_of

COMPASS = (
    "east",
    "north-east",
    "north",
    "north-west",
    "west",
    "south-west",
    "south",
    "south-east",
)

# The rim counts as the data's edge where it lies nearer to the zone than nearly all the margin.
EDGE_SHARE = 0.98

GRID_STEP_M = 10.0
EMPTY_REACH_M = 30.0
EMPTY_FROM_M2 = 4000.0


def missing_run_up(
    study: Polygon | MultiPolygon, zone: Polygon | MultiPolygon, *, margin_m: float
) -> pd.DataFrame:
    """Return where the data ends short of the asked margin, by side of the zone.

    Columns `side` and `distance_m` (from the zone to the edge of the data, the shortest there).
    """
    core = shapely.buffer(zone, EDGE_SHARE * margin_m)
    edge = shapely.intersection(shapely.boundary(study), core)
    line = shapely.segmentize(edge, 5.0)
    corners = shapely.points(shapely.get_coordinates(line))
    distance = shapely.distance(corners, zone)
    table = pd.DataFrame({"side": sides_of(corners, zone.centroid), "distance_m": distance})
    nearest = table.groupby("side")["distance_m"].min().reset_index()
    return nearest.sort_values(["distance_m", "side"], ignore_index=True)


def sides_of(points: NDArray[np.object_], center: Point) -> NDArray[np.object_]:
    """Return the compass side of each point as seen from a centre.

    >>> sides_of(np.array([Point(1.0, 1.0), Point(0.0, -5.0)]), Point(0.0, 0.0)).tolist()
    ['north-east', 'south']
    """
    angle = np.arctan2(shapely.get_y(points) - center.y, shapely.get_x(points) - center.x)
    sector = np.round(angle / (np.pi / 4)).astype(int) % 8
    names: NDArray[np.object_] = np.array(COMPASS, dtype=object)[sector]
    return names


def empty_ground(
    ground: MultiPolygon, features: gpd.GeoDataFrame, zone: Polygon | MultiPolygon
) -> pd.DataFrame:
    """Return the stretches of ground further than 30 m from any mapped object.

    They count as drivable, the worse case; a lake that is missing in the data looks like this.
    Columns `side`, `distance_m` (from the zone), `area_m2` (counted on a 10 m grid). Areas that
    only name or zone the land (land use, places, boundaries) are no objects.
    """
    columns, rows, points = _grid(ground)
    inside = np.zeros(len(points), dtype=bool)
    inside[shapely.STRtree(points).query(ground, predicate="contains")] = True
    objects = features[~_only_names_land(features)].geometry.to_numpy()
    near = shapely.STRtree(objects).query(points[inside], "dwithin", distance=EMPTY_REACH_M)[0]
    bare = inside.copy()
    bare[np.flatnonzero(inside)[np.unique(near)]] = False
    label, count = scipy.ndimage.label(bare.reshape(rows, columns), structure=np.ones((3, 3)))
    groups = label.ravel()
    found = [points[groups == number] for number in range(1, count + 1)]
    large = [spots for spots in found if len(spots) * GRID_STEP_M**2 >= EMPTY_FROM_M2]
    middles = np.array([shapely.MultiPoint(list(spots)).centroid for spots in large], dtype=object)
    return pd.DataFrame(
        {
            "side": sides_of(middles, zone.centroid) if len(middles) else [],
            "distance_m": [float(shapely.distance(spots, zone).min()) for spots in large],
            "area_m2": [len(spots) * GRID_STEP_M**2 for spots in large],
        }
    )


def _grid(ground: MultiPolygon) -> tuple[int, int, NDArray[np.object_]]:
    west, south, east, north = ground.bounds
    x = np.arange(west + GRID_STEP_M / 2, east, GRID_STEP_M)
    y = np.arange(south + GRID_STEP_M / 2, north, GRID_STEP_M)
    return len(x), len(y), np.asarray(shapely.points(*[c.ravel() for c in np.meshgrid(x, y)]))


def _only_names_land(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    kinds = (
        "building",
        "highway",
        "leisure",
        "natural",
        "amenity",
        "man_made",
        "railway",
        "barrier",
    )
    silent = np.ones(len(features), dtype=bool)
    for key in kinds:
        silent &= is_one_of(features, key, ("",))
    # A lake's name, an islet or a ferry line does not say what is there to drive on.
    return (
        silent
        | is_one_of(features, "natural", ("bay", "strait"))
        | is_one_of(features, "route", ("ferry",))
    )
