"""Site -> Assessment, what moves it, and its fields ready for edits."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely import LineString, box

from sbd.approach import assess_perimeter
from sbd.approach.edits import Editor
from sbd.approach.sensitivity import Sensitivity
from sbd.approach.sensitivity import sensitivity as vary_inputs
from sbd.barriers import propose_layout
from sbd.catalogue.vehicles import DEFAULT_VEHICLES, vehicle_named
from sbd.errors import FieldError, InputError
from sbd.export.raster import write_field_rasters
from sbd.geometry.crs import local_metric_crs
from sbd.model.assessment import Assessment, FieldSettings
from sbd.model.request import PlanRequest
from sbd.model.site import Site
from sbd.model.site_hash import site_hash
from sbd.model.speed_field import Bound
from sbd.model.surface import DrivableSurface
from sbd.model.tables import FURNITURE, empty_layer
from sbd.model.vehicle import Vehicle
from sbd.model.words import Drive, Grip
from sbd.progress import Progress, ignore
from sbd.sources.elevation import read_elevation
from sbd.surface import build_surface
from sbd.units import kmh_to_mps


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
    return _assessed(site, tuple(map(as_vehicle, vehicles)), settings, heights, progress)


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
        surface_of(site, heights),
        tuple(map(as_vehicle, vehicles)),
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
        surface_of(site, heights),
        as_vehicle(vehicle),
        settings,
        bound=Bound.UPPER,
        progress=progress,
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
        solved = assess_perimeter(
            surface, [vehicle_named("N2A")], settings, site_hash="", attribution=""
        )
    propose_layout(surface, solved, PlanRequest())


def surface_of(site: Site, heights: Path | None) -> DrivableSurface:
    """Return the drivable surface of a site, sloped where heights are given."""
    if heights is None:
        return build_surface(site)
    elevation = read_elevation(Path(heights), crs=site.crs, bounds=site.study_shape.bounds)
    return build_surface(site, elevation)


def as_vehicle(vehicle: str | Vehicle) -> Vehicle:
    """Return a vehicle that may be given by the name of its class."""
    return vehicle if isinstance(vehicle, Vehicle) else vehicle_named(vehicle)


def with_fields(
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
    wanted = {as_vehicle(vehicle).name for vehicle in vehicles or assessment.vehicles}
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


def _assessed(
    site: Site,
    vehicles: tuple[Vehicle, ...],
    settings: FieldSettings,
    heights: Path | None,
    progress: Progress,
) -> Assessment:
    surface = surface_of(site, heights)
    found = assess_perimeter(
        surface,
        vehicles,
        settings,
        site_hash=site_hash(site),
        attribution=site.attribution,
        progress=progress,
    )
    return replace(found, heights=surface.elevation.source if surface.elevation else "")


def _in_mps(speed_kmh: float | None) -> float | None:
    return None if speed_kmh is None else kmh_to_mps(speed_kmh)
