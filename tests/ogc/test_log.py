"""What GIS programs take home is in the audit log: which plan, of which project; and what not."""

from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.auth.doorman import Doorman
from api.store.base import new_id
from api.store.people import Audit, Role, User
from api.store.store import Store
from tests.api.served import token_for
from tests.ogc.conftest import add_plan, add_project
from tests.ogc.serving import app_over
from tests.postgis import postgis_server

ITEMS = "GET /ogc/collections/{collection_id}/items"
ITEM = f"{ITEMS}/{{feature_id}}"
COLLECTION = "GET /ogc/collections/{collection_id}"


@pytest.fixture(scope="module")
def postgis():
    with postgis_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgis"])
def asked(request, tmp_path, drawn):
    """Return a client of a viewer, and a plan of his and one of somebody else."""
    sqlite = request.param == "sqlite"
    url = None if sqlite else request.getfixturevalue("postgis").fresh_url()
    store = Store(tmp_path / "data", url)
    store.open()
    with store.database.session() as session:
        ann, bob = (
            User(user_id=new_id("user"), name="ann"),
            User(user_id=new_id("user"), name="bob"),
        )
        session.add_all([ann, bob])
        session.flush()
        own = add_plan(session, add_project(session, "Square", ann.user_id, Role.VIEWER), drawn)
        foreign = add_plan(session, add_project(session, "Pier", bob.user_id, Role.VIEWER), drawn)
        secret = token_for(session, ann.user_id)
    app = app_over(store, {secret: ann.user_id})
    app.add_middleware(Doorman, gate=app.state.gate)
    with TestClient(app) as client:
        client.auth = ("qgis", secret)

        def statuses(*paths):
            return [client.get(f"/ogc/collections/{path}").status_code for path in paths]

        yield SimpleNamespace(statuses=statuses, store=store, own=own, foreign=foreign)
    store.close()


def logged(asked):
    columns = Audit.action, Audit.status, Audit.project_id, Audit.item_id, Audit.about
    with asked.store.database.reading() as session:
        return [tuple(row) for row in session.execute(sa.select(*columns).order_by(Audit.audit_id))]


def test_a_row_says_what_was_read(asked):
    own = asked.own
    layer = f"{own.plan_id}-units"
    paths = (f"{layer}/items", f"{layer}/items/1", f"plans/items/{own.plan_id}")
    assert asked.statuses(*paths, f"sites/items/{own.site_id}", "plans/items") == [200] * 5
    assert logged(asked) == [
        (ITEMS, 200, own.project_id, own.plan_id, {"collection": layer}),
        (ITEM, 200, own.project_id, own.plan_id, {"collection": layer}),
        (ITEM, 200, own.project_id, own.plan_id, {"collection": "plans"}),
        (ITEM, 200, own.project_id, own.site_id, {"collection": "sites"}),
        (ITEMS, 200, None, None, {"collection": "plans"}),
    ]


def test_a_foreign_one_is_a_refusal_and_what_is_not_there_is_none(asked):
    foreign = asked.foreign
    layer = f"{foreign.plan_id}-units"
    refused = (layer, f"{layer}/items", f"plans/items/{foreign.plan_id}")
    nothing = ("anything", f"plan-{'c' * 12}-units/items", "plans/items/anything")
    paths = (*refused, f"sites/items/{foreign.site_id}", *nothing)
    assert asked.statuses(*paths) == [404] * len(paths)
    assert logged(asked) == [
        (COLLECTION, 404, None, foreign.plan_id, {}),
        (ITEMS, 404, None, foreign.plan_id, {}),
        (ITEM, 404, None, foreign.plan_id, {}),
        (ITEM, 404, None, foreign.site_id, {}),
    ]


def test_a_sign_that_no_text_of_a_database_holds_is_in_no_name(asked):
    layer = f"{asked.own.plan_id}-%00"
    paths = (layer, f"{layer}/items", "sites/items/%00", "plans/items/a%00", "%00")
    assert asked.statuses(*paths) == [404] * len(paths)
