"""Name and password: who gets in, who waits, and what a stolen session is worth."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from api.auth.limits import ACCOUNT_BACKOFF, ADDRESS_BACKOFF, Backoff, Often, Rate
from api.auth.settings import AuthSettings
from api.auth.sign_in import cookie_name
from api.store.base import Table
from api.store.database import Database
from api.store.people import User
from tests.auth.front_door import BASE, PASSWORD, FrontDoor, is_in, sign_in

COOKIE = cookie_name(AuthSettings(secure_cookies=False))


def wrong(door: FrontDoor, times: int, name: str = "anna") -> list[int]:
    """Return the statuses of so many wrong passwords."""
    browser = door.browser()
    return [sign_in(browser, name, "wrong horse battery").status_code for _ in range(times)]


def test_name_and_password_let_in_and_the_name_may_be_written_anyhow(door: FrontDoor) -> None:
    door.add_user("anna@example.org")
    browser = door.browser()
    assert not is_in(browser)
    assert sign_in(browser, " Anna@Example.org ").json()["user"]["name"] == "anna@example.org"
    assert is_in(browser)


def test_the_cookie_is_for_this_host_over_tls_and_for_no_script(database: Database) -> None:
    door = FrontDoor(database, AuthSettings(secure_cookies=True))
    door.add_user()
    cookie = sign_in(door.browser()).headers["set-cookie"]
    name, *words = cookie.split("; ")
    assert name.startswith("__Host-sbd=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(words)
    assert not [word for word in words if word.lower().startswith("domain")]


def test_a_wrong_password_and_an_unknown_name_read_and_cost_the_same(door: FrontDoor) -> None:
    door.add_user()
    browser = door.browser()
    sign_in(browser, "nobody", "x")  # the first look makes the hash that nobody has
    answers, looks = [], []
    for name in ("anna", "nobody"):
        before = door.hasher.looks
        answers.append(sign_in(browser, name, "wrong horse battery").text)
        looks.append(door.hasher.looks - before)
    assert answers[0] == answers[1]
    assert looks == [1, 1]


def test_a_user_without_a_password_costs_as_much(door: FrontDoor, database: Database) -> None:
    with database.session() as session:
        session.add(User(name="oidc-only"))
    assert wrong(door, 1, "oidc-only") == [401]
    assert door.hasher.looks == 1


def test_after_some_wrong_passwords_the_next_waits_and_the_waits_grow(door: FrontDoor) -> None:
    door.add_user()
    assert wrong(door, 5) == [401] * 5
    # 30 s doubled each time, at most 15 minutes.
    for wait_s in (30, 60, 120, 240, 480, 900, 900):
        early = sign_in(door.browser())
        assert early.status_code == 429
        assert int(early.headers["Retry-After"]) == wait_s
        assert f"try again in {wait_s} s" in early.json()["detail"]
        door.clock.forward(seconds=wait_s - 1)
        assert sign_in(door.browser()).status_code == 429
        door.clock.forward(seconds=1)
        assert wrong(door, 1) == [401]
    door.clock.forward(minutes=15)
    assert sign_in(door.browser()).status_code == 200
    assert wrong(door, 5) == [401] * 5  # the right one begins the count anew


def test_while_it_waits_no_password_is_looked_at(door: FrontDoor) -> None:
    door.add_user()
    wrong(door, 5)
    before = door.hasher.looks
    assert sign_in(door.browser()).status_code == 429
    assert door.hasher.looks == before


def test_a_name_that_nobody_has_waits_like_one_that_somebody_has(door: FrontDoor) -> None:
    door.add_user()
    assert wrong(door, 7) == wrong(door, 7, "nobody")
    door.clock.forward(seconds=30)
    assert wrong(door, 2) == wrong(door, 2, "nobody") == [401, 429]


@pytest.mark.parametrize("tries", [4, 5, 6])
def test_wrong_passwords_are_forgotten_as_soon_for_a_name_that_nobody_has(
    door: FrontDoor, tries: int
) -> None:
    door.add_user()
    told = []
    for name in ("anna", "nobody"):
        wrong(door, tries, name)
        door.clock.forward(hours=1, seconds=61)
        told.append(wrong(door, 6, name))
    assert told == [[401] * 5 + [429]] * 2


def test_attempts_at_the_same_time_are_counted_one_by_one(door: FrontDoor) -> None:
    door.add_user()
    sign_in(door.browser(), "nobody", "x")
    before = door.hasher.looks
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda _: wrong(door, 1)[0], range(12)))
    assert sorted(statuses) == [401] * 5 + [429] * 7
    assert door.hasher.looks - before == 5


def test_an_address_that_tries_many_names_waits_and_others_do_not(door: FrontDoor) -> None:
    door.add_user()
    spray = door.browser(client=("192.0.2.7", 1))
    statuses = []
    for number in range(ADDRESS_BACKOFF.free + 1):
        statuses.append(sign_in(spray, f"name{number}", "wrong horse battery").status_code)
    assert statuses == [401] * ADDRESS_BACKOFF.free + [429]
    assert sign_in(spray).status_code == 429
    assert sign_in(door.browser(client=("192.0.2.8", 1))).status_code == 200
    door.clock.forward(hours=1, seconds=1)
    assert sign_in(spray).status_code == 200


@given(st.integers(0, 10_000), st.sampled_from([ACCOUNT_BACKOFF, ADDRESS_BACKOFF]))
def test_waits_grow_and_always_end(failures: int, backoff: Backoff) -> None:
    assert backoff.wait_s(failures) <= backoff.wait_s(failures + 1) <= backoff.most_s


def test_sign_ins_from_one_address_have_a_rate(door: FrontDoor) -> None:
    door.add_user()
    door.allow(Often.SIGN_IN, Rate(4, 1 / 6))
    browser = door.browser()
    statuses = [sign_in(browser).status_code for _ in range(5)]
    assert statuses == [200] * 4 + [429]
    door.clock.forward(seconds=6)
    assert sign_in(browser).status_code == 200


def test_a_flood_of_sign_ins_leaves_threads_for_others_and_counts_against_nobody(
    door: FrontDoor, database: Database
) -> None:
    user_id = door.add_user()
    over, inside = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        with door.gate.passwords.turn():
            inside.release()
            over.wait()

    with ThreadPoolExecutor(16) as pool:
        for _ in range(16):
            pool.submit(hold)
        inside.acquire(), inside.acquire()  # two at once; the others wait
        while door.gate.passwords._there < 16:
            time.sleep(0.001)
        refused = sign_in(door.browser())
        over.set()
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "2"
    with database.reading() as session:
        assert session.get_one(User, user_id).failed_sign_ins == 0
    assert sign_in(door.browser()).status_code == 200


def test_signing_in_again_ends_the_session_of_before(door: FrontDoor) -> None:
    door.add_user()
    browser = door.signed_in()
    stolen = browser.cookies[COOKIE]
    assert is_in(door.browser(cookies={COOKIE: stolen}))
    sign_in(browser)
    assert browser.cookies[COOKIE] != stolen
    assert not is_in(door.browser(cookies={COOKIE: stolen}))


def test_a_secret_that_somebody_planted_is_not_taken_over(door: FrontDoor) -> None:
    door.add_user()
    browser = door.browser(cookies={COOKIE: "planted"})
    answer = sign_in(browser)
    assert answer.cookies[COOKIE] != "planted"
    assert not is_in(door.browser(cookies={COOKIE: "planted"}))


def test_a_session_ends_when_nobody_uses_it_and_at_the_end_of_the_day(door: FrontDoor) -> None:
    door.add_user()
    idle = door.signed_in()
    door.clock.forward(hours=2, seconds=1)
    assert not is_in(idle)
    used = door.signed_in()
    for _ in range(11):
        door.clock.forward(hours=1)
        assert is_in(used)
    door.clock.forward(hours=1)
    assert not is_in(used)


def test_signing_out_ends_the_session_and_not_only_the_cookie(door: FrontDoor) -> None:
    door.add_user()
    browser = door.signed_in()
    stolen = browser.cookies[COOKIE]
    assert browser.delete(f"{BASE}/session").status_code == 204
    assert COOKIE not in browser.cookies
    assert not is_in(door.browser(cookies={COOKIE: stolen}))


def test_another_password_signs_every_other_browser_out(door: FrontDoor) -> None:
    door.add_user()
    other, browser = door.signed_in(), door.signed_in()
    stolen = browser.cookies[COOKIE]
    wish = {"current": PASSWORD, "new": "quite another horse"}
    assert browser.put(f"{BASE}/me/password", json=wish).status_code == 204
    assert is_in(browser)
    assert not is_in(other)
    assert not is_in(door.browser(cookies={COOKIE: stolen}))
    assert sign_in(door.browser()).status_code == 401
    assert sign_in(door.browser(), password="quite another horse").status_code == 200


def test_a_stolen_session_cannot_guess_the_password(door: FrontDoor) -> None:
    door.add_user()
    browser = door.signed_in()
    wish = {"current": "wrong horse battery", "new": "quite another horse"}
    statuses = [browser.put(f"{BASE}/me/password", json=wish).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert is_in(browser)


def test_who_is_shut_out_is_out_at_once(door: FrontDoor, database: Database) -> None:
    user_id = door.add_user()
    door.add_user("chief", is_administrator=True)
    browser, chief = door.signed_in(), door.signed_in("chief")
    address = f"{BASE}/users/{user_id}"
    etag = chief.get(address).headers["ETag"]
    assert chief.patch(address, json={"is_active": False}, headers={"If-Match": etag}).is_success
    assert not is_in(browser)
    assert sign_in(door.browser()).status_code == 401


def test_the_last_administrator_stays(door: FrontDoor) -> None:
    user_id = door.add_user("chief", is_administrator=True)
    chief = door.signed_in("chief")
    for wish in ({"is_active": False}, {"is_administrator": False}):
        answer = chief.patch(f"{BASE}/users/{user_id}", json=wish, headers={"If-Match": "*"})
        assert answer.status_code == 409
    assert is_in(chief)


def test_the_store_knows_no_secret(door: FrontDoor, database: Database) -> None:
    door.add_user("chief", is_administrator=True)
    chief = door.signed_in("chief")
    wish = {"name": "qgis", "expires": "2027-01-01T00:00:00Z"}
    token = chief.post(f"{BASE}/tokens", json=wish).json()["secret"]
    user = chief.post(f"{BASE}/users", json={"name": "new"}).json()["user_id"]
    link = chief.post(f"{BASE}/users/{user}/invitations").json()["link"]
    secrets = [PASSWORD, chief.cookies[COOKIE], token, link.partition("=")[2]]
    with database.reading() as session:
        kept = [
            str(tuple(row))
            for table in Table.metadata.sorted_tables
            for row in session.execute(sa.select(table))
        ]
    assert len(kept) > 5
    assert not [row for row in kept for secret in secrets if secret in row]


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5_000, "é".encode().decode("latin-1")])
def test_any_other_cookie_is_nobody(door: FrontDoor, cookie: str) -> None:
    headers = {"Cookie": f"{COOKIE}={cookie}".encode("latin-1")}
    assert door.browser().get(f"{BASE}/me", headers=headers).status_code == 401
