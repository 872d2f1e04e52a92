"""What is left to drive on, and what it is paved with."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, box

from sbd.site.ground import component_of, free_ground, surface_table
from tests.drawn_town import Town

STUDY = box(0, 0, 100, 100)


def solids(*shapes):
    return np.array(shapes, dtype=object)


def test_nothing_solid_leaves_the_study_area():
    assert free_ground(STUDY, solids()).area == pytest.approx(10_000)


def test_everything_solid_leaves_nothing():
    assert free_ground(STUDY, solids(box(-1, -1, 101, 101))).is_empty


def test_overlapping_solids_are_counted_once():
    ground = free_ground(STUDY, solids(box(0, 0, 20, 20), box(10, 0, 30, 20)))
    assert ground.area == pytest.approx(10_000 - 600)


def test_a_crack_of_a_rounding_error_between_two_houses_is_no_ground():
    ground = free_ground(STUDY, solids(box(0, 0, 50 - 4e-4, 100), box(50, 0, 60, 100)))
    assert shapely.get_num_geometries(ground) == 1
    assert ground.bounds == (60, 0, 100, 100)


def test_a_gap_of_a_centimetre_stays_a_gap():
    ground = free_ground(STUDY, solids(box(0, 0, 50, 100), box(50.01, 0, 60, 100)))
    assert ground.area == pytest.approx(4_000 + 1.0)


def test_slivers_below_a_sheet_of_paper_are_dropped():
    corner = box(99.8, 99.8, 100, 100)  # 0.04 m2 cut off by a wall
    ground = free_ground(STUDY, solids(box(99.7, 99.7, 100, 100).difference(corner)))
    assert shapely.get_num_geometries(ground) == 1


def test_the_ground_is_valid_on_the_millimetre_grid():
    rng = np.random.default_rng(7)
    corners = rng.uniform(0, 95, (60, 2))
    houses = [shapely.buffer(shapely.Point(xy), 4.0, quad_segs=3) for xy in corners]
    ground = free_ground(STUDY, solids(*houses))
    assert ground.is_valid
    assert isinstance(ground, MultiPolygon)
    xy = shapely.get_coordinates(ground)
    assert np.abs(xy * 1000 - np.round(xy * 1000)).max() < 1e-6


def test_only_pieces_within_reach_are_connected():
    ground = MultiPolygon([box(0, 0, 10, 10), box(20, 0, 30, 10)])
    found = component_of(ground, solids(shapely.Point(5, 5)))
    assert [piece.bounds for piece in found] == [(0, 0, 10, 10)]


@pytest.mark.parametrize(
    ("tags", "surface"),
    [
        ({"highway": "pedestrian", "surface": "sett"}, "sett"),
        ({"leisure": "park"}, "grass"),
        ({"leisure": "park", "surface": "gravel"}, "gravel"),
        ({"natural": "beach"}, "sand"),
    ],
)
def test_a_surface_is_the_stated_one_else_that_of_the_kind(tags, surface):
    features = Town().area("way/1", box(0, 0, 9, 9), **tags).features()
    assert surface_table(features, STUDY)["surface"].tolist() == [surface]


@pytest.mark.parametrize(
    "tags", [{"building": "yes", "surface": "tiles"}, {"highway": "pedestrian"}]
)
def test_roofs_and_areas_of_unknown_surface_are_left_out(tags):
    features = Town().area("way/1", box(0, 0, 9, 9), **tags).features()
    assert surface_table(features, STUDY).empty
