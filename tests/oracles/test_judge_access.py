"""The judge's ways for people and engines against chains of obstacles and against a raster.

Between two walls people get along unless a chain of obstacles with every step below their width
joins the walls; no more of them leave than the cheapest chain is wide. Both need distances between
obstacles only. How far an engine drives, a raster of its own says.
"""

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from shapely import LineString, Point, box

from sbd.model.request import PlanRequest
from sbd.verify.access import delivery_checks, wheelchair_check
from sbd.verify.case import build_case
from sbd.verify.distance import STAND_M, distance_check, lane_start
from sbd.verify.exits import WIDE_M, bottleneck_m
from sbd.verify.passages import REACH_M, passage_checks
from sbd.verify.wishes import wishes_of
from tests.judged import BLOCKS, WALLS, layer, town, units, with_layers
from tests.oracles.test_judge_percolation import chain_crosses, random_post

WIDTH_M = 0.9
# Nearer to the limit than this either answer is right: 1 mm of slack, and rounding.
TOO_CLOSE_M = 1.6e-3
STREET = [box(0, 0, 60, 26), box(0, 34, 60, 60)]
LINE = LineString([(5, 30), (55, 30)])
# The corridor of the line: a disc of the width stays within 3 m of it.
OFF_M = REACH_M + WIDTH_M / 2
CORRIDOR = [box(0, 0, 60, 30 - OFF_M), box(0, 30 + OFF_M, 60, 60)]


def field(rng, count):
    """Posts in the middle of the street, every other pushed to the limit of its neighbour."""
    posts = [random_post(rng) for _ in range(count)]
    for k in range(1, count, 2):
        gap = shapely.distance(posts[k], posts[k - 1])
        if gap > 0:
            way = np.subtract(posts[k - 1].centroid.coords[0], posts[k].centroid.coords[0])
            step = way / np.hypot(*way) * (gap - WIDTH_M + 0.006 * rng.uniform(-1, 1))
            posts[k] = shapely.affinity.translate(posts[k], *step)
    inside = [post for post in posts if post.bounds[1] >= 26 and post.bounds[3] <= 34]
    return np.array(inside, dtype=object)


def compare(seed, layouts):
    """Return how often each of the three questions was answered with yes, and with no."""
    rng = np.random.default_rng(seed)
    delivery = {"who": ["waste"], "opens": ["06:00"], "closes": ["07:00"], "width_m": [1.5]}
    site = with_layers(
        town(),
        desire_lines=layer([LINE], kind=["foot"]),
        demands=layer([Point(95, 30)]),
        deliveries=layer([Point(80, 30)], **delivery),
    )
    wishes = wishes_of(PlanRequest())
    counted = {True: np.zeros(3, dtype=int), False: np.zeros(3, dtype=int)}
    for number in range(layouts):
        posts = field(rng, int(rng.integers(10, 60)))
        case = build_case(site, units(*posts), widest_m=3.5)
        answers = [
            passage_checks(case, wishes)[0][0].passes,
            wheelchair_check(case, WIDTH_M)[0].passes,
            delivery_checks(case, wishes)[0][0].passes,
        ]
        for k, (walls, width_m) in enumerate(
            ((CORRIDOR, WIDTH_M), (STREET, WIDTH_M), (STREET, 1.5))
        ):
            surely = not chain_crosses(walls, posts, width_m + TOO_CLOSE_M)
            never = chain_crosses(walls, posts, width_m - TOO_CLOSE_M)
            assert not (never and answers[k]), (seed, number, k)
            assert not (surely and not answers[k]), (seed, number, k)
            counted[bool(answers[k])][k] += 1
    return counted


def test_ways_of_people_and_deliveries_are_as_the_chains_say():
    counted = compare(seed=1, layouts=40)
    # Both answers occur to each question, or the comparison would say nothing.
    assert min(counted[True].min(), counted[False].min()) >= 3, counted


@pytest.mark.slow
def test_many_ways_of_people_and_deliveries_are_as_the_chains_say():
    compare(seed=2, layouts=500)


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_a_night_of_ways_is_as_the_chains_say(seed):
    compare(seed=seed, layouts=500)


def cheapest_chain_m(walls, posts):
    """Clear width of the cheapest chain from wall to wall; steps below 0.9 m let nobody through."""
    obstacles = np.array([*walls, *posts], dtype=object)
    step_m = shapely.distance(obstacles[:, None], obstacles[None, :])
    one, two = np.nonzero(step_m < WIDE_M)
    # A step that costs nothing still is one: dijkstra leaves zeros out.
    cost = np.where(step_m < WIDTH_M, 1e-9, step_m)[one, two]
    net = coo_matrix((cost, (one, two)), shape=step_m.shape).tocsr()
    return float(dijkstra(net, indices=0)[1])


def test_no_more_people_leave_than_the_cheapest_chain_lets_through():
    # From unit to unit a chain that zigzags is longer than straight across, by no more than the
    # two short sides of a right angle: a factor of sqrt(2).
    rng = np.random.default_rng(3)
    seen = 0
    for number in range(40):
        posts = field(rng, int(rng.integers(8, 40)))
        least_m = cheapest_chain_m(STREET, posts)
        found_m = bottleneck_m(build_case(town(), units(*posts), widest_m=1.2), WIDTH_M)
        if np.isinf(least_m):
            assert found_m > 8.0, number
            continue
        assert found_m >= least_m - 0.001 * len(posts) - 0.01, number
        assert found_m <= np.sqrt(2) * least_m + 0.01, number
        seen += least_m > 0
    assert seen >= 10


def raster_m(solids, start, door, half_m, cell_m=0.5):
    """Shortest way over cells with room around them, then straight to the door within 8 m."""
    x, y = np.meshgrid(np.arange(46, 95, cell_m), np.arange(5, 55.1, cell_m), indexing="ij")
    points = shapely.points(x, y)
    free = shapely.distance(points, shapely.union_all(solids)) >= half_m - 0.02
    number = np.arange(x.size).reshape(x.shape)
    one, two, far = [], [], []
    for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)):
        here = (slice(None, -dx or None), slice(max(-dy, 0), -dy if dy > 0 else None))
        there = (slice(dx, None), slice(max(dy, 0), None if dy >= 0 else dy))
        both = free[here] & free[there]
        one.append(number[here][both])
        two.append(number[there][both])
        far.append(np.full(both.sum(), cell_m * np.hypot(dx, dy)))
    net = coo_matrix(
        (np.concatenate(far), (np.concatenate(one), np.concatenate(two))), shape=(x.size, x.size)
    )
    first = int(np.argmin(np.where(free, np.hypot(x - start[0], y - start[1]), 1e9)))
    way_m = dijkstra(net.tocsr(), directed=False, indices=first).reshape(x.shape)
    walk_m = np.hypot(x - door[0], y - door[1])
    sight = shapely.linestrings(
        [[(a, b), (door[0] - 0.2, door[1])] for a, b in zip(x.ravel(), y.ravel(), strict=True)]
    )
    seen = ~shapely.intersects(shapely.union_all(solids), sight).reshape(x.shape)
    return float((way_m + walk_m)[(walk_m <= STAND_M - 0.5) & seen].min())


@pytest.mark.parametrize("seed", range(4))
def test_an_engine_drives_as_far_as_a_raster_says(seed):
    # Two halls at random in the square; the door is in the east wall.
    rng = np.random.default_rng(seed)
    halls = [
        box(x, y, x + rng.uniform(4, 8), y + rng.uniform(8, 25))
        for x, y in zip((64, 77), rng.uniform(10, 25, 2), strict=True)
    ]
    door = (95.0, float(rng.uniform(12, 48)))
    site = with_layers(town((*BLOCKS, *WALLS, *halls)), demands=layer([Point(door)]))
    lane = units(box(50, 26, 51, 28), box(50, 32, 51, 34), box(50, 29.9, 50.2, 30.1), openable=(2,))
    case = build_case(site, lane, widest_m=3.5)
    found, _ = distance_check(case, [lane_start(case, "L1", case.openable, 3.5)], 3.5, 500.0)
    found_m = float(found.note.split(", ")[1].split()[0])
    expected_m = raster_m([*BLOCKS, *WALLS, *halls], (50.1, 30.0), door, 1.75)
    # A raster of eight headings is up to 8.3 % too long.
    assert expected_m / 1.083 - 1.0 <= found_m <= expected_m + 0.5
