"""A store of an older version comes forward with all that is in it, and goes back again."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.store import Database, Store, Table
from api.store.backup import backup, restore
from api.store.migrating import current, downgrade, migrate, revisions
from tests.stored import everything, plan, town

FreshUrl = Callable[..., str | None]


@pytest.fixture
def filled(store: Store, tmp_path: Path) -> Store:
    made = town(store, tmp_path / "site")
    first = plan(store, made, tmp_path / "1", number=1)
    plan(store, made, tmp_path / "2", number=2, proposal_id=first.proposal_id)
    return store


def _indexes(database: Database, table: str) -> set[str]:
    return {str(index["name"]) for index in sa.inspect(database.engine).get_indexes(table)}


@pytest.mark.parametrize("older", revisions()[:-1])
def test_data_of_an_older_version_comes_forward_whole(filled: Store, older: str) -> None:
    before = everything(filled.database)
    assert before["plans"]
    downgrade(filled.database, target=older)
    assert current(filled.database) == older
    assert everything(filled.database) == before  # no version so far has other columns
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
