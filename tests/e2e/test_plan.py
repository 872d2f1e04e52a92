"""A planner's path in a browser: draw a zone, get a plan with a verdict, take a file home."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from api.page import built_page
from tests.browser import lacking
from tests.started import LINK, started

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# A plan of one zone with one vehicle takes seconds; on a machine with other work, minutes.
PATIENCE_MS = 240_000

NAME, PASSWORD = "anna@example.org", "a long quiet river 7"


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The link that a first start prints; it sets the service up, once."""
    if built_page() is None:
        lacking("the page is not built; run npm ci and npm run build in web/")
    with started(tmp_path_factory.mktemp("store"), LINK) as (_, found):
        yield found


def test_a_planner_draws_a_zone_and_gets_a_plan(
    page: Page, link: str, asked: list[Request], complaints: list[str], tmp_path: Path
) -> None:
    page.goto(link)
    enter(page, "Go on")
    button = page.get_by_role("button", name="Make the plan")
    expect(button).to_be_enabled(timeout=PATIENCE_MS)

    page.get_by_role("radio", name="Draw it").check()
    expect(button).to_be_disabled()
    page.get_by_role("button", name="Start drawing").click()
    draw_square_in_the_middle(page)
    expect(page.get_by_text("Drawn, 4 corners.")).to_be_visible()

    for box in page.get_by_role("checkbox", name=re.compile(r"^[MN]\d")).all():
        box.set_checked("M1" in box.get_attribute("value"))
    page.get_by_text("How it is computed").click()
    page.get_by_label("Run-ups looked at around the zone").fill("120")
    page.get_by_label("Cell size").select_option("1")
    page.get_by_label("Headings").select_option("32")
    button.click()

    expect(page.get_by_role("progressbar")).to_be_visible()
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_be_visible(timeout=PATIENCE_MS)
    expect(verdict).to_contain_text(re.compile("HOLDS|HOLDS ON CONDITION|FAILS"))
    expect(page.get_by_role("table", name="Barriers").get_by_role("row").nth(1)).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="placement.geojson").click()
    download.value.save_as(tmp_path / "placement.geojson")
    placement = json.loads((tmp_path / "placement.geojson").read_text(encoding="utf-8"))
    assert placement["features"]

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open the map page").click()
    expect(opened.value.locator(".leaflet-container")).to_be_visible()

    assert {urlsplit(request.url).hostname for request in asked} <= {"127.0.0.1", None}
    assert complaints == []

    page.reload()
    expect(verdict).to_be_visible(timeout=PATIENCE_MS)

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("fetch('/api/v1/projects').then((answer) => answer.status)") == 401
    enter(page, "Sign in")
    expect(page.get_by_label("Project")).to_have_value(re.compile("^project-"))


def enter(page: Page, button: str) -> None:
    """Fill in who one is."""
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name=button).click()


def draw_square_in_the_middle(page: Page) -> None:
    """Click four corners around the middle of what is in sight of the map, then the first again."""
    box = page.get_by_role("application").bounding_box()
    assert box is not None
    # The legend lies over the right part of the map.
    x, y = box["x"] + 0.35 * box["width"], box["y"] + box["height"] / 2
    corners = [(x - 30, y - 30), (x + 30, y - 30), (x + 30, y + 30), (x - 30, y + 30)]
    for number, (corner_x, corner_y) in enumerate([*corners, corners[0]]):
        page.mouse.move(corner_x, corner_y)
        page.mouse.click(corner_x, corner_y)
        # Each click has made its corner before the next one comes.
        marks = page.locator(".leaflet-marker-pane .marker-icon")
        if number < len(corners):
            expect(marks).to_have_count(number + 2)  # with the one that follows the pointer
