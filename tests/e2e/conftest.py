"""A page in a real browser, what it asked for and what it complained of."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.browser import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


@pytest.fixture
def asked(page: Page) -> list[Request]:
    requests: list[Request] = []
    # Playwright marks its listeners, and a built-in can't be marked.
    page.context.on("request", lambda request: requests.append(request))  # noqa: PLW0108
    return requests


@pytest.fixture
def complaints(page: Page) -> list[str]:
    found: list[str] = []
    heard = page.context
    heard.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    heard.on("weberror", lambda fault: found.append(str(fault.error)))
    return found
