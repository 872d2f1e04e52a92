"""Ratings of lines before the judge."""

import pytest
from shapely import LineString

from sbd.errors import LayerError
from sbd.model.verdict import Standing
from sbd.verify import judge_layout
from tests.judged import check, layer, one_gap, town

# 7200 kg at 48 km/h: 7200 * (48 / 3.6)^2 / 2 = 640 kJ
ASKED = {"vehicle": "N2A", "mass_kg": 7200.0, "speed_kmh": 48.0, "energy_kj": 640.0}


def lines(**changes):
    row = {
        "line_id": "L1",
        "layout": "permanent",
        "kind": "fixed_bollard",
        "product_id": "bollard-deep",
        **ASKED,
        "angle_deg": 90.0,
        "openable": False,
        "cost_low": 1.0,
        "cost_high": 2.0,
        "currency": "EUR",
        "cost_year": 2025,
        "source": "drawn",
        "standing": "assumed",
        "length_m": 8.0,
        "units": 2,
        "rated_vehicle": "N2A",
        "rated_mass_kg": 7200.0,
        "rated_speed_kmh": 48.0,
        "strength": "tested",
        "penetration_m": 1.0,
        **changes,
    }
    return layer([LineString([(50.5, 26), (50.5, 34)])], **{k: [v] for k, v in row.items()})


def judged(**changes):
    return judge_layout(town(), one_gap(1.0), barriers=lines(**changes))


def test_a_line_tested_with_what_strikes_it_is_strong_enough():
    assert check(judged(), "strength").holds


def test_a_short_line_fails_with_the_place_and_the_energy():
    verdict = judged(strength="short", rated_speed_kmh=32.0)  # 284 kJ
    assert verdict.standing is Standing.FAILS
    assert check(verdict, "strength").note == (
        "line L1 at x 50.5, y 30.0: 640 kJ arrive (N2A 7200 kg at 48 km/h), "
        "bollard-deep was tested to 284 kJ"
    )


def test_the_place_is_the_unit_that_takes_most_where_units_say_so():
    units = one_gap(1.0).assign(energy_kj=[500.0, 640.0])
    verdict = judge_layout(town(), units, barriers=lines(strength="short"))
    assert "at unit L1-02 (at x 50.5, y 32.2)" in check(verdict, "strength").note


@pytest.mark.parametrize(
    "changes",
    [
        {"rated_speed_kmh": 32.0},  # called tested, but with less energy
        {"rated_mass_kg": 3500.0, "rated_speed_kmh": 80.0},  # more energy, a lighter vehicle
        {"rated_mass_kg": 30000.0, "rated_speed_kmh": 32.0},  # more energy, a slower one
        {"strength": "by_energy", "rated_mass_kg": 3500.0},  # neither
    ],
)
def test_a_rating_is_not_taken_at_its_word(changes):
    assert not check(judged(**changes), "strength").holds


def test_strength_by_energy_alone_is_a_condition():
    verdict = judged(strength="by_energy", rated_mass_kg=3500.0, rated_speed_kmh=80.0)
    assert verdict.standing is Standing.CONDITIONAL
    assert any("ask the maker for a test" in text for text in verdict.conditions)


def test_without_ratings_the_verdict_says_that_strength_is_open():
    verdict = judge_layout(town(), one_gap(1.0))
    assert "strength" not in [found.name for found in verdict.checks]
    assert any(text.startswith("strength: no ratings") for text in verdict.conditions)


def test_lines_that_break_their_contract_are_refused():
    with pytest.raises(LayerError, match="barriers"):
        judge_layout(town(), one_gap(1.0), barriers=lines().drop(columns="strength"))
