"""What an operating system or a database says when it can't write -> an error with a way out."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from api.errors import StoreUnavailableError
from sbd.errors import OutputError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

# Primary result codes of SQLite; the higher bytes of a code say more than is needed here.
_SQLITE_FULL = (sqlite3.SQLITE_FULL,)
_SQLITE_SHUT = (
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
)
_SQLITE_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

# Classes and codes of PostgreSQL (its manual, appendix A).
_POSTGRES_FULL = "53100"
_POSTGRES_READ_ONLY = "25006"
_POSTGRES_FORBIDS = ("42501", "58P01", "0A000")  # no right to it, no such file, not supported


def unwritable(what: str, error: OSError) -> OutputError:
    """Return the error for a file or folder of the store that can't be written.

    A full disk is an OutputError (507), anything else a StoreUnavailableError (503).

    >>> unwritable("upload", OSError(errno.ENOSPC, "No space left on device"))
    OutputError('upload: No space left on device; make room in the data folder, nothing was kept')
    """
    reason = error.strerror or str(error)
    if error.errno in FULL:
        return OutputError(f"{what}: {reason}; make room in the data folder, nothing was kept")
    return StoreUnavailableError(
        f"{what}: {reason}; make the data folder writable, nothing was kept"
    )


@contextmanager
def database_faults() -> Iterator[None]:
    """Turn what a database can't do into an error that says what helps; others pass through."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        known = fault_of(error)
        if known is None:
            raise
        raise known from error


def fault_of(error: sa.exc.DBAPIError) -> OutputError | None:
    """Return what a database can't do now, in words; None where the program is at fault.

    A full disk is an OutputError (507); read-only, busy or out of reach a StoreUnavailableError
    (503).
    """
    return _sqlite_fault(error.orig) or _postgres_fault(error)


def _sqlite_fault(error: BaseException | None) -> OutputError | None:
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_FULL:
        return OutputError(f"store: {error}; make room in the data folder, nothing was kept")
    if code in _SQLITE_SHUT:
        return StoreUnavailableError(
            f"store: {error}; make the data folder writable, nothing was kept"
        )
    if code in _SQLITE_BUSY:
        return StoreUnavailableError(f"store: {error}; too much at once, try again")
    return None


def _postgres_fault(error: sa.exc.DBAPIError) -> OutputError | None:
    code = getattr(error.orig, "sqlstate", None)
    if code == _POSTGRES_FULL:
        return OutputError("store: the database's disk is full; make room there, nothing was kept")
    if code == _POSTGRES_READ_ONLY:
        return StoreUnavailableError(
            "store: the database takes no changes now (read-only); nothing was kept"
        )
    if code in _POSTGRES_FORBIDS:
        reason = str(error.orig).strip().splitlines()[0]
        return StoreUnavailableError(
            f"store: the database says {reason!r}; let who administers it run CREATE EXTENSION "
            "postgis in it, and give us the right to make tables"
        )
    is_lost = error.connection_invalidated or (code is None and _is_operational(error))
    if is_lost and not isinstance(error.orig, sqlite3.Error):
        return StoreUnavailableError("store: the database can't be reached; try again")
    return None


def _is_operational(error: sa.exc.DBAPIError) -> bool:
    return isinstance(error, sa.exc.OperationalError)
