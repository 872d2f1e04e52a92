"""Before the routes: a stranger's body, the demo, passwords of weaker days."""

from typing import Any

import anyio
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.auth.demo import DemoSignIn
from api.auth.passwords import Passwords
from api.store.people import User
from tests.auth.everything import fill, ids_of
from tests.auth.front_door import BASE, CountingHasher, FrontDoor, sign_in


def test_the_body_of_a_stranger_is_not_read(door: FrontDoor) -> None:
    fill(door.database)
    reads, sent = 0, []

    async def receive() -> dict[str, Any]:
        nonlocal reads
        reads += 1
        return {"type": "http.request", "body": b"x" * 1_000, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    path = f"{BASE}/projects/{ids_of('a')['project_id']}/uploads"
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"multipart/form-data")],
        "client": ("192.0.2.7", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
    }
    anyio.run(door.app, scope, receive, send)
    assert sent[0]["status"] == 401
    assert reads == 0


def demo_client(door: FrontDoor, host: str = "127.0.0.1", **headers: str) -> TestClient:
    """Return somebody who asks a demo over the same store."""
    demo = DemoSignIn(door.database)
    demo.open()
    return FrontDoor(door.database, demo=demo).browser(client=(host, 1), headers=headers)


def test_the_demo_signs_this_machine_in(door: FrontDoor) -> None:
    client = demo_client(door)
    found = client.get(f"{BASE}/session").json()
    assert found["is_demo"] is True
    assert found["user"]["name"] == "demo"
    assert client.post(f"{BASE}/projects").status_code == 200


@pytest.mark.parametrize("host", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "testclient"])
def test_the_demo_signs_no_other_machine_in(door: FrontDoor, host: str) -> None:
    client = demo_client(door, host)
    assert client.get(f"{BASE}/me").status_code == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_the_demo_signs_nobody_in_through_a_proxy(door: FrontDoor, header: str) -> None:
    assert demo_client(door, **{header: "192.0.2.7"}).get(f"{BASE}/me").status_code == 401


def test_the_demo_user_has_no_password(door: FrontDoor) -> None:
    demo_client(door)
    for password in ("", "demo", "x"):
        assert sign_in(door.browser(), "demo", password).status_code in (401, 422)


def test_a_hash_of_weaker_days_is_made_anew_when_its_user_comes(door: FrontDoor) -> None:
    user_id = door.add_user()
    door.gate.passwords = Passwords(CountingHasher(time_cost=2))
    with door.database.reading() as session:
        before = session.scalar(sa.select(User.password_hash).where(User.user_id == user_id))
    assert sign_in(door.browser()).status_code == 200
    with door.database.reading() as session:
        after = session.scalar(sa.select(User.password_hash).where(User.user_id == user_id))
    assert before is not None
    assert after is not None
    assert ",t=1," in before
    assert ",t=2," in after
    assert sign_in(door.browser()).status_code == 200
