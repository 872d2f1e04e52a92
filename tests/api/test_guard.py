import re

import pytest


def test_the_policy_of_the_page_lets_nothing_in_from_outside(service):
    for path in ("/healthz", "/api/v1/places", "/no/such/page"):
        headers = service.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_a_page_under_another_name_cannot_read_the_plans(service):
    answer = service.get("/places", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_a_page_elsewhere_cannot_change_anything(service, headers, asked_site):
    before = len(service.get("/jobs").json())
    assert service.post("/sites", json=asked_site, headers=headers).status_code == 403
    assert len(service.get("/jobs").json()) == before


def test_the_own_page_can(service, site, asked_site):
    own = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert service.post("/sites", json=asked_site, headers=own).status_code == 202


def test_a_body_that_no_zone_needs_is_refused(service, site, asked_plan):
    huge = {**asked_plan, "vehicles": ["x" * 40] * 100_000}
    answer = service.post(f"/sites/{site['site_id']}/plans", json=huge)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path", ["/sites/..", "/sites/%2e%2e%2f%2e%2e", "/sites/site-xyz", "/jobs/plan-1/events"]
)
def test_an_id_is_never_a_path(service, path):
    assert service.get(path).status_code in (404, 422)


def test_every_operation_is_described_and_nothing_is_loaded_from_outside(service):
    document = service.get("/openapi.json").json()
    operations = [
        (path, operation)
        for path, verbs in document["paths"].items()
        for operation in verbs.values()
    ]
    assert len(operations) >= 18
    for path, operation in operations:
        assert operation["summary"], path
        assert operation["description"], path
    assert service.client.get("/docs").status_code == 404


def test_the_bodies_have_examples(service):
    schemas = service.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["SiteRequest"]["examples"]
    assert schemas["PlanRequest"]["examples"]
    assert re.search(schemas["JobOut"]["properties"]["job_id"]["pattern"], "job-0123456789ab")
