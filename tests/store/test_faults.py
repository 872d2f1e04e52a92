"""A full disk, a folder that can't be written, a second server: said clearly, and nothing lost."""

import errno
import io
import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.errors import StoreUnavailableError, problem_of
from api.store import Comment, File, Project, Store, User
from api.store.backup import backup, restore
from api.store.faults import database_faults, unwritable
from sbd.errors import InputError, OutputError
from tests.disks import DISK_BYTES, fill, small_disk_at
from tests.postgis import PostgisServer
from tests.stored import Town, plan, town

FreshUrl = Callable[..., str | None]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk_at(tmp_path / "disk") as folder:
        yield folder


def _comments(store: Store) -> set[str]:
    with store.database.reading() as session:
        return set(session.scalars(sa.select(Comment.comment_id)))


def _said(store: Store, made: Town, text: str) -> str:
    with database_faults(), store.database.session() as session:
        comment = Comment(project_id=made.project_id, text=text)
        session.add(comment)
    return comment.comment_id


def test_on_a_full_disk_what_was_kept_stays_and_room_is_all_it_takes(
    small_disk: Path, tmp_path: Path
) -> None:
    store = Store(small_disk / "data")
    store.open()
    made = town(store, tmp_path / "site")
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (DISK_BYTES - _used(small_disk) - 200_000))
    acknowledged: set[str] = set()

    def write_until_full() -> None:
        for number in range(1000):
            acknowledged.add(_said(store, made, "x" * 5000))
            store.files.keep_stream(io.BytesIO(os.urandom(20_000)))
            with database_faults():
                plan(store, made, tmp_path / f"p{number}", number=number)

    with pytest.raises(OutputError, match="make room") as told:
        write_until_full()
    assert problem_of(told.value)["status"] == 507
    assert acknowledged
    # The table may still have room where the files have none: fill it too.
    with pytest.raises(OutputError, match="make room"):
        acknowledged.update(_said(store, made, "x" * 20_000) for _ in range(1000))
    assert acknowledged == _comments(store)
    assert list((store.files.folder / "drafts").iterdir()) == []

    ballast.unlink()
    acknowledged.add(_said(store, made, "room again"))
    plan(store, made, tmp_path / "after", number=5000)
    store.close()
    store.open()
    assert acknowledged == _comments(store)
    backup(store, tmp_path / "store.zip")  # finds every file that a row names, whole
    store.close()


def test_no_store_is_made_on_a_full_disk(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * (DISK_BYTES - 100_000))
    store = Store(small_disk / "data")
    with pytest.raises(OutputError, match="make room") as told:
        store.open()
    assert problem_of(told.value)["status"] == 507
    (small_disk / "ballast").unlink()
    store.open()
    store.close()


def test_a_backup_goes_into_a_folder_on_a_disk_and_not_in_its_place(
    small_disk: Path, tmp_path: Path
) -> None:
    store = Store(tmp_path / "data")
    store.open()
    backup(store, tmp_path / "store.zip")
    store.close()
    with pytest.raises(InputError, match=r"is a disk of its own.*disk/plans"):
        restore(tmp_path / "store.zip", small_disk)
    assert list(small_disk.iterdir()) == []
    restore(tmp_path / "store.zip", small_disk / "plans")
    assert (small_disk / "plans" / "store.sqlite").is_file()


def _used(folder: Path) -> int:
    about = os.statvfs(folder)
    return (about.f_blocks - about.f_bfree) * about.f_frsize


def test_a_backup_that_finds_no_room_leaves_nothing_of_itself(
    small_disk: Path, store: Store, tmp_path: Path
) -> None:
    town(store, tmp_path / "site")
    store_bytes = io.BytesIO(os.urandom(2 * DISK_BYTES))
    kept = store.files.keep_stream(store_bytes)
    _named(store, kept.digest, kept.bytes)
    with pytest.raises(OutputError, match="can't be written"):
        backup(store, small_disk / "store.zip")
    assert list(small_disk.iterdir()) == []


def _named(store: Store, digest: str, size: int) -> None:
    with store.database.session() as session:
        session.add(File(digest=digest, bytes=size))


def _in_another_process(work: Callable[[], object], *, user: int | None = None) -> str:
    """Return what work that may change the rights of its process said."""
    out, told = os.pipe()

    def run() -> None:
        if user is not None:
            os.setgroups([])
            os.setuid(user)
        try:
            words = str(work())
        except Exception as error:
            words = f"{type(error).__name__}: {error}"
        os.write(told, words.encode())

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    os.close(told)
    words = b"".join(iter(lambda: os.read(out, 10_000), b""))
    process.join()
    os.close(out)
    return words.decode()


def test_a_file_over_the_limit_of_the_process_is_a_full_disk(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    store.open()
    store.close()

    def keep() -> object:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        return store.files.keep_stream(io.BytesIO(b"x" * 200_000), name="city.osm.pbf")

    said = _in_another_process(keep)
    assert said.startswith("OutputError: city.osm.pbf: ")
    assert "make room" in said
    assert list(store.files.digests()) == []


@pytest.fixture
def others_folder() -> Iterator[Path]:
    """A store in a folder that the user `nobody` may read and not write."""
    if os.geteuid() != 0:
        pytest.skip("takes the right to become another user")
    with tempfile.TemporaryDirectory(prefix="sbd-read-only-") as name:
        Path(name).chmod(0o755)
        store = Store(Path(name) / "data")
        store.open()
        store.close()
        for path in Path(name).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield Path(name) / "data"


NOBODY = 65534


def test_a_folder_that_can_only_be_read_is_named_with_the_way_out(others_folder: Path) -> None:
    said = _in_another_process(Store(others_folder).open, user=NOBODY)
    assert said.startswith("StoreUnavailableError: data folder ")
    assert "writable" in said
    assert str(others_folder) in said


def test_a_new_store_in_a_folder_that_can_only_be_read_is_refused(others_folder: Path) -> None:
    said = _in_another_process(Store(others_folder / "new").open, user=NOBODY)
    assert said.startswith("StoreUnavailableError: data folder ")


def test_tables_that_turn_read_only_are_said_to_be(store: Store, tmp_path: Path) -> None:
    made = town(store, tmp_path / "site")
    turn = "PRAGMA query_only=ON" if store.database.is_sqlite else "SET TRANSACTION READ ONLY"

    def change() -> None:
        with database_faults(), store.database.session() as session:
            session.execute(sa.text(turn))
            session.get_one(Project, made.project_id).name = "New"

    try:
        with pytest.raises(StoreUnavailableError) as told:
            change()
    finally:
        store.database.engine.dispose()  # the pragma stays with its connection
    assert problem_of(told.value)["status"] == 503
    with store.database.reading() as session:
        assert session.get_one(Project, made.project_id).name == "Old town"


def test_a_table_without_room_is_a_full_disk(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    store.open()

    def write() -> None:
        with database_faults(), store.database.session() as session:
            session.execute(sa.text("PRAGMA max_page_count=1"))  # SQLite takes what there is
            for number in range(100):
                session.add(User(name="x" * 4000 + str(number)))

    with pytest.raises(OutputError, match="make room") as told:
        write()
    assert problem_of(told.value)["status"] == 507
    store.close()


def test_a_database_out_of_reach_is_said_to_be(tmp_path: Path) -> None:
    nowhere = Store(tmp_path / "data", "postgresql+psycopg://nobody:secret@127.0.0.1:1/none")
    with pytest.raises(StoreUnavailableError, match=r"nobody:\*\*\*@.*refused") as told:
        nowhere.open()
    assert "secret" not in str(told.value)
    with pytest.raises(StoreUnavailableError, match="refused"):
        backup(nowhere, tmp_path / "store.zip")


@pytest.mark.parametrize("url", ["mysql://u:secret@h/n", "plans.sqlite", "postgres://u:secret@h/n"])
def test_what_is_no_postgresql_is_refused_without_saying_the_password(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(InputError, match=r"postgresql\+psycopg://USER@HOST/NAME") as told:
        Store(tmp_path / "data", url)
    assert "secret" not in str(told.value)


def test_a_database_that_is_not_there_is_named(tmp_path: Path, postgis: PostgisServer) -> None:
    url = f"postgresql+psycopg://postgres@127.0.0.1:{postgis.port}/nowhere"
    with pytest.raises(StoreUnavailableError, match='"nowhere" does not exist'):
        Store(tmp_path / "data", url).open()


def test_a_database_without_postgis_says_what_to_run_in_it(
    tmp_path: Path, postgis: PostgisServer
) -> None:
    postgis.run("CREATE ROLE city LOGIN")
    postgis.run("CREATE DATABASE plain OWNER city")
    try:
        plain = Store(
            tmp_path / "data", f"postgresql+psycopg://city@127.0.0.1:{postgis.port}/plain"
        )
        with pytest.raises(StoreUnavailableError, match="CREATE EXTENSION postgis"):
            plain.open()
        postgis.run("CREATE EXTENSION postgis", database="plain")
        plain.open()
        plain.close()
    finally:
        postgis.run("DROP DATABASE plain")
        postgis.run("DROP ROLE city")


def test_two_servers_with_folders_of_their_own_do_not_share_a_database(
    tmp_path: Path, postgis: PostgisServer
) -> None:
    url = postgis.fresh_url()
    first, second = (Store(tmp_path / name, url) for name in ("first", "second"))
    first.open()
    with pytest.raises(StoreUnavailableError, match="database: another server uses it"):
        second.open()
    first.close()
    second.open()
    second.close()
    postgis.drop(url)


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "plans").write_text("")
    with pytest.raises(InputError, match="plans: is a file; name a folder"):
        Store(tmp_path / "plans").open()


def test_a_server_does_not_start_on_a_disk_without_any_room(small_disk: Path) -> None:
    store = Store(small_disk / "data")
    store.open()
    store.close()
    (store.data / "lock").unlink()
    fill(small_disk)
    with pytest.raises(OutputError, match="make room") as told:
        store.open()
    assert problem_of(told.value)["status"] == 507


def test_a_second_server_is_kept_out_and_the_first_goes_on(store: Store, tmp_path: Path) -> None:
    made = town(store, tmp_path / "site")
    second = Store(store.data, None if store.database.is_sqlite else store.url)
    with pytest.raises(StoreUnavailableError, match="another server uses it"):
        second.open()
    assert _said(store, made, "still here") in _comments(store)
    store.close()
    second.open()
    second.close()


def test_a_store_can_be_opened_again_after_it_was_closed(store: Store, tmp_path: Path) -> None:
    made = town(store, tmp_path / "site")
    said = _said(store, made, "before")
    store.close()
    store.open()
    assert said in _comments(store)


@pytest.mark.parametrize(
    ("number", "kind", "status"),
    [
        (errno.ENOSPC, OutputError, 507),
        (errno.EDQUOT, OutputError, 507),
        (errno.EROFS, StoreUnavailableError, 503),
        (errno.EACCES, StoreUnavailableError, 503),
    ],
)
def test_an_error_of_the_system_says_which_answer_it_is(
    number: int, kind: type[Any], status: int
) -> None:
    error = unwritable("upload", OSError(number, os.strerror(number)))
    assert type(error) is kind
    assert problem_of(error)["status"] == status
