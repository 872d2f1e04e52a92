"""`sbd assess` and `sbd sensitivity`: a SITE.gpkg into speeds, and what moves them."""

import argparse

import pandas as pd

from sbd import pipeline
from sbd.catalogue.vehicles import DEFAULT_VEHICLES
from sbd.commands.answer import (
    Answer,
    rounded,
    table,
    vehicles_of,
    writable_file,
    writable_folder,
)
from sbd.export.geopackage import write_assessment, write_sensitivity
from sbd.export.jsontext import plain
from sbd.model.assessment import Assessment
from sbd.progress import Progress
from sbd.sources.store import read_site


def run_assess(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make an ASSESSMENT.gpkg."""
    target = writable_file(options.output)
    site = read_site(options.site)
    assessment = pipeline.assess(
        site,
        vehicles=vehicles_of(options) or DEFAULT_VEHICLES,
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
        rasters = pipeline.write_rasters(assessment, writable_folder(options.rasters))
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
            "stage_seconds": rounded(assessment.seconds),
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
    target = writable_file(options.output)
    site = read_site(options.site)
    found = pipeline.sensitivity(
        site,
        vehicles=vehicles_of(options) or DEFAULT_VEHICLES,
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
    text = [f"{site.name}, {found.vehicle}: written to {target}", table(found.variations)]
    text += ["Measure first:", table(places) if len(places) else "  nothing would change much"]
    return Answer(
        {
            "sensitivity": str(target),
            "vehicle": found.vehicle,
            "variations": plain(found.variations.to_dict("records")),
            "measure_first": plain(places.to_dict("records")),
        },
        "\n".join(text),
    )
