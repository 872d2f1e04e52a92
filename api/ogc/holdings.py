"""Tables and who may read which projects in, collections and their rows out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.errors import UnknownResourceError
from api.ogc.asked import Asked, Interval
from api.ogc.systems import EVERYWHERE, site_system
from api.store.extents import Bounds, bounds_of_layers, bounds_of_zones
from api.store.places import Plan, PlanFeature, Project, Proposal, Site
from api.store.windows import Window, meets

# Asks for the ids of the projects that may be read.
Readable = sa.Select[Any]

SITES, PLANS = "sites", "plans"
PLANS_OF_A_PAGE, MOST_PLANS = 10, 50

_LAYER_ID = re.compile(r"(plan-[0-9a-f]{12})-(.{1,60})")
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


@dataclass(frozen=True, slots=True)
class Row:
    """One item: its shape in longitude and latitude."""

    item_id: str | int
    shape: shapely.Geometry
    properties: dict[str, Any]


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


def items(
    session: Session, readable: Readable, whole: Holding, asked: Asked
) -> tuple[list[Row], int]:
    """Return a page of the items that match, and how many match in all."""
    keys = _keys(readable, whole, asked.interval)
    key = next(iter(keys.selected_columns))
    is_exact = asked.window is None
    if asked.window is not None and whole.plan_id is None:
        around = _around(asked.window)
        keys = keys.where(meets(session, _shape_of(whole), around))
        is_exact = _is_same(asked.window, around.shape)
    if is_exact:  # the database counts, and gives no more than the page
        counted = keys.with_only_columns(sa.func.count()).order_by(None)
        page = keys.with_only_columns(key).offset(asked.offset).limit(asked.limit)
        return _rows(session, whole, list(session.scalars(page))), session.scalar(counted) or 0
    keyed = session.execute(keys.with_only_columns(key, _raw(_shape_of(whole)))).all()
    shapes = shapely.from_wkb(np.array([row[1] for row in keyed], dtype=object))
    shapely.prepare(asked.window)
    inside = np.flatnonzero(shapely.intersects(asked.window, shapes)) if keyed else np.empty(0, int)
    wanted = inside[asked.offset : asked.offset + asked.limit]
    return _rows(session, whole, [keyed[index][0] for index in wanted]), len(inside)


def item(session: Session, readable: Readable, whole: Holding, item_id: str) -> Row:
    """Return one item; raises UnknownResourceError where there is none."""
    key = item_id if whole.plan_id is None else _number(item_id)
    keys = _keys(readable, whole, None)
    column = next(iter(keys.selected_columns))
    found = session.execute(keys.where(column == key)).first()
    if found is None:
        raise UnknownResourceError(f"item {item_id[:40]!r}: not in {whole.collection_id}")
    return _rows(session, whole, [found[0]])[0]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _around(window: shapely.Geometry) -> Window:
    """Return the box around a window, as far as there is ground."""
    west, south, east, north = (
        max(-most, min(most, side))
        for side, most in zip(window.bounds, (180, 90, 180, 90), strict=True)
    )
    return Window(west, south, east, north)


def _is_same(a: shapely.Geometry, b: shapely.Geometry) -> bool:
    return bool(shapely.equals_exact(shapely.normalize(a), shapely.normalize(b)))


def _shape_of(whole: Holding) -> Any:
    if whole.plan_id is not None:
        return PlanFeature.shape
    return Site.zone if whole.collection_id == SITES else Plan.zone


def _of(statement: sa.Select[Any], project_id: Any, readable: Readable) -> sa.Select[Any]:
    return statement.where(project_id.in_(readable))


def _keys(readable: Readable, whole: Holding, interval: Interval | None) -> sa.Select[Any]:
    """Return the statement for key and shape of all that may be seen, in a lasting order."""
    if whole.plan_id is not None:
        # An object of a plan has no time of its own, so every interval takes it.
        return (
            sa.select(PlanFeature.number, PlanFeature.shape)
            .where(PlanFeature.plan_id == whole.plan_id, PlanFeature.layer == whole.layer)
            .order_by(PlanFeature.number)
        )
    table, key = (Site, Site.site_id) if whole.collection_id == SITES else (Plan, Plan.plan_id)
    statement = _of(sa.select(key, table.zone), table.project_id, readable)
    start, end = interval or (None, None)
    if start is not None:
        statement = statement.where(table.created >= start)
    if end is not None:
        statement = statement.where(table.created <= end)
    return statement.order_by(table.created, key)


def _rows(session: Session, whole: Holding, keys: list[Any]) -> list[Row]:
    """Return the items of some keys, in their order."""
    if whole.plan_id is not None:
        statement = sa.select(PlanFeature.number, PlanFeature.shape, PlanFeature.properties).where(
            PlanFeature.plan_id == whole.plan_id, PlanFeature.layer == whole.layer
        )
        found = [
            Row(number, shape, properties)
            for chunk in _chunks(keys)
            for number, shape, properties in session.execute(
                statement.where(PlanFeature.number.in_(chunk))
            )
        ]
    else:
        read = _site_rows if whole.collection_id == SITES else _plan_rows
        found = [row for chunk in _chunks(keys) for row in read(session, chunk)]
    by_id = {row.item_id: row for row in found}
    return [by_id[key] for key in keys if key in by_id]


def _chunks(keys: list[Any], size: int = 500) -> list[list[Any]]:
    return [keys[start : start + size] for start in range(0, len(keys), size)]


def _site_rows(session: Session, site_ids: list[str]) -> list[Row]:
    statement = (
        sa.select(
            Site.site_id,
            Site.zone,
            Site.name,
            Site.project_id,
            Project.name.label("project"),
            Site.created,
            Site.record["crs"].as_string().label("crs"),
            Site.record["zone_area_m2"].as_float().label("zone_area_m2"),
        )
        .join(Project, Project.project_id == Site.project_id)
        .where(Site.site_id.in_(site_ids))
    )
    return [_row(found._asdict(), "site_id") for found in session.execute(statement)]


def _plan_rows(session: Session, plan_ids: list[str]) -> list[Row]:
    statement = (
        sa.select(
            Plan.plan_id,
            Plan.zone,
            Proposal.name,
            Plan.number.label("version"),
            Plan.state,
            Plan.record["verdict"]["standing"].as_string().label("standing"),
            Plan.proposal_id,
            Plan.site_id,
            Plan.project_id,
            Project.name.label("project"),
            Plan.created,
            Plan.submitted,
            Plan.decided,
            Plan.content_hash,
        )
        .join(Proposal, Proposal.proposal_id == Plan.proposal_id)
        .join(Project, Project.project_id == Plan.project_id)
        .where(Plan.plan_id.in_(plan_ids))
    )
    return [_row(found._asdict(), "plan_id") for found in session.execute(statement)]


def _row(values: dict[str, Any], key: str) -> Row:
    told = {
        name: value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
        for name, value in values.items()
        if name != "zone"
    }
    return Row(values[key], values["zone"], told)


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


def _raw(column: Any) -> Any:
    """Return a column of shapes as the database has it: thousands are read faster all at once."""
    return sa.type_coerce(column, sa.types.NullType())
