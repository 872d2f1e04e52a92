"""What is looked at: which of it the audit log tells, and what stands on whose ground."""

import pytest
import sqlalchemy as sa
from shapely.geometry import box, mapping, shape

from api.store import Audit, Plan, PlanFeature, PlanState, Site
from sbd.model.words import ODBL_ATTRIBUTION
from tests.api.people import person
from tests.stored import plan as keep_plan
from tests.stored import town as keep_town

GROUND = box(24.94, 60.17, 24.941, 60.171)


@pytest.fixture(scope="module")
def town(service, tmp_path_factory):
    return keep_town(service.store, tmp_path_factory.mktemp("looked at"))


@pytest.fixture(scope="module")
def drawn(service, town, tmp_path_factory):
    """A plan in review with four units: on the ground, on its rim, beside it, in its courtyard."""
    folder = tmp_path_factory.mktemp("drawn")
    plan = keep_plan(service.store, town, folder, number=0x10085)
    beside = box(24.9408, 60.1704, 24.9412, 60.1706), box(24.941, 60.1702, 24.9412, 60.1704)
    units = (
        box(24.9404, 60.1701, 24.9405, 60.1702),
        *beside,
        box(24.94045, 60.1705, 24.9405, 60.1706),
    )
    with service.store.database.session() as session:
        session.get_one(Plan, plan.plan_id).state = PlanState.IN_REVIEW
        session.add_all(
            PlanFeature(
                plan_id=plan.plan_id,
                layer="footprints",
                number=number,
                shape=unit,
                properties={"kind": f"unit {number}"},
            )
            for number, unit in enumerate(units, start=1)
        )
        barrier = {"plan_id": plan.plan_id, "layer": "barriers", "number": 1, "shape": units[0]}
        session.add(PlanFeature(**barrier, properties={"line_id": "L1"}))
    return plan


@pytest.fixture(scope="module")
def operator(service, town, drawn):
    courtyard = box(24.9403, 60.1704, 24.9407, 60.1708)
    frontage = mapping(GROUND.difference(courtyard))
    return person(service, "cafe", town.project_id, role="private_operator", frontage=frontage)


def logged(service, path, item_id):
    """Return status and facts of the rows of an address and an item."""
    asked = sa.select(Audit.status, Audit.item_id, Audit.about).where(
        Audit.action == f"GET {path}", Audit.item_id == item_id
    )
    with service.store.database.reading() as session:
        return [tuple(row) for row in session.execute(asked.order_by(Audit.audit_id))]


@pytest.mark.parametrize(
    ("layers_id", "attribution", "rows"),
    [
        (None, ODBL_ATTRIBUTION, 0),
        ("upload-0123456789ab", ODBL_ATTRIBUTION, 1),
        (None, "the city's own layers", 1),
        (None, None, 1),
    ],
    ids=["open map", "with own layers", "own map", "nobody knows"],
)
def test_looks_at_a_city_s_own_layers_are_logged(service, tmp_path, layers_id, attribution, rows):
    made = keep_town(service.store, tmp_path)
    with service.store.database.session() as session:
        site = session.get_one(Site, made.site_id)
        site.request = {"place": "rautatientori", "layers_id": layers_id}
        site.record = {**site.record, "attribution": attribution}
    for _ in range(2):
        assert service.get(f"/sites/{made.site_id}/layers/zone").status_code == 200
    path = "/api/v1/sites/{site_id}/layers/{layer}"
    assert logged(service, path, made.site_id) == [(200, made.site_id, {"layer": "zone"})] * rows


@pytest.mark.parametrize("words", ["", "?plan={}"], ids=["newest", "chosen"])
def test_the_log_says_which_plan_the_map_of_a_project_was_of(service, drawn, words):
    where = f"/projects/{drawn.project_id}/map{words.format(drawn.plan_id)}"
    before = logged(service, "/projects/{project_id}/map", drawn.plan_id)
    assert service.client.get(where).status_code == 200
    after = logged(service, "/projects/{project_id}/map", drawn.plan_id)
    assert after == [*before, (200, drawn.plan_id, {})]


def test_a_foreign_id_in_a_body_or_a_query_is_logged_as_a_refusal(service, drawn, town, tmp_path):
    foreign = keep_plan(service.store, keep_town(service.store, tmp_path), tmp_path / "b", number=9)
    viewer = person(service, "looks.elsewhere", town.project_id, role="viewer")
    path, unknown = f"/projects/{town.project_id}/comparisons", f"plan-{'c' * 12}"
    told = []
    for plan_id in (foreign.plan_id, unknown):
        wish = {"plan_a": plan_id, "plan_b": drawn.plan_id}
        refused = viewer.post(path, json=wish)
        assert refused.status_code == 404
        told.append(refused.text.replace(plan_id, ""))
        where = f"http://127.0.0.1/projects/{town.project_id}/map?plan={plan_id}"
        assert service.client.get(where, headers=viewer.headers).status_code == 404
    assert told[0] == told[1]
    with service.store.database.reading() as session:
        rows = session.execute(
            sa.select(Audit.action, Audit.status).where(Audit.user_id == viewer.user_id)
        )
        assert [tuple(row) for row in rows] == [
            ("POST /api/v1/projects/{project_id}/comparisons", 404),
            ("GET /projects/{project_id}/map", 404),
        ]


def test_what_only_touches_a_frontage_or_stands_in_its_hole_is_not_on_it(service, operator, town):
    seen = operator.get(f"/projects/{town.project_id}/frontage").json()["furniture"]["features"]
    assert [row["properties"]["kind"] for row in seen] == ["unit 1", "unit 2"]
    assert shape(seen[1]["geometry"]).intersection(GROUND).area > 0


@pytest.mark.parametrize("line_id", ["L1", "L2"])
def test_an_operator_finds_out_no_line_by_naming_it(operator, drawn, line_id):
    place = {"type": "Point", "coordinates": [24.9401, 60.1701]}
    said = {"text": "Which lines are there?", "place": place}
    comments = f"/plans/{drawn.plan_id}/comments"
    assert operator.post(comments, json={**said, "line_id": line_id}).status_code == 403
    assert operator.post(comments, json={"text": "x", "line_id": line_id}).status_code == 403
    assert operator.post(comments, json=said).status_code == 201
