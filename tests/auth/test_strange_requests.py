"""What no browser and no program of good will sends: refused in words, and kept nowhere."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.observe import Figures, Observed
from api.store.people import Audit
from tests.api.served import token_for
from tests.auth.front_door import BASE, HOME, FrontDoor


@pytest.mark.parametrize("host", ["[", "[::1", "127.0.0.1]", "", "127.0.0.1.evil.example"])
def test_a_host_that_is_none_is_not_served(door: FrontDoor, host: str) -> None:
    assert door.program(headers={"Host": host}).get(f"{BASE}/session").status_code == 421


@pytest.mark.parametrize("origin", ["http://[", "[", "127.0.0.1", "//127.0.0.1", "null", ""])
def test_an_origin_that_is_none_is_no_own_page(door: FrontDoor, origin: str) -> None:
    answer = door.program(headers={"Origin": origin}).post(f"{BASE}/session", json={})
    assert answer.status_code == 403


def test_a_page_without_tls_changes_nothing_behind_tls(door: FrontDoor) -> None:
    # Whoever stands on the way can show a page under any name, as long as it is without TLS.
    door.add_user()
    secure = HOME.replace("http", "https")
    for origin, status in ((HOME, 403), (secure, 200)):
        browser = door.program(headers={"Origin": origin})
        browser.base_url = secure
        wish = {"name": "anna", "password": "correct horse battery"}
        assert browser.post(f"{BASE}/session", json=wish).status_code == status


def test_a_page_with_tls_in_front_changes_what_a_silent_proxy_hands_on(door: FrontDoor) -> None:
    door.add_user()
    browser = door.program(headers={"Origin": HOME.replace("http", "https")})
    wish = {"name": "anna", "password": "correct horse battery"}
    assert browser.post(f"{BASE}/session", json=wish).status_code == 200


def test_words_that_are_no_methods_are_kept_nowhere(door: FrontDoor, tmp_path: Path) -> None:
    figures = Figures(jobs=dict, workers=lambda: 0, ready_workers=lambda: 0, data=tmp_path)
    door.app = Observed(door.app, figures=figures)
    wrong = door.program(headers={"Authorization": "Bearer sbd_wrong"})
    for number in range(20):
        assert wrong.request(f"ANNA{number}", f"{BASE}/me").status_code == 401
    told = figures.text().decode()
    assert "ANNA" not in told
    assert 'sbd_requests_total{method="other",route="(none)",status="401"} 20.0' in told
    with door.database.reading() as session:
        actions = set(session.scalars(sa.select(Audit.action)))
    assert actions == {"other at the door"}


def test_of_two_tokens_none_counts(door: FrontDoor) -> None:
    user_id = door.add_user()
    with door.database.session() as session:
        secret = token_for(session, user_id)
    right, wrong = ("Authorization", f"Bearer {secret}"), ("Authorization", "Bearer sbd_wrong")
    program = door.program()
    assert program.get(f"{BASE}/me", headers=[right]).status_code == 200
    for both in ([right, wrong], [wrong, right], [right, right]):
        assert program.get(f"{BASE}/me", headers=both).status_code == 401


@pytest.mark.parametrize("path", ["/session", "/invitations/anything"])
def test_a_stranger_sends_no_more_than_a_name_and_a_password(door: FrontDoor, path: str) -> None:
    body = json.dumps({f"{number:x}": 0 for number in range(2_000)})
    for sent in (body, iter([body.encode()])):
        answer = door.browser().post(
            BASE + path, content=sent, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413
        assert "16,384 bytes" in answer.json()["detail"]


def test_the_longest_password_still_comes_in(door: FrontDoor) -> None:
    wish = {"name": "x" * 200, "password": "\u00e4" * 1_024}
    assert door.browser().post(f"{BASE}/session", json=wish).status_code == 401


def test_of_thousands_of_faults_the_first_are_told(door: FrontDoor) -> None:
    wish = {"name": "anna", "password": "x", **{f"{number:x}": 0 for number in range(1_000)}}
    problem = door.browser().post(f"{BASE}/session", json=wish).json()
    assert problem["status"] == 422
    assert len(problem["faults"]) == 51
    assert problem["faults"][-1] == "and 950 more faults; mend these first"
