"""Site + Assessment -> Proposal with its verdict, and its files."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.approach.failure import failures
from sbd.barriers import propose_layout
from sbd.barriers.budget import refuse_total
from sbd.barriers.chicanes import slowed
from sbd.barriers.second_line import with_second_lines
from sbd.barriers.second_wishes import with_room_for_seconds
from sbd.barriers.why import layout_with_reasons
from sbd.barriers.workshop import Workshop
from sbd.catalogue.products import Product, load_products
from sbd.errors import InfeasiblePlanError, InputError
from sbd.export.files import export_files
from sbd.export.formats import Format
from sbd.model.assessment import Assessment, FieldSettings
from sbd.model.proposal import Layout, Proposal
from sbd.model.request import PlanRequest
from sbd.model.sheet import Sheet
from sbd.model.site import Site
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle
from sbd.model.verdict import Verdict
from sbd.model.words import DEFAULT_YEARS
from sbd.pipeline.speeds import as_vehicle, surface_of, with_fields
from sbd.pipeline.wishes import DEFAULT_REQUEST, GAP_LIMIT_M, with_rules
from sbd.progress import Progress, ignore, part_of
from sbd.proposal import assemble, summary, summary_text
from sbd.proposal.bill import bill_sheet
from sbd.proposal.breakeven import prices_for
from sbd.proposal.calendar import Calendar
from sbd.proposal.deployment import deployment
from sbd.proposal.lifecycle import life_cycle, with_life_cycle
from sbd.proposal.sheets import deployment_sheet
from sbd.verify import certify, judge, judge_layout, open_hearing, prepare_footprints

log = logging.getLogger(__name__)

# Planner and judge agree on crossings by turns.
MOST_TURNS = 6
CROSSING_M = 3.0  # around a crossing that was refused no other is tried


def propose(  # noqa: PLR0913  # each by its name
    site: Site,
    assessment: Assessment | None = None,
    request: PlanRequest = DEFAULT_REQUEST,
    *,
    vehicles: Sequence[str | Vehicle] | None = None,
    products: Sequence[Product] | None = None,
    calendar: Calendar | None = None,
    years: int = DEFAULT_YEARS,
    reasons: bool = False,
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
    calendar : Calendar
        Events of a year. With them the plan is the cheapest over its `years` and not the cheapest
        to buy; a mixed one needs them. During events no crossing opens, so what may be delivered
        then needs a way outside the lines (unless the request has `shut_hours` of its own).
    reasons : bool
        Whether each line says why it stands there; takes one more plan a line and a wish.
    heights : path
        As for `assess`; an assessment from a file that was made with heights needs them again.

    Raises
    ------
    InfeasiblePlanError
        No closed line exists, or the wishes can't be met together.
    """
    request = with_rules(request)
    if calendar is not None and not request.shut_hours:
        request = replace(request, shut_hours=calendar.hours)
    catalogue = load_products() if products is None else tuple(products)
    prices = _life_prices(catalogue, request, calendar, years)
    solved = with_fields(site, assessment, vehicles, heights, part_of(progress, 0.0, 0.7))
    if reasons:
        place = partial(layout_with_reasons, products=catalogue, prices=prices)
    else:
        place = partial(propose_layout, products=catalogue, prices=prices, workshop=Workshop())
    surface = surface_of(site, heights)
    seconds = {"placement": 0.0, "verdict": 0.0}
    steps = part_of(progress, 0.7, 1.0)
    for turn in range(MOST_TURNS):
        started = time.perf_counter()
        share = part_of(steps, turn / MOST_TURNS, (turn + 1) / MOST_TURNS)
        try:
            speeds, found = _placed(surface, solved, request, place, catalogue, share)
        except InfeasiblePlanError:
            if turn == 0:
                raise
            break  # no other place for the crossing: the plan before, with its verdict
        placed = time.perf_counter()
        # Of a plan that goes back only its crossings are judged; of the last one everything.
        hearing = open_hearing(
            site, found.footprints, request=request, barriers=found.barriers, products=catalogue
        )
        refused = hearing.refused_crossings()
        seconds["placement"] += placed - started
        seconds["verdict"] += time.perf_counter() - placed
        if not len(refused):
            break
        log.info("%s: no engine turns through a crossing, another place is tried", site.name)
        request = _without_crossings_on(request, refused)
    judged = time.perf_counter()
    verdict = judge(hearing)
    seconds["verdict"] += time.perf_counter() - judged
    log.info("%s: %s", site.name, verdict.standing)
    proposal = assemble(
        site,
        speeds,
        found,
        replace(verdict, conditions=(*verdict.conditions, *_conditions(found, speeds.settings))),
        layout=request.layout,
        openable_wanted=request.openable,
        seconds={**speeds.seconds, **seconds},
    )
    return proposal if calendar is None else _over_years(proposal, calendar, years, catalogue)


def _over_years(
    proposal: Proposal, calendar: Calendar, years: int, products: Sequence[Product]
) -> Proposal:
    """Return a proposal with its life-cycle cost; deliveries during events are its conditions."""
    work = deployment(proposal, calendar=calendar, products=products)
    verdict = proposal.verdict
    dated = replace(
        proposal,
        verdict=replace(verdict, conditions=(*verdict.conditions, *work.conflicts)),
    )
    return with_life_cycle(dated, life_cycle(dated, calendar, years=years, products=products))


def _without_crossings_on(request: PlanRequest, units: NDArray[np.object_]) -> PlanRequest:
    """Return a request that allows no crossing around units.

    Planner and judge share no code, so the planner's own test may pass what the judge's refuses;
    the judge has the last word.
    """
    hand = request.hand
    refused = shapely.union_all(shapely.buffer(units, CROSSING_M))
    ground = refused if hand.no_crossing is None else hand.no_crossing.union(refused)
    return replace(request, hand=replace(hand, no_crossing=ground))


def _placed(
    surface: DrivableSurface,
    assessment: Assessment,
    request: PlanRequest,
    place: Callable[..., Layout],
    products: Sequence[Product],
    progress: Progress,
) -> tuple[Assessment, Layout]:
    """Return the layout with its chicanes and second lines, and the speeds that they leave."""

    def once(asked: PlanRequest) -> tuple[Assessment, Layout]:
        if asked.chicanes:
            plan = partial(place, request=asked)
            slow = slowed(
                surface, assessment, asked, plan=plan, products=products, progress=progress
            )
            speeds, found = slow.assessment, slow.whole
        else:
            speeds, found = assessment, place(surface, assessment, asked, progress=progress)
        if asked.second_line:
            found = with_second_lines(surface, speeds, asked, found, products=products)
        refuse_total(found, asked)
        return speeds, found

    return with_room_for_seconds(surface, request, once) if request.second_line else once(request)


def _life_prices(
    products: Sequence[Product], request: PlanRequest, calendar: Calendar | None, years: int
) -> dict[str, float] | None:
    """Return what a unit of each product costs over the years; None: to buy it is what counts."""
    if calendar is not None:
        return prices_for(products, calendar, years=years, layout=request.layout)
    if request.layout == "mixed":
        raise InputError(
            "mixed: what is worth building depends on how often events come; give their calendar"
        )
    return None


def verify(
    site: Site,
    footprints: gpd.GeoDataFrame,
    request: PlanRequest | None = None,
    *,
    vehicle: str | Vehicle | None = None,
    width_m: float | None = None,
    products: Sequence[Product] | None = None,
    progress: Progress = ignore,
) -> Verdict:
    """Return the judge's verdict of any layout, given as polygons on the ground.

    Parameters
    ----------
    request : PlanRequest
        What is asked of the layout beside keeping vehicles out; no more by default.
    vehicle, width_m
        The disc is as wide as one of them, or else as the widest safe gap (1.2 m).
    products : sequence of Product
        What a column `product_id` may name; the catalogue by default.
    """
    if vehicle is not None and width_m is not None:
        raise InputError("verify: both a vehicle and a width; give one of them")
    return judge_layout(
        site,
        prepare_footprints(footprints, site.crs),
        request=None if request is None else with_rules(request),
        threat_width_m=as_vehicle(vehicle).width_m if vehicle is not None else width_m,
        products=load_products() if products is None else products,
        progress=progress,
    )


def certificate(
    site: Site,
    footprints: gpd.GeoDataFrame,
    *,
    width_m: float = GAP_LIMIT_M,
    bound: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the proof that nothing gets through a layout, for the checker of one file.

    Parameters
    ----------
    bound : mapping
        The flow that bounds the cost of a plan (`Proposal.meta["bound"]`).

    Raises
    ------
    InputError
        Something gets through.
    """
    prepared = prepare_footprints(footprints, site.crs)
    return certify(site, prepared, threat_width_m=width_m, bound=bound)


def with_failures(
    proposal: Proposal, *, heights: Path | None = None, progress: Progress = ignore
) -> Proposal:
    """Return a proposal with what any one gate that stands open, or one unit gone, lets in.

    Parameters
    ----------
    heights : path
        Those that its assessment was made with.
    """
    assessment = proposal.assessment
    if assessment.heights and heights is None:
        raise InputError(f"failures: made with the heights of {assessment.heights}; give them")
    found = failures(
        surface_of(proposal.site, heights),
        proposal.footprints,
        assessment.vehicles,
        assessment.settings,
        progress=progress,
    )
    return replace(proposal, failures=found)


def export(
    proposal: Proposal,
    folder: Path,
    *,
    formats: Iterable[str | Format] = tuple(Format),
    products: Sequence[Product] | None = None,
) -> list[Path]:
    """Write a proposal's files into `folder`; return their paths.

    The certificate is of a plan that keeps everything out; there is none of another.

    Parameters
    ----------
    products : sequence of Product
        That the plan was made with; the catalogue by default.
    """
    wanted = [Format(name) for name in formats]
    proof = None
    if Format.CERTIFICATE in wanted and _keeps_out(proposal.verdict):
        proof = certificate(
            proposal.site,
            proposal.footprints,
            width_m=_threat_m(proposal.verdict),
            bound=proposal.meta.get("bound"),
        )
    sheets: tuple[Sheet, ...] = ()
    if Format.SHEETS in wanted:
        work = deployment(proposal, products=products)
        sheets = (deployment_sheet(proposal, work), bill_sheet(proposal))
    return export_files(
        proposal,
        Path(folder),
        formats=wanted,
        summary=summary(proposal, products=products),
        summary_text=summary_text(proposal, products=products),
        sheets=sheets,
        certificate=proof,
    )


def _keeps_out(verdict: Verdict) -> bool:
    return any(check.name == "threat" and check.holds for check in verdict.checks)


def _threat_m(verdict: Verdict) -> float:
    return next(check.width_m for check in verdict.checks if check.name == "threat")


def _conditions(found: Layout, settings: FieldSettings) -> list[str]:
    """Return what was assumed in the city's favour, however well the plan closes, and what is open.

    A plan that the solver could not prove in time says by how much it may be too dear.
    """
    assumed = [
        f"assumed: {words}; less safe than without, so confirm it for this place"
        for words in settings.less_safe
    ]
    if found.proven:
        return [*assumed, *found.notes]
    share = 1.0 - found.cost_bound / found.cost_found
    return [*assumed, *found.notes, f"cost: unproven, up to {share:.1%} above the least possible"]
