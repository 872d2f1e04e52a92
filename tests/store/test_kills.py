"""A process that is killed while it writes: what it was told is kept is there, and whole."""

import hashlib
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.store import Comment, File, ItemFile, Job, Plan, PlanFeature, Store
from tests.stored import Town, plan, town

FreshUrl = Callable[..., str | None]

UNITS = 40

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are forked, and killed at once")


def _write_for_ever(data: Path, url: str | None, made: Town, folder: Path, told: int) -> None:
    store = Store(data, url)
    store.open()
    os.write(told, b"open\n")
    first = int(time.time() * 1e6) % 2**40
    for number in range(first, first + 10_000):
        kept = plan(store, made, folder / str(number), number=number, units=UNITS)
        os.write(told, f"{kept.plan_id}\n".encode())
        with store.database.session() as session:
            remark = Comment(project_id=made.project_id, plan_id=kept.plan_id, text="x" * 3000)
            session.add(remark)
        os.write(told, f"{remark.comment_id}\n".encode())


def _killed(rng: random.Random, data: Path, url: str | None, made: Town, folder: Path) -> set[str]:
    """Let a process write, kill it, and return what it had been told is kept."""
    folder.mkdir()
    out, told = os.pipe()
    writer = multiprocessing.get_context("fork").Process(
        target=_write_for_ever, args=(data, url, made, folder, told)
    )
    writer.start()
    os.close(told)
    lines = b""
    wanted = rng.randrange(1, 6)
    while lines.count(b"\n") < wanted:
        lines += os.read(out, 100_000)
    time.sleep(rng.uniform(0.0, 0.1))  # anywhere in the next writes
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    while more := os.read(out, 100_000):
        lines += more
    os.close(out)
    return {line.decode() for line in lines.split(b"\n")[1:-1]}


def _check(store: Store, acknowledged: set[str]) -> None:
    with store.database.reading() as session:
        if store.database.is_sqlite:
            assert session.execute(sa.text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert session.execute(sa.text("PRAGMA foreign_key_check")).all() == []
        plans = set(session.scalars(sa.select(Plan.plan_id)))
        comments = set(session.scalars(sa.select(Comment.comment_id)))
        assert acknowledged <= plans | comments
        # A plan is there with its job and all its features, or not at all.
        features = sa.select(PlanFeature.plan_id, sa.func.count()).group_by(PlanFeature.plan_id)
        assert {row[0]: row[1] for row in session.execute(features)} == dict.fromkeys(plans, UNITS)
        jobs = set(session.scalars(sa.select(Job.result_id).where(Job.kind == "plan")))
        assert jobs == plans
        named = session.execute(sa.select(ItemFile.digest, File.bytes).join(File)).all()
    for digest, size in named:
        content = store.files.path(digest).read_bytes()
        assert len(content) == size
    for digest in store.files.digests():
        assert hashlib.sha256(store.files.path(digest).read_bytes()).hexdigest() == digest
    assert list((store.files.folder / "drafts").iterdir()) == []
    assert list(store.scratch.iterdir()) == []


@pytest.mark.parametrize(
    "kills", [pytest.param(8, id="some"), pytest.param(100, marks=pytest.mark.nightly, id="many")]
)
def test_nothing_that_was_acknowledged_is_lost_to_a_kill(
    tmp_path: Path, fresh_url: FreshUrl, kills: int
) -> None:
    data, url = tmp_path / "data", fresh_url(with_tables=True)
    store = Store(data, url)
    store.open()
    made = town(store, tmp_path / "site")
    store.close()
    rng = random.Random(kills)
    acknowledged: set[str] = set()
    for round_number in range(kills):
        folder = tmp_path / f"round-{round_number}"
        acknowledged |= _killed(rng, data, url, made, folder)
        store = Store(data, url)
        store.open()
        _check(store, acknowledged)
        store.close()
    assert acknowledged


@pytest.mark.parametrize("steps", range(4))
def test_a_kill_in_the_middle_of_a_migration_leaves_the_old_tables_or_the_new_ones(
    tmp_path: Path, fresh_url: FreshUrl, steps: int
) -> None:
    data, url = tmp_path / "data", fresh_url()

    def migrate_once() -> None:
        Store(data, url).open()

    writer = multiprocessing.get_context("fork").Process(target=migrate_once)
    writer.start()
    time.sleep(0.03 * steps)
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    store = Store(data, url)
    store.open()
    made = town(store, tmp_path / "site")
    plan(store, made, tmp_path / "1", number=1, units=UNITS)
    _check(store, {"plan-000000000001"})
    store.close()
