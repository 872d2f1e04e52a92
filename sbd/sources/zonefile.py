"""File with a drawn zone -> one polygon that can be protected."""

from pathlib import Path

import geopandas as gpd
import pyproj
import shapely
from shapely import MultiPolygon, Polygon

from sbd.errors import CrsError, InputError, ZoneError
from sbd.geometry.outlines import outline_fault
from sbd.sources.vectorfile import layer_names, read_table, system_fault

LAYER = "zone"


def read_zone(path: Path) -> gpd.GeoDataFrame:
    """Return the zone in a file: one row with `zone_id`, `name` and a polygon.

    Several polygons count as one zone. The reference system stays the one of the file.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage, or any other file of shapes; with several layers, the one named
        "zone".

    Raises
    ------
    ZoneError
        No file, no polygon, no area, or an outline that crosses itself, with the place where.
    CrsError
        No reference system, or coordinates that contradict it.
    """
    table = _read(path)
    if not isinstance(table, gpd.GeoDataFrame):
        raise ZoneError(f"zone {path}: the file holds no shapes; draw a polygon to protect")
    shapes = shapely.force_2d(table.geometry.to_numpy())
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    if not len(shapes):
        raise ZoneError(f"zone {path}: it is empty; draw a polygon to protect")
    for row, shape in enumerate(shapes):
        _require_polygon(path, row, shape)
    fault = system_fault(table)
    if fault is not None:
        raise CrsError(f"zone {path}: {fault}")
    names = [str(name) for name in table.get("name", ()) if isinstance(name, str) and name]
    return gpd.GeoDataFrame(
        {"zone_id": ["zone"], "name": [", ".join(dict.fromkeys(names))]},
        geometry=[shapely.union_all(shapes)],
        crs=pyproj.CRS(table.crs).to_2d(),
    )


def _read(path: Path) -> object:
    try:
        names = layer_names(path)
        if len(names) > 1 and LAYER not in names:
            raise ZoneError(
                f"zone {path}: {len(names)} layers ({', '.join(names)}); name one of them {LAYER!r}"
            )
        return read_table(path, LAYER if LAYER in names else None)
    except ZoneError:
        raise
    except InputError as error:
        raise ZoneError(f"zone {error}; give a GeoJSON or GeoPackage with a polygon") from error


def _require_polygon(path: Path, row: int, shape: shapely.Geometry) -> None:
    if not isinstance(shape, Polygon | MultiPolygon):
        raise ZoneError(f"zone {path}: row {row} is a {shape.geom_type}; draw a polygon")
    if fault := outline_fault(shape):
        raise ZoneError(f"zone {path}: row {row}: {fault}")
