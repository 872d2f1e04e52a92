"""What each command does: its options in, the answer for machines and for people out."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sbd import pipeline
from sbd.catalogue.vehicles import DEFAULT_VEHICLES, read_vehicles
from sbd.errors import InputError, OutputError
from sbd.export import Format
from sbd.export.geopackage import (
    write_assessment,
    write_proposal,
    write_sensitivity,
    write_site,
)
from sbd.export.jsontext import plain
from sbd.model.assessment import Assessment
from sbd.model.site import Site
from sbd.model.vehicle import Vehicle
from sbd.model.verdict import Verdict
from sbd.progress import Progress
from sbd.settings import Settings
from sbd.site import ZoneRequest
from sbd.sources.overpass import MapService
from sbd.sources.store import read_assessment, read_footprints, read_proposal, read_site
from sbd.sources.zonefile import read_zone

# A car and a lorry: half the classes, so that the first answer comes within a minute.
DEMO_VEHICLES = ("M1", "N2A")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says: for machines, for people, and whether the answer is yes."""

    data: dict[str, Any]
    text: str
    yes: bool = True


def run_demo(options: argparse.Namespace, progress: Progress) -> Answer:
    """Plan a shipped place and write its files."""
    folder = _writable_folder(options.out)
    site = pipeline.site_demo(options.place, progress=progress)
    proposal = pipeline.propose(
        site, vehicles=DEMO_VEHICLES, layout=options.layout, progress=progress
    )
    progress("export", 0.98, "writing the files")
    paths = pipeline.export(proposal, folder)
    seconds = _rounded(proposal.meta.get("seconds", {}))
    text = [
        pipeline.summary_text(proposal),
        "",
        "Seconds: " + ", ".join(f"{stage} {value:g}" for stage, value in seconds.items()),
        f"Open {folder / 'map.html'} in a browser; all files:",
        *(f"  {path}" for path in paths),
    ]
    return Answer(
        {**pipeline.summary(proposal), "files": [str(path) for path in paths]},
        "\n".join(text),
        yes=proposal.verdict.holds,
    )


def run_site(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make a SITE.gpkg."""
    target = _writable_file(options.output)
    site = _site_of(options, progress)
    write_site(site, target)
    report = site.report.astype(object).where(site.report.notna(), None).to_dict(orient="records")
    counts = {name: len(layer) for name, layer in site.layers.items()}
    text = [f"{site.name}: {site.zone_shape.area:.0f} m2 to protect, written to {target}"]
    text += [f"  {row['topic']:<9} {row['item']}: {row['note']}" for row in report]
    return Answer(
        {
            "site": str(target),
            "name": site.name,
            "crs": site.crs.to_string(),
            "zone_area_m2": round(float(site.zone_shape.area), 1),
            "layers": counts,
            "report": report,
        },
        "\n".join(text),
    )


def run_assess(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make an ASSESSMENT.gpkg."""
    target = _writable_file(options.output)
    site = read_site(options.site)
    assessment = pipeline.assess(
        site,
        vehicles=_vehicles_of(options) or DEFAULT_VEHICLES,
        entry_speed_kmh=options.entry_speed,
        resolution_m=options.resolution,
        headings=options.headings,
        drive=options.drive,
        grip=options.grip,
        max_approach_m=options.max_approach,
        speed_limit_kmh=options.speed_limit,
        heights=options.heights,
        progress=progress,
    )
    write_assessment(assessment, target)
    rasters = []
    if options.rasters:
        rasters = pipeline.write_rasters(assessment, _writable_folder(options.rasters))
    worst = _worst(assessment)
    text = [f"{site.name}: {len(assessment.corridors)} approaches, written to {target}"]
    text += [
        f"  {row.vehicle}: up to {row.speed_kmh:.0f} km/h (attained {row.speed_lower_kmh:.0f}, at "
        f"most {row.speed_upper_kmh:.0f}), {row.energy_upper_kj:.0f} kJ at most; "
        f"{row.at_top_speed_share:.0%} of the outline is met at top speed"
        for row in worst.itertuples()
    ]
    text += [f"  assumed, less safe: {words}" for words in assessment.settings.less_safe]
    return Answer(
        {
            "assessment": str(target),
            "name": site.name,
            "worst": worst.round(3).to_dict(orient="records"),
            "corridors": len(assessment.corridors),
            "less_safe": list(assessment.settings.less_safe),
            "rasters": [str(path) for path in rasters],
            "stage_seconds": _rounded(assessment.seconds),
        },
        "\n".join(text),
    )


def _worst(assessment: Assessment) -> pd.DataFrame:
    """Return the highest figures of each vehicle, and how much of the outline is saturated."""
    rows = assessment.perimeter.assign(
        at_top_speed_share=assessment.perimeter["limited_by"] == "top speed"
    )
    figures = ["speed_lower_kmh", "speed_kmh", "speed_upper_kmh", "energy_upper_kj"]
    steps = dict.fromkeys(figures, "max") | {"at_top_speed_share": "mean"}
    worst: pd.DataFrame = rows.groupby("vehicle", sort=False).agg(steps).reset_index()
    return worst


def run_sensitivity(options: argparse.Namespace, progress: Progress) -> Answer:
    """Say what each input moves, and where to measure first."""
    target = _writable_file(options.output)
    site = read_site(options.site)
    found = pipeline.sensitivity(
        site,
        vehicles=_vehicles_of(options) or DEFAULT_VEHICLES,
        entry_speed_kmh=options.entry_speed,
        resolution_m=options.resolution,
        headings=options.headings,
        heights=options.heights,
        progress=progress,
    )
    write_sensitivity(
        found.measure_first,
        found.variations,
        target,
        vehicle=found.vehicle,
        attribution=site.attribution,
    )
    places = pd.DataFrame(found.measure_first.drop(columns="geometry"))
    text = [f"{site.name}, {found.vehicle}: written to {target}", _table(found.variations)]
    text += ["Measure first:", _table(places) if len(places) else "  nothing would change much"]
    return Answer(
        {
            "sensitivity": str(target),
            "vehicle": found.vehicle,
            "variations": plain(found.variations.to_dict("records")),
            "measure_first": plain(places.to_dict("records")),
        },
        "\n".join(text),
    )


def _table(rows: pd.DataFrame) -> str:
    return rows.to_string(index=False, float_format=lambda value: f"{value:.1f}")


def run_propose(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make a PROPOSAL.gpkg with its verdict."""
    target = _writable_file(options.output)
    site = read_site(options.site)
    assessment = read_assessment(options.assessment) if options.assessment else None
    proposal = pipeline.propose(
        site,
        assessment,
        vehicles=_vehicles_of(options),
        layout=options.layout,
        openable=options.openable,
        heights=options.heights,
        progress=progress,
    )
    write_proposal(proposal, target)
    summary = pipeline.summary(proposal)
    text = f"{pipeline.summary_text(proposal)}\n\nWritten to {target}"
    return Answer({"proposal": str(target), **summary}, text, yes=proposal.verdict.holds)


def run_verify(options: argparse.Namespace, progress: Progress) -> Answer:
    """Judge any layout."""
    site = read_site(options.site)
    verdict = pipeline.verify(
        site,
        read_footprints(options.barriers),
        vehicle=options.vehicle,
        width_m=options.width,
        progress=progress,
    )
    return Answer(verdict.as_dict(), _verdict_text(verdict), yes=verdict.holds)


def run_compare(options: argparse.Namespace, progress: Progress) -> Answer:
    """Say what changes from one PROPOSAL.gpkg to another."""
    progress("compare", 0.0, "reading")
    found = pipeline.compare(read_proposal(options.before), read_proposal(options.after))
    changes = [f"{count} {change}" for change, count in found.counts.items()]
    text = [f"Units: {', '.join(changes) or 'none in either'}"]
    text += [
        f"  {row.measure}: {row.before} -> {row.after} {row.unit}".rstrip()
        for row in found.measures.itertuples()
        if str(row.before) != str(row.after)
    ]
    return Answer(
        {"units": found.counts, "measures": plain(found.measures.to_dict("records"))},
        "\n".join(text),
    )


def run_export(options: argparse.Namespace, progress: Progress) -> Answer:
    """Write the files of a PROPOSAL.gpkg."""
    folder = _writable_folder(options.output)
    proposal = read_proposal(options.proposal)
    progress("export", 0.3, "writing")
    paths = pipeline.export(proposal, folder, formats=options.format or tuple(Format))
    files = [str(path) for path in paths]
    return Answer({"files": files}, "\n".join(files))


def _site_of(options: argparse.Namespace, progress: Progress) -> Site:
    shared = {
        "margin_m": options.margin,
        "crs": options.crs,
        "close": options.close,
        "keep_open": options.keep_open,
        "progress": progress,
    }
    if options.layers:
        return pipeline.site_from_layers(options.layers, **shared)
    if options.place:
        service = MapService.from_settings(Settings.from_environment())
        request = pipeline.place_request(options.place, service, radius_m=options.radius)
        return pipeline.site_from_service(request, service, **shared)
    return pipeline.site_from_extract(options.extract, _request_of(options), **shared)


def _request_of(options: argparse.Namespace) -> ZoneRequest:
    if options.zone and options.center:
        raise InputError("site: both --zone and --center; give one of them")
    if options.zone:
        return ZoneRequest.drawn(read_zone(options.zone))
    if not options.center:
        raise InputError("site: no place in the extract; give --center LAT,LON or --zone FILE")
    return ZoneRequest(center=_latitude_longitude(options.center), radius_m=options.radius)


def _vehicles_of(options: argparse.Namespace) -> list[str | Vehicle] | None:
    own: list[Vehicle] = read_vehicles(options.vehicles) if options.vehicles else []
    named: list[str] = options.vehicle or []
    return [*named, *own] or None


def _latitude_longitude(text: str) -> tuple[float, float]:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--center {text!r}: write it as LAT,LON, like 60.1713,24.9442") from None
    return latitude, longitude


def _writable_file(path: Path) -> Path:
    """Return `path` if a file can be written there; found out before any long work."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; give a file name in it")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: its folder {path.parent} does not exist; make it first")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"{path}: its folder {path.parent} can't be written to; take another")
    return path


def _writable_folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: can't be a folder ({error.strerror}); take another") from error
    if not os.access(path, os.W_OK):
        raise OutputError(f"{path}: can't be written to; take another folder")
    return path


def _verdict_text(verdict: Verdict) -> str:
    lines = [f"The layout {verdict.standing}."]
    lines += [
        f"  {'yes' if check.holds else 'NO '}  {check.question}: {check.note}"
        for check in verdict.checks
    ]
    lines += [f"  on condition: {condition}" for condition in verdict.conditions]
    return "\n".join(lines)


def _rounded(seconds: dict[str, float]) -> dict[str, float]:
    return {stage: round(value, 2) for stage, value in seconds.items()}
