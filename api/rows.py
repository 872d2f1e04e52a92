"""What routes do with rows: find one, refuse a change against an older state, give a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import Depends, Header, Query, Response
from sqlalchemy.orm import Session

from api.errors import PreconditionError, PreconditionMissingError, UnknownResourceError
from api.schemas.paging import Order, Page
from api.store.base import ID_PATTERN, Table, Versioned

Row = TypeVar("Row", bound=Table)
Shown = TypeVar("Shown")

Limit = Annotated[int, Query(ge=1, le=500, description="Most rows of a page.")]
After = Annotated[
    str | None, Query(pattern=ID_PATTERN, description="Id that the page before ended with.")
]
First = Annotated[Order, Query(description="Which rows come first; `next` repeats it.")]
IfMatch = Annotated[
    str | None, Header(description="ETag of the state that the change is made against.")
]


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list is asked for."""

    after: After = None
    limit: Limit = 100
    order: First = Order.OLDEST


Paged = Annotated[Paging, Depends()]


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
        raise UnknownResourceError(unknown(item_id), is_foreign=True)
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


def each(show: Callable[[Row], Shown]) -> Callable[[Sequence[Row]], list[Shown]]:
    """Return what shows the rows of a page one by one."""
    return lambda rows: [show(row) for row in rows]


def page_of(
    session: Session,
    statement: sa.Select[Row],
    show: Callable[[Sequence[Row]], list[Shown]],
    *,
    path: str,
    paging: Paging,
    only: sa.ColumnElement[bool] | None = None,
    **kept: str | None,
) -> Page[Shown]:
    """Return a page of a list, by the time at which its rows were made.

    Rows of the same moment are ordered by their keys, so that the two orders are each other's
    reverse, and no page has a row of the page before.

    Parameters
    ----------
    show : callable
        Shows the rows of the page, all at once: what they need of other tables it asks for once.
    path : str
        Address of the list, for the link to the next page.
    only : condition, optional
        Which rows of the list are wanted. It is not asked of the row that the page is to begin
        behind: for a window that would take as long as the page.
    kept : str or None
        Further words of the query that the link repeats.

    Raises UnknownResourceError where the page is to begin behind what is none of the rows.
    """
    asked = _from_there_on(session, statement, paging)
    rows = session.scalars(asked if only is None else asked.where(only)).all()
    page, behind = rows[: paging.limit], None
    if len(rows) > paging.limit:
        words = {"after": _key_of(page[-1]), "limit": paging.limit, "order": paging.order, **kept}
        given = {name: word for name, word in words.items() if word is not None}
        behind = f"{path}?{urlencode(given)}"
    return Page(items=show(page), next=behind)


def _key_of(row: Table) -> str:
    key: str = sa.inspect(type(row)).primary_key_from_instance(row)[0]
    return key


def _from_there_on(session: Session, statement: sa.Select[Row], paging: Paging) -> sa.Select[Row]:
    """Return what asks for the rows of a page, and for one more that tells of the next."""
    entity = statement.column_descriptions[0]["entity"]
    key = sa.inspect(entity).primary_key[0]
    order = entity.created, key
    if paging.after is not None:
        place = session.scalar(
            statement.with_only_columns(entity.created).where(key == paging.after)
        )
        if place is None:
            raise UnknownResourceError(unknown(paging.after))
        here, there = sa.tuple_(*order), sa.tuple_(place, paging.after)
        statement = statement.where(here > there if paging.order is Order.OLDEST else here < there)
    if paging.order is Order.NEWEST:
        order = entity.created.desc(), key.desc()
    return statement.order_by(*order).limit(paging.limit + 1)
