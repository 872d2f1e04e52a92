"""A store that is full or takes no changes: said clearly, nothing lost, and back to work after."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from tests.api.conftest import Service
from tests.disks import DISK_BYTES, small_disk_at


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


@pytest.mark.parametrize("place", ["data folder", "temporary files"])
def test_a_file_that_finds_no_room_says_so_and_is_not_there(own, tmp_path, monkeypatch, place):
    heights = b"II*\0" + bytes(DISK_BYTES + 1)
    with small_disk_at(tmp_path / "disk") as disk:
        if place == "data folder":
            own.store.scratch.rmdir()
            own.store.scratch.symlink_to(disk)
        else:
            monkeypatch.setattr(tempfile, "tempdir", str(disk))
        refused = own.send("heights", "heights.tif", heights)
        assert refused.status_code == 507
        assert "make room" in refused.json()["detail"]
        assert list(disk.iterdir()) == []
    assert list(own.store.files.digests()) == []
    assert own.get(f"/projects/{own.project}/jobs").json()["items"] == []
