"""Any file of shapes -> a table, and whether its coordinates fit the system that it states."""

import math
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

from sbd.errors import InputError

_FAULTS = (
    DataSourceError,
    DataLayerError,
    FieldError,
    GeometryError,
    shapely.errors.GEOSException,
    UnicodeDecodeError,
)


def layer_names(path: Path) -> list[str]:
    """Return the names of the layers in a file.

    Raises InputError where there is no such file, it is empty, or it holds no shapes.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    try:
        if path.stat().st_size == 0:
            raise InputError(f"{path}: the file is empty (0 bytes); write it again")
        return [str(name) for name, _ in pyogrio.list_layers(path)]
    except (*_FAULTS, OSError) as error:
        raise InputError(f"{path}: not a file of shapes, or damaged ({_short(error)})") from error


def read_table(path: Path, layer: str | None = None) -> pd.DataFrame:
    """Return a layer, as a GeoDataFrame where it has shapes; broken shapes come as None.

    Raises InputError where it can't be read.
    """
    try:
        table: pd.DataFrame = pyogrio.read_dataframe(path, layer=layer, on_invalid="ignore")
    except (*_FAULTS, OSError) as error:
        raise InputError(f"{path}: can't be read ({_short(error)})") from error
    return table


def system_fault(table: gpd.GeoDataFrame) -> str | None:
    """Return what is wrong with the reference system of a layer, or None.

    Degrees in a system of metres and metres in one of degrees are told by the coordinates. A site
    within 180 by 90 metres of the origin of its own system would be refused too: none is known.
    """
    if table.crs is None:
        return "no reference system is stated; set one, for example EPSG:4326"
    if table.empty or not all(map(math.isfinite, table.total_bounds)):
        return None
    west, south, east, north = table.total_bounds
    on_globe = max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90
    place = f"coordinates {west:.4f}, {south:.4f} to {east:.4f}, {north:.4f}"
    system = table.crs.to_string() if table.crs.to_epsg() else table.crs.name
    if table.crs.is_geographic and not on_globe:
        return f"{place} are no degrees, but {system} is stated; state the system they are in"
    if not table.crs.is_geographic and on_globe:
        return f"{place} look like degrees, but {system} counts in metres; state EPSG:4326"
    return None


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
