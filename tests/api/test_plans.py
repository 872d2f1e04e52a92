import io
import json
import zipfile

import pytest

pytestmark = pytest.mark.slow  # real sites and plans

STANDINGS = {"holds", "holds on condition", "fails"}


def test_a_plan_comes_with_its_verdict(plan, site):
    assert plan["site_id"] == site["site_id"]
    assert plan["verdict"]["standing"] in STANDINGS
    assert plan["verdict"]["checks"]
    assert plan["text"].strip()


def test_every_layer_of_the_plan_and_of_its_site_is_there(service, plan):
    names = {
        "perimeter",
        "corridors",
        "barriers",
        "footprints",
        "gaps",
        "closures",
        "zone",
        "solids",
    }
    assert names <= plan["layers"].keys()
    layers = {name: service.client.get(href).json() for name, href in plan["layers"].items()}
    speeds = [row["properties"]["speed_kmh"] for row in layers["perimeter"]["features"]]
    assert max(speeds) > 0
    assert layers["footprints"]["features"]


def test_every_file_can_be_taken_home(service, plan):
    files = {entry["name"]: service.client.get(entry["href"]) for entry in plan["files"]}
    assert {
        "placement.geojson",
        "footprints.geojson",
        "lines.geojson",
        "proposal.gpkg",
        "map.html",
        "summary.json",
    } <= files.keys()
    for entry in plan["files"]:
        answer = files[entry["name"]]
        assert answer.status_code == 200
        assert len(answer.content) == entry["bytes"]
        assert answer.headers["content-disposition"].startswith("attachment")
    assert files["proposal.gpkg"].content.startswith(b"SQLite format 3")
    assert json.loads(files["placement.geojson"].content)["type"] == "FeatureCollection"


def test_the_archive_holds_the_same_files(service, plan):
    archive = zipfile.ZipFile(io.BytesIO(service.client.get(plan["archive"]).content))
    assert archive.testzip() is None
    assert {entry.filename: entry.file_size for entry in archive.infolist()} == {
        entry["name"]: entry["bytes"] for entry in plan["files"]
    }


def test_the_map_page_may_run_its_scripts_and_reach_nothing(service, plan):
    answer = service.client.get(plan["map"])
    policy = answer.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert "allow-same-origin" not in policy
    assert "L.map" in answer.text


@pytest.mark.parametrize("name", ["record.json", "%2e%2e", "%2e%2e%2frecord.json", "secret.txt"])
def test_no_other_file_can_be_read(service, plan, name):
    answer = service.get(f"/plans/{plan['plan_id']}/files/{name}")
    assert answer.status_code in (404, 422)


def test_an_unknown_vehicle_is_answered_with_the_known_ones(service, site, asked_plan):
    asked = {**asked_plan, "vehicles": ["M1", "tank"]}
    answer = service.post(f"/sites/{site['site_id']}/proposals", json=asked)
    assert answer.status_code == 422
    assert "'tank'" in answer.json()["detail"]
    assert "N2A" in answer.json()["detail"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"vehicles": []},
        {"resolution_m": 0.7},
        {"headings": 8},
        {"openable": -1},
        {"layout": "soft"},
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused_at_once(service, site, wrong, asked_plan):
    answer = service.post(f"/sites/{site['site_id']}/proposals", json={**asked_plan, **wrong})
    assert answer.status_code == 422
    assert next(iter(wrong)) in answer.json()["detail"]


def test_a_plan_needs_a_site(service, asked_plan):
    assert service.post("/sites/site-000000000000/proposals", json=asked_plan).status_code == 404
