"""OGC API - Processes over real jobs: execute, follow, fetch; what is refused, and to whom."""

import time

import pytest
import sqlalchemy as sa

from api.auth.table import JOBS
from api.store import Job
from tests.api.people import person

pytestmark = pytest.mark.slow  # real sites and plans

EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
RESULTS = "http://www.opengis.net/def/rel/ogc/1.0/results"
ROOT = "http://127.0.0.1"


def execute(service, process, inputs, *, headers=None, **body):
    path = f"/ogc/processes/{process}/execution"
    return service.client.post(path, json={"inputs": inputs, **body}, headers=headers)


def ended(service, status):
    """Wait for the end of a job and return its status then."""
    while status["status"] in ("accepted", "running"):
        time.sleep(0.05)
        status = service.client.get(f"/ogc/jobs/{status['jobID']}").json()
    return status


def results(service, job_id):
    return service.client.get(f"/ogc/jobs/{job_id}/results")


def href(page, rel):
    return next(link["href"] for link in page["links"] if link["rel"] == rel)


@pytest.fixture(scope="module")
def inputs(site):
    wish = {"vehicles": ["M1"], "resolution_m": 1.0, "headings": 32}
    return {"site_id": site["site_id"], **wish}


@pytest.fixture(scope="module")
def long_inputs(inputs):
    return {**inputs, "resolution_m": 0.5, "headings": 64, "openable": 1}


def test_an_assessment_is_executed_followed_and_fetched(service, inputs):
    answer = execute(service, "assess", inputs, response="document")
    assert answer.status_code == 201
    begun = answer.json()
    assert answer.headers["location"] == f"{ROOT}/ogc/jobs/{begun['jobID']}"
    assert (begun["type"], begun["processID"]) == ("process", "assess")
    assert begun["status"] in ("accepted", "running")
    assert None not in begun.values()
    done = ended(service, service.client.get(answer.headers["location"]).json())
    assert (done["status"], done["progress"]) == ("successful", 100)
    assert done["created"] <= done["started"] <= done["finished"]
    document = service.client.get(href(done, RESULTS)).json()
    job = service.get(f"/jobs/{done['jobID']}").json()
    assert document == {
        "assessment": {
            "value": service.client.get(job["result"]).json(),
            "mediaType": "application/json",
        }
    }
    assert document["assessment"]["value"]["request"]["vehicles"] == ["M1"]


def test_a_proposal_comes_as_a_link_where_that_was_asked(service, inputs):
    wish = {**inputs, "name": "Posts", "openable": 1}
    form = {"response": "document", "outputs": {"plan": {"transmissionMode": "reference"}}}
    done = ended(service, execute(service, "propose", wish, **form).json())
    assert done["status"] == "successful"
    link = results(service, done["jobID"]).json()["plan"]
    plan = service.client.get(link["href"]).json()
    assert plan["request"]["vehicles"] == ["M1"]
    assert service.get(f"/proposals/{plan['proposal_id']}").json()["name"] == "Posts"


def test_a_link_alone_comes_in_the_header(service, inputs):
    outputs = {"assessment": {"transmissionMode": "reference"}}
    done = ended(service, execute(service, "assess", inputs, outputs=outputs).json())
    answer = results(service, done["jobID"])
    assert (answer.status_code, answer.content) == (204, b"")
    target = answer.headers["link"].partition(">")[0].removeprefix("<")
    assert service.client.get(target).json()["request"]["vehicles"] == ["M1"]


def test_a_plan_that_was_asked_for_elsewhere_is_a_job_here_too(service, plan_job, plan):
    status = service.client.get(f"/ogc/jobs/{plan_job['job_id']}").json()
    assert (status["status"], status["processID"]) == ("successful", "propose")
    assert results(service, plan_job["job_id"]).json() == plan


def test_a_job_that_fails_says_why(service, inputs):
    wish = {**inputs, "desire_widths_m": {"value": {"D999": 1.0}}}
    failed = ended(service, execute(service, "propose", wish).json())
    assert failed["status"] == "failed"
    assert "D999" in failed["message"]
    answer = results(service, failed["jobID"])
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    error = service.get(f"/jobs/{failed['jobID']}").json()["error"]
    assert (answer.status_code, problem["type"]) == (error["status"], error["type"])
    assert problem["detail"] == failed["message"]


def test_a_job_has_no_result_before_it_ends_and_none_once_it_is_dismissed(service, long_inputs):
    begun = execute(service, "propose", long_inputs).json()
    service.until_running({"job_id": begun["jobID"]})
    early = results(service, begun["jobID"])
    assert (early.status_code, early.json()["type"]) == (404, f"{EXCEPTIONS}result-not-ready")
    for _ in range(2):  # the second time nothing is left to stop
        gone = service.client.delete(f"/ogc/jobs/{begun['jobID']}")
        assert (gone.status_code, gone.json()["status"]) == (200, "dismissed")
    service.finished({"job_id": begun["jobID"]})
    status = service.client.get(f"/ogc/jobs/{begun['jobID']}").json()
    assert (status["status"], "finished" in status) == ("dismissed", True)
    late = results(service, begun["jobID"])
    assert late.status_code == 409
    assert "dismissed" in late.json()["detail"]


def test_what_a_job_has_made_is_not_dismissed(service, plan_job, plan):
    answer = service.client.delete(f"/ogc/jobs/{plan_job['job_id']}")
    assert answer.status_code == 409
    assert service.get(f"/plans/{plan['plan_id']}").json() == plan


def test_an_execution_that_is_sent_again_is_the_same_job(service, long_inputs):
    headers = {"Idempotency-Key": "once-and-no-more"}
    first, second = (execute(service, "propose", long_inputs, headers=headers) for _ in range(2))
    service.client.delete(f"/ogc/jobs/{first.json()['jobID']}")
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["location"] == first.headers["location"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"inputs": {}}, "site_id"),
        ({"inputs": {"vehicles": ["tank"]}}, "'tank'"),
        ({"inputs": {"vehicles": []}}, "inputs.vehicles"),
        ({"inputs": {"colour": "red"}}, "inputs.colour"),
        ({"inputs": {"vehicles": {"href": "http://127.0.0.1/list"}}}, "no address is fetched"),
        ({"outputs": {"plan": {}}}, "there is only assessment"),
        ({"outputs": {"assessment": {"format": {"mediaType": "text/html"}}}}, "mediaType"),
        ({"subscriber": {"successUri": "http://127.0.0.1/"}}, "subscriber"),
        ({"response": "picture"}, "response"),
    ],
    ids=lambda value: None if isinstance(value, dict) else value,
)
def test_what_is_not_done_here_is_refused_and_no_job_is_made(service, inputs, body, said):
    where = f"/projects/{service.project}/jobs?limit=500"
    before = service.get(where).json()["items"]
    given = {**body, "inputs": {**inputs, **body.get("inputs", {})}}
    if body.get("inputs") == {}:
        del given["inputs"]["site_id"]
    answer = service.client.post("/ogc/processes/assess/execution", json=given)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert service.get(where).json()["items"] == before


def test_a_process_that_there_is_not_is_called_by_its_name(service, inputs):
    for answer in (service.client.get("/ogc/processes/echo"), execute(service, "echo", inputs)):
        assert (answer.status_code, answer.json()["type"]) == (404, f"{EXCEPTIONS}no-such-process")


@pytest.mark.parametrize("what", ["", "/results"], ids=["status", "results"])
def test_only_jobs_of_processes_are_there(service, site, what):
    with service.store.database.reading() as session:
        made = session.scalar(sa.select(Job.job_id).filter_by(result_id=site["site_id"]))
    for job_id in (made, "job-000000000000", "plan-000000000000", "job"):
        answer = service.client.get(f"/ogc/jobs/{job_id}{what}")
        assert (answer.status_code, answer.json()["type"]) == (404, f"{EXCEPTIONS}no-such-job")


def test_who_only_looks_executes_and_dismisses_nothing(service, inputs, plan_job):
    viewer = person(service, "looker", service.project, role="viewer")
    where = f"/ogc/jobs/{plan_job['job_id']}"
    assert viewer.get(where).json()["status"] == "successful"
    assert viewer.delete(where).status_code == 403
    answer = viewer.post("/ogc/processes/assess/execution", json={"inputs": inputs})
    assert answer.status_code == 403


def test_an_execution_that_is_sent_again_says_nothing_once_the_role_is_gone(service, long_inputs):
    planner = person(service, "planner-for-a-day", service.project, role="planner")
    body, headers = {"inputs": long_inputs}, {"Idempotency-Key": "before-the-role-went"}

    def again():
        return planner.post("/ogc/processes/propose/execution", json=body, headers=headers)

    first = again()
    service.client.delete(f"/ogc/jobs/{first.json()['jobID']}")
    assert (first.status_code, again().status_code) == (201, 201)
    member = f"/projects/{service.project}/members/{planner.user_id}"
    service.client.put(f"/api/v1{member}", json={"role": "viewer"})
    assert again().status_code == 403
    service.delete(member)
    assert again().status_code == 404


def test_a_foreign_site_reads_like_one_that_is_not_there(service, inputs):
    stranger = person(service, "stranger-of-sites")
    told = []
    for site_id in (inputs["site_id"], "site-000000000000"):
        wish = {"inputs": {**inputs, "site_id": site_id}}
        answer = stranger.post("/ogc/processes/assess/execution", json=wish)
        assert answer.status_code == 404
        told.append(answer.text.replace(site_id, ""))
    assert told[0] == told[1]


def test_a_foreign_job_is_not_there(service, plan_job):
    stranger = person(service, "stranger-of-jobs")
    for method, what in (("GET", ""), ("DELETE", ""), ("GET", "/results")):
        answer = stranger.ask(method, f"/ogc/jobs/{plan_job['job_id']}{what}")
        assert (answer.status_code, answer.json()["type"]) == (404, f"{EXCEPTIONS}no-such-job")
    assert stranger.get("/ogc/jobs").json()["jobs"] == []


def test_the_list_of_jobs_goes_by_process_and_status_a_page_at_a_time(service, plan_job):
    words = {"processID": "propose", "status": "successful", "limit": 1}
    page = service.client.get("/ogc/jobs", params=words).json()
    seen = []
    while True:
        assert len(page["jobs"]) == 1
        seen += page["jobs"]
        if not any(link["rel"] == "next" for link in page["links"]):
            break
        page = service.client.get(href(page, "next")).json()
    assert plan_job["job_id"] in {job["jobID"] for job in seen}
    assert {(job["processID"], job["status"]) for job in seen} == {("propose", "successful")}
    made = [job["created"] for job in seen]
    assert made == sorted(made)


@pytest.mark.parametrize("words", [{"status": "lost"}, {"limit": "0"}, {"colour": "red"}], ids=str)
def test_a_word_that_the_list_of_jobs_does_not_know_is_refused(service, words):
    assert service.client.get("/ogc/jobs", params=words).status_code == 400


def test_an_execution_counts_as_a_job_does(service):
    assert ("POST", "/ogc/processes/{process_id}/execution") in JOBS
