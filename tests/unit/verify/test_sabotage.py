"""A missing unit is noticed exactly where it opens a way."""

import sys

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from sbd.errors import InputError
from sbd.verify import certify, judge_layout, prepare_footprints, sabotage
from sbd.verify.check_certificate import faults_of
from sbd.verify.removal import without_each
from tests.judged import BLOCKS, WALLS, check, one_gap, row, town, units


def test_every_missing_post_is_found():
    posts, gap = row(6)
    found = sabotage(town(), posts)
    assert found["unit_id"].tolist() == posts["unit_id"].tolist()
    assert found["merged_gap_m"].tolist() == pytest.approx([2 * gap + 0.2] * 6)
    assert found["found"].tolist() == [True] * 6


def test_a_post_whose_gap_merges_to_less_than_the_width_is_not_missed():
    # Walls at 26 and 34 and two blocks leave 29.5 to 30.6; a post stands in between.
    table = units(box(50, 26, 51, 29.5), box(50, 29.9, 51, 30.2), box(50, 30.6, 51, 34))
    found = sabotage(town(), table).set_index("unit_id")
    assert found.loc["L1-02", "merged_gap_m"] == pytest.approx(1.1)
    assert found["found"].tolist() == [True, False, True]


def test_behind_a_second_row_nothing_opens():
    first, _ = row(6, x=40.0)
    second, _ = row(6, x=50.0)
    table = units(*first.geometry, *second.geometry)
    assert not sabotage(town(), table)["found"].any()


def test_a_unit_in_the_middle_of_nowhere_opens_nothing():
    posts, _ = row(6)
    table = units(*posts.geometry, box(30, 29, 31, 30), box(75, 29, 76, 30))
    found = sabotage(town(), table)
    assert found["merged_gap_m"].isna().tolist() == [False] * 6 + [True] * 2
    assert found["found"].tolist() == [True] * 6 + [False] * 2


def test_one_long_unit_across_the_street_is_found():
    # Longer than any tile of the ground: 80 m of wall, turned into the only thing that closes.
    wide = town(WALLS, study=box(0, 0, 100, 60))
    found = sabotage(wide, units(box(50, -10, 50.5, 70)))
    assert found["found"].tolist() == [True]


def test_the_side_wall_of_a_niche_counts_on_both_hands():
    # The post shuts the mouth of a niche in which the zone lies; both its sides are one wall.
    niche = box(20, 24, 22, 26)
    wall = BLOCKS[0].difference(niche)
    site = town((wall, BLOCKS[1], *WALLS), zone=niche)
    found = sabotage(site, units(box(20.9, 25.8, 21.1, 26.0)))
    assert found["found"].tolist() == [True]


def test_a_layout_that_leaks_has_no_unit_to_miss():
    with pytest.raises(InputError, match="close the layout first"):
        sabotage(town(), one_gap(1.5))
    assert not [c for c in judge_layout(town(), one_gap(1.5)).checks if c.name == "sabotage"]


def test_the_verdict_counts_the_removed_units():
    posts, _ = row(6)
    found = check(judge_layout(town(), posts), "sabotage")
    assert found.holds
    assert found.note == "6 of 6 removed units found"
    table = units(*posts.geometry, box(30, 29, 31, 30))
    found = check(judge_layout(town(), table), "sabotage")
    assert found.note.startswith("6 of 6 removed units found; without any one of the other 1")


def test_a_judge_who_overlooks_a_missing_unit_is_not_believed(monkeypatch):
    # A judge gone blind: whatever is missing, it finds nothing.
    def blind(case, shut):
        return without_each(case, shut).assign(found=np.full(len(case.table), False, dtype=object))

    monkeypatch.setattr(sys.modules["sbd.verify.sabotage"], "without_each", blind)
    posts, _ = row(6)
    verdict = judge_layout(town(), posts)
    found = check(verdict, "sabotage")
    assert not found.holds
    assert not verdict.holds
    assert found.note.startswith("0 of 6 removed units found; missed: L1-01 (leaves 2.143 m)")


def test_butted_units_are_found_each():
    blocks = [box(50, 26 + 1.6 * k, 51, 27.6 + 1.6 * k) for k in range(5)]
    found = sabotage(town(), units(*blocks))
    assert found["found"].tolist() == [True] * 5
    assert found["merged_gap_m"].tolist() == pytest.approx([1.6] * 5, abs=1e-3)


def test_a_unit_of_two_parts_goes_with_both():
    posts, _ = row(6)
    shapes = [*posts.geometry]
    pair = shapely.MultiPolygon([shapes[2], shapes[3]])
    found = sabotage(town(), units(*shapes[:2], pair, *shapes[4:]))
    assert found["found"].tolist() == [True] * 5


def test_a_foreign_layout_of_bare_shapes_in_degrees_is_sabotaged_and_certified_alike():
    posts, gap = row(6)
    drawn = gpd.GeoDataFrame(geometry=posts.geometry.to_crs(4326))
    prepared = prepare_footprints(drawn, town().crs)
    verdict = judge_layout(town(), prepared)
    assert check(verdict, "sabotage").note == "6 of 6 removed units found"
    assert faults_of(certify(town(), prepared)) == []
    assert sabotage(town(), prepared)["merged_gap_m"].tolist() == pytest.approx(
        [2 * gap + 0.2] * 6, abs=1e-4
    )
