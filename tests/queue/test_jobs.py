"""Jobs from their request to their end, with real processes and cheap work."""

import itertools

import pytest

from api.errors import OutputError, UnknownResourceError
from api.queue import QueueLimits
from api.queue.events import MOST_KEPT
from api.queue.slots import Ending
from api.queue.tasks import Outcome
from api.store import Job, JobKind, JobState, UploadKind, new_id
from tests.queue.desk import PROJECT, SITE, keep_result, keep_upload


def test_a_job_is_done_when_its_result_is_there(desk):
    job = desk.submit(steps=3)
    assert job.state == JobState.QUEUED
    done = desk.finished(job)
    assert (done.state, done.attempts, done.error) == (JobState.DONE, 1, None)
    assert desk.result(job)["steps"] == 3
    assert done.created <= done.started <= done.finished


def test_the_folder_of_a_job_is_taken_away(desk):
    desk.finished(desk.submit())
    # Whoever asks sees the result first; the folder goes right after it.
    desk.until(lambda: not any(desk.store.scratch.iterdir()))


def test_events_are_numbered_without_a_hole_and_end_with_the_end(desk):
    job = desk.submit(steps=5, step_s=0.15)
    desk.finished(job)
    events = desk.events(job)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert [event.name for event in events] == ["progress"] * (len(events) - 1) + ["end"]
    assert events[-1].data == {"state": "done", "error": None}


def test_shares_never_go_back_and_reach_one(desk):
    job = desk.submit(steps=20, step_s=0.03)
    desk.finished(job)
    shares = [event.data["share"] for event in desk.named(job, "progress")]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_at_most_ten_reports_a_second_are_kept(desk):
    job = desk.submit(steps=100, step_s=0.01)
    done = desk.finished(job)
    seconds = (done.finished - done.started).total_seconds()
    # The first and the last one come besides.
    assert len(desk.named(job, "progress")) <= 10 * seconds + 2


def test_the_same_result_asked_twice_is_made_once(desk):
    result_id = new_id("assessment")
    first = desk.submit(result_id=result_id, steps=20)
    assert desk.submit(result_id=result_id, steps=20).job_id == first.job_id
    desk.finished(first)
    assert desk.submit(result_id=result_id).job_id == first.job_id


def test_what_failed_can_be_asked_for_again(desk):
    result_id = new_id("assessment")
    first = desk.submit("unknown", result_id=result_id)
    assert desk.finished(first).state == JobState.FAILED
    second = desk.submit("steps", result_id=result_id)
    assert second.job_id != first.job_id
    assert desk.finished(second).state == JobState.DONE


def test_a_request_that_is_rolled_back_leaves_no_job(desk):
    result_id = new_id("assessment")
    request = {"asked": {"do": "steps"}, "site_id": SITE}
    with desk.store.database.session() as session:
        desk.jobs.submit(session, PROJECT, JobKind.ASSESSMENT, result_id, request, None)
        session.rollback()
    with desk.store.database.reading() as session:
        assert session.query(Job).filter_by(result_id=result_id).count() == 0


def test_a_warm_process_takes_one_job_after_the_other(desk):
    jobs = [desk.submit() for _ in range(3)]
    pids = {desk.finished(job) and desk.result(job)["pid"] for job in jobs}
    assert pids == set(desk.jobs.process_ids)


def test_jobs_are_taken_in_the_order_in_which_they_came(own_desk):
    with own_desk() as desk:
        jobs = [desk.submit(steps=2) for _ in range(4)]
        for job in jobs:
            desk.finished(job)
        started = [desk.job(job).started for job in jobs]
        assert all(one <= other for one, other in itertools.pairwise(started))


def test_an_error_of_the_library_is_the_job_s_problem(desk):
    job = desk.finished(desk.submit("unknown"))
    assert job.state == JobState.FAILED
    assert job.error["status"] == 404
    assert job.error["detail"] == "place 'x': nothing there"
    assert desk.result(job) is None


def test_messages_name_files_and_not_our_folders(desk):
    job = desk.finished(desk.submit("refuses"))
    assert job.error["faults"] == ["site.gpkg: row 3: no width", ": odd"]
    assert str(desk.store.scratch) not in str(job.error)


def test_a_fault_of_the_program_says_so_and_the_next_job_runs(desk):
    job = desk.finished(desk.submit("broken"))
    assert job.error["status"] == 500
    assert "a fault of the program" in job.error["detail"]
    assert desk.finished(desk.submit()).state == JobState.DONE


def test_inputs_lie_under_the_names_they_were_sent_in_with(desk):
    heights = keep_upload(desk.store, UploadKind.HEIGHTS, "heights.tif", "high")
    layers = keep_upload(desk.store, UploadKind.LAYERS, "own.gpkg", "mine")
    job = desk.finished(desk.submit("reads", heights_id=heights, layers_id=layers))
    assert desk.result(job) == {
        "heights": ["heights.tif", "high"],
        "layers": ["own.gpkg", "mine"],
        "site": ["site.gpkg", "a site"],
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [("heights", UploadKind.LAYERS), ("catalogue", UploadKind.EXTRACT), ("extract", None)],
)
def test_an_upload_of_another_kind_or_nowhere_is_refused_at_once(desk, name, kind):
    upload_id = new_id("upload")
    if kind is not None:
        upload_id = keep_upload(desk.store, kind, "file.bin", f"{name} {kind}")
    with pytest.raises(UnknownResourceError, match="no such upload in this project"):
        desk.submit("reads", **{f"{name}_id": upload_id})


def test_a_site_of_another_project_is_refused(desk):
    other, request = "project-000000000002", {"asked": {}, "site_id": SITE}
    said = pytest.raises(UnknownResourceError, match="in this project")
    with desk.store.database.session() as session, said:
        desk.jobs.submit(session, other, JobKind.PLAN, "plan-1", request, None)


def test_a_result_that_can_t_be_kept_fails_its_job_and_leaves_nothing(own_desk):
    def full(session, files, *, job, folder, record):
        keep_result(session, files, job=job, folder=folder, record=record)
        session.flush()
        raise OutputError("made.txt: no space left; make room in the data folder")

    with own_desk(keep=full) as desk:
        job = desk.finished(desk.submit())
        assert (job.state, job.error["status"]) == (JobState.FAILED, 507)
        assert desk.result(job) is None


def test_a_long_row_of_progress_is_thinned_when_the_job_ends(own_desk):
    with own_desk(workers=0) as desk:
        job = desk.submit()
        claim = desk.jobs.next_job()
        reports = [{"share": n / 1000, "stage": "s", "note": ""} for n in range(1000)]
        desk.jobs.tell(claim, reports)
        desk.jobs.settle(claim, Ending(Outcome(record={}), None), desk.store.scratch)
        events = desk.events(job)
        assert len(events) <= MOST_KEPT + 2
        assert events[0].number == 1
        # 1000 reports and the end: nothing is renumbered.
        assert [event.number for event in events[-2:]] == [1000, 1001]


def test_limits_have_room_for_a_real_plan():
    limits = QueueLimits()
    assert limits.workers >= 1
    assert limits.job_bytes >= 2**30
