"""CSV with a place in each row -> a table of shapes in longitude and latitude."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sbd.errors import InputError
from sbd.geometry.crs import WGS84

CSV_ENDING = ".csv"

_PLACES = (("longitude", "latitude"), ("lon", "lat"))
_SHAPE = "wkt"


def read_places(path: Path) -> gpd.GeoDataFrame:
    """Return a CSV as shapes in longitude and latitude; a row without a place has no shape.

    Columns `longitude` and `latitude` (or `lon` and `lat`) hold points; a column `wkt` holds any
    shape as well-known text. Comma or semicolon separates. Everything else stays text.

    Raises InputError where the file can't be read or has no such columns, or a row no such figures.
    """
    table = _read(path)
    for pair in _PLACES:
        if set(pair) <= set(table.columns):
            degrees = [_degrees(path, table[name]) for name in pair]
            shapes = shapely.points(*degrees).astype(object)
            shapes[np.isnan(degrees[0]) | np.isnan(degrees[1])] = None
            return _as_layer(table.drop(columns=list(pair)), shapes)
    if _SHAPE in table:
        return _as_layer(table.drop(columns=_SHAPE), _shapes(path, table[_SHAPE]))
    raise InputError(
        f"{path}: it says of no row where it is; give columns longitude and latitude, or wkt"
    )


def _read(path: Path) -> pd.DataFrame:
    try:
        text = path.read_text(encoding="utf-8-sig")
        head = text.split("\n", 1)[0]
        table = pd.read_csv(
            path,
            sep=";" if head.count(";") > head.count(",") else ",",
            dtype=str,
            encoding="utf-8-sig",
            skipinitialspace=True,
        )
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = " ".join(str(error).split())[:160]
        raise InputError(f"{path}: can't be read as CSV ({reason}); save it as UTF-8") from error
    return table.rename(columns=lambda name: str(name).strip())


def _degrees(path: Path, column: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    numbers = pd.to_numeric(column.str.replace(",", "."), errors="coerce")
    wrong = column.notna() & numbers.isna()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(f"{path}: {column.name} {column.iloc[row]!r} is no number (row {row})")
    return numbers.to_numpy(dtype=np.float64)


def _shapes(path: Path, column: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    texts = column.to_numpy(dtype=object)
    missing = column.isna().to_numpy()
    shapes = np.full(len(texts), None, dtype=object)
    shapes[~missing] = shapely.from_wkt(texts[~missing], on_invalid="ignore")
    wrong = shapely.is_missing(shapes) & ~missing
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(f"{path}: wkt {str(texts[row])[:60]!r} is no shape (row {row})")
    return shapes


def _as_layer(
    table: pd.DataFrame, shapes: np.ndarray[tuple[int], np.dtype[np.object_]]
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(table, geometry=shapes, crs=WGS84)
