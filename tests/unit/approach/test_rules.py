"""What a vehicle may do: grip by surface, one step for all bounds, drive by grip."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point, box

from sbd.approach.clearance import make_terrain
from sbd.approach.field import solve_field
from sbd.approach.routes import end_label, find_ways, route_to
from sbd.approach.rules import driven, rules_for, run_up_factor, told_speeds_mps
from sbd.approach.solution import field_of, solve
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.words import Drive, Grip
from tests.drawn_ground import COARSE, FINE, corner, surface, top_speed, vehicle

SETTINGS = FieldSettings(1.0, 32, 12.0)


def paved(site, *pieces):
    """The site with surfaces, given as (OSM value, polygon)."""
    table = gpd.GeoDataFrame(
        {
            "ground_id": [f"G{n}" for n in range(len(pieces))],
            "surface": [name for name, _ in pieces],
        },
        geometry=[shape for _, shape in pieces],
        crs=site.crs,
    )
    return replace(site, paving=table)


DISC_ON_THE_BEND = ("grass", Point(4, 4).buffer(25))
SLOW = {"acceleration_mps2": 0.05, "top_speed_mps": 40.0}


def out_of_the_bend(site, grip, bound=Bound.NOMINAL, driver=None):
    settings = FieldSettings(0.5, 64, 30.0, grip=grip)
    field = solve_field(site, driver or vehicle(**SLOW), settings, bound=bound)
    return top_speed(field, lambda x, y: y > 55, towards_deg=90)


@pytest.mark.parametrize("bound", list(Bound))
def test_grass_on_a_bend_slows_it_only_where_the_scenario_asks_for_it(bound):
    bare, green = corner(6.0), paved(corner(6.0), DISC_ON_THE_BEND)
    design = out_of_the_bend(bare, Grip.DESIGN, bound)
    assert out_of_the_bend(green, Grip.DESIGN, bound) == design
    assert out_of_the_bend(bare, Grip.SURFACE, bound) == design
    assert out_of_the_bend(green, Grip.WET, bound) < 0.95 * design


def test_a_bend_all_on_grass_is_taken_as_its_grip_says():
    # v^2 = mu g R: from friction 0.9 to what wet grass has at most.
    rules = [
        rules_for(
            make_terrain(
                paved(corner(6.0), ("grass", box(-100, -100, 100, 100))),
                replace(SETTINGS, grip=grip),
                widest_m=2.0,
            ),
            vehicle(friction=0.9),
            Bound.NOMINAL,
        )
        for grip in (Grip.DESIGN, Grip.WET)
    ]
    fast, slow = (one.scale.speed_of_label_mps[one.cap[0]] for one in rules)
    bends = np.isfinite(rules[0].lattice.radius_m) & (fast < 45.0)
    ratio = (slow[bends] / fast[bends]) ** 2
    assert ratio == pytest.approx(np.full(bends.sum(), ratio[0]), rel=0.01)
    assert ratio[0] < 0.9


def test_a_strip_of_asphalt_in_the_grass_is_enough_for_the_whole_bend():
    # The largest grip along a motion counts, in a lower field the smallest.
    all_green = paved(corner(6.0), ("grass", box(-100, -100, 100, 100)))
    strips = [
        ("asphalt", Point(4, 4).buffer(r + 0.5).difference(Point(4, 4).buffer(r)))
        for r in range(2, 30, 2)
    ]
    striped = paved(corner(6.0), ("grass", box(-100, -100, 100, 100)), *strips)
    driver = vehicle(**SLOW, friction=1.0)
    green = out_of_the_bend(all_green, Grip.WET, driver=driver)
    assert out_of_the_bend(striped, Grip.WET, driver=driver) > 1.02 * green
    lowest = out_of_the_bend(all_green, Grip.WET, Bound.LOWER, driver)
    assert out_of_the_bend(striped, Grip.WET, Bound.LOWER, driver) == pytest.approx(lowest)


def test_low_grip_never_takes_from_a_straight_run_up():
    site = paved(corner(6.0), ("grass", box(-100, -100, 100, 100)))
    fields = [
        solve_field(site, vehicle(), replace(SETTINGS, grip=grip), bound=Bound.NOMINAL)
        for grip in (Grip.DESIGN, Grip.WET)
    ]
    ends = [top_speed(field, lambda x, y: x > 5, towards_deg=0) for field in fields]
    # Weaving makes a run-up a little longer, and grass lets it weave less.
    assert ends[1] == pytest.approx(ends[0], rel=0.01)


@pytest.mark.parametrize("bound", list(Bound))
def test_ways_over_patches_give_the_labels_of_their_ends(bound):
    site = paved(corner(8.0), ("grass", Point(0, 0).buffer(9)), ("gravel", box(5, 5, 20, 30)))
    terrain = make_terrain(site, replace(SETTINGS, grip=Grip.WET), widest_m=2.0)
    solution = solve(terrain, vehicle(), bound=bound)
    assert len(solution.rules.cap) > 1
    row, column = np.nonzero(solution.free)
    heading = np.argmax(solution.label[row, :, column], axis=1)
    states = np.stack([row, heading, column], axis=-1)[::7]
    forest = find_ways(field_of(solution), terrain, states)
    assert np.all(forest.node_of_target >= 0)
    for target, (y, h, x) in enumerate(states):
        assert end_label(route_to(forest, target)) == solution.label[y, h, x]


def test_drive_that_grip_limits_rises_with_the_grip_of_the_upper_field():
    assert run_up_factor(vehicle(), Bound.UPPER) == 1.0  # 3 m/s2 is less than 0.8 g
    slick = vehicle(friction=0.2)
    assert run_up_factor(slick, Bound.UPPER) == pytest.approx(1.15)
    assert run_up_factor(slick, Bound.NOMINAL) == 1.0
    # Rolling takes 0.1 g off both: (0.23 - 0.1) / (0.2 - 0.1).
    rolling = vehicle(friction=0.2, rolling_resistance=0.1)
    assert run_up_factor(rolling, Bound.UPPER) == pytest.approx(1.3)


def test_settings_change_the_vehicle_that_drives():
    driver = vehicle(power_w=50e3, drag_area_m2=0.7, rolling_resistance=0.01)
    assert driven(driver, FieldSettings()) == driver
    screened = driven(driver, FieldSettings(drive=Drive.SCREENING, speed_limit_mps=20.0))
    assert (screened.power_w, screened.drag_area_m2, screened.top_speed_mps) == (np.inf, 0.0, 20.0)


@pytest.mark.parametrize(("settings", "share"), [(FINE, 0.01), (COARSE, 0.16)])
def test_an_upper_field_tells_the_speed_of_a_little_more_run_up(settings, share):
    terrain = make_terrain(surface(box(0, 0, 20, 60)), settings, widest_m=2.0)
    upper, nominal = (
        rules_for(terrain, vehicle(), bound) for bound in (Bound.UPPER, Bound.NOMINAL)
    )
    told, exact = told_speeds_mps(upper), told_speeds_mps(nominal)
    assert told[0] == exact[0] == 0.0
    label = round(50.0 / upper.scale.step_m)
    # 50 m, one cell and the share of 50 m on top: v = sqrt(2 * 3 * s).
    way_m = 50.0 * (1 + share) + settings.resolution_m
    assert told[label] == pytest.approx((6.0 * way_m) ** 0.5, rel=1e-3)
    assert exact[label] == pytest.approx((6.0 * 50.0) ** 0.5, rel=1e-3)
    assert (told >= exact).all()
