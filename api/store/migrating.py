"""A database of any age in, the tables of this version out; or back to an older one."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

import api.migrations
from api.errors import StoreUnavailableError
from api.store.database import Database
from api.store.faults import database_faults
from api.store.revision import revision_of

HEAD = "head"
EMPTY = "base"

# Any number would do; it is asked of PostgreSQL by servers that start at the same time.
_LOCK_KEY = 5_117_403


def migrate(database: Database, *, target: str = HEAD) -> None:
    """Bring the tables forward to `target`, all or nothing.

    Raises
    ------
    StoreUnavailableError
        A newer version wrote the store, or it can't be written or reached.
    OutputError
        The disk is full.
    """
    with database_faults(), changing(database) as connection:
        upgrade(connection, target=target)


def downgrade(database: Database, *, target: str) -> None:
    """Bring the tables back to `target`, all or nothing; what only newer ones hold is lost."""
    with database_faults(), changing(database) as connection:
        _refuse_newer(connection)
        command.downgrade(_config(connection), target)


def upgrade(connection: sa.Connection, *, target: str = HEAD) -> None:
    """Bring the tables forward inside a transaction that somebody else ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
    _refuse_newer(connection)
    command.upgrade(_config(connection), target)


@contextmanager
def changing(database: Database) -> Iterator[sa.Connection]:
    """Yield a connection whose transaction may change tables; nothing stays of one that fails.

    Raises StoreUnavailableError where rows refer to nothing at the end.
    """
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            with connection.begin():
                yield connection
            return
        # To move the rows of a table to a new one means to drop the old one, which would take
        # everything along that refers to it. The pragma is nothing inside a transaction.
        pragma = _pragma_of(connection)
        pragma("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                _check_references(connection)
        finally:
            pragma("PRAGMA foreign_keys=ON")


def current(database: Database) -> str | None:
    """Return the revision of the tables; None where there are none."""
    with database_faults(), database.snapshot() as connection:
        return revision_of(connection)


def revisions() -> list[str]:
    """Return every revision that this version knows, oldest first."""
    return [script.revision for script in _scripts().walk_revisions()][::-1]


def _refuse_newer(connection: sa.Connection) -> None:
    found = revision_of(connection)
    known = revisions()
    if found is not None and found not in known:
        raise StoreUnavailableError(
            f"store: its tables are of version {found!r}, written by a newer sbd; this one knows "
            f"up to {known[-1]!r}: update sbd, or restore a backup of before"
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(connection: sa.Connection | None) -> Config:
    config = Config()
    # Percent signs would be read as references to other settings.
    folder = str(Path(api.migrations.__file__).parent).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _pragma_of(connection: sa.Connection) -> Callable[[str], object]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # the engine is SQLite's
    return driver.execute


def _check_references(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        raise StoreUnavailableError(
            f"store: {len(broken)} rows of {tables} refer to nothing after the migration; it was "
            "not made, restore a backup"
        )
