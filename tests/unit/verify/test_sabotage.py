"""A missing unit is noticed exactly where it opens a way."""

import pytest
from shapely import box

from sbd.verify import sabotage
from tests.judged import row, town, units


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
