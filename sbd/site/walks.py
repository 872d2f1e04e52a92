"""Ways and features in, lines that people walk or cycle along out."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sbd.site.features import at_ground, is_one_of, is_point
from sbd.site.streets import CARRIAGEWAYS

ON_FOOT = ("footway", "living_street", "path", "pedestrian", "steps")
SHARED_BY_TAG = ("cycleway", "service", "track", "bridleway")
CYCLED_BY_TAG = ("bridleway", "footway", "path", "pedestrian", "service", "track")
ALLOWED = ("designated", "official", "permissive", "yes")
MEANT = ("designated", "official")
SHUT = ("no", "private")

# A crossing reaches from kerb to kerb, and this far on to the pavement at either end.
PAVEMENT_M = 3.0
NODE_REACH_M = 1.0


def walking_lines(ways: gpd.GeoDataFrame, features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the lines of people on foot and on bicycles: `osm_id`, `kind`, `name`.

    On foot: footways, crossings, pedestrian and living streets, paths, steps, and what is signed
    for people on foot. By bicycle: cycleways and what is signed for bicycles. A way for both is
    there twice. A crossing that is only a node in the road becomes a line across its carriageway.
    Streets with a pavement of their own tag but no line of it are not followed: nobody knows where
    beside the carriageway it runs.
    """
    level = ways[~ways["rail"].to_numpy(dtype=bool) & ~ways["above"].to_numpy(dtype=bool)]
    lines = pd.concat(
        [
            _lines(level[_is_walked(level)], "foot"),
            _lines(level[_is_cycled(level)], "cycle"),
        ],
        ignore_index=True,
    )
    crossings = _crossing_nodes(features, level, lines)
    return pd.concat([lines, crossings], ignore_index=True) if len(crossings) else lines


def _is_walked(ways: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    highway = ways["highway"]
    shut = is_one_of(ways, "access", SHUT) & ~is_one_of(ways, "foot", ALLOWED)
    known = highway.isin(ON_FOOT).to_numpy()
    signed = highway.isin(SHARED_BY_TAG).to_numpy() & (
        is_one_of(ways, "foot", MEANT) | (highway == "cycleway") & is_one_of(ways, "foot", ALLOWED)
    )
    return np.asarray((known | signed) & ~shut & ~is_one_of(ways, "foot", SHUT))


def _is_cycled(ways: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    highway = ways["highway"]
    shut = is_one_of(ways, "access", SHUT) & ~is_one_of(ways, "bicycle", ALLOWED)
    path = (highway == "path").to_numpy() & is_one_of(ways, "bicycle", ALLOWED)
    signed = highway.isin(CYCLED_BY_TAG).to_numpy() & is_one_of(ways, "bicycle", MEANT)
    known = (highway == "cycleway").to_numpy()
    return np.asarray((known | path | signed) & ~shut & ~is_one_of(ways, "bicycle", SHUT))


def _lines(ways: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    crossing = is_one_of(ways, "footway", ("crossing",)) | is_one_of(ways, "path", ("crossing",))
    fallback = np.where(crossing, "crossing", ways["highway"].astype(object))
    return gpd.GeoDataFrame(
        {
            "osm_id": ways["osm_id"].astype(object),
            "kind": kind,
            "name": np.where(ways["name"] != "", ways["name"], fallback),
        },
        geometry=ways.geometry,
        crs=ways.crs,
    )


def _crossing_nodes(
    features: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, lines: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return lines across the road at crossings through which no footway is drawn."""
    marked = is_one_of(features, "highway", ("crossing",)) & is_point(features)
    unmarked = is_one_of(features, "crossing", ("no",))
    nodes = features[marked & at_ground(features) & ~unmarked]
    drawn, _ = shapely.STRtree(lines.geometry.to_numpy()).query(
        nodes.geometry.to_numpy(), predicate="dwithin", distance=NODE_REACH_M
    )
    nodes = nodes.drop(nodes.index[np.unique(drawn)])
    roads = ways[ways["highway"].str.removesuffix("_link").isin(CARRIAGEWAYS).to_numpy()]
    row, road = shapely.STRtree(roads.geometry.to_numpy()).query_nearest(
        nodes.geometry.to_numpy(), max_distance=NODE_REACH_M, all_matches=False
    )
    width = roads["width_m"].to_numpy(dtype=float)[road]
    return gpd.GeoDataFrame(
        {
            "osm_id": nodes["osm_id"].to_numpy(dtype=object)[row],
            "kind": "foot",
            "name": ("crossing " + roads["name"].astype(object)).str.strip().to_numpy()[road],
        },
        geometry=_across(
            roads.geometry.to_numpy()[road],
            nodes.geometry.to_numpy()[row],
            half_m=width / 2 + PAVEMENT_M,
        ),
        crs=features.crs,
    )


def _across(
    roads: NDArray[np.object_], points: NDArray[np.object_], *, half_m: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return lines square to each road at a point on it, so far to either side."""
    length = shapely.length(roads)
    at = shapely.line_locate_point(roads, points)
    before = shapely.line_interpolate_point(roads, np.maximum(at - 1.0, 0.0))
    after = shapely.line_interpolate_point(roads, np.minimum(at + 1.0, length))
    along = shapely.get_coordinates(after) - shapely.get_coordinates(before)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    square = np.column_stack([-along[:, 1], along[:, 0]]) * half_m[:, None]
    middle = shapely.get_coordinates(points)
    return np.asarray(shapely.linestrings(np.stack([middle - square, middle + square], axis=1)))
