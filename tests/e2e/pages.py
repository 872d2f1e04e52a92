"""What browser tests do on the page of a service with people in it, and look at there."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page

from tests.e2e.staffed import Staffed

# A plan of one zone with one vehicle takes seconds; on a machine with other work, minutes.
PATIENCE_MS = 240_000

Opener = Callable[..., Page]


def part(page: Page, name: str) -> Locator:
    """Choose a tab of an open plan and return what is behind it."""
    page.get_by_role("tab", name=re.compile(f"^{name}")).click()
    return page.get_by_role("tabpanel", name=re.compile(f"^{name}"))


def steps(panel: Locator) -> list[str]:
    return [button.inner_text() for button in panel.get_by_role("button").all()]


def items(town: Staffed, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.get(path)["items"]
    return found


# Fields and buttons in sight that have no name for whoever can't see them.
NAMELESS = """
JSON.stringify([...document.querySelectorAll("input, select, textarea, button")]
  .filter((item) => item.checkVisibility())
  .filter((item) => !item.getAttribute("aria-label") && !item.textContent.trim()
    && !item.labels?.length)
  .map((item) => item.outerHTML))
"""

# Texts in sight whose contrast with their ground is below 4.5 to 1 (WCAG 2.2, 1.4.3).
FAINT = """
(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (part) => part <= 10.3 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([red, green, blue]) =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ground = (item) => {
    for (; item; item = item.parentElement) {
      const colour = parts(getComputedStyle(item).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const contrast = (item) => {
    const [one, other] = [light(parts(getComputedStyle(item).color)), light(ground(item))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  };
  const says = (item) => [...item.childNodes].some((it) => it.nodeType === 3 && it.data.trim());
  return JSON.stringify([...document.querySelectorAll(".top *, #panel *")]
    .filter((item) => item.checkVisibility() && says(item) && !item.disabled)
    .filter((item) => contrast(item) < 4.5)
    .map((item) => item.outerHTML));
})()
"""
