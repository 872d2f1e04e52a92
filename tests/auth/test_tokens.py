"""Tokens: what they open, how they are shown, when they end."""

from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.auth.limits import Often, Rate
from api.store.people import Invitation, Member, Role
from tests.auth.everything import fill, ids_of
from tests.auth.front_door import BASE, PASSWORD, FrontDoor

SITES = f"{BASE}/projects/{ids_of('a')['project_id']}/sites"


@pytest.fixture
def anna(door: FrontDoor) -> TestClient:
    """A browser of Anna, who plans in project A."""
    fill(door.database)
    user_id = door.add_user()
    with door.database.session() as session:
        project_id = ids_of("a")["project_id"]
        session.add(Member(project_id=project_id, user_id=user_id, role=Role.PLANNER))
    return door.signed_in()


def made(browser: TestClient, **wish: Any) -> dict[str, Any]:
    body = {"name": "qgis", "expires": "2027-01-01T00:00:00Z", **wish}
    answer = browser.post(f"{BASE}/tokens", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_what_answers_with_a_secret_refuses_a_key_and_makes_nothing(
    door: FrontDoor, anna: TestClient
) -> None:
    key = {"Idempotency-Key": "a-key-of-my-own"}
    wish = {"name": "qgis", "expires": "2027-01-01T00:00:00Z"}
    refused = anna.post(f"{BASE}/tokens", json=wish, headers=key)
    assert refused.status_code == 422
    assert "Idempotency-Key: not taken here" in refused.json()["detail"]
    assert anna.get(f"{BASE}/tokens").json()["items"] == []
    chief_id = door.add_user("chief", is_administrator=True)
    chief = door.signed_in("chief")
    path = f"{BASE}/users/{chief_id}/invitations"
    assert chief.post(path, headers=key).status_code == 422
    with door.database.reading() as session:
        assert session.scalars(sa.select(Invitation)).all() == []
    assert chief.post(path).status_code == 201


def bearer(door: FrontDoor, secret: str) -> TestClient:
    return door.program(headers={"Authorization": f"Bearer {secret}"})


def test_a_token_works_as_bearer_and_as_any_users_basic_password(
    door: FrontDoor, anna: TestClient
) -> None:
    secret = made(anna)["secret"]
    assert bearer(door, secret).get(SITES).status_code == 200
    for name in ("token", "anna", ""):
        assert door.program().get(SITES, auth=(name, secret)).status_code == 200
    assert door.program().get(SITES, auth=("anna", PASSWORD)).status_code == 401


def test_a_secret_is_shown_once_and_begins_so_that_a_scanner_knows_it(anna: TestClient) -> None:
    token = made(anna)
    assert token["secret"].startswith("sbd_")
    listed = anna.get(f"{BASE}/tokens").json()["items"]
    assert [item["token_id"] for item in listed] == [token["token_id"]]
    assert token["secret"] not in anna.get(f"{BASE}/tokens").text


def test_reading_is_all_that_a_token_allows_unless_it_says_write(
    door: FrontDoor, anna: TestClient
) -> None:
    reading, writing = (
        bearer(door, made(anna, **wish)["secret"]) for wish in ({}, {"scope": "write"})
    )
    assert reading.get(SITES).status_code == 200
    assert reading.post(SITES, json={}).status_code == 403
    assert writing.post(SITES, json={}).status_code == 200


def test_a_token_for_a_project_opens_only_that_one(door: FrontDoor, anna: TestClient) -> None:
    with door.database.session() as session:
        me = anna.get(f"{BASE}/me").json()["user_id"]
        session.add(Member(project_id=ids_of("b")["project_id"], user_id=me, role=Role.VIEWER))
    bound = bearer(door, made(anna, project_id=ids_of("a")["project_id"])["secret"])
    assert bound.get(SITES).status_code == 200
    assert bound.get(SITES.replace("a" * 12, "b" * 12)).status_code == 404
    assert anna.get(SITES.replace("a" * 12, "b" * 12)).status_code == 200


def test_nobody_makes_a_token_for_a_project_that_is_not_his(anna: TestClient) -> None:
    wish = {"name": "x", "expires": "2027-01-01T00:00:00Z", "project_id": ids_of("b")["project_id"]}
    assert anna.post(f"{BASE}/tokens", json=wish).status_code == 404


@pytest.mark.parametrize("expires", ["2026-11-22T09:00:00Z", "2027-11-24T09:00:01Z", "2020-01-01"])
def test_a_token_ends_within_a_year_and_a_day(anna: TestClient, expires: str) -> None:
    wish = {"name": "x", "expires": expires}
    assert anna.post(f"{BASE}/tokens", json=wish).status_code == 422
    assert anna.post(f"{BASE}/tokens", json={"name": "x"}).status_code == 422


def test_past_and_revoked_tokens_open_nothing(door: FrontDoor, anna: TestClient) -> None:
    past = bearer(door, made(anna, expires="2026-11-22T10:00:00Z")["secret"])
    revoked = made(anna)
    assert past.get(SITES).status_code == 200
    assert anna.delete(f"{BASE}/tokens/{revoked['token_id']}").status_code == 204
    assert bearer(door, revoked["secret"]).get(SITES).status_code == 401
    door.clock.forward(hours=1)
    assert past.get(SITES).status_code == 401


def test_the_token_of_another_user_is_not_there(door: FrontDoor, anna: TestClient) -> None:
    token_id = made(anna)["token_id"]
    door.add_user("bert")
    assert door.signed_in("bert").delete(f"{BASE}/tokens/{token_id}").status_code == 404


def test_a_token_gives_no_longer_life_to_itself(door: FrontDoor, anna: TestClient) -> None:
    program = bearer(door, made(anna, scope="write")["secret"])
    wish = {"name": "x", "expires": "2027-06-01T00:00:00Z"}
    assert program.post(f"{BASE}/tokens", json=wish).status_code == 403
    assert program.get(f"{BASE}/me").json()["token"]["name"] == "qgis"


def test_when_it_was_used_last_is_told(door: FrontDoor, anna: TestClient) -> None:
    program = bearer(door, made(anna)["secret"])
    program.get(SITES)
    door.clock.forward(minutes=10)
    program.get(SITES)
    last = anna.get(f"{BASE}/tokens").json()["items"][0]["last_used"]
    assert last.startswith("2026-11-22T09:10:00")


def test_wrong_tokens_are_slowed_down(door: FrontDoor, anna: TestClient) -> None:
    door.allow(Often.SIGN_IN, Rate(4, 1 / 6))

    def status(secret: str) -> int:
        answer: httpx.Response = bearer(door, secret).get(SITES)
        return answer.status_code

    assert [status(f"sbd_{number}") for number in range(5)] == [401] * 4 + [429]


@pytest.mark.parametrize(
    "value", ["Bearer", "Basic", "Basic !!!", "Basic bm8tY29sb24=", "Basic /w==", "Digest x", "x"]
)
def test_anything_else_in_the_header_is_nobody(door: FrontDoor, value: str) -> None:
    answer = door.program().get(f"{BASE}/me", headers={"Authorization": value})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
