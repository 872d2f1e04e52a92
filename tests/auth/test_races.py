"""Two at once: what an old password or session opens ends with it, also when it is under way."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from api.auth.invitations import accept, invite
from api.auth.limits import Often, RateLimits
from api.auth.passwords import Passwords
from api.store.people import Token, User
from tests.auth.front_door import BASE, PASSWORD, CountingHasher, FrontDoor, is_in, sign_in

LATER = "2026-12-24T00:00:00Z"
NEW = "another horse of hers"


def link_of(door: FrontDoor, user_id: str) -> str:
    """Return the secret of a link for a user."""
    with door.database.session() as session:
        secret, _ = invite(session, session.get_one(User, user_id), now=door.clock())
    return secret


def uses_link(door: FrontDoor, user_id: str) -> Callable[[], None]:
    """Return what somebody does who was given a link, once."""
    secrets = [link_of(door, user_id)]

    def use() -> None:
        if secrets:
            accept(door.gate, secrets.pop(), name=None, password=NEW)

    return use


class Interrupted(CountingHasher):
    """Does something else while a password is looked at: that takes as long as it takes."""

    def __init__(self, meanwhile: Callable[[], None], time_cost: int = 1) -> None:
        super().__init__(time_cost)
        self._meanwhile = meanwhile

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002  # argon2's
        is_right = super().verify(hash, password)
        self._meanwhile()
        return is_right


class Interrupting(RateLimits):
    """Does something else as soon as it is known who asks."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    def take(self, often: Often, who: str) -> None:
        super().take(often, who)
        self._meanwhile()


# With a hash of weaker days the old password would even be kept again.
@pytest.mark.parametrize("time_cost", [1, 2])
def test_an_old_password_that_is_being_checked_opens_nothing_once_a_link_is_used(
    door: FrontDoor, time_cost: int
) -> None:
    user_id = door.add_user()
    door.gate.passwords = Passwords(Interrupted(uses_link(door, user_id), time_cost))
    thief = door.browser()
    assert sign_in(thief).status_code == 401
    assert not is_in(thief)
    assert sign_in(door.browser(), "anna", PASSWORD).status_code == 401
    assert sign_in(door.browser(), "anna", NEW).status_code == 200


def test_whoever_changes_the_password_while_a_link_is_used_changes_nothing(
    door: FrontDoor,
) -> None:
    user_id = door.add_user()
    thief = door.signed_in()
    door.gate.passwords = Passwords(Interrupted(uses_link(door, user_id)))
    wish = {"current": PASSWORD, "new": "the horse of a thief"}
    assert thief.put(f"{BASE}/me/password", json=wish).status_code == 401
    assert not is_in(thief)
    assert sign_in(door.browser(), "anna", "the horse of a thief").status_code == 401
    assert sign_in(door.browser(), "anna", NEW).status_code == 200


def test_who_is_shut_out_while_his_password_is_checked_is_out(door: FrontDoor) -> None:
    user_id = door.add_user()

    def shut_out() -> None:
        with door.database.session() as session:
            session.get_one(User, user_id).is_active = False

    door.gate.passwords = Passwords(Interrupted(shut_out))
    browser = door.browser()
    assert sign_in(browser).status_code == 401
    with door.database.session() as session:
        session.get_one(User, user_id).is_active = True
    assert not is_in(browser)


def test_a_token_that_is_asked_for_while_a_link_is_used_is_not_made(door: FrontDoor) -> None:
    user_id = door.add_user()
    thief = door.signed_in()
    door.gate.limits = Interrupting(uses_link(door, user_id))
    wish = {"name": "stays", "scope": "write", "expires": LATER}
    assert thief.post(f"{BASE}/tokens", json=wish).status_code == 401
    with door.database.reading() as session:
        assert session.scalars(sa.select(Token)).all() == []


def test_one_link_on_two_connections_is_used_once(door: FrontDoor) -> None:
    user_id = door.add_user()
    secret = link_of(door, user_id)

    def use_it() -> None:
        accept(door.gate, secret, name=None, password=NEW)

    class Hashing(CountingHasher):
        def hash(self, *given: Any, **options: Any) -> str:
            if not self.looks:
                self.looks += 1
                use_it()
            return super().hash(*given, **options)

    door.gate.passwords = Passwords(Hashing())
    second = door.browser()
    wish = {"password": "the horse of a thief"}
    assert second.post(f"{BASE}/invitations/{secret}", json=wish).status_code in (404, 409)
    assert not is_in(second)
    assert sign_in(door.browser(), "anna", NEW).status_code == 200
