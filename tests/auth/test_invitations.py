"""Links that work once: the first start, joining, a forgotten password."""

import pytest
from fastapi.testclient import TestClient

from api.auth.invitations import set_up_link
from api.store.people import Invitation
from tests.auth.front_door import BASE, HOME, PASSWORD, FrontDoor, is_in, sign_in


def secret_of(link: str) -> str:
    address, _, secret = link.partition("/#invitation=")
    assert address == HOME
    assert len(secret) == 43
    return secret


def set_up(door: FrontDoor) -> str:
    """Return the secret of a set-up link; the clock of the tests is behind that of the machine."""
    link = set_up_link(door.database, HOME)
    assert link is not None
    return secret_of(link)


@pytest.fixture
def chief(door: FrontDoor) -> TestClient:
    door.add_user("chief", is_administrator=True)
    return door.signed_in("chief")


def new_user(chief: TestClient, name: str = "anna") -> str:
    answer = chief.post(f"{BASE}/users", json={"name": name})
    assert answer.status_code == 201
    return str(answer.json()["user_id"])


def link_for(chief: TestClient, user_id: str) -> str:
    return secret_of(chief.post(f"{BASE}/users/{user_id}/invitations").json()["link"])


def test_the_first_start_has_no_password_that_lets_in(door: FrontDoor) -> None:
    for name in ("admin", "administrator", "sbd", "root"):
        assert sign_in(door.browser(), name, name).status_code == 401
    secret = set_up(door)
    browser = door.browser()
    assert browser.get(f"{BASE}/invitations/{secret}").json()["name"] is None
    wish = {"name": "Chief", "password": PASSWORD}
    answer = browser.post(f"{BASE}/invitations/{secret}", json=wish)
    assert answer.json()["user"]["is_administrator"] is True
    assert is_in(browser)
    assert sign_in(door.browser(), "chief").status_code == 200


def test_a_set_up_link_is_given_out_while_nobody_administers(door: FrontDoor) -> None:
    first, second = set_up(door), set_up(door)
    wish = {"name": "chief", "password": PASSWORD}
    assert door.browser().post(f"{BASE}/invitations/{first}", json=wish).status_code == 404
    assert door.browser().post(f"{BASE}/invitations/{second}", json=wish).status_code == 200
    assert set_up_link(door.database, HOME) is None


def test_a_set_up_link_needs_a_name_and_works_once(door: FrontDoor) -> None:
    address = f"{BASE}/invitations/{set_up(door)}"
    assert door.browser().post(address, json={"password": PASSWORD}).status_code == 409
    wish = {"name": "chief", "password": PASSWORD}
    assert door.browser().post(address, json=wish).status_code == 200
    assert door.browser().post(address, json=wish).status_code == 404


def test_a_link_ends_by_itself(door: FrontDoor, chief: TestClient) -> None:
    address = f"{BASE}/invitations/{link_for(chief, new_user(chief))}"
    door.clock.forward(days=6, hours=23)
    assert door.browser().get(address).status_code == 200
    door.clock.forward(hours=1)
    assert door.browser().get(address).status_code == 404
    assert door.browser().post(address, json={"password": PASSWORD}).status_code == 404


def test_who_is_invited_chooses_a_password_and_is_in(door: FrontDoor, chief: TestClient) -> None:
    address = f"{BASE}/invitations/{link_for(chief, new_user(chief))}"
    browser = door.browser()
    assert browser.get(address).json()["name"] == "anna"
    # A name of his own choice would be somebody else's.
    answer = browser.post(address, json={"password": PASSWORD, "name": "chief"})
    assert answer.json()["user"] == {**answer.json()["user"], "name": "anna"}
    assert not answer.json()["user"]["is_administrator"]
    assert is_in(browser)


@pytest.mark.parametrize("password", ["short", "password1234", "anna-anna-12", "a" * 257])
def test_a_bad_password_does_not_use_the_link_up(
    door: FrontDoor, chief: TestClient, password: str
) -> None:
    address = f"{BASE}/invitations/{link_for(chief, new_user(chief))}"
    assert door.browser().post(address, json={"password": password}).status_code == 422
    assert door.browser().post(address, json={"password": PASSWORD}).status_code == 200


def test_a_new_password_by_link_puts_whoever_had_the_account_out(
    door: FrontDoor, chief: TestClient
) -> None:
    user_id = door.add_user()
    thief = door.signed_in()
    wish = {"name": "x", "expires": "2027-01-01T00:00:00Z"}
    token = thief.post(f"{BASE}/tokens", json=wish).json()["secret"]
    older = link_for(chief, user_id)
    newer = link_for(chief, user_id)
    new = {"password": "quite another horse"}
    assert door.browser().post(f"{BASE}/invitations/{older}", json=new).status_code == 404
    assert is_in(thief)  # until it is used, all is as before
    assert door.browser().post(f"{BASE}/invitations/{newer}", json=new).status_code == 200
    assert not is_in(thief)
    assert not is_in(door.program(headers={"Authorization": f"Bearer {token}"}))
    assert sign_in(door.browser()).status_code == 401


def test_a_new_password_by_link_ends_the_waiting(door: FrontDoor, chief: TestClient) -> None:
    user_id = door.add_user()
    for _ in range(5):
        sign_in(door.browser(), "anna", "wrong horse battery")
    assert sign_in(door.browser()).status_code == 429
    new = {"password": "quite another horse"}
    door.browser().post(f"{BASE}/invitations/{link_for(chief, user_id)}", json=new)
    assert sign_in(door.browser(), password="quite another horse").status_code == 200


def test_who_is_shut_out_is_not_invited_and_his_link_is_dead(
    door: FrontDoor, chief: TestClient
) -> None:
    user_id = new_user(chief)
    secret = link_for(chief, user_id)
    shut = {"is_active": False}
    chief.patch(f"{BASE}/users/{user_id}", json=shut, headers={"If-Match": "*"})
    assert chief.post(f"{BASE}/users/{user_id}/invitations").status_code == 409
    new = {"password": PASSWORD}
    assert door.browser().post(f"{BASE}/invitations/{secret}", json=new).status_code == 409


def test_only_who_administers_makes_users_and_links(door: FrontDoor) -> None:
    user_id = door.add_user()
    anna = door.signed_in()
    assert anna.post(f"{BASE}/users", json={"name": "bert"}).status_code == 403
    assert anna.post(f"{BASE}/users/{user_id}/invitations").status_code == 403


def test_a_name_is_taken_once(chief: TestClient) -> None:
    new_user(chief, "Anna@Example.org")
    answer = chief.post(f"{BASE}/users", json={"name": "anna@example.org"})
    assert answer.status_code == 409


def test_a_secret_is_kept_as_a_hash_only(door: FrontDoor) -> None:
    secret = set_up(door)
    with door.database.reading() as session:
        assert session.get(Invitation, secret) is None
