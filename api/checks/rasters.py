"""GeoTIFFs from outside: their size before anything of them is read."""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import RasterioError

from api.checks.bounds import USUAL, Bounds
from api.errors import UploadKindError
from sbd.errors import InputError

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def check_geotiff(path: Path, bounds: Bounds = USUAL) -> None:
    """Refuse what is no TIFF, and one that is larger than a city's heights are.

    Raises UploadKindError or InputError.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    if head not in _MAGIC:
        raise UploadKindError(f"{path.name}: no GeoTIFF inside; give the heights as GeoTIFF")
    try:
        with rasterio.open(path, driver="GTiff") as raster:
            pixels = raster.width * raster.height * raster.count
            block = max(
                rows * columns * np.dtype(kind).itemsize
                for (rows, columns), kind in zip(raster.block_shapes, raster.dtypes, strict=True)
            )
    except (RasterioError, ValueError) as error:
        raise UploadKindError(f"{path.name}: a damaged GeoTIFF ({error})") from error
    if pixels > bounds.pixels:
        raise InputError(
            f"{path.name}: {pixels:,} cells; at most {bounds.pixels:,} are taken; "
            "cut it to the site"
        )
    if block > bounds.block_bytes:
        raise InputError(
            f"{path.name}: blocks of {block:,} bytes; at most {bounds.block_bytes:,} are taken; "
            "write it again in tiles"
        )
