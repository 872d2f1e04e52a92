"""What traffic keeps of a zone, and what is left to protect."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, box

from sbd.errors import ZoneError
from sbd.site.carriageways import open_carriageways, trim_zone
from sbd.surface import build_surface
from tests.drawn_town import here, report_of, town

ZONE = box(0, 0, 100, 100)
GROUND = MultiPolygon([box(-50, -50, 150, 150)])


def streets(*lines, width_m=10.0, stays_open=True, highway="primary", name="Ring"):
    count = len(lines)
    return gpd.GeoDataFrame(
        {
            "street_id": [f"way/{rank}" for rank in range(count)],
            "name": [name] * count,
            "highway": [highway] * count,
            "width_m": [width_m] * count,
            "stays_open": np.full(count, stays_open),
        },
        geometry=list(lines),
        crs=32635,
    )


def entries(*lines):
    return gpd.GeoDataFrame(geometry=list(lines), crs=32635)


RIM = entries(LineString([(-50, -50), (-50, 150)]))
ACROSS = LineString([(-50, 50), (150, 50)])


def trimmed(*lines, zone=ZONE, ground=GROUND, rim=RIM, **options):
    return trim_zone(zone, ground, open_carriageways(streets(*lines, **options), ground), rim)


def test_a_street_that_may_be_closed_takes_nothing():
    assert trimmed(ACROSS, stays_open=False).shape.area == pytest.approx(10_000)


def test_a_street_that_stays_open_cuts_the_zone_in_two():
    found = trimmed(ACROSS)
    assert shapely.get_num_geometries(found.shape) == 2
    assert found.shape.area == pytest.approx(10_000 - 100 * 10)
    assert found.lost.to_numpy().tolist() == [["Ring", pytest.approx(1000.0)]]


def test_pieces_of_one_street_count_once_by_name():
    halves = (LineString([(-50, 50), (50, 50)]), LineString([(50, 50), (150, 50)]))
    found = trimmed(*halves)
    assert found.lost["street"].tolist() == ["Ring"]
    # The round ends overlap in the middle: a disc of 10 m across is taken by both.
    assert found.lost["area_m2"].iloc[0] == pytest.approx(1000 + 78.5, abs=3)


def test_rails_and_nameless_streets_are_named_by_kind():
    assert trimmed(ACROSS, highway="tram", name="").lost["street"].tolist() == ["tram rails"]
    assert trimmed(ACROSS, name="").lost["street"].tolist() == ["nameless primary road"]


def test_a_traffic_island_is_left_out_and_counted():
    # 3 m between two carriageways hold no disc of 4 m.
    pair = (LineString([(-50, 40), (150, 40)]), LineString([(-50, 53), (150, 53)]))
    found = trimmed(*pair)
    assert found.scraps_m2 == pytest.approx(300.0)
    assert shapely.get_num_geometries(found.shape) == 2


def test_a_small_piece_is_left_out():
    # 7 x 7 m is wide enough, but below 50 m2.
    with pytest.raises(ZoneError, match="49 m2 of drivable ground"):
        trimmed(zone=box(0, 0, 7, 7))
    assert trimmed(zone=box(0, 0, 7.2, 7.2)).shape.area == pytest.approx(51.84)


def test_a_carriageway_that_takes_all_names_the_street_and_the_way_out():
    with pytest.raises(ZoneError, match=r"Ring.*--close"):
        trimmed(ACROSS, width_m=400.0)


def test_a_zone_on_solids_only_is_refused():
    with pytest.raises(ZoneError, match="no drivable ground"):
        trimmed(ground=MultiPolygon([box(-50, 120, 150, 150)]))


def test_a_closed_courtyard_needs_nothing_and_is_counted():
    yard, outside = box(60, 60, 90, 90), box(-50, -50, 150, 50)
    found = trimmed(ground=MultiPolygon([yard, outside]))
    assert found.enclosed_m2 == pytest.approx(900.0)
    assert found.shape.area == pytest.approx(100 * 50)


def test_a_zone_in_a_closed_courtyard_is_refused():
    ground = MultiPolygon([box(0, 0, 30, 30), box(-50, 60, 150, 150)])
    with pytest.raises(ZoneError, match="no vehicle can reach it"):
        trimmed(
            zone=box(0, 0, 30, 30), ground=ground, rim=entries(LineString([(-50, 60), (-50, 150)]))
        )


def test_an_open_street_inside_makes_a_walled_town_reachable():
    ground = MultiPolygon([box(0, 0, 100, 100)])
    nowhere = entries(LineString([(500, 0), (500, 10)]))
    found = trimmed(LineString([(10, 90), (90, 90)]), ground=ground, rim=nowhere)
    assert found.shape.area > 8_000


def test_a_carriageway_ends_at_the_facades():
    ground = MultiPolygon([box(-50, 47, 150, 150)])
    shape = open_carriageways(streets(ACROSS), ground).geometry.iloc[0]
    assert shape.bounds[1] == pytest.approx(47.0)
    assert not shape.contains(Point(50, 46))


def test_a_zone_begins_beyond_what_a_tram_sweeps():
    site = town().line("way/9", [(-300, 12), (300, 12)], railway="tram").site()
    zone = here(gpd.GeoSeries([build_surface(site).zone])).iloc[0]
    # A tram takes 1.975 m to either side, and a unit may stand 0.15 m within an edge.
    reach = 1.975 + 0.15
    assert not zone.intersects(box(-15, 12 - reach + 0.01, 15, 12 + reach - 0.01))
    assert zone.intersects(box(-15, 12 + reach, 15, 12 + reach + 0.02))
    assert "zone on tram rails" in report_of(site, "left_out")


def test_a_track_that_is_given_up_takes_nothing_of_the_zone():
    drawn = town().line("way/9", [(-300, 0), (300, 0)], railway="tram")
    whole_m2 = build_surface(drawn.site(close=["way/9", "Main Street"])).zone.area
    assert whole_m2 == pytest.approx(1600, abs=1)
