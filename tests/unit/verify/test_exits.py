"""How many people get out through the gaps."""

import pytest
from shapely import LineString, box

from sbd.catalogue.access_rules import access_rules
from sbd.model.request import PlanRequest
from sbd.verify import judge_layout
from sbd.verify.case import build_case
from sbd.verify.exits import bottleneck_m
from tests.judged import BLOCKS, ENTRY, WALLS, check, one_gap, row, town, units


def exits(site, table, people, **wishes):
    verdict = judge_layout(site, table, request=PlanRequest(people=people, **wishes))
    return check(verdict, "exits"), verdict


# One gap of 1.1 m at 82 people a metre and minute for 8 minutes: 721.6 people.
@pytest.mark.parametrize(("people", "enough"), [(721, True), (722, False)])
def test_people_leave_at_the_rate_of_the_clear_width(people, enough):
    found, _ = exits(town(), one_gap(1.1), people)
    assert found.passes is enough
    assert found.note.startswith("1.10 m of clear width in 1 gaps at the bottleneck")
    assert "721 people at 82" in found.note
    assert "no egress approval" in found.note


def test_a_gap_that_no_wheelchair_passes_lets_nobody_out():
    assert "0 people" in exits(town(), one_gap(0.85), 1)[0].note


def test_gaps_of_one_row_add_up():
    # 6 posts leave 7 gaps of (8 - 6 * 0.2) / 7 = 0.971 m: 6.8 m of clear width.
    case = build_case(town(), row(6)[0], widest_m=1.2)
    assert bottleneck_m(case, 0.9) == pytest.approx(6.8, abs=0.01)


def test_rows_one_after_the_other_let_out_what_the_tighter_one_does():
    first, second = row(6)[0], row(5, x=20.0, width_m=0.4)[0]  # 5 posts: 6 gaps of 1.0 m
    both = units(*first.geometry, *second.geometry)
    case = build_case(town(), both, widest_m=1.2)
    assert bottleneck_m(case, 0.9) == pytest.approx(6.0, abs=0.01)


def test_ways_out_to_two_sides_add_up():
    east = (*BLOCKS, *WALLS[:2], WALLS[2].difference(box(95, 26, 100, 34)))
    site = town(east, entries=(ENTRY, LineString([(100, 26), (100, 34)])))
    table = units(*one_gap(1.1).geometry, *one_gap(1.0, x=97.0).geometry)
    assert bottleneck_m(build_case(site, table, widest_m=1.2), 0.9) == pytest.approx(2.1, abs=0.01)


def test_an_alley_narrower_than_the_gaps_before_it_counts():
    # Ten gaps of 0.98 m in the mouth, but the alley behind is 3 m wide.
    alley = (box(10, 26, 40, 28.5), box(10, 31.5, 40, 34))
    site = town((*BLOCKS, *WALLS, *alley))
    assert bottleneck_m(build_case(site, row(6)[0], widest_m=1.2), 0.9) == pytest.approx(
        3.0, abs=0.01
    )


def test_exits_that_a_country_asks_for_decide():
    # Italy asks for three exits of 2.4 m each; a single row leaves one.
    table = row(6)[0]
    found, verdict = exits(town(), table, 100, access=access_rules("IT"))
    assert found.passes is True
    count = check(verdict, "exit_count")
    assert (count.holds, count.note) == (False, "1; by clear width alone, no egress approval")


def test_a_long_row_makes_several_exits():
    # 46 posts across 60 m of open ground: 47 gaps of (60 - 46 * 0.2) / 47 = 1.08 m, 50.8 m in all.
    rim = LineString([(0, 0), (0, 60)])
    posts = row(46, x=40.0, low=0.0, high=60.0)[0]
    found, verdict = exits(town(WALLS, entries=(rim,)), posts, 100, access=access_rules("IT"))
    assert found.passes is True
    assert check(verdict, "exit_count").holds


def test_the_clear_width_of_a_published_row():
    # 12 m between walls, bollards of 0.2 m, gaps up to 1.2 m: 8 bollards, 9 gaps of 1.1556 m,
    # 10.4 m of clear width at 82 people a metre and minute.
    site = town(
        (box(0, 0, 60, 24), box(0, 36, 60, 60), *WALLS),
        entries=(LineString([(0, 24), (0, 36)]),),
    )
    posts, gap_m = row(8, low=24.0, high=36.0)
    assert gap_m == pytest.approx(1.1556, rel=1e-3)
    case = build_case(site, posts, widest_m=1.2)
    assert bottleneck_m(case, 0.9) == pytest.approx(10.4, rel=1e-3)
    found, _ = exits(site, posts, 6818)  # 10.395 * 82 * 8 = 6819.1
    assert found.passes is True


def test_the_published_rate_for_one_exit():
    # Green Guide: 1.829 m on the level, 82 people a metre and minute, 8 minutes: 1 199 people.
    site = town((*BLOCKS, *WALLS, box(20, 26, 21, 30 - 1.829 / 2), box(20, 30 + 1.829 / 2, 21, 34)))
    found, _ = exits(site, units(), 1198)
    assert "1199 people" in found.note or "1198 people" in found.note
