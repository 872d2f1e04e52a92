"""Shapes in, shapes of one dimension out: what overlays leave behind, made usable."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

# Coordinates are kept to a millimetre: overlays on one grid leave no cracks.
GRID_M = 0.001

# Below a sheet of paper: what is smaller came from rounding, not from a surveyor.
SLIVER_M2 = 0.05

Shapes = NDArray[np.object_]


def only_polygons(shapes: Shapes, *, at_least_m2: float = SLIVER_M2) -> Shapes:
    """Return the polygonal part of each shape, without slivers; empty where nothing is left."""
    return _collected(shapes, dimension=2, keep_from=at_least_m2)


def only_lines(shapes: Shapes, *, at_least_m: float = 0.01) -> Shapes:
    """Return the linear part of each shape, without crumbs; empty where nothing is left."""
    return _collected(shapes, dimension=1, keep_from=at_least_m)


def on_grid(shapes: Shapes) -> Shapes:
    """Return polygons with every corner on the millimetre grid, so that overlays keep them."""
    return only_polygons(shapely.set_precision(shapes, GRID_M))


def merged(shapes: Shapes) -> Polygon | MultiPolygon:
    """Return the union of polygons on the millimetre grid."""
    return shapely.union_all(shapes, grid_size=GRID_M)


def without(shape: Polygon | MultiPolygon, taken: Polygon | MultiPolygon) -> MultiPolygon:
    """Return a polygon less another on the millimetre grid, slivers dropped."""
    rest = shapely.difference(shape, taken, grid_size=GRID_M)
    return only_polygons(np.array([rest], dtype=object))[0]


def within(shape: Polygon | MultiPolygon, area: Polygon | MultiPolygon) -> MultiPolygon:
    """Return the part of a polygon inside another on the millimetre grid, slivers dropped."""
    rest = shapely.intersection(shape, area, grid_size=GRID_M)
    return only_polygons(np.array([rest], dtype=object))[0]


def _collected(shapes: Shapes, *, dimension: int, keep_from: float) -> Shapes:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    size = shapely.area(parts) if dimension == 2 else shapely.length(parts)
    keep = (shapely.get_dimensions(parts) == dimension) & (size >= keep_from)
    gather, nothing = (
        (shapely.multipolygons, MultiPolygon())
        if dimension == 2
        else (shapely.multilinestrings, shapely.MultiLineString())
    )
    out = np.full(len(shapes), nothing, dtype=object)
    if keep.any():
        owners = np.unique(owner[keep])
        packed = np.searchsorted(owners, owner[keep])
        out[owners] = gather(parts[keep], indices=packed)
    return out
