"""Published ratings and what they mean, each with its source in rating_cases.json."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from sbd.catalogue import Rating, parse_rating, print_rating
from sbd.catalogue.coverage import Demand, Evidence, covers
from sbd.catalogue.rating_standards import (
    AMERICAN_MASSES_KG,
    KG_PER_POUND,
    KMH_PER_MPH,
    Standard,
    penetration_class,
)

CASES = json.loads((Path(__file__).parent / "rating_cases.json").read_text("utf-8"))["cases"]
KINDS = {"code", "words", "designation", "penetration class", "nominal mass", "coverage"}
# Energies are rounded to 0.1 kJ, which is 0.2 % of the smallest.
ENERGY = {"rel": 0.002}


def asking(*kinds):
    chosen = [case for case in CASES if case["asks"] in kinds]
    return pytest.mark.parametrize("case", chosen, ids=lambda case: case["id"])


def test_every_case_is_of_a_kind_that_is_tried_and_names_its_source():
    assert {case["asks"] for case in CASES} == KINDS
    assert all(case["source"] for case in CASES)
    assert len({case["id"] for case in CASES}) == len(CASES)


@asking("code", "words")
def test_a_published_string_reads_as_published_and_says_nothing_more(case):
    rating = parse_rating(case["rating"], standard=case.get("standard"))
    expected = dict(case["expected"])
    assert rating.energy_kj == pytest.approx(expected.pop("energy_kj"), **ENERGY)
    assert rating.warnings == tuple(expected.pop("warnings", ()))
    silent = {field.name for field in fields(Rating)} - set(expected)
    silent -= {"standard", "edition", "development", "warnings"}
    assert {name: getattr(rating, name) for name in expected} == expected
    assert [name for name in silent if getattr(rating, name) is not None] == []


@asking("code", "words", "designation")
def test_a_published_string_survives_printing(case):
    rating = parse_rating(case["rating"], standard=case.get("standard"))
    assert parse_rating(print_rating(rating)) == rating


@asking("designation")
def test_a_designation_means_the_mass_and_speed_of_its_standard(case):
    rating = parse_rating(case["rating"])
    assert rating.mass_kg == case["expected"]["mass_lb"] * KG_PER_POUND
    assert rating.speed_kmh == case["expected"]["speed_mph"] * KMH_PER_MPH


@asking("penetration class")
def test_a_penetration_falls_into_its_class(case):
    found = penetration_class(case["penetration_m"], standard=Standard(case["standard"]))
    assert found == case["expected"]["penetration_class"]


@asking("nominal mass")
def test_a_vehicle_class_has_its_nominal_mass(case):
    mass_kg = AMERICAN_MASSES_KG[case["vehicle_class"]]
    assert mass_kg == pytest.approx(case["expected"]["mass_kg"], rel=case["relative"])
    assert mass_kg / KG_PER_POUND == pytest.approx(
        case["expected"]["mass_lb"], rel=case["relative"]
    )


@asking("coverage")
def test_a_rating_promises_no_more_than_was_tested(case):
    rating = None if case["rating"] is None else parse_rating(case["rating"])
    demand, expected = Demand(**case["demand"]), case["expected"]
    answer = covers(rating, demand)
    assert answer.within_energy is expected["threat_within_rated_energy"]
    assert (answer.run_out_m is not None) is expected["rated_penetration_may_be_promised"]
    assert answer.covered is (answer.evidence is not Evidence.NONE)
    assert answer.covered is answer.within_energy  # in these cases mass and speed go together
    if "energy_kj" in expected:
        assert demand.energy_kj == pytest.approx(expected["energy_kj"], rel=0.005)
