"""What stands beside the field in the benchmark does what it says, on drawn sites."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box

from sbd.approach.clearance import make_terrain
from sbd.approach.impact import impacts_at
from sbd.approach.perimeter import outline_points
from sbd.approach.solution import field_of, solve
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from tests.benchmarks import baselines
from tests.benchmarks.drawn_squares import drawn_square
from tests.benchmarks.planner_judge import Drive, cases
from tests.benchmarks.profile_judge import profile_by_toppra
from tests.benchmarks.queue_solver import solve_by_queue
from tests.drawn_ground import CRS, surface, vehicle

SETTINGS = FieldSettings(1.0, 32, 10.0)


@pytest.fixture(scope="module")
def leg():
    """A street of 60 m from the rim in the west to a zone of 20 x 20 m."""
    ground = shapely.union_all([box(0, -4, 60, 4), box(60, -10, 80, 10)])
    site = surface(
        ground,
        study=box(0, -15, 85, 15),
        entries=[LineString([(0, -4), (0, 4)])],
        zone=box(60, -10, 80, 10),
    )
    terrain = make_terrain(site, SETTINGS, widest_m=2.0)
    return site, solve(terrain, vehicle(), bound=Bound.NOMINAL), outline_points(site.zone, terrain)


@pytest.mark.parametrize("bound", list(Bound))
def test_the_queue_gives_the_field_bit_by_bit(bound):
    terrain = make_terrain(drawn_square(120.0), SETTINGS, widest_m=2.0)
    solution = solve(terrain, vehicle(), bound=bound)
    label, _ = solve_by_queue(solution)
    assert np.count_nonzero(label) > 10_000
    assert np.array_equal(label, solution.label)


def test_a_straight_ray_comes_in_over_the_rim_and_goes_no_faster_than_the_field(leg):
    site, solution, points = leg
    field = field_of(solution)
    theirs = baselines.by_straight_rays(field, site, solution.rules, points)
    ours = impacts_at(field, points.place_m, points.inwards).normal_speed_mps
    # sqrt(10^2 + 2 * 3 * 60) = 21.4 m/s at the mouth; where the ray is let through the first cells
    # beside a wall it may be as much further as the vehicle is wide.
    mouth = np.argmin(np.hypot(*(points.place_m - (60.0, 0.0)).T))
    assert theirs[mouth] == pytest.approx(21.4, rel=0.03)
    assert np.all(theirs <= ours + 0.8)


def test_centre_lines_are_driven_straight_on_and_not_round_corners(leg):
    site, solution, points = leg
    streets = gpd.GeoDataFrame(
        geometry=[LineString([(20, 30), (20, 0), (40, 3), (60, 3)])], crs=CRS
    )
    graph = baselines.street_graph(streets)
    rim = shapely.boundary(site.study_area)
    way, from_rim = baselines.longest_run_up_m(graph, ((40.0, 3.0), (60.0, 3.0)), rim)
    assert way == pytest.approx(20.0 + math.hypot(20, 3))  # up to the corner of 98 degrees
    assert not from_rim
    theirs = baselines.by_centre_lines(streets, site, field_of(solution), solution.rules, points)
    mouth = np.argmin(np.hypot(*(points.place_m - (60.0, 0.0)).T))
    assert theirs[mouth] == pytest.approx(math.sqrt(2 * 3 * 40.2), rel=0.01)


def test_toppra_gives_the_profile_of_a_bend_between_two_straights():
    pytest.importorskip("toppra", reason="toppra comes with the extra `bench`")
    at, speed = profile_by_toppra(
        [60.0, 20.0, 50.0], [40.0, 10.0, 40.0], start_mps=12.0, drive_mps2=3.0, brake_mps2=8.0
    )
    # 12 m/s, 3 m/s2 on and 8 m/s2 off down to 10 m/s at 60 m: 144 + 6 s = 100 + 16 (60 - s)
    fastest = 60 - (144 + 6 * 60 - 100) / 22
    assert at[np.argmax(speed[at <= 60])] == pytest.approx(fastest, abs=0.5)
    assert np.max(speed[at <= 60]) == pytest.approx(math.sqrt(144 + 6 * fastest), rel=0.005)
    assert speed[np.searchsorted(at, 70.0)] == pytest.approx(10.0, rel=0.001)
    assert speed[-1] == pytest.approx(math.sqrt(100 + 2 * 3 * 50), rel=0.001)


def test_the_planner_s_vehicle_obeys_the_same_limits():
    drive = Drive(cases()["corner, 6 m lanes"], vehicle())
    after = [0.0] * 4
    # 1 s at 3 m/s2 from 10 m/s along the street, wheel straight: 11.5 m on, 13 m/s
    drive.move([-5.0, 0.4, 0.0, 2.0], [3.0, 0.0], 1.0, after)
    assert after == pytest.approx([-3.85, 0.4, 0.0, 2.6])
    # full lock at 10 m/s: 0.8 g allow a radius of 12.7 m, not 3.5 m; a wall stands in the way
    drive.move([-5.0, 0.4, 0.0, 2.0], [0.0, 1.0], 1.0, after)
    assert after[2] == pytest.approx(10 / (100 / (0.8 * 9.81)))
    assert after[3] == -1.0
