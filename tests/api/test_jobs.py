import os
import signal

import pytest

from api.store import Plan

pytestmark = pytest.mark.slow  # real sites and plans


def events_of(text: str) -> list[dict[str, str]]:
    """Return the events of a stream by field."""
    blocks = [block for block in text.strip().split("\n\n") if not block.startswith(":")]
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks if block]


def stream(service, job, **headers):
    return service.client.get(f"/api/v1/jobs/{job['job_id']}/events", headers=headers)


def test_the_events_tell_a_job_from_start_to_end(service, plan_job):
    answer = stream(service, plan_job)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_of(answer.text)
    assert [event["id"] for event in events] == [str(n + 1) for n in range(len(events))]
    assert {event["event"] for event in events[:-1]} == {"progress"}
    assert events[-1]["event"] == "end"
    assert '"done"' in events[-1]["data"]


def test_the_shares_never_go_back(service, plan_job):
    progress = [event["data"] for event in events_of(stream(service, plan_job).text)[:-1]]
    shares = [float(data.split('"share": ')[1].split(",")[0]) for data in progress]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_reader_that_comes_back_goes_on_where_it_was(service, plan_job):
    everything = events_of(stream(service, plan_job).text)
    rest = events_of(stream(service, plan_job, **{"Last-Event-ID": "2"}).text)
    assert rest == everything[2:]


def test_a_reader_that_has_seen_all_is_told_to_stop_asking(service, plan_job):
    last = events_of(stream(service, plan_job).text)[-1]["id"]
    assert stream(service, plan_job, **{"Last-Event-ID": last}).status_code == 204


def test_a_running_plan_can_be_stopped_and_leaves_nothing(service, site, asked_plan):
    job = service.post(
        f"/sites/{site['site_id']}/proposals",
        json={**asked_plan, "resolution_m": 0.5, "headings": 64},
    ).json()
    service.until_running(job)
    assert service.delete(f"/jobs/{job['job_id']}").status_code == 200
    ended = service.finished(job)
    assert ended["state"] == "cancelled"
    assert ended["error"] is None
    assert service.client.get(ended["result"]).status_code == 404
    with service.store.database.reading() as session:
        assert session.get(Plan, job["result_id"]) is None


def test_a_job_that_waits_is_stopped_at_once(service, site, asked_plan):
    path = f"/sites/{site['site_id']}/proposals"
    first = service.post(path, json=asked_plan).json()
    second = service.post(path, json=asked_plan).json()
    # One process: while the first job has it, the second one waits.
    assert service.delete(f"/jobs/{second['job_id']}").json()["state"] == "cancelled"
    service.delete(f"/jobs/{first['job_id']}")
    assert service.finished(first)["state"] == "cancelled"
    assert service.get(f"/jobs/{second['job_id']}").json()["started"] is None


def test_stopping_a_job_that_is_done_changes_nothing(service, plan_job):
    assert service.delete(f"/jobs/{plan_job['job_id']}").json() == plan_job


def test_the_service_answers_while_a_plan_is_computed(service, site, asked_plan):
    job = service.post(f"/sites/{site['site_id']}/proposals", json=asked_plan).json()
    service.until_running(job)
    assert service.client.get("/healthz").json()["status"] == "ok"
    assert service.get(f"/jobs/{job['job_id']}").json()["state"] == "running"
    service.delete(f"/jobs/{job['job_id']}")
    service.finished(job)


def test_work_whose_process_was_killed_is_tried_once_more(service, site, asked_plan):
    job = service.post(f"/sites/{site['site_id']}/proposals", json=asked_plan).json()
    service.until_running(job)
    (process,) = service.client.app.state.service.jobs.process_ids
    os.kill(process, signal.SIGKILL)
    ended = service.finished(job)
    assert (ended["state"], ended["attempts"]) == ("done", 2)
    (retry,) = [
        event for event in events_of(stream(service, job).text) if event["event"] == "retry"
    ]
    assert "ended from outside" in retry["data"]


def test_work_that_a_stop_cut_off_is_done_after_the_next_start(tmp_path, asked_site, open_service):
    with open_service(tmp_path) as service:
        job = service.post_site(asked_site).json()
        service.until_running(job)
    with open_service(tmp_path) as service:
        assert service.finished(job)["state"] == "done"
        assert service.client.get(job["result"]).json()["zone_area_m2"] > 0


def test_what_was_made_is_there_after_a_restart(tmp_path, asked_site, open_service):
    with open_service(tmp_path) as service:
        made = service.site(asked_site)
    with open_service(tmp_path) as service:
        assert service.get(f"/sites/{made['site_id']}").json() == made
        assert service.post_site(asked_site).json()["state"] == "done"
