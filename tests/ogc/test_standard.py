"""What OGC API - Features asks for, by its requirements, over HTTP."""

import re

import pytest
import shapely

from sbd.export.features import to_wgs84

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
JSON, GEOJSON = "application/json", "application/geo+json"


def links(page):
    return {link["rel"]: link for link in page["links"]}


def units(served):
    return f"/collections/{served.newest.plan_id}-units"


def test_the_landing_page_leads_to_description_conformance_and_collections(get):
    # /req/core/root-success
    answer = get("")
    assert answer.headers["content-type"] == JSON
    found = links(answer.json())
    assert {"self", "service-desc", "conformance", "data"} <= found.keys()
    for rel in ("service-desc", "conformance", "data"):
        led = get(found[rel]["href"])
        assert led.status_code == 200
        assert led.headers["content-type"] == found[rel]["type"]


def test_conformance_names_core_geojson_openapi_and_systems(get):
    # /req/core/conformance-success
    named = get("/conformance").json()["conformsTo"]
    part1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
    assert {f"{part1}{name}" for name in ("core", "geojson", "oas30")} <= set(named)
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in named


def test_the_description_is_openapi_3_0_and_describes_every_address(get):
    told = get("/api").json()
    assert told["openapi"].startswith("3.0.")
    for path, operations in told["paths"].items():
        for operation in operations.values():
            parts = {word["name"] for word in operation["parameters"] if word["in"] == "path"}
            assert parts == set(re.findall(r"{(\w+)}", path))
    words = told["paths"]["/collections/{collection_id}/items"]["get"]["parameters"]
    assert {"limit", "bbox", "bbox-crs", "crs", "datetime"} <= {word["name"] for word in words}


def test_collections_list_sites_plans_and_layers_of_the_newest_version(get, served):
    # /req/core/fc-md-success, /req/core/fc-md-links, /req/core/fc-md-items
    page = get("/collections").json()
    assert links(page)["self"]["href"] == f"{served.root}/collections"
    ids = [whole["id"] for whole in page["collections"]]
    assert ids[:2] == ["sites", "plans"]
    layers = ("barriers", "corridors", "footprints", "perimeter", "units")
    assert ids[2:] == [f"{served.newest.plan_id}-{layer}" for layer in layers]
    for whole in page["collections"]:
        assert links(whole)["items"]["type"] == GEOJSON
        # /req/core/fc-md-extent; /req/crs/fc-md-crs-list, /req/crs/fc-md-storageCrs
        west, south, east, north = whole["extent"]["spatial"]["bbox"][0]
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90
        assert {CRS84, f"{EPSG}4326", f"{EPSG}3857", f"{EPSG}32635"} == set(whole["crs"])
        assert whole["storageCrs"] == CRS84
        assert get(links(whole)["self"]["href"]).json() == whole


def test_items_carry_counts_time_links_and_their_system(get, served):
    # /req/core/fc-response, fc-links, fc-timeStamp, fc-numberMatched; /req/crs/ogc-crs-header
    answer = get(f"{units(served)}/items")
    assert answer.headers["content-type"] == GEOJSON
    assert answer.headers["content-crs"] == f"<{CRS84}>"
    page = answer.json()
    assert page["type"] == "FeatureCollection"
    assert page["numberMatched"] == page["numberReturned"] == len(page["features"]) == 12
    assert page["timeStamp"].endswith("Z")
    found = links(page)
    assert found["self"]["type"] == GEOJSON
    assert "next" not in found
    one = page["features"][3]
    same = get(f"{units(served)}/items/{one['id']}").json()
    # /req/core/f-links
    assert {"self", "collection"} <= links(same).keys()
    assert {key: same[key] for key in one} == one


def test_pages_follow_one_another_to_the_end_without_gap_or_repeat(get, served):
    page = get(f"{units(served)}/items", params={"limit": 5}).json()
    seen = []
    while True:
        seen += [item["id"] for item in page["features"]]
        assert page["numberMatched"] == 12
        if "next" not in links(page):
            break
        page = get(links(page)["next"]["href"]).json()
    assert seen == list(range(1, 13))


def test_a_next_page_keeps_window_and_system(get, served, square_of):
    west, south, east, north = square_of.bounds
    words = {"limit": 2, "bbox": f"{west},{south},{east},{north}", "crs": f"{EPSG}3857"}
    page = get(f"/collections/{served.newest.plan_id}-perimeter/items", params=words).json()
    matched = page["numberMatched"]
    assert matched > 4
    answer = get(links(page)["next"]["href"])
    assert answer.headers["content-crs"] == f"<{EPSG}3857>"
    assert answer.json()["numberMatched"] == matched


@pytest.mark.parametrize(
    "words",
    [
        {"colour": "red"},
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "many"},
        {"offset": "-1"},
        {"bbox": "1,2,3"},
        {"bbox": "a,b,c,d"},
        {"bbox": "nan,0,1,1"},
        {"bbox": "0,10,1,5"},
        {"bbox-crs": f"{EPSG}2154", "bbox": "0,0,1,1"},
        {"crs": "EPSG:4326"},
        {"datetime": "yesterday"},
        {"datetime": "2026-02-01/2026-01-01"},
        {"datetime": "../.."},
        {"f": "xml"},
    ],
    ids=lambda words: ",".join(f"{name}={value}" for name, value in words.items()),
)
def test_a_word_that_means_nothing_is_refused(get, served, words):
    # /req/core/query-param-unknown, /req/core/query-param-invalid
    answer = get(f"{units(served)}/items", params=words)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert next(iter(words)).split("-")[0] in answer.json()["detail"]


def test_a_limit_above_the_most_is_taken_as_the_most(get, served):
    # /req/core/fc-limit-response-1: a server lowers what it finds too much
    answer = get(f"{units(served)}/items", params={"limit": 1_000_000})
    assert answer.json()["numberReturned"] == 12


def test_a_window_takes_what_touches_it(get, served):
    # Row L1 runs along x = 97, L2 along y = 77 of the drawing: only L1 is west of 98.
    drawn = served.drawn.units
    l1 = drawn[drawn["line_id"] == "L1"]
    west, south, east, north = shapely.total_bounds(to_wgs84(l1, decimals=7))
    words = {"bbox": f"{west},{south},{east},{north}"}
    page = get(f"{units(served)}/items", params=words).json()
    assert {item["properties"]["line_id"] for item in page["features"]} == {"L1"}
    assert page["numberMatched"] == 6


@pytest.mark.parametrize("epsg", [4326, 32635, 3857])
def test_a_window_means_the_same_in_every_system(get, served, epsg):
    drawn = served.drawn.units
    l1 = drawn[drawn["line_id"] == "L1"].buffer(0.2).to_crs(epsg)
    a, b, c, d = l1.total_bounds
    # EPSG:4326 counts latitude first
    corners = (b, a, d, c) if epsg == 4326 else (a, b, c, d)
    words = {"bbox": ",".join(map(str, corners)), "bbox-crs": f"{EPSG}{epsg}"}
    page = get(f"{units(served)}/items", params=words).json()
    assert {item["properties"]["line_id"] for item in page["features"]} == {"L1"}
    assert page["numberMatched"] == 6


def test_latitude_comes_first_in_epsg_4326_only(get, served):
    item = f"{units(served)}/items/1"
    lon, lat = get(item).json()["geometry"]["coordinates"]
    assert (round(lon), round(lat)) == (25, 60)
    swapped = get(item, params={"crs": f"{EPSG}4326"}).json()["geometry"]["coordinates"]
    assert swapped == [lat, lon]


def test_the_site_s_own_system_gives_back_the_drawn_metres(get, served):
    answer = get(f"{units(served)}/items", params={"crs": f"{EPSG}32635"})
    assert answer.headers["content-crs"] == f"<{EPSG}32635>"
    found = [shapely.geometry.shape(item["geometry"]) for item in answer.json()["features"]]
    # stored to 1e-7 degrees: 1.1 cm
    assert shapely.distance(found, served.drawn.units.geometry.to_numpy()).max() < 0.012


@pytest.mark.parametrize(
    ("interval", "count"),
    [("2020-01-01/..", 2), ("../2020-01-01T00:00:00Z", 0), ("2020-01-01", 0)],
)
def test_plans_are_found_by_the_time_they_were_made(get, interval, count):
    page = get("/collections/plans/items", params={"datetime": interval}).json()
    assert page["numberMatched"] == count


def test_an_object_of_a_plan_has_no_time_of_its_own(get, served):
    page = get(f"{units(served)}/items", params={"datetime": "2020-01-01"}).json()
    assert page["numberMatched"] == 12


def test_plans_tell_state_answer_and_version(get, served):
    page = get("/collections/plans/items").json()
    told = [item["properties"] for item in page["features"]]
    assert [row["version"] for row in told] == [1, 2]
    assert told[1]["state"] == "draft"
    assert told[1]["standing"] == str(served.drawn.verdict.standing)
    assert [item["id"] for item in page["features"]] == [
        served.first.plan_id,
        served.newest.plan_id,
    ]


def test_an_older_version_is_reached_by_its_address(get, served):
    page = get(f"/collections/{served.first.plan_id}-barriers/items").json()
    assert [item["properties"]["line_id"] for item in page["features"]] == ["L1", "L2"]


def test_what_has_not_changed_is_not_sent_again(get, served):
    first = get(f"{units(served)}/items")
    again = get(f"{units(served)}/items", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    other = get(f"{units(served)}/items", params={"crs": f"{EPSG}3857"})
    assert other.headers["etag"] != first.headers["etag"]


def test_nobody_sees_anything_without_signing_in(get):
    for who in (None, "wrong"):
        answer = get("/collections", who=who)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("who", ["bob", "shop"])
def test_a_foreign_project_is_not_there(get, served, who):
    # bob is in another project; the private operator is in this one, but reads no plans
    page = get("/collections", who=who).json()
    assert not any(served.newest.plan_id in whole["id"] for whole in page["collections"])
    assert get(units(served), who=who).status_code == 404
    assert get(f"{units(served)}/items", who=who).status_code == 404
    assert get(f"{units(served)}/items/1", who=who).status_code == 404
    path = f"/collections/plans/items/{served.newest.plan_id}"
    assert get(path, who=who).status_code == 404
    ids = {item["id"] for item in get("/collections/sites/items", who=who).json()["features"]}
    assert served.newest.site_id not in ids


@pytest.mark.parametrize("name", ["nothing", "plan-000000000000-units", "sites-x", "..%2Fplans"])
def test_an_unknown_collection_is_not_there(get, name):
    assert get(f"/collections/{name}/items").status_code == 404


@pytest.mark.parametrize("name", ["0", "13", "-1", "one", "99999999999999999999"])
def test_an_unknown_item_is_not_there(get, served, name):
    assert get(f"{units(served)}/items/{name}").status_code == 404
