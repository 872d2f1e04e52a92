"""Site + Assessment -> Proposal with its verdict, and its files."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd

from sbd.barriers import propose_layout
from sbd.catalogue.products import Product
from sbd.errors import InputError
from sbd.export import Format, export_files
from sbd.model.assessment import Assessment, FieldSettings
from sbd.model.proposal import Layout, Proposal
from sbd.model.request import PlanRequest
from sbd.model.site import Site
from sbd.model.vehicle import Vehicle
from sbd.model.verdict import Verdict
from sbd.pipeline.speeds import as_vehicle, with_fields
from sbd.pipeline.wishes import DEFAULT_REQUEST, GAP_LIMIT_M
from sbd.progress import Progress, ignore, part_of
from sbd.proposal import assemble, summary, summary_text
from sbd.surface import build_surface
from sbd.verify import judge_layout, prepare_footprints

log = logging.getLogger(__name__)


def propose(
    site: Site,
    assessment: Assessment | None = None,
    request: PlanRequest = DEFAULT_REQUEST,
    *,
    vehicles: Sequence[str | Vehicle] | None = None,
    products: Sequence[Product] | None = None,
    heights: Path | None = None,
    progress: Progress = ignore,
) -> Proposal:
    """Return a plan with the verdict of the independent judge.

    Parameters
    ----------
    assessment : Assessment
        Of the same site; made here where there is none.
    request : PlanRequest
        What the plan must meet; one openable crossing by default.
    vehicles : classes or Vehicles
        Design vehicles; those of the assessment by default.
    products : sequence of Product
        What may be built; the catalogue by default.
    heights : path
        As for `assess`; an assessment from a file that was made with heights needs them again.

    Raises
    ------
    InfeasiblePlanError
        No closed line exists, or the wishes can't be met together.
    """
    solved = with_fields(site, assessment, vehicles, heights, part_of(progress, 0.0, 0.7))
    started = time.perf_counter()
    found = propose_layout(
        build_surface(site),
        solved,
        request,
        products=products,
        progress=part_of(progress, 0.7, 0.9),
    )
    placed = time.perf_counter()
    verdict = _judged(site, found, request, part_of(progress, 0.9, 1.0))
    # What was assumed in the city's favour is a condition, however well the plan closes.
    verdict = replace(verdict, conditions=(*verdict.conditions, *_assumptions(solved.settings)))
    seconds = {
        **solved.seconds,
        "placement": placed - started,
        "verdict": time.perf_counter() - placed,
    }
    log.info("%s: %s", site.name, verdict.standing)
    return assemble(
        site,
        solved,
        found,
        verdict,
        layout=request.layout,
        openable_wanted=request.openable,
        seconds=seconds,
    )


def _judged(site: Site, found: Layout, request: PlanRequest, progress: Progress) -> Verdict:
    return judge_layout(
        site,
        found.footprints,
        threat_width_m=request.gap_max_m,
        openable_wanted=request.openable,
        barriers=found.barriers,
        progress=progress,
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
        width = as_vehicle(vehicle).width_m
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


def _assumptions(settings: FieldSettings) -> list[str]:
    return [
        f"assumed: {words}; less safe than without, so confirm it for this place"
        for words in settings.less_safe
    ]
