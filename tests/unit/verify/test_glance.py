"""What a moment tells of a layout agrees with the judge, and leaves open what it does not know."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from sbd.model.request import Hand, PlanRequest
from sbd.verify import judge_layout
from sbd.verify.glance import Bench
from tests.judged import one_gap, town, units

SITE = town()
BENCH = Bench.of(SITE, PlanRequest(openable=1), ())


def shifted(footprints, north_m):
    return footprints.set_geometry(footprints.translate(0.0, north_m))


def told(footprints, bench=BENCH, **options):
    return {check.name: check for check in bench.glance(footprints, **options).checks}


@pytest.mark.parametrize(("gap_m", "gets_in"), [(1.1, False), (1.3, True)])
def test_a_gap_that_is_surely_shut_or_open_is_told(gap_m, gets_in):
    assert told(one_gap(gap_m))["threat"].passes is gets_in


def test_a_gap_of_the_very_width_is_left_to_the_judge():
    found = BENCH.glance(one_gap(1.2))
    threat = next(check for check in found.checks if check.name == "threat")
    assert threat.passes is not True
    assert not threat.holds or threat.passes is False


def test_without_units_the_threat_gets_in_and_says_where():
    found = BENCH.glance(units())
    assert found.fails
    assert "a way in to the zone at x" in told(units())["threat"].note


def test_a_glance_never_says_that_a_plan_holds():
    found = BENCH.glance(one_gap(1.0))
    assert not found.fails
    assert {"sabotage", "swept", "strength", "openable"} <= set(found.undecided)
    assert not hasattr(found, "holds")


def test_a_gap_too_narrow_for_a_wheelchair_is_told():
    # One gap of 0.7 m: the street is the only way.
    assert told(one_gap(0.7))["wheelchair"].passes is False
    assert told(one_gap(1.1))["wheelchair"].passes is True


def test_a_unit_in_a_building_is_told():
    inside = shifted(one_gap(1.0), 12.0)
    assert told(inside)["standing"].passes is False


def test_a_unit_on_forbidden_ground_is_told():
    hand = Hand(forbidden=box(0, 0, 100, 60))
    assert told(one_gap(1.0), hand=hand)["hand"].passes is False


@settings(max_examples=25, deadline=None)
@given(gap_m=st.floats(0.6, 1.6), along_m=st.floats(-20.0, 3.0))
def test_what_is_told_is_what_the_judge_says(gap_m, along_m):
    footprints = shifted(one_gap(gap_m, x=50.0 + along_m), 0.0)
    judged = {
        check.name: check
        for check in judge_layout(SITE, footprints, request=PlanRequest(openable=1)).checks
    }
    for name, check in told(footprints).items():
        if check.passes is not None and name in judged:
            assert check.passes is judged[name].passes, (name, check.note, judged[name].note)


def test_the_same_layout_gives_the_same_glance():
    one, other = (BENCH.glance(one_gap(1.0)) for _ in range(2))
    assert [c.passes for c in one.checks] == [c.passes for c in other.checks]
    assert np.array_equal(one.undecided, other.undecided)
