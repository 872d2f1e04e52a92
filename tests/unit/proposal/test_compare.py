from dataclasses import replace

import numpy as np
import pytest
from shapely import Point, box
from shapely.affinity import translate

from sbd.errors import InputError
from sbd.proposal.compare import MOVED_M, compare
from tests.proposed import layout_of, proposal_of

POSTS = [box(50, y, 50.2, y + 0.2) for y in (27.0, 28.2, 29.4, 30.6, 31.8, 33.0)]


def plan(site, shapes, **changes):
    return proposal_of(site, layout_of(shapes, **changes))


def test_the_same_plan_twice_differs_in_nothing(site):
    found = compare(plan(site, POSTS), plan(site, POSTS))
    assert found.counts == {"same": len(POSTS)}
    assert found.measures["difference"].dropna().eq(0.0).all()


def test_each_unit_changes_in_its_own_way(site):
    # The second post moves 40 cm, the third is another product, the last goes, and one is new.
    shapes = [POSTS[0], translate(POSTS[1], 0.4), *POSTS[2:5], box(60, 20, 60.2, 20.2)]
    after = plan(site, shapes)
    units = after.units.copy()
    units.loc[2, "product_id"] = "planter"
    found = compare(plan(site, POSTS), replace(after, units=units))
    assert found.counts == {"added": 1, "moved": 1, "other product": 1, "removed": 1, "same": 3}
    moved = found.units.set_index("change").loc["moved"]
    assert moved["moved_m"] == pytest.approx(0.4)
    assert (moved["unit_before"], moved["unit_after"]) == ("L1-02", "L1-02")
    other = found.units.set_index("change").loc["other product"]
    assert (other["product_before"], other["product_after"]) == ("bollard-deep", "planter")
    assert found.units.set_index("change").loc["removed", "unit_before"] == "L1-06"


def test_a_shifted_row_is_matched_as_a_whole_not_post_by_nearest_post(site):
    # Posts 1.2 m apart, all moved by 0.7 m: each one's nearest new post is its neighbour's.
    shifted = [translate(post, 0.0, 0.7) for post in POSTS]
    found = compare(plan(site, POSTS), plan(site, shifted))
    assert found.counts == {"moved": len(POSTS)}
    pairs = found.units.sort_values("unit_before")
    assert pairs["unit_before"].tolist() == pairs["unit_after"].tolist()
    np.testing.assert_allclose(pairs["moved_m"], 0.7)


def test_nothing_farther_than_two_metres_is_the_same_unit(site):
    far = [translate(post, MOVED_M + 0.01) for post in POSTS[:1]]
    assert compare(plan(site, POSTS[:1]), plan(site, far)).counts == {"added": 1, "removed": 1}


def test_measures_stand_side_by_side(site):
    table = compare(plan(site, POSTS), plan(site, POSTS[:5])).measures.set_index("measure")
    assert table.loc["units", ["before", "after", "difference"]].tolist() == [6.0, 5.0, -1.0]
    assert table.loc["cost_low", "unit"] == "EUR"
    assert table.loc["standing", "before"] in ("holds", "fails", "holds on condition")


def test_two_places_are_not_compared(site):
    plan_here = plan(site, POSTS)
    zone = site.zone.set_geometry(site.zone.translate(5_000.0, 0.0))
    elsewhere = type(site)(
        name="Other", **{**site.layers, "zone": zone}, report=site.report, attribution=""
    )
    with pytest.raises(InputError, match="two places"):
        compare(plan_here, replace(plan_here, site=elsewhere))


def test_units_of_no_plan_are_all_added(site):
    none = replace(plan(site, POSTS), units=plan(site, POSTS).units.iloc[:0])
    found = compare(none, plan(site, POSTS))
    assert found.counts == {"added": len(POSTS)}
    assert found.units.geometry.iloc[0].distance(Point(50.1, 27.1)) < 1e-9
