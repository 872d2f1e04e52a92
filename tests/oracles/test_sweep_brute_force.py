"""Many wishes of one kept model against every partition of small graphs."""

from dataclasses import replace

import numpy as np
import pytest

from sbd.optimise.choice import OutOfTime, Unmet
from sbd.optimise.cut import Blocked, minimum_cut
from sbd.optimise.network import FORBIDDEN, compressed
from sbd.optimise.sweep import Sweep
from sbd.optimise.wishes import Service, Wish
from tests.oracles import test_wishes_brute_force as wishes
from tests.oracles.test_wishes_brute_force import truth

LONG_S = 60.0


def drawn(seed):
    """A graph with its ground; what nobody reaches today has no area, as in a real place."""
    rng, graph, ground, exit_m = wishes.drawn(seed)
    reached = np.isin(np.arange(graph.node_count), list(wishes.outside_of(graph, set())))
    return rng, graph, replace(ground, area_m2=np.where(reached, ground.area_m2, 0.0)), exit_m


def compared(sweep, graph, wish, ground, exit_m):
    found = sweep.cheapest(
        gates=wish.gates, enclosed_max_m2=wish.enclosed_max_m2, time_limit_s=LONG_S
    )
    wanted = truth(graph, wish, ground, exit_m)
    if wanted >= FORBIDDEN:
        assert isinstance(found, Unmet)
        return np.inf
    assert found.cost == wanted
    assert found.proven
    assert found.bound <= wanted
    return float(wanted)


@pytest.mark.parametrize("seed", range(25))
def test_limits_and_crossings_in_any_order(seed):
    rng, graph, ground, exit_m = drawn(5000 + seed)
    if isinstance(minimum_cut(graph), Blocked):
        pytest.skip("a way that nothing closes")
    wish = Wish(ground=ground, enclosed_max_m2=100.0)
    sweep = Sweep(graph, compressed(graph), wish)
    limits = [np.inf, *rng.integers(5, 60, size=3).astype(float)]
    asked = [(gates, limit) for gates in (0, 1, 2) for limit in limits]
    cost = {}
    for gates, limit in (asked[n] for n in rng.permutation(len(asked))):
        # Six nodes of less than 30 m2: a million is no limit.
        one = replace(wish, gates=gates, enclosed_max_m2=min(limit, 1e6))
        cost[gates, limit] = compared(sweep, graph, one, ground, exit_m)
    for gates in (0, 1, 2):
        falling = [cost[gates, limit] for limit in sorted(limits)]
        assert falling == sorted(falling, reverse=True)


@pytest.mark.parametrize("seed", range(15))
def test_doors_and_limits_together(seed):
    rng, graph, ground, exit_m = drawn(6000 + seed)
    if isinstance(minimum_cut(graph), Blocked):
        pytest.skip("a way that nothing closes")
    services = tuple(
        Service(f"door {n}", n, rng.uniform(0, 100, 2), graph.wide, float(rng.uniform(30, 200)))
        for n in (1, 2)
    )
    wish = Wish(ground=ground, services=services, enclosed_max_m2=100.0)
    sweep = Sweep(graph, compressed(graph), wish)
    for limit in (1e6, float(rng.integers(10, 60))):
        compared(sweep, graph, replace(wish, enclosed_max_m2=limit), ground, exit_m)


def test_out_of_time_is_neither_a_plan_nor_a_proof_that_there_is_none():
    _, graph, ground, _ = drawn(5000)
    sweep = Sweep(graph, compressed(graph), Wish(ground=ground, enclosed_max_m2=100.0))
    assert isinstance(sweep.cheapest(gates=0, time_limit_s=-1.0), OutOfTime)
