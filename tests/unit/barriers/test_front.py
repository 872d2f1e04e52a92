"""What more protection and more access cost, on a drawn square."""

import numpy as np
import pytest
from shapely import box

from sbd.barriers import propose_layout
from sbd.barriers.demand import Strikes
from sbd.barriers.front import best_under_budget, cost_front
from sbd.errors import InfeasiblePlanError
from sbd.model.request import PlanRequest
from tests.placed import place

BLOCKS = [box(0, 0, 70, 60), box(90, 0, 150, 60), box(0, 80, 60, 150), box(90, 80, 150, 150)]
SURFACE = place(box(0, 0, 150, 150), BLOCKS, box(72, 62, 88, 78))


class CarAndTruck:
    """A car of 1.5 t at 40 km/h and a truck of 7.2 t at 45 km/h, anywhere."""

    names = ("M1", "N2A")
    masses_kg = np.array([1500.0, 7200.0])

    def __init__(self, which=(0, 1)):
        self.names = tuple(self.names[k] for k in which)
        self.masses_kg = self.masses_kg[list(which)]
        self.speed_mps = np.array([40.0, 45.0])[list(which)] / 3.6

    def __call__(self, points_m, normals):
        speed = np.tile(self.speed_mps, (len(points_m), 1))
        return Strikes(speed, np.full(speed.shape, 90.0))


@pytest.fixture(scope="module")
def points():
    return cost_front(SURFACE, CarAndTruck(), PlanRequest())


def test_no_point_is_as_good_as_another_in_all(points):
    merits = [(-p.cost, len(p.vehicles), p.crossings, -p.enclosed_m2) for p in points]
    for one in merits:
        assert sum(all(a >= b for a, b in zip(other, one, strict=True)) for other in merits) == 1


def test_every_point_is_proven_and_the_levels_grow(points):
    assert all(point.proven for point in points)
    assert {point.vehicles for point in points} == {("M1",), ("M1", "N2A")}
    cheapest = {
        v: min(p.cost for p in points if p.vehicles == v) for v in {p.vehicles for p in points}
    }
    assert cheapest["M1",] < cheapest["M1", "N2A"]


def test_a_point_is_opened_as_a_plan_of_its_cost(points):
    point = max(points, key=lambda p: (len(p.vehicles), -p.cost))
    layout = propose_layout(SURFACE, CarAndTruck(), point.request)
    assert layout.cost_found == pytest.approx(point.cost)


def test_a_budget_buys_the_strongest_it_can(points):
    dearest = max(point.cost for point in points)
    assert best_under_budget(points, dearest).vehicles == ("M1", "N2A")
    least = min(points, key=lambda p: p.cost)
    assert best_under_budget(points, least.cost) == least
    with pytest.raises(InfeasiblePlanError, match="too little"):
        best_under_budget(points, 1.0)
