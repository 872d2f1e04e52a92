"""A layer in metres in, GeoJSON features in longitude and latitude out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sbd.export.jsontext import plain
from sbd.geometry.crs import WGS84


def features(
    layer: gpd.GeoDataFrame,
    *,
    decimals: int,
    columns: Iterable[str] = (),
    id_column: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield one GeoJSON feature a row.

    Coordinates are longitude, latitude in WGS 84, rounded to `decimals`; outlines run
    counter-clockwise and holes clockwise (RFC 7946, 3.1.6). Numbers that are not finite are null.
    """
    names = list(columns)
    shapes = to_wgs84(layer, decimals=decimals)
    ids = layer[id_column] if id_column else [None] * len(layer)
    rows = pd.DataFrame(layer)[names].itertuples(index=False, name=None)
    for shape, row_id, row in zip(shapes, ids, rows, strict=True):
        head: dict[str, Any] = {"type": "Feature"}
        if row_id is not None:
            head["id"] = row_id
        yield {
            **head,
            "geometry": as_geometry(shape),
            "properties": dict(zip(names, map(plain, row), strict=True)),
        }


def to_wgs84(layer: gpd.GeoDataFrame, *, decimals: int) -> NDArray[np.object_]:
    """Return the shapes of a layer in WGS 84, rounded, outlines counter-clockwise."""
    if layer.empty:
        return np.empty(0, dtype=object)
    shapes = shapely.force_2d(layer.geometry.to_crs(WGS84).to_numpy())
    rounded = shapely.transform(shapes, lambda degrees: np.round(degrees, decimals))
    return np.asarray(shapely.orient_polygons(rounded, exterior_cw=False))


def as_geometry(shape: shapely.Geometry) -> dict[str, Any]:
    """Return the geometry object of one shape."""
    mapping: Mapping[str, Any] = shapely.geometry.mapping(shape)
    return {"type": mapping["type"], "coordinates": mapping["coordinates"]}
