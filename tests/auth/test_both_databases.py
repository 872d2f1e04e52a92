"""What hangs on the database itself, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.auth.invitations import set_up_link
from api.store.base import Table
from api.store.database import Database, sqlite_url
from api.store.people import Audit, User
from tests.auth.everything import fill, ids_of
from tests.auth.front_door import BASE, HOME, PASSWORD, FrontDoor, is_in, sign_in
from tests.postgis import PostgisServer, postgis_server


@pytest.fixture(scope="session")
def postgis() -> Iterator[PostgisServer]:
    with postgis_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgis"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FrontDoor]:
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "store.db")
    else:
        url = request.getfixturevalue("postgis").fresh_url()
    database = Database(url)
    Table.metadata.create_all(database.engine)
    yield FrontDoor(database)
    database.close()


def test_a_day_of_a_user(door: FrontDoor) -> None:
    fill(door.database)
    door.add_user("chief", is_administrator=True)
    wrong = [sign_in(door.browser(), "chief", "wrong horse battery") for _ in range(6)]
    assert [answer.status_code for answer in wrong] == [401] * 5 + [429]
    door.clock.forward(seconds=30)
    chief = door.signed_in("chief")
    door.clock.forward(minutes=90)
    assert is_in(chief)  # and is seen, so that the two hours begin anew
    door.clock.forward(minutes=90)
    wish = {"name": "qgis", "expires": "2027-01-01T00:00:00Z"}
    token = chief.post(f"{BASE}/tokens", json=wish).json()
    sites = f"{BASE}/projects/{ids_of('a')['project_id']}/sites"
    assert door.program().get(sites, auth=("x", token["secret"])).status_code == 200
    assert chief.delete(f"{BASE}/tokens/{token['token_id']}").status_code == 204
    assert door.program().get(sites, auth=("x", token["secret"])).status_code == 401
    with door.database.reading() as session:
        statuses = session.scalars(sa.select(Audit.status).order_by(Audit.audit_id)).all()
    assert statuses == [401] * 5 + [200, 201, 204, 401]


def test_attempts_at_the_same_time_are_counted_one_by_one(door: FrontDoor) -> None:
    door.add_user()

    def attempt(_: int) -> int:
        return sign_in(door.browser(), "anna", "wrong horse battery").status_code

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(attempt, range(12))) == [401] * 5 + [429] * 7
    assert door.hasher.looks == 5


def test_of_two_who_use_a_link_at_once_one_comes_in(door: FrontDoor) -> None:
    link = set_up_link(door.database, HOME)
    assert link is not None
    address = f"{BASE}/invitations/{link.partition('=')[2]}"

    def use(number: int) -> int:
        wish = {"name": f"chief{number}", "password": PASSWORD}
        return door.browser().post(address, json=wish).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(use, range(4)))
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {404, 409}
    with door.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 1


@pytest.mark.parametrize("name", ["plan-%00", "plan-00000000000%00", "%ed%a0%80", "x" * 5_000])
def test_what_cannot_be_an_id_is_not_there(door: FrontDoor, name: str) -> None:
    door.add_user()
    assert door.signed_in().get(f"{BASE}/plans/{name}").status_code == 404


@pytest.mark.parametrize("name", ["\\u0000", "\\ud800", "' OR 1=1 --", "\\u202eanna", "a\\u0308"])
def test_no_name_breaks_the_sign_in(door: FrontDoor, name: str) -> None:
    door.add_user()
    wish = f'{{"name": "{name}", "password": "{name}"}}'
    headers = {"Content-Type": "application/json"}
    answer = door.browser().post(f"{BASE}/session", content=wish, headers=headers)
    assert answer.status_code in (401, 422)
