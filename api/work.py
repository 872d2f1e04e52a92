"""What a worker process does: a queued job in, a folder of the store filled out.

Runs outside the service, one job at a time a process. Nothing of a job that fails is kept.
"""

import contextlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely.geometry

import sbd
from api.display import write_display_layer
from api.events import JobProgress
from api.jobs import now
from api.schemas import PlanRequest, SiteRequest
from api.store import FolderStore, Kind, Record, write_record
from sbd import pipeline
from sbd.export.geopackage import write_site
from sbd.export.jsontext import plain
from sbd.geometry.crs import WGS84
from sbd.model.proposal import Proposal
from sbd.model.site import Site
from sbd.progress import Progress, part_of
from sbd.proposal.calendar import Calendar, Event
from sbd.site import ZoneRequest
from sbd.sources.extract import read_extract
from sbd.sources.shipped import SHIPPED_PLACES, shipped_extract
from sbd.sources.store import read_site

SITE_FILE = "site.gpkg"

_MEDIA_TYPES = {
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".html": "text/html",
    ".json": "application/json",
    ".tif": "image/tiff",
    ".txt": "text/plain",
}


def run(root: Path, job_id: str) -> None:
    """Do the work of a job; raises SbdError where it can't be done or was cancelled."""
    store = FolderStore(root)
    job = store.load(Kind.JOB, job_id)
    make = _WORK[Kind(job["kind"])]
    make(store, job["result_id"], job["request"], JobProgress(store.folder(Kind.JOB, job_id)))


def warm() -> None:
    """Load what the first job would otherwise wait for."""
    sbd.warm_up()


def make_extract(store: FolderStore, extract_id: str, request: Record, progress: Progress) -> None:
    """Read an uploaded extract as a whole, and keep it where that can be done."""
    uploaded = store.folder(Kind.UPLOAD, request["upload_id"])
    file_name = request["file_name"]
    try:
        # Read from inside its folder, so that a message names the file and not our folders.
        with contextlib.chdir(uploaded):
            raw = read_extract(Path(file_name), progress=progress)
        with store.filling(Kind.EXTRACT, extract_id) as folder:
            kept = (uploaded / file_name).rename(folder / file_name)
            record = {
                "extract_id": extract_id,
                "file_name": file_name,
                "bytes": kept.stat().st_size,
                "created": now(),
                "date": raw.date,
                "covered": gpd.GeoSeries([raw.covered], crs=WGS84).iloc[0].__geo_interface__,
                "repairs": _rows(raw.repairs),
                "attribution": raw.attribution,
            }
            write_record(folder, record)
    finally:
        store.discard(Kind.UPLOAD, request["upload_id"])


def make_site(store: FolderStore, site_id: str, asked: Record, progress: Progress) -> None:
    """Cut the data to the place, sort it, and write the layers for display."""
    request = SiteRequest.model_validate(asked)
    path = _source_file(store, request)
    with contextlib.chdir(path.parent):
        site = pipeline.site_from_extract(
            Path(path.name),
            _zone_request(request),
            margin_m=request.margin_m,
            close=request.close,
            keep_open=request.keep_open,
            progress=part_of(progress, 0.0, 0.9),
        )
    progress("display", 0.9, "writing the layers")
    with store.filling(Kind.SITE, site_id) as folder:
        write_site(site, folder / SITE_FILE)
        layers = _write_layers(folder, site.layers)
        record = {"site_id": site_id, "request": asked, "layers": layers, **_about_site(site)}
        write_record(folder, record)
    progress("display", 1.0, "ready")


def make_plan(store: FolderStore, plan_id: str, asked: Record, progress: Progress) -> None:
    """Assess, place, judge, and write the files and the layers for display."""
    site_id = asked["site_id"]
    wanted = {name: value for name, value in asked.items() if name != "site_id"}
    request = PlanRequest.model_validate(wanted)
    site = read_site(store.folder(Kind.SITE, site_id) / SITE_FILE)
    heights = heights_file(store, request.heights_id)
    proposal = _planned(site, request, heights, part_of(progress, 0.0, 0.93))
    with store.filling(Kind.PLAN, plan_id) as folder:
        progress("files", 0.93, "writing the files")
        paths = pipeline.export(proposal, folder / "files")
        progress("files", 0.98, "writing the layers")
        _write_archive(folder / "files.zip", paths)
        layers = _write_layers(folder, _plan_layers(proposal))
        record = {
            "plan_id": plan_id,
            "site_id": site_id,
            "created": now(),
            "request": wanted,
            "verdict": proposal.verdict.as_dict(),
            "summary": plain(pipeline.summary(proposal)),
            "text": pipeline.summary_text(proposal),
            "site_layers": list(site.layers),
            "layers": layers,
            "files": [_about_file(path) for path in paths],
            "attribution": site.attribution,
        }
        write_record(folder, record)
    progress("files", 1.0, "ready")


_WORK: dict[Kind, Callable[[FolderStore, str, Record, Progress], None]] = {
    Kind.EXTRACT: make_extract,
    Kind.SITE: make_site,
    Kind.PLAN: make_plan,
}


def heights_file(store: FolderStore, heights_id: str | None) -> Path | None:
    """Return the raster of an id; None where no heights were asked for."""
    if heights_id is None:
        return None
    record = store.load(Kind.HEIGHTS, heights_id)
    return store.folder(Kind.HEIGHTS, heights_id) / str(record["file_name"])


def _planned(
    site: Site, request: PlanRequest, heights: Path | None, progress: Progress
) -> Proposal:
    # `propose` counts its own steps from 0.7 on where the assessment is given.
    assessment = pipeline.assess(
        site,
        vehicles=request.vehicles,
        entry_speed_kmh=request.entry_speed_kmh,
        resolution_m=request.resolution_m,
        headings=request.headings,
        drive=request.drive,
        grip=request.grip,
        max_approach_m=request.max_approach_m,
        speed_limit_kmh=request.speed_limit_kmh,
        heights=heights,
        progress=part_of(progress, 0.0, 0.7),
    )
    return pipeline.propose(
        site,
        assessment,
        wishes_of(site, request),
        calendar=_calendar(request),
        years=request.years,
        progress=progress,
    )


def wishes_of(site: Site, request: PlanRequest) -> sbd.PlanRequest:
    """Return the wishes of a request; its shapes come in longitude and latitude."""
    units = [unit.model_dump() for unit in request.pinned]
    shapes = [shapely.geometry.shape(unit.pop("footprint")) for unit in units]
    ground = [shapely.geometry.shape(zone.model_dump()) for zone in request.forbidden]
    return pipeline.plan_request(
        country=request.country,
        layout=request.layout,
        openable=request.openable,
        engine_distance_m=request.engine_distance_m,
        people=request.people,
        exit_minutes=request.exit_minutes,
        enclosed_max_m2=request.enclosed_max_m2,
        budget=request.budget,
        second_line=request.second_line,
        chicanes=request.chicanes,
        hand=pipeline.planners_hand(
            site,
            pinned=gpd.GeoDataFrame(units, geometry=shapes, crs=WGS84) if units else None,
            forbidden=gpd.GeoDataFrame(geometry=ground, crs=WGS84) if ground else None,
        ),
    )


def _calendar(request: PlanRequest) -> Calendar | None:
    events = [
        Event(event_id=f"E{number}", **event.model_dump())
        for number, event in enumerate(request.events, start=1)
    ]
    return Calendar(tuple(events)) if events else None


def _source_file(store: FolderStore, request: SiteRequest) -> Path:
    if request.extract_id is None:
        return shipped_extract()
    record = store.load(Kind.EXTRACT, request.extract_id)
    return store.folder(Kind.EXTRACT, request.extract_id) / str(record["file_name"])


def _zone_request(request: SiteRequest) -> ZoneRequest:
    if request.zone is not None:
        return ZoneRequest.drawn(request.zone.model_dump(), crs=WGS84)
    if request.centre is not None:
        center = (request.centre.latitude_deg, request.centre.longitude_deg)
        return ZoneRequest(center=center, radius_m=request.radius_m)
    return ZoneRequest.at(SHIPPED_PLACES[request.place or ""].center)


def _plan_layers(proposal: Proposal) -> dict[str, gpd.GeoDataFrame]:
    return {
        "perimeter": proposal.assessment.perimeter,
        "corridors": proposal.assessment.corridors,
        "barriers": proposal.barriers,
        "units": proposal.units,
        "footprints": proposal.footprints,
        "gaps": proposal.verdict.gaps,
        "closures": proposal.closures,
    }


def _write_layers(folder: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    (folder / "layers").mkdir()
    for name, layer in layers.items():
        write_display_layer(layer, folder / "layers" / f"{name}.geojson")
    return list(layers)


def _write_archive(path: Path, files: list[Path]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)


def _about_site(site: Site) -> Record:
    return {
        "name": site.name,
        "created": now(),
        "crs": site.crs.to_string(),
        "zone_area_m2": round(float(site.zone_shape.area), 1),
        "report": _rows(site.report),
        "attribution": site.attribution,
    }


def _about_file(path: Path) -> Record:
    media_type = _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    return {"name": path.name, "bytes": path.stat().st_size, "media_type": media_type}


def _rows(table: pd.DataFrame) -> list[Record]:
    rows: list[Record] = plain(table.to_dict("records"))
    return rows
