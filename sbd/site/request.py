"""Words or a drawing in, a request for a zone out: what to protect, before any data is read."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from shapely import MultiPolygon, Point, Polygon

from sbd.errors import CrsError, InputError, ZoneError
from sbd.geometry.crs import WGS84, local_metric_crs
from sbd.geometry.outlines import outline_fault
from sbd.model.words import DEFAULT_MARGIN_M

LARGEST_MARGIN_M = 3000.0
LARGEST_RADIUS_M = 2000.0

# How far a square, a park or a market may reach from the point that names it.
OBJECT_REACH_M = 300.0

# Reading a little more than the study area keeps its rim away from the edge of what was read.
READING_SLACK_M = 10.0

_OSM_ID = re.compile(r"(node|way|relation)/\d+")


@dataclass(frozen=True, slots=True, eq=False)
class ZoneRequest:
    """What the planner asks to protect; exactly one of four ways to say it.

    Build one with `drawn`, `around`, `at`, `of_object` or `named`.

    Parameters
    ----------
    shape : Polygon or MultiPolygon, with `crs`
        A drawn zone in the reference system `crs`.
    center : (latitude, longitude) in degrees
        With `radius_m` a disc; alone, the square, pedestrian area, park or market there.
    osm_id : str
        An OpenStreetMap object, for example "way/123".
    name : str
        The name of a square, pedestrian area, park or market in the data.

    Raises
    ------
    ZoneError
        The zone is empty, has no area or crosses itself.
    CrsError
        The reference system is missing, or can't be the one of these coordinates.
    InputError
        A centre off the globe, a radius outside its limits, an id that is none.
    """

    shape: Polygon | MultiPolygon | None = None
    crs: pyproj.CRS | None = None
    center: tuple[float, float] | None = None
    radius_m: float | None = None
    osm_id: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        ways = [self.shape is not None, self.center is not None, bool(self.osm_id), bool(self.name)]
        if sum(ways) != 1:
            raise InputError(
                f"zone: {sum(ways)} ways to say where it is; give one: a polygon, a centre, "
                "an OSM id or a name"
            )
        if self.shape is not None:
            _check_crs(self.shape, self.crs)
            _check_shape(self.shape)
        if self.center is not None:
            _check_center(self.center)
        if self.radius_m is not None:
            _check_radius(self.radius_m, has_center=self.center is not None)
        if self.osm_id and not _OSM_ID.fullmatch(self.osm_id):
            raise InputError(
                f'zone: {self.osm_id!r} is not an OSM id; write it like "way/123" or "relation/45"'
            )

    @classmethod
    def drawn(cls, shape: object, *, crs: object = None) -> "ZoneRequest":
        """Return a request for a drawn polygon.

        `shape` is a layer that knows its reference system, or a geometry (shapely or GeoJSON-like
        mapping) with its `crs`. Several rows count as one zone.
        """
        if isinstance(shape, gpd.GeoDataFrame | gpd.GeoSeries):
            if len(shape) == 0:
                raise ZoneError("zone: the layer has no row; draw a polygon to protect")
            if shape.crs is None and crs is None:
                raise CrsError("zone: no reference system is stated; set one, e.g. EPSG:4326")
            rows = shape.geometry.to_numpy()
            system = pyproj.CRS(shape.crs if shape.crs is not None else crs)
            for row in rows:
                _check_shape(row)
            return cls(shape=shapely.union_all(shapely.force_2d(rows)), crs=system)
        if isinstance(shape, Mapping):
            shape = shapely.geometry.shape(dict[str, Any](shape))
        if not isinstance(shape, shapely.Geometry):
            raise ZoneError(
                f"zone: a {type(shape).__name__}; give a polygon or a layer of polygons"
            )
        if crs is None:
            raise CrsError("zone: no reference system is stated; set one, e.g. EPSG:4326")
        _check_shape(shape)
        return cls(shape=shapely.force_2d(shape), crs=pyproj.CRS(crs))

    @classmethod
    def around(cls, center: tuple[float, float], radius_m: float) -> "ZoneRequest":
        """Return a request for the disc around a centre (latitude, longitude)."""
        return cls(center=center, radius_m=radius_m)

    @classmethod
    def at(cls, center: tuple[float, float]) -> "ZoneRequest":
        """Return a request for the square, pedestrian area, park or market at a point."""
        return cls(center=center)

    @classmethod
    def of_object(cls, osm_id: str) -> "ZoneRequest":
        """Return a request for an OpenStreetMap object, for example "relation/2919118"."""
        return cls(osm_id=osm_id)

    @classmethod
    def named(cls, name: str) -> "ZoneRequest":
        """Return a request for the square, pedestrian area, park or market of this name."""
        return cls(name=name)

    @property
    def label(self) -> str:
        """The request in a few words.

        >>> ZoneRequest.around((60.1713, 24.9442), 120.0).label
        '120 m around 60.17130, 24.94420'
        """
        if self.center is not None:
            place = f"{self.center[0]:.5f}, {self.center[1]:.5f}"
            return (
                f"object at {place}"
                if self.radius_m is None
                else (f"{self.radius_m:g} m around {place}")
            )
        return self.osm_id or self.name or "drawn zone"

    def place_wgs84(self) -> Point | None:
        """Return a point (longitude, latitude) of the zone; None where only the data can tell."""
        if self.center is not None:
            return Point(self.center[1], self.center[0])
        if self.shape is not None:
            series = gpd.GeoSeries([self.shape.representative_point()], crs=self.crs)
            return series.to_crs(WGS84).iloc[0]
        return None


def study_polygon_wgs84(
    request: ZoneRequest, margin_m: float = DEFAULT_MARGIN_M
) -> Polygon | MultiPolygon | None:
    """Return what to read from a source before the zone is known, in longitude and latitude.

    The asked zone grown by the margin and a little more. An object at a point is taken to reach
    at most 300 m from it; a larger one is cut there and the data report says so. None where only
    the data can tell where the object is (an id, a name): read it all.
    """
    check_margin(margin_m)
    place = request.place_wgs84()
    if place is None:
        return None
    crs = local_metric_crs(place.x, place.y)
    if request.shape is not None:
        core, reach_m = gpd.GeoSeries([request.shape], crs=request.crs), 0.0
    else:
        core = gpd.GeoSeries([place], crs=WGS84)
        reach_m = OBJECT_REACH_M if request.radius_m is None else request.radius_m
    # 0.1 % more: the scale of a map projection is not exactly one.
    grown = core.to_crs(crs).buffer((reach_m + margin_m) * 1.001 + READING_SLACK_M)
    return grown.to_crs(WGS84).iloc[0]


def check_margin(margin_m: float) -> None:
    """Raise InputError unless the margin is a length that a study area can have."""
    if not (math.isfinite(margin_m) and 0.0 < margin_m <= LARGEST_MARGIN_M):
        raise InputError(
            f"margin: {margin_m:g} m; give a length above 0 and up to {LARGEST_MARGIN_M:g} m"
        )


def _check_center(center: tuple[float, float]) -> None:
    latitude, longitude = center
    if not (abs(latitude) <= 90.0 and abs(longitude) <= 180.0):
        raise InputError(
            f"centre: {latitude:g}, {longitude:g} is off the globe; give latitude, longitude in "
            "degrees (-90..90, -180..180)"
        )


def _check_radius(radius_m: float, *, has_center: bool) -> None:
    if not has_center:
        raise InputError(f"zone: a radius of {radius_m:g} m without a centre; give both")
    if not (math.isfinite(radius_m) and 0.0 < radius_m <= LARGEST_RADIUS_M):
        raise ZoneError(
            f"zone: a radius of {radius_m:g} m; give one above 0 and up to {LARGEST_RADIUS_M:g} m"
        )


def _check_shape(shape: object) -> None:
    if shape is None or (isinstance(shape, shapely.Geometry) and shape.is_empty):
        raise ZoneError("zone: the polygon is empty; draw a polygon to protect")
    if not isinstance(shape, Polygon | MultiPolygon):
        raise ZoneError(f"zone: a {shape.geom_type}; a zone must be a polygon")  # type: ignore[attr-defined]  # any other geometry
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise ZoneError("zone: a corner without finite coordinates; draw the polygon again")
    if fault := outline_fault(shape):
        raise ZoneError(f"zone: {fault}")


def _check_crs(shape: Polygon | MultiPolygon, crs: pyproj.CRS | None) -> None:
    if crs is None:
        raise CrsError("zone: no reference system is stated; set one, e.g. EPSG:4326")
    if shape.is_empty:
        return
    west, south, east, north = shape.bounds
    in_degrees = max(abs(west), abs(east)) <= 180.0 and max(abs(south), abs(north)) <= 90.0
    corner = f"{west:g}, {south:g}"
    if crs.is_geographic and not in_degrees:
        raise CrsError(
            f"zone: {crs.to_string()} counts in degrees, but a corner lies at {corner}; "
            "state the metric system it was drawn in"
        )
    if not crs.is_geographic and in_degrees:
        raise CrsError(
            f"zone: {crs.to_string()} counts in metres, but {corner} looks like degrees; "
            "state EPSG:4326 if they are longitude and latitude"
        )
