"""Speed field in, one speed and energy a cell out: as GeoTIFF for a GIS, as picture for the map."""

import base64
import io
import math
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
from sbd.units import JOULE_PER_KILOJOULE, KMH_PER_MPS

NODATA = -1.0
BLOCK_CELLS = 256
BOUND_WORDS = {
    Bound.LOWER: "lower bound: attained by a checked path",
    Bound.NOMINAL: "nominal: best estimate",
    Bound.UPPER: "upper bound: tested, not proven, that none is faster",
}

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


def write_field_rasters(
    fields: Sequence[SpeedField], crs: pyproj.CRS, folder: Path, *, attribution: str
) -> list[Path]:
    """Write speed_<vehicle>.tif [km/h] and energy_<vehicle>.tif [kJ] for each field.

    Cloud-Optimised GeoTIFFs of whole numbers with a colour table, each whole or not at all. Every
    value is rounded up: errs high. Overviews keep one cell of each block of cells; they are for
    looking, figures are read at full resolution.

    Parameters
    ----------
    attribution : str
        Whose data the site comes from; goes into every file.

    Raises
    ------
    OutputError
        A file can't be written.
    """
    written = []
    for field, stem in zip(fields, raster_stems(fields), strict=True):
        speeds = cell_speeds_kmh(field)
        for layer in (_speed_layer(field, speeds), _energy_layer(field, speeds)):
            path = Path(folder) / f"{layer.name}_{stem}.tif"
            with whole_file(path) as draft:
                # GDAL keeps quiet about a disk that fills up; Python does not.
                draft.write_bytes(_cloud_optimised(layer, field, crs, attribution))
            written.append(path)
    return written


def raster_stems(fields: Sequence[SpeedField]) -> list[str]:
    """Return for each field a name that no file system minds, each name once.

    The vehicle's name; a lower field says so, and what would be the same name gets a number.
    """
    stems: list[str] = []
    for field in fields:
        vehicle = re.sub(r"[^A-Za-z0-9]+", "_", field.vehicle.name).strip("_") or "vehicle"
        stem = vehicle + ("_lower" if field.bound is Bound.LOWER else "")
        taken = [s for s in stems if re.fullmatch(rf"{stem}(_\d+)?", s, re.IGNORECASE)]
        stems.append(f"{stem}_{len(taken) + 1}" if taken else stem)
    return stems


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


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """One quantity of a field as whole numbers: value = count * scale, `nodata` is no value."""

    name: str
    words: str
    unit: str
    counts: NDArray[np.uint8] | NDArray[np.uint16]
    nodata: int
    scale: float
    colours: dict[int, tuple[int, int, int, int]]


def _speed_layer(field: SpeedField, speeds: NDArray[np.float32]) -> _Layer:
    nodata = 2**8 - 1
    scale = _scale_for(field.vehicle.top_speed_mps * KMH_PER_MPS, nodata)
    counts = _rounded_up(speeds / scale, speeds == NODATA, nodata).astype(np.uint8)
    colours = _colour_table(np.arange(nodata + 1) * scale, nodata)
    return _Layer("speed", "highest speed", "km/h", counts, nodata, scale, colours)


def _energy_layer(field: SpeedField, speeds: NDArray[np.float32]) -> _Layer:
    """Return the energy of motion; a value has the colour of the speed that carries it."""
    kj_per_kmh2 = field.vehicle.mass_kg / 2 / KMH_PER_MPS**2 / JOULE_PER_KILOJOULE
    top = (field.vehicle.top_speed_mps * KMH_PER_MPS) ** 2 * kj_per_kmh2
    # A colour table has a row for each number that fits in the bits, so no more bits than needed.
    bits = min(16, max(9, math.ceil(math.log2(math.ceil(top) + 2))))
    nodata = 2**bits - 1
    scale = _scale_for(top, nodata)
    energy = np.asarray(speeds, dtype=np.float64) ** 2 * kj_per_kmh2
    counts = _rounded_up(energy / scale, speeds == NODATA, nodata).astype(np.uint16)
    # Half a count less: energies were rounded up and would often show the next class.
    below = np.maximum(np.arange(nodata + 1) - 0.5, 0.0) * scale
    colours = _colour_table(np.sqrt(below / kj_per_kmh2), nodata)
    return _Layer("energy", "highest energy", "kJ", counts, nodata, scale, colours)


def _scale_for(top: float, nodata: int) -> float:
    """Return the value of one count: 1, or a power of 2 where the top would not fit below nodata.

    >>> _scale_for(200.0, 255), _scale_for(255.0, 255)
    (1.0, 2.0)
    """
    return 2.0 ** max(0, math.ceil(math.log2(max(top, 1.0) / (nodata - 1))))


def _rounded_up(
    values: NDArray[np.floating], shut: NDArray[np.bool_], nodata: int
) -> NDArray[np.floating]:
    # What is whole but for the digits that 32 bits lose stays whole.
    return np.where(shut, nodata, np.ceil(np.maximum(values, 0.0) * (1.0 - 1e-6)))


def _colour_table(
    speeds_kmh: NDArray[np.floating], nodata: int
) -> dict[int, tuple[int, int, int, int]]:
    rgba = (to_rgba_array([class_colour(n) for n in range(len(SPEED_STEPS_KMH) + 2)]) * 255).round()
    table = [tuple(map(int, rgba[number])) for number in speed_class(speeds_kmh)]
    table[nodata] = (0, 0, 0, 0)
    return {count: (row[0], row[1], row[2], row[3]) for count, row in enumerate(table)}


def _cloud_optimised(layer: _Layer, field: SpeedField, crs: pyproj.CRS, attribution: str) -> bytes:
    bits = int(layer.nodata).bit_length()
    with MemoryFile() as memory:
        with memory.open(
            driver="COG",
            height=layer.counts.shape[0],
            width=layer.counts.shape[1],
            count=1,
            dtype=layer.counts.dtype.name,
            crs=crs.to_wkt(),
            transform=_transform(field),
            nodata=layer.nodata,
            blocksize=BLOCK_CELLS,
            compress="deflate",
            overview_resampling="nearest",
            **({} if bits in (8, 16) else {"nbits": bits}),
        ) as raster:
            raster.write(layer.counts, 1)
            raster.write_colormap(1, layer.colours)
            raster.scales = (layer.scale,)
            raster.set_band_unit(1, layer.unit)
            raster.set_band_description(
                1,
                f"{layer.words} of {field.vehicle.name} [{layer.unit}], {BOUND_WORDS[field.bound]}",
            )
            raster.update_tags(
                vehicle=field.vehicle.name,
                mass_kg=f"{field.vehicle.mass_kg:g}",
                bound=str(field.bound),
                unit=layer.unit,
                rounding="up",
                attribution=attribution,
            )
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
