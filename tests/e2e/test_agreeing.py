"""People of several roles open a plan, talk about it, sign it, approve it and let a copy out."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e.pages import FAINT, NAMELESS, PATIENCE_MS, Opener, items, part, steps
from tests.e2e.staffed import Staffed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("town")]


@pytest.fixture(scope="module")
def plan(town: Staffed) -> dict[str, Any]:
    """The only plan of a proposal; it stays a draft."""
    return town.proposal("Bollards around <b>all</b>")


def test_a_proposal_is_opened_as_it_is_and_planned_on_as_its_next_version(
    town: Staffed, opened: Opener, asked: list[Request], complaints: list[str]
) -> None:
    first = town.proposal("Versions")
    page = opened("paula")
    row = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="Versions"))
    expect(row).to_contain_text("Draft")
    expect(row).to_contain_text(re.compile(r"HOLDS.*EUR.*Version 1", re.DOTALL))
    row.get_by_role("button", name="Versions").click()
    expect(page.get_by_role("region", name="Verdict")).to_be_visible()
    expect(page.get_by_role("heading", name="Versions")).to_be_focused()
    assert {request.method for request in asked} == {"GET"}

    page.get_by_role("button", name="Change the plan").click()
    expect(page.get_by_role("radio", name="The next version of Versions")).to_be_checked()
    page.get_by_role("button", name="Make the plan").click()
    version = page.get_by_label("Version", exact=True)
    expect(version).to_contain_text("Version 2", timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", name="Versions")).to_be_visible()
    assert page.url.partition("#plan=")[2] != first["plan_id"]

    version.select_option(first["plan_id"])
    expect(page).to_have_url(re.compile(first["plan_id"]))
    expect(version).to_have_value(first["plan_id"])
    numbers = [plan["number"] for plan in items(town, f"/proposals/{first['proposal_id']}/plans")]
    assert numbers == [1, 2]
    assert {urlsplit(request.url).hostname for request in asked} == {"127.0.0.1"}
    assert complaints == []


def test_a_version_keeps_its_zone_and_another_zone_is_a_proposal_of_its_own(
    opened: Opener, plan: dict[str, Any]
) -> None:
    page = opened("paula", plan)
    page.get_by_role("button", name="Change the plan").click()
    expect(page.get_by_label("Name", exact=True)).to_be_hidden()
    page.get_by_role("radio", name="A circle").check()
    page.get_by_role("button", name="Take the middle of the map").click()
    expect(page.get_by_text("Versions of a proposal share its zone")).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile("The next version of"))).to_be_hidden()
    expect(page.get_by_label("Name", exact=True)).to_be_visible()


def test_a_plan_goes_from_hand_to_hand_and_each_finds_his_own_steps_only(
    town: Staffed, opened: Opener, complaints: list[str]
) -> None:
    plan = town.proposal("From hand to hand")
    paula = opened("paula", plan)
    review = part(paula, "Review")
    expect(review).to_contain_text("A draft")
    review.get_by_role("button", name="Put it before the reviewers").click()
    expect(review).to_contain_text("Put before the reviewers by paula")
    expect(review).to_contain_text("Not signed yet by police, fire.")
    expect(paula.locator(".version")).to_contain_text("In review")
    assert steps(review) == ["Take it back"]

    fiona = opened("fiona", plan)
    review = part(fiona, "Review")
    assert review.get_by_label("You speak for").get_by_role("option").all_inner_texts() == ["fire"]
    assert steps(review) == ["Sign off", "Ask for changes"]
    review.get_by_label("Words to it").fill("The lane <i>is</i> wide enough.")
    review.get_by_role("button", name="Sign off").click()
    expect(review).to_contain_text("fire: signed by fiona")
    expect(review).to_contain_text("The lane <i>is</i> wide enough.")

    amir = opened("amir", plan)
    review = part(amir, "Review")
    assert steps(review) == ["Approve this version", "Ask for changes"]
    expect(review.get_by_role("button", name="Approve this version")).to_be_disabled()

    pekka = opened("pekka", plan)
    part(pekka, "Review").get_by_role("button", name="Sign off").click()
    expect(part(pekka, "Review")).to_contain_text("Every sign-off is there")

    amir.reload()
    review = part(amir, "Review")
    review.get_by_role("button", name="Approve this version").click()
    expect(review).not_to_contain_text("Approved by")
    review.get_by_role("button", name="Approve it for good?").click()
    expect(review).to_contain_text("Approved by amir on ")
    expect(review).to_contain_text(plan["content_hash"])
    expect(amir.get_by_role("status").first).to_contain_text("It is approved.")

    vera = opened("vera", plan)
    review = part(vera, "Review")
    expect(review).to_contain_text("Approved by amir on ")
    assert steps(review) == []
    assert complaints == []


def test_a_step_that_somebody_else_took_first_is_refused_in_the_words_of_the_service(
    town: Staffed, opened: Opener, plan: dict[str, Any]
) -> None:
    page = opened("paula", plan)
    review = part(page, "Review")
    expect(review).to_contain_text("A draft")
    town.post("paula", f"/plans/{plan['plan_id']}/submission")
    review.get_by_role("button", name="Put it before the reviewers").click()
    expect(review.get_by_role("alert")).to_contain_text("is in review; only a draft is submitted")
    expect(review).to_contain_text("Put before the reviewers by paula")
    review.get_by_role("button", name="Take it back").click()
    expect(review).to_contain_text("A draft")
    expect(review.get_by_role("alert")).to_have_count(0)


def test_a_name_that_was_changed_meanwhile_is_shown_and_not_written_over(
    town: Staffed, opened: Opener, plan: dict[str, Any]
) -> None:
    page = opened("paula", plan)
    name = page.get_by_role("heading", level=2)
    was = name.inner_text()
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the proposal").fill("Mine")
    _renamed(town, plan, "Hers")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else was first")
    expect(page.get_by_role("alert")).to_contain_text("it was changed meanwhile")
    expect(name).to_have_text("Hers")
    expect(page.get_by_label("Name of the proposal")).to_have_value("Mine")
    page.get_by_role("button", name="Save the name").click()
    expect(name).to_have_text("Mine")
    _renamed(town, plan, was)


def test_comments_are_pinned_to_places_and_barriers_and_their_text_is_no_page(
    town: Staffed, opened: Opener, plan: dict[str, Any], complaints: list[str]
) -> None:
    page = opened("paula", plan)
    talk = part(page, "Comments")
    pins = page.locator(".comment-mark")
    expect(pins).to_have_count(0)

    words = "<img src=x onerror=alert(1)> is <b>no</b> picture"
    talk.get_by_label("Comment", exact=True).fill(words)
    talk.get_by_label("It is about").select_option(label="a place on the map")
    _click_on_the_map(page)
    expect(talk).to_contain_text("a click on the map moves it")
    talk.get_by_role("button", name="Send", exact=True).click()
    expect(talk.get_by_role("listitem")).to_contain_text(words)
    expect(pins).to_have_count(1)
    assert page.locator("#panel img").count() == 0
    (comment,) = items(town, f"/plans/{plan['plan_id']}/comments")
    longitude, latitude = comment["place"]["coordinates"]
    assert 24.94 < longitude < 24.95
    assert 60.165 < latitude < 60.175

    talk.get_by_label("Comment", exact=True).fill("Too close to the door.")
    talk.get_by_label("It is about").select_option(index=2)
    talk.get_by_role("button", name="Send", exact=True).click()
    expect(talk.get_by_role("button", name=re.compile("^Barrier "))).to_be_visible()
    expect(pins).to_have_count(2)
    expect(page.get_by_role("tab", name="Comments (2)")).to_be_visible()

    part(page, "Plan")
    pins.first.click()
    expect(page.locator(f"#{comment['comment_id']}")).to_be_focused()

    fiona = opened("fiona", plan)
    hers = part(fiona, "Comments")
    first = hers.get_by_role("listitem").filter(has_text=words)
    assert "Delete" not in steps(first)
    assert "Settle" not in steps(first)
    first.get_by_text("Answer", exact=True).click()
    first.get_by_label("Your answer").fill("I was there: 14 cm.")
    first.get_by_role("button", name="Send the answer").click()
    expect(first.get_by_role("listitem")).to_contain_text("fiona")

    second = talk.get_by_role("listitem").filter(has_text="Too close")
    second.get_by_role("button", name="Delete").click()
    second.get_by_role("button", name="Really delete?").click()
    expect(pins).to_have_count(1)
    first = talk.get_by_role("listitem").filter(has_text=words)
    first.get_by_role("button", name="Settle").click()
    expect(talk.get_by_text("1 settled comment")).to_be_visible()
    # Answered in between: whoever deletes now would take an answer away.
    assert "Delete" not in steps(talk)
    assert complaints == []


def test_a_comment_that_was_settled_meanwhile_is_shown_as_it_stands(
    town: Staffed, opened: Opener, plan: dict[str, Any]
) -> None:
    path = f"/plans/{plan['plan_id']}/comments"
    comment = town.post("paula", path, {"text": "Here?"})
    page = opened("paula", plan)
    talk = part(page, "Comments")
    item = page.locator(f"#{comment['comment_id']}")
    expect(item).to_be_visible()
    headers = {"If-Match": f'"{comment["revision"]}"'}
    address = f"/comments/{comment['comment_id']}"
    changed = town.people["paula"].patch(address, json={"text": "There?"}, headers=headers)
    assert changed.status_code == 200
    item.get_by_role("button", name="Settle").click()
    expect(talk.get_by_role("alert")).to_contain_text("Somebody else was first")
    expect(item).to_contain_text("There?")


def test_a_public_copy_is_let_out_by_somebody_else_than_who_made_it(
    town: Staffed, opened: Opener, browser: Browser, plan: dict[str, Any], tmp_path: Path
) -> None:
    paula = opened("paula", plan)
    copies = part(paula, "Copies")
    copies.get_by_role("radio", name="Everybody").check()
    copies.get_by_label("Title of the public page").fill("Plans for the market square")
    copies.get_by_role("button", name="Make the copy").click()
    made = copies.get_by_role("listitem")
    expect(made).to_contain_text("PUBLIC: copy for consultation")
    expect(made).to_contain_text("Not released")
    assert steps(made) == []
    copies.get_by_role("radio", name="Members").check()
    copies.get_by_role("button", name="Make the copy").click()
    restricted = made.filter(has_text="RESTRICTED: protective security")
    with paula.expect_download() as download:
        restricted.get_by_role("link", name=re.compile("^Download")).click()
    assert download.value.suggested_filename.endswith(".zip")
    download.value.save_as(tmp_path / "copy.zip")
    assert (tmp_path / "copy.zip").read_bytes()[:2] == b"PK"

    amir = opened("amir", plan)
    copies = part(amir, "Copies")
    expect(copies.get_by_role("listitem")).to_have_count(2)
    copies.get_by_role("button", name="Release it").click()
    copies.get_by_role("button", name="Release it to everybody?").click()
    link = copies.get_by_role("link", name="/public/")
    address = link.inner_text()
    assert address.startswith(town.address)
    with browser.new_context() as stranger:
        page = stranger.new_page()
        page.goto(address)
        expect(page).to_have_title(re.compile("Plans for the market square"))


def test_a_private_operator_sees_his_frontage_only_and_says_what_he_thinks_of_it(
    town: Staffed, opened: Opener, plan: dict[str, Any], complaints: list[str]
) -> None:
    town.post("paula", f"/plans/{plan['plan_id']}/submission")
    page = opened("otto", width=360)
    expect(page.get_by_role("heading", name="Your frontage")).to_be_visible()
    row = page.get_by_role("table", name="Planned furniture").get_by_role("row").nth(1)
    expect(row).to_contain_text(re.compile(r"[\d.]+\sm by [\d.]+\sm"))
    expect(page.get_by_role("tab")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.get_by_label("Comment", exact=True).fill("Our door is here.")
    page.get_by_role("button", name="Take the middle of the map").click()
    page.get_by_role("button", name="Send", exact=True).click()
    item = page.get_by_role("listitem").filter(has_text="Our door is here.")
    expect(item).to_contain_text("you")
    said = items(town, f"/projects/{town.project_id}/comments")
    assert said[-1]["text"] == "Our door is here."
    assert said[-1]["plan_id"] is not None
    item.get_by_role("button", name="Delete").click()
    item.get_by_role("button", name="Really delete?").click()
    expect(item).to_have_count(0)
    town.take_back(plan)
    assert complaints == []


@pytest.mark.parametrize("name", ["paula", "fiona", "amir", "vera"])
def test_every_screen_fits_a_telephone_has_names_and_can_be_read(
    opened: Opener, plan: dict[str, Any], name: str
) -> None:
    page = opened(name, plan, width=360)
    expect(page.get_by_role("tab", name="Plan")).to_be_visible()
    for title in ("Plan", "Review", "Comments", "Copies", "Compare"):
        panel = part(page, title)
        expect(panel).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, title
        assert json.loads(page.evaluate(NAMELESS)) == [], title
        assert json.loads(page.evaluate(FAINT)) == [], title
    page.get_by_role("button", name="All proposals").click()
    expect(page.get_by_role("heading", name="Proposals")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    has_plan = page.get_by_role("button", name="Plan anew").count() == 1
    assert has_plan == (name == "paula")


def test_keys_pass_the_map_in_a_few_steps_and_the_focus_is_always_in_sight(
    town: Staffed, opened: Opener
) -> None:
    plan = town.proposal("By keys")
    page = opened("paula", plan)
    review = part(page, "Review")
    submit = review.get_by_role("button", name="Put it before the reviewers")
    submit.focus()
    page.keyboard.press("Enter")
    heading = review.get_by_role("heading", name="Review")
    expect(heading).to_be_focused()
    box = heading.bounding_box()
    assert box is not None
    assert box["height"] >= 15

    page.get_by_role("application").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    expect(page.get_by_text("Legend and layers")).to_be_focused()


def test_tabs_are_reached_and_changed_by_keys(opened: Opener, plan: dict[str, Any]) -> None:
    page = opened("vera", plan)
    page.get_by_role("tab", name="Plan").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Review")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Review")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel")).to_have_count(1)


def _renamed(town: Staffed, plan: dict[str, Any], name: str) -> None:
    path = f"/proposals/{plan['proposal_id']}"
    revision = town.get(path)["revision"]
    headers = {"If-Match": f'"{revision}"'}
    answer = town.people["anna"].patch(path, json={"name": name}, headers=headers)
    assert answer.status_code == 200


def _click_on_the_map(page: Page) -> None:
    """Click beside the middle, where neither the legend nor a mark lies."""
    box = page.get_by_role("application").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.45 * box["height"])
