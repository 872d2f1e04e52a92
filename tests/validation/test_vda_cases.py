"""Published and formula cases of vehicle dynamics, each with its source in vda_cases.json."""

import json
import math
from pathlib import Path

import pytest

from sbd.approach.dynamics import (
    cornering_speed_mps,
    driven_speed_mps,
    kinetic_energy_kj,
    power_limited_speed_mps,
    run_up_speed_mps,
)
from sbd.model.vehicle import Vehicle

CASES = json.loads((Path(__file__).parent / "vda_cases.json").read_text("utf-8"))["cases"]
SI = {
    "km/h": 1 / 3.6,
    # As the handbook prints it: 1 mph = 1.6093 km/h.
    "mph": 1.6093 / 3.6,
    "m/s": 1.0,
    "ft": 0.3048,
    "ft/s2": 0.3048,
    "percent": 0.01,
    "deg": math.pi / 180,
    "kW": 1000.0,
    "kJ": 1.0,
    "ft_lbf": 1.3558179e-3,  # in kJ
}


def value(quantity):
    return quantity["value"] * SI.get(quantity["unit"], 1.0)


def given(case, name, otherwise=0.0):
    return value(case["inputs"][name]) if name in case["inputs"] else otherwise


def agrees(case, name, found):
    wanted, tolerance = case["expected"][name], case["tolerance"]
    if "abs" in tolerance:
        within = {"abs": tolerance["abs"] * SI.get(tolerance["unit"], 1.0)}
    else:
        within = {"rel": tolerance["rel"]}
    assert float(found) == pytest.approx(value(wanted), **within)


def of_kind(*kinds, having=None, without=None):
    chosen = [
        case
        for case in CASES
        if case["kind"] in kinds
        and (having is None or having in case["inputs"])
        and (without is None or without not in case["inputs"])
    ]
    return pytest.mark.parametrize("case", chosen, ids=lambda case: case["id"])


def test_every_case_is_of_a_kind_that_is_tried_and_names_its_source():
    assert {case["kind"] for case in CASES} == {"straight", "curve", "slope", "energy"}
    assert len(CASES) == 35
    assert all(case["source"] for case in CASES)


@of_kind("straight", "slope", without="wheel_power")
def test_run_ups(case):
    drive = given(case, "acceleration", given(case, "acceleration_level"))
    run = {"entry_speed_mps": given(case, "v0"), "grade": given(case, "grade")}
    way = given(case, "distance")
    speed = run_up_speed_mps(way, acceleration_mps2=drive, **run)
    agrees(case, "speed", speed)
    if "kinetic_energy" in case["expected"]:
        agrees(case, "kinetic_energy", kinetic_energy_kj(given(case, "mass"), speed))
    if "effective_acceleration" in case["expected"]:
        agrees(case, "effective_acceleration", speed**2 / (2 * way))


@of_kind("straight", having="wheel_power")
def test_run_ups_with_a_limit_of_power(case):
    law = {
        "acceleration_mps2": given(case, "traction_limit"),
        "power_w": given(case, "wheel_power"),
        "mass_kg": given(case, "mass"),
    }
    agrees(case, "speed", power_limited_speed_mps(given(case, "distance"), **law))
    switch = law["power_w"] / (law["mass_kg"] * law["acceleration_mps2"])
    agrees(case, "switch_speed", switch)
    # Up to there the run-up is one of constant acceleration.
    way = switch**2 / (2 * law["acceleration_mps2"])
    assert float(power_limited_speed_mps(way, **law)) == pytest.approx(switch)


@of_kind("straight", "slope")
def test_run_ups_by_the_law_of_a_vehicle(case):
    drive = given(case, "acceleration", given(case, "acceleration_level"))
    driver = Vehicle(
        name=case["id"],
        description="",
        mass_kg=given(case, "mass", 1500.0),
        width_m=2.0,
        length_m=5.0,
        wheelbase_m=3.0,
        min_turning_radius_m=5.0,
        top_speed_mps=60.0,
        acceleration_mps2=given(case, "traction_limit", drive),
        friction=1.0,
        power_w=given(case, "wheel_power", math.inf),
    )
    run = {"entry_speed_mps": given(case, "v0"), "grade": given(case, "grade")}
    agrees(case, "speed", driven_speed_mps(driver, given(case, "distance"), **run))


@of_kind("curve", having="radius")
def test_bends(case):
    speed = cornering_speed_mps(
        given(case, "radius"), friction=given(case, "friction"), bank_rad=given(case, "bank")
    )
    for name in case["expected"]:
        agrees(case, name, speed)


@of_kind("curve", having="bend")
def test_a_bend_between_two_straights(case):
    drive = given(case, "acceleration")
    before = run_up_speed_mps(given(case, "straight_before"), acceleration_mps2=drive)
    bend = case["inputs"]["bend"]
    limit = cornering_speed_mps(value(bend["radius"]), friction=value(bend["friction"]))
    inside = min(before, limit)
    after = run_up_speed_mps(
        given(case, "straight_after"), acceleration_mps2=drive, entry_speed_mps=inside
    )
    assert bool(limit < before) is case["expected"]["bend_limited"]
    agrees(case, "speed_in_bend", inside)
    agrees(case, "impact_speed", after)
    agrees(case, "kinetic_energy", kinetic_energy_kj(given(case, "mass"), after))


@of_kind("energy", having="speed")
def test_energies(case):
    energy = kinetic_energy_kj(given(case, "mass"), given(case, "speed"))
    for name in case["expected"]:
        agrees(case, name, energy)


@of_kind("energy", having="speed_a")
def test_energy_ratios_of_two_speeds(case):
    one, other = kinetic_energy_kj(1.0, [given(case, "speed_a"), given(case, "speed_b")])
    agrees(case, "energy_ratio", one / other)


@of_kind("energy", having="speed_factor")
def test_energy_ratios_of_a_share_of_speed(case):
    whole, part = kinetic_energy_kj(1.0, [10.0, 10.0 * case["inputs"]["speed_factor"]["value"]])
    agrees(case, "energy_reduction_factor", whole / part)
