"""Reference systems: project once on entering, refuse degrees by name ever after."""

import geopandas as gpd
import pyproj

from sbd.errors import CrsError

WGS84 = pyproj.CRS.from_epsg(4326)


def require_metric(layer: gpd.GeoDataFrame, name: str) -> None:
    """Raise CrsError unless `layer` counts in metres."""
    if layer.crs is None:
        raise CrsError(f"{name}: no reference system is stated; set one, for example EPSG:4326")
    if layer.crs.is_geographic:
        raise CrsError(f"{name}: {layer.crs.to_string()} counts in degrees; project it first")
    unit = layer.crs.axis_info[0].unit_name
    if unit not in ("metre", "meter"):
        raise CrsError(f"{name}: {layer.crs.to_string()} counts in {unit}, not in metres")


def local_metric_crs(longitude_deg: float, latitude_deg: float) -> pyproj.CRS:
    """Return the UTM zone of a place.

    >>> local_metric_crs(24.9442, 60.1713).to_epsg()
    32635
    """
    point = gpd.GeoSeries.from_xy([longitude_deg], [latitude_deg], crs=WGS84)
    return pyproj.CRS(point.estimate_utm_crs())


def parse_crs(text: str | int) -> pyproj.CRS:
    """Return a metric reference system given as an EPSG number or any PROJ text.

    Raises CrsError where the text is unknown or counts in degrees.

    >>> parse_crs(3067).to_epsg()
    3067
    """
    try:
        crs = pyproj.CRS.from_user_input(int(text) if str(text).isdigit() else text)
    except pyproj.exceptions.CRSError as error:
        raise CrsError(f"reference system {text!r}: not known; give an EPSG number") from error
    require_metric(gpd.GeoDataFrame(geometry=[], crs=crs), f"reference system {text!r}")
    return crs
