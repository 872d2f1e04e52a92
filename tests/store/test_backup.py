"""A backup holds all of one moment, and becomes the same store again on either database."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa

from api.errors import StoreUnavailableError
from api.store import Audit, Comment, Database, Job, Member, Plan, Store, sqlite_url
from api.store.backup import backup, restore, verify_backup
from api.store.migrating import current
from api.store.windows import Window, meets
from sbd.errors import CancelledError, InputError
from tests.stored import Town, everything, plan, town

FreshUrl = Callable[..., str | None]

# Where the database makes no difference.
on_one = pytest.mark.parametrize("fresh_url", ["sqlite"], indirect=True)


@pytest.fixture
def made(store: Store, tmp_path: Path) -> Town:
    """A town with two plans, a remark with an answer, a frontage, and a line of the audit."""
    made = town(store, tmp_path / "site")
    first = plan(store, made, tmp_path / "1", number=1)
    plan(store, made, tmp_path / "2", number=2, proposal_id=first.proposal_id)
    with store.database.session() as session:
        # The answer sorts before what it answers.
        remark = {"project_id": made.project_id, "plan_id": first.plan_id, "text": "Zu eng für 🚌"}
        session.add(Comment(comment_id="comment-b", place=shapely.Point(24.94, 60.17), **remark))
        session.flush()
        session.add(Comment(comment_id="comment-a", answers="comment-b", **remark))
        session.add(
            Member(
                project_id=made.project_id,
                user_id=made.user_id,
                role="private_operator",
                frontage=shapely.box(24.94, 60.17, 24.95, 60.18),
            )
        )
        session.add(Audit(action="GET", status=200, request_id="r"))
    return made


@pytest.mark.parametrize("into", ["sqlite", "postgis"])
def test_what_is_restored_is_what_was_there_on_either_database(
    store: Store, made: Town, tmp_path: Path, into: str, request: pytest.FixtureRequest
) -> None:
    summary = backup(store, tmp_path / "store.zip")
    url = None if into == "sqlite" else request.getfixturevalue("postgis").fresh_url()
    assert restore(tmp_path / "store.zip", tmp_path / "again", url) == summary

    again = Store(tmp_path / "again", url)
    again.open()
    assert everything(again.database) == everything(store.database)
    assert set(again.files.digests()) == set(store.files.digests())
    for digest in again.files.digests():
        assert again.files.path(digest).read_bytes() == store.files.path(digest).read_bytes()
    with again.database.reading() as session:
        found = sa.select(Plan).where(meets(session, Plan.zone, Window(24.94, 60.17, 24.95, 60.18)))
        assert len(session.scalars(found).all()) == 2
    # What the database counts by itself goes on where it was.
    with again.database.session() as session:
        session.add(Audit(action="GET", status=200, request_id="r"))
    plan(again, made, tmp_path / "3", number=3)
    again.close()


def test_a_backup_under_load_is_of_one_moment(store: Store, made: Town, tmp_path: Path) -> None:
    stop, kept, errors = threading.Event(), [], []

    def write(first: int) -> None:
        number = first
        try:
            while not stop.is_set():
                kept.append(plan(store, made, tmp_path / f"p{number}", number=number).plan_id)
                number += 1
        except Exception as error:
            errors.append(error)

    writers = [threading.Thread(target=write, args=(first,)) for first in (1000, 2000)]
    for writer in writers:
        writer.start()
    while len(kept) < 4:
        stop.wait(0.01)
    acknowledged = set(kept)
    backup(store, tmp_path / "store.zip")
    while len(kept) < len(acknowledged) + 2:
        stop.wait(0.01)
    stop.set()
    for writer in writers:
        writer.join()
    assert errors == []

    restore(tmp_path / "store.zip", tmp_path / "again")
    again = Store(tmp_path / "again")
    again.open()  # foreign keys are checked while it is restored
    rows = everything(again.database)
    restored = {row["plan_id"] for row in rows["plans"]}
    assert acknowledged <= restored
    # A plan is there with its three bollards and its job, or not at all.
    assert len(rows["plan_features"]) == 3 * len(restored)
    with again.database.reading() as session:
        assert restored <= set(session.scalars(sa.select(Job.result_id)))
    assert {row["digest"] for row in rows["files"]} == set(again.files.digests())
    again.close()


def test_a_server_may_hold_the_store_while_it_is_backed_up(
    store: Store, made: Town, tmp_path: Path
) -> None:
    url = None if store.database.is_sqlite else store.url
    other = Store(store.data, url)
    assert backup(other, tmp_path / "store.zip").files == len(set(store.files.digests()))
    other.close()


@on_one
def test_no_file_is_swept_while_a_backup_reads(store: Store, made: Town, tmp_path: Path) -> None:
    (tmp_path / "forgotten").write_text("forgotten")
    store.files.keep(tmp_path / "forgotten")
    with store.files.holding():
        assert store.files.remove_unused(set(), older_than_s=-1) == 0
    assert store.files.remove_unused(set(), older_than_s=-1) > 0


@on_one
def test_a_byte_turned_over_is_found_or_does_no_harm(
    store: Store, made: Town, tmp_path: Path
) -> None:
    archive = tmp_path / "store.zip"
    backup(store, archive)
    whole = archive.read_bytes()
    found = 0
    for place in range(0, len(whole), len(whole) // 40):
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            restore(archive, tmp_path / "again")
        except InputError:
            found += 1
            assert not (tmp_path / "again").exists()
        else:  # a time stamp of the zip's own, which nobody reads
            again = Database(sqlite_url(tmp_path / "again" / "store.sqlite"))
            assert everything(again) == everything(store.database)
            again.close()
            shutil.rmtree(tmp_path / "again")
    assert found > 30


@on_one
def test_a_torn_backup_is_none(store: Store, made: Town, tmp_path: Path) -> None:
    archive = tmp_path / "store.zip"
    backup(store, archive)
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="damaged or no backup"):
        verify_backup(archive)


def test_nothing_is_restored_over_something(store: Store, made: Town, tmp_path: Path) -> None:
    backup(store, tmp_path / "store.zip")
    before = everything(store.database)
    with pytest.raises(InputError, match="not empty"):
        restore(tmp_path / "store.zip", store.data)
    if not store.database.is_sqlite:
        with pytest.raises(InputError, match="has tables already"):
            restore(tmp_path / "store.zip", tmp_path / "again", store.url)
        assert not (tmp_path / "again").exists()
    assert everything(store.database) == before


def test_a_stopped_restore_leaves_nothing(
    store: Store, made: Town, tmp_path: Path, fresh_url: FreshUrl
) -> None:
    backup(store, tmp_path / "store.zip")
    url = fresh_url()

    def stop(stage: str, share: float, note: str) -> None:
        if note == "table plan_features":
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        restore(tmp_path / "store.zip", tmp_path / "again", url, progress=stop)
    assert not (tmp_path / "again").exists()
    assert not (tmp_path / "again.restoring").exists()
    if url is not None:
        database = Database(url)
        assert current(database) is None
        database.close()


@on_one
def test_a_stopped_backup_leaves_nothing(store: Store, made: Town, tmp_path: Path) -> None:
    def stop(stage: str, share: float, note: str) -> None:
        if note.startswith("file"):
            raise CancelledError("stopped")

    (tmp_path / "to").mkdir()
    with pytest.raises(CancelledError):
        backup(store, tmp_path / "to" / "store.zip", progress=stop)
    assert list((tmp_path / "to").iterdir()) == []


@on_one
def test_a_store_with_a_file_gone_is_not_backed_up_as_if_whole(
    store: Store, made: Town, tmp_path: Path
) -> None:
    digest = next(store.files.digests())
    store.files.path(digest).unlink()
    with pytest.raises(StoreUnavailableError, match=digest):
        backup(store, tmp_path / "store.zip")
    assert not (tmp_path / "store.zip").exists()


def test_a_folder_without_a_store_is_not_made_one(tmp_path: Path) -> None:
    empty = Store(tmp_path / "nothing")
    with pytest.raises(InputError, match="no store in it"):
        backup(empty, tmp_path / "store.zip")
    assert not (tmp_path / "nothing").exists()


@on_one
def test_a_backup_is_for_its_owner_only(store: Store, made: Town, tmp_path: Path) -> None:
    backup(store, tmp_path / "store.zip")
    assert (tmp_path / "store.zip").stat().st_mode & 0o077 == 0


@on_one
def test_approved_plans_keep_their_hash(store: Store, made: Town, tmp_path: Path) -> None:
    backup(store, tmp_path / "store.zip")
    restore(tmp_path / "store.zip", tmp_path / "again")
    again = Store(tmp_path / "again")
    again.open()
    with store.database.reading() as old, again.database.reading() as new:
        asked = sa.select(Plan.plan_id, Plan.content_hash).order_by(Plan.plan_id)
        assert new.execute(asked).all() == old.execute(asked).all()
    again.close()
