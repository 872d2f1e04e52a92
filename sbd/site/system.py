"""A wish and a place in, the metric reference system of a site out."""

import pyproj
from shapely import Point

from sbd.errors import CrsError
from sbd.geometry.crs import local_metric_crs, parse_crs

# A run-up of 250 m would be off by more than a metre.
LARGEST_STRETCH = 0.005


def metric_system(asked: str | int | None, place_wgs84: Point) -> pyproj.CRS:
    """Return the reference system asked for, else the UTM zone of the place.

    Raises
    ------
    CrsError
        Unknown, not in metres, or one that stretches lengths at the place by more than 0.5 %
        (web maps in EPSG:3857 do so by a factor two in Helsinki).
    """
    if asked is None:
        return local_metric_crs(place_wgs84.x, place_wgs84.y)
    crs = parse_crs(asked)
    factors = pyproj.Proj(crs).get_factors(place_wgs84.x, place_wgs84.y)
    worst = max(
        (factors.meridional_scale, factors.parallel_scale), key=lambda scale: abs(scale - 1.0)
    )
    if not abs(worst - 1.0) <= LARGEST_STRETCH:
        raise CrsError(
            f"reference system {asked!r}: lengths come out {worst:.3f} times as long at "
            f"{place_wgs84.y:.3f}, {place_wgs84.x:.3f}; the limit is {1 + LARGEST_STRETCH:g}; "
            "give one made for this place, or none for its UTM zone"
        )
    return crs
