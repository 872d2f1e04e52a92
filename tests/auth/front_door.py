"""A service of the real ways in, with stubs for the rest, a clock to turn and cheap passwords."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth.demo import DemoSignIn
from api.auth.doorman import Doorman
from api.auth.gate import Gate
from api.auth.limits import RATES, Often, Rate, RateLimits
from api.auth.passwords import Passwords
from api.auth.permissions import allowed, check_table
from api.auth.settings import AuthSettings
from api.errors import install_error_handlers
from api.guard import Guard
from api.routes import audit, session, tokens, users
from api.settings import Limits
from api.store.database import Database
from api.store.people import User
from tests.auth.everything import OneEditSession

BASE = "/api/v1"
HOME = "http://127.0.0.1"
PASSWORD = "correct horse battery"


STUBS = [
    ("POST", f"{BASE}/projects"),
    ("GET", f"{BASE}/projects/{{project_id}}/sites"),
    ("POST", f"{BASE}/projects/{{project_id}}/sites"),
    ("POST", f"{BASE}/projects/{{project_id}}/uploads"),
    ("GET", f"{BASE}/plans/{{plan_id}}"),
    ("GET", f"{BASE}/plans/{{plan_id}}/archive"),
    ("GET", f"{BASE}/plans/{{plan_id}}/layers/{{layer}}"),
    ("POST", f"{BASE}/plans/{{plan_id}}/submission"),
]


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


class CountingHasher(PasswordHasher):
    """The real thing with the cheapest parameters; counts what it computes."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.looks = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002  # argon2's
        self.looks += 1
        return super().verify(hash, password)


class FrontDoor:
    """One service and what a test turns on it."""

    def __init__(
        self,
        database: Database,
        settings: AuthSettings | None = None,
        *,
        demo: DemoSignIn | None = None,
    ) -> None:
        self.clock = Clock()
        self.hasher = CountingHasher()
        self.database = database
        self.gate = Gate(
            database,
            settings or AuthSettings(secure_cookies=False),
            edit_sessions=OneEditSession(),
            limits=RateLimits(clock_s=self.clock.seconds),
            passwords=Passwords(self.hasher),
            clock=self.clock,
        )
        self.app = _app(self.gate, demo)

    def browser(self, **options: Any) -> TestClient:
        """Return a browser of its own, which names its origin as every one does."""
        headers = {"Origin": HOME, **options.pop("headers", {})}
        return TestClient(self.app, base_url=HOME, headers=headers, **options)

    def program(self, **options: Any) -> TestClient:
        """Return something that is no browser."""
        return TestClient(self.app, base_url=HOME, **options)

    def allow(self, often: Often, rate: Rate) -> None:
        """Set how often something may be done; the real rates take long to use up."""
        rates = {**RATES, often: rate}
        self.gate.limits = RateLimits(rates, clock_s=self.clock.seconds)

    def add_user(self, name: str = "anna", *, is_administrator: bool = False) -> str:
        """Write a user with the usual password; return the id."""
        with self.database.session() as session:
            user = User(
                name=name,
                is_administrator=is_administrator,
                password_hash=self.gate.passwords.hash(PASSWORD),
            )
            session.add(user)
            session.flush()
            return user.user_id

    def signed_in(self, name: str = "anna") -> TestClient:
        """Return a browser in which a user is signed in."""
        browser = self.browser()
        assert sign_in(browser, name).status_code == 200
        return browser


def sign_in(client: TestClient, name: str = "anna", password: str = PASSWORD) -> httpx.Response:
    return client.post(f"{BASE}/session", json={"name": name, "password": password})


def is_in(client: TestClient) -> bool:
    return client.get(f"{BASE}/me").status_code == 200


@functools.cache
def _routed() -> FastAPI:
    """Return the routes, which take long to make; every service of the tests has the same."""
    app = FastAPI(
        dependencies=[Depends(allowed)],
        openapi_url=f"{BASE}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    install_error_handlers(app)
    versioned = APIRouter(prefix=BASE)
    for part in (session, users, tokens, audit):
        versioned.include_router(part.router)
    app.include_router(versioned)
    for method, path in STUBS:
        app.add_api_route(path, _stub(), methods=[method], include_in_schema=False)
    check_table(app)
    return app


def _app(gate: Gate, demo: DemoSignIn | None) -> ASGIApp:
    routed = _routed()
    store = SimpleNamespace(database=gate.database)

    async def of_this_service(scope: Scope, receive: Receive, send: Send) -> None:
        routed.state.gate = gate
        routed.state.service = SimpleNamespace(store=store)
        await routed(scope, receive, send)

    doorman = Doorman(of_this_service, gate=gate, demo=demo)
    return Guard(doorman, limits=Limits(), hosts=("127.0.0.1",))


def _stub() -> Callable[[], dict[str, str]]:
    def answer() -> dict[str, str]:
        return {"answer": "stub"}

    return answer
