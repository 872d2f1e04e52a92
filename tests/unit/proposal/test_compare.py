import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from shapely import Point, box
from shapely.affinity import translate

from sbd.errors import InputError
from sbd.proposal.calendar import Calendar, Event
from sbd.proposal.compare import MOVED_M, compare
from sbd.proposal.lifecycle import life_cycle, with_life_cycle
from tests.proposed import layout_of, proposal_of

POSTS = [box(50, y, 50.2, y + 0.2) for y in (27.0, 28.2, 29.4, 30.6, 31.8, 33.0)]


MADE = {}


def plan(site, shapes, **changes):
    """Return the plan of these shapes, judged once."""
    key = tuple(shape.wkb for shape in shapes), tuple(changes.items())
    if key not in MADE:
        MADE[key] = proposal_of(site, layout_of(shapes, **changes))
    return MADE[key]


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


def test_each_unit_says_what_became_of_it(site):
    shapes = [POSTS[0], translate(POSTS[1], 0.4), *POSTS[2:5]]
    after = plan(site, shapes)
    units = after.units.copy()
    units.loc[2, "product_id"] = "planter"
    found = compare(plan(site, POSTS), replace(after, units=units)).units.set_index("unit_before")
    assert found.loc["L1-02", "words"] == "moved by 0.4 m"
    assert found.loc["L1-03", "words"] == "planter instead of bollard-deep"
    assert (found.loc["L1-01", "words"], found.loc["L1-06", "words"]) == ("same", "removed")


def test_every_check_of_the_judge_is_compared(site):
    table = compare(plan(site, POSTS), plan(site, POSTS[:-1])).measures.set_index("measure")
    assert table.loc["check threat", ["before", "after"]].tolist() == ["holds", "fails"]


def test_what_only_one_of_them_tells_has_no_difference(site):
    modules = {"product_id": "modular-n2a-48", "layout": "temporary"}
    fair = Event("f", "Fair", date(2026, 5, 2), date(2026, 5, 3), "10:00", "18:00", 900)
    before, after = plan(site, POSTS, **modules), plan(site, POSTS, **modules)
    after = with_life_cycle(after, life_cycle(after, Calendar((fair,)), years=10))
    table = compare(before, after).measures.set_index("measure")
    assert math.isnan(table.loc["life_cycle_low", "before"])
    assert table.loc["life_cycle_low", "after"] > 0
    assert math.isnan(table.loc["life_cycle_low", "difference"])
    assert table.loc["life_cycle_low", "unit"] == "EUR"
    # 6 modules of 0.4 person hours, in one lorry there and back twice
    assert table.loc["crew_hours", ["before", "after"]].tolist() == [2.4, 2.4]
    assert table.loc["lorry_trips", "after"] == 2
    assert math.isnan(table.loc["strip_lost", "after"])


def test_kinds_of_unit_are_counted_side_by_side(site):
    after = plan(site, POSTS, kind="planter")
    table = compare(plan(site, POSTS[:5]), after).measures.set_index("measure")
    assert table.loc["units fixed_bollard", ["before", "after"]].tolist() == [5.0, 0.0]
    assert table.loc["units planter", ["before", "after"]].tolist() == [0.0, 6.0]
    # six posts of 0.2 m instead of five
    assert table.loc["clear_width_taken", "difference"] == pytest.approx(0.2)


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
