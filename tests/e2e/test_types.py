"""What the page believes of the service's answers, held against the OpenAPI document."""

import re
from pathlib import Path
from typing import Any

import pytest

from api.auth.table import NEEDS_OF_ADMINISTRATOR, NEEDS_OF_ROLE, PERMISSIONS
from api.main import create_app
from sbd.proposal.compare import FAILURES, MEASURES

TYPES = Path(__file__).parents[2] / "web" / "src" / "types.ts"

# The page's own names for what the document calls otherwise.
SCHEMAS = {
    "Account": "UserOut",
    "CalendarEvent": "EventOut",
    "Comment": "CommentOut",
    "CommentRequest": "CommentIn",
    "Copy": "ExportOut",
    "Comparison": "ComparisonOut",
    "CostRange": "CostRange",
    "Deed": "AuditOut",
    "EventDays": "EventIn",
    "Frontage": "FrontageOut",
    "Invitation": "InvitationOut",
    "Invited": "InvitedOut",
    "Job": "JobOut",
    "Member": "MemberOut",
    "MemberRequest": "MemberIn",
    "Own": "MeOut",
    "Plan": "PlanOut",
    "PlanFile": "FileOut",
    "Problem": "Problem",
    "Project": "ProjectOut",
    "Proposal": "ProposalOut",
    "Review": "ReviewOut",
    "ReviewState": "ReviewState",
    "Site": "SiteOut",
    "Token": "TokenOut",
    "TokenMade": "TokenMade",
    "TokenRequest": "TokenIn",
    "Upload": "UploadOut",
    "User": "UserBrief",
    "Who": "SessionOut",
}


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found: dict[str, Any] = create_app(tmp_path_factory.mktemp("store")).openapi()
    return dict(found["components"]["schemas"])


def fields_of(name: str) -> dict[str, str]:
    """Return the fields of an interface of the page with their types."""
    text = TYPES.read_text(encoding="utf-8")
    found = re.search(
        rf"^export interface {name}\b[^{{]*\{{\n(.*?)^\}}", text, re.DOTALL | re.MULTILINE
    )
    assert found, f"types.ts: no interface {name}"
    return dict(re.findall(r"^  (\w+)\??: (.+);$", found[1], re.MULTILINE))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_page_reads_only_fields_that_there_are(name: str, schemas: dict[str, Any]) -> None:
    known = schemas[SCHEMAS[name]]["properties"]
    assert fields_of(name).keys() <= known.keys()


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_page_knows_what_may_be_missing(name: str, schemas: dict[str, Any]) -> None:
    known = schemas[SCHEMAS[name]]["properties"]
    may_be_null = {
        field for field in fields_of(name) if {"type": "null"} in known[field].get("anyOf", [])
    }
    assert {field for field, kind in fields_of(name).items() if "null" in kind} >= may_be_null


@pytest.mark.parametrize(
    "name", ["PlanState", "Role", "Discipline", "Decision", "Audience", "Scope", "JobState"]
)
def test_the_page_knows_every_word_of_a_choice(name: str, schemas: dict[str, Any]) -> None:
    text = TYPES.read_text(encoding="utf-8")
    found = re.search(rf"^export type {name} = ([^;]+);", text, re.MULTILINE)
    assert found
    assert set(re.findall(r'"(\w+)"', found[1])) == set(schemas[name]["enum"])


def test_the_page_gives_each_role_the_buttons_that_the_service_lets_it_use() -> None:
    text = TYPES.with_name("rights.ts").read_text(encoding="utf-8")
    known = set(_words(_after(text, "type Need = ", ";")))
    table = _after(text, "NEEDS_OF_ROLE: Record<Role, Need[]> = {", "}")
    shown = {role: set(_words(needs)) for role, needs in re.findall(r"(\w+): \[(.*?)\]", table)}
    assert shown == {role: known & needs for role, needs in NEEDS_OF_ROLE.items()}
    administrator = _words(_after(text, "NEEDS_OF_ADMINISTRATOR: Need[] = [", "]"))
    assert set(administrator) == known & NEEDS_OF_ADMINISTRATOR


# What each screen around the plans asks for first.
LISTS = {
    "proposals": "/projects/{project_id}/proposals",
    "calendar": "/projects/{project_id}/events",
    "work": "/projects/{project_id}/jobs",
    "project": "/projects/{project_id}/members",
    "users": "/users",
    "log": "/audit",
    "account": "/tokens",
}


def test_the_page_opens_its_screens_to_whom_the_service_answers() -> None:
    text = TYPES.with_name("desks.ts").read_text(encoding="utf-8")
    rows = re.findall(r'name: "(\w+)", title: "\w+", need: (?:"(\w+)"|null)', text)
    needs = {name: need or "signed in" for name, need in rows}
    assert needs == {
        name: PERMISSIONS["GET", f"/api/v1{path}"].value for name, path in LISTS.items()
    }


def test_the_page_has_words_for_deeds_that_there_are() -> None:
    text = TYPES.with_name("deeds.ts").read_text(encoding="utf-8")
    told = re.findall(r"\[`(\w+) \$\{API\}(.+?)`\]", text)
    assert len(told) > 30
    assert {(method, f"/api/v1{path}") for method, path in told} <= PERMISSIONS.keys()


def test_the_page_has_words_for_every_measure_of_a_comparison() -> None:
    text = TYPES.with_name("differences.ts").read_text(encoding="utf-8")
    told = set(re.findall(r"^  (\w+): ", _after(text, "MEASURES: ", "};"), re.MULTILINE))
    assert {key for key, *_ in (*MEASURES, *FAILURES)} <= told


def _words(text: str) -> list[str]:
    return re.findall(r'"(\w+)"', text)


def _after(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]
