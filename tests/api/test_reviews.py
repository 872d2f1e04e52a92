"""The way of a plan: draft, in review, signed by each discipline, approved; nobody's own."""

import pytest

from api.store import Plan
from tests.api.people import person

pytestmark = pytest.mark.slow  # a real plan


@pytest.fixture(scope="module")
def people(service, plan):
    roles = {
        "planner": {"role": "planner"},
        "police": {"role": "reviewer", "disciplines": ["police"]},
        "fire": {"role": "reviewer", "disciplines": ["fire", "accessibility"]},
        "approver": {"role": "approver"},
        "viewer": {"role": "viewer"},
    }
    return {
        name: person(service, f"{name}.of.reviews", service.project, **role)
        for name, role in roles.items()
    }


@pytest.fixture(scope="module")
def draft(service, people, site, asked_plan):
    """A plan that the planner made: the first version of a proposal of his."""
    asked = {**asked_plan, "name": "Reviewed"}
    answer = people["planner"].post(f"/sites/{site['site_id']}/proposals", json=asked)
    job = service.finished(answer.json())
    assert job["error"] is None
    return service.client.get(job["result"]).json()


def state(service, plan):
    return service.get(f"/plans/{plan['plan_id']}/reviews").json()


def test_a_plan_goes_from_hand_to_hand_until_it_is_approved(service, people, draft):
    path = f"/plans/{draft['plan_id']}"
    words = {"text": "Agreed on the spot."}
    decision = {"decision": "approved", "content_hash": draft["content_hash"], **words}
    sign = {"discipline": "fire", "decision": "signed"}
    assert draft["state"] == "draft"

    # A draft is nobody's to sign or to approve.
    assert people["fire"].post(f"{path}/reviews", json=sign).status_code == 409
    assert people["approver"].post(f"{path}/approval", json=decision).status_code == 409
    assert people["viewer"].post(f"{path}/submission").status_code == 403

    submitted = people["planner"].post(f"{path}/submission")
    assert submitted.json()["state"] == "in_review"
    assert submitted.json()["submitted_by"] == people["planner"].user_id
    assert set(submitted.json()["missing"]) == {"police", "fire", "accessibility"}

    # Each discipline for itself.
    assert people["police"].post(f"{path}/reviews", json=sign).status_code == 403
    assert people["planner"].post(f"{path}/reviews", json=sign).status_code == 403
    for name, discipline in (("fire", "fire"), ("fire", "accessibility")):
        signed = people[name].post(f"{path}/reviews", json={**sign, "discipline": discipline})
        assert signed.status_code == 201, signed.text
        assert signed.json()["content_hash"] == draft["content_hash"]

    early = people["approver"].post(f"{path}/approval", json=decision)
    assert early.status_code == 409
    assert "police" in early.json()["detail"]
    people["police"].post(f"{path}/reviews", json={**sign, "discipline": "police"})
    assert state(service, draft)["missing"] == []

    other = people["approver"].post(f"{path}/approval", json={**decision, "content_hash": "0" * 64})
    assert other.status_code == 409
    assert people["planner"].post(f"{path}/approval", json=decision).status_code == 403

    approved = people["approver"].post(f"{path}/approval", json=decision)
    assert approved.json()["state"] == "approved"
    assert approved.json()["decided_by"] == people["approver"].user_id
    # His words are kept once, by the decision that was taken.
    said = service.get(f"{path}/comments").json()["items"]
    assert [(comment["text"], comment["created_by"], comment["audience"]) for comment in said] == [
        (words["text"], people["approver"].user_id, "restricted")
    ]

    # From now on nothing changes it.
    assert people["planner"].delete(f"{path}/submission").status_code == 409
    assert people["fire"].post(f"{path}/reviews", json=sign).status_code == 409
    assert people["approver"].post(f"{path}/approval", json=decision).status_code == 409
    assert service.get(path).json()["content_hash"] == draft["content_hash"]


def test_nobody_approves_what_he_made_himself(service, people, site, asked_plan):
    """A planner who becomes the approver later is still the author."""
    both = person(service, "both.of.reviews", service.project, role="planner")
    answer = both.post(f"/sites/{site['site_id']}/proposals", json=asked_plan)
    job = service.finished(answer.json())
    plan = service.client.get(job["result"]).json()
    path = f"/plans/{plan['plan_id']}"
    both.post(f"{path}/submission")
    member = f"/api/v1/projects/{service.project}/members/{both.user_id}"
    assert service.client.put(member, json={"role": "approver"}).status_code == 200
    own = both.post(
        f"{path}/approval",
        json={"decision": "changes_asked", "content_hash": plan["content_hash"]},
    )
    assert own.status_code == 403
    assert "your own" in own.json()["detail"]


def test_nobody_signs_what_he_made_himself(service, people, site, asked_plan):
    """A planner who is given a discipline later is no second pair of eyes."""
    both = person(service, "signs.his.own", service.project, role="planner")
    answer = both.post(f"/sites/{site['site_id']}/proposals", json=asked_plan)
    path = service.finished(answer.json())["result"].removeprefix("/api/v1")
    both.post(f"{path}/submission")
    member = f"/api/v1/projects/{service.project}/members/{both.user_id}"
    role = {"role": "reviewer", "disciplines": ["police"]}
    assert service.client.put(member, json=role).status_code == 200
    for decision in ("signed", "changes_asked"):
        own = both.post(f"{path}/reviews", json={"discipline": "police", "decision": decision})
        assert own.status_code == 403
        assert "your own" in own.json()["detail"]
    sign = {"discipline": "police", "decision": "signed"}
    assert people["police"].post(f"{path}/reviews", json=sign).status_code == 201


def test_a_reviewer_sends_a_plan_back_and_the_next_version_is_a_new_draft(
    service, people, draft, asked_plan
):
    again = people["planner"].post(f"/proposals/{draft['proposal_id']}/plans", json=asked_plan)
    job = service.finished(again.json())
    second = service.client.get(job["result"]).json()
    assert (second["number"], second["state"]) == (2, "draft")
    path = f"/plans/{second['plan_id']}"
    people["planner"].post(f"{path}/submission")
    back = {"discipline": "police", "decision": "changes_asked", "text": "The east gap."}
    assert people["police"].post(f"{path}/reviews", json=back).status_code == 201
    assert state(service, second)["state"] == "changes_asked"
    assert people["planner"].post(f"{path}/submission").status_code == 409
    third = people["planner"].post(f"/proposals/{draft['proposal_id']}/plans", json=asked_plan)
    job = service.finished(third.json())
    newest = service.get(f"/proposals/{draft['proposal_id']}").json()
    assert (newest["newest"], newest["state"]) == (job["result_id"], "draft")
    numbers = [
        plan["number"]
        for plan in service.get(f"/proposals/{draft['proposal_id']}/plans").json()["items"]
    ]
    assert numbers == [1, 2, 3]


def test_what_is_approved_is_what_the_store_holds(service, people, site, asked_plan):
    answer = people["planner"].post(f"/sites/{site['site_id']}/proposals", json=asked_plan)
    plan = service.client.get(service.finished(answer.json())["result"]).json()
    path = f"/plans/{plan['plan_id']}"
    people["planner"].post(f"{path}/submission")
    with service.store.database.session() as session:
        row = session.get(Plan, plan["plan_id"])
        row.record = {**row.record, "verdict": {**row.record["verdict"], "standing": "holds!"}}
    changed = people["approver"].post(
        f"{path}/approval",
        json={"decision": "changes_asked", "content_hash": plan["content_hash"]},
    )
    assert changed.status_code == 409
    assert "restore a backup" in changed.json()["detail"]
