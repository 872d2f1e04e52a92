"""The same answers over SQLite and over PostGIS."""

import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient

from api.store.base import new_id
from api.store.extents import bounds_of_layers
from api.store.people import Role, User
from api.store.places import PlanFeature
from api.store.store import Store
from sbd.export.features import to_wgs84
from tests.ogc.conftest import add_plan, add_project
from tests.ogc.serving import app_over
from tests.postgis import postgis_server


@pytest.fixture(scope="module")
def postgis():
    with postgis_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgis"])
def url(request):
    return None if request.param == "sqlite" else request.getfixturevalue("postgis").fresh_url()


def test_sites_plans_and_layers_are_found_by_window(url, tmp_path, drawn):
    store = Store(tmp_path / "data", url)
    store.open()
    with store.database.session() as session:
        user = User(user_id=new_id("user"), name="ann")
        session.add(user)
        session.flush()
        plan = add_plan(session, add_project(session, "Square", user.user_id, Role.VIEWER), drawn)
    west, south, east, north = to_wgs84(drawn.site.zone, decimals=7)[0].bounds
    inside, outside = f"{west},{south},{east},{north}", f"{east + 1},{south},{east + 2},{north}"
    with TestClient(app_over(store, {"secret": user.user_id})) as client:
        client.auth = ("x", "secret")
        layer = f"{plan.plan_id}-units"
        listed = {
            whole["id"]: whole for whole in client.get("/ogc/collections").json()["collections"]
        }
        for name in ("sites", "plans"):
            (around,) = listed[name]["extent"]["spatial"]["bbox"]
            # A tree rounds outwards by at most two steps of single precision: 7.6e-6 at 60 degrees.
            assert np.allclose(around, (west, south, east, north), rtol=0, atol=7.7e-6)
            assert shapely.box(*around).covers(shapely.box(west, south, east, north))
        assert len(listed) == 2 + 5
        (box,) = listed[layer]["extent"]["spatial"]["bbox"]
        units = shapely.total_bounds(to_wgs84(drawn.units, decimals=7))
        assert np.allclose(box, units, rtol=0, atol=1e-9)
        for name, count in (("sites", 1), ("plans", 1), (layer, 12)):
            path = f"/ogc/collections/{name}/items"
            assert client.get(path).json()["numberMatched"] == count
            whole = box if name == layer else (west, south, east, north)
            found = client.get(path, params={"bbox": ",".join(map(str, whole))}).json()
            assert found["numberMatched"] == count
            assert client.get(path, params={"bbox": outside}).json()["numberMatched"] == 0
        told = client.get("/ogc/collections/plans/items", params={"bbox": inside}).json()
        assert told["features"][0]["properties"]["standing"] == str(drawn.verdict.standing)
        recent = client.get("/ogc/collections/plans/items", params={"datetime": "2020-01-01/.."})
        assert recent.json()["numberMatched"] == 1
    store.close()


def test_a_reader_of_nothing_sees_collections_without_extent(url, tmp_path, drawn):
    store = Store(tmp_path / "data", url)
    store.open()
    with store.database.session() as session:
        ann, bob = (User(user_id=new_id("user"), name=name) for name in ("ann", "bob"))
        session.add_all([ann, bob])
        session.flush()
        add_plan(session, add_project(session, "Square", ann.user_id, Role.VIEWER), drawn)
    with TestClient(app_over(store, {"secret": bob.user_id})) as client:
        client.auth = ("x", "secret")
        listed = client.get("/ogc/collections").json()["collections"]
    assert [whole["id"] for whole in listed] == ["sites", "plans"]
    assert [whole["extent"] for whole in listed] == [{"temporal": {"interval": [[None, None]]}}] * 2
    store.close()


def test_the_list_of_collections_goes_from_plan_to_plan_and_takes_the_newest(url, tmp_path, drawn):
    store = Store(tmp_path / "data", url)
    store.open()
    with store.database.session() as session:
        user = User(user_id=new_id("user"), name="ann")
        session.add(user)
        session.flush()
        projects = [add_project(session, name, user.user_id, Role.VIEWER) for name in "ab"]
        first, other = (add_plan(session, project, drawn) for project in projects)
        again = {"proposal_id": first.proposal_id, "site_id": first.site_id}
        newest = add_plan(session, projects[0], drawn, number=2, **again)
    pages = []
    with TestClient(app_over(store, {"secret": user.user_id})) as client:
        client.auth = ("x", "secret")
        href = "/ogc/collections?limit=1"
        while href:
            page = client.get(href).json()
            pages.append([whole["id"] for whole in page["collections"]])
            links = {link["rel"]: link["href"] for link in page["links"]}
            href = links.get("next")
    assert pages[0][:2] == ["sites", "plans"]
    shown = [sorted({name[:17] for name in page[-5:]}) for page in pages]
    assert shown == [[other.plan_id], [newest.plan_id]]
    store.close()


def test_a_window_that_only_touches_a_zone_has_it_in_it(url, tmp_path, drawn):
    store = Store(tmp_path / "data", url)
    store.open()
    with store.database.session() as session:
        user = User(user_id=new_id("user"), name="ann")
        session.add(user)
        session.flush()
        add_plan(session, add_project(session, "Square", user.user_id, Role.VIEWER), drawn)
    west, south, east, north = to_wgs84(drawn.site.zone, decimals=7)[0].bounds
    middle = (west + east) / 2
    with TestClient(app_over(store, {"secret": user.user_id})) as client:
        client.auth = ("x", "secret")

        def found(*corners, **words):
            words["bbox"] = ",".join(map(str, corners))
            return client.get("/ogc/collections/plans/items", params=words).json()

        def matched(*corners):
            return found(*corners)["numberMatched"]

        assert matched(east, south, east + 1, north) == 1
        assert matched(east + 1e-7, south, east + 1, north) == 0
        assert matched(middle, south - 1, middle, north + 1) == 1  # a line
        assert matched(middle, (south + north) / 2, middle, (south + north) / 2) == 1  # a point
        # Across the antimeridian: all but the longitudes between them.
        assert matched(middle, south, west - 1, north) == 1
        assert matched(east + 1, south, west - 1, north) == 0
        behind = found(west, south, east, north, offset=1)
        assert (behind["numberMatched"], behind["numberReturned"]) == (1, 0)
    store.close()


def test_a_layer_of_empty_shapes_has_no_extent(url, tmp_path, drawn):
    store = Store(tmp_path / "data", url)
    store.open()
    with store.database.session() as session:
        user = User(user_id=new_id("user"), name="ann")
        session.add(user)
        session.flush()
        plan = add_plan(session, add_project(session, "Square", user.user_id, Role.VIEWER), drawn)
        nothing = {"shape": shapely.Point(), "properties": {}}
        session.add(PlanFeature(plan_id=plan.plan_id, layer="gaps", number=1, **nothing))
    with store.database.reading() as session:
        found = bounds_of_layers(session, [plan.plan_id])
    assert found[plan.plan_id, "gaps"] is None
    assert found[plan.plan_id, "units"] is not None
    store.close()
