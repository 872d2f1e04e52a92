"""Every address of the OpenAPI document, asked for by machine: good bodies, bad ones, in rows."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import CHECKS, load_all_checks

from api.auth.limits import Often, Rate, RateLimits
from api.auth.sign_in import begin_session, cookie_name
from api.auth.table import ONLY_IN_PERSON, PERMISSIONS
from api.queue import QueueLimits
from api.store import Assessment, CalendarEvent, Comment, Comparison, Export, Plan, Site, User
from tests.api.edited import keep_small_town, opened
from tests.api.machine import PHASES, faults_of, fill, without_long_lists
from tests.api.served import served, token_of
from tests.postgis import postgis_server
from tests.stored import Town, plan, town

pytestmark = pytest.mark.slow  # some thousand requests

# A job that a made-up body starts ends soon.
QUICK = QueueLimits(workers=1, job_seconds=3.0, cancel_grace_s=0.5)

# Rates are tested by themselves; here they would answer instead of the routes.
AS_OFTEN_AS_IT_LIKES = dict.fromkeys(Often, Rate(1_000_000, 1_000_000.0))

EASY = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
EXAMPLES = 4
MOST, ALL = 25, 1_000_000
ROWS, STEPS = 12, 5

# The page and the document itself are no operations of it.
DESCRIBED = sorted(set(PERMISSIONS) - {("GET", "/"), ("GET", "/api/v1/openapi.json")})

# What refuses a request that its schema takes, and why no schema can say it.
_BORDER = "a border crosses itself or holds nothing"
_EVENTS = "an event ends before it begins, or events lie years apart"
BEYOND_A_SCHEMA: dict[tuple[str, str], str] = {
    ("POST", "/api/v1/projects/{project_id}/uploads"): "the content is not what the name says",
    ("PUT", "/api/v1/projects/{project_id}/members/{user_id}"): _BORDER,
    (
        "GET",
        "/api/v1/projects/{project_id}/proposals",
    ): "a window ends south of its begin, or off the globe",
    ("POST", "/api/v1/projects/{project_id}/events"): _EVENTS,
    ("PUT", "/api/v1/events/{event_id}"): _EVENTS,
    ("POST", "/api/v1/projects/{project_id}/sites"): _BORDER,
    ("POST", "/api/v1/sites/{site_id}/proposals"): f"{_EVENTS}, or {_BORDER}",
    ("POST", "/api/v1/proposals/{proposal_id}/plans"): f"{_EVENTS}, or {_BORDER}",
    ("POST", "/api/v1/sites/{site_id}/edit-sessions"): f"{_EVENTS}, or {_BORDER}",
    (
        "POST",
        "/api/v1/edit-sessions/{session_id}/edits",
    ): f"{_BORDER}, lies elsewhere, or a line or a product is not there",
    ("POST", "/api/v1/tokens"): "an end lies behind us, or more than 366 days ahead",
    ("PUT", "/api/v1/me/password"): "a password is not that of the asker, or too common",
}

# What is taken although its schema says otherwise, and why.
TAKEN_ANYWAY: dict[tuple[str, str], str] = dict.fromkeys(
    [
        ("GET", "/ogc/collections/{collection_id}/items"),
        ("GET", "/ogc/processes"),
        ("GET", "/ogc/jobs"),
    ],
    "OGC API - Common: who asks for a larger page than there is gets the largest",
)

# Bodies with that of `POST /sites/{site_id}/proposals` in them: at their limits at night only.
LIKE_A_PROPOSAL = frozenset(
    {
        ("POST", "/api/v1/proposals/{proposal_id}/plans"),
        ("POST", "/api/v1/sites/{site_id}/edit-sessions"),
        ("POST", "/api/v1/edit-sessions/{session_id}/edits"),
    }
)

# Each operation was asked by itself before: without a token, and with what it takes. In a row a
# state may be in the way of a good body, and a change may come without the state that it is for.
ASKED_BY_THEMSELVES = ["ignored_auth", "positive_data_acceptance"]


@dataclass(frozen=True, slots=True)
class Running:
    """A service over a store with one of everything in it, and who asks."""

    address: str
    ids: dict[str, str]
    secret: str
    cookie: str
    is_thorough: bool

    @property
    def by_token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    @property
    def in_person(self) -> dict[str, str]:
        # A browser names its origin, or a change is not believed to be one of the own page.
        return {"Cookie": self.cookie, "Origin": self.address}


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgis", marks=pytest.mark.nightly)]
)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    with ExitStack() as stack:
        url = None
        if request.param == "postgis":
            url = stack.enter_context(postgis_server()).fresh_url()
        folder = tmp_path_factory.mktemp("openapi")
        yield stack.enter_context(_running(folder, url))


@contextmanager
def _running(folder: Path, url: str | None) -> Iterator[Running]:
    with served(folder / "store", QUICK, url) as (address, app):
        app.state.gate.limits = RateLimits(AS_OFTEN_AS_IT_LIKES)
        user_id, secret = token_of(app, "machine", is_administrator=True)
        with app.state.service.store.database.session() as session:
            signed_in = begin_session(session, app.state.gate, user_id)
        cookie = f"{cookie_name(app.state.gate.settings)}={signed_in}"
        made = town(app.state.service.store, folder / "site")
        ids = _one_of_everything(app, made, folder)
        running = Running(address, ids, secret, cookie, is_thorough=url is not None)
        edited = keep_small_town(app, made, folder / "edited")
        ids.update(opened(address, running.by_token, edited))
        yield running


def _one_of_everything(app: FastAPI, made: Town, folder: Path) -> dict[str, str]:
    """Fill the store; return the ids by the names that addresses give them."""
    store = app.state.service.store
    planned = plan(store, made, folder / "plan", number=1)
    ids = {
        "project_id": made.project_id,
        "site_id": made.site_id,
        "plan_id": planned.plan_id,
        "proposal_id": planned.proposal_id,
    }
    told = {"attribution": "OpenStreetMap contributors", "layers": {}}
    with store.database.session() as session:
        site = session.get_one(Site, made.site_id)
        site.request = {"place": "rautatientori"}
        site.record = {**site.record, **told, "zone_area_m2": 6_000.0, "report": []}
        row = session.get_one(Plan, planned.plan_id)
        verdict = {"standing": "holds", "holds": True, "checks": [], "conditions": []}
        row.record = {**row.record, **told, "verdict": verdict, "summary": {}, "text": "Holds."}
        whose = {"project_id": made.project_id, "created_by": made.user_id}
        days = {"date_from": date(2027, 12, 1), "date_to": date(2027, 12, 24)}
        rows = [
            CalendarEvent(
                **whose, **days, name="Market", opens="10:00", closes="20:00", people=500
            ),
            Comment(**whose, plan_id=row.plan_id, text="here?"),
            Export(**whose, plan_id=row.plan_id, audience="public", label="public"),
            Assessment(
                **whose,
                site_id=made.site_id,
                request={},
                record={**told, "summary": {}},
            ),
            Comparison(
                **whose,
                plan_a=row.plan_id,
                plan_b=row.plan_id,
                record={"units": {}, "measures": [], "changes": []},
            ),
            User(name="somebody"),
        ]
        session.add_all(rows)
        session.flush()
        for each in rows:
            key = type(each).__mapper__.primary_key[0].name
            ids[key] = getattr(each, key)
    return ids


@pytest.fixture(scope="module")
def document(running: Running) -> Any:
    path = f"{running.address}/api/v1/openapi.json"
    return without_long_lists(httpx.get(path, timeout=60.0).json())


def _left_out(row: tuple[str, str]) -> list[str]:
    """Return the checks that say nothing about an operation."""
    return [
        *(["positive_data_acceptance"] if row in BEYOND_A_SCHEMA else []),
        *(["negative_data_rejection"] if row in TAKEN_ANYWAY else []),
    ]


def _check(
    document: Any,
    running: Running,
    row: tuple[str, str],
    headers: dict[str, str],
    left_out: list[str],
) -> None:
    at_limits = running.is_thorough or row not in LIKE_A_PROPOSAL
    faults = faults_of(
        document,
        row,
        address=running.address,
        headers=headers,
        ids=running.ids,
        left_out=left_out,
        phases=[name for name in PHASES if at_limits or name != "coverage"],
        examples=EXAMPLES,
        most=ALL if running.is_thorough else MOST,
    )
    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize("row", DESCRIBED, ids=" ".join)
def test_no_request_breaks_the_service_or_its_word(document, running, row):
    _check(document, running, row, running.by_token, _left_out(row))


@pytest.mark.parametrize("row", sorted(ONLY_IN_PERSON), ids=" ".join)
def test_no_request_of_a_browser_does(document, running, row):
    # That check takes a token away, and leaves the cookie, which counts just as much.
    _check(document, running, row, running.in_person, [*_left_out(row), "ignored_auth"])


def test_the_session_that_the_machine_edited_still_takes_edits(running):
    asked = {"changes": [{"do": "pin", "line_id": running.ids["line_id"]}]}
    path = f"{running.address}/api/v1/edit-sessions/{running.ids['session_id']}/edits"
    answer = httpx.post(path, json=asked, headers=running.by_token, timeout=60.0)
    assert re.findall("^event: (.*)$", answer.text, re.M) == ["draft", "verdict", "cut"]


def test_no_row_of_linked_requests_does(document, running):
    """What is made is found, changed against its state, struck, and gone then."""
    load_all_checks()
    # A failure is told here; nothing is written beside the sources.
    config = schemathesis.Config.from_dict({"cache": {"enabled": False}})
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.config.update(base_url=running.address)
    schema.config.generation.with_security_parameters = False

    class Rows(schema.as_state_machine()):
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:  # theirs
            return {"headers": running.by_token}

        def before_call(self, case: Any) -> None:
            fill(case, running.ids)

        def validate_response(self, response: Any, case: Any, **options: Any) -> None:
            case.validate_response(
                response,
                excluded_checks=CHECKS.get_by_names(ASKED_BY_THEMSELVES),
                transport_kwargs=options,
                recorder=self.recorder,
            )

    run_state_machine_as_test(
        Rows, settings=settings(EASY, max_examples=ROWS, stateful_step_count=STEPS)
    )
