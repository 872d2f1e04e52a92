"""Drawn streets that no product closes: the metre and the energy are named, and what would help."""

import numpy as np
import pytest
from shapely import box

from sbd.barriers import propose_layout
from sbd.barriers.demand import Strikes
from sbd.barriers.prepared import prepare
from sbd.barriers.too_weak import needs_last_resort, weakness_of
from sbd.errors import InfeasiblePlanError
from sbd.model.request import PlanRequest
from tests.placed import Everywhere, place, street_of

TEMPORARY = PlanRequest(openable=1, layout="temporary")


class TwoVehicles:
    """A truck of 7.2 t and a van of 3.5 t, each at its own speed everywhere."""

    names = ("N2A", "N1")
    masses_kg = np.array([7200.0, 3500.0])

    def __init__(self, truck_kmh, van_kmh):
        self.speeds = np.array([truck_kmh, van_kmh]) / 3.6

    def __call__(self, points_m, normals):
        return Strikes(np.tile(self.speeds, (len(points_m), 1)), np.full((len(points_m), 2), 90.0))


def refused(surface, demand, request=TEMPORARY):
    with pytest.raises(InfeasiblePlanError, match="strength") as caught:
        propose_layout(surface, demand, request)
    return caught.value


def test_the_metre_the_energy_and_the_strongest_product_are_named():
    error = refused(street_of(12.0), Everywhere(95.0))
    # 7200 kg at 95 km/h are 2 507 kJ; the strongest temporary product stops 7.5 t at 80 km/h.
    assert "2507 kJ arrive (N2A 7200 kg at 95 km/h)" in str(error)
    assert "was tested to 1852 kJ" in str(error)
    (found,) = error.relaxations
    assert (found.asked, found.possible, found.unit) == (2507, 1852, "kJ")


def test_the_metre_is_the_easiest_on_the_way_in():
    # 95 km/h everywhere but on 10 m of the street, where it is 90: 2 250 kJ.
    def speed(points, _):
        slow = (points[:, 0] > 30) & (points[:, 0] < 40)
        return np.where(slow, 90.0, 95.0)

    prepared = prepare(street_of(12.0), Everywhere(speed), TEMPORARY)
    found = weakness_of(prepared, prepared.graph)
    assert found.energy_kj == pytest.approx(2250.0)
    assert 30.0 < found.point_m[0] < 40.0


def test_of_two_ways_in_the_one_is_named_that_asks_for_more():
    # A zone between two streets: 90 km/h at best from the west, 95 from the east.
    def speed(points, _):
        return np.where(points[:, 0] < 70, 90.0, 95.0)

    walls = [box(0, 6, 140, 30), box(0, -30, 140, -6)]
    surface = place(box(0, -30, 140, 30), walls, box(50, -6, 90, 6))
    prepared = prepare(surface, Everywhere(speed), TEMPORARY)
    found = weakness_of(prepared, prepared.graph)
    assert found.energy_kj == pytest.approx(2507.0, abs=1.0)
    assert found.point_m[0] > 90.0


def test_what_would_help_is_said_only_where_it_does():
    # The van has 2 000 kJ at 122 km/h, 1 350 kJ at 100.
    words = str(refused(street_of(12.0), TwoVehicles(95.0, 100.0)))
    assert "plan against N1 alone" in words
    assert "a permanent layout, whose products were tested to 7407 kJ" in words
    assert "hold N2A to 82 km/h" in words
    fast = str(refused(street_of(12.0), TwoVehicles(200.0, 130.0)))
    assert "alone" not in fast
    assert "permanent layout, whose" not in fast  # 11 111 kJ


def test_a_place_with_one_strong_ring_needs_no_last_resort():
    def speed(points, _):
        return np.where(points[:, 0] < 20, 75.0, 95.0)

    prepared = prepare(street_of(12.0), Everywhere(speed), TEMPORARY)
    assert not needs_last_resort(prepared.graph)
    assert propose_layout(street_of(12.0), Everywhere(speed), TEMPORARY).units["openable"].any()
