"""What a planner may ask for, and what is refused before any data is read."""

import geopandas as gpd
import pytest
from shapely import LineString, MultiPolygon, Point, Polygon, box

from sbd.errors import CrsError, InputError, ZoneError
from sbd.site import ZoneRequest, study_polygon_wgs84

HELSINKI = (60.1713, 24.9442)


def metres(request, margin_m):
    return gpd.GeoSeries([study_polygon_wgs84(request, margin_m)], crs=4326).to_crs(32635).iloc[0]


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (Polygon(), "empty"),
        (Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), "crosses"),
        (LineString([(0, 0), (500, 500)]), "LineString"),
        (box(400, 400, 400, 800), "not simple"),
        (Polygon([(0, 0), (900, float("nan")), (900, 900)]), "finite"),
    ],
)
def test_a_drawing_that_is_no_area_is_refused_in_one_line(shape, words):
    with pytest.raises(ZoneError, match=words) as error:
        ZoneRequest.drawn(shape, crs=32635)
    assert "\n" not in str(error.value)


def test_a_layer_without_rows_is_an_empty_zone():
    with pytest.raises(ZoneError, match="no row"):
        ZoneRequest.drawn(gpd.GeoDataFrame(geometry=[], crs=32635))


def test_several_rows_are_one_zone():
    layer = gpd.GeoDataFrame(geometry=[box(0, 0, 500, 5), box(900, 0, 950, 5)], crs=32635)
    assert isinstance(ZoneRequest.drawn(layer).shape, MultiPolygon)


def test_a_drawing_without_a_reference_system_is_refused():
    with pytest.raises(CrsError, match="no reference system"):
        ZoneRequest.drawn(box(0, 0, 500, 500))


def test_degrees_said_to_be_metres_are_refused():
    degrees = box(24.94, 60.17, 24.95, 60.18)
    with pytest.raises(CrsError, match="looks like degrees"):
        ZoneRequest.drawn(degrees, crs=32635)


def test_metres_said_to_be_degrees_are_refused():
    with pytest.raises(CrsError, match="counts in degrees"):
        ZoneRequest.drawn(box(385_900, 6_672_000, 386_000, 6_672_100), crs=4326)


@pytest.mark.parametrize("center", [(120.0, 24.9), (60.1, 190.0), (float("nan"), 24.9)])
def test_a_centre_off_the_globe_is_refused(center):
    with pytest.raises(InputError, match="off the globe"):
        ZoneRequest.at(center)


@pytest.mark.parametrize("radius_m", [0.0, -5.0, float("inf"), 50_000.0])
def test_a_radius_outside_its_limits_is_refused(radius_m):
    with pytest.raises(ZoneError, match="radius"):
        ZoneRequest.around(HELSINKI, radius_m)


@pytest.mark.parametrize("osm_id", ["123", "way/", "area/12", "way/1x"])
def test_an_id_that_is_none_is_refused_with_an_example(osm_id):
    with pytest.raises(InputError, match="way/123"):
        ZoneRequest.of_object(osm_id)


def test_two_ways_to_say_where_it_is_are_refused():
    with pytest.raises(InputError, match="2 ways"):
        ZoneRequest(center=HELSINKI, name="Rautatientori")


def test_what_is_read_for_a_disc_holds_disc_and_margin_but_not_much_more():
    area = metres(ZoneRequest.around(HELSINKI, 120.0), 250.0)
    center = gpd.GeoSeries([Point(HELSINKI[::-1])], crs=4326).to_crs(32635).iloc[0]
    # 120 m of zone and 250 m of margin; the polygon's corners lie on a circle a little larger.
    assert area.buffer(0.5).contains(center.buffer(370.0))
    assert center.buffer(390.0).contains(area)


def test_what_is_read_for_an_object_reaches_300_m_and_the_margin():
    area = metres(ZoneRequest.at(HELSINKI), 100.0)
    center = gpd.GeoSeries([Point(HELSINKI[::-1])], crs=4326).to_crs(32635).iloc[0]
    assert area.buffer(0.5).contains(center.buffer(400.0))


def test_what_is_read_for_a_drawing_keeps_its_margin_everywhere():
    zone = box(385_900, 6_672_000, 386_300, 6_672_040)
    area = metres(ZoneRequest.drawn(zone, crs=32635), 100.0)
    assert area.buffer(0.2).contains(zone.buffer(100.0))


@pytest.mark.parametrize("request_", [ZoneRequest.of_object("way/1"), ZoneRequest.named("Tori")])
def test_only_the_data_can_tell_where_an_id_or_a_name_is(request_):
    assert study_polygon_wgs84(request_, 250.0) is None


@pytest.mark.parametrize("margin_m", [0.0, -1.0, float("nan"), 10_000.0])
def test_a_margin_outside_its_limits_is_refused(margin_m):
    with pytest.raises(InputError, match="margin"):
        study_polygon_wgs84(ZoneRequest.at(HELSINKI), margin_m)
