"""Edits on a solved field, as a client sees them."""

import json

import geopandas as gpd
import pytest
from shapely import Point
from shapely.geometry import mapping, shape

from tests.api.conftest import BASE

QUICK = {"vehicle": "N2A", "resolution_m": 1.0, "headings": 32}


def answers_of(response):
    """Return the events of a stream: (name, data)."""
    assert response.status_code == 200, response.text
    blocks = [block for block in response.text.split("\n\n") if block.startswith("event:")]
    pairs = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]
    return [(pair["event"], json.loads(pair["data"])) for pair in pairs]


def speeds(answer):
    return [row["properties"]["speed_kmh"] for row in answer["perimeter"]["features"]]


@pytest.fixture(scope="module")
def session(service, site):
    answer = service.post(f"/sites/{site['site_id']}/edit-sessions", json=QUICK)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"{BASE}/edit-sessions/{answer.json()['session_id']}"
    return answer.json()


@pytest.fixture(scope="module")
def block(session):
    """A block of 16 m across beside the fastest point, outside the zone or in it."""
    rows = session["answer"]["perimeter"]["features"]
    fastest = max(rows, key=lambda row: row["properties"]["speed_kmh"])
    place = gpd.GeoSeries([shape(fastest["geometry"])], crs=4326)
    metric = place.to_crs(place.estimate_utm_crs())
    square = metric.buffer(8.0, cap_style="square").to_crs(4326).iloc[0]
    return {"type": "Polygon", "coordinates": mapping(square)["coordinates"]}


def edit(service, session, **edits):
    return answers_of(service.client.post(session["edits"], json=edits))


def test_an_added_obstacle_is_answered_by_bound_preview_and_final(service, session, block):
    said = edit(service, session, add=[block])
    assert [name for name, _ in said] == ["bound", "preview", "final"]
    bound, _, final = (answer for _, answer in said)
    assert not bound["exact"]
    assert final["exact"]
    assert max(speeds(final)) <= max(speeds(bound))
    # The same block taken away again gives the answer of the start, to the last digit.
    said = edit(service, session, remove=[block])
    assert [name for name, _ in said] == ["preview", "final"]
    assert speeds(said[-1][1]) == speeds(session["answer"])


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({}, "something to add, to remove or to change"),
        ({"add": [{"type": "Point", "coordinates": [0, 0]}]}, "Polygon"),
    ],
)
def test_an_edit_that_means_nothing_is_refused_at_once(service, session, edits, words):
    answer = service.client.post(session["edits"], json=edits)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_an_obstacle_far_away_is_refused_and_the_session_goes_on(service, session, block):
    far = mapping(Point(10.0, 50.0).buffer(0.001))
    far = {"type": "Polygon", "coordinates": far["coordinates"]}
    answer = service.client.post(session["edits"], json={"add": [far]})
    assert answer.status_code == 422
    assert "outside the study area" in answer.json()["detail"]
    assert edit(service, session, add=[block])[-1][0] == "final"
    assert edit(service, session, remove=[block])[-1][0] == "final"


def test_a_closed_session_is_gone(service, site):
    opened = service.post(f"/sites/{site['site_id']}/edit-sessions", json=QUICK).json()
    assert service.delete(f"/edit-sessions/{opened['session_id']}").status_code == 204
    answer = service.client.post(opened["edits"], json={"add": [], "remove": []})
    assert answer.status_code == 422
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    answer = service.client.post(opened["edits"], json={"add": [square]})
    assert answer.status_code == 404
    assert "open another" in answer.json()["detail"]


def test_a_session_needs_a_site_and_a_known_vehicle(service, site):
    assert service.post("/sites/site-000000000000/edit-sessions", json=QUICK).status_code == 404
    answer = service.post(f"/sites/{site['site_id']}/edit-sessions", json={"vehicle": "X9"})
    assert answer.status_code == 422
    assert "X9" in answer.json()["detail"]


def test_lines_of_a_draft_are_changed_and_answered_at_once_and_in_full(service, site):
    plan = {"vehicles": ["M1"], "resolution_m": 1.0, "headings": 32}
    opened = service.post(f"/sites/{site['site_id']}/edit-sessions", json={**QUICK, "plan": plan})
    assert opened.status_code == 201, opened.text
    draft = opened.json()["draft"]
    line = draft["units"]["features"][0]["properties"]["line_id"]

    said = edit(service, opened.json(), changes=[{"do": "remove", "line_id": line}])
    assert [name for name, _ in said] == ["draft", "verdict", "cut"]
    first, full = said[0][1], said[1][1]
    assert first["verdict"]["stage"] == "preview"
    assert first["verdict"]["standing"] == full["verdict"]["standing"] == "fails"
    assert {row["who"] for row in first["access"]} >= {"people in wheelchairs"}

    answer = service.client.post(
        opened.json()["edits"], json={"changes": [{"do": "pin", "line_id": line}]}
    )
    assert answer.status_code == 422
    assert "not in the draft" in answer.json()["detail"]
    service.delete(f"/edit-sessions/{opened.json()['session_id']}")
