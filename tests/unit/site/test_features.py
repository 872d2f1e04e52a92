"""What counts as the ground that vehicles share, and how tags are read."""

import numpy as np
import pytest
from shapely import Polygon

from sbd.site.features import at_ground, number, project
from tests.drawn_town import Town


def one(**tags):
    return Town().line("way/1", [(0, 0), (10, 0)], **tags).features()


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"layer": "0"},
        {"layer": "1"},
        {"level": "0"},
        {"level": "0;-1"},
        {"level": "-1-2"},
        {"tunnel": "no"},
        {"tunnel": "building_passage"},
        {"tunnel": "building_passage", "layer": "-1"},  # mapped so all over Munich and Porto
        {"covered": "yes"},
        {"indoor": "no"},
        {"level": "ground"},  # can't be read: counts as ground
    ],
)
def test_what_vehicles_share_is_at_ground_level(tags):
    assert at_ground(one(**tags)).tolist() == [True]


@pytest.mark.parametrize(
    "tags",
    [
        {"layer": "-1"},
        {"level": "-1"},
        {"level": "1"},
        {"level": "-2;-1"},
        {"tunnel": "yes"},
        {"tunnel": "culvert"},
        {"tunnel": "building_passage", "layer": "-2"},
        {"indoor": "yes"},
        {"indoor": "corridor"},
        {"location": "underground"},
    ],
)
def test_what_runs_below_above_or_indoors_is_not(tags):
    assert at_ground(one(**tags)).tolist() == [False]


@pytest.mark.parametrize(
    ("text", "value"),
    [("3.5", 3.5), ("3,5 m", 3.5), ("12'", np.nan), ("2-3", np.nan), ("wide", np.nan)],
)
def test_a_length_that_is_not_in_metres_is_unknown(text, value):
    assert np.array_equal(number(one(width=text), "width"), [value], equal_nan=True)


def test_a_self_crossing_outline_is_repaired_on_the_way_in():
    bow = [(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)]
    features = Town().area("way/1", Polygon(bow), building="yes").features()
    repaired = project(features, features.crs)
    assert repaired.is_valid.all()
    assert repaired.area.iloc[0] == pytest.approx(50.0)  # two triangles of 10 x 5 / 2 each
