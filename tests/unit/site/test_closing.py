"""Which streets stay open by default, and how the planner changes that."""

import numpy as np
import pytest
from shapely import box

from sbd.errors import InputError
from sbd.site.closing import CLOSABLE, mark_open
from sbd.site.streets import street_table, way_lines
from tests.drawn_town import Town

STUDY = box(-100, -100, 100, 100)


def marked(drawing, **options):
    """Return which streets stay open and why, each by street id."""
    solids = np.array([], dtype=object)
    streets = street_table(way_lines(drawing.features()), STUDY, solids)
    table = mark_open(streets, **options).set_index("street_id")
    return table["stays_open"].to_dict(), table["reason"].to_dict()


def one(routes="", **tags):
    return Town().line("way/1", [(-50, 0), (50, 0)], routes, name="Praça Nova", **tags)


@pytest.mark.parametrize(
    "highway",
    ["trunk", "primary", "secondary", "tertiary", "primary_link", "tertiary_link", "motorway"],
)
def test_main_roads_stay_open(highway):
    stays, why = marked(one(highway=highway))
    assert stays == {"way/1": True}
    assert why == {"way/1": f"{highway} road"}


@pytest.mark.parametrize(
    "highway", ["unclassified", "residential", "living_street", "service", "pedestrian", "footway"]
)
def test_everything_else_may_be_closed(highway):
    assert marked(one(highway=highway)) == ({"way/1": False}, {"way/1": CLOSABLE})


@pytest.mark.parametrize(
    ("routes", "why"),
    [("bus", "bus route"), ("tram", "tram route"), ("bus tram", "bus and tram route")],
)
def test_a_street_on_a_bus_or_tram_route_stays_open(routes, why):
    assert marked(one(routes, highway="residential")) == ({"way/1": True}, {"way/1": why})


def test_a_pedestrian_street_on_a_tram_route_stays_open():
    assert marked(one("tram", highway="pedestrian"))[0] == {"way/1": True}


@pytest.mark.parametrize(("routes", "highway"), [("bus", "footway"), ("hiking", "residential")])
def test_a_platform_path_or_a_hiking_route_keeps_no_street_open(routes, highway):
    assert marked(one(routes, highway=highway))[0] == {"way/1": False}


def test_rails_stay_open_and_so_does_the_street_they_lie_in():
    drawing = one(highway="residential").line("way/2", [(-50, 1), (50, 1)], railway="tram")
    stays, why = marked(drawing)
    assert stays == {"way/1": True, "way/2": True}
    assert why == {"way/1": "tram rails in the carriageway", "way/2": "tram rails"}


def test_rails_that_only_cross_a_street_do_not_keep_it_open():
    drawing = one(highway="residential").line("way/2", [(0, -50), (0, 50)], railway="tram")
    assert marked(drawing)[0] == {"way/1": False, "way/2": True}


@pytest.mark.parametrize("asked", ["Praça Nova", "praca nova", "PRAÇA  NOVA", "way/1"])
def test_a_street_is_closed_by_name_or_id(asked):
    stays, why = marked(one(highway="primary"), close=[asked])
    assert stays == {"way/1": False}
    assert why == {"way/1": "closed by the planner"}


def test_a_street_is_kept_open_by_name():
    stays, why = marked(one(highway="service"), keep_open=["Praça Nova"])
    assert stays == {"way/1": True}
    assert why == {"way/1": "kept open by the planner"}


def test_a_name_closes_every_piece_of_the_street_but_not_its_rails():
    drawing = (
        one(highway="primary")
        .line("way/2", [(50, 0), (90, 0)], highway="primary", name="Praça Nova")
        .line("way/3", [(-50, 9), (50, 9)], railway="tram", name="Praça Nova")
    )
    assert marked(drawing, close=["Praça Nova"])[0] == {
        "way/1": False,
        "way/2": False,
        "way/3": True,
    }
    assert marked(drawing, close=["way/3"])[0]["way/3"] is False


def test_an_unknown_street_lists_names_that_come_near():
    with pytest.raises(InputError, match=r"--close 'Praça Nove'.*near it: Praça Nova"):
        marked(one(highway="primary"), close=["Praça Nove"])


def test_an_unknown_street_with_nothing_near_says_what_to_give():
    with pytest.raises(InputError, match="way/123"):
        marked(one(highway="primary"), keep_open=["Xyzzy"])


def test_a_street_in_both_lists_is_refused():
    with pytest.raises(InputError, match="both"):
        marked(one(highway="primary"), close=["way/1"], keep_open=["Praça Nova"])
