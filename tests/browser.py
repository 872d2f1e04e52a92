"""A Chromium for tests that look at pages: Debian's, or a skip with the reason."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

# Without these Chromium asks hosts of its own and looks for a graphics card.
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def lacking(reason: str) -> None:
    """Skip the test, or fail it where `SBD_REQUIRE_BROWSER` says that browser tests must run."""
    if os.environ.get("SBD_REQUIRE_BROWSER"):
        pytest.fail(f"browser tests must run here, but: {reason}")
    pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a running Chromium, closed at the end."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        lacking("no Chromium here; install Debian's `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()
