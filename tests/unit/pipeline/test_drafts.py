"""A draft under a planner's hand: every change gives a new one, answered at once and in full."""

import geopandas as gpd
import pytest
from shapely import box

from sbd import pipeline
from sbd.errors import InputError
from sbd.model.request import PlanRequest
from sbd.model.verdict import Standing
from sbd.pipeline.drafts import Change, Deed, Drafting
from tests.judged import town


@pytest.fixture(scope="module")
def drafting():
    site = town()
    assessment = pipeline.assess(site, vehicles=["N2A"], resolution_m=1.0, headings=32)
    return Drafting.of(site, assessment, PlanRequest(openable=0, gap_max_m=1.2))


def line_of(drafting):
    return str(drafting.start.footprints["line_id"].iloc[0])


def check(found, name):
    return next(check for check in found.checks if check.name == name)


def test_the_cheapest_plan_is_where_a_draft_starts(drafting):
    now = drafting.at_once(drafting.start)
    assert check(now.glance, "threat").passes is False
    assert now.cut.rest.cost == pytest.approx(drafting.free_cost)
    assert now.loads == ()
    assert drafting.verdict(drafting.start).standing is not Standing.FAILS


def test_a_pinned_line_is_not_paid_for_again(drafting):
    pinned = drafting.changed(drafting.start, Change(Deed.PIN, line_of(drafting)))
    # The street is the only way in, so its one line is the whole plan.
    assert drafting.at_once(pinned).cut.rest.cost == 0.0
    exact = drafting.cut(pinned)
    assert exact.exact
    assert exact.rest.cost <= drafting.free_cost + 0.01
    released = drafting.changed(pinned, Change(Deed.RELEASE, line_of(drafting)))
    assert drafting.at_once(released).cut.rest.cost > 0.0


def test_a_moved_line_meets_what_comes_where_it_is_now(drafting):
    moved = drafting.changed(
        drafting.start, Change(Deed.MOVE, line_of(drafting), east_m=-2.0, north_m=0.0)
    )
    now = drafting.at_once(moved)
    (load,) = now.loads
    assert (load.line_id, load.vehicle) == (line_of(drafting), "N2A")
    assert load.speed_kmh > 0
    # The one before stays as it was.
    assert drafting.at_once(drafting.start).loads == ()


def test_a_line_moved_off_its_street_opens_it_at_once_and_in_full(drafting):
    moved = drafting.changed(
        drafting.start, Change(Deed.MOVE, line_of(drafting), east_m=0.0, north_m=4.0)
    )
    assert drafting.at_once(moved).glance.fails
    assert drafting.verdict(moved).standing is Standing.FAILS


def test_a_line_taken_away_opens_the_place_and_another_is_offered(drafting):
    gone = drafting.changed(drafting.start, Change(Deed.REMOVE, line_of(drafting)))
    now = drafting.at_once(gone)
    assert check(now.glance, "threat").passes is True
    assert now.cut.rest.cost >= drafting.free_cost


def test_ground_all_over_forbidden_leaves_no_plan_and_says_why(drafting):
    everywhere = Change(Deed.FORBID, ground=box(0, 0, 100, 60))
    found = drafting.at_once(drafting.changed(drafting.start, everywhere))
    assert found.cut.rest is None
    assert found.cut.reason
    assert check(found.glance, "hand").passes is False


def test_units_drawn_by_hand_are_units_of_the_draft(drafting):
    product = str(drafting.start.footprints["product_id"].iloc[0])
    units = gpd.GeoDataFrame(
        {"product_id": [product]}, geometry=[box(30, 29, 31, 30)], crs=drafting.start.footprints.crs
    )
    added = drafting.changed(drafting.start, Change(Deed.ADD, units=units))
    assert set(added.footprints["line_id"]) - set(drafting.start.footprints["line_id"]) == {"D1"}
    assert added.drawn == {"D1"}
    assert [load.line_id for load in drafting.at_once(added).loads] == ["D1"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(Deed.MOVE, "L99", 1.0, 0.0), "not in the draft"),
        (Change(Deed.ADD), "no unit"),
        (Change(Deed.FORBID), "no ground"),
        (
            Change(
                Deed.ADD,
                units=gpd.GeoDataFrame(
                    {"product_id": ["wish"]}, geometry=[box(0, 0, 1, 1)], crs=32635
                ),
            ),
            "of no product in the list: wish",
        ),
    ],
)
def test_a_change_that_can_t_be_is_refused_with_the_way_out(drafting, change, words):
    with pytest.raises(InputError, match=words):
        drafting.changed(drafting.start, change)
