"""A raster of heights in any reference system -> heights on a metric grid that covers a site.

Nothing is filled in and nothing is guessed: a height that is missing, absurd or in feet stops the
reading, because a hole taken for flat ground would hide a hill that vehicles come down.
"""

import logging
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from pyproj.enums import TransformDirection
from pyproj.exceptions import CRSError, ProjError
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.windows import Window

from sbd.errors import ElevationError
from sbd.model.surface import Elevation

log = logging.getLogger(__name__)

FINEST_CELL_M = 1.0
# The Dead Sea and Everest, and some.
LOWEST_M, HIGHEST_M = -500.0, 9000.0
# Between neighbouring cells; no cliff in a town is higher, a broken cell may be.
HIGHEST_STEP_M = 50.0
# Ground has walls and cliffs, but not everywhere: where more of the steps than this are higher than
# a storey and steeper than 45 degrees, these are roofs and trees.
STOREY_M = 3.0
STEEP_SHARE = 0.03
MOST_CELLS = 16_000_000  # about 1.5 GB while they are read

FloatArray = NDArray[np.float64]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Nodes:
    """The points of the metric grid, and where in the raster they lie, in cells from its corner."""

    origin_m: tuple[float, float]
    cell_m: float
    column: FloatArray
    row: FloatArray


def read_elevation(path: Path, *, crs: pyproj.CRS, bounds: Bounds) -> Elevation:
    """Return the heights of the ground on a metric grid that covers `bounds`.

    Each height is bilinear between the four cells of the raster around it, at the raster's own
    resolution but no finer than 1 m; over the outer half cell the slope goes on. A coarse raster
    smooths short ramps: a steep piece shorter than a cell is not seen, which errs low where it
    leads down to the zone. Of several bands the first is taken, and `Elevation.source` says so.

    Parameters
    ----------
    path : Path
        GeoTIFF or any other raster that GDAL reads, in any reference system.
    crs : pyproj.CRS
        Metric system of the site.
    bounds : (x_min, y_min, x_max, y_max)
        What must be covered [m], in that system.

    Raises
    ------
    ElevationError
        No such file, no raster or a picture; no reference system; not covering the site; a hole
        in it; heights in feet, outside -500 to 9000 m, with steps over 50 m or of roofs and trees.
    """
    if not path.is_file():
        raise ElevationError(f"heights {path}: no such file; check the path")
    try:
        with rasterio.open(path) as raster:
            nodes = _nodes(raster, path, crs, bounds)
            height_m = _heights_m(raster, path, nodes, bounds)
            taken = f", band 1 of {raster.count}" if raster.count > 1 else ""
    except RasterioIOError as error:
        raise ElevationError(
            f"heights {path.name}: not a raster, or damaged ({_short(error)}); give a GeoTIFF"
        ) from error
    except RasterioError as error:
        raise ElevationError(f"heights {path.name}: can't be read ({_short(error)})") from error
    _check_steps(height_m, nodes.cell_m, path)
    if taken:
        log.warning("heights %s: %s", path.name, taken.removeprefix(", "))
    return Elevation(height_m, nodes.origin_m, nodes.cell_m, f"{path.name}{taken}")


def _nodes(raster: rasterio.DatasetReader, path: Path, crs: pyproj.CRS, bounds: Bounds) -> _Nodes:
    """Return the grid over the bounds; its far sides may lie up to a cell beyond them."""
    into = _into_raster(raster, path, crs)
    cell_m = max(FINEST_CELL_M, _own_cell_m(raster, into))
    x_min, y_min, x_max, y_max = bounds
    columns = math.ceil((x_max - x_min) / cell_m) + 1
    rows = math.ceil((y_max - y_min) / cell_m) + 1
    if columns * rows > MOST_CELLS:
        raise ElevationError(
            f"heights {path.name}: {columns} x {rows} cells of {cell_m:g} m over the site, more "
            f"than {MOST_CELLS}; give a smaller site or a coarser raster"
        )
    x, y = x_min + cell_m * np.arange(columns), y_min + cell_m * np.arange(rows)
    within = np.meshgrid(np.minimum(x, x_max), np.minimum(y, y_max))
    _check_cover(raster, path, *_raster_places(raster, into, *within), bounds)
    return _Nodes((x_min, y_min), cell_m, *_raster_places(raster, into, *np.meshgrid(x, y)))


def _into_raster(raster: rasterio.DatasetReader, path: Path, crs: pyproj.CRS) -> pyproj.Transformer:
    """Return what takes points of the site into the raster's system."""
    if raster.crs is None:
        raise ElevationError(
            f"heights {path.name}: no reference system is stated; write it into the file, for "
            "example with gdal_edit.py -a_srs EPSG:..."
        )
    try:
        own = pyproj.CRS.from_wkt(raster.crs.to_wkt())
        _check_vertical(own, path)
        return pyproj.Transformer.from_crs(crs, own.to_2d(), always_xy=True)
    except (CRSError, ProjError) as error:
        raise ElevationError(
            f"heights {path.name}: no way from {crs.to_string()} into its reference system "
            f"({_short(error)}); project the raster first"
        ) from error


def _check_vertical(system: pyproj.CRS, path: Path) -> None:
    for axis in system.axis_info[2:]:
        if axis.unit_conversion_factor != 1.0:
            raise _in_wrong_unit(path, axis.unit_name)


def _in_wrong_unit(path: Path, unit: str) -> ElevationError:
    return ElevationError(
        f"heights {path.name}: they count in {unit}, not in metres; convert them first, for "
        "example with gdal_calc.py"
    )


def _raster_places(
    raster: rasterio.DatasetReader, into: pyproj.Transformer, x: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return columns and rows, in cells from the raster's corner; inf where there is no way."""
    there_x, there_y = into.transform(x, y)
    a, b, c, d, e, f = (~raster.transform)[:6]
    return a * there_x + b * there_y + c, d * there_x + e * there_y + f


def _own_cell_m(raster: rasterio.DatasetReader, into: pyproj.Transformer) -> float:
    """Return the shorter side of a cell in the middle of the raster, on the ground of the site."""
    a, b, c, d, e, f = raster.transform[:6]
    column, row = raster.width / 2 + np.array([1, 0, 0]), raster.height / 2 + np.array([0, 0, 1])
    x, y = into.transform(
        a * column + b * row + c, d * column + e * row + f, direction=TransformDirection.INVERSE
    )
    with np.errstate(invalid="ignore"):
        sides = np.hypot(np.diff(x), np.diff(y))
    # Somewhere the systems have no common ground; the check of the cover says what that means.
    return float(sides.min()) if np.isfinite(sides).all() else FINEST_CELL_M


def _check_cover(
    raster: rasterio.DatasetReader,
    path: Path,
    column: FloatArray,
    row: FloatArray,
    bounds: Bounds,
) -> None:
    # A hundredth of a cell is what a round trip through another system may lose.
    inside = (np.abs(column - raster.width / 2) <= raster.width / 2 + 0.01) & (
        np.abs(row - raster.height / 2) <= raster.height / 2 + 0.01
    )
    if not inside.all():
        x_min, y_min, x_max, y_max = bounds
        share = math.floor(100.0 * inside.mean())
        raise ElevationError(
            f"heights {path.name}: they cover {share} % of the site, all of it is needed; give a "
            f"raster that reaches from {x_min:.0f}, {y_min:.0f} to {x_max:.0f}, {y_max:.0f} in the "
            "site's system, draw a smaller margin, or state the raster's own system right"
        )


def _heights_m(
    raster: rasterio.DatasetReader, path: Path, nodes: _Nodes, bounds: Bounds
) -> FloatArray:
    """Return the heights at the nodes, without holes and in metres."""
    unit = (raster.units[0] or "m").strip().lower()
    if unit not in ("m", "metre", "meter", "metres", "meters"):
        raise _in_wrong_unit(path, unit)
    if raster.count >= 3 and raster.colorinterp[0] is ColorInterp.red:
        raise ElevationError(
            f"heights {path.name}: a picture in colours, not heights; give a terrain model"
        )
    # Cells count from their middle.
    column, row = nodes.column - 0.5, nodes.row - 0.5
    left, wide = _span(column, raster.width)
    top, high = _span(row, raster.height)
    window = Window(left, top, wide, high)
    cells = raster.read(1, window=window, masked=True).astype(np.float64)
    cells = cells.filled(math.nan) * raster.scales[0] + raster.offsets[0]
    heights = _bilinear(cells, column - left, row - top)
    _check_holes(heights, path, nodes, bounds)
    for extreme in (float(heights.min()), float(heights.max())):
        if not LOWEST_M <= extreme <= HIGHEST_M:
            raise ElevationError(
                f"heights {path.name}: {extreme:g} m is outside {LOWEST_M:g} to {HIGHEST_M:g} m; "
                "state the raster's value for no data, or its unit"
            )
    return heights


def _span(place: FloatArray, count: int) -> tuple[int, int]:
    """Return the first cell that is needed and how many; two at least, if the raster has them."""
    first = min(max(math.floor(place.min()), 0), max(count - 2, 0))
    last = min(max(math.floor(place.max()) + 1, first + 1), count - 1)
    return first, last - first + 1


def _bilinear(cells: FloatArray, column: FloatArray, row: FloatArray) -> FloatArray:
    """Return the values between the middles of four cells each; NaN where one that counts is.

    Past the outer middles the slope of the last two cells goes on.
    """
    left = np.clip(np.floor(column).astype(np.int64), 0, max(cells.shape[1] - 2, 0))
    top = np.clip(np.floor(row).astype(np.int64), 0, max(cells.shape[0] - 2, 0))
    right = np.minimum(left + 1, cells.shape[1] - 1)
    bottom = np.minimum(top + 1, cells.shape[0] - 1)
    u, v = column - left, row - top
    value = np.zeros_like(column)
    for at_row, at_column, weight in (
        (top, left, (1 - u) * (1 - v)),
        (top, right, u * (1 - v)),
        (bottom, left, (1 - u) * v),
        (bottom, right, u * v),
    ):
        # A hole beside a node that lies on a cell's middle is no hole in what is asked.
        value += np.where(weight != 0.0, weight * cells[at_row, at_column], 0.0)
    return value


def _check_holes(heights: FloatArray, path: Path, nodes: _Nodes, bounds: Bounds) -> None:
    hole = ~np.isfinite(heights)
    if hole.any():
        row, column = np.argwhere(hole)[0]
        x = min(nodes.origin_m[0] + nodes.cell_m * column, bounds[2])
        y = min(nodes.origin_m[1] + nodes.cell_m * row, bounds[3])
        area_m2 = int(hole.sum()) * nodes.cell_m**2
        raise ElevationError(
            f"heights {path.name}: no data on {area_m2:.0f} m2 of the site, the first at "
            f"{x:.0f}, {y:.0f} in the site's system; fill the holes, for example with "
            "gdal_fillnodata.py, or draw a smaller margin"
        )


def _check_steps(height_m: FloatArray, cell_m: float, path: Path) -> None:
    steps = [np.abs(np.diff(height_m, axis=axis)) for axis in (0, 1)]
    highest = max((float(step.max()) for step in steps if step.size), default=0.0)
    if highest > HIGHEST_STEP_M:
        raise ElevationError(
            f"heights {path.name}: a step of {highest:.0f} m between neighbouring cells, at most "
            f"{HIGHEST_STEP_M:.0f} m; mend the broken cells, or state their value for no data"
        )
    high_m = max(STOREY_M, cell_m)
    steep = max((float((step > high_m).mean()) for step in steps if step.size), default=0.0)
    if steep > STEEP_SHARE:
        raise ElevationError(
            f"heights {path.name}: {100 * steep:.0f} % of its steps are higher than {high_m:g} m, "
            f"at most {100 * STEEP_SHARE:.0f} %: roofs and trees; give a model of the bare ground "
            "(DTM)"
        )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
