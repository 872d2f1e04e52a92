"""One name is one person, however it is typed; and a provider's twin of it is nobody's."""

import sys
import unicodedata

import pytest

from api.auth.names import chosen_name, plain_name, vouched_name
from api.store.database import Database
from sbd.errors import InputError
from tests.auth.front_door import BASE, FrontDoor, is_in, sign_in
from tests.auth.provider import running_provider
from tests.auth.test_oidc import came_back, door_with, invited

# Each of them is read as the same name by people, or typed by them for it.
TWINS = {
    "capitals": "Jürgen@Example.org",
    "a combining accent": "ju\u0308rgen@example.org",
    "full width": "ｊürgen@example.org",
    "mathematical letters": "𝐣ürgen@example.org",
    "blanks around it": " jürgen@example.org ",
    "capitals with a combining accent": "JU\u0308RGEN@EXAMPLE.ORG",
}
OWN = "jürgen@example.org"

INVISIBLE = {
    "joiner": "\u200d",
    "non-joiner": "\u200c",
    "grapheme joiner": "\u034f",
    "variation selector": "\ufe0f",
    "hangul filler": "\u3164",
    "half-width hangul filler": "\uffa0",
    "second variation selector": "\U000e0100",
}


@pytest.fixture
def chief(door: FrontDoor) -> FrontDoor:
    door.add_user("chief", is_administrator=True)
    return door


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_twins_of_a_name_are_one_user(chief: FrontDoor, twin: str) -> None:
    browser = chief.signed_in("chief")
    assert browser.post(f"{BASE}/users", json={"name": OWN}).status_code == 201
    again = browser.post(f"{BASE}/users", json={"name": twin})
    assert again.status_code == (422 if twin != twin.strip() else 409)
    assert plain_name(twin) == OWN


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_whoever_types_a_twin_signs_in_as_himself(door: FrontDoor, twin: str) -> None:
    user_id = door.add_user(OWN)
    browser = door.browser()
    assert sign_in(browser, twin).json()["user"]["user_id"] == user_id


@pytest.mark.parametrize("sign", INVISIBLE.values(), ids=INVISIBLE)
def test_what_nobody_sees_makes_no_second_name(chief: FrontDoor, sign: str) -> None:
    browser = chief.signed_in("chief")
    for name in (f"an{sign}na", f"anna{sign}"):
        assert browser.post(f"{BASE}/users", json={"name": name}).status_code == 422
        with pytest.raises(InputError, match=r"name: U\+"):
            chosen_name(name)


@pytest.mark.parametrize("name", ["ﷺ", "a\u0020b", "a", "x" * 201, "a/c", "a\u0000b"])
def test_a_name_that_cannot_be_typed_back_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="name: "):
        chosen_name(name)


def test_the_plain_form_of_a_plain_form_is_itself() -> None:
    letters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    strange = [
        letter
        for letter in letters
        if plain_name(plain_name(letter)) != plain_name(letter)
        or plain_name(unicodedata.normalize("NFD", letter)) != plain_name(letter)
    ]
    assert strange == []


# What folds to the name of somebody who was invited, and may be another account there.
FOREIGN = {
    "the sign for kelvin": ("karl@example.org", "\u212aarl@example.org"),
    "a long s": ("anna.s@example.org", "anna.\u017f@example.org"),
    "an eszett": ("weiss@example.org", "weiß@example.org"),
    "a ligature": ("fiona@example.org", "\ufb01ona@example.org"),
    "full width": ("anna@example.org", "ａnna@example.org"),
    "a blank": ("anna@example.org", "anna@example.org "),
}


@pytest.mark.parametrize(("name", "claimed"), FOREIGN.values(), ids=FOREIGN)
def test_a_provider_gives_nobody_the_account_of_a_twin(
    database: Database, name: str, claimed: str
) -> None:
    with running_provider() as provider:
        door = door_with(database, provider.issuer, provider)
        invited(door, name)
        provider.person["email"] = claimed
        browser, answer = came_back(door, provider)
        assert answer.status_code == 403
        assert not is_in(browser)
        provider.person["email"] = name.capitalize()
        assert came_back(door, provider)[1].status_code == 303


def test_a_name_beyond_ascii_counts_as_it_is_kept(database: Database) -> None:
    with running_provider() as provider:
        door = door_with(database, provider.issuer, provider)
        invited(door, OWN)
        provider.person["email"] = OWN
        assert came_back(door, provider)[1].status_code == 303
    assert vouched_name("Jürgen@example.org") == OWN
    assert vouched_name("jÜrgen@example.org") is None
