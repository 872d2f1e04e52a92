"""The server ends in the middle: nothing that was taken on is lost."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.queue.rows import MOST_ATTEMPTS
from api.store import Assessment, Job, JobState

SERVER = Path(__file__).with_name("small_server.py")


def server(folder: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(SERVER), str(folder), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_what_a_killed_server_had_taken_on_is_done_by_the_next_one(tmp_path, own_desk):
    folder, promised = tmp_path / "own", []
    for kill_at in (1, 2, 4):  # before, while and after the first jobs are done
        with server(folder, 4) as running:
            promised += [running.stdout.readline().strip() for _ in range(kill_at)]
            os.kill(running.pid, signal.SIGKILL)
            promised += [line.strip() for line in running.stdout if line.endswith("\n")]
    assert len(set(promised)) >= 7
    with own_desk() as desk:
        with desk.store.database.reading() as session:
            jobs = list(session.scalars(sa.select(Job)))
        for job in jobs:
            assert desk.finished(job).state == JobState.DONE
            assert desk.result(job)["steps"] == 10
            numbers = [event.number for event in desk.events(job)]
            assert numbers == list(range(1, len(numbers) + 1))
        assert {job.job_id for job in jobs} >= set(promised)
        with desk.store.database.reading() as session:
            results = session.scalar(sa.select(sa.func.count()).select_from(Assessment))
        assert results == len(jobs)


def test_a_job_that_was_running_in_a_crash_is_taken_up_again(own_desk):
    with own_desk() as desk:
        job = desk.finished(desk.submit())
        with desk.store.database.session() as session:
            row = session.get(Job, job.job_id)
            row.state, row.finished = JobState.RUNNING, None
            session.delete(session.get(Assessment, job.result_id))
    with own_desk(keep=lambda *_, **__: None) as desk:
        again = desk.finished(job)
        assert (again.state, again.attempts) == (JobState.DONE, 2)
        assert [event.data["lost"] for event in desk.named(job, "retry")] == [False]


def test_a_job_that_was_running_in_every_crash_is_given_up_with_that_reason(own_desk):
    with own_desk(workers=0) as desk:
        job = desk.submit()
        with desk.store.database.session() as session:
            row = session.get(Job, job.job_id)
            row.state, row.attempts = JobState.RUNNING, MOST_ATTEMPTS
    with own_desk() as desk:
        failed = desk.finished(job)
        assert (failed.state, failed.error["status"]) == (JobState.FAILED, 503)
        assert f"ended {MOST_ATTEMPTS} times" in failed.error["detail"]


def test_a_job_that_was_to_stop_when_the_server_crashed_is_not_begun_again(own_desk):
    with own_desk(workers=0) as desk:
        job = desk.submit()
        with desk.store.database.session() as session:
            row = session.get(Job, job.job_id)
            row.state, row.cancel_asked = JobState.RUNNING, True
    with own_desk() as desk:
        assert desk.finished(job).state == JobState.CANCELLED


def test_what_a_stop_interrupts_waits_and_costs_no_attempt(own_desk):
    with own_desk() as desk:
        running, waiting = desk.submit(steps=1000, step_s=0.05), desk.submit()
        desk.until_told(running)
        desk.jobs.stop()
        assert desk.job(running).state == desk.job(waiting).state == JobState.QUEUED
        assert desk.job(running).attempts == 0
        assert desk.jobs.process_ids == []
        # One less to wait for.
        desk.jobs.cancel(running.job_id)
    with own_desk() as desk:
        assert desk.finished(waiting).state == JobState.DONE
