"""What a worker does for each kind of job: a request and input files in, files and a record out.

Nothing here knows of the store, so the same functions run in a process of this machine and on a
cluster. Each fills an empty folder: `data/` (what other jobs read), `layers/` (GeoJSON for
display), `files/` (to take home) and `archive.zip` (all of those in one).
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import rasterio
import rasterio.warp
import shapely.geometry
from rasterio.errors import RasterioError

import sbd
from api.display import write_display_layer
from api.queue.tasks import Inputs, Record
from api.schemas import AssessmentRequest, PlanRequest, SiteRequest
from api.store import UploadKind
from sbd import pipeline
from sbd.errors import InputError
from sbd.export.geopackage import write_assessment, write_site
from sbd.export.jsontext import plain
from sbd.geometry.crs import WGS84
from sbd.model.assessment import Assessment
from sbd.model.proposal import Proposal
from sbd.model.site import Site
from sbd.progress import Progress, part_of
from sbd.proposal.calendar import Calendar, Event
from sbd.site import ZoneRequest
from sbd.sources.extract import read_extract
from sbd.sources.layers import read_extra_layers
from sbd.sources.productfile import read_products
from sbd.sources.shipped import SHIPPED_PLACES, shipped_extract
from sbd.sources.store import read_site

SITE_FILE = "site.gpkg"
ASSESSMENT_FILE = "assessment.gpkg"


def warm() -> None:
    """Load what the first job would otherwise wait for."""
    sbd.warm_up()


# ------------------------------------------------------------------------ uploads


def read_upload(request: Record, inputs: Inputs, _out: Path, progress: Progress) -> Record:
    """Read a file that was sent in as a whole, and say what it holds; its faults are the answer."""
    kind = UploadKind(request["kind"])
    path = inputs["upload"]
    progress("reading", 0.0, f"reading {path.name}")
    if kind is UploadKind.EXTRACT:
        record = _about_extract(path, progress)
    elif kind is UploadKind.LAYERS:
        record = _about_layers(path)
    elif kind is UploadKind.HEIGHTS:
        record = _about_heights(path)
    else:
        products = read_products(path)
        record = {"products": [product.product_id for product in products]}
    progress("reading", 1.0, "ready")
    return record


def _about_extract(path: Path, progress: Progress) -> Record:
    raw = read_extract(path, progress=progress)
    return {
        "date": raw.date,
        "covered": gpd.GeoSeries([raw.covered], crs=WGS84).iloc[0].__geo_interface__,
        "repairs": rows_of(raw.repairs),
        "attribution": raw.attribution,
    }


def _about_layers(path: Path) -> Record:
    extra = read_extra_layers(path)
    counts = {name: len(layer) for name, layer in extra.layers.items()}
    return {"layers": counts, "repairs": rows_of(extra.repairs)}


def _about_heights(path: Path) -> Record:
    """Return where a raster speaks; whether it fits a site, that site's work says."""
    try:
        with rasterio.open(path) as raster:
            if raster.crs is None:
                raise InputError(
                    f"heights {path.name}: no reference system is stated; write it into the file"
                )
            bounds = rasterio.warp.transform_bounds(raster.crs, WGS84, *raster.bounds)
            size = [raster.width, raster.height]
    except RasterioError as error:
        raise InputError(
            f"heights {path.name}: not a raster, or damaged; give a GeoTIFF"
        ) from error
    return {"covered": shapely.box(*bounds).__geo_interface__, "cells": size}


# ------------------------------------------------------------------------ sites


def make_site(request: Record, inputs: Inputs, out: Path, progress: Progress) -> Record:
    """Cut the data to the place, sort it, and write the layers for display."""
    asked = SiteRequest.model_validate(request["asked"])
    site = pipeline.site_from_extract(
        inputs.get("extract") or shipped_extract(),
        _zone_request(asked),
        margin_m=asked.margin_m,
        close=asked.close,
        keep_open=asked.keep_open,
        progress=part_of(progress, 0.0, 0.9),
    )
    if "layers" in inputs:
        progress("layers", 0.9, "adding own layers")
        site = pipeline.with_own_layers(site, inputs["layers"])
    progress("display", 0.93, "writing the layers")
    (out / "data").mkdir()
    write_site(site, out / "data" / SITE_FILE)
    layers = _write_layers(out, site.layers)
    progress("display", 1.0, "ready")
    return {
        "name": site.name,
        "crs": site.crs.to_string(),
        "zone_area_m2": round(float(site.zone_shape.area), 1),
        "report": rows_of(site.report),
        "layers": layers,
        "attribution": site.attribution,
    }


def _zone_request(asked: SiteRequest) -> ZoneRequest:
    if asked.zone is not None:
        return ZoneRequest.drawn(asked.zone.model_dump(), crs=WGS84)
    if asked.centre is not None:
        center = (asked.centre.latitude_deg, asked.centre.longitude_deg)
        return ZoneRequest(center=center, radius_m=asked.radius_m)
    return ZoneRequest.at(SHIPPED_PLACES[asked.place or ""].center)


# ------------------------------------------------------------------------ assessments


def make_assessment(request: Record, inputs: Inputs, out: Path, progress: Progress) -> Record:
    """Solve the speeds of a site; write the outline, the corridors and a raster a vehicle."""
    asked = AssessmentRequest.model_validate(request["asked"])
    site = read_site(inputs["site"])
    assessment = assessed(site, asked, inputs.get("heights"), part_of(progress, 0.0, 0.9))
    progress("files", 0.9, "writing the files")
    files = out / "files"
    files.mkdir()
    write_assessment(assessment, files / ASSESSMENT_FILE)
    paths = [files / ASSESSMENT_FILE, *pipeline.write_rasters(assessment, files)]
    _write_archive(out, paths)
    layers = _write_layers(
        out, {"perimeter": assessment.perimeter, "corridors": assessment.corridors}
    )
    progress("files", 1.0, "ready")
    return {
        "summary": _speeds_in_short(assessment),
        "layers": layers,
        "files": [path.name for path in paths],
        "attribution": assessment.attribution,
    }


def assessed(
    site: Site, asked: AssessmentRequest, heights: Path | None, progress: Progress
) -> Assessment:
    """Return the assessment that a request asks for."""
    return pipeline.assess(
        site,
        vehicles=asked.vehicles,
        entry_speed_kmh=asked.entry_speed_kmh,
        resolution_m=asked.resolution_m,
        headings=asked.headings,
        drive=asked.drive,
        grip=asked.grip,
        max_approach_m=asked.max_approach_m,
        speed_limit_kmh=asked.speed_limit_kmh,
        heights=heights,
        progress=progress,
    )


def _speeds_in_short(assessment: Assessment) -> Record:
    """Return the highest figures of each vehicle anywhere along the outline."""
    figures = ["speed_lower_kmh", "speed_kmh", "speed_upper_kmh", "energy_upper_kj"]
    worst = assessment.perimeter.groupby("vehicle", sort=False)[figures].max().round(3)
    return {
        "vehicles": rows_of(worst.reset_index()),
        "corridors": len(assessment.corridors),
        "less_safe": list(assessment.settings.less_safe),
    }


# ------------------------------------------------------------------------ plans


def make_plan(request: Record, inputs: Inputs, out: Path, progress: Progress) -> Record:
    """Assess, place, judge, and write the files and the layers for display."""
    asked = PlanRequest.model_validate(request["asked"])
    site = read_site(inputs["site"])
    products = pipeline.products_with(inputs.get("catalogue"))
    # `propose` counts its own steps from 0.7 on where the assessment is given.
    steps = part_of(progress, 0.0, 0.93)
    assessment = assessed(site, asked, inputs.get("heights"), part_of(steps, 0.0, 0.7))
    proposal = pipeline.propose(
        site,
        assessment,
        wishes_of(site, asked),
        products=products,
        calendar=_calendar(asked),
        years=asked.years,
        heights=inputs.get("heights"),
        progress=steps,
    )
    progress("files", 0.93, "writing the files")
    paths = pipeline.export(proposal, out / "files", products=products)
    progress("files", 0.98, "writing the layers")
    _write_archive(out, paths)
    layers = _write_layers(out, _plan_layers(proposal))
    progress("files", 1.0, "ready")
    return {
        "verdict": proposal.verdict.as_dict(),
        "summary": plain(pipeline.summary(proposal, products=products)),
        "text": pipeline.summary_text(proposal, products=products),
        "layers": layers,
        "files": [path.name for path in paths],
        "attribution": site.attribution,
    }


def wishes_of(site: Site, asked: PlanRequest) -> sbd.PlanRequest:
    """Return the wishes of a request; its shapes come in longitude and latitude."""
    units = [unit.model_dump() for unit in asked.pinned]
    shapes = [shapely.geometry.shape(unit.pop("footprint")) for unit in units]
    ground = [shapely.geometry.shape(zone.model_dump()) for zone in asked.forbidden]
    return pipeline.plan_request(
        country=asked.country,
        layout=asked.layout,
        openable=asked.openable,
        engine_distance_m=asked.engine_distance_m,
        people=asked.people,
        exit_minutes=asked.exit_minutes,
        enclosed_max_m2=asked.enclosed_max_m2,
        desire_widths_m=asked.desire_widths_m,
        budget=asked.budget,
        second_line=asked.second_line,
        chicanes=asked.chicanes,
        hand=pipeline.planners_hand(
            site,
            pinned=gpd.GeoDataFrame(units, geometry=shapes, crs=WGS84) if units else None,
            forbidden=gpd.GeoDataFrame(geometry=ground, crs=WGS84) if ground else None,
        ),
    )


def _calendar(asked: PlanRequest) -> Calendar | None:
    events = [
        Event(event_id=f"E{number}", **event.model_dump())
        for number, event in enumerate(asked.events, start=1)
    ]
    return Calendar(tuple(events)) if events else None


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


# ------------------------------------------------------------------------ files


def _write_layers(out: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    (out / "layers").mkdir()
    for name, layer in layers.items():
        write_display_layer(layer, out / "layers" / f"{name}.geojson")
    return list(layers)


def _write_archive(out: Path, files: list[Path]) -> None:
    with zipfile.ZipFile(out / "archive.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)


def rows_of(table: pd.DataFrame) -> list[Record]:
    """Return the rows of a table as plain values."""
    rows: list[Record] = plain(table.to_dict("records"))
    return rows
