"""The cut and the choice of crossings against every partition of small graphs."""

from itertools import combinations, product

import numpy as np
import pytest

from sbd.optimise.choice import TooFew, cheapest_with_gates
from sbd.optimise.cut import Blocked, minimum_cut
from sbd.optimise.network import FORBIDDEN
from tests.chord_graphs import random_graph


def partitions(graph):
    for rest in product([False, True], repeat=graph.node_count - 2):
        yield np.array([False, True, *rest])


def crossed(graph, inside):
    """Chord, price and gate price of each chord that a partition cuts."""
    forth = ~inside[graph.tail] & inside[graph.head]
    back = inside[graph.tail] & ~inside[graph.head]
    price = np.where(forth, graph.cost_forth, graph.cost_back)
    gate = np.where(forth, graph.gate_forth, graph.gate_back)
    cut = np.flatnonzero(forth | back)
    return cut, price[cut], gate[cut]


def cheapest_partition(graph):
    sums = [crossed(graph, inside)[1] for inside in partitions(graph)]
    return min(FORBIDDEN if (p >= FORBIDDEN).any() else int(p.sum()) for p in sums)


def leads_somewhere(graph, inside, chord):
    """Whether wide chords with nothing on them join the gate to the source and to the sink."""
    for side, terminal in ((False, 0), (True, 1)):
        reach = {terminal}
        for _ in range(graph.node_count):
            for k in range(len(graph.tail)):
                a, b = int(graph.tail[k]), int(graph.head[k])
                if graph.wide[k] and inside[a] == inside[b] == side and reach & {a, b}:
                    reach |= {a, b}
        ends = {int(graph.tail[chord]), int(graph.head[chord])}
        if not reach & ends:
            return False
    return True


def cheapest_with(graph, count):
    best = FORBIDDEN
    for inside in partitions(graph):
        cut, price, gate = crossed(graph, inside)
        useful = [
            n
            for n in range(len(cut))
            if gate[n] < FORBIDDEN and leads_somewhere(graph, inside, cut[n])
        ]
        for chosen in combinations(useful, count):
            total = price.copy()
            total[list(chosen)] = gate[list(chosen)]
            if (total < FORBIDDEN).all():
                best = min(best, int(total.sum()))
    return best


@pytest.mark.parametrize("seed", range(60))
def test_the_cut_is_the_cheapest_partition(seed):
    graph = random_graph(np.random.default_rng(seed))
    found, truth = minimum_cut(graph), cheapest_partition(graph)
    if truth >= FORBIDDEN:
        assert isinstance(found, Blocked)
    else:
        assert found.cost == found.bound == truth


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("seed", range(25))
def test_the_choice_is_the_cheapest_partition_with_gates_that_lead_somewhere(seed, count):
    # Sparse enough for chains, dense enough for junctions; gates far from each other.
    graph = random_graph(np.random.default_rng(1000 + seed), nodes=6, chords=10, gates=True)
    found = cheapest_with_gates(graph, gates=count, apart_m=25.0)
    truth = cheapest_with(graph, count)
    if cheapest_partition(graph) >= FORBIDDEN:
        assert isinstance(found, Blocked)
    elif truth >= FORBIDDEN:
        assert isinstance(found, TooFew)
        assert found.possible < count
    else:
        assert found.cost == truth
        assert found.openable.sum() == count
        assert found.bound <= truth
