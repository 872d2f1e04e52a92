import json
import re

import pytest

import api.schemas
from api.auth.table import PERMISSIONS, Need
from api.ogc import execution
from api.schemas import drafts

AS_JSON = {"Content-Type": "application/json"}


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
    assert service.post_site(asked_site, headers=headers).status_code == 403
    assert len(service.get("/jobs").json()) == before


def test_the_own_page_can(service, site, asked_site):
    own = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert service.post_site(asked_site, headers=own).status_code == 202


def test_a_body_that_no_zone_needs_is_refused(service, site, asked_plan):
    huge = {**asked_plan, "vehicles": ["x" * 40] * 100_000}
    answer = service.post(f"/sites/{site['site_id']}/proposals", json=huge)
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


def _operations(document):
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.fixture(scope="module")
def document(service):
    return service.get("/openapi.json").json()


def test_every_row_of_the_table_is_described(document):
    described = {(method, path) for method, path, _ in _operations(document)}
    # The page, and the document itself.
    assert set(PERMISSIONS) - described <= {("GET", "/"), ("GET", "/api/v1/openapi.json")}
    assert described <= set(PERMISSIONS)


def test_every_operation_says_who_is_refused(document):
    for method, path, operation in _operations(document):
        need = PERMISSIONS[method, path]
        answers = set(operation["responses"])
        refusals = {"401"} if need is not Need.NOBODY else set()
        if need not in (Need.NOBODY, Need.SIGNED_IN):
            refusals.add("403")
        if "{" in path:
            refusals.add("404")
        assert refusals <= answers, (method, path)
        assert bool(operation["security"]) == (need is not Need.NOBODY), (method, path)


def test_every_refusal_is_described_as_a_problem(document):
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for method, path, operation in _operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert answer["content"] == problem, (method, path, status)
                assert answer["description"], (method, path, status)


def test_every_answer_with_a_body_says_what_it_is(document):
    # A redirection and "nothing to say" have no body.
    for method, path, operation in _operations(document):
        for status, answer in operation["responses"].items():
            if status in ("200", "201", "202"):
                assert answer.get("content"), (method, path, status)


def _body_schemas(document):
    """Return the schemas that are taken in, by name, and those that they are made of."""
    schemas, found = document["components"]["schemas"], {}
    waiting = [
        content["schema"]
        for _, _, operation in _operations(document)
        for content in operation.get("requestBody", {}).get("content", {}).values()
    ]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            name = each.get("$ref", "").rpartition("/")[2]
            if name and name not in found:
                found[name] = schemas[name]
                waiting.append(schemas[name])
            waiting += [value for key, value in each.items() if key != "examples"]
    return found


def test_every_body_has_an_example_that_is_taken(document):
    models = {**vars(drafts), **vars(execution), **vars(api.schemas)}
    for method, path, operation in _operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        examples = document["components"]["schemas"][name]["examples"]
        assert examples, (method, path)
        for example in examples:
            models[name].model_validate(example)


def test_no_text_is_taken_that_a_store_can_not_keep(document):
    """PostgreSQL keeps no NUL: each text says what it may hold, or which words there are."""
    said = {"pattern", "enum", "const", "format"}

    def texts(part, where):
        if isinstance(part, list):
            for each in part:
                yield from texts(each, where)
        elif isinstance(part, dict):
            if part.get("type") == "string" and not said & set(part):
                yield where
            for key, value in part.items():
                if key != "examples":
                    yield from texts(value, f"{where}.{key}")

    bare = [
        where
        for name, schema in _body_schemas(document).items()
        for where in texts(schema, name)
        # It names a file, which gets another name here.
        if not name.startswith("Body_post_upload")
    ]
    assert bare == []


def test_creations_lead_to_what_was_made(document):
    creation = document["paths"]["/api/v1/projects/{project_id}/comments"]["post"]
    links = creation["responses"]["201"]["links"]
    change = document["paths"]["/api/v1/comments/{comment_id}"]["patch"]["operationId"]
    assert links[change]["parameters"] == {
        "path.comment_id": "$response.body#/comment_id",
        "header.if-match": "$response.header.ETag",
    }
    # Whatever answers 201 or 202 names what it made, but a review and a link, which have no page,
    # and what is described as OGC API - Processes does it.
    without = {
        path
        for method, path, operation in _operations(document)
        for status, answer in operation["responses"].items()
        if status in ("201", "202") and not answer.get("links")
    }
    assert without == {
        "/api/v1/plans/{plan_id}/reviews",
        "/api/v1/users/{user_id}/invitations",
        "/ogc/processes/{process_id}/execution",
    }


def test_a_refused_method_is_told_which_ones_are_taken(service):
    answer = service.client.put("/api/v1/projects", json={})
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == "GET, HEAD, POST"
    answer = service.client.patch("/api/v1/jobs/job-000000000000", json={})
    assert answer.headers["allow"] == "DELETE, GET, HEAD"
    # The page's files, which are read by GET, do not answer for it.
    answer = service.client.get("/api/v1/me/password")
    assert (answer.status_code, answer.headers["allow"]) == (405, "PUT")
    assert service.client.get("/api/v1/nothing").status_code == 404


@pytest.mark.parametrize(
    "body",
    [b"\xff", b"[" * 100_000, b"1" * 5_000, b""],
    ids=["no UTF-8", "too deep", "too long a number", "nothing"],
)
def test_a_body_that_is_no_json_is_refused(service, body):
    answer = service.client.post("/api/v1/projects", content=body, headers=AS_JSON)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "a\\u0000"}',  # PostgreSQL keeps none
        b'{"name": "\\ud800"}',  # half a character
        b'{"name": "a", "\\ud800": 1}',
        b'{"name": NaN}',
    ],
)
def test_a_text_that_is_none_is_refused(service, body):
    assert service.client.post("/api/v1/projects", content=body, headers=AS_JSON).status_code == 422


def test_half_a_character_is_no_password(service):
    body = b'{"name": "anna", "password": "\\ud800"}'
    assert service.client.post("/api/v1/session", content=body, headers=AS_JSON).status_code == 422


@pytest.mark.parametrize("given", [b"Basic \xff", b"Bearer \xff\xfe", b"Basic =", b"Digest x"])
def test_odd_credentials_break_nothing(service, given):
    assert service.client.get("/healthz", headers={"Authorization": given}).status_code == 200


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:00:00-23:00"])
def test_a_time_outside_of_all_calendars_is_refused(service, since):
    assert service.get("/audit", params={"since": since}).status_code == 422


def test_a_number_that_a_column_can_not_hold_is_refused(service):
    assert service.get("/audit", params={"after": 2**31}).status_code == 422
    assert service.get("/audit", params={"after": 2**31 - 1}).json()["items"] == []


@pytest.mark.parametrize(
    "ring",
    [
        [[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]],  # crosses itself
        [[0, 0], [0, 0], [0, 0], [0, 0]],  # holds nothing
        [[0, 0], [200, 0], [1, 1], [0, 0]],  # not on the ground
        [[0, 0], [1e999, 0], [1, 1], [0, 0]],
    ],
)
def test_a_frontage_that_is_no_ground_is_refused(service, ring):
    user = service.client.get("/api/v1/me").json()["user_id"]
    ground = {"type": "Polygon", "coordinates": [ring]}
    body = json.dumps({"role": "private_operator", "frontage": ground})
    answer = service.client.put(
        f"/api/v1/projects/{service.project}/members/{user}",
        content=body,
        headers=AS_JSON,
    )
    assert answer.status_code == 422
