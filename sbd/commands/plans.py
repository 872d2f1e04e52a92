"""`sbd propose`, `verify`, `compare`, `export`, `demo`: plans, their verdicts and their files."""

import argparse
from dataclasses import replace

import pandas as pd

from sbd import pipeline
from sbd.commands.answer import (
    Answer,
    rounded,
    table,
    vehicles_of,
    writable_file,
    writable_folder,
)
from sbd.errors import InputError
from sbd.export.atomic import write_text
from sbd.export.formats import Format
from sbd.export.geopackage import write_proposal
from sbd.export.jsontext import plain, to_json
from sbd.model.request import PlanRequest
from sbd.model.site import Site
from sbd.model.verdict import Verdict
from sbd.progress import Progress
from sbd.sources.store import read_assessment, read_footprints, read_proposal, read_site

# A car and a lorry: half the classes, so that the first answer comes within a minute.
DEMO_VEHICLES = ("M1", "N2A")


def run_demo(options: argparse.Namespace, progress: Progress) -> Answer:
    """Plan a shipped place and write its files."""
    folder = writable_folder(options.out)
    site = pipeline.site_demo(options.place, progress=progress)
    proposal = pipeline.propose(
        site,
        request=replace(pipeline.DEFAULT_REQUEST, layout=options.layout),
        vehicles=DEMO_VEHICLES,
        progress=progress,
    )
    progress("export", 0.98, "writing the files")
    paths = pipeline.export(proposal, folder)
    seconds = rounded(proposal.meta.get("seconds", {}))
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


def run_propose(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make a PROPOSAL.gpkg with its verdict."""
    target = writable_file(options.output)
    site = read_site(options.site)
    assessment = read_assessment(options.assessment) if options.assessment else None
    products = pipeline.products_with(options.catalogue)
    proposal = pipeline.propose(
        site,
        assessment,
        request_of(options, site),
        vehicles=vehicles_of(options),
        products=products,
        calendar=pipeline.read_calendar(options.calendar) if options.calendar else None,
        years=options.years,
        reasons=options.why,
        heights=options.heights,
        progress=progress,
    )
    write_proposal(proposal, target)
    summary = pipeline.summary(proposal, products=products)
    text = f"{pipeline.summary_text(proposal, products=products)}\n\nWritten to {target}"
    return Answer({"proposal": str(target), **summary}, text, yes=proposal.verdict.holds)


def request_of(options: argparse.Namespace, site: Site) -> PlanRequest:
    """Return the wishes that the options of `sbd propose` say."""
    return replace(
        asked_of(options, site),
        layout=options.layout,
        chicanes=options.chicanes or 0,
        enclosed_max_m2=options.enclosed_max,
        budget=options.budget,
    )


def asked_of(options: argparse.Namespace, site: Site) -> PlanRequest:
    """Return what the options ask of any layout, whoever made it."""
    return pipeline.plan_request(
        country=options.country,
        openable=options.openable,
        engine_distance_m=options.engine_distance,
        people=options.people,
        exit_minutes=options.exit_minutes,
        second_line=options.second_line,
        desire_widths_m=dict(options.desire_width),
        hand=pipeline.planners_hand(
            site,
            pinned=read_footprints(options.pinned) if options.pinned else None,
            forbidden=read_footprints(options.forbidden) if options.forbidden else None,
        ),
    )


def run_verify(options: argparse.Namespace, progress: Progress) -> Answer:
    """Judge any layout, and certify it where it keeps everything out."""
    target = writable_file(options.certificate) if options.certificate else None
    site = read_site(options.site)
    layout = read_footprints(options.barriers)
    verdict = pipeline.verify(
        site,
        layout,
        asked_of(options, site),
        vehicle=options.vehicle,
        width_m=options.width,
        products=pipeline.products_with(options.catalogue),
        progress=progress,
    )
    text = _verdict_text(verdict)
    if target is not None:
        width_m = next(check.width_m for check in verdict.checks if check.name == "threat")
        proof = pipeline.certificate(site, layout, width_m=width_m)
        write_text(target, to_json(proof, indent=1) + "\n")
        text += f"\nCertificate written to {target}"
    return Answer(verdict.as_dict(), text, yes=verdict.holds)


def run_failures(options: argparse.Namespace, progress: Progress) -> Answer:
    """Say what any one barrier of a PROPOSAL.gpkg that fails lets in, and keep it in the plan."""
    target = writable_file(options.output)
    plan = read_proposal(options.proposal)
    proposal = pipeline.with_failures(plan, heights=options.heights, progress=progress)
    write_proposal(proposal, target)
    rows = pd.DataFrame(proposal.failures).drop(columns="geometry")
    shown = rows[["failure_id", "what", "vehicle", "zone_reached_m2", "speed_kmh", "energy_kj"]]
    text = table(shown) if len(rows) else "No single failure lets anything into the zone."
    return Answer(
        {"proposal": str(target), "failures": plain(rows.to_dict("records"))},
        f"{text}\n\nWritten to {target}",
    )


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
    if Format.RASTER in (options.format or ()):
        raise InputError(
            f"--format {Format.RASTER}: {options.proposal} holds no speed fields; write them with "
            "`sbd assess SITE.gpkg --rasters DIR`"
        )
    folder = writable_folder(options.output)
    proposal = read_proposal(options.proposal)
    progress("export", 0.3, "writing")
    paths = pipeline.export(
        proposal,
        folder,
        formats=options.format or tuple(Format),
        products=pipeline.products_with(options.catalogue),
    )
    files = [str(path) for path in paths]
    return Answer({"files": files}, "\n".join(files))


def _verdict_text(verdict: Verdict) -> str:
    lines = [f"The layout {verdict.standing}."]
    lines += [
        f"  {'yes' if check.holds else 'NO '}  {check.question}: {check.note}"
        for check in verdict.checks
    ]
    lines += [f"  on condition: {condition}" for condition in verdict.conditions]
    return "\n".join(lines)
