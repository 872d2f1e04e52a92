"""What another page can make a signed-in browser send (CSRF): none of it acts."""

import pytest

from tests.auth.everything import fill, ids_of
from tests.auth.front_door import BASE, HOME, FrontDoor, is_in

JSON = '{"name": "x"}'
FORM = "application/x-www-form-urlencoded"

# What a form or a `fetch` without asking first can put on a request (the Fetch standard's
# "no-cors"), from a page elsewhere, from a sandbox, or from a browser that names no origin.
FOREIGN = [
    {"Origin": "https://evil.example", "Content-Type": FORM},
    {"Origin": "https://evil.example", "Content-Type": "text/plain"},
    {"Origin": "null", "Content-Type": "multipart/form-data; boundary=x"},
    {"Origin": HOME + ".evil.example", "Content-Type": FORM},
    {"Sec-Fetch-Site": "cross-site", "Content-Type": FORM},
    {"Sec-Fetch-Site": "same-site", "Content-Type": "text/plain;charset=utf-8"},
    {"Content-Type": FORM},
    {"Content-Type": "text/plain"},
    {},
]


@pytest.fixture
def chief_cookies(door: FrontDoor) -> dict[str, str]:
    fill(door.database)
    door.add_user("chief", is_administrator=True)
    return dict(door.signed_in("chief").cookies)


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: " ".join(headers.values()))
def test_a_form_elsewhere_changes_nothing(
    door: FrontDoor, chief_cookies: dict[str, str], headers: dict[str, str]
) -> None:
    victim = door.program(cookies=chief_cookies)
    addresses = [
        "/projects",
        "/users",
        "/tokens",
        f"/plans/{ids_of('a')['plan_id']}/submission",  # takes no body
    ]
    for address in addresses:
        answer = victim.post(BASE + address, content=JSON, headers=headers)
        assert answer.status_code == 403, address


def test_a_form_elsewhere_signs_nobody_in_under_another_name(door: FrontDoor) -> None:
    door.add_user("attacker")
    wish = '{"name": "attacker", "password": "correct horse battery"}'
    for headers in FOREIGN:
        victim = door.program()
        answer = victim.post(f"{BASE}/session", content=wish, headers=headers)
        assert answer.status_code in (403, 422)
        assert not is_in(victim)


def test_the_page_itself_and_programs_may(door: FrontDoor, chief_cookies: dict[str, str]) -> None:
    submission = f"{BASE}/plans/{ids_of('a')['plan_id']}/submission"
    page = door.browser(cookies=chief_cookies)
    assert page.post(submission).status_code == 200
    wish = {"name": "x", "scope": "write", "expires": "2027-01-01T00:00:00Z"}
    secret = page.post(f"{BASE}/tokens", json=wish).json()["secret"]
    program = door.program(headers={"Authorization": f"Bearer {secret}"})
    assert program.post(submission).status_code == 200


def test_a_page_of_another_name_for_this_machine_is_not_served(
    door: FrontDoor, chief_cookies: dict[str, str]
) -> None:
    rebound = door.program(cookies=chief_cookies, headers={"Host": "evil.example"})
    assert rebound.get(f"{BASE}/users").status_code == 421
