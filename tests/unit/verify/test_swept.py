"""A fire engine turns through an opening, or it does not, and the verdict says why."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from sbd.model import tables
from sbd.model.verdict import Standing
from sbd.verify import judge_layout
from sbd.verify.swept import CLOSER, STEP_M, Engine, Opening, drive_through
from tests.judged import CRS, check, layer, town

ENGINE = Engine.of_lane(3.5)


def side_street(width_m):
    """A street from west to east; a passage of 4.1 m leads north, through a gate, to a yard.

    100 +-----------------------------+
        |        yard (zone)          |
     64 +--------+    +---------------+
        |        |gate|               |
     60 +--------+    +---------------+
        =  street, `width_m` wide     =     entries at x = 0 and x = 100
        +-----------------------------+
    """
    low = 60 - width_m
    solids = [box(0, 0, 100, low), box(0, 60, 48, 64), box(52.1, 60, 100, 64)]
    solids += [box(0, 64, 30, 100), box(70, 64, 100, 100), box(30, 96, 70, 100)]
    ends = [LineString([(x, low), (x, 60)]) for x in (0, 100)]
    site = town(solids, zone=box(35, 66, 65, 95), entries=ends, study=box(0, 0, 100, 100))
    # Three posts in 4.1 m: gaps of (4.1 - 0.45) / 4 = 0.9125 m.
    posts = [box(x, 61, x + 0.15, 61.2) for x in 48.9125 + 1.0625 * np.arange(3)]
    return site, layer(posts, unit_id=["P1", "P2", "P3"], line_id=["L1"] * 3, openable=[True] * 3)


def test_an_engine_keeps_the_lane_rules():
    # 3.5 m at 11 m inner radius, wider by 15 / 11 m: the outer edge is at 15.864 m. The body keeps
    # 0.25 m off both edges.
    assert ENGINE.width_m == 3.0
    assert ENGINE.radius_m - ENGINE.width_m / 2 == pytest.approx(11.25)
    corner_m = math.hypot(ENGINE.radius_m + ENGINE.width_m / 2, ENGINE.front_m)
    assert corner_m == pytest.approx(15.864 - 0.25, abs=1e-3)


@pytest.mark.parametrize(("width_m", "turns"), [(8.0, False), (28.0, True)])
def test_an_engine_turns_into_a_passage_from_a_wide_street_only(width_m, turns):
    # Standing square in front of the passage takes 15.6 m of street (radius of the front corner)
    # and about the 6.4 m from rear axle to front: 22 m are enough, 8 m are shorter than the body.
    site, posts = side_street(width_m)
    verdict = judge_layout(site, posts, openable_wanted=1)
    assert check(verdict, "engine:L1").passes is True
    found = check(verdict, "swept:L1")
    assert found.passes is turns
    assert verdict.holds is turns
    assert check(verdict, "openable").note == f"{int(turns)} of 1 openable lanes"
    if turns:
        assert found.note.startswith("a way of")
    else:
        assert "no bend of 11 m inner radius leads from the street; mostly s" in found.note


def test_an_engine_drives_straight_on_through_a_gate_in_a_street():
    posts = [box(50, y, 50.2, y + 0.2) for y in (26.8, 27.8, 29.0, 30.0, 31.0, 32.2, 33.2)]
    table = layer(
        posts,
        unit_id=list("ABCDEFG"),
        line_id=["L1"] * 7,
        openable=[False, False, *[True] * 3, False, False],
    )
    verdict = judge_layout(town(), table, openable_wanted=1)
    assert check(verdict, "swept:L1").passes is True
    assert verdict.holds


def test_furniture_in_the_way_is_a_condition_and_named():
    # Poles fill the passage behind the gate: the engine gets in only where they go.
    site, posts = side_street(28.0)
    poles = gpd.GeoDataFrame(
        {
            "furniture_id": ["node/1", "node/2"],
            "kind": ["tree", "kerb"],
            "standing": ["mapped"] * 2,
        },
        geometry=[Point(50, 63), LineString([(48, 60), (52, 60)])],
        crs=CRS,
    )
    layers = {**site.layers, "furniture": tables.check_table(poles, tables.FURNITURE, "furniture")}
    site = type(site)(name=site.name, **layers, report=site.report, attribution=site.attribution)
    verdict = judge_layout(site, posts, openable_wanted=1)
    assert check(verdict, "swept:L1").passes is True
    assert "swept:L1: only where tree node/1 give way" in verdict.conditions


def test_a_spare_lane_that_no_engine_turns_into_is_a_condition():
    site, posts = side_street(8.0)
    solids = [*site.solids.geometry]
    # The yard has a second way in, 6 m wide and straight, from the north.
    solids[-1] = solids[-1].difference(box(47, 96, 53, 100))
    site = town(
        solids,
        zone=box(35, 66, 65, 95),
        entries=[*site.entries.geometry, LineString([(47, 100), (53, 100)])],
        study=box(0, 0, 100, 100),
    )
    row = [box(x, 98, x + 0.2, 98.2) for x in 47.83 + 1.03 * np.arange(5)]
    table = layer(
        [*posts.geometry, *row],
        unit_id=[*posts["unit_id"], *"ABCDE"],
        line_id=["L1"] * 3 + ["L2"] * 5,
        openable=[True] * 8,
    )
    verdict = judge_layout(site, table, openable_wanted=1)
    assert check(verdict, "swept:L2").passes is True
    assert verdict.standing is Standing.CONDITIONAL
    assert any(
        text.startswith("swept:L1: opens, but no fire engine") for text in verdict.conditions
    )
    assert not judge_layout(site, table, openable_wanted=2).holds


def test_bare_footprints_without_lanes_ask_for_no_engine():
    site, posts = side_street(28.0)
    verdict = judge_layout(site, posts[["geometry"]])
    assert not [found for found in verdict.checks if found.name.startswith("swept")]
    assert check(verdict, "sabotage").note == "3 of 3 removed units found"


def in_the_open(obstacles):
    """An opening in an endless wall at y = 0, 4 m wide, among obstacles; north is inside."""
    walls = [box(-60, -0.1, -2, 0.1), box(2, -0.1, 60, 0.1)]
    shapes = np.array([*walls, *obstacles], dtype=object)
    return Opening(
        middle=np.zeros(2),
        inward=math.pi / 2,
        obstacles=shapes,
        names=np.array([f"o{k}" for k in range(len(shapes))], dtype=object),
        outside=lambda points: (points[:, 1] < 0) & (np.hypot(*points.T) >= 20),
        inside=lambda points: (points[:, 1] > 0) & (np.hypot(*points.T) >= 20),
    )


spots = st.tuples(st.floats(-25, 25), st.floats(-25, 25))


@settings(max_examples=12, deadline=None)
@given(st.lists(spots, max_size=10))
def test_a_way_that_is_found_is_free_between_its_poses_too(places):
    posts = [Point(spot).buffer(0.3) for spot in places]
    opening = in_the_open(posts)
    drive = drive_through(opening, ENGINE)
    if drive.reason:
        assert not len(drive.poses)
        return
    solid = shapely.union_all(opening.obstacles)
    one, two = drive.poses[:-1], drive.poses[1:]
    turn = two[:, 2] - one[:, 2]
    # Never sharper than the least radius, never back, one step at a time.
    assert np.abs(turn).max() <= STEP_M / ENGINE.radius_m + 1e-9
    ahead = (two - one)[:, :2]
    mean = one[:, 2] + turn / 2
    along = (ahead * np.stack([np.cos(mean), np.sin(mean)], axis=1)).sum(axis=1)
    assert along == pytest.approx(STEP_M, abs=1e-3)
    assert np.hypot(*ahead.T) == pytest.approx(along, abs=1e-9)
    # Ten poses in between: the corners stray less than 5 mm from the hulls that were tried.
    for share in np.linspace(0, 1, 11):
        heading = one[:, 2] + share * turn
        half = one[:, 2] + share * turn / 2
        chord_m = share * STEP_M * np.sinc(share * turn / (2 * np.pi))
        axle = one[:, :2] + chord_m[:, None] * np.stack([np.cos(half), np.sin(half)], axis=1)
        bodies = ENGINE.bodies(np.column_stack([axle, heading]))
        assert not shapely.intersects(shapely.buffer(bodies, -0.01), solid).any()


@settings(max_examples=8, deadline=None)
@given(st.lists(spots, max_size=8), spots)
def test_the_mirrored_ground_has_a_mirrored_way(places, more):
    posts = [Point(spot).buffer(0.3) for spot in [*places, more]]
    mirrored = [Point(-x, y).buffer(0.3) for x, y in [*places, more]]
    here, there = (drive_through(in_the_open(shapes), ENGINE) for shapes in (posts, mirrored))
    # Cells do not mirror exactly, so a way just wide enough may be found on one side only.
    if not here.reason and here.clear_m > 0.3:
        assert not there.reason


def test_a_closer_look_finds_a_way_that_the_first_one_loses_among_its_cells():
    # From a street of 14 m, shut on its far side, through an opening of 4 m: wide enough for the
    # bend, with a few centimetres to spare.
    street = in_the_open([box(-60, -15, 60, -14)])
    assert drive_through(street, ENGINE).reason.startswith("no bend of 11 m")
    drive = drive_through(street, ENGINE, CLOSER)
    swept = ENGINE.between(drive.poses[:-1], drive.poses[1:])
    assert shapely.distance(shapely.union_all(street.obstacles), swept).min() >= CLOSER.spare_m
    assert np.abs(np.diff(drive.poses[:, 2])).max() <= STEP_M / ENGINE.radius_m + 1e-9
    ends = ENGINE.middles(drive.poses[[0, -1]])
    assert street.outside(ends).tolist() == [True, False]
    assert street.inside(ends).tolist() == [False, True]


def test_a_closer_look_finds_no_way_where_there_is_none():
    # The body is 8.4 m long: from a street of 8 m it does not even stand square before the opening.
    assert drive_through(in_the_open([box(-60, -9, 60, -8)]), ENGINE, CLOSER).reason


def test_an_opening_narrower_than_the_body_says_so():
    shut = in_the_open([box(-2, -0.1, -0.6, 0.1)])
    assert "3.00 m of body do not fit" in drive_through(shut, ENGINE).reason


def test_a_wall_across_the_way_is_named():
    far = in_the_open([box(-60, 12, 60, 13)])
    assert drive_through(far, ENGINE).reason.endswith("on into the zone; mostly o2 is in the way")
