"""The flow on one screen: place -> Site -> Assessment -> Proposal -> files.

Each step can be entered alone. The command line, the Python objects and the service all call these
functions and nothing below them, so that all give the same answer.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely import LineString, box

from sbd.approach import assess_perimeter
from sbd.approach.edits import Answer, Editor, Stage
from sbd.approach.sensitivity import Sensitivity
from sbd.approach.sensitivity import sensitivity as vary_inputs
from sbd.barriers import propose_layout
from sbd.catalogue.vehicles import DEFAULT_VEHICLES, vehicle_named
from sbd.errors import FieldError, InputError
from sbd.export import Format, export_files, write_field_rasters
from sbd.geometry.crs import local_metric_crs
from sbd.model.assessment import Assessment, Drive, FieldSettings, Grip
from sbd.model.proposal import Proposal
from sbd.model.request import PlanRequest
from sbd.model.site import Site
from sbd.model.site_hash import site_hash
from sbd.model.speed_field import Bound
from sbd.model.surface import DrivableSurface
from sbd.model.tables import FURNITURE, empty_layer
from sbd.model.vehicle import Vehicle
from sbd.model.verdict import Verdict
from sbd.progress import Progress, ignore, part_of
from sbd.proposal import assemble, compare, summary, summary_text
from sbd.site import (
    DEFAULT_MARGIN_M,
    ZoneRequest,
    build_site,
    study_polygon_wgs84,
)
from sbd.site import site_from_layers as site_from_city_layers
from sbd.sources.elevation import read_elevation
from sbd.sources.extract import read_extract
from sbd.sources.layers import read_layers
from sbd.sources.overpass import MapService, fetch_area, geocode
from sbd.sources.shipped import SHIPPED_PLACES, shipped_extract
from sbd.surface import build_surface
from sbd.units import kmh_to_mps
from sbd.verify import judge_layout, prepare_footprints

__all__ = [
    "DEFAULT_OPENABLE",
    "DEFAULT_VEHICLES",
    "GAP_LIMIT_M",
    "Answer",
    "Editor",
    "Sensitivity",
    "Stage",
    "assess",
    "compare",
    "edit",
    "export",
    "place_request",
    "propose",
    "sensitivity",
    "site_demo",
    "site_from_extract",
    "site_from_layers",
    "site_from_service",
    "summary",
    "summary_text",
    "verify",
    "warm_up",
    "write_rasters",
]

log = logging.getLogger(__name__)

# A wider clear gap may let a small car through: DfT/CPNI Traffic Advisory Leaflet 1/11.
GAP_LIMIT_M = 1.2
DEFAULT_OPENABLE = 1


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


def assess(  # noqa: PLR0913  # the settings of a field, each by its name
    site: Site,
    *,
    vehicles: Sequence[str | Vehicle] = DEFAULT_VEHICLES,
    entry_speed_kmh: float | None = None,
    resolution_m: float = 0.5,
    headings: int = 64,
    drive: str | Drive = Drive.DETAILED,
    grip: str | Grip = Grip.DESIGN,
    max_approach_m: float | None = None,
    speed_limit_kmh: float | None = None,
    heights: Path | None = None,
    progress: Progress = ignore,
) -> Assessment:
    """Return which vehicle can reach each metre of the zone's outline, how fast and from where.

    Parameters
    ----------
    entry_speed_kmh : float
        Speed over the rim of the study area; each vehicle's own default otherwise.
    resolution_m, headings
        Lattice of the field: 0.5 or 1 m, 32 or 64.
    drive : Drive
        "detailed" (power, rolling, air drag) or "screening" (constant acceleration).
    grip : Grip
        "design"; "surface" and "wet" are scenarios, and less safe.
    max_approach_m, speed_limit_kmh : float
        Scenarios, and less safe: only so much run-up counts, nobody drives faster.
    heights : path
        GeoTIFF with the heights of the ground, in any reference system; flat without it.

    Raises
    ------
    InputError
        Settings that are not offered, heights that don't cover the site, no vehicle.
    """
    settings = FieldSettings(
        resolution_m=resolution_m,
        headings=headings,
        entry_speed_mps=_in_mps(entry_speed_kmh),
        drive=drive,  # type: ignore[arg-type]  # a word becomes a member, or is refused
        grip=grip,  # type: ignore[arg-type]
        max_approach_m=max_approach_m,
        speed_limit_mps=_in_mps(speed_limit_kmh),
    )
    return _assessed(site, tuple(map(_as_vehicle, vehicles)), settings, heights, progress)


def sensitivity(
    site: Site,
    *,
    vehicles: Sequence[str | Vehicle] = DEFAULT_VEHICLES,
    vehicle: str | None = None,
    entry_speed_kmh: float | None = None,
    resolution_m: float = 0.5,
    headings: int = 64,
    heights: Path | None = None,
    progress: Progress = ignore,
) -> Sensitivity:
    """Return how far speeds move when an input is off, and the five places to measure first.

    Parameters
    ----------
    vehicle : str
        The one to vary; by default that with the highest energy anywhere.
    """
    settings = FieldSettings(
        resolution_m=resolution_m,
        headings=headings,
        entry_speed_mps=_in_mps(entry_speed_kmh),
    )
    return vary_inputs(
        _surface(site, heights),
        tuple(map(_as_vehicle, vehicles)),
        settings,
        vehicle=vehicle,
        progress=progress,
    )


def edit(
    site: Site,
    *,
    vehicle: str | Vehicle,
    entry_speed_kmh: float | None = None,
    resolution_m: float = 0.5,
    headings: int = 64,
    heights: Path | None = None,
    progress: Progress = ignore,
) -> Editor:
    """Return the upper speed field of a vehicle, ready for obstacles to come and go.

    Its answers come at once as an upper bound or a preview, then exactly; see `Editor.edited`.
    """
    settings = FieldSettings(
        resolution_m=resolution_m,
        headings=headings,
        entry_speed_mps=_in_mps(entry_speed_kmh),
    )
    return Editor.start(
        _surface(site, heights),
        _as_vehicle(vehicle),
        settings,
        bound=Bound.UPPER,
        progress=progress,
    )


def propose(
    site: Site,
    assessment: Assessment | None = None,
    *,
    vehicles: Sequence[str | Vehicle] | None = None,
    layout: str = "permanent",
    openable: int = DEFAULT_OPENABLE,
    heights: Path | None = None,
    progress: Progress = ignore,
) -> Proposal:
    """Return a plan with the verdict of the independent judge.

    Parameters
    ----------
    assessment : Assessment
        Of the same site; made here where there is none.
    vehicles : classes or Vehicles
        Design vehicles; those of the assessment by default.
    layout : str
        "permanent" or "temporary".
    openable : int
        Least number of crossings that a fire engine can open.
    heights : path
        As for `assess`; an assessment from a file that was made with heights needs them again.

    Raises
    ------
    InfeasiblePlanError
        No closed line exists, or fewer crossings can be opened than are asked for.
    """
    request = PlanRequest(layout=layout, openable=openable, gap_max_m=GAP_LIMIT_M)
    solved = _solved(site, assessment, vehicles, heights, part_of(progress, 0.0, 0.7))
    started = time.perf_counter()
    found = propose_layout(
        build_surface(site),
        solved,
        request,
        progress=part_of(progress, 0.7, 0.9),
    )
    placed = time.perf_counter()
    verdict = judge_layout(
        site,
        found.footprints,
        threat_width_m=GAP_LIMIT_M,
        openable_wanted=openable,
        barriers=found.barriers,
        progress=part_of(progress, 0.9, 1.0),
    )
    # What was assumed in the city's favour is a condition, however well the plan closes.
    verdict = replace(verdict, conditions=(*verdict.conditions, *_assumptions(solved.settings)))
    seconds = {
        **solved.seconds,
        "placement": placed - started,
        "verdict": time.perf_counter() - placed,
    }
    log.info("%s: %s", site.name, verdict.standing)
    return assemble(
        site, solved, found, verdict, layout=layout, openable_wanted=openable, seconds=seconds
    )


def verify(
    site: Site,
    footprints: gpd.GeoDataFrame,
    *,
    vehicle: str | Vehicle | None = None,
    width_m: float | None = None,
    progress: Progress = ignore,
) -> Verdict:
    """Return the judge's verdict of any layout, given as polygons on the ground.

    The disc is as wide as `width_m`, or as `vehicle`, or as the widest safe gap (1.2 m).
    """
    if vehicle is not None and width_m is not None:
        raise InputError("verify: both a vehicle and a width; give one of them")
    width = GAP_LIMIT_M if width_m is None else width_m
    if vehicle is not None:
        width = _as_vehicle(vehicle).width_m
    prepared = prepare_footprints(footprints, site.crs)
    return judge_layout(site, prepared, threat_width_m=width, progress=progress)


def export(
    proposal: Proposal, folder: Path, *, formats: Iterable[str | Format] = tuple(Format)
) -> list[Path]:
    """Write a proposal's files into `folder`; return their paths."""
    return export_files(
        proposal,
        Path(folder),
        formats=[Format(name) for name in formats],
        summary=summary(proposal),
        summary_text=summary_text(proposal),
    )


def write_rasters(assessment: Assessment, folder: Path) -> list[Path]:
    """Write highest speed and energy of each vehicle as GeoTIFFs into `folder`; return the paths.

    Raises InputError for an assessment from a file, which holds no fields.
    """
    if not assessment.fields:
        raise InputError("assessment: read from a file, which holds no fields; assess again")
    return write_field_rasters(
        assessment.fields, assessment.crs, Path(folder), attribution=assessment.attribution
    )


def warm_up() -> None:
    """Compile the kernels, which numba keeps for later runs, on a street of ten by sixty metres.

    The first run after an installation would otherwise wait for the compiler.
    """
    crs = local_metric_crs(0.0, 45.0)
    street, end = box(0.0, 0.0, 10.0, 60.0), box(0.0, 40.0, 10.0, 60.0)
    entry = {"entry_id": ["E1"], "street": ["street"], "width_m": [10.0]}
    surface = DrivableSurface(
        crs=crs,
        ground=street,
        study_area=street.buffer(5.0),
        solids=gpd.GeoDataFrame(
            {"solid_id": ["S1"], "kind": ["building"]}, geometry=[box(-5, 0, 0, 60)], crs=crs
        ),
        zone=end,
        entries=gpd.GeoDataFrame(entry, geometry=[LineString([(0, 0), (10, 0)])], crs=crs),
        open_streets=gpd.GeoDataFrame({"street_id": [], "name": []}, geometry=[], crs=crs),
        unmovable=empty_layer(FURNITURE, crs),
    )
    for settings in (FieldSettings(0.5, 64), FieldSettings(1.0, 32)):
        assess_perimeter(surface, [vehicle_named("N2A")], settings, site_hash="", attribution="")


def _in_mps(speed_kmh: float | None) -> float | None:
    return None if speed_kmh is None else kmh_to_mps(speed_kmh)


def _assumptions(settings: FieldSettings) -> list[str]:
    return [
        f"assumed: {words}; less safe than without, so confirm it for this place"
        for words in settings.less_safe
    ]


def _as_vehicle(vehicle: str | Vehicle) -> Vehicle:
    return vehicle if isinstance(vehicle, Vehicle) else vehicle_named(vehicle)


def _assessed(
    site: Site,
    vehicles: tuple[Vehicle, ...],
    settings: FieldSettings,
    heights: Path | None,
    progress: Progress,
) -> Assessment:
    surface = _surface(site, heights)
    found = assess_perimeter(
        surface,
        vehicles,
        settings,
        site_hash=site_hash(site),
        attribution=site.attribution,
        progress=progress,
    )
    return replace(found, heights=surface.elevation.source if surface.elevation else "")


def _surface(site: Site, heights: Path | None) -> DrivableSurface:
    if heights is None:
        return build_surface(site)
    elevation = read_elevation(Path(heights), crs=site.crs, bounds=site.study_shape.bounds)
    return build_surface(site, elevation)


def _solved(
    site: Site,
    assessment: Assessment | None,
    vehicles: Sequence[str | Vehicle] | None,
    heights: Path | None,
    progress: Progress,
) -> Assessment:
    """Return an assessment of `site` that holds its speed fields, for the wanted vehicles."""
    if assessment is None:
        return assess(
            site, vehicles=vehicles or DEFAULT_VEHICLES, heights=heights, progress=progress
        )
    if assessment.site_hash != site_hash(site):
        raise InputError("assessment: made for another state of the site; run `sbd assess` again")
    wanted = {_as_vehicle(vehicle).name for vehicle in vehicles or assessment.vehicles}
    missing = wanted - {vehicle.name for vehicle in assessment.vehicles}
    if missing:
        raise InputError(f"assessment: no vehicle {', '.join(sorted(missing))}; assess it first")
    solved = assessment if assessment.fields else _solved_again(site, assessment, heights, progress)
    kept = solved.perimeter["vehicle"].isin(wanted)
    driven = solved.corridors["vehicle"].isin(wanted)
    return replace(
        solved,
        perimeter=solved.perimeter[kept],
        corridors=solved.corridors[driven],
        vehicles=tuple(v for v in solved.vehicles if v.name in wanted),
        fields=tuple(f for f in solved.fields if f.vehicle.name in wanted),
    )


def _solved_again(
    site: Site, stored: Assessment, heights: Path | None, progress: Progress
) -> Assessment:
    """Return a stored assessment with its fields; a file keeps the answers, not the fields.

    The same settings give the same figures, so a difference means that the file was changed or
    that another version made it, and neither may pass in silence.
    """
    if stored.heights and heights is None:
        raise InputError(f"assessment: made with the heights of {stored.heights}; give them again")
    again = _assessed(site, stored.vehicles, stored.settings, heights, progress)
    same = len(again.perimeter) == len(stored.perimeter) and np.allclose(
        again.perimeter["speed_kmh"], stored.perimeter["speed_kmh"], atol=0.01
    )
    if not same:
        raise FieldError("assessment: its speeds can't be reproduced; run `sbd assess` again")
    return again
