"""Chicanes before the judge: rows of posts in a drawn street of 12 m that leads to a square."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, affinity, box

from sbd.model import tables
from sbd.verify import judge_layout
from tests.judged import CRS, check, town, with_layers

# The street runs from an entry at x = 0 between walls to the square behind x = 140.
WALLS = (box(0, 0, 140, 24), box(0, 36, 140, 60), box(190, 0, 200, 60))
STUDY, ZONE = box(0, 0, 200, 60), box(150, 10, 180, 50)
LANE_M = 5.5


def street(*, solids=WALLS, furniture=()):
    place = town(
        solids,
        zone=ZONE,
        entries=(LineString([(0, 24), (0, 36)]),),
        study=STUDY,
        streets=[(LineString([(0, 30), (140, 30)]), 11.0)],
    )
    rows = [{"kind": "tree", "standing": "mapped", "geometry": point} for point in furniture]
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS) if rows else None
    return with_layers(place, furniture=table) if rows else place


def posts(line, x, low, high, *, gap_m=1.0):
    """Square posts of 0.3 m from `low` to `high`, each a gap after the one before."""
    found, y = [], low
    while y + 0.3 <= high + 1e-9:
        found.append(box(x, y, x + 0.3, y + 0.3))
        y += 0.3 + gap_m
    return gpd.GeoDataFrame(
        {
            "unit_id": [f"{line}-{k}" for k in range(1, len(found) + 1)],
            "line_id": line,
            "openable": False,
            "chicane": True,
        },
        geometry=found,
        crs=CRS,
    )


def chicane(spacing_m=14.0, *, lane_m=LANE_M, off_wall_m=0.8, straight=False):
    """Three rows between walls at y = 24 and 36: lanes in the south, the north, the south."""
    low, high = 24 + lane_m, 36 - lane_m
    rows = [
        posts("C1.1", 50, low, 36 - off_wall_m),
        # Northern lane: the row stands at the southern wall, counted from it.
        posts("C1.2", 50 + spacing_m, 24 + off_wall_m, high)
        if not straight
        else posts("C1.2", 50 + spacing_m, low, 36 - off_wall_m),
        posts("C1.3", 50 + 2 * spacing_m, low, 36 - off_wall_m),
    ]
    return gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=CRS)


def judged(layout, site=None):
    verdict = judge_layout(street() if site is None else site, layout)
    return check(verdict, "chicane:C1"), check(verdict, "beside:C1")


@pytest.mark.slow
def test_an_engine_weaves_through_rows_far_enough_apart_and_nothing_passes_beside_them():
    lane, beside = judged(chicane())
    assert lane.holds, lane.note
    # Of five posts 1 m apart the last one in the north begins at 30.0: 36 - 30.3 m are left.
    assert "lanes of 5.5, 5.7, 5.5 m" in lane.note
    assert beside.holds, beside.note


@pytest.mark.slow
def test_rows_too_close_to_each_other_hold_up_the_engine():
    # At the inner edges of two lanes of 5.5 m a body of 3 m still moves aside by 12 - 2 * 4 = 4 m;
    # at R = 12.75 that takes 2 R sin = 13.7 m of way where 4 = 2 R (1 - cos): far more than 9.
    lane, beside = judged(chicane(9.0))
    assert lane.passes is False
    assert "no way of bends of 11 m inner radius" in lane.note
    assert "m too tight" in lane.note
    assert beside.holds


def test_a_lane_narrower_than_the_country_asks_is_no_lane():
    lane, _ = judged(chicane(lane_m=3.3))
    assert not lane.holds
    assert "too narrow" in lane.note


def test_what_passes_between_a_row_and_its_wall_is_found_and_the_place_is_named():
    _, beside = judged(chicane(lane_m=3.3, off_wall_m=1.3))
    assert beside.passes is True
    assert "beside C1.1 (at x 50" in beside.note


def test_a_unit_gone_from_a_row_is_found():
    layout = chicane(lane_m=3.3)
    left = layout[layout["unit_id"] != "C1.2-2"].reset_index(drop=True)
    _, beside = judged(left)
    assert beside.passes is True
    assert "C1.2" in beside.note


def test_lanes_in_line_slow_nothing():
    _, beside = judged(chicane(lane_m=3.3, straight=True))
    assert beside.passes is True
    assert "straight through all lanes" in beside.note


def test_rows_without_a_wall_leave_no_lane_to_be_judged():
    # Nothing but the square's far wall, 100 m on.
    far = chicane(lane_m=3.3)
    wide = town(
        (box(190, -90, 200, 150),),
        zone=ZONE,
        entries=(LineString([(0, -90), (0, 150)]),),
        study=box(0, -90, 200, 150),
    )
    verdict = judge_layout(wide, far)
    lane = check(verdict, "chicane:C1")
    assert lane.passes is False
    assert "no wall" in lane.note


@pytest.mark.slow
def test_a_tree_in_the_lane_is_a_condition():
    tree = Point(64.2, 33.5)
    verdict = judge_layout(street(furniture=[tree]), chicane())
    assert check(verdict, "chicane:C1").holds
    assert any("chicane:C1: only where tree" in each for each in verdict.conditions)


@pytest.mark.slow
def test_turning_the_place_changes_nothing():
    def turn(shape):
        return affinity.rotate(shape, 33.0, origin=(0, 0))

    site = street()
    layers = {
        name: site.layers[name].set_geometry(site.layers[name].geometry.map(turn))
        for name in site.layers
        if len(site.layers[name])
    }
    layout = chicane()
    lane, beside = judged(
        layout.set_geometry(layout.geometry.map(turn)), with_layers(site, **layers)
    )
    assert lane.holds
    assert beside.holds


def test_a_layout_without_chicanes_is_not_asked():
    verdict = judge_layout(street(), tables_without_chicanes())
    assert not [one.name for one in verdict.checks if one.name.startswith(("chicane", "beside"))]


def tables_without_chicanes():
    return tables.empty_layer(tables.FOOTPRINTS, CRS)
