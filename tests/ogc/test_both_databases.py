"""The same answers over SQLite and over PostGIS."""

import pytest
from fastapi.testclient import TestClient

from api.store.base import new_id
from api.store.people import Role, User
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
        assert listed["plans"]["extent"]["spatial"]["bbox"] == [[west, south, east, north]]
        assert len(listed) == 2 + 5
        (box,) = listed[layer]["extent"]["spatial"]["bbox"]
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
