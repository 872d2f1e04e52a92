"""What the ground is paved with: areas, and carriageways of known and unknown surface."""

import shapely
from shapely import Point, box
from shapely.affinity import translate

from sbd.model.site import Site
from sbd.surface import build_surface
from sbd.surface.paving import paving_table
from tests.drawn_town import ORIGIN, town


def surfaces_at(paving, x, y):
    spot = translate(Point(x, y), *ORIGIN)
    return sorted(paving.loc[paving.intersects(spot), "surface"])


def test_a_carriageway_is_paved_as_its_street_says():
    site = town().line("way/3", [(-40, 10), (40, 10)], highway="service", surface="sett").site()
    paving = paving_table(site)
    assert surfaces_at(paving, -15, 10) == ["sett"]
    assert surfaces_at(paving, -15, 15) == []


def test_a_street_that_says_nothing_lies_unknown_on_what_is_around_it():
    drawing = town().area("way/9", box(-20, 5, 20, 20), leisure="park")
    drawing.line("way/3", [(-40, 10), (40, 10)], highway="footway")
    paving = paving_table(drawing.site())
    assert surfaces_at(paving, -15, 15) == ["grass"]
    assert surfaces_at(paving, -15, 10) == ["", "grass"]


def test_a_square_in_a_park_is_not_grass_unless_it_says_so():
    drawing = town().area("way/9", box(-20, -20, 20, 20), leisure="park")
    drawing.area("way/8", box(6, 6, 18, 18), highway="pedestrian", area="yes")
    paving = paving_table(drawing.site())
    assert surfaces_at(paving, 12, 12) == []
    assert surfaces_at(paving, -12, 12) == ["grass"]


def test_a_stated_surface_stays_under_a_square_that_says_nothing():
    drawing = town().area("way/9", box(-20, -20, 20, 20), landuse="grass", surface="gravel")
    drawing.area("way/8", box(6, 6, 18, 18), highway="pedestrian", area="yes")
    assert surfaces_at(paving_table(drawing.site()), 12, 12) == ["gravel"]


def test_streets_of_an_older_site_file_are_of_unknown_surface():
    site = town().site()
    layers = {**site.layers, "streets": site.streets.drop(columns="surface")}
    older = Site(name=site.name, **layers, report=site.report, attribution="")
    assert set(paving_table(older)["surface"]) == {""}


def test_the_surface_carries_paving_steps_and_heights():
    site = town().line("way/8", [(-15, 8), (15, 8)], barrier="kerb", height="0.14").site()
    surface = build_surface(site)
    assert surface.steps["height_m"].tolist() == [0.14]
    assert surface.elevation is None
    assert surface.paving["ground_id"].is_unique
    covered = shapely.union_all(surface.paving.geometry.to_numpy())
    assert covered.difference(site.study_shape).area < 0.1
