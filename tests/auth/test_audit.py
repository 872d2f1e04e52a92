"""The audit log: what is in it, what never is, and that nothing goes out without it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.auth.audit import forget, note
from api.auth.settings import AuthSettings
from api.store.people import Audit, Member, Role
from sbd.errors import InputError
from tests.auth.everything import fill, ids_of
from tests.auth.front_door import BASE, PASSWORD, FrontDoor, sign_in

PLAN = f"{BASE}/plans/{ids_of('a')['plan_id']}"
FOREIGN = f"{BASE}/plans/{ids_of('b')['plan_id']}"


@pytest.fixture
def anna(door: FrontDoor) -> str:
    """The id of Anna, who plans in project A."""
    fill(door.database)
    user_id = door.add_user()
    with door.database.session() as session:
        project_id = ids_of("a")["project_id"]
        session.add(Member(project_id=project_id, user_id=user_id, role=Role.VIEWER))
    return user_id


def rows(door: FrontDoor) -> list[tuple[Any, ...]]:
    """Return action, status, user, project and item of every row."""
    columns = Audit.action, Audit.status, Audit.user_id, Audit.project_id, Audit.item_id
    with door.database.reading() as session:
        return [tuple(row) for row in session.execute(sa.select(*columns).order_by(Audit.audit_id))]


def test_sign_ins_and_refused_ones_are_logged(door: FrontDoor, anna: str) -> None:
    browser = door.browser()
    sign_in(browser, "anna", "wrong horse battery")
    sign_in(browser, "nobody", "wrong horse battery")
    sign_in(browser)
    browser.delete(f"{BASE}/session")
    post, delete = f"POST {BASE}/session", f"DELETE {BASE}/session"
    assert rows(door) == [
        (post, 401, anna, None, None),
        (post, 401, None, None, None),
        (post, 200, anna, None, None),
        (delete, 204, anna, None, None),
    ]


def test_changes_downloads_and_refusals_are_logged_and_reading_is_not(
    door: FrontDoor, anna: str
) -> None:
    browser = door.signed_in()
    project_id, plan_id = ids_of("a")["project_id"], ids_of("a")["plan_id"]
    browser.get(PLAN)
    browser.get(f"{PLAN}/archive")
    browser.get(FOREIGN)
    browser.get(f"{BASE}/plans/plan-{'c' * 12}")
    browser.post(f"{PLAN}/submission")
    template = f"{BASE}/plans/{{plan_id}}"
    assert rows(door)[1:] == [
        (f"GET {template}/archive", 200, anna, project_id, plan_id),
        (f"GET {template}", 404, anna, None, ids_of("b")["plan_id"]),
        (f"POST {template}/submission", 403, anna, project_id, plan_id),
    ]


def test_a_foreign_project_that_a_body_names_is_logged(door: FrontDoor, anna: str) -> None:
    foreign = ids_of("b")["project_id"]
    wish = {"name": "x", "scope": "read", "expires": "2026-12-24T00:00:00Z", "project_id": foreign}
    answer = door.signed_in().post(f"{BASE}/tokens", json=wish)
    unknown = {**wish, "project_id": f"project-{'c' * 12}"}
    assert door.signed_in().post(f"{BASE}/tokens", json=unknown).status_code == 404
    assert answer.status_code == 404
    refused = (f"POST {BASE}/tokens", 404, anna, None, foreign)
    assert [row for row in rows(door) if row[1] == 404] == [refused]


def test_a_layer_is_one_row_for_a_person_and_a_day(door: FrontDoor, anna: str) -> None:
    door.add_user("chief", is_administrator=True)
    for browser in (door.signed_in(), door.signed_in(), door.signed_in("chief")):
        for layer in ("gaps", "perimeter", "gaps"):
            assert browser.get(f"{PLAN}/layers/{layer}").status_code == 200
        assert browser.get(f"{FOREIGN}/layers/gaps").status_code in (200, 404)
    door.clock.forward(days=1)
    door.signed_in().get(f"{PLAN}/layers/gaps")
    action = f"GET {BASE}/plans/{{plan_id}}/layers/{{layer}}"
    with door.database.reading() as session:
        asked = sa.select(Audit).where(Audit.action == action, Audit.user_id == anna)
        found = session.scalars(asked.order_by(Audit.audit_id)).all()
        logged = [(row.status, row.item_id, row.about.get("layer")) for row in found]
        others = sa.select(Audit.item_id, Audit.user_id != anna).where(Audit.action == action)
        of_chief = [item for item, is_other in session.execute(others) if is_other]
    plan_id = ids_of("a")["plan_id"]
    refused = (404, ids_of("b")["plan_id"], None)  # each time, not once a day
    once = [(200, plan_id, "gaps"), (200, plan_id, "perimeter")]
    assert logged == [*once, refused, refused, (200, plan_id, "gaps")]
    assert of_chief == [plan_id, plan_id, ids_of("b")["plan_id"]]


def test_a_layer_that_cannot_be_logged_does_not_go_out_and_is_logged_later(
    door: FrontDoor, anna: str
) -> None:
    browser = door.signed_in()
    shut = {"is": True}

    def read_only(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA query_only = {'ON' if shut['is'] else 'OFF'}")

    door.database.close()
    sa.event.listen(door.database.engine, "connect", read_only)
    assert browser.get(f"{PLAN}/layers/gaps").status_code == 503
    shut["is"] = False
    door.database.close()
    assert browser.get(f"{PLAN}/layers/gaps").status_code == 200
    assert [row[:2] for row in rows(door)[1:]] == [
        (f"GET {BASE}/plans/{{plan_id}}/layers/{{layer}}", 200)
    ]


def test_old_rows_go_and_that_is_told(door: FrontDoor, anna: str) -> None:
    now, day = door.clock(), timedelta(days=1)
    with door.database.session() as session:
        for days in range(398, 403):
            note(session, f"{days} days ago", at=now - days * day)
    assert forget(door.database, 400 * day, at=now) == 2
    assert [row[0] for row in rows(door)] == [
        "398 days ago",
        "399 days ago",
        "400 days ago",
        "old rows taken away",
    ]
    assert forget(door.database, 400 * day, at=now) == 0
    with door.database.reading() as session:
        told = session.scalars(sa.select(Audit).where(Audit.action == "old rows taken away")).one()
    assert told.about == {"rows": 2, "before": (now - 400 * day).isoformat()}


@pytest.mark.parametrize("days", ["0", "29", "36501", "-30", "30.5", "a year", "\u0663\u0663"])
def test_days_that_make_no_sense_stop_the_start(monkeypatch, days: str) -> None:
    monkeypatch.setenv("SBD_AUDIT_DAYS", days)
    with pytest.raises(InputError, match=r"SBD_AUDIT_DAYS .* give whole days, 30 to 36,500"):
        AuthSettings.from_environment()


def test_rows_are_kept_for_400_days_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SBD_AUDIT_DAYS", raising=False)
    assert AuthSettings.from_environment().audit_kept == AuthSettings().audit_kept
    assert AuthSettings().audit_kept == timedelta(days=400)
    monkeypatch.setenv("SBD_AUDIT_DAYS", "30")
    assert AuthSettings.from_environment().audit_kept == timedelta(days=30)


def test_a_change_that_came_through_is_logged_with_its_token(door: FrontDoor) -> None:
    fill(door.database)
    door.add_user("chief", is_administrator=True)
    chief = door.signed_in("chief")
    wish = {"name": "x", "scope": "write", "expires": "2027-01-01T00:00:00Z"}
    token = chief.post(f"{BASE}/tokens", json=wish).json()
    program = door.program(headers={"Authorization": f"Bearer {token['secret']}"})
    assert program.post(f"{PLAN}/submission").status_code == 200
    with door.database.reading() as session:
        made, submitted = session.scalars(sa.select(Audit).order_by(Audit.audit_id)).all()[1:]
    assert (made.action, made.item_id) == (f"POST {BASE}/tokens", token["token_id"])
    assert (submitted.status, submitted.token_id) == (200, token["token_id"])
    assert submitted.at == door.clock()


def test_a_wrong_token_is_logged_and_a_page_that_asks_who_it_is_is_not(
    door: FrontDoor, anna: str
) -> None:
    door.browser().get(f"{BASE}/me")
    door.browser(cookies={"sbd": "gone"}).get(f"{BASE}/me")
    assert rows(door) == []
    door.program(headers={"Authorization": "Bearer sbd_x"}).get(f"{BASE}/me")
    assert rows(door) == [(f"GET {BASE}/me", 401, None, None, None)]


def test_the_log_names_nobody_and_holds_no_secret(door: FrontDoor, anna: str) -> None:
    browser = door.browser()
    sign_in(browser, "hunter2 typed into the wrong field", "wrong horse battery")
    sign_in(browser)
    browser.post(f"{BASE}/invitations/sbd_secret", json={"password": PASSWORD})
    browser.put(f"{BASE}/me/password", json={"current": PASSWORD, "new": "quite another horse"})
    with door.database.reading() as session:
        text = str([tuple(row) for row in session.execute(sa.select(Audit.__table__))])
    assert "PUT" in text
    for word in ("anna", "hunter2", "horse", "sbd_secret", browser.cookies["sbd"]):
        assert word not in text


def test_what_cannot_be_logged_does_not_go_out(door: FrontDoor, anna: str) -> None:
    browser = door.signed_in()

    def read_only(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    door.database.close()
    sa.event.listen(door.database.engine, "connect", read_only)
    answer = browser.get(f"{PLAN}/archive")
    assert answer.status_code == 503
    assert "stub" not in answer.text
    assert browser.get(PLAN).json() == {"answer": "stub"}
    door.clock.forward(minutes=30)  # when "last seen" would be written
    assert browser.get(PLAN).status_code == 200


def test_who_administers_reads_the_log_by_page_and_by_what_he_looks_for(door: FrontDoor) -> None:
    chief_id = door.add_user("chief", is_administrator=True)
    chief = door.signed_in("chief")
    user_id = chief.post(f"{BASE}/users", json={"name": "anna"}).json()["user_id"]
    door.clock.forward(hours=1)
    chief.post(f"{BASE}/users/{user_id}/invitations")
    address, seen = f"{BASE}/audit?limit=2", []
    while address is not None:
        page = chief.get(address).json()
        seen += [(row["action"], row["user_id"]) for row in page["items"]]
        address = page["next"]
    actions = ["/session", "/users", "/users/{user_id}/invitations"]
    assert seen == [(f"POST {BASE}{action}", chief_id) for action in actions]

    def found(**words: str) -> list[str]:
        items = chief.get(f"{BASE}/audit", params=words).json()["items"]
        return [row["action"].removeprefix(f"POST {BASE}") for row in items]

    assert found(action=f"POST {BASE}/users") == ["/users"]
    assert found(since="2026-11-22T09:30:00Z") == ["/users/{user_id}/invitations"]
    assert found(user_id=user_id) == []
    assert found(user_id=chief_id) == actions


def test_nobody_else_reads_the_log(door: FrontDoor, anna: str) -> None:
    assert door.signed_in().get(f"{BASE}/audit").status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_changes_the_log(door: FrontDoor, method: str) -> None:
    door.add_user("chief", is_administrator=True)
    chief: TestClient = door.signed_in("chief")
    assert chief.request(method, f"{BASE}/audit").status_code == 405
