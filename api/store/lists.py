"""A page of rows at a time: which plans count, and what lies in a window."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from api.store.places import ItemFile, Plan, PlanFeature, Proposal, Site
from api.store.windows import Window, keys_in, meets_exactly
from sbd.errors import InputError

_LONG = (Plan.request, Plan.record, Plan.zone)


def window_of(bbox: str) -> Window:
    """Return the window of a text `west,south,east,north` in degrees.

    Raises InputError where it is none.

    >>> window_of("24.94,60.17,24.95,60.18").east_deg
    24.95
    """
    try:
        west, south, east, north = map(float, bbox.split(","))
    except ValueError as error:
        raise InputError(f"bbox {bbox[:80]!r}: give west,south,east,north in degrees") from error
    return Window(west, south, east, north)


def within(session: Session, bbox: str) -> Any:
    """Return the condition that the zone of a `Proposal` has a point in a box.

    Raises InputError where the text is no box.
    """
    return Proposal.site_id.in_(keys_in(session, Site.zone, window_of(bbox)))


def newest_plans(session: Session, proposal_ids: Sequence[str]) -> dict[str, Plan]:
    """Return the last version of each proposal that has any, by the id of the proposal.

    Without what only a look at one plan needs, and what takes long to read: request, record, zone.
    """
    last = (
        sa.select(Plan.proposal_id, sa.func.max(Plan.number).label("number"))
        .where(Plan.proposal_id.in_(proposal_ids))
        .group_by(Plan.proposal_id)
        .subquery()
    )
    plans = (
        sa.select(Plan)
        .join(last, sa.and_(Plan.proposal_id == last.c.proposal_id, Plan.number == last.c.number))
        .options(*(defer(left_out, raiseload=True) for left_out in _LONG))
    )
    return {plan.proposal_id: plan for plan in session.scalars(plans)}


def files_of(session: Session, item_ids: Iterable[str]) -> dict[str, list[ItemFile]]:
    """Return the files of each item, in their order, by the id of the item; all in one look."""
    found: dict[str, list[ItemFile]] = {item_id: [] for item_id in item_ids}
    asked = sa.select(ItemFile).where(ItemFile.item_id.in_(list(found)))
    for row in session.scalars(asked.order_by(ItemFile.position, ItemFile.name)):
        found[row.item_id].append(row)
    return found


def features_in(
    session: Session,
    plan_id: str,
    layer: str,
    *,
    window: Window | None = None,
    after: int = 0,
    limit: int,
) -> list[PlanFeature]:
    """Return features of a layer of one plan, in their order, behind number `after`."""
    features = sa.select(PlanFeature).where(
        PlanFeature.plan_id == plan_id, PlanFeature.layer == layer, PlanFeature.number > after
    )
    if window is not None:
        features = features.where(meets_exactly(session, PlanFeature.shape, window))
    return list(session.scalars(features.order_by(PlanFeature.number).limit(limit)))
