"""What no browser and no program of good will sends: refused in words, and kept nowhere."""

import pytest
import sqlalchemy as sa

from api.observe import Figures, Observed
from api.store.people import Audit
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


def test_words_that_are_no_methods_are_kept_nowhere(door: FrontDoor) -> None:
    figures = Figures(queued=lambda: 0, workers=lambda: 0)
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
