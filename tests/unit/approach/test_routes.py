"""Ways that attain the labels, and the speeds along them."""

import json

import numpy as np
import pytest
import shapely

from sbd.approach.clearance import make_terrain
from sbd.approach.field import solve_on
from sbd.approach.routes import end_label, find_ways, profile_json, route_to, speed_profile
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from tests.drawn_ground import corner, street, vehicle

COARSE_WITH_ENTRY = FieldSettings(1.0, 32, 12.0)


def solved(ground, driver, bound=Bound.NOMINAL, settings=COARSE_WITH_ENTRY):
    terrain = make_terrain(ground, settings, widest_m=driver.width_m)
    return terrain, solve_on(terrain, driver, bound=bound)


@pytest.fixture(scope="module")
def bend():
    return solved(corner(8.0), vehicle())


@pytest.fixture(scope="module")
def some_ways(bend):
    terrain, field = bend
    row, column = np.nonzero(field.free)
    pick = np.random.default_rng(5).choice(len(row), 60, replace=False)
    heading = np.argmax(field.label[row[pick], :, column[pick]], axis=1)
    states = np.stack([row[pick], heading, column[pick]], axis=-1)
    return states, find_ways(field, terrain, states)


def test_every_way_gives_the_label_of_its_end(bend, some_ways):
    states, forest = some_ways
    for target, (row, heading, column) in enumerate(states):
        assert end_label(route_to(forest, target)) == bend[1].label[row, heading, column]


def test_a_way_is_as_long_as_its_line(some_ways):
    states, forest = some_ways
    for target in range(len(states)):
        route = route_to(forest, target)
        assert route.length_m == pytest.approx(forest.length_m()[target])
        # Bends are drawn with points every other cell.
        assert route.line.length == pytest.approx(route.length_m, rel=0.02, abs=0.1)


def test_a_way_ends_at_its_state(bend, some_ways):
    _, field = bend
    states, forest = some_ways
    for target, (row, _, column) in enumerate(states):
        end = route_to(forest, target).line.coords[-1]
        place = np.array([column, row]) * field.cell_m + field.origin_m
        assert end == pytest.approx(tuple(place))


def test_the_fast_way_into_the_corner_comes_over_the_rim(some_ways):
    _, forest = some_ways
    entries = forest.entries()
    fastest = int(np.argmax([end_label(route_to(forest, n)) for n in range(len(entries))]))
    assert entries[fastest] == 0
    start = route_to(forest, fastest).line.coords[0]
    assert start[0] == pytest.approx(-60.0, abs=1.5)


def test_a_lower_field_s_ways_have_room_for_the_whole_vehicle():
    ground = corner(8.0, turned_deg=20)
    terrain, field = solved(ground, vehicle(), Bound.LOWER)
    row, column = np.nonzero(field.free)
    heading = np.argmax(field.label[row, :, column], axis=1)
    states = np.stack([row, heading, column], axis=-1)[::9]
    forest = find_ways(field, terrain, states)
    assert np.all(forest.node_of_target >= 0)
    walls = shapely.difference(
        shapely.boundary(ground.ground), ground.entries.geometry[0].buffer(0.1)
    )
    lines = [route_to(forest, target).line for target in range(len(states))]
    # Bends are drawn as chords, which cut them short by under 10 cm.
    assert shapely.distance(lines, walls).min() >= 1.0 - 0.1


def test_a_profile_brakes_before_the_bend_and_only_drives_after_it(bend):
    terrain, field = bend
    driver = field.vehicle
    row, column = np.nonzero(field.free)
    y = field.origin_m[1] + row * field.cell_m
    end = np.flatnonzero(y == y.max())[0]
    heading = int(np.argmax(field.label[row[end], :, column[end]]))
    forest = find_ways(field, terrain, np.array([[row[end], heading, column[end]]]))
    profile = speed_profile(route_to(forest, 0), forest.scale, friction=driver.friction)
    distance, speed = (np.array([point[n] for point in profile]) for n in (0, 1))
    names = [point[2] for point in profile]
    gain = np.diff(speed**2) / 2
    way = np.diff(distance)
    # Never harder on the brakes than grip times gravity, never on the drive than 3 m/s2; a count
    # of 1 cm rounds up once a motion.
    assert np.all(gain >= -0.8 * 9.81 * way - 1e-6)
    assert np.all(gain <= 3.0 * (way + 0.02))
    assert any(name.startswith("bend radius") for name in names)
    assert names[-1] == "engine"
    at_the_end = field.speed_of_label_mps[field.label[row[end], heading, column[end]]]
    assert speed[-1] == pytest.approx(at_the_end)


def test_a_profile_is_json_in_kilometres_an_hour():
    assert json.loads(profile_json([(0.0, 10.0, "entry"), (2.0, 11.0, "engine")])) == [
        [0.0, 36.0, "entry"],
        [2.0, 39.6, "engine"],
    ]


def test_from_rest_on_a_straight_the_way_is_the_run_up():
    terrain, field = solved(street(40, width_m=4.0), vehicle())
    row, heading, column = np.unravel_index(np.argmax(field.label), field.label.shape)
    forest = find_ways(field, terrain, np.array([[row, heading, column]]))
    route = route_to(forest, 0)
    assert forest.entries().tolist() == [-1]
    assert route.start_label == 0
    assert speed_profile(route, forest.scale, friction=0.8)[0][1] == 0.0


def test_a_state_at_rest_has_a_way_of_no_length():
    terrain, field = solved(street(40, width_m=4.0), vehicle())
    row, heading, column = np.argwhere((field.label == 0) & field.free[:, None, :])[0]
    forest = find_ways(field, terrain, np.array([[row, heading, column]]))
    route = route_to(forest, 0)
    assert route.length_m == 0.0
    assert speed_profile(route, forest.scale, friction=0.8) == [(0.0, 0.0, "engine")]
