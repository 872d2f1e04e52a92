"""What ends a job before its time: a wish, a kill, a limit; and what is told of it."""

import os
import signal

import pytest

from api.errors import UnknownResourceError
from api.processes import can_watch_memory, is_alive
from api.queue.engines import LocalEngine
from api.store import JobState
from tests.queue import works

MEBIBYTE = 1024**2


def test_a_running_job_stops_at_its_next_step_and_leaves_nothing(desk):
    job = desk.submit(steps=1000, step_s=0.05)
    desk.until_told(job)
    pids = desk.jobs.process_ids
    desk.jobs.cancel(job.job_id)
    assert (desk.finished(job).state, desk.job(job).error) == (JobState.CANCELLED, None)
    assert desk.result(job) is None
    # It stopped by itself: the process goes on.
    assert desk.jobs.process_ids == pids


def test_a_job_that_does_not_listen_loses_its_process(desk):
    job = desk.submit("deaf")
    desk.until_told(job)
    before = desk.jobs.process_ids
    desk.jobs.cancel(job.job_id)
    assert desk.finished(job).state == JobState.CANCELLED
    assert desk.finished(desk.submit()).state == JobState.DONE
    assert desk.jobs.process_ids != before


def test_a_job_that_waits_is_over_at_once(desk):
    first = desk.submit(steps=1000, step_s=0.05)
    second = desk.submit()
    desk.until_told(first)
    assert desk.jobs.cancel(second.job_id).state == JobState.CANCELLED
    assert [event.name for event in desk.events(second)] == ["end"]
    desk.jobs.cancel(first.job_id)
    desk.finished(first)
    assert desk.job(second).started is None


def test_stopping_what_has_ended_changes_nothing(desk):
    done = desk.finished(desk.submit())
    again = desk.jobs.cancel(done.job_id)
    assert (again.state, again.finished) == (JobState.DONE, done.finished)


def test_there_is_nothing_to_stop_under_an_unknown_id(desk):
    with pytest.raises(UnknownResourceError, match="nothing under this id"):
        desk.jobs.cancel("job-000000000000")


def test_a_wish_that_another_process_wrote_down_is_seen(desk):
    job = desk.submit(steps=1000, step_s=0.05)
    desk.until_told(job)
    with desk.store.database.session() as session:
        session.get(type(job), job.job_id).cancel_asked = True
    assert desk.finished(job).state == JobState.CANCELLED


def test_a_killed_process_costs_its_job_one_attempt(desk, tmp_path):
    job = desk.submit("dies", times=1, counter=str(tmp_path / "deaths"))
    done = desk.finished(job)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert desk.result(job) == {"deaths": 1}
    (retry,) = desk.named(job, "retry")
    assert retry.data["lost"]
    assert "ended from outside" in retry.data["reason"]


def test_a_job_that_is_killed_twice_fails_with_its_reason(desk, tmp_path):
    job = desk.submit("dies", times=9, counter=str(tmp_path / "deaths"))
    failed = desk.finished(job)
    assert (failed.state, failed.attempts) == (JobState.FAILED, 2)
    assert failed.error["status"] == 503
    assert "ended from outside twice" in failed.error["detail"]
    assert desk.finished(desk.submit()).state == JobState.DONE


def test_a_kill_from_outside_in_the_middle_is_survived(desk):
    job = desk.submit(steps=40, step_s=0.02)
    desk.until_told(job)
    os.kill(desk.jobs.process_ids[0], signal.SIGKILL)
    done = desk.finished(job)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    numbers = [event.number for event in desk.events(job)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_kill_between_two_jobs_is_not_noticed(desk):
    desk.finished(desk.submit())
    (process,) = desk.jobs.process_ids
    os.kill(process, signal.SIGKILL)
    desk.until(lambda: not is_alive(process))
    assert desk.finished(desk.submit()).state == JobState.DONE


def test_a_job_over_its_time_fails_with_limit_and_way_out(own_desk):
    with own_desk(job_seconds=0.5) as desk:
        deaf = desk.finished(desk.submit("deaf"))
        assert deaf.error["type"] == "urn:sbd:problem:too-long"
        assert deaf.error["status"] == 422
        assert "not done in 0.5 s" in deaf.error["detail"]
        assert "coarser resolution" in deaf.error["detail"]
        # One that listens stops by itself, and ends alike.
        polite = desk.finished(desk.submit(steps=1000))
        assert polite.error["type"] == "urn:sbd:problem:too-long"


def test_a_job_without_room_to_work_in_fails_with_the_reason_and_the_next_one_runs(desk):
    folder = desk.store.scratch
    folder.rename(folder.with_name("away"))
    folder.write_text("in the way")
    failed = desk.finished(desk.submit())
    assert (failed.state, failed.error["status"]) == (JobState.FAILED, 500)
    folder.unlink()
    folder.with_name("away").rename(folder)
    assert desk.finished(desk.submit()).state == JobState.DONE


@pytest.mark.skipif(not can_watch_memory(), reason="this system does not tell what a process holds")
def test_a_job_over_its_memory_fails_with_limit_and_way_out(own_desk):
    with own_desk(job_bytes=900 * MEBIBYTE) as desk:
        hoarder = desk.finished(desk.submit("hoards"))
        assert hoarder.state == JobState.FAILED
        assert hoarder.error["type"] == "urn:sbd:problem:too-much-memory"
        assert "more than 0.879 GiB" in hoarder.error["detail"]
        assert hoarder.attempts == 1
        assert desk.finished(desk.submit()).state == JobState.DONE


class LateEngine(LocalEngine):
    """A process of this machine that the machine does not give at first."""

    refusals = 2

    def ready(self) -> None:
        if self.refusals:
            self.refusals -= 1
            raise OSError("no more processes for this user")
        super().ready()


def test_jobs_wait_while_there_is_nothing_to_compute_with(own_desk):
    with own_desk(engine=lambda: LateEngine(works.warm)) as desk:
        job = desk.submit()
        assert desk.jobs.ready_workers == 0
        done = desk.finished(job)
        assert (done.state, done.attempts) == (JobState.DONE, 1)
        assert desk.named(job, "retry") == []
        assert desk.jobs.ready_workers == 1


def test_a_process_that_ends_a_moment_before_the_service_costs_no_attempt(own_desk):
    # As where a system tells all processes of a service to end.
    with own_desk() as desk:
        job = desk.submit(steps=1000, step_s=0.05)
        desk.until_told(job)
        (process,) = desk.jobs.process_ids
        os.kill(process, signal.SIGTERM)
        desk.until(lambda: not is_alive(process))
        desk.jobs.stop()
        waiting = desk.job(job)
        assert (waiting.state, waiting.attempts) == (JobState.QUEUED, 0)
        assert [event.data["lost"] for event in desk.named(job, "retry")] == [False]
