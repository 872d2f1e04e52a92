"""What routes do with rows: find one, refuse a change against an older state, give a page."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import Header, Query, Response
from sqlalchemy.orm import Session

from api.errors import PreconditionError, PreconditionMissingError, UnknownResourceError
from api.schemas.paging import Page
from api.store.base import ID_PATTERN, Table, Versioned

Row = TypeVar("Row", bound=Table)
Shown = TypeVar("Shown")

Limit = Annotated[int, Query(ge=1, le=500, description="Most rows of a page.")]
After = Annotated[
    str | None, Query(pattern=ID_PATTERN, description="Id that the page before ended with.")
]
IfMatch = Annotated[
    str | None, Header(description="ETag of the state that the change is made against.")
]


def found(session: Session, kind: type[Row], item_id: str) -> Row:
    """Return a row; raises UnknownResourceError where there is none."""
    row = session.get(kind, item_id)
    if row is None:
        raise UnknownResourceError(unknown(item_id))
    return row


def found_in(session: Session, kind: type[Row], item_id: str, project_id: str) -> Row:
    """Return a row of a project; one of another project is as good as none."""
    row = found(session, kind, item_id)
    if getattr(row, "project_id", None) != project_id:
        raise UnknownResourceError(unknown(item_id))
    return row


def unknown(item_id: str) -> str:
    """Return what is said of an id under which nothing is."""
    return f"{item_id[:40]!r}: nothing under this id"


def etag_of(row: Versioned) -> str:
    """Return the entity tag of a row's state."""
    return f'"{row.revision}"'


def tagged(response: Response, row: Versioned) -> None:
    """Put the entity tag of a row on the answer."""
    response.headers["ETag"] = etag_of(row)


def check_match(row: Versioned, if_match: str | None) -> None:
    """Refuse a change that was made against another state, or against none that is named.

    Raises PreconditionMissingError or PreconditionError.
    """
    if if_match is None:
        raise PreconditionMissingError(
            f"If-Match: missing; send the ETag of what you have seen ({etag_of(row)} today)"
        )
    tags = {tag.strip().removeprefix("W/") for tag in if_match.split(",")}
    if "*" not in tags and etag_of(row) not in tags:
        raise PreconditionError(
            f"If-Match: {if_match[:80]}; it was changed meanwhile and is {etag_of(row)} now; "
            "look at it again"
        )


def changed(row: Versioned, values: dict[str, Any]) -> None:
    """Set values of a row and count the change."""
    for name, value in values.items():
        setattr(row, name, value)
    row.revision += 1


def page_of(  # a list is asked for by all of these
    session: Session,
    statement: sa.Select[Row],
    show: Callable[[Row], Shown],
    *,
    path: str,
    after: str | None,
    limit: int,
    **kept: str | None,
) -> Page[Shown]:
    """Return the rows of a list behind `after`, the oldest first.

    Parameters
    ----------
    path : str
        Address of the list, for the link to the next page.
    kept : str or None
        Further words of the query that the link repeats.

    Raises UnknownResourceError where `after` is none of the rows.
    """
    entity = statement.column_descriptions[0]["entity"]
    key = sa.inspect(entity).primary_key[0]
    order = entity.created, key
    if after is not None:
        last = found(session, entity, after)
        statement = statement.where(sa.tuple_(*order) > sa.tuple_(last.created, after))
    rows = session.scalars(statement.order_by(*order).limit(limit + 1)).all()
    behind = None
    if len(rows) > limit:
        words = {"after": getattr(rows[limit - 1], key.name), "limit": limit, **kept}
        given = {name: word for name, word in words.items() if word is not None}
        behind = f"{path}?{urlencode(given)}"
    return Page(items=[show(row) for row in rows[:limit]], next=behind)
