"""Site in, what its ground is paved with out: areas and the carriageways of streets."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sbd.model import tables
from sbd.model.site import Site
from sbd.site.shapes import GRID_M, only_polygons


def paving_table(site: Site) -> gpd.GeoDataFrame:
    """Return the surfaces of a site (`tables.GROUND`): its ground, and its carriageways.

    A carriageway is the street's line widened by `width_m` with round ends. Those of unknown
    surface are in the table too, with an empty `surface`: a path across a lawn need not be grass.
    Rows overlap; the grippiest of those on a spot counts, and unknown is the grippiest.
    """
    streets = site.streets
    surface = streets["surface"].fillna("") if "surface" in streets else ""
    strips = shapely.intersection(
        shapely.buffer(
            streets.geometry.to_numpy(), streets["width_m"].to_numpy(dtype=float) / 2, quad_segs=4
        ),
        site.study_shape,
        grid_size=GRID_M,
    )
    shapes = only_polygons(np.asarray(strips, dtype=object))
    paved = gpd.GeoDataFrame(
        {"ground_id": streets["street_id"].astype(object), "surface": surface},
        geometry=gpd.GeoSeries(shapes, streets.index, crs=site.crs),
        crs=site.crs,
    )
    ground = site.ground[["ground_id", "surface", "geometry"]]
    # A square that is mapped as an area and as a street has one id in both layers.
    paved = paved[~shapely.is_empty(shapes) & ~paved["ground_id"].isin(ground["ground_id"])]
    both = [layer for layer in (ground, paved) if len(layer)]
    if not both:
        return tables.empty_layer(tables.GROUND, site.crs)
    return tables.check_table(pd.concat(both, ignore_index=True), tables.GROUND, "paving")
