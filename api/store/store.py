"""One data folder (and, where asked, one database): everything that a service keeps."""

import shutil
import sqlite3
import tempfile
from pathlib import Path

from api.errors import StoreUnavailableError
from api.named import Named
from api.store.database import Database, sqlite_url
from api.store.faults import database_faults, unwritable
from api.store.files import FileStore
from api.store.revision import newest_revision, revision_of

# Most starts find tables of this version, and need nothing of the library that changes them.
_migrate = Named("api.store.migrating:migrate")

_BUSY_S = 0.0  # another server keeps its lock for as long as it runs


class Store:
    """Tables, files, and a folder for work in progress.

    Parameters
    ----------
    data : Path
        Holds `files/`, `scratch/` and, without a URL, the tables in `store.sqlite`.
    url : str or None
        Of a PostgreSQL database with PostGIS, `postgresql+psycopg://USER@HOST/NAME`.
    """

    def __init__(self, data: Path, url: str | None = None) -> None:
        self.data = data.resolve()
        self.url = url or sqlite_url(self.data / "store.sqlite")
        self.files = FileStore(self.data / "files")
        self.scratch = self.data / "scratch"
        self.database = Database(self.url)
        self._lock: sqlite3.Connection | None = None

    def open(self) -> None:
        """Make what is missing, bring the tables to this version, and keep other servers out.

        What a crash left in `scratch` goes: its work is done again from the start.

        Raises
        ------
        OutputError
            The disk is full, or the store was written by a newer version.
        StoreUnavailableError
            The folder can't be written, another server uses it, or the database can't be reached.
        """
        if self._lock is not None:
            return  # whoever greets at the door has opened it already
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=self.data):
                pass  # says what is wrong with the folder before a database does
            self._lock = _locked(self.data)
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise unwritable(f"data folder {self.data}", error) from error
        try:
            self.files.open()
            if not self._is_of_this_version():
                _migrate(self.database)
        except BaseException:
            self.close()
            raise

    def _is_of_this_version(self) -> bool:
        # As somebody who is about to write: a store that can't be written says so here.
        with database_faults(), self.database.engine.begin() as connection:
            return revision_of(connection) == newest_revision()

    def close(self) -> None:
        """Give the connections and the folder back."""
        self.database.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _locked(data: Path) -> sqlite3.Connection:
    # A database file without tables is a lock between processes on every system, and one that a
    # killed process can't leave behind.
    try:
        # A server is closed by another thread than the one that opened it.
        lock = sqlite3.connect(
            data / "lock", timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
    except sqlite3.OperationalError as error:
        raise _unwritable_folder(data, error) from error
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise StoreUnavailableError(
                f"data folder {data}: another server uses it; stop that one or choose another "
                "with --data"
            ) from error
        raise _unwritable_folder(data, error) from error
    return lock


def _unwritable_folder(data: Path, error: sqlite3.Error) -> StoreUnavailableError:
    return StoreUnavailableError(
        f"data folder {data}: can't be written ({error}); make it writable or choose another with "
        "--data"
    )
