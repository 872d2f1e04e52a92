"""Somebody puts two plans of a project side by side."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.pages import PATIENCE_MS, Opener, items, part
from tests.e2e.staffed import Staffed

IN_WORDS = {
    "same": "the same",
    "moved": "moved",
    "other product": "with another product",
    "added": "only here",
    "removed": "only there",
}

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("town")]


def test_a_temporary_plan_is_compared_with_a_permanent_one_and_what_differs_is_on_the_map(
    town: Staffed, opened: Opener, complaints: list[str]
) -> None:
    town.proposal("For good")
    summer = town.proposal("Summer", layout="temporary")
    page = opened("vera", summer)
    compare = part(page, "Compare")
    expect(compare.get_by_label("Compare this version with").locator("option")).to_have_text(
        ["For good, version 1"]
    )
    compare.get_by_role("button", name="Compare").click()
    sides = compare.get_by_role("table", name="What differs")
    expect(sides).to_be_visible(timeout=PATIENCE_MS)
    list_path = f"/projects/{town.project_id}/comparisons"
    (made,) = items(town, list_path)
    assert made["plan_b"] == summer["plan_id"]
    units = next(row for row in made["measures"] if row["measure"] == "units")
    row = sides.get_by_role("row").filter(
        has=page.get_by_role("rowheader", name="Units", exact=True)
    )
    expect(row.get_by_role("cell")).to_have_text([f"{units[s]:.0f}" for s in ("before", "after")])
    for kind, number in made["units"].items():
        expect(compare).to_contain_text(f"{number} {IN_WORDS[kind]}")

    legend = page.get_by_role("checkbox", name="What differs")
    expect(legend).to_be_checked()
    drawn = page.locator("path.differs")
    assert drawn.count() == sum(made["units"].values()) - made["units"].get("same", 0)
    changed = compare.get_by_role("table", name="Units that differ")
    changed.get_by_role("button").first.click()
    expect(page.get_by_role("status").first).to_contain_text(re.compile("On the map: .+: .+"))
    part(page, "Plan")
    expect(legend).to_have_count(0)

    # What is known already is shown again, not computed and kept once more.
    page.reload()
    compare = part(page, "Compare")
    compare.get_by_role("button", name="Compare").click()
    expect(sides).to_be_visible(timeout=PATIENCE_MS)
    assert len(items(town, list_path)) == 1
    assert complaints == []


def test_the_version_before_is_offered_first(town: Staffed, opened: Opener) -> None:
    first = town.proposal("Steps")
    wishes = {**first["request"], "openable": 2}
    town.next_version(first, wishes)
    second = town.next_version(first, {**wishes, "openable": 0})
    page = opened("paula", second)
    offered = part(page, "Compare").get_by_label("Compare this version with").locator("option")
    expect(offered.first).to_have_text("Steps, version 2")
    expect(offered.nth(1)).to_have_text("Steps, version 1")
