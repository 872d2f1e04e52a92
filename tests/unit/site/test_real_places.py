"""The shared real places: the zone that a planner means, and traps of each."""

from functools import cache

import pytest
import shapely

from sbd.site import ZoneRequest, build_site, study_polygon_wgs84
from sbd.sources.extract import read_extract
from sbd.surface import build_surface
from tests.drawn_town import report_of
from tests.places import PLACES

pytestmark = pytest.mark.slow


@cache
def site_at(place, center):
    path = PLACES[place].require()
    request = ZoneRequest.at(center)
    return build_site(read_extract(path, study_polygon_wgs84(request)), request)


@pytest.mark.parametrize(
    ("place", "center", "name"),
    [
        ("munich", (48.1371, 11.5758), "Marienplatz"),
        # Pavements are pedestrian areas in Porto; the square is a `place=square`.
        ("porto", (41.1406, -8.6130), "Praça da Ribeira"),
        # A flower bed holds the point; the park around it is meant.
        ("geneva_quays", (46.2042, 6.1510), "Parc Jardin Anglais"),
        # The square is mapped as a grid of strips; its holes are filled.
        ("geneva_nations", (46.2226, 6.1387), "Place des Nations"),
        ("london", (51.5146, -0.0994), "Paternoster Square"),
        ("helsinki", (60.1713, 24.9442), "Rautatientori"),
    ],
)
def test_the_square_at_a_point_is_the_one_people_mean(place, center, name):
    site = site_at(place, center)
    surface = build_surface(site)
    assert site.name == name
    assert surface.ground.is_valid
    assert surface.zone.area > 0.5 * site.zone_shape.area
    # A rim cuts every solid cleanly: no entry lies on ground that is none.
    assert surface.entries.distance(surface.ground).max() < 0.01
    assert surface.entries["width_m"].min() >= 1.2
    assert not surface.open_streets.intersects(surface.zone.buffer(-0.01)).any()


def test_the_missing_lake_of_geneva_is_reported_as_unknown_ground():
    unknown = report_of(site_at("geneva_quays", (46.2042, 6.1510)), "unknown")
    assert "ground without any mapped object to the north" in unknown


def test_the_harbour_of_helsinki_is_water_although_its_coast_was_cut():
    site = site_at("helsinki", (60.1676, 24.9480))
    basin = shapely.Point(386_410, 6_671_780)  # the basin of the market square, EPSG:32635
    assert site.solids[site.solids.contains(basin)]["kind"].tolist() == ["water"]


def test_trams_and_buses_of_helsinki_stay_open():
    streets = site_at("helsinki", (60.1713, 24.9442)).streets
    kept = streets[streets["stays_open"]]
    assert {"Kaivokatu", "Mikonkatu", "Kaisaniemenkatu"} <= set(kept["name"])
    assert "tram rails" in set(kept["reason"])


@pytest.mark.parametrize(
    ("place", "center", "kind", "least"),
    [
        ("munich", (48.1371, 11.5758), "cellar", 50),  # the station under Marienplatz
        ("munich", (48.1371, 11.5758), "hydrant", 40),
        ("porto", (41.1406, -8.6130), "heritage_facade", 5),
        ("geneva_nations", (46.2226, 6.1387), "tree_root", 500),
        ("london", (51.5146, -0.0994), "tactile_paving", 10),
        ("helsinki", (60.1713, 24.9442), "tram_rail", 40),
        ("helsinki", (60.1713, 24.9442), "utility", 5),
    ],
)
def test_the_map_of_a_real_place_forbids_what_is_there(place, center, kind, least):
    kinds = site_at(place, center).place_rules["kind"]
    assert (kinds == kind).sum() >= least


@pytest.mark.parametrize(
    ("place", "center"),
    [
        ("munich", (48.1371, 11.5758)),
        ("porto", (41.1406, -8.6130)),
        ("geneva_quays", (46.2042, 6.1510)),
        ("geneva_nations", (46.2226, 6.1387)),
        ("london", (51.5146, -0.0994)),
        ("helsinki", (60.1713, 24.9442)),
    ],
)
def test_the_map_leaves_nearly_all_ground_off_the_rails_to_units(place, center):
    site = site_at(place, center)
    ground = build_surface(site).ground
    rules = site.place_rules
    forbids = rules[(rules["effect"] == "forbid") & (rules["kind"] != "tram_rail")]
    taken = shapely.intersection(shapely.union_all(forbids.geometry.to_numpy()), ground)
    # Doors, hydrants and facades are small things: together below one part in fifty.
    assert taken.area < 0.02 * ground.area


@pytest.mark.parametrize(
    ("place", "center", "least", "most"),
    [
        ("munich", (48.1371, 11.5758), 8, 30),
        ("london", (51.5146, -0.0994), 3, 12),
        ("helsinki", (60.1713, 24.9442), 6, 24),
    ],
)
def test_ways_into_a_real_square_are_as_many_as_a_map_shows(place, center, least, most):
    site = site_at(place, center)
    lines = site.desire_lines
    assert least <= len(lines) <= most
    zone = build_surface(site).zone.buffer(0.01)
    assert lines.intersects(zone).all()
    assert not lines.within(zone).any()
