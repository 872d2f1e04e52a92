"""Projects: who sees them, changes by two at once, the same creation twice, lists by pages."""

import pytest

from tests.api.people import person


@pytest.fixture(scope="module")
def planner(service):
    return person(service, "planner.of.projects", service.project, role="planner")


@pytest.fixture(scope="module")
def stranger(service):
    return person(service, "stranger.of.projects")


def made(service, name, **headers):
    answer = service.post("/projects", json={"name": name}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer


def test_a_member_sees_the_project_and_a_stranger_nothing_of_it(service, planner, stranger):
    path = f"/projects/{service.project}"
    assert planner.get(path).json()["role"] == "planner"
    assert stranger.get("/projects").json() == {"items": [], "next": None}
    foreign, missing = stranger.get(path), stranger.get("/projects/project-000000000000")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    words = [answer.json()["detail"].split("'")[2] for answer in (foreign, missing)]
    assert words[0] == words[1]


def test_only_an_administrator_makes_projects_and_gives_roles(service, planner):
    assert planner.post("/projects", json={"name": "mine"}).status_code == 403
    put = planner.ask(
        "PUT",
        f"/projects/{service.project}/members/{planner.user_id}",
        json={"role": "approver"},
    )
    assert put.status_code == 403


def test_of_two_who_change_it_at_once_the_second_is_told(service):
    first = made(service, "Two hands")
    path = f"/projects/{first.json()['project_id']}"
    tag = first.headers["etag"]
    patch = service.client.patch
    base = "/api/v1"
    assert patch(base + path, json={"name": "a"}).status_code == 428
    won = patch(base + path, json={"name": "a"}, headers={"If-Match": tag})
    lost = patch(base + path, json={"name": "b"}, headers={"If-Match": tag})
    assert (won.status_code, lost.status_code) == (200, 412)
    assert service.get(path).json()["name"] == "a"
    again = patch(base + path, json={"name": "b"}, headers={"If-Match": won.headers["etag"]})
    assert again.json()["name"] == "b"


def test_a_creation_that_comes_twice_is_made_once(service):
    key = {"Idempotency-Key": "a-key-of-my-own"}
    first, second = made(service, "Once", **key), made(service, "Once", **key)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    other = service.post("/projects", json={"name": "Another"}, headers=key)
    assert other.status_code == 409
    names = [item["name"] for item in service.get("/projects?limit=500").json()["items"]]
    assert names.count("Once") == 1


def test_the_pages_of_a_list_hold_each_row_once_and_in_order(service):
    for number in range(5):
        made(service, f"Page {number}")
    whole = [item["project_id"] for item in service.get("/projects?limit=500").json()["items"]]
    seen, path = [], "/api/v1/projects?limit=2"
    while path:
        page = service.client.get(path).json()
        assert len(page["items"]) <= 2
        seen += [item["project_id"] for item in page["items"]]
        path = page["next"]
    assert seen == whole


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "after=nonsense"])
def test_a_page_that_cannot_be_meant_is_refused(service, query):
    assert service.get(f"/projects?{query}").status_code == 422


def test_a_member_is_what_the_last_word_says(service, stranger):
    project = made(service, "Members").json()["project_id"]
    path = f"/api/v1/projects/{project}/members/{stranger.user_id}"
    wrong = service.client.put(path, json={"role": "reviewer"})
    assert wrong.status_code == 422
    assert "discipline" in wrong.json()["detail"]
    asked = {"role": "reviewer", "disciplines": ["fire"]}
    assert service.client.put(path, json=asked).json()["disciplines"] == ["fire"]
    assert service.client.put(path, json={"role": "viewer"}).json()["role"] == "viewer"
    (member,) = service.get(f"/projects/{project}/members").json()
    assert (member["name"], member["role"]) == ("stranger.of.projects", "viewer")
    assert service.client.delete(path).status_code == 204
    assert stranger.get(f"/projects/{project}").status_code == 404


def test_the_calendar_is_changed_against_what_was_seen(service):
    path = f"/projects/{service.project}/events"
    asked = {
        "name": "Market",
        "date_from": "2027-12-01",
        "date_to": "2027-12-23",
        "opens": "10:00",
        "closes": "20:00",
        "people": 4000,
    }
    event = service.post(path, json=asked)
    assert event.status_code == 201, event.text
    href, tag = event.headers["Location"], event.headers["etag"]
    later = {**asked, "closes": "22:00"}
    assert service.client.put(href, json=later).status_code == 428
    changed = service.client.put(href, json=later, headers={"If-Match": tag})
    assert changed.json()["closes"] == "22:00"
    assert service.client.delete(href, headers={"If-Match": tag}).status_code == 412
    fresh = {"If-Match": changed.headers["etag"]}
    assert service.client.delete(href, headers=fresh).status_code == 204
    assert service.client.get(href).status_code == 404
