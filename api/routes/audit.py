"""The audit log, for who administers the service: read only, for everybody."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Query
from pydantic import AfterValidator

from api.auth.gate import Door
from api.present import BASE
from api.routes import problems
from api.rows import Limit
from api.schemas.paging import Page
from api.schemas.people import AuditOut
from api.schemas.shapes import Id, Moment
from api.store.people import Audit

router = APIRouter(prefix="/audit", tags=["audit"])

_MOST = 2**31 - 1  # what PostgreSQL keeps in such a column


def _in_range(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range; give a time between the years 2 and 9998") from None


Behind = Annotated[
    int, Query(ge=0, le=_MOST, description="Number that the page before ended with.")
]
Since = Annotated[
    Annotated[Moment, AfterValidator(_in_range)] | None,
    Query(description="Only what came later.", examples=["2027-06-30T00:00:00Z"]),
]
Action = Annotated[
    str | None,
    Query(
        pattern=r"^[^\x00-\x1f\x7f]{1,200}$",
        description="Only this action.",
        examples=["POST /api/v1/session"],
    ),
]


@router.get("", summary="Who did what", responses=problems(401, 403, 422))
def get_audit(  # a log is searched by all of these
    gate: Door,
    after: Behind = 0,
    limit: Limit = 100,
    user_id: Id | None = None,
    project_id: Id | None = None,
    action: Action = None,
    since: Since = None,
) -> Page[AuditOut]:
    """Sign-ins, refusals, changes and downloads, oldest first. No route changes a row."""
    asked = sa.select(Audit).where(Audit.audit_id > after)
    for column, value in (
        (Audit.user_id, user_id),
        (Audit.project_id, project_id),
        (Audit.action, action),
    ):
        if value is not None:
            asked = asked.where(column == value)
    if since is not None:
        asked = asked.where(Audit.at > since)
    with gate.database.reading() as session:
        rows = session.scalars(asked.order_by(Audit.audit_id).limit(limit + 1)).all()
    behind = None
    if len(rows) > limit:
        words = {
            "after": rows[limit - 1].audit_id,
            "limit": limit,
            "user_id": user_id,
            "project_id": project_id,
            "action": action,
            "since": since.isoformat() if since is not None else None,
        }
        given = {name: word for name, word in words.items() if word is not None}
        behind = f"{BASE}/audit?{urlencode(given)}"
    return Page(items=[_shown(row) for row in rows[:limit]], next=behind)


def _shown(row: Audit) -> AuditOut:
    return AuditOut(
        audit_id=row.audit_id,
        at=row.at,
        user_id=row.user_id,
        token_id=row.token_id,
        action=row.action,
        project_id=row.project_id,
        item_id=row.item_id,
        status=row.status,
        request_id=row.request_id,
        about=row.about,
    )
