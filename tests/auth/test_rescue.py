"""The one administrator has lost his password: a link from the machine itself."""

import re
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from api.auth.invitations import admin_link
from api.errors import UnknownResourceError
from api.queue import QueueLimits
from api.store import Store
from api.store.migrating import migrate, revisions
from api.store.people import Audit, User
from sbd.cli import main
from tests.api.served import served
from tests.auth.front_door import BASE, HOME, PASSWORD, FrontDoor, is_in, sign_in

NEW = "quite another horse"


def use(door: FrontDoor, link: str, password: str = NEW) -> int:
    address, _, secret = link.partition("/#invitation=")
    assert address == HOME
    answer = door.browser().post(f"{BASE}/invitations/{secret}", json={"password": password})
    return answer.status_code


def test_a_link_lets_the_one_administrator_in_again_and_nobody_else(door: FrontDoor) -> None:
    user_id = door.add_user("chief", is_administrator=True)
    door.add_user("anna")
    thief, anna = door.signed_in("chief"), door.signed_in("anna")
    name, link = admin_link(door.database, HOME)
    assert name == "chief"
    assert not is_in(thief)
    assert is_in(anna)
    assert use(door, link) == 200
    assert use(door, link) == 404
    assert sign_in(door.browser(), "chief").status_code == 401
    assert sign_in(door.browser(), "chief", NEW).status_code == 200
    with door.database.reading() as session:
        told = sa.select(Audit.item_id).where(Audit.action.startswith("link for an administrator"))
        assert session.scalars(told).all() == [user_id]


def test_the_last_link_counts(door: FrontDoor) -> None:
    door.add_user("chief", is_administrator=True)
    first, second = (admin_link(door.database, HOME)[1] for _ in range(2))
    assert use(door, first) == 404
    assert use(door, second) == 200


def test_who_waits_after_wrong_passwords_waits_no_more(door: FrontDoor) -> None:
    door.add_user("chief", is_administrator=True)
    for _ in range(5):
        sign_in(door.browser(), "chief", "wrong horse battery")
    assert sign_in(door.browser(), "chief").status_code == 429
    assert use(door, admin_link(door.database, HOME)[1]) == 200
    assert sign_in(door.browser(), "chief", NEW).status_code == 200


def test_where_several_administer_a_name_says_who_is_meant(door: FrontDoor) -> None:
    door.add_user("chief", is_administrator=True)
    door.add_user("deputy", is_administrator=True)
    with pytest.raises(UnknownResourceError, match="give one of chief, deputy"):
        admin_link(door.database, HOME)
    assert admin_link(door.database, HOME, name=" Deputy ")[0] == "deputy"


@pytest.mark.parametrize("name", ["anna", "nobody", "", "shut-out"])
def test_only_who_administers_gets_a_link(door: FrontDoor, name: str) -> None:
    door.add_user("chief", is_administrator=True)
    door.add_user("anna")
    shut_out = door.add_user("shut-out", is_administrator=True)
    with door.database.session() as session:
        session.get_one(User, shut_out).is_active = False
    browser = door.signed_in("anna")
    with pytest.raises(UnknownResourceError, match="is none of them; give one of chief"):
        admin_link(door.database, HOME, name=name)
    assert is_in(browser)
    with door.database.reading() as session:
        assert (
            session.scalars(sa.select(Audit.action).where(Audit.action.contains("link"))).all()
            == []
        )


def test_where_nobody_administers_the_start_gives_the_link(door: FrontDoor) -> None:
    with pytest.raises(UnknownResourceError, match="start the service"):
        admin_link(door.database, HOME)


def test_the_command_works_on_a_store_that_a_service_uses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(tmp_path / "data", QueueLimits(workers=1)) as (address, app):
        with app.state.service.store.database.session() as session:
            session.add(User(name="chief", is_administrator=True))
        words = ["admin-link", "--data", str(tmp_path / "data"), "--user", "chief"]
        assert main([*words, "--url", address]) == 0
        (link,) = re.findall(r"at (http\S+)$", capsys.readouterr().out.strip())
        assert link.startswith(f"{address}/#invitation=")
        secret = link.partition("=")[2]
        path = f"{address}{BASE}/invitations/{secret}"
        answer = httpx.post(path, json={"password": PASSWORD}, headers={"Origin": address})
        assert answer.status_code == 200
        assert answer.json()["user"]["name"] == "chief"


@pytest.mark.parametrize("made", ["nothing", "folder"])
def test_where_there_is_no_store_none_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: str
) -> None:
    data = tmp_path / "data"
    if made == "folder":
        data.mkdir()
    assert main(["admin-link", "--data", str(data)]) == 2
    assert "no store in it; name the right one" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.sqlite"))


def test_a_store_of_an_older_version_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(tmp_path)
    migrate(store.database, target=revisions()[0])
    store.close()
    assert main(["admin-link", "--data", str(tmp_path)]) != 0
    assert "start the service once with this one" in capsys.readouterr().err
