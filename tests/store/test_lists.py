"""Lists a page at a time, either way round, while rows come; what a page tells of plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from api.errors import UnknownResourceError
from api.present import proposals_out
from api.rows import Paging, each, page_of
from api.schemas.paging import Order
from api.store import Plan, Project, Proposal, Standing, Store
from api.store.base import new_id
from api.store.lists import files_of, within
from sbd.model import verdict
from tests.stored import Town, plan, town

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def made(store: Store, tmp_path: Path) -> Town:
    return town(store, tmp_path / "site")


def _row(made: Town, project_id: str, *, moment: int, key: str | None = None) -> dict[str, Any]:
    return {
        "proposal_id": key or new_id("proposal"),
        "project_id": project_id,
        "site_id": made.site_id,
        "name": "",
        "created": NOON + timedelta(milliseconds=moment),
        "revision": 1,
    }


def _add(store: Store, rows: list[dict[str, Any]]) -> set[str]:
    if rows:
        with store.database.session() as session:
            session.execute(sa.insert(Proposal), rows)
    return {row["proposal_id"] for row in rows}


def _project(store: Store) -> str:
    with store.database.session() as session:
        project = Project(name="")
        session.add(project)
        session.flush()
        return project.project_id


def _page(session: Session, project_id: str, paging: Paging, only: Any = None) -> Any:
    asked = sa.select(Proposal).where(Proposal.project_id == project_id)
    shown = each(lambda row: row.proposal_id)
    words = {"kind": "all", "other": None}
    return page_of(session, asked, shown, path="/here", paging=paging, only=only, **words)


def _pages(store: Store, project_id: str, order: Order, limit: int) -> Iterator[list[str]]:
    """Walk a list by the links of its pages."""
    paging: Paging | None = Paging(limit=limit, order=order)
    while paging is not None:
        with store.database.reading() as session:
            page = _page(session, project_id, paging)
        yield page.items
        paging = None
        if page.next is not None:
            words = {name: word for name, (word,) in parse_qs(urlsplit(page.next).query).items()}
            assert words.pop("kind") == "all"
            assert set(words) == {"after", "limit", "order"}
            paging = Paging(words["after"], int(words["limit"]), Order(words["order"]))


# Few moments, so that most rows share theirs with others.
_MOMENTS = st.lists(st.integers(0, 3), max_size=8)


def test_a_walk_gives_each_row_once_while_rows_are_added(store: Store, made: Town) -> None:
    @settings(max_examples=30, deadline=None, database=None)
    @given(_MOMENTS, st.lists(_MOMENTS, max_size=6), st.integers(1, 4), st.sampled_from(Order))
    def check(first: list[int], later: list[list[int]], limit: int, order: Order) -> None:
        project_id = _project(store)

        def added(moments: list[int]) -> set[str]:
            rows = [_row(made, project_id, moment=moment) for moment in moments]
            return _add(store, rows)

        there, waiting = added(first), list(later)
        known, seen = set(there), []
        for page in _pages(store, project_id, order, limit):
            assert len(page) <= limit
            seen += page
            known |= added(waiting.pop() if waiting else [])
        assert len(seen) == len(set(seen))
        assert there <= set(seen) <= known
        oldest = [key for page in _pages(store, project_id, Order.OLDEST, limit) for key in page]
        newest = [key for page in _pages(store, project_id, Order.NEWEST, limit) for key in page]
        assert oldest == newest[::-1]
        assert set(oldest) == known
        assert [key for key in newest if key in seen] == (
            seen if order is Order.NEWEST else seen[::-1]
        )

    check()


@pytest.mark.parametrize("order", Order)
def test_a_window_narrows_a_list_and_its_pages_alike(
    store: Store, made: Town, tmp_path: Path, order: Order
) -> None:
    east = town(store, tmp_path / "east", west=24.95)
    keys = [f"proposal-{number:012x}" for number in range(9)]
    rows = [_row(made, made.project_id, moment=0, key=key) for key in keys]
    inside = {row["proposal_id"] for row in rows[::2]}
    elsewhere = {"site_id": east.site_id}
    _add(store, [row if row["proposal_id"] in inside else row | elsewhere for row in rows])
    seen, after = [], None
    with store.database.reading() as session:
        only = within(session, "24.93,60.16,24.945,60.18")
        while len(seen) < len(inside):
            page = _page(session, made.project_id, Paging(after, 2, order), only)
            seen += page.items
            after = page.items[-1]
        # Behind a row that lies elsewhere, as where a window was moved meanwhile.
        behind = _page(session, made.project_id, Paging(keys[3], 9, order), only)
    assert page.next is None
    assert seen == sorted(inside, reverse=order is Order.NEWEST)
    there = keys[4::2] if order is Order.OLDEST else keys[2::-2]
    assert behind.items == there


@pytest.mark.parametrize("order", Order)
def test_a_page_begins_behind_no_row_of_another_list(
    store: Store, made: Town, order: Order
) -> None:
    elsewhere = _project(store)
    (foreign,) = _add(store, [_row(made, elsewhere, moment=0)])
    for unknown in (foreign, "proposal-000000000000"):
        with (
            store.database.reading() as session,
            pytest.raises(UnknownResourceError, match=f"{unknown!r}: nothing under this id"),
        ):
            _page(session, made.project_id, Paging(after=unknown, order=order))


@contextmanager
def _statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Yield what is asked of a database meanwhile."""
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    sa.event.listen(store.database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(store.database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("order", Order)
def test_a_page_in_the_middle_is_read_from_its_index_and_not_sorted(
    store: Store, made: Town, order: Order
) -> None:
    keys = [f"proposal-{number:012x}" for number in range(4000)]
    rows = [
        _row(made, made.project_id, moment=number // 3, key=key) for number, key in enumerate(keys)
    ]
    _add(store, rows)
    with store.database.session() as session:
        session.execute(sa.text("ANALYZE"))
    with store.database.reading() as session, _statements(store) as asked:
        page = _page(session, made.project_id, Paging(keys[2000], 10, order))
        statement, parameters = asked[-1]
        explain = "EXPLAIN QUERY PLAN" if store.database.is_sqlite else "EXPLAIN"
        told = session.connection().exec_driver_sql(f"{explain} {statement}", parameters)
        way = "\n".join(str(row[-1]) for row in told)
    behind = keys[2001:2011] if order is Order.OLDEST else keys[1999:1989:-1]
    assert page.items == behind
    # From its place on: the time is part of what the index is searched by, and nothing is sorted.
    assert "ix_proposals_paging" in way
    assert "(created" in way
    assert "Sort" not in way
    assert "TEMP B-TREE" not in way


def test_a_proposal_tells_of_its_newest_plan_in_short(
    store: Store, made: Town, tmp_path: Path
) -> None:
    first = plan(store, made, tmp_path / "1", number=1)
    second = plan(store, made, tmp_path / "2", number=2, proposal_id=first.proposal_id)
    _add(store, [_row(made, made.project_id, moment=0, key="proposal-000000000000")])
    asked = sa.select(Proposal).order_by(Proposal.created)
    with store.database.reading() as session:
        empty, full = proposals_out(session, session.scalars(asked).all())
    assert (full.newest, full.number, full.state) == (second.plan_id, 2, "draft")
    assert (full.standing, full.cost.model_dump()) == (
        "holds",
        {"low": 2000.0, "high": 6000.0, "currency": "EUR"},
    )
    assert empty.proposal_id == "proposal-000000000000"
    told = (empty.newest, empty.number, empty.state, empty.standing, empty.cost)
    assert told == (None, None, None, None, None)


def test_a_plan_that_nobody_counted_has_no_cost(store: Store, made: Town, tmp_path: Path) -> None:
    kept = plan(store, made, tmp_path / "1", number=1)
    with store.database.session() as session:
        about = {name: getattr(kept, name) for name in ("project_id", "proposal_id", "site_id")}
        record = {"verdict": {"standing": "fails"}}
        more = {"request": {}, "record": record, "content_hash": "", "zone": kept.zone}
        session.add(Plan(**about, **more, number=2))
    with store.database.reading() as session:
        (shown,) = proposals_out(session, session.scalars(sa.select(Proposal)).all())
    assert (shown.number, shown.standing, shown.cost) == (2, "fails", None)


def test_a_standing_has_the_words_of_the_judge() -> None:
    assert {word.name: word.value for word in Standing} == {
        word.name: word.value for word in verdict.Standing
    }


def test_files_come_by_their_item_and_in_their_order(
    store: Store, made: Town, tmp_path: Path
) -> None:
    kept = plan(store, made, tmp_path / "1", number=1)
    with store.database.reading() as session:
        found = files_of(session, [kept.plan_id, "plan-000000000000", made.site_id])
        (layer,) = [file for file in found[made.site_id] if file.role == "layer"]
    assert list(found) == [kept.plan_id, "plan-000000000000", made.site_id]
    assert found["plan-000000000000"] == []
    assert layer.name == "zone"
    places = [(file.position, file.name) for file in found[kept.plan_id]]
    assert len(places) == 5
    assert places == sorted(places)
