"""Reference systems: an OGC address in, shapes in that system's own order of axes out and back."""

import math
import re
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from api.errors import QueryError

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
EVERYWHERE = (CRS84, f"{_EPSG}4326", f"{_EPSG}3857")

# 1e-7 degrees are 1 cm.
_DECIMALS_DEG, _DECIMALS_M = 7, 3
# A straight side of a window bends in another system; between so many points it hardly does.
_PIECES_OF_A_SIDE = 32


def address_of(epsg: int) -> str:
    """Return the address of a system of EPSG.

    >>> address_of(32635)
    'http://www.opengis.net/def/crs/EPSG/0/32635'
    """
    return f"{_EPSG}{epsg}"


def site_system(stated: str | None, longitude_deg: float, latitude_deg: float) -> str:
    """Return the address of the system that a site is planned in, else of the UTM zone there.

    >>> site_system("EPSG:3067", 24.9, 60.2), site_system(None, 24.9, 60.2)[-5:]
    ('http://www.opengis.net/def/crs/EPSG/0/3067', '32635')
    """
    known = re.fullmatch(r"EPSG:(\d{4,6})", stated or "")
    if known:
        return address_of(int(known[1]))
    zone = min(60, int((longitude_deg + 180) / 6) + 1)
    return address_of((32600 if latitude_deg >= 0 else 32700) + zone)


def as_asked(
    shapes: NDArray[np.object_] | list[shapely.Geometry], system: str
) -> list[shapely.Geometry]:
    """Return shapes of longitude and latitude in a system, in the order of its axes."""
    flat = shapely.force_2d(np.asarray(shapes, dtype=object))
    if system == CRS84:
        moved = shapely.transform(flat, lambda xy: np.round(xy, _DECIMALS_DEG))
        return list(shapely.orient_polygons(moved, exterior_cw=False))
    forward, swapped, is_geographic = _ways(system)[0], *_ways(system)[2:]
    decimals = _DECIMALS_DEG if is_geographic else _DECIMALS_M

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        east, north = forward.transform(xy[:, 0], xy[:, 1])
        pair = (north, east) if swapped else (east, north)
        return np.round(np.column_stack(pair), decimals)

    return list(shapely.transform(flat, move))


def window(numbers: tuple[float, float, float, float], system: str) -> shapely.Geometry:
    """Return a window in longitude and latitude.

    Parameters
    ----------
    numbers : (4,) tuple
        Lower corner, upper corner, each in the order of the system's axes. Where longitudes run
        down, the window goes across the antimeridian.

    Raises QueryError where the corners are upside down or lie outside of what the system covers.
    """
    _, backward, swapped, is_geographic = _ways(system)
    south_west, north_east = numbers[:2], numbers[2:]
    west, south = reversed(south_west) if swapped else south_west
    east, north = reversed(north_east) if swapped else north_east
    if south > north or (west > east and not is_geographic):
        raise QueryError(f"bbox {_listed(numbers)}: the lower corner comes first, then the upper")
    if is_geographic:
        if west > east:
            halves = [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
            return shapely.union_all(halves)
        return shapely.box(west, south, east, north)
    box = shapely.box(west, south, east, north)
    fine = shapely.segmentize(box, max(box.length / (4 * _PIECES_OF_A_SIDE), 1e-3))
    moved = shapely.transform(
        fine, lambda xy: np.column_stack(backward.transform(xy[:, 0], xy[:, 1]))
    )
    if not all(map(math.isfinite, moved.bounds)):
        raise QueryError(f"bbox {_listed(numbers)}: outside of what {system} covers")
    return moved if moved.is_valid else shapely.box(*moved.bounds)


@lru_cache(maxsize=64)
def _ways(system: str) -> tuple[pyproj.Transformer, pyproj.Transformer, bool, bool]:
    """Return the ways there and back, whether north comes first, whether it counts in degrees."""
    crs = pyproj.CRS.from_user_input(
        "OGC:CRS84" if system == CRS84 else f"EPSG:{system.removeprefix(_EPSG)}"
    )
    there = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    back = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    return there, back, crs.axis_info[0].direction in ("north", "south"), crs.is_geographic


def _listed(numbers: tuple[float, ...]) -> str:
    return ",".join(f"{number:g}" for number in numbers)
