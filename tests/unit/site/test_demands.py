"""Which doors need a fire engine."""

import pytest

from sbd.site.demands import demand_table
from tests.drawn_town import SQUARE, blocks


def doors(*, corner=(20, 10), **tags):
    """Return the demands of a town with one door, on the facade x = 20 of the square."""
    return demand_table(blocks().node("node/1", corner, **tags).features(), SQUARE)


@pytest.mark.parametrize("value", ["main", "yes", "staircase"])
def test_a_main_door_on_the_square_is_a_demand(value):
    assert doors(entrance=value)["demand_id"].tolist() == ["node/1"]


@pytest.mark.parametrize("value", ["service", "emergency", "garage", "exit"])
def test_back_doors_are_none(value):
    assert doors(entrance=value).empty


def test_a_door_away_from_the_square_is_none():
    assert doors(corner=(60, 5), entrance="main").empty


def test_the_way_down_to_a_station_is_no_door_of_a_house():
    assert doors(corner=(10, 10), entrance="yes", railway="subway_entrance").empty


def test_a_door_below_ground_is_none():
    assert doors(entrance="main", level="-1").empty


def test_a_door_is_named_by_its_address():
    found = doors(entrance="main", addr_street="Torikatu", addr_housenumber="3")
    assert found["name"].tolist() == ["Torikatu 3"]


def test_a_door_without_any_name_goes_by_its_id():
    assert doors(entrance="main")["name"].tolist() == ["door node/1"]
