"""Points along an outline in, the pieces of outline that they stand for out."""

import geopandas as gpd
import numpy as np
import shapely

from sbd.export.looks import speed_class

# Points farther apart than this many usual steps belong to two outlines, or to two ends of one.
BREAK_STEPS = 2.5


def pieces(edge: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the points of one vehicle as short lines, half way to each neighbour.

    Parameters
    ----------
    edge : GeoDataFrame
        Rows of `tables.PERIMETER` of one vehicle, in the order of the outline. Several outlines
        may follow each other.

    Returns
    -------
    GeoDataFrame
        The same rows as lines; a point with no neighbour near gives no piece.
    """
    if len(edge) < 2:
        return edge.iloc[:0]
    points = shapely.get_coordinates(edge.geometry.to_numpy())
    before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
    reach = BREAK_STEPS * np.median(np.hypot(*(points[1:] - points[:-1]).T))
    near_before = np.hypot(*(points - before).T) <= reach
    near_after = np.hypot(*(points - after).T) <= reach
    start = np.where(near_before[:, None], (points + before) / 2, points)
    end = np.where(near_after[:, None], (points + after) / 2, points)
    lines = shapely.linestrings(np.stack([start, points, end], axis=1))
    shown = edge.set_geometry(gpd.GeoSeries(lines, index=edge.index, crs=edge.crs))
    return shown[near_before | near_after]


def stretches(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the pieces of one vehicle that touch and have one speed class; the slow ones first.

    Returns
    -------
    GeoDataFrame
        `speed_class` (`looks.speed_class`) and the stretch; the fast ones come last and lie on top.
    """
    classes = speed_class(lines["speed_kmh"])
    joined = {
        int(number): shapely.line_merge(shapely.union_all(lines.geometry[classes == number]))
        for number in np.unique(classes)
    }
    return gpd.GeoDataFrame(
        {"speed_class": list(joined)}, geometry=list(joined.values()), crs=lines.crs
    )
