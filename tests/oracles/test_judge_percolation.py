"""The judge against chains of obstacles: a field is shut exactly where a chain crosses it.

Between two walls a disc gets from left to right unless some chain of obstacles joins the walls
with every step below the disc's diameter. That needs distances between obstacles only: no outline
is cut, nothing is eroded, no face is formed.
"""

import numpy as np
import pytest
import shapely
from shapely import Point, affinity, box

from sbd.verify.breach import find_breach
from sbd.verify.case import build_case
from tests.judged import town, units

WIDTH_M = 1.2
# Nearer to the limit the judge may call a gap shut (0.4 mm) or undecided (0.1 mm more).
TOO_CLOSE_M = 5e-4


def chain_crosses(walls, posts, width_m):
    obstacles = np.array([*walls, *posts], dtype=object)
    near = shapely.distance(obstacles[:, None], obstacles[None, :]) < width_m
    reached = np.zeros(len(obstacles), dtype=bool)
    reached[0] = True
    for _ in obstacles:
        reached = near[reached].any(axis=0)
    return bool(reached[1])


def nearest_to_limit(walls, posts):
    obstacles = np.array([*walls, *posts], dtype=object)
    distance = shapely.distance(obstacles[:, None], obstacles[None, :])
    return np.abs(distance - WIDTH_M).min()


def random_post(rng):
    shape = [
        box(-0.1, -0.1, 0.1, 0.1),
        box(-0.6, -0.2, 0.6, 0.2),
        Point(0, 0).buffer(rng.uniform(0.1, 0.3), quad_segs=int(rng.integers(2, 9))),
    ][rng.integers(3)]
    turned = affinity.rotate(shape, rng.uniform(0, 360))
    return affinity.translate(turned, rng.uniform(15, 40), rng.uniform(26, 34))


def field(rng, count):
    """A street of 8 m with posts strewn about, most of them near others at the limit width."""
    posts = [random_post(rng) for _ in range(count)]
    for k in range(1, count, 2):
        # Every other post is pushed to a distance of 1.2 m, give or take 5 mm, from its neighbour.
        gap = shapely.distance(posts[k], posts[k - 1])
        if gap > 0:
            way = np.subtract(posts[k - 1].centroid.coords[0], posts[k].centroid.coords[0])
            step = way / np.hypot(*way) * (gap - WIDTH_M + rng.uniform(-0.005, 0.005))
            posts[k] = affinity.translate(posts[k], *step)
    return [post for post in posts if post.bounds[1] >= 26 and post.bounds[3] <= 34]


def compare(seed, rounds):
    rng = np.random.default_rng(seed)
    site = town()
    case = build_case(site, units(), widest_m=WIDTH_M)
    walls = [box(0, 0, 60, 26), box(0, 34, 60, 60)]
    opened = 0
    for number in range(rounds):
        posts = np.array(field(rng, int(rng.integers(5, 45))), dtype=object)
        if nearest_to_limit(walls, posts) < TOO_CLOSE_M:
            continue
        gets_in = find_breach(case.arena, posts, WIDTH_M).passes
        assert gets_in is (not chain_crosses(walls, posts, WIDTH_M)), (seed, number)
        opened += gets_in
    return opened


def test_random_fields_are_judged_as_the_chains_say():
    # Both answers occur, or the comparison would say nothing.
    assert 15 <= compare(seed=1, rounds=80) <= 65


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 7))
def test_many_random_fields_are_judged_as_the_chains_say(seed):
    assert compare(seed=seed, rounds=400) > 40


def test_the_oracle_knows_an_easy_field():
    walls = [box(0, 0, 60, 26), box(0, 34, 60, 60)]
    assert not chain_crosses(walls, [], WIDTH_M)
    wall = box(30, 26, 31, 34)
    assert chain_crosses(walls, [wall], WIDTH_M)
