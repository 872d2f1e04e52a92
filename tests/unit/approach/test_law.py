"""The law of a vehicle in full, against closed forms and a solver of differential equations."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from sbd.approach.dynamics import (
    acceleration_mps2,
    attainable_speed_mps,
    drag_deceleration_mps2,
    drive_length_m,
    drive_speed_mps,
    driven_speed_mps,
    power_limited_speed_mps,
    run_up_length_m,
    run_up_speed_mps,
    screening,
)
from sbd.approach.law import SHORT_OF_STALL
from sbd.catalogue.vehicles import load_vehicles, vehicle_named
from sbd.errors import InputError, VehicleError
from tests.drawn_ground import vehicle

LORRY = {"mass_kg": 7200.0, "acceleration_mps2": 2.0, "power_w": 200e3, "top_speed_mps": 36.0}
FULL = vehicle(**LORRY, rolling_resistance=0.008, drag_area_m2=4.0)


def test_the_acceleration_is_what_the_tyres_or_the_engine_leave_after_resistance():
    # Grip 0.8 holds 7.848; the drive gives 2.0 up to 200e3 / (7200 * 2) = 13.9 m/s; rolling takes
    # 0.008 * 9.81 = 0.0785, air 0.5 * 1.1 * 4 * v^2 / 7200 = 0.0306 at 10 and 0.275 at 30 m/s.
    found = acceleration_mps2(FULL, [10.0, 30.0])
    assert found.tolist() == pytest.approx(
        [2.0 - 0.0785 - 0.0306, 0.9259 - 0.0785 - 0.2750], abs=1e-3
    )


def test_a_grade_takes_its_share_of_gravity():
    # 5 % up: 9.81 * 0.05 / sqrt(1.0025) = 0.4899
    level, up, down = acceleration_mps2(FULL, 10.0, grade=[0.0, 0.05, -0.05])
    assert level - up == pytest.approx(0.4899, abs=1e-4)
    assert down - level == pytest.approx(0.4899, abs=1e-4)


def test_grip_limits_the_drive():
    assert acceleration_mps2(vehicle(friction=0.2), 5.0) == pytest.approx(0.2 * 9.81)


def test_without_resistance_the_run_up_is_the_closed_form():
    plain = vehicle(**LORRY)
    law = {"acceleration_mps2": 2.0, "power_w": 200e3, "mass_kg": 7200.0}
    speed = np.array([0.0, 0.01, 5.0, 13.888, 13.9, 25.0, 36.0])
    assert drive_length_m(plain, speed) == pytest.approx(run_up_length_m(speed, **law), rel=1e-9)
    length = np.array([0.0, 0.5, 48.0, 49.0, 300.0])
    assert drive_speed_mps(plain, length) == pytest.approx(
        power_limited_speed_mps(length, **law), rel=1e-8
    )


def test_air_alone_gives_the_logarithm_of_the_textbook():
    # Constant drive a and drag k v^2: S = -ln(1 - k v^2 / a) / (2 k); k = 0.5 * 1.1 * 2 / 1500.
    k = 0.5 * 1.1 * 2.0 / 1500.0
    speed = np.array([5.0, 20.0, 45.0])
    wanted = -np.log(1.0 - k * speed**2 / 3.0) / (2.0 * k)
    assert drive_length_m(vehicle(drag_area_m2=2.0), speed) == pytest.approx(wanted, rel=1e-10)


def test_power_against_air_gives_the_other_logarithm():
    # v^2 dv / (P/m - k v^3): S = ln((p - k v1^3) / (p - k v^3)) / (3 k) from v1 on.
    lorry = vehicle(**LORRY, drag_area_m2=6.0)
    k, p = 0.5 * 1.1 * 6.0 / 7200.0, 200e3 / 7200.0
    start, end = 15.0, 34.0
    wanted = math.log((p - k * start**3) / (p - k * end**3)) / (3.0 * k)
    found = np.diff(drive_length_m(lorry, [start, end]))
    assert found == pytest.approx([wanted], rel=1e-10)


@pytest.mark.parametrize("name", ["M1", "N2A", "N3G", "M1-EV"])
def test_run_ups_of_the_catalogue_agree_with_a_solver_of_differential_equations(name):
    driver = vehicle_named(name)
    # In time: s' = v, v' = a(v).
    run = solve_ivp(
        lambda t, state: [state[1], float(acceleration_mps2(driver, max(state[1], 0.0)))],
        (0.0, 25.0),
        [0.0, 0.0],
        rtol=1e-9,
        atol=1e-9,
        max_step=0.05,
    )
    slow = run.y[1] < 0.99 * driver.top_speed_mps
    way, speed = run.y[0][slow][::40], run.y[1][slow][::40]
    assert drive_speed_mps(driver, way) == pytest.approx(speed, rel=1e-5)
    assert drive_length_m(driver, speed) == pytest.approx(way, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("grade", [-0.08, 0.0, 0.06])
def test_runs_on_a_grade_agree_with_a_solver_of_differential_equations(grade):
    driver = vehicle(**LORRY, rolling_resistance=0.008, drag_area_m2=4.0)
    run = solve_ivp(
        lambda way, square: 2.0 * acceleration_mps2(driver, np.sqrt(square), grade=grade),
        (0.0, 250.0),
        [12.0**2],
        rtol=1e-9,
        atol=1e-9,
        max_step=0.5,
    )
    found = driven_speed_mps(driver, 250.0, entry_speed_mps=12.0, grade=grade)
    assert found == pytest.approx(math.sqrt(run.y[0][-1]), rel=1e-4)


def test_runs_on_a_grade_with_constant_drive_are_the_closed_form():
    driver = vehicle(acceleration_mps2=3.2)
    asked = {"entry_speed_mps": np.array([0.0, 10.0, 0.0]), "grade": np.array([-0.1, 0.05, 0.05])}
    found = driven_speed_mps(driver, [100.0, 100.0, 0.0], **asked)
    wanted = run_up_speed_mps([100.0, 100.0, 0.0], acceleration_mps2=3.2, **asked)
    assert found == pytest.approx(wanted, rel=1e-9)


def test_a_lorry_comes_to_a_stand_on_a_climb_that_is_too_steep():
    # 25 % takes 2.38 m/s2 off a drive of 2: -0.38 and resistance; 10 m/s last less than 132 m.
    stuck = driven_speed_mps(FULL, [50.0, 132.0], entry_speed_mps=10.0, grade=0.25)
    assert stuck[0] > 0.0
    assert stuck[1] == 0.0


def test_downhill_the_top_speed_holds():
    assert driven_speed_mps(FULL, 2000.0, grade=-0.2) == pytest.approx(36.0)


def test_a_speed_above_the_top_has_no_run_up():
    assert drive_length_m(FULL, [36.0, 36.1, math.inf]).tolist()[1:] == [math.inf, math.inf]
    assert attainable_speed_mps(FULL) == 36.0
    assert drive_speed_mps(FULL, [1e6, math.inf]).tolist() == [36.0, 36.0]


def test_an_engine_that_air_brakes_ends_a_thousandth_below_its_limit():
    # P = rho A v^3 / 2: cbrt(45e3 / 0.55) = 43.4 m/s.
    weak = vehicle(power_w=45e3, drag_area_m2=1.0)
    assert attainable_speed_mps(weak) == pytest.approx(0.999 * (45e3 / 0.55) ** (1 / 3))
    assert math.isfinite(drive_length_m(weak, attainable_speed_mps(weak)))


def test_resistance_only_ever_lengthens_a_run_up():
    speed = np.linspace(1.0, 30.0, 10)
    lengths = [
        drive_length_m(vehicle(**LORRY, **resistance), speed)
        for resistance in ({}, {"rolling_resistance": 0.01}, {"drag_area_m2": 4.0})
    ]
    assert np.all(lengths[0] < lengths[1])
    assert np.all(lengths[0] < lengths[2])


@pytest.mark.parametrize("name", load_vehicles())
def test_screening_errs_high_against_the_law_in_full(name):
    driver = vehicle_named(name)
    quick = screening(driver)
    way = np.array([10.0, 50.0, 150.0, 400.0])
    assert np.all(drive_speed_mps(quick, way) >= drive_speed_mps(driver, way))
    constant = run_up_speed_mps(way, acceleration_mps2=driver.acceleration_mps2)
    assert drive_speed_mps(quick, way) == pytest.approx(np.minimum(constant, driver.top_speed_mps))
    assert quick.figures == driver.figures


def test_drag_goes_with_the_square_of_speed():
    # 0.5 * 1.2 * 0.7 * v^2 / 1400 = 0.0003 v^2
    found = drag_deceleration_mps2(
        [0.0, 10.0, 20.0], mass_kg=1400.0, drag_area_m2=0.7, air_density_kgpm3=1.2
    )
    assert found.tolist() == pytest.approx([0.0, 0.03, 0.12])


def test_a_vehicle_that_can_not_set_off_is_refused():
    stuck = vehicle(acceleration_mps2=0.5, rolling_resistance=0.1)
    with pytest.raises(VehicleError, match=r"0\.50 m/s2 does not overcome .* 0\.98 m/s2"):
        attainable_speed_mps(stuck)


@pytest.mark.parametrize(
    "call",
    [
        lambda: drive_length_m(FULL, -1.0),
        lambda: drive_speed_mps(FULL, math.nan),
        lambda: acceleration_mps2(FULL, -1.0),
        lambda: driven_speed_mps(FULL, -1.0),
        lambda: drag_deceleration_mps2(10.0, mass_kg=0.0, drag_area_m2=1.0),
        lambda: drag_deceleration_mps2(10.0, mass_kg=1500.0, drag_area_m2=-1.0),
    ],
)
def test_figures_that_no_run_has_are_refused(call):
    with pytest.raises(InputError):
        call()


drivers = st.builds(
    vehicle,
    mass_kg=st.floats(800.0, 40_000.0),
    acceleration_mps2=st.floats(0.5, 12.0),
    friction=st.floats(0.2, 1.5),
    power_w=st.one_of(st.just(math.inf), st.floats(40e3, 900e3)),
    rolling_resistance=st.floats(0.0, 0.02),
    drag_area_m2=st.floats(0.0, 8.0),
    top_speed_mps=st.floats(10.0, 70.0),
)


@settings(max_examples=60, deadline=None)
@given(drivers)
def test_any_run_up_ascends_and_undoes_its_speed(driver):
    top = attainable_speed_mps(driver)
    speed = np.linspace(0.0, top, 40)
    length = drive_length_m(driver, speed)
    assert np.all(np.diff(length) > 0.0)
    assert drive_speed_mps(driver, length) == pytest.approx(speed, rel=1e-7, abs=1e-9)
    assert np.all(np.diff(acceleration_mps2(driver, speed)) <= 1e-12)


@settings(max_examples=40, deadline=None)
@given(drivers, st.sampled_from(["power_w", "friction", "acceleration_mps2"]), st.floats(1.01, 1.5))
def test_a_stronger_drive_is_never_slower(driver, figure, factor):
    high = {"friction": 1.5, "power_w": math.inf, "acceleration_mps2": 15.0}[figure]
    stronger = replace(driver, **{figure: min(factor * getattr(driver, figure), high)})
    way = np.array([5.0, 50.0, 500.0, 5000.0])
    assert np.all(
        drive_speed_mps(stronger, way) >= drive_speed_mps(driver, way) * (1.0 - SHORT_OF_STALL)
    )
