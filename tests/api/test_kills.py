"""The service killed at random moments: what it acknowledged is there, and nothing by half."""

import hashlib
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from api.store import Export, File, FileRole, ItemFile, Job, JobState, Member, Role, Store
from tests.api.served import settled, token_for
from tests.started import started
from tests.stored import plan, town

pytestmark = pytest.mark.slow

LIST = "product_id\n"  # read by a job at once, which says what is wrong with it


@dataclass
class Acknowledged:
    """What the service said it had kept."""

    comments: set[str] = field(default_factory=set)
    jobs: set[str] = field(default_factory=set)
    exports: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many answers there were."""
        return sum(map(len, (self.comments, self.jobs, self.exports, self.faults)))


@dataclass(frozen=True)
class Place:
    folder: Path
    project: str
    plan: str
    secret: str


@pytest.fixture
def place(tmp_path):
    """A store with a drawn plan and a planner's token."""
    store = Store(tmp_path / "data")
    store.open()
    made = town(store, tmp_path / "town")
    drawn = plan(store, made, tmp_path / "plan", number=1, units=20)
    with store.database.session() as session:
        session.add(Member(project_id=made.project_id, user_id=made.user_id, role=Role.PLANNER))
        secret = token_for(session, made.user_id)
    store.close()
    return Place(tmp_path / "data", made.project_id, drawn.plan_id, secret)


def write(client: httpx.Client, place: Place, told: Acknowledged, seed: int) -> None:
    """Write until the server is gone; note what it acknowledged."""
    rng, base = random.Random(seed), "/api/v1"
    number = 0
    while True:
        number += 1
        kind = rng.choice(("comment", "upload", "export"))
        try:
            if kind == "comment":
                path = f"{base}/plans/{place.plan}/comments"
                answer = client.post(path, json={"text": f"{seed} {number} " + "x" * 500})
                kept, key, wanted = told.comments, "comment_id", 201
            elif kind == "upload":
                path = f"{base}/projects/{place.project}/uploads?kind=catalogue"
                content = f"{LIST}{seed}-{number}\n"
                answer = client.post(path, files={"file": ("own.csv", content)})
                kept, key, wanted = told.jobs, "job_id", 202
            else:
                path = f"{base}/plans/{place.plan}/exports"
                answer = client.post(path, json={"audience": "restricted"})
                kept, key, wanted = told.exports, "export_id", 201
        except httpx.TransportError:
            return
        if answer.status_code == wanted:
            kept.add(answer.json()[key])
        elif answer.status_code != 429:
            told.faults.append(f"{kind}: {answer.status_code} {answer.text[:200]}")


def run_and_kill(place: Place, told: Acknowledged, rng: random.Random) -> None:
    with started(place.folder) as (process, url):
        headers = {"Authorization": f"Bearer {place.secret}"}
        with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
            writers = [
                threading.Thread(target=write, args=(client, place, told, rng.getrandbits(32)))
                for _ in range(3)
            ]
            for writer in writers:
                writer.start()
            # By acknowledgements, not by the clock: a busy machine must have something to lose.
            until = told.count + rng.randint(1, 12)
            while told.count < until and any(writer.is_alive() for writer in writers):
                time.sleep(0.01)
            time.sleep(rng.uniform(0.0, 0.2))
            process.send_signal(signal.SIGKILL)
            for writer in writers:
                writer.join()


def look(place: Place, told: Acknowledged) -> None:
    """Open the store as the next server does; everything acknowledged is there, and whole."""
    store = Store(place.folder)
    store.open()
    try:
        with store.database.reading() as session:
            if store.database.is_sqlite:
                assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
                assert session.execute(sa.text("PRAGMA foreign_key_check")).all() == []
            comments = set(session.scalars(sa.text("SELECT comment_id FROM comments")))
            assert told.comments <= comments
            assert told.jobs <= set(session.scalars(sa.select(Job.job_id)))
            exports = set(session.scalars(sa.select(Export.export_id)))
            assert told.exports <= exports
            whole = sa.select(ItemFile.item_id).where(ItemFile.role == FileRole.ARCHIVE)
            assert exports <= set(session.scalars(whole))
            for file in session.scalars(sa.select(File)):
                content = store.files.path(file.digest).read_bytes()
                assert hashlib.sha256(content).hexdigest() == file.digest
    finally:
        store.close()


def settle(place: Place, told: Acknowledged) -> None:
    """Let a last server do what is left; every acknowledged job ends."""
    states = settled(place.folder, told.jobs)
    assert set(states.values()) <= {JobState.DONE, JobState.FAILED}
    assert states.keys() == told.jobs


def kill_often(place: Place, times: int) -> Acknowledged:
    told, rng = Acknowledged(), random.Random(times)
    for _ in range(times):
        run_and_kill(place, told, rng)
        look(place, told)
    settle(place, told)
    assert told.faults == []
    return told


def test_nothing_acknowledged_is_lost_in_three_kills(place):
    told = kill_often(place, 3)
    assert told.count >= 3


@pytest.mark.nightly
def test_nothing_acknowledged_is_lost_in_a_hundred_kills(place, capsys):
    told = kill_often(place, 100)
    with capsys.disabled():
        counts = {name: len(ids) for name, ids in vars(told).items()}
        print(f"\n100 kills: acknowledged {counts}")  # noqa: T201  # a figure for the report
