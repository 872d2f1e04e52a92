"""The tables as migrations make them, on both databases and both ways."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects.postgresql.base import ischema_names

from api.errors import StoreUnavailableError
from api.store import Database, Store, Table, sqlite_url
from api.store.base import Geometry
from api.store.migrating import EMPTY, current, downgrade, migrate, revisions
from api.store.revision import newest_revision

# What finds shapes by window is no table of ours (`api.migrations.windows`).
_TREES = ("_window", "_window_node", "_window_rowid", "_window_parent")
_OTHERS = ("spatial_ref_sys",)


@pytest.fixture
def database(tmp_path: Path, fresh_url: Callable[[], str | None]) -> Any:
    made = Database(fresh_url() or sqlite_url(tmp_path / "store.sqlite"))
    yield made
    made.close()


def _is_ours(_thing: object, name: str | None, kind: str, *_: object) -> bool:
    name = name or ""
    if kind == "index":
        return not name.startswith("gist_")
    return not (name.endswith(_TREES) or name in _OTHERS)


def _same_type(_context: object, _column: object, _meta: object, found: Any, wanted: Any) -> Any:
    if isinstance(wanted, Geometry):
        return not isinstance(found, (Geometry, sa.BLOB))
    return None


def test_migrations_make_exactly_the_tables_of_the_service(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ischema_names, "geometry", lambda *_: Geometry())
    migrate(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": _is_ours, "compare_type": _same_type}
        )
        assert compare_metadata(context, Table.metadata) == []


def test_zones_have_an_index_by_window(database: Database) -> None:
    migrate(database)
    with database.engine.connect() as connection:
        if database.is_sqlite:
            asked = "SELECT name FROM sqlite_master WHERE sql LIKE '%USING rtree%'"
        else:
            asked = "SELECT tablename FROM pg_indexes WHERE indexdef LIKE '%USING gist%'"
        found = {str(row[0]).removesuffix("_window") for row in connection.execute(sa.text(asked))}
    assert found == {"sites", "plans"}


def test_a_second_migration_changes_nothing(database: Database) -> None:
    migrate(database)
    migrate(database)
    assert current(database) == revisions()[-1]


def test_the_newest_revision_is_the_one_that_migrations_lead_to() -> None:
    assert newest_revision() == revisions()[-1]


def test_all_the_way_back_leaves_no_table(database: Database) -> None:
    migrate(database)
    downgrade(database, target=EMPTY)
    names = set(sa.inspect(database.engine).get_table_names())
    assert names - {"alembic_version", *_OTHERS} == set()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(
    tmp_path: Path, fresh_url: Callable[[], str | None]
) -> None:
    store = Store(tmp_path, fresh_url())
    store.open()
    with store.database.session() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreUnavailableError, match="'9999', written by a newer sbd"):
        store.open()
    assert current(store.database) == "9999"
    store.database.close()


def test_a_migration_that_fails_leaves_the_tables_as_they_were(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("in the middle")

    # The last step of the first migration, when every table is made already.
    monkeypatch.setattr("api.migrations.windows.make_windows", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        migrate(database)
    assert current(database) is None
    assert set(sa.inspect(database.engine).get_table_names()) <= set(_OTHERS)
