"""Which place a request means, and how it is checked against the data."""

import geopandas as gpd
import pytest
from shapely import Point, box
from shapely.affinity import translate

from sbd.errors import ZoneError
from sbd.site import ZoneRequest
from sbd.site.zone import find_zone
from tests.drawn_town import CRS, ORIGIN, SQUARE, Town, drawn, town

DATA = translate(box(-300, -300, 300, 300), *ORIGIN)


def features(drawing):
    local = drawing.features()
    return local.set_geometry(local.translate(*ORIGIN))


def at(x, y):
    point = gpd.GeoSeries([Point(ORIGIN[0] + x, ORIGIN[1] + y)], crs=CRS).to_crs(4326).iloc[0]
    return (point.y, point.x)


def found(drawing, request, data=DATA):
    return find_zone(request, features(drawing), data)


def test_the_smallest_square_that_holds_the_point_wins_over_a_smaller_pavement():
    drawing = (
        Town()
        .area("way/1", box(-50, -50, 50, 50), place="square", name="Large")
        .area("way/2", box(-20, -20, 20, 20), place="square", name="Small")
        .area("way/3", box(-10, -10, 10, 10), highway="pedestrian", name="Pavement")
    )
    assert found(drawing, ZoneRequest.at(at(0, 0))).name == "Small"


def test_a_flower_bed_gives_way_to_the_park_it_lies_in():
    drawing = (
        Town()
        .area("way/1", box(-50, -50, 50, 50), leisure="park", name="Park")
        .area("way/2", box(-10, -10, 10, 10), leisure="garden", name="Bed")
    )
    assert found(drawing, ZoneRequest.at(at(0, 0))).name == "Park"


def test_pavements_and_traffic_islands_are_no_squares():
    # 300 x 6 m is large enough but nowhere 8 m wide; 10 x 10 m is wide but below 200 m2.
    drawing = (
        Town()
        .area("way/1", box(-150, -3, 150, 3), highway="pedestrian", area="yes")
        .area("way/2", box(-5, -5, 5, 5), highway="pedestrian", area="yes")
        .area("way/3", box(60, -20, 100, 20), highway="pedestrian", name="Square")
    )
    assert found(drawing, ZoneRequest.at(at(0, 0))).name == "Square"


def test_beside_the_point_a_named_square_comes_before_a_nearer_nameless_one():
    drawing = (
        Town()
        .area("way/1", box(10, -20, 50, 20), highway="pedestrian")
        .area("way/2", box(60, -20, 99, 20), highway="pedestrian", name="Market")
    )
    assert found(drawing, ZoneRequest.at(at(0, 0))).name == "Market"


def test_nothing_within_100_m_asks_for_a_radius():
    drawing = Town().area("way/1", box(120, -20, 160, 20), place="square")
    with pytest.raises(ZoneError, match=r"within 100 m.*give a radius"):
        found(drawing, ZoneRequest.at(at(0, 0)))


@pytest.mark.parametrize("tags", [{"level": "-1"}, {"tunnel": "yes"}, {"indoor": "yes"}])
def test_a_pedestrian_area_below_ground_is_no_square(tags):
    drawing = Town().area("way/1", SQUARE, highway="pedestrian", **tags)
    with pytest.raises(ZoneError, match="no square"):
        found(drawing, ZoneRequest.at(at(0, 0)))


def test_a_lawn_cut_out_of_a_square_belongs_to_it():
    drawing = Town().area("relation/1", SQUARE.difference(box(-5, -5, 5, 5)), place="square")
    assert found(drawing, ZoneRequest.at(at(0, 0))).shape.area == pytest.approx(1600.0)


def test_a_square_without_a_name_is_called_after_its_street():
    drawing = town().area("way/9", SQUARE, highway="pedestrian")
    zone = found(drawing, ZoneRequest.of_object("way/9"))
    assert zone.name in ("area at Main Street", "area at Cross Lane")


def test_a_name_is_found_without_accents_and_case():
    drawing = Town().area("way/1", SQUARE, place="square", name="Praça da Liberdade")
    assert found(drawing, ZoneRequest.named("praca DA liberdade")).zone_id == "way/1"


def test_a_name_that_is_not_there_lists_near_ones():
    drawing = Town().area("way/1", SQUARE, place="square", name="Marienplatz")
    with pytest.raises(ZoneError, match="near it: Marienplatz"):
        found(drawing, ZoneRequest.named("Marienplats"))


def test_an_id_that_is_a_street_is_no_area():
    with pytest.raises(ZoneError, match="LineString, not an area"):
        found(town(), ZoneRequest.of_object("way/1"))


def test_an_id_that_is_not_there_is_named():
    with pytest.raises(ZoneError, match="way/77"):
        found(town(), ZoneRequest.of_object("way/77"))


def test_a_zone_outside_the_data_names_both_places():
    with pytest.raises(ZoneError, match=r"outside the data.*latitude"):
        found(town(), drawn(translate(SQUARE, 5_000, 0)))


def test_exchanged_latitude_and_longitude_are_suspected():
    latitude, longitude = at(0, 0)
    with pytest.raises(ZoneError, match="exchanged"):
        found(town(), ZoneRequest.around((longitude, latitude), 50.0))


def test_a_zone_that_sticks_out_of_the_data_says_by_how_much():
    # Half of 40 x 40 m lies east of x = 300.
    with pytest.raises(ZoneError, match="800 of its 1600 m2"):
        found(town(), drawn(translate(SQUARE, 300, 0)))


@pytest.mark.parametrize("half_side_m", [300, 900])
def test_a_zone_that_covers_all_of_the_data_is_refused(half_side_m):
    everything = box(-half_side_m, -half_side_m, half_side_m, half_side_m)
    with pytest.raises(ZoneError, match="covers all"):
        found(town(), drawn(everything))


def test_a_disc_has_its_radius():
    zone = found(town(), ZoneRequest.around(at(0, 0), 50.0))
    assert zone.shape.area == pytest.approx(3.1416 * 2500, rel=0.01)
