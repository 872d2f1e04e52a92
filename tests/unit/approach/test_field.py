"""Speeds with known answers on drawn ground, turned; what is refused."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from shapely import LineString, box

from sbd.approach.dynamics import power_limited_speed_mps
from sbd.approach.field import check_memory, solve_field
from sbd.errors import CancelledError, InputError
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.words import Drive
from tests.drawn_ground import (
    COARSE,
    FINE,
    chicane,
    corner,
    solve,
    speeds,
    street,
    surface,
    top_speed,
    vehicle,
)

TURNS = [0, 7, 22.5, 33, 45]


@pytest.mark.parametrize("headings", [32, 64])
@pytest.mark.parametrize("turned_deg", TURNS)
def test_a_street_gives_its_run_up(turned_deg, headings):
    # sqrt(2 * 3 * 150) = 30; a little more, because the run-up may begin across the street.
    field = solve(street(150, turned_deg=turned_deg), vehicle(), FieldSettings(0.5, headings))
    end = top_speed(field, lambda x, y: x > 148, towards_deg=0, turned_deg=turned_deg)
    assert end == pytest.approx(30.0, rel=0.02)


@pytest.mark.parametrize("turned_deg", TURNS)
def test_the_speed_over_the_rim_adds_to_it(turned_deg):
    # sqrt(10^2 + 2 * 3 * 150) = 31.62
    ground = street(150, entry=True, turned_deg=turned_deg)
    field = solve(ground, vehicle(), entry_speed_mps=10.0)
    end = top_speed(field, lambda x, y: x > 148, towards_deg=0, turned_deg=turned_deg)
    assert end == pytest.approx(31.62, rel=0.02)


def test_a_limit_of_power_bites_on_a_long_run():
    # 90 kW on 1500 kg: grip up to 13.3 m/s, then v^3 = v1^3 + 3 P s / m.
    driver = vehicle(acceleration_mps2=4.5, power_w=90e3)
    want = power_limited_speed_mps(
        150.0, acceleration_mps2=4.5, power_w=90e3, mass_kg=1500.0, entry_speed_mps=10.0
    )
    field = solve(street(150, entry=True), driver, COARSE, entry_speed_mps=10.0)
    assert top_speed(field, lambda x, y: x > 148, towards_deg=0) == pytest.approx(want, rel=0.02)


@pytest.mark.parametrize("turned_deg", [0, 20, 37])
def test_a_corner_limits_by_the_widest_arc_in_it(turned_deg):
    # The arc tangent to both outer sides through the inner corner: R = (2 + sqrt 2) * 6 = 20.5 m,
    # sqrt(0.8 * 9.81 * 20.5) = 12.7 m/s; 35 m of leg at 0.05 m/s2 behind it add 0.14 m/s.
    driver = vehicle(acceleration_mps2=0.05, top_speed_mps=40.0)
    ground = corner(6.0, turned_deg=turned_deg)
    field = solve(ground, driver, entry_speed_mps=30.0)
    out = top_speed(field, lambda x, y: y > 55, towards_deg=90, turned_deg=turned_deg)
    assert out == pytest.approx(12.7, rel=0.08)


def test_after_the_corner_the_run_up_goes_on():
    # 12.7 m/s in the arc, which ends 21.5 m behind the outer corner; 49 m at 3 m/s2 behind it:
    # sqrt(12.7^2 + 2 * 3 * 49) = 21.3. The widening way out of the bend is worth some more.
    field = solve(corner(6.0, leg_m=80.0), vehicle(), entry_speed_mps=30.0)
    out = top_speed(field, lambda x, y: (y > 70) & (y < 71), towards_deg=90)
    assert 0.98 * 21.3 <= out <= 1.08 * 21.3


@pytest.mark.parametrize("turned_deg", [0, 11, 28])
@pytest.mark.parametrize(
    ("aside", "length", "slack", "attained"),
    # Ways found by refining single paths for grip 0.8 and hardly any drive: speeds that a vehicle
    # does reach, so a field far below them would be unsafe. Narrow lanes are where half-metre
    # cells are weakest.
    [(5, 12, 1.5, 17.2), (8, 15, 1.5, 15.2)],
)
def test_a_chicane_slows_by_its_geometry(aside, length, slack, attained, turned_deg):
    driver = vehicle(acceleration_mps2=0.05, top_speed_mps=40.0)
    ground = chicane(aside, length, slack, turned_deg=turned_deg)
    field = solve(ground, driver, entry_speed_mps=35.0)
    end = length + 50
    out = top_speed(field, lambda x, y: x > end, towards_deg=0, turned_deg=turned_deg)
    assert 0.85 * attained <= out <= 1.35 * attained


def test_slack_lets_a_lane_shift_be_taken_much_faster():
    # Without slack (l^2 + s^2) / (4 s) = 19.5 m and 12.4 m/s; with 2 m of it 139 m and 33.0 m/s.
    driver = vehicle(acceleration_mps2=0.05, top_speed_mps=60.0)
    field = solve(chicane(3, 15, 2), driver, entry_speed_mps=50.0)
    assert top_speed(field, lambda x, y: x > 65, towards_deg=0) >= 33.0


def test_no_speed_is_above_top_speed():
    field = solve(street(120), vehicle(top_speed_mps=15.0), COARSE)
    assert speeds(field, lambda x, y: x > -2).max() == pytest.approx(15.0)


@pytest.mark.parametrize("bound", list(Bound))
@pytest.mark.parametrize("settings", [FINE, COARSE], ids=["0.5 m", "1 m"])
def test_a_vehicle_wider_than_the_street_goes_nowhere(settings, bound):
    field = solve(street(60, width_m=1.9, entry=True), vehicle(), settings, bound)
    assert not field.label.any()


@pytest.mark.parametrize("settings", [FINE, COARSE], ids=["0.5 m", "1 m"])
@pytest.mark.parametrize("turned_deg", [0, 20, 45])
@pytest.mark.parametrize(("gap_m", "passes"), [(1.99, False), (2.01, True)])
def test_a_gap_finer_than_the_cells_is_passed_or_not_by_its_width(
    gap_m, passes, turned_deg, settings
):
    # A street of 60 m, cut by a wall at 30 m; from the rim at 20 m/s to the far end:
    # sqrt(20^2 + 2 * 3 * 60) = 27.6; from rest behind the wall only some 15 m/s.
    wall = shapely.union_all([box(30, -6, 30.3, -gap_m / 2), box(30, gap_m / 2, 30.3, 6)])
    site = street(60, entry=True)
    ground = site.ground.difference(wall)
    rim = [LineString([(0, -4), (0, 4)])]
    cut = surface(ground, study=site.study_area, entries=rim, turned_deg=turned_deg)
    for bound in (Bound.NOMINAL, Bound.UPPER):
        field = solve(cut, vehicle(), settings, bound, 20.0)
        end = top_speed(field, lambda x, y: x > 58, towards_deg=0, turned_deg=turned_deg)
        assert (end > 0.97 * 27.6) if passes else (end < 16.0)


def test_an_open_yard_has_no_walls_to_be_slowed_by():
    ground = box(0, 0, 60, 60)
    field = solve(surface(ground, study=ground), vehicle(), COARSE)
    # From rest over the diagonal: sqrt(2 * 3 * 84.9) = 22.6; a bow in the way makes it longer.
    assert 0.98 * 22.6 <= top_speed(field, lambda x, y: x > -1) < 1.2 * 22.6


def street_to_a_square(*, entry=True):
    """A street of 150 m along x that ends in a zone of 10 m."""
    site = street(160, entry=entry)
    return replace(site, zone=site.ground.intersection(box(150, -10, 170, 10)))


@pytest.mark.parametrize(
    ("longest_m", "want_mps"),
    # The zone begins at x = 150. The rim is 150 m away: beyond 60 m nothing comes in, and the
    # run-up is from rest, sqrt(2 * 3 * 60); 170 m hold the rim at 10 m/s and the run-up from it,
    # as all of the street does: sqrt(100 + 2 * 3 * 150).
    [(60.0, 19.0), (170.0, 31.6), (None, 31.6)],
)
def test_no_way_counts_that_is_longer_than_the_longest_approach(longest_m, want_mps):
    settings = FieldSettings(0.5, 64, 10.0, max_approach_m=longest_m)
    field = solve_field(street_to_a_square(), vehicle(), settings, bound=Bound.NOMINAL)
    at_the_zone = top_speed(field, lambda x, y: np.abs(x - 150) < 0.5, towards_deg=0)
    assert at_the_zone == pytest.approx(want_mps, rel=0.02)


@pytest.mark.parametrize("bound", list(Bound))
def test_a_shorter_approach_raises_no_speed_and_a_very_long_one_changes_none(bound):
    site = street_to_a_square()
    fields = [
        solve_field(site, vehicle(), FieldSettings(1.0, 32, 10.0, max_approach_m=m), bound=bound)
        for m in (20.0, 90.0, 5000.0, None)
    ]
    for less, more in pairwise(fields):
        assert np.all(less.free <= more.free)
        assert np.all(less.label <= more.label)
    assert np.array_equal(fields[-2].label, fields[-1].label)
    assert not np.array_equal(fields[0].label, fields[1].label)


def test_with_a_speed_limit_nobody_is_faster():
    settings = FieldSettings(1.0, 32, 30.0, speed_limit_mps=15.0)
    field = solve_field(street(120, entry=True), vehicle(), settings, bound=Bound.UPPER)
    assert speeds(field, lambda x, y: x > -2).max() == pytest.approx(15.0)


def test_the_screening_mode_knows_no_limit_of_power_and_no_losses():
    driver = vehicle(power_w=40e3, rolling_resistance=0.02, drag_area_m2=2.0)
    settings = FieldSettings(0.5, 64, drive=Drive.SCREENING)
    field = solve_field(street(150), driver, settings, bound=Bound.NOMINAL)
    end = top_speed(field, lambda x, y: x > 148, towards_deg=0)
    assert end == pytest.approx(30.0, rel=0.02)  # sqrt(2 * 3 * 150)
    detailed = solve_field(street(150), driver, FINE, bound=Bound.NOMINAL)
    assert top_speed(detailed, lambda x, y: x > 148, towards_deg=0) < 0.9 * end
    assert field.vehicle is driver


def test_a_site_too_wide_for_sixteen_bits_is_refused():
    wide = surface(box(0, 0, 20_000, 10), study=box(0, 0, 20_000, 10))
    with pytest.raises(InputError, match="40000 cells from west to east; at most 32767"):
        check_memory(wide, FINE, fields=1)


def test_speeds_are_those_of_the_labels():
    field = solve(street(50), vehicle(), COARSE)
    label = int(field.label.max())
    assert field.speed_of_label_mps[label] == pytest.approx(
        math.sqrt(2 * 3.0 * label * field.step_m)
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (FieldSettings(0.3, 64), "resolution 0.3 m"),
        (FieldSettings(0.5, 48), "headings 48"),
        (FieldSettings(0.5, 64, -1.0), "entry speed"),
        (FieldSettings(0.5, 64, math.nan), "entry speed"),
    ],
)
def test_settings_that_are_not_offered_are_refused(settings, words):
    with pytest.raises(InputError, match=words):
        solve_field(street(20), vehicle(), settings, bound=Bound.NOMINAL)


def test_a_field_too_large_is_refused_before_it_is_made():
    # 6000 x 6000 cells x 64 headings x 2 bytes, and half as much again for the runs: 10.7 GB.
    wide = surface(box(0, 0, 3000, 3000), study=box(0, 0, 3000, 3000))
    with pytest.raises(InputError, match=r"10\.7 GB; at most 4 GB; take a smaller margin"):
        check_memory(wide, FINE, fields=1)


def test_a_vehicle_too_narrow_for_the_cells_is_refused():
    with pytest.raises(InputError, match=r"too narrow for cells of 1 m.*0\.5 m"):
        solve(street(20), vehicle(width_m=1.2), COARSE)


def test_a_caller_can_stop_it():
    def stop(stage, share, note):
        if share > 0.35:
            raise CancelledError("enough")

    with pytest.raises(CancelledError):
        solve_field(street(30), vehicle(), COARSE, bound=Bound.NOMINAL, progress=stop)


def test_progress_only_goes_forward():
    shares = []
    solve_field(
        street(30),
        vehicle(),
        COARSE,
        bound=Bound.LOWER,
        progress=lambda stage, share, note: shares.append(share),
    )
    assert np.all(np.diff(shares) >= 0.0)
    assert len(shares) >= 4
