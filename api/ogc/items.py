"""A collection and what is asked of it in, its items out: a page, and how many match in all."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.errors import UnknownResourceError
from api.ogc.asked import Asked, Interval
from api.ogc.holdings import SITES, Holding, Readable
from api.store.base import ID_PATTERN
from api.store.places import Plan, PlanFeature, Project, Proposal, Site
from api.store.windows import Window, meets


@dataclass(frozen=True, slots=True)
class Row:
    """One item: its shape in longitude and latitude."""

    item_id: str | int
    shape: shapely.Geometry
    properties: dict[str, Any]


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
        wanted_keys, matched = _page(session, keys, key, asked)
        return _rows(session, whole, wanted_keys), matched
    keyed = session.execute(keys.with_only_columns(key, _raw(_shape_of(whole)))).all()
    shapes = shapely.from_wkb(np.array([row[1] for row in keyed], dtype=object))
    shapely.prepare(asked.window)
    inside = np.flatnonzero(shapely.intersects(asked.window, shapes)) if keyed else np.empty(0, int)
    wanted = inside[asked.offset : asked.offset + asked.limit]
    return _rows(session, whole, [keyed[index][0] for index in wanted]), len(inside)


def _page(session: Session, keys: sa.Select[Any], key: Any, asked: Asked) -> tuple[list[Any], int]:
    """Return the keys of a page, and how many there are in all."""
    part = keys.offset(asked.offset).limit(asked.limit)
    page: list[Any] = []
    if asked.window is None:
        page = list(session.scalars(part.with_only_columns(key)))
    else:  # to look through a window takes long: once for both
        both = session.execute(part.with_only_columns(key, sa.func.count().over())).all()
        if both:
            return [row[0] for row in both], both[0][1]
    counted = keys.with_only_columns(sa.func.count()).order_by(None)
    return page, session.scalar(counted) or 0


def item(session: Session, readable: Readable, whole: Holding, item_id: str) -> Row:
    """Return one item; raises UnknownResourceError where there is none."""
    key = _id(item_id) if whole.plan_id is None else _number(item_id)
    keys = _keys(readable, whole, None)
    column = next(iter(keys.selected_columns))
    found = session.execute(keys.where(column == key)).first()
    if found is None:
        raise UnknownResourceError(f"item {item_id[:40]!r}: not in {whole.collection_id}")
    return _rows(session, whole, [found[0]])[0]


def _id(text: str) -> str:
    # What can't be an id is not asked for: PostgreSQL refuses some texts as such.
    return text if re.fullmatch(ID_PATTERN, text) else ""


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
    statement = sa.select(key, table.zone).where(table.project_id.in_(readable))
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
            Plan.standing,
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


def _raw(column: Any) -> Any:
    """Return a column of shapes as the database has it: thousands are read faster all at once."""
    return sa.type_coerce(column, sa.types.NullType())
