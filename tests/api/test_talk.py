"""Comments, copies, comparisons, frontages and the review map of a plan."""

import io
import zipfile

import pytest
from shapely.geometry import box, mapping, shape

from tests.api.people import person

pytestmark = pytest.mark.slow  # a real plan


@pytest.fixture(scope="module")
def reader(service, plan):
    return person(service, "reader.of.talk", service.project, role="viewer")


@pytest.fixture(scope="module")
def approver(service, plan):
    return person(service, "approver.of.talk", service.project, role="approver")


@pytest.fixture(scope="module")
def units(service, plan):
    return service.client.get(plan["layers"]["footprints"]).json()["features"]


def test_a_comment_is_pinned_answered_and_settled(service, plan, approver, reader, units):
    path = f"/plans/{plan['plan_id']}/comments"
    line = units[0]["properties"]["line_id"]
    place = {"type": "Point", "coordinates": [24.9441, 60.1713]}
    asked = {"text": "Too near to the tram.", "place": place, "line_id": line}
    assert reader.post(path, json=asked).status_code == 403
    said = approver.post(path, json=asked)
    assert said.status_code == 201, said.text
    assert said.json()["place"] == place
    href, tag = said.headers["Location"], said.headers["etag"]
    answer = service.post(path, json={"text": "Moved.", "answers": said.json()["comment_id"]})
    assert answer.status_code == 201
    # Only its author changes the words; a planner may settle it.
    words = service.client.patch(href, json={"text": "Fine."}, headers={"If-Match": tag})
    assert words.status_code == 403
    settled = service.client.patch(href, json={"is_resolved": True}, headers={"If-Match": tag})
    assert settled.json()["is_resolved"]
    texts = [item["text"] for item in reader.get(path).json()["items"]]
    assert texts == ["Too near to the tram.", "Moved."]
    # What was answered can't be taken back.
    gone = approver.delete(href, headers={"If-Match": settled.headers["etag"]})
    assert gone.status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "x", "line_id": "L999"},
        {"text": "x", "answers": "comment-000000000000"},
        {"text": "x", "place": {"type": "Point", "coordinates": [500, 0]}},
    ],
)
def test_a_comment_on_nothing_is_refused(service, plan, wrong):
    answer = service.post(f"/plans/{plan['plan_id']}/comments", json=wrong)
    assert answer.status_code in (404, 422)


def test_a_public_copy_is_read_by_anybody_only_once_it_is_released(service, plan, approver):
    path = f"/plans/{plan['plan_id']}/exports"
    made = service.post(path, json={"audience": "public"})
    assert made.status_code == 201, made.text
    export = made.json()
    href = f"/exports/{export['export_id']}"
    public = f"/public/{export['export_id']}"
    assert export["public"] is None
    assert service.client.get(public).status_code == 404
    assert service.post(f"{href}/release").status_code in (403, 409)  # made by the same person
    released = approver.post(f"{href}/release")
    assert released.json()["public"] == public
    page = service.client.get(public, headers={"Authorization": "Basic bm9ib2R5Og=="})
    assert page.status_code in (200, 401)
    archive = zipfile.ZipFile(io.BytesIO(service.client.get(f"{public}/file").content))
    assert "consultation.html" in archive.namelist()
    assert not any("gpkg" in name for name in archive.namelist())
    for word in (b"speed_kmh", b"energy_kj", b"penetration", b"gap_before_mm"):
        assert not any(word in archive.read(name) for name in archive.namelist())
    service.delete(f"{href}/release")
    assert service.client.get(public).status_code == 404


def test_a_copy_for_members_says_that_it_is_restricted(service, plan, reader):
    made = service.post(f"/plans/{plan['plan_id']}/exports", json={"audience": "restricted"})
    export = made.json()
    assert "restricted" in export["label"].lower()
    content = reader.get(f"/exports/{export['export_id']}/file").content
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert "proposal.gpkg" in archive.namelist()
    assert archive.testzip() is None


def test_downloads_are_in_the_audit_log(service, plan, reader):
    reader.get(f"/plans/{plan['plan_id']}/archive")
    rows = service.get("/audit?limit=500").json()["items"]
    mine = [row for row in rows if row["user_id"] == reader.user_id]
    assert any("archive" in row["action"] for row in mine), rows[-3:]


def test_two_plans_are_compared_unit_by_unit(service, plan):
    path = f"/projects/{service.project}/comparisons"
    asked = {"plan_a": plan["plan_id"], "plan_b": plan["plan_id"]}
    made = service.post(path, json=asked)
    assert made.status_code == 201, made.text
    assert set(made.json()["units"]) == {"same"}
    assert service.client.get(made.headers["Location"]).json() == made.json()
    missing = {**asked, "plan_b": "plan-000000000000"}
    assert service.post(path, json=missing).status_code == 404


def test_a_private_operator_sees_the_furniture_on_his_ground_and_nothing_else(service, plan, units):
    service.post(f"/plans/{plan['plan_id']}/submission")
    first = shape(units[0]["geometry"])
    ground = box(*first.buffer(2e-5).bounds)
    operator = person(
        service,
        "operator.of.talk",
        service.project,
        role="private_operator",
        frontage=mapping(ground),
    )
    seen = operator.get(f"/projects/{service.project}/frontage").json()
    own = [row for row in seen["furniture"]["features"] if shape(row["geometry"]).equals(first)]
    assert own
    assert len(seen["furniture"]["features"]) < len(units)
    assert all(shape(row["geometry"]).intersects(ground) for row in seen["furniture"]["features"])
    assert set(own[0]["properties"]) == {"kind", "width_m", "depth_m"}
    for path in (f"/plans/{plan['plan_id']}", f"/projects/{service.project}/proposals"):
        assert operator.get(path).status_code == 403
    comments = f"/plans/{plan['plan_id']}/comments"
    inside = {"text": "My door.", "place": mapping(ground.centroid)}
    assert operator.post(comments, json=inside).status_code == 201
    outside = {"text": "Not mine.", "place": {"type": "Point", "coordinates": [24.0, 60.0]}}
    assert operator.post(comments, json=outside).status_code == 403
    again = operator.get(f"/projects/{service.project}/frontage").json()
    assert [row["text"] for row in again["comments"]] == ["My door."]


def test_the_review_map_of_any_version_is_one_page(service, plan):
    newest = service.client.get(f"/projects/{service.project}/map")
    chosen = service.client.get(f"/projects/{service.project}/map?plan={plan['plan_id']}")
    assert newest.status_code == chosen.status_code == 200
    assert "sandbox allow-scripts" in chosen.headers["content-security-policy"]
    assert chosen.text == service.client.get(plan["map"]).text
    missing = service.client.get(f"/projects/{service.project}/map?plan=plan-000000000000")
    assert missing.status_code == 404


def test_an_assessment_comes_without_a_plan(service, site):
    asked = {"vehicles": ["M1"], "resolution_m": 1.0, "headings": 32}
    job = service.finished(service.post(f"/sites/{site['site_id']}/assessments", json=asked).json())
    assert job["error"] is None
    found = service.client.get(job["result"]).json()
    perimeter = service.client.get(found["layers"]["perimeter"]).json()["features"]
    speeds = [row["properties"]["speed_kmh"] for row in perimeter]
    (vehicle,) = found["summary"]["vehicles"]
    assert vehicle["speed_kmh"] == pytest.approx(max(speeds), abs=0.01)
    assert {"assessment.gpkg"} < {entry["name"] for entry in found["files"]}
    assert service.client.get(found["files"][0]["href"]).status_code == 200
