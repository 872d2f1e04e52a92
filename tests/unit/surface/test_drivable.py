"""The ground as vehicles see it, and what they must not reach."""

from dataclasses import replace

import pytest
import shapely
from shapely import box
from shapely.affinity import translate

from sbd.errors import ZoneError
from sbd.surface import build_surface
from tests.drawn_town import ORIGIN, SQUARE, town, whole


def at(x, y):
    return shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y)


def test_ground_and_solids_share_the_study_area_without_rest():
    site = town().site()
    surface = build_surface(site)
    solids = whole(surface.solids.geometry)
    assert surface.ground.area + solids.area == pytest.approx(surface.study_area.area, abs=0.1)
    assert surface.ground.intersection(solids).area < 0.1


def test_furniture_stays_in_the_ground():
    site = (
        town()
        .node("node/1", (0, 10), natural="tree")
        .area("way/9", box(8, 8, 12, 12), building="kiosk")
        .site()
    )
    ground = build_surface(site).ground
    assert ground.contains(at(0, 10))
    assert ground.contains(at(10, 10))


def test_unmovable_furniture_is_what_no_unit_can_stand_on():
    site = (
        town()
        .node("node/1", (0, 10), natural="tree")
        .node("node/2", (0, 12), emergency="fire_hydrant")
        .node("node/3", (0, 14), amenity="bench")
        .node("node/4", (0, 16), barrier="bollard")
        .site()
    )
    assert sorted(build_surface(site).unmovable["kind"]) == ["fire_hydrant", "tree"]


def test_the_zone_loses_what_stays_open_and_the_site_keeps_it():
    drawing = town().line(
        "way/3", [(-300, 10), (300, 10)], highway="primary", name="Ring", width="5"
    )
    site = drawing.site()
    surface = build_surface(site)
    assert surface.zone.area == pytest.approx(1600 - 200, abs=1)
    assert site.zone_shape.area == pytest.approx(1600, abs=1)
    assert surface.open_streets["name"].tolist() == ["Ring"]
    assert surface.open_streets.union_all().intersection(surface.zone).area < 1e-6


def test_a_building_in_the_zone_is_no_part_of_it():
    site = town().area("way/9", box(8, 8, 18, 18), building="yes").site()
    assert build_surface(site).zone.area == pytest.approx(1600 - 100, abs=1)


def test_nothing_left_to_protect_is_an_error_with_the_way_out():
    site = town().site()
    streets = site.streets.assign(stays_open=True, width_m=90.0, reason="by hand")
    with pytest.raises(ZoneError, match="--close"):
        build_surface(replace(site, streets=streets))


def test_a_tree_more_changes_no_ground_and_a_wall_more_takes_its_own():
    plain = build_surface(town().site()).ground
    tree = build_surface(town().node("node/1", (0, 10), natural="tree").site()).ground
    assert tree.equals(plain)
    # 10 m of wall and 5 cm beyond either end, 0.1 m thick.
    wall = town().line("way/9", [(8, 10), (18, 10)], barrier="wall")
    assert plain.area - build_surface(wall.site()).ground.area == pytest.approx(1.01, abs=1e-2)


def test_turning_the_town_changes_no_area():
    def turned(angle_deg):
        drawing = town().line("way/9", [(8, 10), (18, 12)], barrier="wall")
        drawing.rows = [
            (*row[:3], shapely.affinity.rotate(row[3], angle_deg, origin=ORIGIN))
            for row in drawing.rows
        ]
        return build_surface(drawing.site(zone=shapely.affinity.rotate(SQUARE, angle_deg, (0, 0))))

    straight, slanted = turned(0), turned(33)
    assert slanted.ground.area == pytest.approx(straight.ground.area, rel=1e-3)
    assert slanted.zone.area == pytest.approx(straight.zone.area, rel=1e-3)


def test_the_zone_of_a_disc_is_cut_to_the_ground():
    disc = shapely.Point(0, 0).buffer(30)
    surface = build_surface(town().site(zone=disc))
    assert surface.ground.buffer(1e-3).contains(surface.zone)
    assert translate(disc, *ORIGIN).buffer(1e-2).contains(surface.zone)


def test_streets_of_ordinary_days_are_carriageways_that_the_plan_closes_and_no_paths():
    site = (
        town()
        .line("way/301", [(-15, -30), (-15, 30)], highway="footway")
        .line("way/302", [(15, -30), (15, 30)], highway="pedestrian")
        .site()
    )
    surface = build_surface(site)
    streets = site.streets.set_index("street_id")
    everyday = set(surface.everyday_streets["street_id"])
    assert everyday
    assert not streets.loc[list(everyday), "stays_open"].any()
    assert everyday.isdisjoint({"way/301", "way/302"})
    assert everyday.isdisjoint(surface.open_streets["street_id"])
