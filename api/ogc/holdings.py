"""Tables and who may read which projects in, collections and their rows out."""

import re
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
from api.store.places import Plan, PlanFeature, Project, Proposal, Site
from api.store.windows import Window, meets

# Asks for the ids of the projects that may be read.
Readable = sa.Select[Any]

Bounds = tuple[float, float, float, float]

SITES, PLANS = "sites", "plans"
PLANS_OF_A_PAGE = 50

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


@dataclass(frozen=True, slots=True)
class Row:
    """One item: its shape in longitude and latitude."""

    item_id: str | int
    shape: shapely.Geometry
    properties: dict[str, Any]


def whole_collections(session: Session, readable: Readable) -> list[Holding]:
    """Return the collections of all sites and of all plans."""
    return [_sites(session, readable), _plans(session, readable)]


def layers_of_newest(
    session: Session, readable: Readable, offset: int
) -> tuple[list[Holding], bool]:
    """Return the layers of each proposal's newest plan, a page of plans at a time.

    Older versions are reached by their own addresses. The flag says whether there are more.
    """
    newest = (
        sa.select(Plan.proposal_id, sa.func.max(Plan.number).label("number"))
        .group_by(Plan.proposal_id)
        .subquery()
    )
    on = sa.and_(Plan.proposal_id == newest.c.proposal_id, Plan.number == newest.c.number)
    asked = _of(sa.select(Plan.plan_id).join(newest, on), Plan.project_id, readable)
    page = asked.order_by(Plan.created, Plan.plan_id).offset(offset).limit(PLANS_OF_A_PAGE + 1)
    plan_ids = list(session.scalars(page))
    found = _layers(session, plan_ids[:PLANS_OF_A_PAGE])
    return found, len(plan_ids) > PLANS_OF_A_PAGE


def holding(
    session: Session, readable: Readable, collection_id: str, *, with_bounds: bool = True
) -> Holding:
    """Return a collection; without its bounds, which take looking at every shape, if so asked.

    Raises UnknownResourceError where the asker may not know of it.
    """
    if collection_id == SITES:
        return _sites(session, readable, with_bounds=with_bounds)
    if collection_id == PLANS:
        return _plans(session, readable, with_bounds=with_bounds)
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
    if asked.window is not None and whole.plan_id is None:
        keys = keys.where(_near(session, whole, asked.window))
    if asked.window is None:
        count = session.scalar(sa.select(sa.func.count()).select_from(keys.subquery())) or 0
        page = session.execute(keys.offset(asked.offset).limit(asked.limit)).all()
        return _rows(session, whole, [row[0] for row in page]), count
    keyed = session.execute(keys).all()
    shapes = np.array([row[1] for row in keyed], dtype=object)
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


def _near(session: Session, whole: Holding, window: shapely.Geometry) -> Any:
    """Return the condition that a zone meets the box around a window; it finds too much."""
    west, south, east, north = (
        max(-most, min(most, side))
        for side, most in zip(window.bounds, (180, 90, 180, 90), strict=True)
    )
    column = Site.zone if whole.collection_id == SITES else Plan.zone
    return meets(session, column, Window(west, south, east, north))


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


def _sites(session: Session, readable: Readable, *, with_bounds: bool = True) -> Holding:
    about = "Zones that are ready to be planned."
    return _whole(session, readable, Site, Holding(SITES, "Sites", about), with_bounds)


def _plans(session: Session, readable: Readable, *, with_bounds: bool = True) -> Holding:
    about = "Zones of plans, with the state, the judge's answer and the version of each."
    return _whole(session, readable, Plan, Holding(PLANS, "Plans", about), with_bounds)


def _whole(
    session: Session,
    readable: Readable,
    table: type[Site] | type[Plan],
    bare: Holding,
    with_bounds: bool,
) -> Holding:
    sites = _of(sa.select(Site.record["crs"].as_string()), Site.project_id, readable).distinct()
    named = {site_system(crs, 0.0, 0.0) for crs in session.scalars(sites) if crs}
    systems = (*EVERYWHERE, *sorted(named - set(EVERYWHERE)))
    if not with_bounds:
        return replace(bare, systems=systems)
    asked = _of(sa.select(_raw(table.zone), table.created), table.project_id, readable)
    rows = session.execute(asked).all()
    return replace(
        bare,
        systems=systems,
        bounds=_bounds([row[0] for row in rows]),
        since=min((row[1] for row in rows), default=None),
    )


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
    found: dict[tuple[str, str], list[bytes | str]] = {}
    for plan_id, layer, *shape in session.execute(_layer_names(plan_ids, only, with_bounds)):
        found.setdefault((plan_id, layer), []).extend(shape)
    order = {plan_id: place for place, plan_id in enumerate(plan_ids)}
    return [
        _layer_holding(by_id[plan_id], layer, _bounds(found[plan_id, layer]))
        for plan_id, layer in sorted(found, key=lambda pair: (order[pair[0]], pair[1]))
    ]


def _layer_names(plan_ids: list[str], only: str | None, with_bounds: bool) -> sa.Select[Any]:
    columns = (PlanFeature.plan_id, PlanFeature.layer)
    shapes = (_raw(PlanFeature.shape),) if with_bounds else ()
    statement = sa.select(*columns, *shapes).where(PlanFeature.plan_id.in_(plan_ids))
    if only is not None:
        statement = statement.where(PlanFeature.layer == only)
    return statement if with_bounds else statement.distinct()


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


def _bounds(raw: list[bytes | str]) -> Bounds | None:
    if not raw:
        return None
    west, south, east, north = shapely.total_bounds(shapely.from_wkb(np.array(raw, dtype=object)))
    if not np.isfinite([west, south, east, north]).all():
        return None
    return float(west), float(south), float(east), float(north)
