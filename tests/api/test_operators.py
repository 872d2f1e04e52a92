"""Private operators: what is said to whom in front of a door, and nothing else of the talk."""

import pytest
from shapely.geometry import Point, box, mapping

from tests.api.people import person

GROUND = box(24.94, 60.17, 24.941, 60.171)
INSIDE, OUTSIDE = mapping(GROUND.centroid), mapping(Point(24.95, 60.17))


@pytest.fixture(scope="module")
def path(service):
    return f"/projects/{service.project}/comments"


@pytest.fixture(scope="module")
def operator(service):
    frontage = mapping(GROUND)
    role = {"role": "private_operator", "frontage": frontage}
    return person(service, "baker", service.project, **role)


@pytest.fixture(scope="module")
def neighbour(service):
    frontage = mapping(box(24.95, 60.17, 24.951, 60.171))
    role = {"role": "private_operator", "frontage": frontage}
    return person(service, "butcher", service.project, **role)


@pytest.fixture(scope="module")
def own(operator, path):
    said = operator.post(path, json={"text": "My door.", "place": INSIDE})
    assert said.status_code == 201
    return said.headers["Location"]


@pytest.fixture(scope="module")
def answer(service, path, own):
    said = service.post(path, json={"text": "It stays free.", "answers": own.rpartition("/")[2]})
    assert said.status_code == 201
    return said.headers["Location"]


def said_to(whom, service):
    comments = whom.get(f"/projects/{service.project}/frontage").json()["comments"]
    return [comment["text"] for comment in comments]


def test_he_reads_what_he_said_and_what_answers_it(operator, own, answer):
    assert operator.get(own).json()["text"] == "My door."
    assert operator.get(own).headers["etag"]
    assert operator.get(answer).json()["text"] == "It stays free."


def test_he_changes_his_words_against_what_he_has_read(operator, own):
    tag = operator.get(own).headers["etag"]
    changed = operator.patch(own, json={"text": "My door."}, headers={"If-Match": tag})
    assert changed.status_code == 200


@pytest.mark.parametrize("place", [None, INSIDE, OUTSIDE], ids=["nowhere", "his ground", "else"])
def test_he_reads_no_comment_of_others(service, operator, path, place):
    said = service.post(path, json={"text": "A weak point.", "place": place})
    refused = operator.get(said.headers["Location"])
    assert refused.status_code == 403
    assert "weak point" not in refused.text


def test_he_reads_no_answer_to_others(service, operator, path):
    first = service.post(path, json={"text": "First."}).json()["comment_id"]
    second = service.post(path, json={"text": "Second.", "answers": first})
    assert operator.get(second.headers["Location"]).status_code == 403


def test_his_neighbour_reads_neither(neighbour, own, answer):
    assert neighbour.get(own).status_code == 403
    assert neighbour.get(answer).status_code == 403


def test_his_frontage_shows_what_answers_him_and_not_his_neighbour(
    service, operator, neighbour, own, answer
):
    assert {"My door.", "It stays free."} <= set(said_to(operator, service))
    assert not {"My door.", "It stays free."} & set(said_to(neighbour, service))


def test_other_members_read_all_of_it(service, own, answer):
    viewer = person(service, "viewer.of.doors", service.project, role="viewer")
    assert viewer.get(own).status_code == viewer.get(answer).status_code == 200


def test_a_stranger_is_told_that_there_is_nothing(service, own):
    assert person(service, "stranger.of.doors").get(own).status_code == 404
