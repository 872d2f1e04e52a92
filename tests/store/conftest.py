"""Every test of the store runs on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.store import Database, Store
from api.store.migrating import migrate
from tests.postgis import PostgisServer, postgis_server

FreshUrl = Callable[..., str | None]


@pytest.fixture(scope="session")
def postgis() -> Iterator[PostgisServer]:
    with postgis_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgis"])
def fresh_url(request: pytest.FixtureRequest) -> Iterator[FreshUrl]:
    """What gives the URL of an empty database; None stands for a file in the data folder."""
    if request.param == "sqlite":
        yield lambda with_tables=False: None
        return
    server: PostgisServer = request.getfixturevalue("postgis")

    given: list[str] = []

    def fresh(with_tables: bool = False) -> str:
        like = request.getfixturevalue("postgis_with_tables") if with_tables else None
        given.append(server.fresh_url(like=like))
        return given[-1]

    yield fresh
    for url in given:
        server.drop(url)


@pytest.fixture(scope="session")
def postgis_with_tables(postgis: PostgisServer) -> str:
    """A database with the tables in it, to be copied: migrating each anew takes too long."""
    url = postgis.fresh_url()
    database = Database(url)
    migrate(database)
    database.close()
    return url


@pytest.fixture
def store(tmp_path: Path, fresh_url: FreshUrl) -> Iterator[Store]:
    opened = Store(tmp_path / "data", fresh_url(with_tables=True))
    opened.open()
    yield opened
    opened.close()
