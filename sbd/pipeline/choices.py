"""Site + Assessment -> what more protection costs; a session in which a planner moves things."""

from collections.abc import Sequence
from pathlib import Path

from sbd.barriers.front import FrontPoint, cost_front
from sbd.barriers.session import PlacementSession
from sbd.catalogue.products import Product
from sbd.model.assessment import Assessment
from sbd.model.request import PlanRequest
from sbd.model.site import Site
from sbd.model.vehicle import Vehicle
from sbd.pipeline.speeds import surface_of, with_fields
from sbd.pipeline.wishes import DEFAULT_REQUEST, with_rules
from sbd.progress import Progress, ignore, part_of


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

    Each is proven for its wishes, or says its gap; `propose` with its request and vehicles opens
    it with units and a verdict. Arguments are those of `propose`.
    """
    solved = with_fields(site, assessment, vehicles, heights, part_of(progress, 0.0, 0.6))
    return cost_front(
        surface_of(site, None),
        solved,
        with_rules(request),
        products=products,
        progress=part_of(progress, 0.6, 1.0),
    )


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
