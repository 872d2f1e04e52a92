"""Climbs and falls: against closed forms and the integrated law of motion."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from shapely import LineString, box
from shapely.affinity import rotate

from sbd.approach.clearance import make_terrain
from sbd.approach.dynamics import (
    GRAVITY_MPS2,
    acceleration_mps2,
    label_scale,
    run_up_speed_mps,
)
from sbd.approach.field import solve_field
from sbd.approach.route_kernels import label_after
from sbd.approach.routes import end_label, find_ways, route_to, speed_profile
from sbd.approach.slope import slope_of, unit_j_per_kg
from sbd.approach.solution import field_of, resolve, solve
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.surface import Elevation
from tests.drawn_ground import FINE, corner, street, surface, top_speed, vehicle

COARSE = FieldSettings(1.0, 32, 9.0)
LORRY = {
    "acceleration_mps2": 2.5,
    "power_w": 30e3,
    "drag_area_m2": 0.8,
    "rolling_resistance": 0.01,
    "top_speed_mps": 27.0,
}


def tilted(site, grade, *, towards_deg=0.0):
    """The site on a plane that rises by `grade` in one direction."""
    x, y = np.arange(-400.0, 401.0, 5.0), np.arange(-400.0, 401.0, 5.0)
    angle = math.radians(towards_deg)
    height = grade * np.add.outer(math.sin(angle) * y, math.cos(angle) * x)
    return replace(site, elevation=Elevation(height, (-400.0, -400.0), 5.0, "plane"))


def driven_on(driver, way_m, *, entry_mps, grade):
    """The speed after a way in plan on a grade, from the law of motion in small steps."""
    answer = solve_ivp(
        lambda _, v: (acceleration_mps2(driver, v) - GRAVITY_MPS2 * grade) / v,
        (0.0, way_m),
        [entry_mps],
        rtol=1e-9,
    )
    return float(answer.y[0, -1])


@pytest.mark.parametrize("turned_deg", [0, 7, 22.5, 33, 45])
@pytest.mark.parametrize("grade", [-0.05, 0.05])
def test_a_street_on_a_grade_gives_its_run_up(grade, turned_deg):
    site = street(150, width_m=5.0, turned_deg=turned_deg)
    site = tilted(site, grade, towards_deg=turned_deg)
    field = solve_field(site, vehicle(), FINE, bound=Bound.NOMINAL)
    want = run_up_speed_mps(150.0, acceleration_mps2=3.0, grade=grade)
    end = top_speed(field, lambda x, y: x > 148, towards_deg=0, turned_deg=turned_deg)
    assert end == pytest.approx(float(want), rel=0.02)


@pytest.mark.parametrize("grade", [-0.08, -0.03, 0.04, 0.08])
def test_a_weak_engine_on_a_grade_does_what_the_law_of_motion_says(grade):
    driver = vehicle(**LORRY)
    site = tilted(street(150, width_m=4.0, entry=True), grade)
    field = solve_field(site, driver, FieldSettings(0.5, 64, 10.0), bound=Bound.NOMINAL)
    want = driven_on(driver, 150.0, entry_mps=10.0, grade=grade)
    end = top_speed(field, lambda x, y: x > 148, towards_deg=0)
    assert end == pytest.approx(want, rel=0.02)


def test_a_climb_too_steep_stops_the_vehicle():
    # 0.25 g up, 2 m/s2: from 10 m/s after 10^2 / (2 * (2.38 - 2)) = 131 m.
    site = tilted(street(200, width_m=4.0, entry=True), 0.25)
    driver = vehicle(acceleration_mps2=2.0)
    field = solve_field(site, driver, FieldSettings(0.5, 64, 10.0), bound=Bound.NOMINAL)
    assert top_speed(field, lambda x, y: np.abs(x - 110) < 1, towards_deg=0) > 2.0
    assert top_speed(field, lambda x, y: x > 145, towards_deg=0) < 0.5


@pytest.mark.parametrize("figures", [{}, LORRY, {"friction": 0.2}])
def test_a_motion_errs_to_the_side_of_its_bound(figures):
    driver = vehicle(**figures)
    rng = np.random.default_rng(4)
    for bound in (Bound.LOWER, Bound.UPPER):
        scale = label_scale(driver, bound=bound, reach_m=40.0)
        slope, top = slope_of(np.array([[0.0, 9.0]]), scale), scale.top_label
        unit_m = unit_j_per_kg(scale) / GRAVITY_MPS2
        for _ in range(60):
            start = int(rng.integers(scale.top_label))
            speed = float(scale.speed_of_label_mps[start])
            way, climb = float(rng.uniform(1, 10)), float(rng.uniform(-0.5, 0.5))
            if speed**2 / 2 < 2 * GRAVITY_MPS2 * abs(climb) or speed > 24:
                continue
            units = round(climb / unit_m / 64) * 64  # whole labels near rest
            after = label_after(start, int(scale.label_of_length(way)), top, 0, units, slope)
            want = driven_on(driver, way, entry_mps=speed, grade=units * unit_m / way)
            got = float(scale.speed_of_label_mps[after])
            if bound is Bound.LOWER:
                assert got <= want + 1e-4
            else:
                assert got >= want - 1e-4
            assert got == pytest.approx(want, rel=0.004, abs=0.02)


def test_no_lower_label_gives_more_after_a_climb_than_a_higher_one():
    for bound in (Bound.LOWER, Bound.UPPER):
        scale = label_scale(vehicle(**LORRY), bound=bound, reach_m=40.0)
        slope = slope_of(np.array([[0.0, 9.0]]), scale)
        for climb in (-9000, -30, 30, 9000):
            after = [
                label_after(label, 400, 60_000, 7, 7 + climb, slope)
                for label in range(0, 20_000, 7)
            ]
            assert np.all(np.diff(after) >= 0)


@pytest.mark.parametrize("bound", list(Bound))
def test_ground_that_is_flat_on_the_map_changes_no_label(bound):
    site = corner(6.0, turned_deg=20)
    level = replace(site, elevation=Elevation(np.full((9, 9), 431.27), (-110, -110), 31.0, "flat"))
    fields = [solve_field(ground, vehicle(), COARSE, bound=bound) for ground in (site, level)]
    assert np.array_equal(fields[0].label, fields[1].label)


def block_in_a_yard():
    ground = box(0, 0, 60, 50).difference(rotate(box(22, 18, 38, 30), 20))
    return surface(ground, study=box(0, -5, 65, 55), entries=[LineString([(0, 5), (0, 40)])])


def test_laps_on_a_hillside_end_at_top_speed():
    driver = vehicle(top_speed_mps=14.0)
    field = solve_field(tilted(block_in_a_yard(), 0.1), driver, COARSE, bound=Bound.UPPER)
    assert field.speed_of_label_mps[field.label].max() == pytest.approx(14.0)


def test_bounds_are_in_order_on_a_hillside():
    site = tilted(block_in_a_yard(), 0.07, towards_deg=50)
    for figures in ({}, LORRY, {"friction": 0.2}):
        driver = vehicle(**figures)
        lower, nominal, upper = (solve_field(site, driver, COARSE, bound=b) for b in Bound)
        assert np.all(lower.label <= nominal.label)
        assert np.all(nominal.label <= upper.label)


def test_a_hillside_is_faster_downhill_than_up():
    site = street(100, width_m=6.0)
    down, flat, up = (
        top_speed(
            solve_field(tilted(site, grade), vehicle(), COARSE, bound=Bound.NOMINAL),
            lambda x, y: x > 95,
            towards_deg=0,
        )
        for grade in (-0.06, 0.0, 0.06)
    )
    assert down > 1.05 * flat > 1.1 * up


def test_a_mirrored_and_a_turned_hillside_give_the_mirrored_and_the_turned_field():
    ground, study = box(0, 0, 44, 30).difference(box(12, 8, 20, 18)), box(0, 0, 44, 30)
    height = np.add.outer(np.arange(31) * 0.125, np.arange(45) * 0.25)
    driver = vehicle(top_speed_mps=20.0)

    def field(shape, outline, heights, corner_m):
        site = replace(
            surface(shape, study=outline), elevation=Elevation(heights, corner_m, 1.0, "")
        )
        return solve_field(site, driver, FieldSettings(1.0, 32), bound=Bound.NOMINAL)

    plain = field(ground, study, height, (0.0, 0.0))
    turned = field(
        *(rotate(shape, 90, origin=(0, 0)) for shape in (ground, study)),
        height.T[:, ::-1],
        (-30.0, 0.0),
    )
    quarter = np.roll(plain.label.transpose(2, 1, 0)[:, :, ::-1], 8, axis=1)
    assert np.array_equal(quarter, turned.label)


@pytest.mark.parametrize("figures", [{}, LORRY])
@pytest.mark.parametrize("bound", list(Bound))
def test_ways_on_a_hillside_give_the_labels_of_their_ends(bound, figures):
    terrain = make_terrain(tilted(block_in_a_yard(), 0.06, towards_deg=200), COARSE, widest_m=2.0)
    solution = solve(terrain, vehicle(**figures), bound=bound)
    row, column = np.nonzero(solution.free)
    heading = np.argmax(solution.label[row, :, column], axis=1)
    states = np.stack([row, heading, column], axis=-1)[::5]
    forest = find_ways(field_of(solution), terrain, states)
    assert np.all(forest.node_of_target >= 0)
    for target, (y, h, x) in enumerate(states):
        route = route_to(forest, target)
        assert end_label(route) == solution.label[y, h, x]
        profile = speed_profile(route, forest.scale, friction=0.8)
        assert profile[-1][1] == pytest.approx(
            forest.scale.speed_of_label_mps[solution.label[y, h, x]]
        )


def test_edits_on_a_hillside_give_the_cold_answer():
    site = tilted(block_in_a_yard(), 0.06)
    wall = box(45, 10, 46, 45)
    walled = replace(site, ground=site.ground.difference(wall))
    open_yard, shut = (make_terrain(ground, COARSE, widest_m=2.0) for ground in (site, walled))
    now = solve(shut, vehicle(), bound=Bound.NOMINAL)
    for terrain in (open_yard, shut):
        now = resolve(now, terrain)
        cold = solve(terrain, vehicle(), bound=Bound.NOMINAL)
        assert np.array_equal(now.label, cold.label)
