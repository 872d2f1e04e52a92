"""A store that is full or takes no changes: said clearly, nothing lost, and back to work after."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from tests.api.conftest import Service


@pytest.fixture
def own(tmp_path, open_service):
    with open_service(tmp_path) as service:
        yield service


@contextmanager
def every_connection(service: Service, pragma: str) -> Iterator[None]:
    """Let SQLite behave on every connection as it does on such a disk."""
    engine = service.store.database.engine

    def limit(connection, _record):
        connection.execute(f"PRAGMA {pragma}")

    engine.dispose()
    sa.event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        sa.event.remove(engine, "connect", limit)
        engine.dispose()


def comment(service: Service, text: str):
    return service.post(f"/projects/{service.project}/comments", json={"text": text})


def texts(service: Service) -> list[str]:
    path = f"/projects/{service.project}/comments?limit=500"
    return [item["text"] for item in service.get(path).json()["items"]]


def test_a_full_store_says_so_and_loses_nothing(own):
    assert comment(own, "before").status_code == 201
    with own.store.database.reading() as session:
        pages = session.scalar(sa.text("PRAGMA page_count"))
    kept = ["before"]
    with every_connection(own, f"max_page_count={pages + 20}"):
        for number in range(200):
            answer = comment(own, f"{number} " + "x" * 5000)
            if answer.status_code != 201:
                break
            kept.append(f"{number} " + "x" * 5000)
        assert answer.status_code == 507
        assert answer.headers["content-type"] == "application/problem+json"
        assert "make room" in answer.json()["detail"]
        assert texts(own) == kept
    assert comment(own, "after").status_code == 201
    assert texts(own) == [*kept, "after"]


def test_a_store_that_takes_no_changes_is_still_read(own):
    assert comment(own, "before").status_code == 201
    with every_connection(own, "query_only=ON"):
        refused = comment(own, "now")
        assert refused.status_code == 503
        assert "nothing was kept" in refused.json()["detail"]
        assert texts(own) == ["before"]
    assert texts(own) == ["before"]
