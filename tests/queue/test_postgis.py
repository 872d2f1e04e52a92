"""The queue over PostGIS: the same rows, the same answers."""

import threading
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from api.queue import Jobs, QueueLimits
from api.store import Database, Job, JobKind, JobState, Table, new_id
from api.store.files import FileStore
from tests.postgis import postgis_server
from tests.queue import works
from tests.queue.desk import Desk, a_site, first_rows, keep_result

pytestmark = pytest.mark.slow  # starts a server


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgis")
    with postgis_server() as server:
        database = Database(server.fresh_url())
        store = SimpleNamespace(
            database=database, files=FileStore(folder / "files"), scratch=folder / "scratch"
        )
        store.files.open()
        Table.metadata.create_all(database.engine)
        first_rows(store, folder, a_site)
        jobs = Jobs(
            store,
            QueueLimits(workers=2, cancel_grace_s=0.5),
            works=dict.fromkeys(JobKind, works.any_of_them),
            keeps=dict.fromkeys(JobKind, keep_result),
            warm=works.warm,
        )
        jobs.start()
        yield Desk(store, jobs)
        jobs.stop()
        database.close()


def test_jobs_are_done_stopped_and_tried_again(desk, tmp_path):
    done = desk.submit(steps=5)
    killed = desk.submit("dies", times=1, counter=str(tmp_path / "deaths"))
    assert desk.finished(done).state == desk.finished(killed).state == JobState.DONE
    assert desk.job(killed).attempts == 2
    stopped = desk.submit(steps=1000, step_s=0.05)
    desk.until_told(stopped)
    desk.jobs.cancel(stopped.job_id)
    assert desk.finished(stopped).state == JobState.CANCELLED
    numbers = [event.number for event in desk.events(stopped)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_many_who_ask_for_the_same_in_one_moment_get_one_job(desk):
    result_id, found = new_id("assessment"), []
    ready = threading.Barrier(8)

    def ask():
        ready.wait()
        found.append(desk.submit(result_id=result_id, steps=5).job_id)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    with desk.store.database.reading() as session:
        rows = sa.select(sa.func.count()).select_from(Job).where(Job.result_id == result_id)
        assert session.scalar(rows) == 1
