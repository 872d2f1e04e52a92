"""A URL -> an engine and sessions, alike on SQLite and PostGIS."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from api.errors import PreconditionError, StoreUnavailableError
from api.store.windows import ready_windows
from sbd.errors import InputError

_BUSY_MS = 10_000
_TURN = "sbd_turn"


def sqlite_url(path: Path) -> str:
    """Return the URL of an SQLite file."""
    return sa.URL.create("sqlite", database=str(path)).render_as_string()


class Database:
    """The tables behind one URL.

    Parameters
    ----------
    url : str
        `sqlite:///FILE`, or `postgresql+psycopg://USER@HOST/NAME` with PostGIS in it.

    Raises InputError for any other.
    """

    def __init__(self, url: str) -> None:
        _require_known(url)
        self.engine = sa.create_engine(
            url,
            pool_pre_ping=not url.startswith("sqlite"),
            hide_parameters=True,  # an error in the log must not hold names or hashes
        )
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _ready_sqlite)
            self._turns = _Turns()
            sa.event.listen(self.engine, "begin", self._turns.begin)
            sa.event.listen(self.engine, "commit", self._turns.end)
            sa.event.listen(self.engine, "rollback", self._turns.end)
        else:
            sa.event.listen(self.engine, "connect", _ready_postgres)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of our own."""
        return self.engine.dialect.name == "sqlite"

    def require_reachable(self) -> None:
        """Raise StoreUnavailableError with the server's own words where it lets nobody in.

        For whoever starts something on it; others are told less.
        """
        if self.is_sqlite:
            return
        try:
            with self.engine.connect():
                pass
        except sa.exc.OperationalError as error:
            reason = " ".join(str(error.orig).split())
            raise StoreUnavailableError(
                f"SBD_DATABASE {self.engine.url.render_as_string(hide_password=True)}: {reason}; "
                "see that the server runs, that the database is there and lets this user in"
            ) from error

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Yield a session; what it did is kept when the block ends well, and not otherwise.

        Raises PreconditionError where somebody else changed one of its rows meanwhile.
        """
        try:
            with self._sessions.begin() as session:
                yield session
        except StaleDataError as error:
            raise PreconditionError("it was changed meanwhile; look at it again") from error

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that changes nothing: it waits for no writer."""
        with self._sessions() as session:
            session.connection(execution_options={"sbd_reading": True})
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Yield a connection that sees the tables as they are now, however long it takes."""
        with self.engine.connect() as plain:
            if self.is_sqlite:
                # Its readers see one state of the file from their first look on.
                yield plain.execution_options(sbd_reading=True)
            else:
                yield plain.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _require_known(url: str) -> None:
    try:
        name = sa.make_url(url).get_backend_name()
    except sa.exc.ArgumentError:
        name = ""
    if name not in ("sqlite", "postgresql"):
        # The rest of it may be a password.
        raise InputError(
            f"SBD_DATABASE {url.partition(':')[0][:40]!r}...: no PostgreSQL database; write "
            "postgresql+psycopg://USER@HOST/NAME, or unset it to keep the tables in the data folder"
        )


def _ready_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we begin by ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # what was acknowledged stays after the power goes
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    ready_windows(connection)


def _ready_postgres(connection: Any, _record: object) -> None:
    # To compile a query takes it longer than any of ours needs.
    connection.execute("SET jit = off")
    connection.commit()


class _Turns:
    """Writers of this process, one after the other.

    SQLite lets one write at a time, and whoever comes meanwhile looks again after ever longer
    pauses: among many somebody would look too late time after time, until he is refused.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def begin(self, connection: sa.Connection) -> None:
        """Begin a transaction at once, and one that writes as one that does.

        The driver would begin late, so that two readers that both go on to write would block
        each other for good.
        """
        if connection.get_execution_options().get("sbd_reading", False):
            connection.exec_driver_sql("BEGIN")
            return
        # Who waits in vain goes on, and hears from SQLite what is the matter.
        connection.info[_TURN] = self._turn.acquire(timeout=_BUSY_MS / 1000)
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            self.end(connection)
            raise

    def end(self, connection: sa.Connection) -> None:
        """Let the next one begin."""
        if connection.info.pop(_TURN, False):
            self._turn.release()
