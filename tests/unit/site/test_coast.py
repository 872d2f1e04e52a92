"""Where the sea is: on the right of a coastline."""

import pytest
from shapely import box

from sbd.site.coast import sea
from tests.drawn_town import Town

STUDY = box(0, 0, 100, 100)


def water(*corners):
    layer = sea(Town().line("way/1", corners, natural="coastline").features(), STUDY)
    assert set(layer["kind"]) == {"water"}
    return layer[layer["solid_id"].str.startswith("sea/")]


def test_the_sea_lies_on_the_right_of_the_line():
    # Northwards along x = 30: east is right, 70 x 100 m of it in the study area.
    found = water((30, -10), (30, 110))
    assert found.area.sum() == pytest.approx(7000)
    assert found.total_bounds.tolist() == [30, 0, 100, 100]


def test_the_other_way_round_the_sea_is_on_the_other_side():
    assert water((30, 110), (30, -10)).area.sum() == pytest.approx(3000)


def test_a_bay_is_water_inside_the_bend():
    # In from the west along y = 60, down, and out along y = 20, with the water on the right.
    found = water((-10, 60), (50, 60), (50, 20), (-10, 20))
    assert found.area.sum() == pytest.approx(50 * 40)


def test_a_coast_that_was_cut_just_before_the_rim_is_closed():
    assert water((30, 8), (30, 95)).area.sum() == pytest.approx(7000, rel=0.02)


def test_a_coast_that_ends_far_inside_leaves_the_ground_behind_it_drivable():
    assert water((30, -10), (30, 50)).empty


def test_the_line_itself_stops_vehicles_in_any_case():
    layer = sea(Town().line("way/1", [(30, -10), (30, 50)], natural="coastline").features(), STUDY)
    assert layer["solid_id"].tolist() == ["way/1"]
    assert layer.area.iloc[0] == pytest.approx(60.1 * 0.1)
