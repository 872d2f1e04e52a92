"""Site + Assessment -> what protection and access cost, each point opened; a planner's session."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sbd.barriers.front import FrontPoint, best_under_budget, cost_front
from sbd.barriers.session import PlacementSession
from sbd.catalogue.products import Product
from sbd.errors import InfeasiblePlanError
from sbd.model.assessment import Assessment
from sbd.model.proposal import Proposal
from sbd.model.request import PlanRequest
from sbd.model.site import Site
from sbd.model.vehicle import Vehicle
from sbd.pipeline.plans import propose
from sbd.pipeline.speeds import surface_of, with_fields
from sbd.pipeline.wishes import DEFAULT_REQUEST, with_rules
from sbd.progress import Progress, ignore, part_of

FRONT_COLUMNS = [
    "point",
    "cost",
    "bound",
    "proven",
    "gap_percent",
    "vehicles",
    "protection_kj",
    "crossings",
    "enclosed_m2",
    "engine_distance_m",
]


def front(
    site: Site,
    assessment: Assessment | None = None,
    request: PlanRequest = DEFAULT_REQUEST,
    *,
    vehicles: Sequence[str | Vehicle] | None = None,
    products: Sequence[Product] | None = None,
    heights: Path | None = None,
    progress: Progress = ignore,
) -> tuple[FrontPoint, ...]:
    """Return plans of which none is better in cost, vehicles stopped and access kept.

    Each is proven for its wishes, or says its gap; `open_point` makes a proposal of one. Arguments
    are those of `propose`.
    """
    solved = with_fields(site, assessment, vehicles, heights, part_of(progress, 0.0, 0.6))
    return cost_front(
        surface_of(site, heights),
        solved,
        with_rules(request),
        products=products,
        progress=part_of(progress, 0.6, 1.0),
    )


def front_table(points: Sequence[FrontPoint]) -> pd.DataFrame:
    """Return the points of a front as rows, numbered from 1.

    An engine's distance is missing where no door is known, and inf where one has no crossing.
    """
    rows = [
        {
            "point": number,
            "cost": point.cost,
            "bound": point.bound,
            "proven": point.proven,
            "gap_percent": round(100.0 * point.gap_share, 2),
            "vehicles": " ".join(point.vehicles),
            "protection_kj": round(point.protection_kj, 1),
            "crossings": point.crossings,
            "enclosed_m2": point.enclosed_m2,
            "engine_distance_m": point.engine_distance_m,
        }
        for number, point in enumerate(points, start=1)
    ]
    table = pd.DataFrame(rows, columns=FRONT_COLUMNS)
    return table.astype({"engine_distance_m": float})


def open_point(
    site: Site,
    assessment: Assessment,
    point: FrontPoint,
    *,
    budget: float | None = None,
    products: Sequence[Product] | None = None,
    heights: Path | None = None,
    progress: Progress = ignore,
) -> Proposal:
    """Return the proposal of a point of a front: its plan with units and a verdict.

    Units that don't fit, and lanes that no engine turns through, may make it dearer than the point.

    Parameters
    ----------
    assessment : Assessment
        That the front was made with.
    budget : float
        What the units may cost.

    Raises
    ------
    InfeasiblePlanError
        Its units don't fit, or cost more than the budget.
    """
    stopped = [vehicle for vehicle in assessment.vehicles if vehicle.name in point.vehicles]
    return propose(
        site,
        assessment,
        point.request if budget is None else replace(point.request, budget=budget),
        vehicles=stopped,
        products=products,
        heights=heights,
        progress=progress,
    )


def open_best(
    site: Site,
    assessment: Assessment,
    points: Sequence[FrontPoint],
    budget: float,
    *,
    products: Sequence[Product] | None = None,
    heights: Path | None = None,
    progress: Progress = ignore,
) -> tuple[int, Proposal]:
    """Return the number of the best point that the money buys, from 1, and its proposal.

    Where units make a plan dearer than its point promised, or the judge says that it fails, the
    next best is opened; the budget holds for the units. Where none holds it is the best that was
    opened, with the verdict that it has. Raises InfeasiblePlanError where no point can be opened.
    """
    left = list(points)
    failed: tuple[int, Proposal] | None = None
    while True:
        if failed is not None and not any(point.cost <= budget for point in left):
            return failed
        best = best_under_budget(left, budget)
        try:
            opened = open_point(
                site,
                assessment,
                best,
                budget=budget,
                products=products,
                heights=heights,
                progress=progress,
            )
        except InfeasiblePlanError:
            others = any(point.cost <= budget for point in left if point is not best)
            if not others and failed is None:
                raise
        else:
            found = list(points).index(best) + 1, opened
            if opened.verdict.holds:
                return found
            failed = failed or found
        left.remove(best)


def placement_session(
    site: Site,
    assessment: Assessment | None = None,
    request: PlanRequest = DEFAULT_REQUEST,
    *,
    vehicles: Sequence[str | Vehicle] | None = None,
    products: Sequence[Product] | None = None,
    heights: Path | None = None,
    progress: Progress = ignore,
) -> PlacementSession:
    """Return a session in which pins, bans and moves are answered at once by the cut.

    Its layouts have no verdict: give what was decided to `propose` as the request's hand.
    """
    solved = with_fields(site, assessment, vehicles, heights, part_of(progress, 0.0, 0.9))
    return PlacementSession.start(
        surface_of(site, None),
        solved,
        with_rules(request),
        products=products,
        progress=part_of(progress, 0.9, 1.0),
    )
