"""Rules of access by country: every figure sourced, gaps from the strictest of those read."""

import pytest

from sbd.catalogue.access_rules import ENVELOPE, access_rules, load_access_rules
from sbd.errors import InputError
from sbd.model.access import LIMITS
from sbd.model.words import STANDINGS

# Wider than this lets a small car through: DfT/CPNI Traffic Advisory Leaflet 1/11.
SECURITY_GAP_M = 1.2
# A shorter way on foot and a slower crowd ask more of a plan; of all else more asks more.
LESS_IS_STRICTER = {"engine_distance_m", "exit_flow_per_m_min"}


def test_the_countries_of_the_profiles_are_there():
    assert set(load_access_rules()) == {"FR", "IT", "BE", "ES", "DE", "UK", "EU"}


@pytest.mark.parametrize("country", ["FR", "IT", "BE", "ES", "DE", "UK", "EU"])
def test_every_figure_has_a_source_and_a_standing(country):
    figures = access_rules(country).figures
    assert set(figures) == set(LIMITS)
    for figure in figures.values():
        assert figure.source
        assert figure.standing in STANDINGS


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_the_default_is_the_strictest_of_the_rules_that_were_read(name):
    strictest = min if name in LESS_IS_STRICTER else max
    read = [
        getattr(rules, name)
        for country, rules in load_access_rules().items()
        if country != "EU" and not rules.figures[name].source.startswith(ENVELOPE)
    ]
    assert getattr(access_rules("EU"), name) == strictest(read)


def test_what_was_not_read_takes_the_envelope_and_says_assumed():
    default = access_rules("EU")
    filled = 0
    for rules in load_access_rules().values():
        for name, figure in rules.figures.items():
            if figure.source.startswith(ENVELOPE):
                filled += 1
                assert figure.standing == "assumed"
                assert getattr(rules, name) == getattr(default, name)
    assert filled >= len(LIMITS) - 1


@pytest.mark.parametrize("name", ["clear_width_m", "desire_width_m", "cycle_width_m"])
def test_no_country_asks_for_a_gap_that_security_forbids(name):
    assert all(getattr(rules, name) <= SECURITY_GAP_M for rules in load_access_rules().values())


def test_bends_hold_the_way():
    for rules in load_access_rules().values():
        assert rules.outer_radius_m - rules.inner_radius_m >= rules.lane_width_m


def test_french_desire_lines_are_read_as_one_metre_twenty_and_say_why():
    rules = access_rules("fr")
    assert rules.desire_width_m == 1.2
    assert "1.40 m" in rules.figures["desire_width_m"].source
    assert rules.figures["desire_width_m"].standing == "second-hand"


def test_gb_is_the_uk():
    assert access_rules("gb") is access_rules(" UK ")


def test_an_unknown_country_is_told_which_there_are():
    with pytest.raises(InputError, match=r"'XX'.*FR, IT, BE, ES, DE, UK, EU"):
        access_rules("XX")
