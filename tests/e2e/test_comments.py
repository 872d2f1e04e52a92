"""People change their own words, and the list of proposals is read a page at a time."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.e2e.pages import Opener, part, steps
from tests.e2e.staffed import Staffed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("town")]


@pytest.fixture(scope="module")
def plan(town: Staffed) -> dict[str, Any]:
    return town.proposal("Words")


def _comment(town: Staffed, plan: dict[str, Any], who: str, text: str) -> dict[str, Any]:
    made: dict[str, Any] = town.post(who, f"/plans/{plan['plan_id']}/comments", {"text": text})
    return made


def _rewording(page: Page, comment: dict[str, Any], text: str) -> None:
    item = page.locator(f"#{comment['comment_id']}")
    item.get_by_text("Edit", exact=True).click()
    item.get_by_label("Your words").fill(text)


def test_who_wrote_a_comment_changes_its_words_and_nobody_else_can(
    town: Staffed, opened: Opener, plan: dict[str, Any], complaints: list[str]
) -> None:
    comment = _comment(town, plan, "fiona", "The lane is to narrow.")
    page = opened("fiona", plan)
    part(page, "Comments")
    _rewording(page, comment, "The lane is <b>too</b> narrow.")
    item = page.locator(f"#{comment['comment_id']}")
    item.get_by_role("button", name="Save the words").click()
    expect(item.locator(".words")).to_have_text("The lane is <b>too</b> narrow.")
    assert (
        town.get(f"/comments/{comment['comment_id']}")["text"] == "The lane is <b>too</b> narrow."
    )

    paula = opened("paula", plan)
    part(paula, "Comments")
    hers = paula.locator(f"#{comment['comment_id']}")
    expect(hers.get_by_text("Edit", exact=True)).to_have_count(0)
    assert "Settle" in steps(hers)
    assert complaints == []


def test_what_was_typed_stays_where_somebody_else_was_first(
    town: Staffed, opened: Opener, plan: dict[str, Any]
) -> None:
    comment = _comment(town, plan, "pekka", "First words")
    page = opened("pekka", plan)
    talk = part(page, "Comments")
    item = page.locator(f"#{comment['comment_id']}")
    _rewording(page, comment, "What I typed")
    headers = {"If-Match": f'"{comment["revision"]}"'}
    address = f"/comments/{comment['comment_id']}"
    changed = town.people["pekka"].patch(address, json={"text": "Meanwhile"}, headers=headers)
    assert changed.status_code == 200

    item.get_by_role("button", name="Save the words").click()
    expect(talk.get_by_role("alert")).to_contain_text("Somebody else was first")
    expect(item.locator(".words")).to_have_text("Meanwhile")
    expect(item.get_by_label("Your words")).to_have_value("What I typed")
    item.get_by_role("button", name="Save the words").click()
    expect(item.locator(".words")).to_have_text("What I typed")
    assert town.get(address)["text"] == "What I typed"


def test_an_answer_that_is_being_typed_outlives_a_step_elsewhere(
    town: Staffed, opened: Opener, plan: dict[str, Any]
) -> None:
    asked = _comment(town, plan, "fiona", "Who pays?")
    other = _comment(town, plan, "fiona", "Done?")
    page = opened("paula", plan)
    part(page, "Comments")
    item = page.locator(f"#{asked['comment_id']}")
    item.get_by_text("Answer", exact=True).click()
    item.get_by_label("Your answer").fill("The city, half")
    page.locator(f"#{other['comment_id']}").get_by_role("button", name="Settle").click()
    expect(page.get_by_text(re.compile("settled comment"))).to_be_visible()
    expect(item.get_by_label("Your answer")).to_have_value("The city, half")


def test_a_private_operator_changes_his_own_words(
    town: Staffed, opened: Opener, plan: dict[str, Any]
) -> None:
    town.post("paula", f"/plans/{plan['plan_id']}/submission")
    place = {"type": "Point", "coordinates": [24.9441, 60.1714]}
    path = f"/plans/{plan['plan_id']}/comments"
    comment = town.post("otto", path, {"text": "Our dor", "place": place})
    page = opened("otto")
    _rewording(page, comment, "Our door")
    item = page.locator(f"#{comment['comment_id']}")
    item.get_by_role("button", name="Save the words").click()
    expect(item.locator(".words")).to_have_text("Our door")
    town.take_back(plan)


def test_proposals_come_a_page_at_a_time_the_newest_first_without_a_look_at_each(
    town: Staffed, opened: Opener, asked: list[Request], plan: dict[str, Any]
) -> None:
    for name in ("Older", "Newer"):
        town.proposal(name)
    page = opened("vera", at="desk=none")

    def one_at_a_time(route: Route) -> None:
        route.continue_(url=route.request.url.replace("limit=12", "limit=1"))

    page.route(re.compile("order=newest"), one_at_a_time)
    page.goto(town.address)
    rows = page.locator(".proposals > li")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(re.compile(r"Newer.*HOLDS.*EUR.*Version 1", re.DOTALL))
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("Older")
    expect(rows.last.get_by_role("button", name="Older")).to_be_focused()
    page.get_by_role("button", name="Show more").click()
    expect(rows.last).to_contain_text("Words")
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    assert not [request.url for request in asked if "/api/v1/plans/" in request.url]
