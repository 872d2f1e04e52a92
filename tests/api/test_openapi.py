"""Every address of the OpenAPI document, asked for by machine: good bodies, bad ones, in rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from api.auth.limits import Often, Rate, RateLimits
from api.auth.sign_in import begin_session, cookie_name
from api.auth.table import ONLY_IN_PERSON, PERMISSIONS
from api.queue import QueueLimits
from api.store import Assessment, CalendarEvent, Comment, Comparison, Export, Plan, Site, User
from api.store.base import ID_PATTERN
from tests.api.served import served, token_of
from tests.stored import plan, town

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
ROWS, STEPS = 12, 5

# The page and the document itself are no operations of it.
DESCRIBED = sorted(set(PERMISSIONS) - {("GET", "/"), ("GET", "/api/v1/openapi.json")})

# What keeps a body from being good that no schema of its parts can tell: one of two fields is
# given, a word is one of the catalogue's, a border does not cross itself, a window is no window,
# a time lies in the next year, a name is the asker's own.
BEYOND_A_SCHEMA = frozenset(
    {
        ("POST", "/api/v1/projects/{project_id}/sites"),
        ("POST", "/api/v1/projects/{project_id}/uploads"),
        ("PUT", "/api/v1/projects/{project_id}/members/{user_id}"),
        ("GET", "/api/v1/projects/{project_id}/proposals"),
        ("POST", "/api/v1/sites/{site_id}/assessments"),
        ("POST", "/api/v1/sites/{site_id}/proposals"),
        ("POST", "/api/v1/sites/{site_id}/edit-sessions"),
        ("POST", "/api/v1/proposals/{proposal_id}/plans"),
        ("POST", "/api/v1/edit-sessions/{session_id}/edits"),
        ("POST", "/api/v1/tokens"),
        ("PUT", "/api/v1/me/password"),
        ("POST", "/ogc/processes/{process_id}/execution"),
        ("GET", "/ogc/collections/{collection_id}/items"),
        ("GET", "/ogc/collections/{collection_id}/items/{feature_id}"),
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

    @property
    def by_token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    @property
    def in_person(self) -> dict[str, str]:
        # A browser names its origin, or a change is not believed to be one of the own page.
        return {"Cookie": self.cookie, "Origin": self.address}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("openapi")
    with served(folder / "store", QUICK) as (address, app):
        app.state.gate.limits = RateLimits(AS_OFTEN_AS_IT_LIKES)
        user_id, secret = token_of(app, "machine", is_administrator=True)
        with app.state.service.store.database.session() as session:
            signed_in = begin_session(session, app.state.gate, user_id)
        cookie = f"{cookie_name(app.state.gate.settings)}={signed_in}"
        yield Running(address, _one_of_everything(app, folder), secret, cookie)


def _one_of_everything(app: FastAPI, folder: Path) -> dict[str, str]:
    """Fill the store; return the ids by the names that addresses give them."""
    store = app.state.service.store
    made = town(store, folder / "site")
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
    # A failure is told here; nothing is written beside the sources.
    config = schemathesis.Config.from_dict({"cache": {"enabled": False}})
    found = schemathesis.openapi.from_url(f"{running.address}/api/v1/openapi.json", config=config)
    # Somebody signs in in one way: made-up cookies beside a good token would say nothing.
    found.config.generation.with_security_parameters = False
    return found


def _fill(case: Any, ids: dict[str, str]) -> None:
    """Put ids that are there in the place of made-up ones, or most requests would end in 404."""
    for name, value in (case.path_parameters or {}).items():
        # One that a creation has answered names its kind; one that is made up does not.
        is_made_up = re.fullmatch(ID_PATTERN, str(value)) and not value.startswith(
            f"{name.removesuffix('_id')}-"
        )
        # What is struck is gone for all requests behind: rows of creations strike their own.
        if is_made_up and name in ids and case.method != "DELETE":
            case.path_parameters[name] = ids[name]


def _left_out(case: Any) -> list[Any]:
    """Return the checks that say nothing about an operation."""
    load_all_checks()
    is_beyond = (case.method.upper(), case.operation.path) in BEYOND_A_SCHEMA
    return CHECKS.get_by_names(["positive_data_acceptance"]) if is_beyond else []


def _can_be_wrong(operation: Any) -> bool:
    said = operation.definition.raw
    return "requestBody" in said or bool(said.get("parameters"))


def _ask(
    document: Any,
    row: tuple[str, str],
    ids: dict[str, str],
    mode: GenerationMode,
    headers: dict[str, str],
) -> None:
    """Send some requests of one operation, all good or all bad, and check the answers."""
    method, path = row
    operation = document[path][method]
    if mode is GenerationMode.NEGATIVE and not _can_be_wrong(operation):
        pytest.skip("nothing of the request is looked at")
    needs_match = any(parameter.name == "if-match" for parameter in operation.headers)

    @settings(EASY, max_examples=EXAMPLES)
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        _fill(case, ids)
        # It may be left out, and is asked for then (428): none of the good requests goes without.
        if mode is GenerationMode.POSITIVE and needs_match:
            case.headers["if-match"] = "*"
        excluded = _left_out(case)
        if "Cookie" in headers:
            # It takes a token away, and leaves the cookie, which counts just as much.
            excluded += CHECKS.get_by_names(["ignored_auth"])
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    each()


@pytest.mark.parametrize("row", DESCRIBED, ids=" ".join)
@pytest.mark.parametrize("mode", GenerationMode)
def test_no_request_breaks_the_service_or_its_word(document, running, row, mode):
    _ask(document, row, running.ids, mode, running.by_token)


@pytest.mark.parametrize("row", sorted(ONLY_IN_PERSON), ids=" ".join)
@pytest.mark.parametrize("mode", GenerationMode)
def test_no_request_of_a_browser_does(document, running, row, mode):
    _ask(document, row, running.ids, mode, running.in_person)


def test_no_row_of_linked_requests_does(document, running):
    """What is made is found, changed against its state, struck, and gone then."""
    load_all_checks()

    class Rows(document.as_state_machine()):
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:  # theirs
            return {"headers": running.by_token}

        def before_call(self, case: Any) -> None:
            _fill(case, running.ids)

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
