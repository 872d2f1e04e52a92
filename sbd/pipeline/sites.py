"""A place, an extract or a city's own layers -> Site."""

from collections.abc import Sequence
from pathlib import Path

from sbd.errors import InputError
from sbd.model.site import Site
from sbd.model.words import DEFAULT_MARGIN_M
from sbd.progress import Progress, ignore, part_of
from sbd.site import ZoneRequest, build_site, study_polygon_wgs84, with_layers
from sbd.site import site_from_layers as site_from_city_layers
from sbd.sources.extract import read_extract
from sbd.sources.layers import read_extra_layers, read_layers
from sbd.sources.overpass import MapService, fetch_area, geocode
from sbd.sources.shipped import SHIPPED_PLACES, shipped_extract


def site_from_extract(
    path: Path,
    request: ZoneRequest,
    *,
    margin_m: float = DEFAULT_MARGIN_M,
    crs: str | int | None = None,
    close: Sequence[str] = (),
    keep_open: Sequence[str] = (),
    progress: Progress = ignore,
) -> Site:
    """Return the site around a zone from a local OpenStreetMap extract.

    Parameters
    ----------
    request : ZoneRequest
        What to protect: a drawn polygon, a disc, or a square that is in the data.
    margin_m : float
        How far around the zone run-ups are looked at [m].
    crs : EPSG number or PROJ text
        Metric reference system of every output; the UTM zone of the place by default.
    close, keep_open : names or OSM ids of streets
        Change what stays open, street by street.
    """
    area = study_polygon_wgs84(request, margin_m)
    raw = read_extract(Path(path), area, progress=part_of(progress, 0.0, 0.6))
    return build_site(
        raw,
        request,
        margin_m=margin_m,
        crs=crs,
        close=close,
        keep_open=keep_open,
        progress=part_of(progress, 0.6, 1.0),
    )


def site_from_service(
    request: ZoneRequest,
    service: MapService,
    *,
    margin_m: float = DEFAULT_MARGIN_M,
    crs: str | int | None = None,
    close: Sequence[str] = (),
    keep_open: Sequence[str] = (),
    progress: Progress = ignore,
) -> Site:
    """Return the site around a zone from Overpass, or from the cache of its answers."""
    area = study_polygon_wgs84(request, margin_m)
    if area is None:
        raise InputError(f"zone {request.label!r}: say where it is, by a point or a polygon")
    raw = fetch_area(area, service=service, progress=part_of(progress, 0.0, 0.8))
    return build_site(
        raw,
        request,
        margin_m=margin_m,
        crs=crs,
        close=close,
        keep_open=keep_open,
        progress=part_of(progress, 0.8, 1.0),
    )


def place_request(text: str, service: MapService, *, radius_m: float | None = None) -> ZoneRequest:
    """Return the request for a place known by name, as Nominatim or its cache answers."""
    found = geocode(text, service=service)
    if radius_m is None and found.outline is not None:
        return ZoneRequest.drawn(found.outline, crs=4326)
    center = (found.latitude_deg, found.longitude_deg)
    return ZoneRequest.at(center) if radius_m is None else ZoneRequest.around(center, radius_m)


def site_from_layers(
    path: Path,
    *,
    margin_m: float = DEFAULT_MARGIN_M,
    crs: str | int | None = None,
    close: Sequence[str] = (),
    keep_open: Sequence[str] = (),
    progress: Progress = ignore,
) -> Site:
    """Return the site of a city's own layers: a GeoPackage or a folder of GeoJSON."""
    progress("site", 0.0, f"reading {path}")
    return site_from_city_layers(
        read_layers(Path(path)),
        margin_m=margin_m,
        crs=crs,
        close=close,
        keep_open=keep_open,
        progress=progress,
    )


def site_demo(
    place: str = "rautatientori",
    request: ZoneRequest | None = None,
    *,
    margin_m: float = DEFAULT_MARGIN_M,
    progress: Progress = ignore,
) -> Site:
    """Return a shipped place, which needs no file and no network.

    `request` takes another zone within the same extract.
    """
    if place not in SHIPPED_PLACES:
        raise InputError(f"place {place!r}: not shipped; there are {', '.join(SHIPPED_PLACES)}")
    wanted = request or ZoneRequest.at(SHIPPED_PLACES[place].center)
    return site_from_extract(shipped_extract(), wanted, margin_m=margin_m, progress=progress)


def with_own_layers(site: Site, path: Path) -> Site:
    """Return a site with a city's own ground rules, desire lines, deliveries, crowds or doors.

    Raises LayerError with every fault of the file at once.
    """
    return with_layers(site, read_extra_layers(Path(path)))
