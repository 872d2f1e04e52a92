"""Closed forms, arrays, limits, and how run-ups are counted in 16 bits."""

import numpy as np
import pytest

from sbd.approach.dynamics import (
    cornering_speed_mps,
    kinetic_energy_kj,
    label_scale,
    power_limited_speed_mps,
    run_up_length_m,
    run_up_speed_mps,
)
from sbd.errors import InputError
from sbd.model.speed_field import Bound
from tests.drawn_ground import vehicle


def test_a_run_up_adds_to_the_square_of_the_entry_speed():
    # sqrt(10^2 + 2 * 3 * 150) = sqrt(1000)
    speed = run_up_speed_mps(150.0, acceleration_mps2=3.0, entry_speed_mps=10.0)
    assert speed == pytest.approx(31.6228, rel=1e-5)


def test_a_climb_that_stops_the_vehicle_gives_no_speed():
    # 10 % uphill takes 9.81 * 0.1 / sqrt(1.01) = 0.976 m/s2 off a drive of 0.5; 10 m/s last 105 m.
    drive = {"acceleration_mps2": 0.5, "grade": 0.1, "entry_speed_mps": 10.0}
    assert run_up_speed_mps([100.0, 110.0], **drive)[0] > 0.0
    assert run_up_speed_mps([100.0, 110.0], **drive)[1] == 0.0


def test_arrays_meet_arrays():
    speed = run_up_speed_mps([[0.0], [50.0]], acceleration_mps2=np.array([1.0, 4.0]))
    assert speed.tolist() == [[0.0, 0.0], [10.0, 20.0]]


def test_the_power_law_goes_over_from_grip_to_engine_without_a_step():
    # 90 kW on 1500 kg at 4.5 m/s2: grip up to 90000 / (1500 * 4.5) = 13.33 m/s, after 19.75 m.
    law = {"acceleration_mps2": 4.5, "power_w": 90e3, "mass_kg": 1500.0}
    before, after = power_limited_speed_mps([19.75 - 1e-6, 19.76], **law)
    assert before == pytest.approx(13.333, abs=1e-3)
    assert 0.0 < after - before < 0.01


def test_the_power_law_is_undone_by_its_length():
    law = {"acceleration_mps2": 2.5, "power_w": 60e3, "mass_kg": 3500.0}
    speed = np.array([0.0, 3.0, 6.9, 12.0, 35.0])
    assert power_limited_speed_mps(run_up_length_m(speed, **law), **law) == pytest.approx(speed)


def test_power_without_limit_is_constant_acceleration():
    with_power = power_limited_speed_mps(
        80.0, acceleration_mps2=2.0, power_w=np.inf, mass_kg=7200.0, entry_speed_mps=5.0
    )
    assert with_power == run_up_speed_mps(80.0, acceleration_mps2=2.0, entry_speed_mps=5.0)


def test_a_bank_that_holds_alone_allows_any_speed_and_one_that_throws_out_none():
    # f tan b = 1 at 45 degrees and grip 1; f + tan b = 0 at -45 degrees.
    assert cornering_speed_mps(20.0, friction=1.0, bank_rad=np.radians(46)) == np.inf
    assert cornering_speed_mps(20.0, friction=1.0, bank_rad=np.radians(-46)) == 0.0


def test_energy_goes_with_the_square_of_speed():
    assert kinetic_energy_kj(1500.0, [10.0, 20.0]).tolist() == [75.0, 300.0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: run_up_speed_mps(-1.0, acceleration_mps2=3.0),
        lambda: run_up_speed_mps(10.0, acceleration_mps2=-3.0),
        lambda: run_up_speed_mps(float("nan"), acceleration_mps2=3.0),
        lambda: cornering_speed_mps(20.0, friction=0.0),
        lambda: cornering_speed_mps(20.0, friction=3.0),
        lambda: cornering_speed_mps(0.0, friction=0.8),
        lambda: kinetic_energy_kj(-5.0, 10.0),
        lambda: power_limited_speed_mps(10.0, acceleration_mps2=3.0, power_w=0.0, mass_kg=1500.0),
    ],
)
def test_figures_that_no_vehicle_or_road_has_are_refused(call):
    with pytest.raises(InputError):
        call()


@pytest.mark.parametrize(
    ("acceleration", "top_mps", "step_m"),
    # Run-up to top speed v^2 / 2a, and one motion of 50 m: 417 + 50, 625 + 50, 2083 + 50 m;
    # 655 m fit at 1 cm.
    [(3.0, 50.0, 0.01), (2.0, 50.0, 0.02), (0.6, 50.0, 0.04)],
)
def test_top_speed_fits_in_16_bits(acceleration, top_mps, step_m):
    driver = vehicle(acceleration_mps2=acceleration, top_speed_mps=top_mps)
    scale = label_scale(driver, bound=Bound.NOMINAL, reach_m=50.0)
    assert scale.step_m == step_m
    assert scale.top_label + 50.0 / step_m < 65_536
    assert scale.speed_of_label_mps[scale.top_label] == pytest.approx(top_mps)
    assert scale.speed_of_label_mps[65_535] == top_mps


def test_a_lower_field_counts_down_and_a_nominal_one_up():
    driver = vehicle()
    counts = {
        bound: label_scale(driver, bound=bound, reach_m=30.0).label_of_length([1.0, 1.004, 1.01])
        for bound in Bound
    }
    assert counts[Bound.LOWER].tolist() == [100, 100, 101]
    assert counts[Bound.NOMINAL].tolist() == [100, 101, 101]


def test_grip_limits_the_drive():
    # Grip 0.2 lets no wheel push harder than 1.96 m/s2: 100 m give sqrt(2 * 1.962 * 100).
    slippery = label_scale(vehicle(friction=0.2), bound=Bound.NOMINAL, reach_m=30.0)
    at_100_m = slippery.speed_of_label_mps[round(100 / slippery.step_m)]
    assert at_100_m == pytest.approx(19.81, abs=0.01)


def test_a_lower_field_never_counts_a_speed_that_its_run_up_does_not_reach():
    driver = vehicle(power_w=90e3, drag_area_m2=0.6, rolling_resistance=0.01)
    speeds = np.linspace(0.1, 40.0, 50)
    for bound, sign in ((Bound.LOWER, 1), (Bound.UPPER, -1)):
        scale = label_scale(driver, bound=bound, reach_m=30.0)
        counted = scale.speed_of_label_mps[scale.label_of_speed(speeds)]
        assert np.all(sign * (speeds - counted) >= -1e-6)
        assert np.abs(speeds - counted).max() < 0.25  # one count from rest: sqrt(2 * 3 * 0.01)


def test_every_count_is_the_run_up_of_its_speed():
    driver = vehicle(power_w=90e3, drag_area_m2=0.6)
    for bound in Bound:
        scale = label_scale(driver, bound=bound, reach_m=30.0)
        counts = np.arange(0, scale.top_label, 97)
        assert scale.label_of_speed(scale.speed_of_label_mps[counts]).tolist() == counts.tolist()


def test_a_drive_that_dies_away_ends_below_its_limit_in_a_lower_field_only():
    # 2.94 m/s2 of drive to 10.2 m/s; then 45 kW against 0.55 kg/m v^2 (0.5 * 1.1 * 1.0): the limit
    # is cbrt(45000 / 0.55) = 43.42 m/s, far below the stated 50.
    driver = vehicle(power_w=45e3, drag_area_m2=1.0)
    top = {bound: label_scale(driver, bound=bound, reach_m=30.0) for bound in Bound}
    limit = (45e3 / 0.55) ** (1 / 3)
    assert top[Bound.LOWER].speed_of_label_mps[-1] == pytest.approx(limit * 0.999)
    assert top[Bound.UPPER].speed_of_label_mps[-1] == pytest.approx(limit)
    for scale in top.values():
        assert scale.label_of_speed([limit, 50.0, np.inf]).tolist() == [scale.top_label] * 3
        assert np.all(np.diff(scale.speed_of_label_mps) >= 0.0)
