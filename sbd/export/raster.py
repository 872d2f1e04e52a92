"""Speed field in, one speed a cell out: as GeoTIFF for a GIS and as picture for the map."""

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.image
import numpy as np
import pyproj
import rasterio
from matplotlib.colors import to_rgba_array
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import array_bounds
from rasterio.warp import Resampling, calculate_default_transform, reproject

from sbd.export.atomic import whole_file
from sbd.export.looks import SPEED_STEPS_KMH, class_colour, speed_class
from sbd.geometry.crs import WGS84
from sbd.model.speed_field import Bound, SpeedField
from sbd.units import KMH_PER_MPS

NODATA = -1.0

# What web maps are drawn in; a picture laid over one must be in it, or it lies beside the streets.
WEB_MERCATOR = "EPSG:3857"


@dataclass(frozen=True, slots=True)
class MapImage:
    """A picture to lay over a web map.

    Parameters
    ----------
    data_uri : str
        The PNG itself; transparent where the vehicle can't be.
    bounds_deg : ((south, west), (north, east))
        Latitude and longitude of its corners.
    """

    data_uri: str
    bounds_deg: tuple[tuple[float, float], tuple[float, float]]


def cell_speeds_kmh(field: SpeedField) -> NDArray[np.float32]:
    """Return the highest speed over all headings at each cell, north up.

    Returns
    -------
    (rows, columns) array
        Speed [km/h]; `NODATA` where the vehicle can't be, 0 where it can but none arrives.
    """
    # The speed grows with the run-up, so the longest run-up is the fastest.
    longest = field.label.max(axis=1)
    speed = field.speed_of_label_mps[longest] * KMH_PER_MPS
    return np.flipud(np.where(field.free, speed, NODATA)).astype(np.float32)


def write_speed_rasters(fields: Sequence[SpeedField], crs: pyproj.CRS, folder: Path) -> list[Path]:
    """Write speed_<vehicle>.tif for each field, each whole or not at all.

    Raises OutputError where a file can't be written.
    """
    return [_write_raster(field, crs, Path(folder) / raster_name(field)) for field in fields]


def raster_name(field: SpeedField) -> str:
    """Return the file name of a field: the vehicle's name with nothing a file system minds."""
    vehicle = re.sub(r"[^A-Za-z0-9]+", "_", field.vehicle.name).strip("_") or "vehicle"
    return f"speed_{vehicle}{'' if field.bound is Bound.NOMINAL else '_' + field.bound}.tif"


def speed_image(field: SpeedField, crs: pyproj.CRS) -> MapImage:
    """Return the field in the map's speed classes, turned to the web map's projection."""
    speeds, transform = _on_web_map(field, crs)
    height, width = speeds.shape
    classes = speed_class(speeds)
    colours = to_rgba_array([class_colour(number) for number in range(len(SPEED_STEPS_KMH) + 2)])
    picture = colours[classes]
    picture[speeds == NODATA] = 0.0  # no colour and no cover
    buffer = io.BytesIO()
    matplotlib.image.imsave(buffer, (picture * 255).round().astype(np.uint8), format="png")
    text = base64.b64encode(buffer.getvalue()).decode("ascii")
    west, south, east, north = array_bounds(height, width, transform)
    to_degrees = pyproj.Transformer.from_crs(WEB_MERCATOR, WGS84, always_xy=True)
    (west, east), (south, north) = to_degrees.transform([west, east], [south, north])
    return MapImage(f"data:image/png;base64,{text}", ((south, west), (north, east)))


def _write_raster(field: SpeedField, crs: pyproj.CRS, path: Path) -> Path:
    with whole_file(path) as draft:
        # GDAL keeps quiet about a disk that fills up; Python does not.
        draft.write_bytes(_geotiff(field, crs))
    return path


def _geotiff(field: SpeedField, crs: pyproj.CRS) -> bytes:
    speeds = cell_speeds_kmh(field)
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            height=speeds.shape[0],
            width=speeds.shape[1],
            count=1,
            dtype="float32",
            crs=crs.to_wkt(),
            transform=_transform(field),
            nodata=NODATA,
            compress="deflate",
            predictor=3,
        ) as raster:
            raster.write(speeds, 1)
            raster.set_band_description(1, f"highest speed of {field.vehicle.name}")
            raster.set_band_unit(1, "km/h")
            raster.update_tags(vehicle=field.vehicle.name, bound=str(field.bound), unit="km/h")
        return bytes(memory.read())


def _transform(field: SpeedField) -> rasterio.Affine:
    """Return where the cells lie, counted from the north-western corner."""
    half = field.cell_m / 2
    west = field.origin_m[0] - half
    north = field.origin_m[1] + (field.free.shape[0] - 1) * field.cell_m + half
    return rasterio.Affine(field.cell_m, 0.0, west, 0.0, -field.cell_m, north)


def _on_web_map(field: SpeedField, crs: pyproj.CRS) -> tuple[NDArray[np.float32], rasterio.Affine]:
    speeds = cell_speeds_kmh(field)
    height, width = speeds.shape
    source = _transform(field)
    west, south, east, north = array_bounds(height, width, source)
    target, columns, rows = calculate_default_transform(
        crs.to_wkt(), WEB_MERCATOR, width, height, west, south, east, north
    )
    turned = np.full((rows, columns), NODATA, dtype=np.float32)
    reproject(
        speeds,
        turned,
        src_transform=source,
        src_crs=crs.to_wkt(),
        src_nodata=NODATA,
        dst_transform=target,
        dst_crs=WEB_MERCATOR,
        dst_nodata=NODATA,
        resampling=Resampling.nearest,
    )
    return turned, target
