"""What /metrics and the log say: right numbers, whole address templates, nobody's names."""

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from tests.api.conftest import BASE, Service


@pytest.fixture
def own(tmp_path, open_service):
    with open_service(tmp_path) as service:
        yield service


def figures(service: Service) -> dict[tuple[str, ...], float]:
    """Return each figure by its name and its labels, in the order of their names."""
    text = service.client.get("/metrics").text
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_addresses_that_end_alike_are_counted_apart(own):
    for path in (f"{BASE}/projects/{own.project}/jobs", "/ogc/jobs", "/ogc/jobs", "/nothing"):
        own.client.get(path)
    found = figures(own)
    listed = f"{BASE}/projects/{{project_id}}/jobs"
    assert found["sbd_requests_total", "GET", listed, "200"] == 1
    assert found["sbd_requests_total", "GET", "/ogc/jobs", "200"] == 2
    assert found["sbd_request_seconds_count", "/ogc/jobs"] == 2
    assert not any("nothing" in label for key in found for label in key)


def test_jobs_are_counted_by_the_state_that_they_are_in(own):
    before = figures(own)
    assert {state: before["sbd_jobs", state] for state in ("queued", "running", "failed")} == {
        "queued": 0,
        "running": 0,
        "failed": 0,
    }
    job = own.finished(own.send("catalogue", "products.csv", b"colour\nred\n").json())
    assert job["state"] == "failed"
    after = figures(own)
    assert (after["sbd_jobs", "failed"], after["sbd_jobs", "done"]) == (1, 0)
    assert (after["sbd_job_workers",], after["sbd_job_workers_ready",]) == (1, 1)


def test_what_runs_out_first_is_there_to_be_watched(own):
    found = figures(own)
    assert found["sbd_data_free_bytes",] > 0
    assert found["process_resident_memory_bytes",] > 1e7
    assert found["process_open_fds",] > 3


def test_a_line_of_the_log_holds_ids_and_templates_only(own):
    with structlog.testing.capture_logs() as told:
        own.post(f"/projects/{own.project}/comments", json={"text": "secret words"})
    (line,) = [line for line in told if line["event"] == "request"]
    assert line["route"] == f"{BASE}/projects/{{project_id}}/comments"
    assert line["user_id"].startswith("user-")
    assert "secret" not in str(line)
    assert own.project not in str(line)
