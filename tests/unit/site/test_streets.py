"""Which ways are streets of the site, and how wide their carriageways are."""

import numpy as np
import pytest
from shapely import box

from sbd.site.solids import solid_buildings
from sbd.site.streets import street_table, way_lines
from tests.drawn_town import Town, blocks

STUDY = box(-100, -100, 100, 100)
NOTHING = np.array([], dtype=object)


def streets(drawing, solids=NOTHING):
    return street_table(way_lines(drawing.features()), STUDY, solids)


def one(**tags):
    return streets(Town().line("way/1", [(-50, 0), (50, 0)], **tags))


@pytest.mark.parametrize(
    ("tags", "width_m", "known_from"),
    [
        ({"width": "4.2"}, 4.2, "width in the data"),
        ({"width": "4.2", "lanes": "2"}, 4.2, "width in the data"),
        ({"lanes": "2"}, 6.5, "lanes of 3.25 m"),
        ({}, 6.0, "assumed for its class"),
        ({"oneway": "yes"}, 4.5, "assumed for its class"),
        ({"width": "narrow"}, 6.0, "assumed for its class"),
    ],
)
def test_a_width_comes_from_the_tag_else_the_lanes_else_the_class(tags, width_m, known_from):
    street = one(highway="residential", **tags)
    assert street["width_m"].tolist() == [width_m]
    assert street["width_from"].tolist() == [known_from]


def test_facades_narrow_a_street_that_claims_more():
    # The blocks leave 10 m; four lanes would be 13 m.
    drawing = blocks().line("way/1", [(30, 0), (140, 0)], highway="residential", lanes="4")
    facades = solid_buildings(drawing.features()).geometry.to_numpy()
    street = streets(drawing, facades)
    assert street["width_m"].iloc[0] == pytest.approx(10.0)
    assert street["width_from"].iloc[0] == "between facades"


def test_facades_leave_a_narrower_street_alone():
    drawing = blocks().line("way/1", [(30, 0), (140, 0)], highway="residential", lanes="2")
    facades = solid_buildings(drawing.features()).geometry.to_numpy()
    assert streets(drawing, facades)["width_m"].iloc[0] == pytest.approx(6.5)


@pytest.mark.parametrize(
    "value", ["proposed", "construction", "platform", "corridor", "elevator", "steps"]
)
def test_what_no_vehicle_follows_is_no_street(value):
    assert one(highway=value).empty


@pytest.mark.parametrize("value", ["footway", "path", "cycleway", "pedestrian", "track", "trail"])
def test_a_hostile_driver_uses_footways_too(value):
    assert one(highway=value)["highway"].tolist() == [value]


@pytest.mark.parametrize("tags", [{"tunnel": "yes"}, {"layer": "-1"}, {"indoor": "yes"}])
def test_streets_below_or_inside_are_none_of_the_site(tags):
    assert one(highway="primary", **tags).empty


def test_a_private_street_is_a_street():
    assert len(one(highway="service", access="private", motor_vehicle="no")) == 1


def test_tram_rails_are_a_row_of_their_own():
    rails = one(railway="tram", name="Linie 9")
    assert rails[["highway", "width_m"]].to_numpy().tolist() == [["tram", 4.25]]


@pytest.mark.parametrize("value", ["subway", "disused", "abandoned", "proposed"])
def test_rails_that_are_gone_or_below_are_none(value):
    assert one(railway=value).empty


def test_a_bridge_that_passes_over_a_street_is_not_on_the_site():
    drawing = (
        Town()
        .line("way/1", [(-50, 0), (50, 0)], highway="primary", bridge="yes", layer="1")
        .line("way/2", [(0, -50), (0, 50)], highway="residential")
    )
    assert streets(drawing)["street_id"].tolist() == ["way/2"]


def test_a_bridge_over_water_is_on_the_site():
    drawing = (
        Town()
        .line("way/1", [(-50, 0), (50, 0)], highway="primary", bridge="yes", layer="1")
        .line("way/2", [(50, -50), (50, 50)], highway="residential")
    )
    assert sorted(streets(drawing)["street_id"]) == ["way/1", "way/2"]


def test_a_street_is_cut_to_the_study_area():
    street = streets(Town().line("way/1", [(-500, 0), (500, 0)], highway="service"))
    assert street.length.tolist() == [200.0]


def test_a_street_without_a_name_goes_by_its_number():
    assert one(highway="primary", ref="B 2")["name"].tolist() == ["B 2"]
