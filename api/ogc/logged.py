"""What of a collection is asked for -> the entry of the audit log: which plan, whose project."""

import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.auth.audit import Entry
from api.ogc.holdings import PLANS, SITES, Readable, plan_of
from api.store.base import ID_PATTERN
from api.store.places import Plan, Site


def tell(
    entry: Entry,
    session: Session,
    readable: Readable,
    collection_id: str,
    feature_id: str | None = None,
) -> None:
    """Say in the log what is asked for, and whether it is somebody else's.

    What is not there at all says nothing: it may be any text.
    """
    item = _item(collection_id, feature_id)
    if item is None:
        entry.about = {"collection": collection_id} if collection_id in (SITES, PLANS) else {}
        return
    column, key, item_id = item
    asked = sa.select(column, column.in_(readable)).where(key == item_id)
    found = session.execute(asked).one_or_none()
    if found is None:
        return
    entry.item_id = item_id
    project_id, is_own = found
    if not is_own:
        entry.is_refusal = True
        return
    entry.project_id = project_id
    entry.about = {"collection": collection_id}


def _item(
    collection_id: str, feature_id: str | None
) -> tuple[sa.orm.InstrumentedAttribute[str], sa.orm.InstrumentedAttribute[str], str] | None:
    """Return where the project and the id of one thing are, and its id; None for many things."""
    plan_id = plan_of(collection_id)
    if plan_id is None and collection_id == PLANS:
        plan_id = feature_id
    if plan_id is not None and re.fullmatch(ID_PATTERN, plan_id):
        return Plan.project_id, Plan.plan_id, plan_id
    if collection_id == SITES and feature_id and re.fullmatch(ID_PATTERN, feature_id):
        return Site.project_id, Site.site_id, feature_id
    return None
