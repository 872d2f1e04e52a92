"""One server a store: a lock on the data folder, and one in a database of its own."""

import sqlite3
from pathlib import Path

import sqlalchemy as sa

from api.errors import StoreUnavailableError
from api.store.database import Database
from sbd.errors import OutputError

_BUSY_S = 0.0  # another server keeps its lock for as long as it runs

# Any number would do, but not the one of migrations.
_SERVER_KEY = 5_117_404
_HELD = "55P03"
_SETTINGS = {
    "lock_timeout": "2s",  # a server that was killed is gone for PostgreSQL a moment later
    # One whose machine went off says no goodbye, so it is asked after.
    "tcp_keepalives_idle": 20,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
}


def lock_folder(data: Path) -> sqlite3.Connection:
    """Keep other servers out of a folder, until the connection is closed or its process ends.

    A database file without tables is a lock between processes on every system, and one that a
    killed process can't leave behind.

    Raises StoreUnavailableError where another server holds it or the folder can't be written,
    OutputError where its disk is full.
    """
    try:
        # A server is closed by another thread than the one that opened it.
        lock = sqlite3.connect(
            data / "lock", timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
    except sqlite3.OperationalError as error:
        raise _unwritable(data, error) from error
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise _unwritable(data, error) from error
    return lock


def lock_database(database: Database) -> sa.Connection | None:
    """Keep other servers off a PostgreSQL database, whatever folder they have; None for SQLite.

    They would take each other's jobs, and keep the results where the other one can't read them.
    The lock belongs to a connection of its own and ends with it.

    Raises StoreUnavailableError where another server holds it.
    """
    if database.is_sqlite:
        return None
    connection = database.engine.connect()
    connection.detach()  # the others are as many as before
    try:
        with connection.begin():
            for setting, value in _SETTINGS.items():
                connection.exec_driver_sql(f"SET {setting} = '{value}'")
            connection.execute(sa.select(sa.func.pg_advisory_lock(_SERVER_KEY)))
    except sa.exc.OperationalError as error:
        connection.close()
        if getattr(error.orig, "sqlstate", None) != _HELD:
            raise
        raise StoreUnavailableError(
            "database: another server uses it; stop that one or give this one a database of its own"
        ) from error
    return connection


def _unwritable(data: Path, error: sqlite3.OperationalError) -> OutputError:
    code = error.sqlite_errorcode & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return StoreUnavailableError(
            f"data folder {data}: another server uses it; stop that one or choose another with "
            "--data"
        )
    if code == sqlite3.SQLITE_FULL:
        return OutputError(f"data folder {data}: its disk is full; make room there")
    return StoreUnavailableError(
        f"data folder {data}: can't be written ({error}); make it writable or choose another with "
        "--data"
    )
