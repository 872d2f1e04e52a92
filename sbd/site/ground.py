"""Study area and solids in, ground out: where vehicles can be, and what it is paved with."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.site.features import at_ground, is_area, is_one_of, tag
from sbd.site.shapes import Shapes, merged, only_polygons, without

# Unpaved areas that state no surface.
SURFACE_OF: dict[str, dict[str, str]] = {
    "landuse": {"grass": "grass", "village_green": "grass", "meadow": "grass", "forest": "ground"},
    "natural": {"grassland": "grass", "sand": "sand", "beach": "sand", "wood": "ground"},
    "leisure": {"garden": "grass", "park": "grass"},
}


def free_ground(study: Polygon | MultiPolygon, solids: Shapes) -> MultiPolygon:
    """Return the study area less everything solid, on the millimetre grid, without slivers.

    Courtyards stay ground: whether a vehicle gets in is for the next stages to find out.

    >>> study = shapely.box(0.0, 0.0, 10.0, 10.0)
    >>> free_ground(study, np.array([shapely.box(2.0, 2.0, 4.0, 4.0)], dtype=object)).area
    96.0
    """
    return without(study, merged(solids)) if len(solids) else without(study, Polygon())


def surface_table(features: gpd.GeoDataFrame, study: Polygon | MultiPolygon) -> gpd.GeoDataFrame:
    """Return the areas whose surface is stated, or unpaved by their kind: `tables.GROUND`.

    Parks and gardens count as grass, less the squares, car parks and paths mapped as areas in them:
    what these are paved with, they say themselves or nobody knows.
    """
    surface = tag(features, "surface")
    stated = (surface != "").to_numpy()
    for key, surfaces in SURFACE_OF.items():
        implied = tag(features, key).map(surfaces).fillna("")
        surface = surface.where(surface != "", implied)
    area = (
        (surface != "").to_numpy()
        & is_area(features)
        & at_ground(features)
        & is_one_of(features, "building", ("", "no"))
    )
    found = features[area]
    shapes = shapely.intersection(found.geometry.to_numpy(), study)
    trodden = shapely.union_all(features[_is_for_traffic(features)].geometry.to_numpy())
    shapes = only_polygons(np.where(stated[area], shapes, shapely.difference(shapes, trodden)))
    table = gpd.GeoDataFrame(
        {"ground_id": found["osm_id"].astype(object), "surface": surface[area]},
        geometry=gpd.GeoSeries(shapes, found.index, crs=features.crs),
        crs=features.crs,
    )
    return table[~shapely.is_empty(shapes)].reset_index(drop=True)


def _is_for_traffic(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    ground = is_area(features) & at_ground(features)
    return ground & (
        ~is_one_of(features, "highway", ("",))
        | ~is_one_of(features, "area:highway", ("",))
        | is_one_of(features, "amenity", ("parking", "marketplace"))
        | is_one_of(features, "place", ("square",))
    )


def component_of(ground: MultiPolygon, shapes: Shapes, *, reach_m: float = 0.0) -> Shapes:
    """Return the connected pieces of the ground that come within reach of any of the shapes."""
    pieces = shapely.get_parts(ground)
    if not len(pieces) or not len(shapes):
        return np.array([], dtype=object)
    rows, _ = shapely.STRtree(shapes).query(pieces, predicate="dwithin", distance=reach_m)
    found: Shapes = pieces[np.unique(rows)]
    return found
