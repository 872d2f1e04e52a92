"""A store of an older version comes forward with all that is in it, and goes back again."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.store import Database, Plan, Store, Table, User, now
from api.store.backup import backup, restore
from api.store.migrating import current, downgrade, migrate, revisions
from tests.stored import everything, plan, town

FreshUrl = Callable[..., str | None]

# What came with a version: those before it have no such columns.
CAME = {"0003": {"plans": {"standing", "cost_low", "cost_high", "cost_currency"}}}


@pytest.fixture
def filled(store: Store, tmp_path: Path) -> Store:
    made = town(store, tmp_path / "site")
    first = plan(store, made, tmp_path / "1", number=1)
    plan(store, made, tmp_path / "2", number=2, proposal_id=first.proposal_id)
    return store


def _indexes(database: Database, table: str) -> set[str]:
    return {str(index["name"]) for index in sa.inspect(database.engine).get_indexes(table)}


def _as_of(older: str, rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return rows without the columns that came later."""
    later: dict[str, set[str]] = {}
    for version, tables in CAME.items():
        for table, columns in tables.items():
            later.setdefault(table, set()).update(columns if version > older else ())
    return {
        table: [
            {name: value for name, value in row.items() if name not in later.get(table, ())}
            for row in found
        ]
        for table, found in rows.items()
    }


@pytest.mark.parametrize("older", revisions()[:-1])
def test_data_of_an_older_version_comes_forward_whole(filled: Store, older: str) -> None:
    before = everything(filled.database)
    assert before["plans"]
    downgrade(filled.database, target=older)
    assert current(filled.database) == older
    assert everything(filled.database) == _as_of(older, before)
    filled.close()
    filled.open()
    assert current(filled.database) == revisions()[-1]
    assert everything(filled.database) == before


def test_paging_indexes_come_and_go(filled: Store) -> None:
    assert "ix_plans_paging" in _indexes(filled.database, "plans")
    downgrade(filled.database, target="0001")
    assert "ix_plans_paging" not in _indexes(filled.database, "plans")
    assert "ix_plans_project_id" in _indexes(filled.database, "plans")
    migrate(filled.database)
    assert "ix_plans_project_id" not in _indexes(filled.database, "plans")


COST = {"low": 212000.0, "high": 398000.0, "currency": "EUR"}
NOTHING_BUILT = {"low": 0.0, "high": 0.0, "currency": None}


@pytest.mark.parametrize(
    ("record", "in_short"),
    [
        ({"verdict": {"standing": "holds"}, "summary": {"cost": COST}}, ("holds", *COST.values())),
        (
            {"verdict": {"standing": "fails"}, "summary": {"cost": NOTHING_BUILT}},
            ("fails", 0.0, 0.0, None),
        ),
        ({"verdict": {"standing": "fails"}, "summary": {}}, ("fails", None, None, None)),
        ({"verdict": {}}, (None, None, None, None)),
    ],
    ids=["all of it", "nothing built", "no cost", "nothing"],
)
def test_older_plans_say_in_short_what_newer_ones_do(
    filled: Store, record: dict[str, Any], in_short: tuple[Any, ...]
) -> None:
    with filled.database.session() as session:
        first = session.scalars(sa.select(Plan).where(Plan.number == 1)).one()
        first.record = record
        about = {name: getattr(first, name) for name in ("project_id", "proposal_id", "site_id")}
        session.add(
            Plan(**about, number=3, request={}, record=record, content_hash="", zone=first.zone)
        )
    assert _in_short(filled)[3] == in_short  # as a job would leave it today
    downgrade(filled.database, target="0002")
    migrate(filled.database)
    assert _in_short(filled) == {1: in_short, 2: ("holds", 2000.0, 6000.0, "EUR"), 3: in_short}


def _in_short(store: Store) -> dict[int, tuple[Any, ...]]:
    columns = Plan.standing, Plan.cost_low, Plan.cost_high, Plan.cost_currency
    with store.database.reading() as session:
        rows = session.execute(sa.select(Plan.number, *columns))
        return {number: tuple(in_short) for number, *in_short in rows}


def test_a_backup_of_an_older_version_is_restored_and_brought_forward(
    filled: Store, tmp_path: Path, fresh_url: FreshUrl
) -> None:
    before = everything(filled.database)
    downgrade(filled.database, target="0001")
    assert backup(filled, tmp_path / "old.zip").revision == "0001"
    url = fresh_url()
    restore(tmp_path / "old.zip", tmp_path / "again", url)
    again = Store(tmp_path / "again", url)
    again.open()
    assert current(again.database) == revisions()[-1]
    assert everything(again.database) == before
    again.close()


def test_references_hold_after_a_migration(filled: Store) -> None:
    downgrade(filled.database, target="0001")
    migrate(filled.database)
    with filled.database.reading() as session:
        for table in Table.metadata.sorted_tables:
            for reference in table.foreign_keys:
                other = reference.column
                lost = sa.select(sa.func.count()).where(
                    reference.parent.is_not(None),
                    reference.parent.not_in(sa.select(other.table.alias().c[other.name])),
                )
                assert session.scalar(lost.select_from(table)) == 0


def test_names_of_users_come_into_one_form_and_nobody_loses_his_own(store: Store) -> None:
    names = ["ju\u0308rgen", "anna", "\uff41nna", "a\U0001d527na", "ajna", "ajna-2"]
    downgrade(store.database, target="0003")
    with store.database.session() as session:
        made = now()
        session.add_all(
            User(user_id=f"user-{place}", name=name, created=made + place * timedelta(seconds=1))
            for place, name in enumerate(names)
        )
    migrate(store.database)
    with store.database.reading() as session:
        found = session.scalars(sa.select(User.name).order_by(User.user_id)).all()
    assert found == ["j\u00fcrgen", "anna", "anna-2", "ajna-3", "ajna", "ajna-2"]
