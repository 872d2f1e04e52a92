"""One operation of the OpenAPI document, asked for by schemathesis: its faults, in words."""

import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import schemathesis
from schemathesis import GenerationMode
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from api.store.base import ID_PATTERN

PHASES = ("examples", "coverage", "fuzzing")

# Lists of thousands say as much as lists of five, and take minutes.
_LONG_LIST = 5

_KEY = re.compile(r"[\x21-\x7e]{8,200}")


def without_long_lists(document: Any) -> Any:
    """Return a document that says nothing of how long a long list may be."""
    if isinstance(document, list):
        return [without_long_lists(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        name: without_long_lists(value)
        for name, value in document.items()
        if not (name == "maxItems" and isinstance(value, int) and value > _LONG_LIST)
    }


def faults_of(
    document: Mapping[str, Any],
    row: tuple[str, str],
    *,
    address: str,
    headers: dict[str, str],
    ids: Mapping[str, str],
    left_out: Collection[str] = (),
    phases: Collection[str] = PHASES,
    examples: int,
    most: int,
) -> list[str]:
    """Return what answers to an operation's own examples, its limits and made-up requests break.

    Parameters
    ----------
    document : mapping
        The OpenAPI document.
    row : (method, address template)
        The operation.
    headers : dict
        By which somebody is signed in.
    ids : mapping
        Ids that are there, by the names that addresses give them.
    left_out : collection of str
        Checks that say nothing about this operation.
    phases : collection of str
        Of `PHASES`.
    examples : int
        How many requests are made up.
    most : int
        How many of the requests at the limits are sent; of those behind them each tenth is.
    """
    method, path = row
    config = schemathesis.Config.from_dict(_settings(left_out, phases, examples))
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.config.update(base_url=address)
    schema.config.headers = headers
    sent = 0

    @schema.hook
    def filter_case(_: Any, case: Any) -> bool:
        nonlocal sent
        sent += 1
        return sent <= most or sent % 10 == 0

    @schema.hook
    def map_case(_: Any, case: Any) -> Any:
        fill(case, ids)
        return case

    found: list[str] = []
    for event in from_schema(schema.include(method=method, path=path)).execute():
        if isinstance(event, events.ScenarioFinished):
            found += _faults(event.recorder)
        elif isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.value}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def fill(case: Any, ids: Mapping[str, str]) -> None:
    """Put what is there in the place of what is made up, or most requests would say nothing.

    A change names the state that it is made against; what leaves it out is asked for it (428). A
    key is new each time: a made-up one would be that of another request.
    """
    for name, value in (case.path_parameters or {}).items():
        # One that a creation has answered names its kind; one that is made up does not.
        is_made_up = re.fullmatch(ID_PATTERN, str(value)) and not value.startswith(
            f"{name.removesuffix('_id')}-"
        )
        # What is struck is gone for all requests behind: rows of creations strike their own.
        if is_made_up and name in ids and case.method != "DELETE":
            case.path_parameters[name] = ids[name]
    is_good = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if is_good and isinstance(case.body, dict):
        case.body = {**case.body, **_changes_of_what_is_there(case.body, ids)}
    if is_good and any(parameter.name == "if-match" for parameter in case.operation.headers):
        case.headers["if-match"] = "*"
    if _KEY.fullmatch(str((case.headers or {}).get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = secrets.token_hex(8)


def _changes_of_what_is_there(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the changes of a draft with a line that is there; what is removed is gone for all."""
    changes = body.get("changes")
    if not isinstance(changes, list):
        return {}
    placed = [
        {**change, "line_id": ids["line_id"]}
        if "line_id" in change and change["do"] not in ("add", "remove")
        else change
        for change in changes
    ]
    return {"changes": placed}


def _settings(left_out: Collection[str], phases: Collection[str], examples: int) -> dict[str, Any]:
    return {
        "cache": {"enabled": False},  # nothing is written beside the sources
        "continue-on-failure": True,
        "suppress-health-check": ["all"],
        "generation": {
            "max-examples": examples,
            "deterministic": True,
            "database": "none",
            "no-shrink": True,
            # Somebody signs in in one way: made-up cookies beside a good token say nothing.
            "with-security-parameters": False,
        },
        "checks": {name: {"enabled": False} for name in left_out},
        "phases": {name: {"enabled": name in phases} for name in (*PHASES, "stateful")},
    }


def _faults(recorder: ScenarioRecorder) -> Iterator[str]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                asked = recorder.cases[case_id].value.as_curl_command()
                yield f"{check.name}: {failure.title}: {failure.message}\n{asked}"
