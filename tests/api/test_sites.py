import re

import pytest
import shapely
from shapely.geometry import shape

pytestmark = pytest.mark.slow  # real sites and plans


def test_a_drawn_zone_becomes_a_site_in_metres(site):
    assert site["crs"] == "EPSG:32635"
    # 0.001 degrees of longitude at 60.17 N are 55.4 m, 0.00045 degrees of latitude 50.1 m.
    assert site["zone_area_m2"] == pytest.approx(55.4 * 50.1, rel=0.02)
    assert {row["topic"] for row in site["report"]} >= {"source", "visit"}
    assert "OpenStreetMap" in site["attribution"]


def test_every_layer_comes_as_geojson_in_longitude_and_latitude(service, site):
    window = shapely.box(24.93, 60.16, 24.96, 60.18)
    for name, href in site["layers"].items():
        answer = service.client.get(href)
        assert answer.headers["content-type"] == "application/geo+json"
        shapes = [shape(row["geometry"]) for row in answer.json()["features"]]
        assert all(window.intersects(one) for one in shapes), name
    assert {"zone", "solids", "streets", "study_area"} <= site["layers"].keys()


def test_the_drawn_zone_comes_back_as_it_was_drawn(service, site, square):
    (row,) = service.client.get(site["layers"]["zone"]).json()["features"]
    # A centimetre, in degrees of latitude.
    assert shape(row["geometry"]).hausdorff_distance(shape(square)) < 1e-7 * 2


def test_the_same_request_gets_the_same_site_and_no_new_work(service, site, asked_site):
    again = service.post_site(asked_site).json()
    assert again["result_id"] == site["site_id"]
    assert again["state"] == "done"


def test_another_margin_is_another_site(service, site, asked_site):
    job = service.post_site({**asked_site, "margin_m": 130}).json()
    assert job["result_id"] != site["site_id"]
    service.finished(job)


def test_a_square_is_found_at_a_point(service):
    place = {"longitude_deg": 24.9442, "latitude_deg": 60.1713}
    found = service.site({"place": "rautatientori", "centre": place, "margin_m": 60})
    assert found["name"] == "Rautatientori"


CROSSED = [[24.943, 60.171], [24.945, 60.172], [24.945, 60.171], [24.943, 60.172], [24.943, 60.171]]
OUTSIDE = [[25.5, 60.1], [25.6, 60.1], [25.6, 60.2], [25.5, 60.1]]


def test_a_zone_that_cannot_be_used_fails_with_the_words_of_the_library(service, asked_site):
    zone = {"type": "Polygon", "coordinates": [OUTSIDE]}
    job = service.finished(service.post_site({**asked_site, "zone": zone}).json())
    assert job["state"] == "failed"
    assert job["error"]["status"] == 422
    assert "the file covers latitude" in job["error"]["detail"]
    assert service.client.get(job["result"]).status_code == 404


@pytest.mark.parametrize(
    "zone",
    [
        {"type": "Polygon", "coordinates": [CROSSED]},
        {"type": "MultiPolygon", "coordinates": [[CROSSED]]},
    ],
    ids=["one", "parts"],
)
def test_a_zone_that_crosses_itself_is_refused_at_once_with_the_place(service, asked_site, zone):
    answer = service.post_site({**asked_site, "zone": zone})
    assert answer.status_code == 422
    # the diagonals of a box of 2 x 1 thousandths meet in its middle
    place = r"Self-intersection at 24\.944\d* 60\.171[45]\d*"
    words = rf"zone\.{zone['type']}: .*not simple \({place}\); draw it so that"
    (fault,) = answer.json()["faults"]
    assert re.match(words, fault), fault


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({}, "either place or extract_id"),
        (
            {"place": "rautatientori", "extract_id": "extract-0123456789ab"},
            "either place or extract_id",
        ),
        ({"place": "rautatientori", "radius_m": 50}, "radius_m needs a centre"),
        ({"place": "rautatientori", "margin_m": -5}, "margin_m"),
        ({"place": "rautatientori", "marginn_m": 50}, "marginn_m"),
        ({"place": "rautatientori", "zone": {"type": "Point", "coordinates": [1, 2]}}, "zone"),
    ],
)
def test_a_request_that_contradicts_itself_is_refused_at_once(service, request_, said):
    answer = service.post_site(request_)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_an_unknown_place_is_answered_with_the_known_ones(service):
    answer = service.post_site({"place": "atlantis"})
    assert answer.status_code == 404
    assert "rautatientori" in answer.json()["detail"]
