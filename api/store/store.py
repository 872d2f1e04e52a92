"""One data folder (and, where asked, one database): everything that a service keeps."""

import logging
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from api.named import Named
from api.store.database import Database, sqlite_url
from api.store.faults import database_faults, unwritable
from api.store.files import FileStore
from api.store.locks import lock_database, lock_folder
from api.store.revision import newest_revision, revision_of
from sbd.errors import InputError

log = logging.getLogger(__name__)

# Most starts find tables of this version, and need nothing of the library that changes them.
_migrate = Named("api.store.migrating:migrate")


class Store:
    """Tables, files, and a folder for work in progress.

    Parameters
    ----------
    data : Path
        Holds `files/`, `scratch/` and, without a URL, the tables in `store.sqlite`.
    url : str or None
        Of a PostgreSQL database with PostGIS, `postgresql+psycopg://USER@HOST/NAME`.

    Raises InputError for the URL of anything else.
    """

    def __init__(self, data: Path, url: str | None = None) -> None:
        self.data = data.resolve()
        self.url = url or sqlite_url(self.data / "store.sqlite")
        self.files = FileStore(self.data / "files")
        self.scratch = self.data / "scratch"
        self.database = Database(self.url)
        self._locks: ExitStack | None = None

    def open(self) -> None:
        """Make what is missing, bring the tables to this version, and keep other servers out.

        What a crash left in `scratch` goes: its work is done again from the start.

        Raises
        ------
        InputError
            The folder is a file.
        OutputError
            The disk is full, or the store was written by a newer version.
        StoreUnavailableError
            The folder can't be written, the database can't be reached, or another server uses one
            of them.
        """
        if self._locks is not None:
            return  # whoever greets at the door has opened it already
        if self.data.exists() and not self.data.is_dir():
            raise InputError(f"data folder {self.data}: is a file; name a folder")
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=self.data):
                pass  # says what is wrong with the folder before a database does
        except OSError as error:
            raise unwritable(f"data folder {self.data}", error) from error
        self._locks = ExitStack()
        try:
            self._keep_others_out(self._locks)
            self._clear_scratch()
            self.files.open()
            if not self._is_of_this_version():
                log.info("tables are made, or changed to those of this version: up to minutes")
                _migrate(self.database)
        except BaseException:
            self.close()
            raise

    def _keep_others_out(self, locks: ExitStack) -> None:
        locks.callback(lock_folder(self.data).close)
        self.database.require_reachable()
        with database_faults():
            if (held := lock_database(self.database)) is not None:
                locks.callback(held.close)

    def _clear_scratch(self) -> None:
        try:
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise unwritable(f"data folder {self.data}", error) from error

    def _is_of_this_version(self) -> bool:
        # As somebody who is about to write: a store that can't be written says so here.
        with database_faults(), self.database.engine.begin() as connection:
            return revision_of(connection) == newest_revision()

    def close(self) -> None:
        """Give the connections and the folder back."""
        self.database.close()
        if self._locks is not None:
            self._locks.close()
            self._locks = None
