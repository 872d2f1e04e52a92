"""The screens around the plans: people let in, tokens, the calendar, work, the log."""

import json
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e.pages import FAINT, NAMELESS, PATIENCE_MS, Opener, items
from tests.e2e.staffed import PASSWORD, Staffed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("town")]

EVENT = {
    "name": "Christmas market",
    "date_from": "2027-11-22",
    "date_to": "2027-12-23",
    "opens": "10:00",
    "closes": "20:00",
    "people": 3000,
}


def ways(page: Page) -> list[str]:
    page.get_by_role("heading", level=2).first.wait_for()
    return page.get_by_role("navigation", name="Screens").get_by_role("link").all_inner_texts()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("anna", ["Proposals", "Calendar", "Work", "Project", "Users", "Log", "Account"]),
        ("paula", ["Proposals", "Calendar", "Work", "Project", "Account"]),
        ("vera", ["Proposals", "Calendar", "Work", "Project", "Account"]),
        ("otto", ["Your frontage", "Account"]),
    ],
)
def test_each_role_finds_the_ways_that_are_open_to_it(
    opened: Opener, name: str, shown: list[str]
) -> None:
    page = opened(name, at="desk=account")
    assert ways(page) == shown
    closed = opened(name, at="desk=users")
    is_open = closed.get_by_role("button", name="Make the user and a link")
    closed.get_by_role("heading", name="Users", level=2).wait_for()
    assert is_open.count() == (1 if name == "anna" else 0)


def test_an_administrator_lets_a_colleague_in_who_then_signs_for_the_fire_brigade(
    town: Staffed, opened: Opener, browser: Browser, complaints: list[str]
) -> None:
    page = opened("anna", at="desk=project")
    page.get_by_label("Who").select_option("somebody new")
    page.get_by_label("Name or e-mail").fill("frida@example.org")
    page.get_by_label("Role", exact=True).select_option("reviewer")
    page.get_by_role("button", name="Give the role").click()
    # A reviewer without a discipline is nothing yet: the first box is where it goes on.
    expect(page.get_by_role("checkbox", name="police").last).to_be_focused()
    page.get_by_role("group", name="Signs for").get_by_role("checkbox", name="fire").check()
    page.get_by_role("button", name="Give the role").click()
    link = page.get_by_label("Link to come in with").last.input_value()
    expect(page.get_by_role("region", name="Members")).to_contain_text(
        "frida@example.org reviewer for fire"
    )
    members = town.get(f"/projects/{town.project_id}/members")
    frida = next(member for member in members if member["name"] == "frida@example.org")
    assert (frida["role"], frida["disciplines"]) == ("reviewer", ["fire"])

    with browser.new_context() as context:
        hers = context.new_page()
        hers.goto(link)
        hers.get_by_label("Password").fill(PASSWORD)
        hers.get_by_role("button", name="Go on").click()
        expect(hers.get_by_role("navigation", name="Screens")).to_contain_text("Proposals")

    page.get_by_role("button", name="Take out").filter(has_text="Take out").nth(
        sorted(member["name"] for member in members).index("frida@example.org")
    ).click()
    page.get_by_role("button", name="Take frida@example.org out?").click()
    expect(page.get_by_role("region", name="Members")).not_to_contain_text("frida")
    assert complaints == []


def test_a_member_sees_who_is_in_the_project_and_changes_nothing(
    town: Staffed, opened: Opener
) -> None:
    page = opened("paula", at="desk=project")
    members = page.get_by_role("region", name="Members")
    expect(members.get_by_role("listitem")).to_have_count(6)
    expect(members).to_contain_text("otto private operator")
    assert page.locator("#panel").get_by_role("button").count() == 0


def test_which_signatures_an_approval_needs_is_changed_against_what_was_seen(
    town: Staffed, opened: Opener
) -> None:
    page = opened("anna", at="desk=project")
    part = page.get_by_role("region", name="What an approval needs")
    expect(part).to_contain_text("the signatures of police, fire.")
    part.get_by_text("Change name and signatures").click()
    part.get_by_role("checkbox", name="heritage").check()
    path = f"/projects/{town.project_id}"
    seen = town.get(path)["revision"]
    headers = {"If-Match": f'"{seen}"'}
    town.people["anna"].patch(path, json={"description": "Hers"}, headers=headers)
    part.get_by_role("button", name="Save").click()
    expect(part.get_by_role("alert")).to_contain_text("Somebody else was first")
    part.get_by_text("Change name and signatures").click()
    part.get_by_role("checkbox", name="heritage").check()
    part.get_by_role("button", name="Save").click()
    expect(part).to_contain_text("police, fire, heritage.")
    headers = {"If-Match": f'"{town.get(path)["revision"]}"'}
    town.people["anna"].patch(path, json={"sign_offs": ["police", "fire"]}, headers=headers)


def test_a_user_is_shut_out_and_let_in_again(town: Staffed, opened: Opener) -> None:
    town.post("anna", "/users", {"name": "ursula"})
    page = opened("anna", at="desk=users")
    row = page.get_by_role("listitem").filter(has_text="ursula")
    expect(row).to_contain_text("has not come in yet")
    row.get_by_role("button", name="Shut out").click()
    row.get_by_role("button", name="Shut ursula out?").click()
    expect(row).to_contain_text("shut out")
    row.get_by_role("button", name="Let in again").click()
    row.get_by_role("button", name="Let ursula in again?").click()
    row.get_by_role("button", name="New link").click()
    row.get_by_role("button", name=re.compile("Make it")).click()
    expect(page.get_by_label("Link to come in with").last).to_have_value(
        re.compile(f"^{re.escape(town.address)}/#invitation=")
    )
    self_row = page.get_by_role("listitem").filter(has_text="anna")
    expect(self_row.get_by_role("button", name="Shut out")).to_have_count(0)


def test_a_token_is_shown_once_opens_what_it_says_and_is_revoked(
    town: Staffed, opened: Opener, complaints: list[str]
) -> None:
    page = opened("vera", at="desk=account")
    page.get_by_label("What it is for").fill("QGIS on my desk")
    page.get_by_label("In", exact=True).select_option("Market")
    page.get_by_role("button", name="Make the token").click()
    box = page.get_by_role("group", name="The token")
    expect(box).to_be_focused()
    expect(box).to_contain_text(f"{town.address}/ogc")
    secret = box.get_by_label("The token").input_value()
    ogc = f"{town.address}/ogc/collections"
    assert httpx.get(ogc, auth=("vera", secret)).status_code == 200
    written = {"Authorization": f"Bearer {secret}"}
    comment = f"{town.address}/api/v1/projects/{town.project_id}/events"
    assert httpx.post(comment, json=EVENT, headers=written).status_code == 403

    page.reload()
    row = page.get_by_role("listitem").filter(has_text="QGIS on my desk")
    expect(row).to_contain_text("reads, Market, until")
    assert secret not in page.content()
    row.get_by_role("button", name="Revoke").click()
    row.get_by_role("button", name="Really revoke?").click()
    expect(row).to_contain_text("revoked")
    assert httpx.get(ogc, auth=("vera", secret)).status_code == 401
    assert complaints == []


def test_the_own_password_is_changed_by_who_knows_it(town: Staffed, opened: Opener) -> None:
    page = opened("amir", at="desk=account")
    other = "another quiet river 8"
    page.get_by_label("Password until now").fill("not this one, surely")
    page.get_by_label("New password").fill(other)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password until now").fill(PASSWORD)
    page.get_by_label("New password").fill(other)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status").first).to_contain_text("Your password is changed")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Name").fill("amir")
    page.get_by_label("Password").fill(other)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Proposals")).to_be_visible()


def test_an_event_of_the_calendar_is_entered_changed_taken_into_a_plan_and_struck(
    town: Staffed, opened: Opener, complaints: list[str]
) -> None:
    page = opened("paula", at="desk=calendar")
    page.get_by_label("Name").fill("Fair")
    page.get_by_label("First day").fill("2027-05-01")
    page.get_by_label("Last day").fill("2027-05-03")
    page.get_by_label("People at one time").fill("800")
    page.get_by_role("button", name="Enter the event").click()
    row = page.get_by_role("listitem").filter(has_text="Fair")
    expect(row).to_contain_text("800 people")
    (event,) = items(town, f"/projects/{town.project_id}/events")
    assert (event["date_from"], event["date_to"], event["people"]) == (
        "2027-05-01",
        "2027-05-03",
        800,
    )

    row.get_by_text("Change", exact=True).click()
    row.get_by_label("People at one time").fill("900")
    row.get_by_role("button", name="Save the event").click()
    expect(row).to_contain_text("900 people")

    page.get_by_role("link", name="Proposals").click()
    anew = page.get_by_role("button", name="Plan anew")
    form = page.get_by_role("heading", name="Plan the protection")
    expect(anew.or_(form)).to_be_visible(timeout=PATIENCE_MS)
    if anew.is_visible():
        anew.click()
    page.get_by_text("Events of a year").click()
    page.get_by_role("button", name="Take those of the calendar").click()
    expect(page.get_by_label("Name of event 1")).to_have_value("Fair")
    expect(page.get_by_label("People of event 1")).to_have_value("900")

    vera = opened("vera", at="desk=calendar")
    hers = vera.get_by_role("listitem").filter(has_text="Fair")
    expect(hers).to_be_visible()
    expect(hers.get_by_role("button")).to_have_count(0)

    page.get_by_role("link", name="Calendar").click()
    row.get_by_role("button", name="Strike").click()
    row.get_by_role("button", name="Really strike it?").click()
    expect(row).to_have_count(0)
    assert complaints == []


def test_work_is_listed_and_stopped_by_planners_only(
    town: Staffed, opened: Opener, complaints: list[str]
) -> None:
    full = {"vehicles": ["M1", "N2A", "N3C"], "resolution_m": 0.5, "headings": 64}
    job = town.post("paula", f"/sites/{town.site_id}/proposals", {**full, "name": "Slow"})
    vera = opened("vera", at="desk=work")
    row = vera.locator(".rows > li").first
    expect(row).to_contain_text(re.compile("Planning (waits|runs)"))
    expect(row.get_by_role("button", name="Stop")).to_have_count(0)
    paula = opened("paula", at="desk=work")
    row = paula.locator(".rows > li").first
    row.get_by_role("button", name="Stop").click()
    row.get_by_role("button", name="Really stop it?").click()
    expect(row).to_contain_text("stopped")
    assert town.get(f"/jobs/{job['job_id']}")["state"] == "cancelled"
    assert complaints == []


def test_an_administrator_reads_who_did_what(
    town: Staffed, opened: Opener, asked: list[Request]
) -> None:
    made = town.post("paula", f"/projects/{town.project_id}/events", EVENT)
    page = opened("anna", at="desk=log")
    page.get_by_label("By").select_option("paula")
    page.get_by_role("button", name="Look it up").click()
    log = page.get_by_role("region", name="Log")
    row = log.get_by_role("listitem").filter(has_text="entered an event")
    expect(row.last).to_contain_text("paula entered an event in Market")
    expect(log).not_to_contain_text("anna")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    page.get_by_label("From this day on").fill(tomorrow.date().isoformat())
    page.get_by_role("button", name="Look it up").click()
    expect(log).to_have_text("Nobody did anything.")
    assert made["name"] == EVENT["name"]
    assert not [request.url for request in asked if request.method != "GET"]


def test_a_screen_is_found_again_by_reload_and_by_the_way_back(opened: Opener) -> None:
    page = opened("vera", at="desk=calendar")
    page.get_by_role("link", name="Account").click()
    expect(page.get_by_role("heading", name="vera")).to_be_focused()
    expect(page.get_by_role("link", name="Account")).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.get_by_role("heading", name="Calendar")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Calendar")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_screen_fits_has_names_and_can_be_read(opened: Opener, width: int) -> None:
    page = opened("anna", width=width, at="desk=account")
    for title in ways(page):
        page.get_by_role("link", name=title, exact=True).click()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, title
        assert json.loads(page.evaluate(NAMELESS)) == [], title
        assert json.loads(page.evaluate(FAINT)) == [], title
        assert json.loads(page.evaluate(_SMALL)) == [], title


# What is to be hit and is lower or narrower than 24 px, but for links within a sentence and boxes
# whose words are hit as well (WCAG 2.2, 2.5.8).
_SMALL = """
JSON.stringify([...document.querySelectorAll("button, select, input, summary, nav a")]
  .filter((item) => item.checkVisibility() && !item.closest("label"))
  .filter((item) => {
    const { width, height } = item.getBoundingClientRect();
    return width < 24 || height < 24;
  })
  .map((item) => item.outerHTML))
"""
