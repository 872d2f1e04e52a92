"""The ground of the zone that run-out takes, and what the tests leave open."""

from dataclasses import replace

import numpy as np
import pytest
from shapely import box

from sbd.barriers import propose_layout
from sbd.barriers.cost import offer
from sbd.barriers.fitting import FittedLine, fit_line
from sbd.barriers.lines import Line
from sbd.barriers.proof import proof_needed
from sbd.barriers.runout import strip_behind
from sbd.barriers.runs import terrain
from sbd.catalogue.products import load_products
from sbd.model.request import PlanRequest
from tests.placed import Everywhere, street_of

PRODUCTS = {p.product_id: p for p in load_products()}
BOLLARD = replace(
    PRODUCTS["bollard-shallow-n2a-48"],
    penetration_low_m=9.0,
    penetration_high_m=11.0,
    debris_m=1.0,
    tests=7,
)


def across(x_m, *, product=BOLLARD, speed_kmh=48.0, side=1.0):
    """A line of one product across a street of 12 m, vehicles coming from the west."""
    line = Line(
        vertices=np.array([(x_m, -6.0), (x_m, 6.0)])[:: int(side)],
        members=(np.array([0]),),
        openable=np.array([False]),
        street_m=np.array([np.inf]),
        closed=False,
    )
    offered = offer([product], layout="permanent", gap_min_m=0.9, gap_max_m=1.2)
    found = fit_line(line, Everywhere(speed_kmh), offered, terrain(street_of(12.0)))
    assert isinstance(found, FittedLine)
    return found


def test_the_strip_is_the_ground_within_penetration_and_debris_of_the_units():
    strip = strip_behind(across(50.0), box(60, -6, 78, 6))
    assert strip.run_out_m == 12.0
    # From x = 60 to 12 m behind the line at 50: 2 m deep and 12 m wide, and behind each unit the
    # half of its 0.27 m more.
    assert 12 * 2.0 < strip.ground.area < 12 * 2.15
    assert strip.ground.bounds[2] == pytest.approx(62.135, abs=0.02)


def test_a_line_that_stands_off_takes_nothing():
    assert strip_behind(across(47.0), box(60, -6, 78, 6)).ground.is_empty


@pytest.mark.parametrize(("speed_kmh", "unknown"), [(48.0, False), (40.0, True)])
def test_a_harder_test_stops_but_does_not_say_how_far_the_vehicle_comes(speed_kmh, unknown):
    line = across(50.0, speed_kmh=speed_kmh)
    strip = strip_behind(line, box(60, -6, 78, 6))
    assert strip.unknown == unknown
    assert strip.evidence.startswith("bollard-shallow-n2a-48: 12 m in 7 published tests")
    assert ("only a harder impact was tested" in strip.evidence) == unknown
    assert ("only a harder impact was tested" in proof_needed(line.units)) == unknown
    assert strip.run_out_m == 12.0  # the highest figure all the same: nothing smaller is known


def test_a_plan_measures_its_strips_line_by_line():
    found = propose_layout(street_of(12.0), Everywhere(48.0), PlanRequest(), products=[BOLLARD])
    row = found.barriers.iloc[0]
    assert (row["run_out_m"], row["strength"], row["strip_unknown"]) == (12.0, "tested", False)
    lost = found.run_out.set_index("line_id")["strip_lost_m2"]
    assert row["strip_lost_m2"] == lost.get(row["line_id"], 0.0)
