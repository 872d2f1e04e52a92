"""Copies of a plan that lies in a store: whole for members, picked for everybody."""

import json
import zipfile

import pytest
import shapely

from api.aside import Aside
from api.errors import UnknownResourceError
from api.public.copying import copy_for
from api.public.labels import label
from api.store.base import new_id
from api.store.people import Role, User
from api.store.places import FileRole
from api.store.results import keep_file
from api.store.store import Store
from api.store.talk import Audience, Comment
from tests.ogc.conftest import add_plan, add_project
from tests.unit.export.conftest import build_proposal


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copies")
    store = Store(folder / "data")
    store.open()
    proposal = build_proposal()
    made = folder / "summary.json"
    made.write_text(json.dumps({"energy_kj": 640.0}))
    plan_map = folder / "map.html"
    plan_map.write_text("<html><head></head><body>L1 stops 640 kJ</body></html>")
    solids = folder / "solids.geojson"
    shape = shapely.geometry.mapping(shapely.box(24.943, 60.17, 24.944, 60.171))
    building = {"geometry": shape, "properties": {"kind": "building", "solid_id": "Zq-solid"}}
    solids.write_text(json.dumps({"type": "FeatureCollection", "features": [building]}))
    with store.database.session() as session:
        user = User(user_id=new_id("user"), name="Zq-ann")
        session.add(user)
        session.flush()
        project_id = add_project(session, "Square", user.user_id, Role.PLANNER)
        plan = add_plan(session, project_id, proposal)
        for path, role, item_id, name in (
            (made, FileRole.FILE, plan.plan_id, "summary.json"),
            (plan_map, FileRole.MAP, plan.plan_id, "map.html"),
            (solids, FileRole.LAYER, plan.site_id, "solids"),
        ):
            keep_file(session, store.files.keep(path), item_id=item_id, role=role, name=name)
        about = {"project_id": project_id, "plan_id": plan.plan_id, "created_by": user.user_id}
        session.add(Comment(**about, text="Zq the north row is weak"))
        session.add(Comment(**about, text="More trees, please.", audience=Audience.PUBLIC))
        session.add(
            Comment(
                project_id=project_id, text="On no plan.", audience=Audience.PUBLIC, plan_id=None
            )
        )
    yield store, plan.plan_id
    store.close()


def copied(stored, audience, folder):
    store, plan_id = stored
    words = copy_for(audience, store, plan_id, folder, Aside())
    with zipfile.ZipFile(folder / "archive.zip") as archive:
        assert archive.comment.decode() == words == label(audience)
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert {path.name: path.read_bytes() for path in (folder / "files").iterdir()} == packed
    return packed


def test_the_public_copy_holds_furniture_and_public_comments(stored, tmp_path):
    packed = copied(stored, Audience.PUBLIC, tmp_path)
    assert len(json.loads(packed["plan.geojson"])["features"]) == 12
    comments = json.loads(packed["comments.geojson"])["features"]
    assert [item["properties"]["comment"] for item in comments] == ["More trees, please."]
    content = b"".join(packed.values())
    for secret in (b"Zq-", b"Zq the", b"640 kJ", b"summary", stored[1].encode(), b"N2A"):
        assert secret not in content, secret


def test_the_copy_for_members_holds_what_people_take_home_with_its_label(stored, tmp_path):
    packed = copied(stored, Audience.RESTRICTED, tmp_path)
    assert sorted(packed) == ["LABEL.txt", "map.html", "summary.json"]
    words = label(Audience.RESTRICTED).encode()
    assert all(words in content for content in packed.values())
    assert b"640 kJ" in packed["map.html"]


def test_there_is_no_copy_of_what_is_not_there(stored, tmp_path):
    with pytest.raises(UnknownResourceError, match="plan-000000000000"):
        copy_for(Audience.PUBLIC, stored[0], "plan-000000000000", tmp_path, Aside())
