"""Tables and who may read which projects in, collections out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.errors import UnknownResourceError
from api.ogc.systems import EVERYWHERE, site_system
from api.store.extents import Bounds, bounds_of_layers, bounds_of_zones
from api.store.places import Plan, PlanFeature, Project, Proposal, Site

# Asks for the ids of the projects that may be read.
Readable = sa.Select[Any]

SITES, PLANS = "sites", "plans"
PLANS_OF_A_PAGE, MOST_PLANS = 10, 50

# No layer has a sign in its name that a database would not keep.
_LAYER_ID = re.compile(r"(plan-[0-9a-f]{12})-([^\x00-\x1f]{1,60})")
_ABOUT = {
    "perimeter": "Speeds and energies along the outline of the zone.",
    "corridors": "The ways that vehicles come on.",
    "barriers": "Lines of barriers with what each must stop.",
    "units": "Single barriers as points.",
    "footprints": "Single barriers as they stand on the ground.",
    "gaps": "Clear widths between neighbours.",
    "closures": "Streets that are no longer open to all.",
}


@dataclass(frozen=True, slots=True)
class Holding:
    """A collection as a whole.

    Parameters
    ----------
    bounds : (4,) tuple or None
        West, south, east, north [deg]; None where nothing is in it, or nobody looked.
    since : datetime or None
        When its oldest row was made.
    systems : tuple of str
        Addresses of the systems that it can be asked for in.
    """

    collection_id: str
    title: str
    about: str
    bounds: Bounds | None = None
    since: datetime | None = None
    systems: tuple[str, ...] = EVERYWHERE
    plan_id: str | None = None
    layer: str = ""


_WHOLE: dict[str, tuple[type[Site] | type[Plan], Holding]] = {
    SITES: (Site, Holding(SITES, "Sites", "Zones that are ready to be planned.")),
    PLANS: (
        Plan,
        Holding(
            PLANS,
            "Plans",
            "Zones of plans, with the state, the judge's answer and the version of each.",
        ),
    ),
}


def whole_collections(session: Session, readable: Readable) -> list[Holding]:
    """Return the collections of all sites and of all plans."""
    systems = _systems(session, readable)
    return [
        _whole(session, readable, table, replace(bare, systems=systems), with_bounds=True)
        for table, bare in _WHOLE.values()
    ]


def layers_of_newest(
    session: Session, readable: Readable, *, offset: int, limit: int
) -> tuple[list[Holding], bool]:
    """Return the layers of each proposal's newest plan, so many plans of them.

    Older versions are reached by their own addresses. The flag says whether there are more.
    """
    later = sa.orm.aliased(Plan)
    is_newest = ~sa.exists().where(
        later.proposal_id == Plan.proposal_id, later.number > Plan.number
    )
    asked = _of(sa.select(Plan.plan_id).where(is_newest), Plan.project_id, readable)
    page = asked.order_by(Plan.created, Plan.plan_id).offset(offset).limit(limit + 1)
    plan_ids = list(session.scalars(page))
    return _layers(session, plan_ids[:limit]), len(plan_ids) > limit


def holding(
    session: Session,
    readable: Readable,
    collection_id: str,
    *,
    with_bounds: bool = True,
    with_systems: bool = True,
) -> Holding:
    """Return a collection.

    Parameters
    ----------
    with_bounds : bool
        Whether to look at every shape for where and since when it is.
    with_systems : bool
        Whether to look at every site for the systems that it can also be asked for in.

    Raises UnknownResourceError where the asker may not know of it.
    """
    if collection_id in _WHOLE:
        table, bare = _WHOLE[collection_id]
        systems = _systems(session, readable) if with_systems else EVERYWHERE
        return _whole(session, readable, table, replace(bare, systems=systems), with_bounds)
    named = _LAYER_ID.fullmatch(collection_id)
    if named:
        asked = sa.select(Plan.plan_id).where(Plan.plan_id == named[1])
        plan_ids = list(session.scalars(_of(asked, Plan.project_id, readable)))
        for found in _layers(session, plan_ids, named[2], with_bounds=with_bounds):
            return found
    raise UnknownResourceError(f"collection {collection_id[:80]!r}: there is none of this name")


def plan_of(collection_id: str) -> str | None:
    """Return the plan that a collection is a layer of, None for one that is none.

    >>> plan_of("plan-3f9a0c51d2e4-units"), plan_of("sites")
    ('plan-3f9a0c51d2e4', None)
    """
    named = _LAYER_ID.fullmatch(collection_id)
    return named[1] if named else None


def _of(statement: sa.Select[Any], project_id: Any, readable: Readable) -> sa.Select[Any]:
    return statement.where(project_id.in_(readable))


def _systems(session: Session, readable: Readable) -> tuple[str, ...]:
    sites = _of(sa.select(Site.record["crs"].as_string()), Site.project_id, readable).distinct()
    named = {site_system(crs, 0.0, 0.0) for crs in session.scalars(sites) if crs}
    return (*EVERYWHERE, *sorted(named - set(EVERYWHERE)))


def _whole(
    session: Session,
    readable: Readable,
    table: type[Site] | type[Plan],
    bare: Holding,
    with_bounds: bool,
) -> Holding:
    if not with_bounds:
        return bare
    # A project at a time: the first row of each is at the front of its index.
    first = sa.select(sa.func.min(table.created)).where(table.project_id == Project.project_id)
    since = sa.select(sa.func.min(first.scalar_subquery())).where(Project.project_id.in_(readable))
    bounds = bounds_of_zones(session, table.zone, table.project_id.in_(readable))
    return replace(bare, bounds=bounds, since=session.scalar(since))


def _layers(
    session: Session, plan_ids: list[str], only: str | None = None, *, with_bounds: bool = True
) -> list[Holding]:
    """Return the layers of some plans, in the order of the plans."""
    plans = session.execute(
        sa.select(
            Plan.plan_id,
            Plan.created,
            Plan.number,
            Plan.zone,
            Proposal.name,
            Site.record["crs"].as_string().label("crs"),
        )
        .join(Proposal, Proposal.proposal_id == Plan.proposal_id)
        .join(Site, Site.site_id == Plan.site_id)
        .where(Plan.plan_id.in_(plan_ids))
    ).all()
    by_id = {plan.plan_id: plan for plan in plans}
    found: Mapping[tuple[str, str], Bounds | None] = (
        bounds_of_layers(session, plan_ids, only)
        if with_bounds
        else dict.fromkeys(_layer_names(session, plan_ids, only))
    )
    order = {plan_id: place for place, plan_id in enumerate(plan_ids)}
    return [
        _layer_holding(by_id[plan_id], layer, found[plan_id, layer])
        for plan_id, layer in sorted(found, key=lambda pair: (order[pair[0]], pair[1]))
    ]


def _layer_names(session: Session, plan_ids: list[str], only: str | None) -> list[tuple[str, str]]:
    asked = sa.select(PlanFeature.plan_id, PlanFeature.layer).distinct()
    asked = asked.where(PlanFeature.plan_id.in_(plan_ids))
    if only is not None:
        asked = asked.where(PlanFeature.layer == only)
    return [(plan_id, layer) for plan_id, layer in session.execute(asked)]


def _layer_holding(plan: Any, layer: str, bounds: Bounds | None) -> Holding:
    middle = plan.zone.centroid
    system = site_system(plan.crs, middle.x, middle.y)
    return Holding(
        f"{plan.plan_id}-{layer}",
        f"{plan.name}, version {plan.number}: {layer}",
        _ABOUT.get(layer, f"Layer {layer} of a plan."),
        bounds,
        plan.created,
        tuple(dict.fromkeys((*EVERYWHERE, system))),
        plan.plan_id,
        layer,
    )
