"""What more protection and more access cost, on a drawn square."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from sbd.barriers import propose_layout
from sbd.barriers.demand import Strikes
from sbd.barriers.front import best_under_budget, cost_front
from sbd.errors import InfeasiblePlanError
from sbd.export.front import write_front
from sbd.model.request import PlanRequest
from sbd.pipeline import front_table
from tests.placed import CRS, place

BLOCKS = [box(0, 0, 70, 60), box(90, 0, 150, 60), box(0, 80, 60, 150), box(90, 80, 150, 150)]
# A door in the middle of the square, and one 28 m up the northern street.
DOORS = gpd.GeoDataFrame(
    {"demand_id": ["D1", "D2"], "name": ["hall", "flat"]},
    geometry=[Point(80, 70), Point(62, 108)],
    crs=CRS,
)
SURFACE = replace(
    place(box(0, 0, 150, 150), BLOCKS, box(72, 62, 88, 78)),
    demands=DOORS,
)


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


def access(point):
    return point.crossings, -point.enclosed_m2, -point.engine_distance_m


def test_no_point_is_as_good_as_another_in_all(points):
    merits = [(-p.cost, len(p.vehicles), *access(p)) for p in points]
    for one in merits:
        assert sum(all(a >= b for a, b in zip(other, one, strict=True)) for other in merits) == 1


def test_less_ground_enclosed_is_never_cheaper(points):
    plain = [p for p in points if p.request.engine_distance_m is None]
    for vehicles, crossings in {(p.vehicles, p.crossings) for p in plain}:
        costs = [
            p.cost
            for p in sorted(plain, key=lambda p: p.enclosed_m2)
            if (p.vehicles, p.crossings) == (vehicles, crossings)
        ]
        assert costs == sorted(costs, reverse=True)
    assert any(p.request.enclosed_max_m2 is not None for p in plain)


def test_a_truck_costs_no_less_to_stop_than_a_car(points):
    car_alone = cost_front(SURFACE, CarAndTruck((0,)), PlanRequest())
    for point in (p for p in points if len(p.vehicles) == 2):
        asked = point.request.openable, point.request.enclosed_max_m2
        for weaker in car_alone:
            if (weaker.request.openable, weaker.request.enclosed_max_m2) == asked:
                assert weaker.cost <= point.cost + 0.01


def test_a_point_meets_its_own_limits(points):
    for point in points:
        request = point.request
        assert point.bound <= point.cost
        assert point.crossings >= request.openable
        if request.enclosed_max_m2 is not None:
            assert point.enclosed_m2 <= request.enclosed_max_m2
        if request.engine_distance_m is not None:
            assert point.engine_distance_m <= request.engine_distance_m + 1e-6


def test_without_a_crossing_no_engine_gets_to_a_door_inside(points):
    # The hall lies in the zone, which every plan encloses.
    for point in points:
        assert np.isinf(point.engine_distance_m) == (point.crossings == 0)


def test_every_point_is_proven_and_the_levels_grow(points):
    assert all(point.proven for point in points)
    assert {point.vehicles for point in points} == {("M1",), ("M1", "N2A")}
    cheapest = {
        v: min(p.cost for p in points if p.vehicles == v) for v in {p.vehicles for p in points}
    }
    assert cheapest["M1",] < cheapest["M1", "N2A"]


def test_points_are_opened_as_plans_of_their_cost(points):
    both = [p for p in points if len(p.vehicles) == 2]
    limited = [p for p in both if p.request.enclosed_max_m2 is not None]
    near = [p for p in points if p.request.engine_distance_m is not None]
    for point in (both[0], limited[0], *near[:1]):
        which = range(len(point.vehicles))
        layout = propose_layout(SURFACE, CarAndTruck(tuple(which)), point.request)
        assert layout.cost_found == pytest.approx(point.cost)
        assert int(layout.barriers["openable"].sum()) == point.crossings


def test_a_budget_buys_the_strongest_it_can(points):
    dearest = max(point.cost for point in points)
    assert best_under_budget(points, dearest).vehicles == ("M1", "N2A")
    least = min(points, key=lambda p: p.cost)
    assert best_under_budget(points, least.cost) == least
    with pytest.raises(InfeasiblePlanError, match="too little"):
        best_under_budget(points, 1.0)


def test_of_equal_protection_a_budget_buys_more_access(points):
    strongest = [p for p in points if len(p.vehicles) == 2]
    best = best_under_budget(points, max(p.cost for p in strongest))
    assert access(best) == max(access(p) for p in strongest)


def test_a_front_without_points_has_nothing_for_any_budget():
    with pytest.raises(InfeasiblePlanError, match="no plan at any price"):
        best_under_budget((), 1e9)


def test_the_files_hold_every_point(points, tmp_path):
    rows, chart = write_front(front_table(points), tmp_path)
    read = pd.read_csv(rows)
    assert read["cost"].tolist() == [p.cost for p in points]
    assert read["point"].tolist() == list(range(1, len(points) + 1))
    assert chart.read_bytes().startswith(b"\x89PNG")
