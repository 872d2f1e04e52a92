"""What OpenStreetMap forbids: one drawn thing, one rule, as far as its source says."""

import math

import pytest
import shapely
from shapely import LineString, Point, box

from sbd.model import tables
from sbd.site.below import deep_voids
from sbd.site.place_rules import place_rule_table, tactile_without_place
from sbd.site.solids import solid_buildings
from tests.drawn_town import SQUARE, blocks

STUDY = SQUARE.buffer(80)


def rules(town):
    features = town.features()
    return place_rule_table(features, STUDY, solid_buildings(features).geometry.to_numpy())


def only(town):
    found = rules(town)
    assert len(found) == 1
    return found.iloc[0]


def covers(rule, x, y):
    return rule.geometry.intersects(Point(x, y))


def test_a_town_without_such_things_has_no_rule_and_the_table_keeps_the_contract():
    found = rules(blocks())
    assert found.empty
    tables.check_table(found, tables.PLACE_RULES, "place_rules")


def test_the_table_keeps_the_contract():
    found = rules(blocks().node("node/1", (0, 0), emergency="fire_hydrant"))
    tables.check_table(found, tables.PLACE_RULES, "place_rules")
    assert found["place_rule_id"].tolist() == ["node/1:hydrant"]


@pytest.mark.parametrize(
    ("railway", "reach_m"),
    # BOStrab: 2.65 / 2 + 0.65; EBO: 2.5
    [("tram", 1.975), ("light_rail", 1.975), ("rail", 2.5)],
)
def test_rails_are_kept_free_of_units(railway, reach_m):
    rule = only(blocks().line("way/1", [(-300, 0), (300, 0)], railway=railway))
    assert (rule["kind"], rule["effect"]) == ("tram_rail", "forbid")
    assert covers(rule, 0, reach_m - 0.01)
    assert not covers(rule, 0, reach_m + 0.01)


@pytest.mark.parametrize("tags", [{"tunnel": "yes"}, {"bridge": "yes"}, {"layer": "-2"}])
def test_rails_below_or_above_the_ground_forbid_nothing_on_it(tags):
    found = rules(blocks().line("way/1", [(-300, 0), (300, 0)], railway="tram", **tags))
    assert "forbid" not in set(found["effect"])


def test_a_rule_ends_where_the_study_area_does():
    rule = only(blocks().line("way/1", [(-300, 0), (300, 0)], railway="tram"))
    assert rule.geometry.bounds[2] == pytest.approx(100, abs=0.1)


def test_a_hydrant_is_clear_for_three_feet():
    rule = only(blocks().node("node/1", (0, 0), emergency="fire_hydrant"))
    assert rule["effect"] == "forbid"
    assert covers(rule, 0.9, 0)
    assert not covers(rule, 0.92, 0)


def test_a_door_keeps_its_front_clear_and_no_more():
    # On the facade x = 20 of the north-eastern block; the square lies to the west.
    rule = only(blocks().node("node/1", (20, 12), entrance="main"))
    assert rule.geometry.area == pytest.approx(1.5 * 1.5, abs=0.01)
    assert covers(rule, 18.51, 12)
    assert not covers(rule, 18.49, 12)
    assert not covers(rule, 19.5, 12.76)


@pytest.mark.parametrize(
    ("tags", "width_m"),
    [({"width": "2.4"}, 2.4), ({"width": "0.8"}, 1.5), ({"width": "80"}, 1.5), ({}, 1.5)],
)
def test_a_door_wider_than_most_takes_its_own_width(tags, width_m):
    rule = only(blocks().node("node/1", (20, 12), entrance="yes", **tags))
    assert rule.geometry.area == pytest.approx(width_m * 1.5, abs=0.01)


def test_a_garage_door_is_as_wide_as_a_car_needs():
    rule = only(blocks().node("node/1", (20, 12), entrance="garage"))
    assert rule.geometry.area == pytest.approx(3.0 * 1.5, abs=0.01)


@pytest.mark.parametrize("tags", [{"entrance": "no"}, {"entrance": "main", "level": "-1"}])
def test_no_door_on_the_ground_no_rule(tags):
    assert rules(blocks().node("node/1", (20, 12), **tags)).empty


def test_stairs_down_to_a_station_are_clear_on_all_sides():
    rule = only(blocks().node("node/1", (0, 0), railway="subway_entrance"))
    assert rule["kind"] == "door"
    assert covers(rule, 1.45, 0)
    assert covers(rule, -1.45, 0)


def test_doors_leave_most_of_a_narrow_street_to_units():
    # A door every 4 m on both sides of a street of 10 m: 1.5 x 1.5 of each 4 x 5 m, 11 %.
    town = blocks()
    for number in range(10):
        town.node(f"node/{number}", (-5, 30 + 4 * number), entrance="yes")
        town.node(f"node/{100 + number}", (5, 30 + 4 * number), entrance="yes")
    street = box(-5, 28, 5, 68)
    taken = shapely.union_all(rules(town).geometry.to_numpy()).intersection(street)
    assert taken.area / street.area == pytest.approx(0.1125, abs=0.005)


def test_a_drawn_tactile_strip_is_narrower_than_a_gap():
    rule = only(
        blocks().line("way/1", [(-10, 0), (10, 0)], highway="footway", tactile_paving="yes")
    )
    across = rule.geometry.intersection(LineString([(0, -5), (0, 5)])).length
    assert rule["effect"] == "forbid"
    assert across == pytest.approx(0.6)


def test_tactile_paving_without_a_place_forbids_nothing_and_is_counted():
    town = (
        blocks()
        .node("node/1", (0, 0), highway="crossing", tactile_paving="yes")
        .area("way/1", box(0, 0, 10, 3), public_transport="platform", tactile_paving="yes")
        .line(
            "way/2", [(0, 9), (9, 9)], highway="footway", footway="crossing", tactile_paving="yes"
        )
        .node("node/2", (0, 5), highway="crossing", tactile_paving="no")
    )
    assert rules(town).empty
    assert tactile_without_place(town.features()) == 2


@pytest.mark.parametrize(("girth", "radius_m"), [("", 0.15), ("3.14159", 0.5), ("90 cm", 0.15)])
def test_nobody_digs_within_a_metre_of_a_trunk(girth, radius_m):
    tags = {"circumference": girth} if girth else {}
    rule = only(blocks().node("node/1", (0, 0), natural="tree", **tags))
    assert (rule["effect"], rule["deepest_foundation"]) == ("price", "A")
    assert rule.geometry.bounds[2] == pytest.approx(1.0 + radius_m, abs=0.01)


def test_a_row_of_trees_without_trunks_forbids_nothing():
    assert rules(blocks().line("way/1", [(-10, 0), (10, 0)], natural="tree_row")).empty


@pytest.mark.parametrize("tags", [{"heritage": "2"}, {"historic": "church"}])
def test_units_keep_half_a_metre_off_a_listed_facade(tags):
    rule = only(blocks().area("way/1", box(-8, -8, 8, 8), building="yes", **tags))
    assert rule["kind"] == "heritage_facade"
    assert covers(rule, 8.49, 0)
    assert not covers(rule, 8.51, 0)
    assert not covers(rule, 0, 0)


@pytest.mark.parametrize(
    "tags", [{"heritage": "no"}, {"historic": "memorial"}, {"historic": "wayside_cross"}]
)
def test_other_buildings_have_no_listed_facade(tags):
    assert rules(blocks().area("way/1", box(-8, -8, 8, 8), building="yes", **tags)).empty


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "footway", "tunnel": "yes"},
        {"highway": "footway", "tunnel": "yes", "layer": "-1"},
        {"highway": "steps", "tunnel": "yes", "level": "-1;0", "layer": "-1"},
        {"railway": "subway", "tunnel": "yes", "layer": "-1"},
    ],
)
def test_nothing_is_dug_in_above_a_passage_on_the_first_level_down(tags):
    found = rules(blocks().line("way/1", [(-15, 0), (15, 0)], **tags))
    shallow = tags.get("level", "").endswith("0")
    assert len(found) == (0 if shallow else 1)
    if not shallow:
        assert (found["effect"].iloc[0], found["deepest_foundation"].iloc[0]) == ("price", "A")
        assert found.geometry.iloc[0].area == pytest.approx(30 * 5.0)


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "footway", "tunnel": "yes", "level": "-2"},
        {"railway": "subway", "tunnel": "yes", "layer": "-3"},
    ],
)
def test_what_lies_two_levels_down_limits_nothing_and_is_counted(tags):
    town = blocks().line("way/1", [(-15, 0), (15, 0)], **tags)
    assert rules(town).empty
    assert deep_voids(town.features()) == 1


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "primary", "layer": "-1"},  # sunken, open to the sky
        {"highway": "footway", "tunnel": "building_passage", "layer": "-1"},
        {"highway": "footway", "tunnel": "yes", "layer": "1"},
        {"highway": "footway", "covered": "yes"},
    ],
)
def test_open_cuts_archways_and_upper_floors_are_no_cellar(tags):
    assert rules(blocks().line("way/1", [(-15, 0), (15, 0)], **tags)).empty


@pytest.mark.parametrize(
    "tags",
    [
        {"building": "yes", "layer": "-1"},
        {"amenity": "parking", "location": "underground"},
        {"railway": "station", "level": "-1"},
        {"building": "roof", "building:levels:underground": "2"},
    ],
)
def test_halls_below_the_ground_limit_what_stands_on_them(tags):
    rule = only(blocks().area("way/1", box(-10, -10, 10, 10), **tags))
    assert (rule["kind"], rule["deepest_foundation"]) == ("cellar", "A")
    assert rule.geometry.area == pytest.approx(400)


def test_a_stated_width_of_a_passage_goes_before_the_usual_one():
    rule = only(
        blocks().line("way/1", [(-15, 0), (15, 0)], highway="footway", tunnel="yes", width="3")
    )
    assert rule.geometry.area == pytest.approx(30 * 4.0)  # and half a metre of wall on each side


@pytest.mark.parametrize("tags", [{"man_made": "pipeline"}, {"power": "cable"}])
def test_nothing_is_dug_in_above_a_buried_pipe_or_cable(tags):
    town = blocks().line("way/1", [(-15, 0), (15, 0)], location="underground", **tags)
    rule = only(town)
    assert (rule["kind"], rule["effect"], rule["deepest_foundation"]) == ("utility", "price", "A")
    across = rule.geometry.intersection(LineString([(0, -5), (0, 5)])).length
    assert across == pytest.approx(1.0)


def test_a_pipe_above_the_ground_is_none():
    assert rules(blocks().line("way/1", [(-15, 0), (15, 0)], man_made="pipeline")).empty


def test_a_manhole_stays_free():
    rule = only(blocks().node("node/1", (0, 0), man_made="manhole"))
    assert (rule["kind"], rule["effect"]) == ("utility", "forbid")
    assert math.sqrt(rule.geometry.area / math.pi) == pytest.approx(0.6, abs=0.01)


def test_what_lies_wholly_under_a_building_rules_nothing():
    # The north-eastern block begins at x = 20 here; the passage reaches to x = 15, or not.
    under = {"highway": "footway", "tunnel": "yes"}
    assert rules(blocks().line("way/1", [(30, 30), (60, 30)], **under)).empty
    assert len(rules(blocks().line("way/1", [(15, 12), (60, 12)], **under))) == 1
