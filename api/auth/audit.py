"""Who did what: one row for each sign-in, refusal, change and download; none is ever changed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from sqlalchemy.orm import Session

from api.store.base import now
from api.store.database import Database
from api.store.people import Audit

_AT_ONCE = 5_000

# Any word can be sent as a method, and each that is counted apart is kept for good.
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_OTHER_METHOD = "other"


@dataclass(slots=True)
class Entry:
    """What is known of a request while it is answered; the doorman writes it at the end.

    Parameters
    ----------
    row : (method, address template), optional
        What was asked, as soon as that is known.
    is_refusal : bool
        Whether a 404 is in truth a refusal.
    is_open_map : bool
        Whether a layer that is read is map data that anybody may have.
    by_token : bool
        Whether a token was shown, right or wrong.
    about : dict
        Further facts, without personal data beyond ids.
    """

    user_id: str | None = None
    token_id: str | None = None
    row: tuple[str, str] | None = None
    project_id: str | None = None
    item_id: str | None = None
    is_refusal: bool = False
    is_open_map: bool = False
    by_token: bool = False
    about: dict[str, Any] = field(default_factory=dict)


def told_method(method: str) -> str:
    """Return a method as logs and figures hold it: a word that nobody knows is somebody's text.

    >>> told_method("PATCH"), told_method("ANNA")
    ('PATCH', 'other')
    """
    return method if method in _METHODS else _OTHER_METHOD


def entry_of(request: Request) -> Entry:
    """Return the entry of a request, for a route that has something to add."""
    found: Entry | None = getattr(request.state, "audit", None)
    if found is None:
        found = request.state.audit = Entry()
    return found


def note(
    session: Session,
    action: str,
    *,
    entry: Entry | None = None,
    status: int = 200,
    request_id: str = "",
    at: datetime | None = None,
) -> None:
    """Add a row to the audit log, in the transaction of what it tells.

    Parameters
    ----------
    action : str
        Method and address template, or words for what happens outside of requests.
    entry : Entry, optional
        Who did it, to what.
    """
    entry = entry or Entry()
    session.add(
        Audit(
            action=action,
            status=status,
            user_id=entry.user_id,
            token_id=entry.token_id,
            project_id=entry.project_id,
            item_id=entry.item_id,
            request_id=request_id,
            about=entry.about,
            at=at or now(),
        )
    )


def forget(database: Database, kept: timedelta, *, at: datetime | None = None) -> int:
    """Take away rows that are older than they are kept, and say so in the log; return how many.

    A few thousand at a time: nobody waits for a large change.
    """
    end = (at or now()) - kept
    gone = 0
    while True:
        old = sa.select(Audit.audit_id).where(Audit.at < end).limit(_AT_ONCE)
        with database.session() as session:
            found = session.execute(
                sa.delete(Audit).where(Audit.audit_id.in_(old)).returning(Audit.audit_id)
            )
            count = len(found.all())
            gone += count
            if count < _AT_ONCE:
                if gone:
                    entry = Entry(about={"rows": gone, "before": end.isoformat()})
                    note(session, "old rows taken away", entry=entry, at=at)
                return gone
