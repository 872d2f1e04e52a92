"""Where people walk and cycle into a zone: one line for each way across its outline."""

import pytest
from shapely import LineString, Point, box

from sbd.model import tables
from sbd.site.desire_lines import desire_line_table
from sbd.site.streets import way_lines
from sbd.site.walks import walking_lines
from tests.drawn_town import SQUARE, Town

STUDY = SQUARE.buffer(80)
WEST = [(-60, 0), (60, 0)]


def lines(town, zone=SQUARE):
    features = town.features()
    return desire_line_table(walking_lines(way_lines(features), features), zone, STUDY)


def way(*corners, **tags):
    return Town().line("way/1", corners, **tags)


def test_a_way_across_the_zone_leads_in_twice_and_the_table_keeps_the_contract():
    found = lines(way(*WEST, highway="footway", name="Arcade"))
    tables.check_table(found, tables.DESIRE_LINES, "desire_lines")
    assert found["desire_id"].tolist() == ["way/1:foot", "way/1:foot-2"]
    assert found["name"].tolist() == ["Arcade", "Arcade"]
    # 30 m outside and 10 m inside
    assert found.length.tolist() == pytest.approx([40.0, 40.0])
    assert found.geometry.iloc[0].bounds[:3:2] == pytest.approx((-50.0, -10.0))


@pytest.mark.parametrize(
    ("tags", "kinds"),
    [
        ({"highway": "footway"}, ["foot"]),
        ({"highway": "pedestrian"}, ["foot"]),
        ({"highway": "steps"}, ["foot"]),
        ({"highway": "living_street"}, ["foot"]),
        ({"highway": "path", "bicycle": "designated"}, ["foot", "cycle"]),
        ({"highway": "cycleway"}, ["cycle"]),
        ({"highway": "cycleway", "foot": "designated"}, ["foot", "cycle"]),
        ({"highway": "footway", "bicycle": "yes"}, ["foot"]),
        ({"highway": "footway", "access": "private"}, []),
        ({"highway": "footway", "access": "no", "foot": "yes"}, ["foot"]),
        ({"highway": "path", "foot": "no"}, []),
        ({"highway": "residential"}, []),
        ({"highway": "footway", "tunnel": "yes", "layer": "-1"}, []),
        ({"railway": "tram"}, []),
    ],
)
def test_who_uses_a_way(tags, kinds):
    assert lines(way((-60, 0), (0, 0), **tags))["kind"].tolist() == kinds


def test_without_any_way_there_is_no_line():
    assert lines(way((-60, 50), (60, 50), highway="footway")).empty
    assert lines(Town().node("node/1", (0, 0), natural="tree")).empty


def test_a_way_inside_the_zone_leads_from_nowhere():
    assert lines(way((-10, 0), (10, 0), highway="footway")).empty


@pytest.mark.parametrize("end", [-20.0, -20.5])
def test_a_way_that_ends_at_the_outline_leads_in(end):
    found = lines(way((-60, 5), (end, 5), highway="footway"))
    assert len(found) == 1
    assert found.geometry.iloc[0].intersects(Point(-12, 5))


def test_a_way_that_ends_well_before_the_outline_does_not():
    assert lines(way((-60, 5), (-23, 5), highway="footway")).empty


def test_a_way_beside_the_outline_does_not_lead_in():
    found = lines(way((-20.5, -60), (-19.8, 0), (-20.5, 60), highway="footway"))
    assert found.empty


def test_a_line_goes_on_along_the_straightest_way_that_meets_it():
    town = (
        way((-25, 0), (0, 0), highway="footway")
        .line("way/2", [(-25, 0), (-60, 10)], highway="footway")
        .line("way/3", [(-25, 0), (-25, 60)], highway="footway")
    )
    found = lines(town)
    assert found["desire_id"].tolist() == ["way/1:foot"]
    assert found.geometry.iloc[0].distance(Point(-45, 40 / 7)) < 0.01


def test_a_line_follows_no_sharp_turn():
    town = way((-25, 0), (0, 0), highway="footway").line(
        "way/2", [(-25, 0), (-25, 60)], highway="footway"
    )
    assert lines(town).length.iloc[0] == pytest.approx(15.0)  # 5 m outside, 10 m inside


@pytest.mark.parametrize(("apart_m", "count"), [(0.0, 1), (2.9, 1), (3.1, 2)])
def test_parallel_ways_within_three_metres_are_one(apart_m, count):
    town = way((-60, 0), (0, 0), highway="footway").line(
        "way/2", [(-60, apart_m), (0, apart_m)], highway="footway"
    )
    assert len(lines(town)) == count


def test_ways_that_cross_the_outline_at_one_place_in_two_directions_stay_two():
    town = way((-40, -20), (-10, 10), highway="footway").line(
        "way/2", [(-40, 20), (-10, -10)], highway="footway"
    )
    assert len(lines(town)) == 2


def test_a_way_on_foot_and_one_by_bicycle_side_by_side_stay_two():
    town = way((-60, 0), (0, 0), highway="footway").line(
        "way/2", [(-60, 1), (0, 1)], highway="cycleway"
    )
    assert lines(town)["kind"].tolist() == ["foot", "cycle"]


def test_a_crossing_leads_from_kerb_to_kerb_into_the_zone():
    town = way((-30, 0), (-19, 0), highway="footway", footway="crossing")
    assert lines(town)["name"].tolist() == ["crossing"]


def ring_road(**node):
    """Return a road 6 m wide along x = -23 with a crossing at y = 4."""
    return way((-23, -60), (-23, 60), highway="residential", name="Ring", width="6").node(
        "node/1", (-23, 4), **node
    )


def test_a_crossing_that_is_only_a_node_becomes_a_line_across_its_road():
    found = lines(ring_road(highway="crossing"))
    assert found["desire_id"].tolist() == ["node/1:foot"]
    assert found["name"].tolist() == ["crossing Ring"]
    # 3 m to the kerb and 3 m of pavement; on the side of the zone 10 m into it
    assert found.geometry.iloc[0].equals(LineString([(-29, 4), (-10, 4)]))


def test_a_crossing_through_which_a_footway_is_drawn_is_that_footway():
    town = ring_road(highway="crossing").line("way/2", [(-29, 4), (-10, 4)], highway="footway")
    assert lines(town)["desire_id"].tolist() == ["way/2:foot"]


def test_a_place_where_nobody_may_cross_is_none():
    assert lines(ring_road(highway="crossing", crossing="no")).empty


def test_new_ids_change_no_line():
    corners = [[(-60, 0), (0, 0)], [(-60, 1), (0, 1)], [(0, 60), (0, 0)]]
    forth, back = Town(), Town()
    for number, line in enumerate(corners):
        forth.line(f"way/{number}", line, highway="footway")
        back.line(f"way/{9 - number}", line, highway="footway")
    one, other = lines(forth), lines(back)
    assert len(one) == len(other) == 2
    assert one.union_all().hausdorff_distance(other.union_all()) <= 1.0


def test_a_zone_in_two_pieces_is_entered_on_every_side():
    zone = box(-20, -20, -5, 20).union(box(5, -20, 20, 20))
    assert len(lines(way(*WEST, highway="footway"), zone)) == 4
