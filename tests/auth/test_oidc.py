"""Sign-in through a provider: a real one on loopback, and everything it could do wrong."""

from collections.abc import Callable, Iterator

import httpx
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from joserfc.jwk import OctKey, RSAKey

from api.auth.invitations import invite
from api.auth.limits import Often, Rate
from api.auth.settings import AuthSettings, OidcSettings
from api.store.database import Database
from api.store.people import Audit, User
from sbd.errors import InputError
from tests.auth.front_door import BASE, FrontDoor, is_in
from tests.auth.provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider

BEGIN = f"{BASE}/session/oidc"


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    """The running provider, without the faults of the test before."""
    one_provider.behave()
    return one_provider


@pytest.fixture
def oidc_door(database: Database, provider: Provider) -> FrontDoor:
    return door_with(database, provider.issuer, provider)


def door_with(
    database: Database, issuer: str, provider: Provider, name_claim: str = "email"
) -> FrontDoor:
    oidc = OidcSettings(issuer, CLIENT_ID, CLIENT_SECRET, name_claim=name_claim)
    door = FrontDoor(database, AuthSettings(secure_cookies=False, oidc=oidc))
    provider.now_s = door.clock.seconds
    return door


def invited(door: FrontDoor, name: str = "anna@example.org") -> str:
    """Write a user with an open invitation; return the id."""
    with door.database.session() as session:
        user = User(name=name)
        session.add(user)
        session.flush()
        invite(session, user, now=door.clock())
        return user.user_id


def begun(browser: TestClient, provider: Provider) -> str:
    """Return the address that the provider sends a browser back to."""
    answer = browser.get(BEGIN, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    assert address.startswith(f"{provider.issuer}/authorize?")
    return provider.authorize(address)


def came_back(door: FrontDoor, provider: Provider) -> tuple[TestClient, httpx.Response]:
    """Return a browser and the answer that it got when it came back from the provider."""
    browser = door.browser()
    return browser, browser.get(begun(browser, provider), follow_redirects=False)


def test_an_invited_person_is_signed_in_and_stays_known(
    oidc_door: FrontDoor, provider: Provider
) -> None:
    user_id = invited(oidc_door)
    browser, answer = came_back(oidc_door, provider)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    me = browser.get(f"{BASE}/me").json()
    assert (me["user_id"], me["has_provider"], me["has_password"]) == (user_id, True, False)
    # From now on the subject counts, whatever else changes at the provider.
    provider.person |= {"email": "anna.married@example.org"}
    again, _ = came_back(oidc_door, provider)
    assert again.get(f"{BASE}/me").json()["user_id"] == user_id


def test_each_way_in_through_the_provider_ends_in_a_row_of_the_log(
    oidc_door: FrontDoor, provider: Provider
) -> None:
    user_id = invited(oidc_door)
    came_back(oidc_door, provider)
    provider.person["sub"] = "subject-2"
    came_back(oidc_door, provider)
    oidc_door.browser().get(f"{BEGIN}/return", params={"code": "x", "state": "y"})
    with oidc_door.database.reading() as session:
        columns = Audit.action, Audit.status, Audit.user_id
        found = session.execute(sa.select(*columns).order_by(Audit.audit_id))
        assert [tuple(row) for row in found] == [
            (f"GET {BEGIN}/return", 303, user_id),
            (f"GET {BEGIN}/return", 403, None),
            (f"GET {BEGIN}/return", 401, None),
        ]


def test_wrong_answers_of_a_provider_have_a_rate(oidc_door: FrontDoor) -> None:
    oidc_door.allow(Often.SIGN_IN, Rate(3, 1 / 2))
    browser = oidc_door.browser()
    told = [browser.get(f"{BEGIN}/return").status_code for _ in range(5)]
    assert told == [401, 401, 401, 429, 429]


def test_the_session_says_where_the_provider_is(oidc_door: FrontDoor, door: FrontDoor) -> None:
    assert oidc_door.browser().get(f"{BASE}/session").json()["oidc"] == BEGIN
    assert door.browser().get(f"{BASE}/session").json()["oidc"] is None
    assert door.browser().get(BEGIN).status_code == 404


def test_nobody_gets_an_account_by_himself(oidc_door: FrontDoor, provider: Provider) -> None:
    oidc_door.add_user("anna@example.org")  # of that name, but not invited to come this way
    browser, answer = came_back(oidc_door, provider)
    assert answer.status_code == 403
    assert not is_in(browser)


def test_an_invitation_that_is_past_lets_nobody_in(
    oidc_door: FrontDoor, provider: Provider
) -> None:
    invited(oidc_door)
    oidc_door.clock.forward(days=7, seconds=1)
    assert came_back(oidc_door, provider)[1].status_code == 403


@pytest.mark.parametrize("verified", [False, None, "true"])
def test_an_email_that_nobody_verified_is_nobodys(
    oidc_door: FrontDoor, provider: Provider, verified: object
) -> None:
    invited(oidc_door)
    provider.person["email_verified"] = verified
    assert came_back(oidc_door, provider)[1].status_code == 403


def test_the_invited_name_is_taken_by_the_first_subject_only(
    oidc_door: FrontDoor, provider: Provider
) -> None:
    user_id = invited(oidc_door)
    came_back(oidc_door, provider)
    provider.person["sub"] = "subject-2"
    assert came_back(oidc_door, provider)[1].status_code == 403
    with oidc_door.database.reading() as session:
        assert session.get_one(User, user_id).oidc_subject == "subject-1"


def test_names_may_be_those_of_the_provider(database: Database, provider: Provider) -> None:
    door = door_with(database, provider.issuer, provider, name_claim="preferred_username")
    invited(door, "anna")
    assert came_back(door, provider)[1].status_code == 303


def test_who_is_shut_out_here_is_out_whatever_the_provider_says(
    oidc_door: FrontDoor, provider: Provider
) -> None:
    user_id = invited(oidc_door)
    came_back(oidc_door, provider)
    with oidc_door.database.session() as session:
        session.get_one(User, user_id).is_active = False
    assert came_back(oidc_door, provider)[1].status_code == 403


def other_key(provider: Provider) -> None:
    provider.signs_with = RSAKey.generate_key(2048)


def shared_secret(provider: Provider) -> None:
    # A client that takes HS256 checks with what everybody knows: the public key or its own secret.
    provider.signs_with, provider.header = OctKey.import_key(CLIENT_SECRET), {"alg": "HS256"}


def not_signed(provider: Provider) -> None:
    provider.header = {"alg": "none"}


WRONG: dict[str, Callable[[Provider], object]] = {
    "nonce": lambda provider: provider.wrong_claims.update(nonce="another"),
    "no nonce": lambda provider: provider.wrong_claims.update(nonce=None),
    "audience": lambda provider: provider.wrong_claims.update(aud="another"),
    "audiences without whom": lambda provider: provider.wrong_claims.update(aud=["other"]),
    "for whom": lambda provider: provider.wrong_claims.update(aud=[CLIENT_ID, "b"], azp="b"),
    "issuer": lambda provider: provider.wrong_claims.update(iss="https://evil.example"),
    "past": lambda provider: provider.wrong_claims.update(exp=int(provider.now_s()) - 61),
    "no end": lambda provider: provider.wrong_claims.update(exp=None),
    "no subject": lambda provider: provider.wrong_claims.update(sub=None),
    "not yet": lambda provider: provider.wrong_claims.update(nbf=int(provider.now_s()) + 90),
    "signature": other_key,
    "shared secret": shared_secret,
    "not signed": not_signed,
}


@pytest.mark.filterwarnings("ignore:JWS algorithm")
@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_token_lets_nobody_in(oidc_door: FrontDoor, provider: Provider, fault: str) -> None:
    invited(oidc_door)
    WRONG[fault](provider)
    browser, answer = came_back(oidc_door, provider)
    assert answer.status_code == 401, answer.text
    assert not is_in(browser)


def test_a_code_counts_once(oidc_door: FrontDoor, provider: Provider) -> None:
    invited(oidc_door)
    browser = oidc_door.browser()
    address = begun(browser, provider)
    kept = dict(browser.cookies)
    assert browser.get(address, follow_redirects=False).status_code == 303
    replay = oidc_door.browser(cookies=kept)
    assert replay.get(address, follow_redirects=False).status_code == 401
    # Nor at the provider, should a code be caught on its way and come in another sign-in.
    other = oidc_door.browser()
    fresh = begun(other, provider)
    code = address.partition("code=")[2].partition("&")[0]
    fresh_code = fresh.partition("code=")[2].partition("&")[0]
    assert other.get(fresh.replace(fresh_code, code), follow_redirects=False).status_code == 401


def test_an_answer_counts_once_even_where_the_provider_takes_its_code_twice(
    oidc_door: FrontDoor, provider: Provider
) -> None:
    invited(oidc_door)
    provider.takes_codes_twice = True
    browser = oidc_door.browser()
    address = begun(browser, provider)
    kept = dict(browser.cookies)
    assert browser.get(address, follow_redirects=False).status_code == 303
    replay = oidc_door.browser(cookies=kept)
    assert replay.get(address, follow_redirects=False).status_code == 401


@pytest.mark.parametrize("state", ["another", "", "%C3%A9"])
def test_an_answer_to_another_question_does_not_count(
    oidc_door: FrontDoor, provider: Provider, state: str
) -> None:
    invited(oidc_door)
    browser = oidc_door.browser()
    address = begun(browser, provider).partition("&state=")[0] + f"&state={state}"
    assert browser.get(address, follow_redirects=False).status_code == 401
    assert not is_in(browser)


def test_an_answer_counts_in_the_browser_that_asked(
    oidc_door: FrontDoor, provider: Provider
) -> None:
    invited(oidc_door)
    address = begun(oidc_door.browser(), provider)
    victim = oidc_door.browser()
    assert victim.get(address, follow_redirects=False).status_code == 401
    begun(victim, provider)  # one of his own runs, but that is another state
    assert victim.get(address, follow_redirects=False).status_code == 401
    assert not is_in(victim)


def test_an_answer_that_comes_too_late_counts_no_more(
    oidc_door: FrontDoor, provider: Provider
) -> None:
    invited(oidc_door)
    browser = oidc_door.browser()
    address = begun(browser, provider)
    oidc_door.clock.forward(minutes=10)
    assert browser.get(address, follow_redirects=False).status_code == 401


def test_a_refusal_of_the_provider_is_told(oidc_door: FrontDoor, provider: Provider) -> None:
    browser = oidc_door.browser()
    address = begun(browser, provider).replace("code=", "error=access_denied&was=")
    answer = browser.get(address, follow_redirects=False)
    assert answer.status_code == 403
    assert "access_denied" in answer.json()["detail"]


def test_new_keys_of_the_provider_are_fetched(oidc_door: FrontDoor, provider: Provider) -> None:
    invited(oidc_door)
    came_back(oidc_door, provider)
    provider.key = RSAKey.generate_key(2048, {"kid": "first"})
    assert came_back(oidc_door, provider)[1].status_code == 303
    provider.signs_with = provider.own_key  # what was withdrawn counts no more
    assert came_back(oidc_door, provider)[1].status_code == 401


def test_a_provider_that_is_down_is_a_bad_gateway(
    oidc_door: FrontDoor, provider: Provider, database: Database
) -> None:
    nobody_there = door_with(database, "http://127.0.0.1:9", provider)
    answer = nobody_there.browser().get(BEGIN, follow_redirects=False)
    assert answer.status_code == 502
    assert "127.0.0.1:9: out of reach" in answer.json()["detail"]
    provider.status = 503
    assert oidc_door.browser().get(BEGIN, follow_redirects=False).status_code == 502


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": None},
    ],
    ids=["issuer", "without TLS", "without endpoint"],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    oidc_door: FrontDoor, provider: Provider, document: dict[str, object]
) -> None:
    provider.document = document
    assert oidc_door.browser().get(BEGIN, follow_redirects=False).status_code == 502


@pytest.mark.parametrize("issuer", ["http://login.example.org", "ftp://127.0.0.1", "login", ""])
def test_a_provider_needs_tls(issuer: str) -> None:
    with pytest.raises(InputError, match="https"):
        OidcSettings(issuer, CLIENT_ID, CLIENT_SECRET)


def test_the_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "NAME_CLAIM"):
        monkeypatch.delenv(f"SBD_OIDC_{name}", raising=False)
    assert AuthSettings.from_environment().oidc is None
    monkeypatch.setenv("SBD_OIDC_ISSUER", "https://login.example.org/realm")
    with pytest.raises(InputError, match="SBD_OIDC_CLIENT_ID, SBD_OIDC_CLIENT_SECRET: not set"):
        AuthSettings.from_environment()
    monkeypatch.setenv("SBD_OIDC_CLIENT_ID", "sbd")
    monkeypatch.setenv("SBD_OIDC_CLIENT_SECRET", "s")
    found = AuthSettings.from_environment().oidc
    assert found == OidcSettings("https://login.example.org/realm", "sbd", "s")
    assert "'s'" not in repr(found)
    monkeypatch.setenv("SBD_OIDC_NAME_CLAIM", "nickname")
    with pytest.raises(InputError, match="take one of email, preferred_username"):
        AuthSettings.from_environment()
