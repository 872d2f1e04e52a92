"""A store with its tables, and a service of the real ways in over it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.store.base import Table
from api.store.database import Database, sqlite_url
from tests.auth.front_door import FrontDoor


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables; made once, copied for each test."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    database = Database(sqlite_url(path))
    Table.metadata.create_all(database.engine)
    database.close()
    return path


@pytest.fixture
def database(empty_store: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(empty_store, tmp_path / "store.db")
    found = Database(sqlite_url(tmp_path / "store.db"))
    yield found
    found.close()


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)
