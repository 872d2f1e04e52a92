"""What holds for every layout that comes before the judge."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, affinity, box

from sbd.model.request import PlanRequest
from sbd.surface import build_surface
from sbd.verify import judge_layout
from sbd.verify.breach import find_breach
from sbd.verify.case import build_case
from sbd.verify.erosion import Reach
from tests.judged import layer, moved, town, units, with_layers

POST = box(-0.15, -0.15, 0.15, 0.15)
spots = st.tuples(
    st.floats(20, 40, allow_nan=False), st.floats(26.5, 33.5, allow_nan=False), st.floats(0, 90)
)
layouts = st.lists(spots, min_size=1, max_size=14)
widths = st.sampled_from([0.9, 1.2, 2.55])


def posts_at(spots):
    return np.array(
        [affinity.translate(affinity.rotate(POST, turn), x, y) for x, y, turn in spots],
        dtype=object,
    )


def away_from_limit(posts, width_m):
    obstacles = np.array([*posts, box(0, 0, 60, 26), box(0, 34, 60, 60)], dtype=object)
    distance = shapely.distance(obstacles[:, None], obstacles[None, :])
    return bool(np.abs(distance - width_m).min() > 1e-3)


def arena(site=None):
    return build_case(site or town(), units(), widest_m=3.5).arena


ARENA = arena()


@settings(max_examples=40, deadline=None)
@given(layouts, widths)
def test_both_methods_agree_away_from_the_limit(spots, width_m):
    posts = posts_at(spots)
    assume(away_from_limit(posts, width_m))
    found = find_breach(ARENA, posts, width_m)
    assert found.agree
    assert Reach.UNDECIDED not in found.by_erosion


@settings(max_examples=25, deadline=None)
@given(layouts, spots, widths)
def test_another_unit_opens_nothing(spots, extra, width_m):
    before = find_breach(ARENA, posts_at(spots), width_m).passes
    after = find_breach(ARENA, posts_at([*spots, extra]), width_m).passes
    assume(before is not None and after is not None)
    assert not (after and not before)


@settings(max_examples=25, deadline=None)
@given(layouts)
def test_a_wider_disc_gets_in_nowhere_that_a_narrower_one_does_not(spots):
    posts = posts_at(spots)
    answers = [find_breach(ARENA, posts, width_m).passes for width_m in (0.9, 1.2, 2.55)]
    assume(None not in answers)
    assert answers == sorted(answers, reverse=True)


@settings(max_examples=15, deadline=None)
@given(layouts, st.floats(0, 360), st.floats(-5e6, 5e6), st.floats(-5e6, 5e6))
def test_turning_and_moving_the_map_changes_nothing(spots, angle_deg, east_m, north_m):
    posts = posts_at(spots)
    assume(away_from_limit(posts, 1.2))
    angle = np.deg2rad(angle_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    site, table = moved(town(), units(*posts), lambda xy: xy @ turn + [east_m, north_m])
    there = find_breach(arena(site), table.geometry.to_numpy(), 1.2).passes
    assert there is find_breach(ARENA, posts, 1.2).passes


@settings(max_examples=15, deadline=None)
@given(layouts, st.floats(0.05, 0.7))
def test_refined_outlines_are_judged_the_same(spots, step_m):
    posts = posts_at(spots)
    assume(away_from_limit(posts, 1.2))
    site = town()
    refined = site.layers["solids"].assign(
        geometry=lambda table: shapely.segmentize(table.geometry.to_numpy(), step_m)
    )
    fine = build_case(_with_solids(site, refined), units(), widest_m=3.5).arena
    more = find_breach(fine, shapely.segmentize(posts, step_m), 1.2)
    assert more.passes is find_breach(ARENA, posts, 1.2).passes


def _with_solids(site, solids):
    layers = {**site.layers, "solids": solids}
    return type(site)(name=site.name, **layers, report=site.report, attribution=site.attribution)


@pytest.mark.parametrize("island_m", [2.0, 3.9, 4.1, 8.0])
def test_judge_and_planner_mean_the_same_zone(island_m):
    # Two carriageways cross the zone with a strip between them; both decide for themselves
    # whether the strip is a traffic island. Sides may differ by what the judge shrinks: 0.15 m.
    lines = [LineString([(70, 5), (70, 55)]), LineString([(73 + island_m, 5), (73 + island_m, 55)])]
    site = town(streets=[(line, 3.0) for line in lines])
    planner = build_surface(site).zone
    judged = shapely.union_all(arena(site).zone)
    assert judged.difference(planner.buffer(0.01)).is_empty
    assert planner.buffer(-0.2).difference(judged).is_empty


DELIVERY = {"who": ["waste"], "opens": ["06:00"], "closes": ["07:00"], "width_m": [1.5]}


def asked_for():
    """The town with a door, a desire line, a delivery, a crowd and ground for shallow units."""
    return with_layers(
        town(),
        demands=layer([Point(95, 30)]),
        desire_lines=layer([LineString([(5, 30), (80, 31)])], kind=["foot"]),
        deliveries=layer([Point(80, 30)], **DELIVERY),
        crowds=layer([box(60.5, 28, 62, 32)], people=[10.0]),
        place_rules=layer(
            [box(20, 26, 30, 29)],
            kind=["cellar"],
            effect=["forbid"],
            price=[0.0],
            deepest_foundation=[""],
            standing=["measured"],
        ),
    )


ASKED = asked_for()
REQUEST = PlanRequest(people=300, second_line=True)


def answers(site, table):
    """Every answer to what is asked beside the threat, and its measure of people."""
    table = table.assign(penetration_m=12.0)
    checks = {c.name: c for c in judge_layout(site, table, request=REQUEST).checks}
    names = ("wheelchair", "foot", "deliveries", "run_out", "place", "second_line")
    people = int(checks["exits"].note.split(": ")[1].split()[0])
    return {name: checks[name].passes for name in names}, people


@settings(max_examples=8, deadline=None)
@given(layouts, st.floats(0, 360), st.floats(-5e6, 5e6), st.floats(-5e6, 5e6))
def test_turning_and_moving_the_map_changes_no_answer_about_access(spots, angle, east, north):
    posts = posts_at(spots)
    assume(all(away_from_limit(posts, width_m) for width_m in (0.9, 1.2, 1.5)))
    turned = np.deg2rad(angle)
    turn = np.array([[np.cos(turned), np.sin(turned)], [-np.sin(turned), np.cos(turned)]])
    site, table = moved(ASKED, units(*posts), lambda xy: xy @ turn + [east, north])
    (here, people), (there, others) = answers(ASKED, units(*posts)), answers(site, table)
    assert here == there
    # A millimetre of each passage may be rounded away.
    assert abs(people - others) <= 0.001 * 82 * 8 * 60


@settings(max_examples=10, deadline=None)
@given(layouts, spots)
def test_another_unit_opens_no_way_and_clears_no_ground(spots, extra):
    before, people = answers(ASKED, units(*posts_at(spots)))
    after, fewer = answers(ASKED, units(*posts_at([*spots, extra])))
    for name in ("wheelchair", "foot", "deliveries", "run_out", "place"):
        assert before[name] or not after[name], name
    assert fewer <= people + 0.001 * 82 * 8 * 60
