"""Request and features in, the zone to protect out, in metres and checked against the data."""

import difflib
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon

from sbd.errors import ZoneError
from sbd.geometry.crs import WGS84
from sbd.site.features import at_ground, is_area, is_line, is_one_of, number, plain_name, tag
from sbd.site.request import OBJECT_REACH_M, ZoneRequest
from sbd.site.shapes import only_polygons

# An object smaller or narrower than this is a pavement or a traffic island, not a square.
SMALLEST_OBJECT_M2 = 200.0
NARROWEST_OBJECT_M = 8.0
NEAREST_OBJECT_M = 100.0

# A polygon drawn on the box of the data itself differs from it by rounding only.
EDGE_TOLERANCE_M2 = 1.0

# The rank of a kind where several hold one point: a flower bed lies in a park, not beside it.
RANK_OF_KIND: dict[tuple[str, str], int] = {
    ("place", "square"): 0,
    ("amenity", "marketplace"): 1,
    ("highway", "pedestrian"): 1,
    ("leisure", "park"): 2,
    ("leisure", "garden"): 3,
}
KIND_WORDS = ("square", "pedestrian area", "park", "garden")

# A place without a name is called after a street this near.
STREET_NAME_REACH_M = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """The zone as asked for, in metres."""

    zone_id: str
    name: str
    shape: Polygon | MultiPolygon


def find_zone(
    request: ZoneRequest, features: gpd.GeoDataFrame, covered: Polygon | MultiPolygon
) -> Zone:
    """Return the zone that a request means, checked against where the data speaks.

    `features` and `covered` are in metres and in one system. For a centre alone the object is the
    smallest `place=square` that holds it, else the smallest pedestrian area or market, park,
    garden; else the nearest within 100 m, those with a name first and gardens last. Pavements and
    islands (below 200 m2, or narrower than 8 m everywhere) are passed over; holes in an object
    are filled.

    Raises
    ------
    ZoneError
        Nothing there, outside the data, or all of the data.
    """
    crs = pyproj.CRS(features.crs)
    if request.shape is not None:
        shape = gpd.GeoSeries([request.shape], crs=request.crs).to_crs(crs).iloc[0]
        zone = Zone("zone", request.label, shape)
    elif request.center is not None and request.radius_m is not None:
        zone = Zone("zone", request.label, _center(request, crs).buffer(request.radius_m))
    elif request.center is not None:
        zone = _object_at(_center(request, crs), features, covered, request)
    elif request.osm_id:
        zone = _object_by_id(request.osm_id, features)
    else:
        zone = _object_by_name(request.name, features)
    check_covered(zone.shape, request, covered, crs)
    return zone


def _center(request: ZoneRequest, crs: pyproj.CRS) -> Point:
    return gpd.GeoSeries([request.place_wgs84()], crs=WGS84).to_crs(crs).iloc[0]


def _places(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return every polygon that may be a place to protect, without its holes.

    `kind` is its rank, `sunken` marks those on a negative layer that no tunnel explains. A lawn or
    a monument cut out of a square belongs to it.
    """
    kind = np.full(len(features), len(RANK_OF_KIND))
    for (key, value), rank in RANK_OF_KIND.items():
        kind = np.minimum(kind, np.where(is_one_of(features, key, (value,)), rank, kind))
    ground = at_ground(features)
    sunken = ~ground & (number(features, "layer") < 0) & _in_the_open(features)
    wanted = (kind < len(RANK_OF_KIND)) & is_area(features) & (ground | sunken)
    wanted &= is_one_of(features, "building", ("", "no"))
    places = features[wanted].assign(kind=kind[wanted], sunken=sunken[wanted])
    shapes = np.array([_without_holes(shape) for shape in places.geometry], dtype=object)
    places = places.set_geometry(gpd.GeoSeries(shapes, places.index, crs=features.crs))
    wide = ~shapely.is_empty(shapely.buffer(shapes, -NARROWEST_OBJECT_M / 2))
    return places[wide & (shapely.area(shapes) >= SMALLEST_OBJECT_M2)]


def _in_the_open(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    hidden = np.zeros(len(features), dtype=bool)
    for key in ("tunnel", "covered", "indoor", "level", "location"):
        hidden |= ~is_one_of(features, key, ("", "no", "0"))
    return ~hidden


def _without_holes(shape: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    return shapely.union_all([Polygon(part.exterior) for part in shapely.get_parts(shape)])


def _object_at(
    center: Point,
    features: gpd.GeoDataFrame,
    covered: Polygon | MultiPolygon,
    request: ZoneRequest,
) -> Zone:
    if not covered.contains(center):
        raise _outside(request, covered, features.crs)
    places = _places(features)
    places = places.assign(
        far_m=shapely.distance(places.geometry.to_numpy(), center),
        area_m2=shapely.area(places.geometry.to_numpy()),
        nameless=(tag(places, "name") == "").to_numpy(),
    )
    places = places[(places["far_m"] <= NEAREST_OBJECT_M).to_numpy()]
    if places.empty:
        raise ZoneError(
            f"zone: no square, pedestrian area, park or market within {NEAREST_OBJECT_M:g} m of "
            f"{request.label.removeprefix('object at ')}; give a radius or draw the zone"
        )
    holding = places[(places["far_m"] == 0.0).to_numpy()]
    if len(holding):
        best = holding.sort_values(["sunken", "kind", "area_m2", "osm_id"])
    else:
        places = places.assign(garden=places["kind"] == RANK_OF_KIND["leisure", "garden"])
        best = places.sort_values(["garden", "nameless", "far_m", "osm_id"])
    return _zone_of(best.iloc[[0]], features)


def _object_by_id(osm_id: str, features: gpd.GeoDataFrame) -> Zone:
    found = features[(features["osm_id"] == osm_id).to_numpy()]
    if found.empty:
        raise ZoneError(f"zone: {osm_id} is not in the data; check the id, or draw the zone")
    shape = found.geometry.iloc[0]
    if shape.geom_type == "LineString" and shape.is_closed:
        shape = Polygon(shape)
    if not isinstance(shape, Polygon | MultiPolygon):
        raise ZoneError(
            f"zone: {osm_id} is a {shape.geom_type}, not an area; give a centre and a radius, "
            "or draw the zone"
        )
    filled = gpd.GeoSeries([_without_holes(shape)], found.index, crs=found.crs)
    return _zone_of(found.set_geometry(filled), features)


def _object_by_name(name: str, features: gpd.GeoDataFrame) -> Zone:
    places = _places(features)
    names = tag(places, "name")
    same = names.map(plain_name) == plain_name(name)
    found = places[same.to_numpy(dtype=bool)]
    if found.empty:
        known = sorted(set(names) - {""})
        near = difflib.get_close_matches(name, known, n=4, cutoff=0.4)
        hint = f"near it: {', '.join(near)}" if near else "give a centre, or draw the zone"
        raise ZoneError(f"zone: no square, park or market named {name!r} in the data; {hint}")
    best = found.assign(size=-shapely.area(found.geometry.to_numpy()))
    return _zone_of(best.sort_values(["sunken", "kind", "size", "osm_id"]).iloc[[0]], features)


def _zone_of(row: gpd.GeoDataFrame, features: gpd.GeoDataFrame) -> Zone:
    osm_id = str(row["osm_id"].iloc[0])
    shape = only_polygons(shapely.make_valid(row.geometry.to_numpy()))[0]
    return Zone(osm_id, str(tag(row, "name").iloc[0]) or _called_after(row, features), shape)


def _called_after(row: gpd.GeoDataFrame, features: gpd.GeoDataFrame) -> str:
    """Return what to call a place without a name, by its kind and the nearest street."""
    rank = int(row["kind"].iloc[0]) if "kind" in row else len(KIND_WORDS)
    word = KIND_WORDS[rank] if rank < len(KIND_WORDS) else "area"
    named = features[
        ~is_one_of(features, "highway", ("",)).astype(bool)
        & is_line(features)
        & (tag(features, "name") != "").to_numpy()
    ]
    nearest = shapely.STRtree(named.geometry.to_numpy()).query_nearest(
        row.geometry.centroid.to_numpy(), max_distance=STREET_NAME_REACH_M, all_matches=False
    )
    if not nearest.shape[1]:
        return f"{word} {row['osm_id'].iloc[0]}"
    return f"{word} at {tag(named, 'name').iloc[int(nearest[1, 0])]}"


def check_covered(
    zone: Polygon | MultiPolygon,
    request: ZoneRequest,
    covered: Polygon | MultiPolygon,
    crs: pyproj.CRS,
) -> None:
    """Raise ZoneError unless the zone lies inside the data and leaves some of it free."""
    inside = zone.intersection(covered).area
    if covered.difference(zone).area <= EDGE_TOLERANCE_M2:
        raise ZoneError(
            f"zone: it covers all {covered.area:.0f} m2 of the data, so no vehicle comes from "
            "outside; draw a smaller zone or give a larger extract"
        )
    if inside <= EDGE_TOLERANCE_M2:
        raise _outside(request, covered, crs)
    outside = zone.area - inside
    if outside > EDGE_TOLERANCE_M2:
        by_point = request.center is not None and request.radius_m is None
        way_out = (
            f"an object at a point is read up to {OBJECT_REACH_M:g} m from it and no further than "
            "the data; draw the zone within it"
            if by_point
            else "draw it within, or give a larger extract"
        )
        raise ZoneError(
            f"zone: {outside:.0f} of its {zone.area:.0f} m2 lie outside the data; {way_out}"
        )


def _outside(request: ZoneRequest, covered: Polygon | MultiPolygon, crs: pyproj.CRS) -> ZoneError:
    data = gpd.GeoSeries([covered], crs=crs).to_crs(WGS84).iloc[0]
    west, south, east, north = data.bounds
    box = f"latitude {south:.4f} to {north:.4f}, longitude {west:.4f} to {east:.4f}"
    place = request.place_wgs84()
    if place is None:
        return ZoneError(
            f"zone: {request.label} lies outside the data ({box}); give another extract"
        )
    where = f"{place.y:.4f}, {place.x:.4f}"
    if data.contains(Point(place.y, place.x)):
        return ZoneError(
            f"zone: {where} lies outside the data ({box}), {place.x:.4f}, {place.y:.4f} inside; "
            "are latitude and longitude exchanged?"
        )
    return ZoneError(f"zone: {where} lies outside the data ({box}); give another extract or zone")
