"""A page in a real browser, what it asked for and what it complained of."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request

from api.page import built_page
from tests.browser import chromium, lacking
from tests.e2e.pages import Opener
from tests.e2e.staffed import Staffed, staffed


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser, complaints: list[str], asked: list[Request]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    context.on("weberror", lambda fault: complaints.append(str(fault.error)))
    # Playwright marks its listeners, and a built-in can't be marked.
    context.on("request", lambda request: asked.append(request))  # noqa: PLW0108
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


@pytest.fixture
def asked() -> list[Request]:
    return []


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    if built_page() is None:
        lacking("the page is not built; run npm ci and npm run build in web/")
    with staffed(tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture
def opened(
    browser: Browser, town: Staffed, complaints: list[str], asked: list[Request]
) -> Iterator[Opener]:
    """Open a page for somebody who is signed in, at the start, at a plan or behind a `#`."""
    contexts = []

    def open_for(
        name: str, plan: dict[str, Any] | None = None, width: int = 1280, at: str = ""
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        for cookie in town.people[name].cookies.jar:
            context.add_cookies(
                [{"name": cookie.name, "value": str(cookie.value), "url": town.address}]
            )
        context.on("console", lambda said: _note(complaints, said.type, said.text))
        context.on("weberror", lambda fault: complaints.append(str(fault.error)))
        context.on("request", lambda request: asked.append(request))  # noqa: PLW0108
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{town.address}/#" + (f"plan={plan['plan_id']}" if plan else at))
        return page

    yield open_for
    for context in contexts:
        context.close()


def _note(complaints: list[str], kind: str, text: str) -> None:
    # The browser counts every refusal as an error; what the page says of it is looked at.
    if kind == "error" and not re.search(r"status of 4\d\d", text):
        complaints.append(text)
