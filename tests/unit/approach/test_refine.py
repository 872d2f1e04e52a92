"""Smooth paths: as fast as geometry allows, never faster, and clear all along."""

import dataclasses
import math

import numpy as np
import pytest
import shapely

from sbd.approach.clearance import make_terrain
from sbd.approach.field import solve_on
from sbd.approach.lattice import heading_vectors
from sbd.approach.refine import least_crossing, make_refiner, refine_route
from sbd.approach.routes import find_ways, route_to
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.surface import Elevation
from tests.drawn_ground import chicane, corner, street, vehicle

# Hardly any drive, so that the bends alone decide; the rim is crossed faster than any bend allows.
ROLLING = {"acceleration_mps2": 0.05}
FAST_MPS = 40.0


def route_of(ground, driver, where, *, towards_deg, turned_deg, settings, bound=Bound.NOMINAL):
    """The terrain and the fastest way to cells where(x, y), as they were before the turn."""
    terrain = make_terrain(ground, settings, widest_m=driver.width_m)
    field = solve_on(terrain, driver, bound=bound)
    row, column = np.nonzero(field.free)
    x, y = (field.origin_m[n] + cells * field.cell_m for n, cells in enumerate((column, row)))
    turn = math.radians(turned_deg)
    keep = where(x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn))
    row, column = row[keep], column[keep]
    label = field.label[row, :, column].astype(int)
    off = field.heading_rad - math.radians(towards_deg) - turn
    label[:, np.cos(off) < math.cos(math.radians(18))] = -1
    best, heading = np.unravel_index(np.argmax(label), label.shape)
    state = np.array([[row[best], heading, column[best]]])
    return terrain, route_to(find_ways(field, terrain, state), 0)


def refined(ground, driver, where, **options):
    options = {
        "towards_deg": 0,
        "turned_deg": 0.0,
        "settings": FieldSettings(0.5, 64, FAST_MPS),
    } | options
    terrain, route = route_of(ground, driver, where, **options)
    return terrain, refine_route(make_refiner(terrain, driver), route)


def widest_arcs_m(aside_m, length_m, slack_m):
    """The radius of the two equal arcs through a drawn chicane, for a disc of 1 m.

    The lanes' inner corners Q lie 1 m outside of the middle's ground. The first arc touches the
    outer side of its lane at x0 and passes Q at 1 m: (x0 + 1)^2 + (R - 1 - c)^2 = (R - 1)^2. Both
    arcs meet in the middle: (l/2 - x0)^2 + (R - (s + c)/2)^2 = R^2.
    """
    low, high = 10.0, 300.0
    for _ in range(60):
        radius = (low + high) / 2
        before = 1.0 + math.sqrt(2 * (radius - 1) * slack_m - slack_m**2)
        rise = (aside_m + slack_m) / 2
        fits = length_m / 2 + before >= math.sqrt(2 * radius * rise - rise**2)
        low, high = (radius, high) if fits else (low, radius)
    return low


@pytest.mark.parametrize("turned_deg", [0.0, 20.0, 37.0])
@pytest.mark.parametrize(
    ("aside", "length", "slack", "reach"),
    [(5, 12, 1, 15.1), (5, 12, 1.5, 17.2), (8, 15, 1.5, 15.2), (6, 20, 1, 20.5)],
)
def test_a_chicane_is_taken_nearly_as_fast_as_its_widest_arcs_allow(
    aside, length, slack, reach, turned_deg
):
    possible = math.sqrt(0.8 * 9.81 * widest_arcs_m(aside, length, slack))
    _, path = refined(
        chicane(aside, length, slack, turned_deg=turned_deg),
        vehicle(**ROLLING),
        lambda x, y: (x > length + 45) & (x < length + 58),
        turned_deg=turned_deg,
    )
    assert path.speed_mps >= reach
    # A spline needs a metre to change sides; 0.05 m/s2 win 0.1 m/s on the leg behind.
    assert 0.93 * possible <= path.speed_mps <= 1.02 * possible


@pytest.mark.parametrize("turned_deg", [0.0, 20.0, 37.0])
def test_a_corner_is_taken_as_fast_as_its_widest_arc_allows(turned_deg):
    # The arc touches both outer sides and passes the inner corner of the ground at 1 m:
    # sqrt(2) (R - 7) = R - 1, R = 21.5 m, 13.0 m/s. Legs entered at a slant allow a little more.
    possible = math.sqrt(0.8 * 9.81 * (math.sqrt(2) * 7 - 1) / (math.sqrt(2) - 1))
    _, path = refined(
        corner(6.0, turned_deg=turned_deg),
        vehicle(**ROLLING),
        lambda x, y: (y > 45) & (y < 58),
        towards_deg=90,
        turned_deg=turned_deg,
        bound=Bound.LOWER,
    )
    assert 0.98 * possible <= path.speed_mps <= 1.03 * possible


@pytest.mark.parametrize("turned_deg", [0.0, 33.0])
def test_a_straight_run_gives_its_closed_form(turned_deg):
    # sqrt(100 + 2 * 3 * 150) = 31.6 m/s; a bow in the 8 m wide street is longer by up to
    # 8/3 * 3^2 / 150 = 0.2 m, a slant as much, and a weave of several bows a little more.
    _, path = refined(
        street(150, entry=True, turned_deg=turned_deg),
        vehicle(),
        lambda x, y: x > 148,
        turned_deg=turned_deg,
        settings=FieldSettings(0.5, 64, 10.0),
    )
    assert path.speed_mps == pytest.approx(math.sqrt(1000), rel=0.01)


@pytest.fixture(scope="module")
def through_the_corner():
    driver = vehicle(min_turning_radius_m=6.0)
    return *refined(
        corner(3.0, turned_deg=20.0),
        driver,
        lambda x, y: (y > 45) & (y < 58),
        towards_deg=90,
        turned_deg=20.0,
        settings=FieldSettings(0.5, 64, 8.0),
        bound=Bound.LOWER,
    ), driver


def test_a_path_has_room_for_the_whole_vehicle_all_along(through_the_corner):
    terrain, path, driver = through_the_corner
    walls = shapely.linestrings((terrain.walls + np.tile(terrain.origin_m, 2)).reshape(-1, 2, 2))
    along = shapely.segmentize(path.line, 0.02)
    assert shapely.distance(along, walls).min() >= driver.width_m / 2
    assert shapely.covers(terrain.shape, along)


def test_a_path_turns_no_tighter_than_the_vehicle_does(through_the_corner):
    _, path, driver = through_the_corner
    # Three samples give the bend's radius: the product of the sides over four times the area.
    a, b, c = path.place_m[:-2], path.place_m[1:-1], path.place_m[2:]
    sides = [np.hypot(*(p - q).T) for p, q in ((a, b), (b, c), (a, c))]
    (ux, uy), (vx, vy) = (b - a).T, (c - a).T
    area2 = np.abs(ux * vy - uy * vx)
    radius = sides[0] * sides[1] * sides[2] / np.maximum(2 * area2, 1e-12)
    assert radius.min() >= 0.99 * driver.min_turning_radius_m


def test_a_path_gains_no_more_than_the_drive_gives(through_the_corner):
    _, path, driver = through_the_corner
    way = np.hypot(*np.diff(path.place_m, axis=0).T)
    gain = np.diff(path.reached_mps**2) / 2
    # Speeds are read from a table in steps of 1 cm of run-up.
    assert np.all(gain <= driver.acceleration_mps2 * (way + 0.011))
    assert np.all(path.reached_mps**2 <= 0.8 * 9.81 * path.radius_m + 1e-6)


def test_the_same_seed_gives_the_same_path():
    driver = vehicle()
    terrain, route = route_of(
        corner(6.0),
        driver,
        lambda x, y: y > 50,
        towards_deg=90,
        turned_deg=0.0,
        settings=FieldSettings(1.0, 32, 10.0),
    )
    one, two = (refine_route(make_refiner(terrain, driver), route, rounds=500) for _ in range(2))
    assert np.array_equal(one.place_m, two.place_m)


def test_a_way_too_short_for_a_spline_has_no_path():
    driver = vehicle()
    terrain, route = route_of(
        street(4, width_m=4.0),
        driver,
        lambda x, y: x > -2,
        towards_deg=0,
        turned_deg=0.0,
        settings=FieldSettings(1.0, 32),
    )
    assert refine_route(make_refiner(terrain, driver), route) is None


def test_the_end_stays_where_it_covers_the_goal():
    driver = vehicle()
    terrain, route = route_of(
        corner(6.0),
        driver,
        lambda x, y: y > 50,
        towards_deg=90,
        turned_deg=0.0,
        settings=FieldSettings(1.0, 32, 10.0),
    )
    end = np.asarray(route.line.coords[-1])
    path = refine_route(make_refiner(terrain, driver), route, goal_m=(end[0] + 0.5, end[1]))
    assert np.hypot(*(path.place_m[-1] - (end[0] + 0.5, end[1]))) <= driver.width_m / 2 + 1e-9


@pytest.mark.parametrize(("grade", "speed_mps"), [(0.05, 29.2), (-0.05, 33.9)])
def test_a_climb_costs_what_its_height_is_worth(grade, speed_mps):
    # 150 m at 3 m/s2 from 10 m/s, 7.5 m up or down: v^2 = 100 + 2 * 150 * 3 -+ 2 * 9.81 * 7.5.
    flat = street(150, entry=True)
    heights = np.repeat(np.arange(-20.0, 181.0)[None] * grade, 41, axis=0)
    ground = dataclasses.replace(
        flat, elevation=Elevation(heights, (-20.0, -20.0), 1.0, "a ramp that was drawn")
    )
    _, path = refined(
        ground, vehicle(), lambda x, y: x > 148, settings=FieldSettings(0.5, 64, 10.0)
    )
    assert path.speed_mps == pytest.approx(speed_mps, rel=0.015)


@pytest.mark.parametrize("headings", [16, 32, 64])
def test_a_path_that_crosses_a_line_has_a_heading_of_the_field_beside_it_that_does(headings):
    """To either side, for lines that lie along a heading, just askew of one, or anyhow."""
    vector = heading_vectors(headings).astype(float)
    unit = vector / np.hypot(*vector.T)[:, None]
    turned_rad = np.linspace(0.0, 2 * math.pi, 721) + math.radians(0.003)
    inwards = np.stack([np.cos(turned_rad), np.sin(turned_rad)], axis=-1)
    least = least_crossing(inwards, headings)
    across = inwards @ unit.T
    along = np.stack([-inwards[:, 1], inwards[:, 0]], axis=-1) @ unit.T
    for side in (along, -along):
        grazing = np.where((across > 1e-9) & (side > 0.0), across, np.inf).min(axis=1)
        assert (grazing <= least + 1e-12).all()
    # No more than a step of headings, of which the widest are a good half wider than the mean.
    assert (np.arcsin(least) <= 1.6 * 2 * math.pi / headings).all()
