"""What no body may hold: each fault is refused where it comes in, with what it may be."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError
from shapely.geometry import box, mapping

from api.schemas import (
    CommentIn,
    EventIn,
    ExportIn,
    MemberIn,
    Model,
    PlanRequest,
    Polygon,
    ProjectIn,
    SiteRequest,
    TokenIn,
    UserIn,
)
from api.store import CalendarEvent
from sbd.errors import InputError
from sbd.proposal.calendar import Event

MARKET = {
    "name": "Market",
    "date_from": "2027-11-22",
    "date_to": "2027-12-23",
    "opens": "10:00",
    "closes": "20:00",
    "people": 500,
}
PLAN = {"vehicles": ["N1"]}
TOKEN = {"name": "QGIS", "expires": "2027-06-30T00:00:00Z"}
REVIEWER = {"role": "reviewer", "disciplines": ["fire"]}
COMMENT = {"text": "The kerb is too high."}
COPY = {"audience": "public"}
SITE = {"place": "rautatientori"}
NOTHING_TO_READ = [" ", "", "\t", "\u2003", "a\nb", "a\u0085b", "a\x00b"]

GOOD: list[tuple[type[Model], dict[str, Any]]] = [
    (EventIn, MARKET),
    (PlanRequest, PLAN),
    (TokenIn, TOKEN),
    (MemberIn, REVIEWER),
    (CommentIn, COMMENT),
    (ExportIn, COPY),
    (SiteRequest, SITE),
]

NO_LINES = [
    (EventIn, MARKET, "name"),
    (TokenIn, TOKEN, "name"),
    (ProjectIn, {}, "name"),
    (ExportIn, COPY, "title"),
    (CommentIn, COMMENT, "line_id"),
    (SiteRequest, SITE, "close"),
    (PlanRequest, {}, "vehicles"),
    (PlanRequest, PLAN, "desire_widths_m"),
]


def point(longitude: Any, latitude: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def ring(*corners: list[Any]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*corners]]}


REFUSED: list[tuple[type[Model], dict[str, Any], dict[str, Any], str]] = [
    (EventIn, MARKET, {"date_to": "2027-11-21"}, "date_to 2027-11-21 before date_from 2027-11-22"),
    (EventIn, MARKET, {"date_to": "2028-11-22"}, "more than a year \\(366 days\\)"),
    (EventIn, MARKET, {"opens": "24:59"}, "opens"),
    (EventIn, MARKET, {"opens": "1\u0663:00"}, "opens"),
    (EventIn, MARKET, {"date_from": 0}, "'0'; give YYYY-MM-DD"),
    (EventIn, MARKET, {"date_from": "86400"}, "'86400'; give YYYY-MM-DD"),
    (EventIn, MARKET, {"people": "500"}, "valid integer"),
    (EventIn, MARKET, {"people": True}, "valid integer"),
    (EventIn, MARKET, {"people": 2_000_001}, "less than or equal to 2000000"),
    (TokenIn, TOKEN, {"expires": 1_900_000_000}, "'1900000000'; give YYYY-MM-DD"),
    (TokenIn, TOKEN, {"expires": "2027-06-30T00:00:00"}, "timezone"),
    (PlanRequest, PLAN, {"vehicles": ["N1", "n1"]}, "given twice; give each once"),
    (PlanRequest, PLAN, {"exit_minutes": float("nan")}, "finite"),
    (PlanRequest, PLAN, {"budget": float("inf")}, "finite"),
    (PlanRequest, PLAN, {"budget": "900"}, "valid number"),
    (PlanRequest, PLAN, {"second_line": "yes"}, "valid boolean"),
    (PlanRequest, PLAN, {"desire_widths_m": {"D1": float("nan")}}, "finite"),
    (
        PlanRequest,
        PLAN,
        {"events": [MARKET, {**MARKET, "date_from": "2029-01-01", "date_to": "2029-01-01"}]},
        "2027-11-22 to 2029-01-01 is more than a year",
    ),
    (ProjectIn, {"name": "x"}, {"sign_offs": ["fire", "fire"]}, "fire is given twice"),
    (MemberIn, REVIEWER, {"disciplines": ["fire", "fire"]}, "fire is given twice"),
    (UserIn, {"name": "anna"}, {"is_administrator": "yes"}, "valid boolean"),
    (CommentIn, COMMENT, {"text": " \n "}, "text"),
    (CommentIn, COMMENT, {"place": point(180.1, 0)}, "less than or equal to 180"),
    (CommentIn, COMMENT, {"place": point(0, float("nan"))}, "finite"),
    (CommentIn, COMMENT, {"place": point("24.9", 60.2)}, "valid number"),
    (SiteRequest, SITE, {"zone": ring(*[[0.0, 91.0]] * 4)}, "latitude -90 to 90"),
    (SiteRequest, SITE, {"centre": {"longitude_deg": 181, "latitude_deg": 0}}, "equal to 180"),
    (SiteRequest, SITE, {"margin_m": "200"}, "valid number"),
    (Polygon, ring(), {"coordinates": [[[0, 0], [1, 0], [1, True], [0, 0]]]}, "valid number"),
]


@pytest.mark.parametrize(("model", "body"), GOOD, ids=lambda part: getattr(part, "__name__", ""))
def test_what_the_others_are_made_from_is_taken(model, body):
    assert model.model_validate(body)


@pytest.mark.parametrize(
    ("model", "good", "wrong", "words"),
    REFUSED,
    ids=[f"{model.__name__}-{number}" for number, (model, *_) in enumerate(REFUSED)],
)
def test_a_fault_is_refused_with_what_it_may_be(model, good, wrong, words):
    with pytest.raises(ValidationError, match=words):
        model.model_validate({**good, **wrong})


@pytest.mark.parametrize(("model", "good", "name"), NO_LINES, ids=lambda part: str(part)[:40])
@pytest.mark.parametrize("text", NOTHING_TO_READ, ids=ascii)
def test_a_name_is_one_line_with_something_to_read(model, good, name, text):
    wrong = {"close": [text], "vehicles": [text], "desire_widths_m": {text: 1.0}}
    with pytest.raises(ValidationError, match=r"pattern|at least 1"):
        model.model_validate({**good, name: wrong.get(name, text)})


def test_the_command_line_refuses_an_event_with_the_same_words():
    wrong = {"date_from": date(2027, 12, 1), "date_to": date(2027, 11, 1), "opens": "24:59"}
    with pytest.raises(InputError) as told:
        Event("e1", **{**MARKET, **wrong})
    shown = {name: str(value) for name, value in wrong.items()}
    words = "date_to 2027-11-01 before date_from 2027-12-01; give that day or a later"
    with pytest.raises(ValidationError) as refused:
        EventIn.model_validate({**MARKET, **shown, "opens": "10:00"})
    assert words in str(told.value)
    assert words in str(refused.value)
    assert "opens '24:59'; give HH:MM, 00:00 to 24:00" in str(told.value)


def test_shapes_of_the_store_are_shapes_of_an_answer():
    assert Polygon.model_validate(mapping(box(0, 0, 1, 1))).coordinates[0][0] == [1.0, 0.0]


def test_an_event_that_ends_before_it_begins_is_a_problem_and_no_event(service):
    path = f"/projects/{service.project}/events"
    answer = service.post(path, json={**MARKET, "date_to": "2027-11-21"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "date_to 2027-11-21 before date_from 2027-11-22" in answer.json()["detail"]
    assert service.get(path).json()["items"] == []


def test_an_event_that_an_older_version_took_is_shown_and_mended(service):
    with service.store.database.session() as session:
        event = CalendarEvent(
            project_id=service.project,
            name=" ",
            date_from=date(2027, 12, 24),
            date_to=date(2027, 12, 1),
            opens="24:59",
            closes="20:00",
            people=500,
        )
        session.add(event)
        session.flush()
        href = f"/api/v1/events/{event.event_id}"
    try:
        shown = service.client.get(href)
        assert shown.json()["opens"] == "24:59"
        mended = service.client.put(href, json=MARKET, headers={"If-Match": shown.headers["etag"]})
        assert mended.status_code == 200
    finally:
        service.client.delete(href, headers={"If-Match": "*"})
