"""A model that is kept answers every price as a new one does."""

from dataclasses import replace

import numpy as np
import pytest

from sbd.optimise.choice import Unmet, cheapest_selection
from sbd.optimise.cut import Selection
from sbd.optimise.kept import Kept
from sbd.optimise.network import compressed, repriced, without
from sbd.optimise.wishes import Wish
from tests.chord_graphs import EUR, random_graph


def cost_of(found):
    return found.cost if isinstance(found, Selection) else type(found)


def changed(graph, rng):
    """The graph with a chord shut, a crossing taken off, and a dearer and a cheaper chord."""
    size = len(graph.tail)
    one, other, up, down = (int(n) for n in rng.integers(0, size, 4))
    shut, gates = np.arange(size) == one, np.arange(size) == other
    graph = without(graph, shut, shut | gates)
    forth = graph.cost_forth.copy()
    forth[up] += 3 * EUR
    forth[down] //= 2
    return replace(graph, cost_forth=forth)


@pytest.mark.parametrize("gates", [1, 2])
@pytest.mark.parametrize("seed", range(12))
def test_every_price_is_answered_as_by_a_new_model(seed, gates):
    rng = np.random.default_rng(seed)
    # Chains of several chords: where a crossing stands changes as others are taken off.
    start = random_graph(rng, nodes=14, chords=26, gates=True)
    start = replace(start, middle_m=rng.uniform(0, 90, (len(start.tail), 2)))
    wish, kept, chains = Wish(gates=gates, apart_m=25.0), Kept(), compressed(start)
    graph = start
    for _ in range(6):
        now = repriced(graph, chains)
        again = cheapest_selection(graph, wish, chains=now, kept=kept)
        afresh = cheapest_selection(graph, wish, chains=now)
        assert cost_of(again) == cost_of(afresh)
        if isinstance(again, Selection):
            assert again.bound <= again.cost
            assert again.openable.sum() == gates
        graph = changed(graph, rng)
    # What was shut may be open again.
    last = cheapest_selection(start, wish, chains=chains, kept=kept)
    assert cost_of(last) == cost_of(cheapest_selection(start, wish, chains=chains))


def test_another_number_of_crossings_is_another_model():
    rng = np.random.default_rng(3)
    graph = random_graph(rng, nodes=10, chords=22, gates=True)
    graph = replace(graph, middle_m=rng.uniform(0, 500, (len(graph.tail), 2)))
    kept, chains = Kept(), compressed(graph)
    for gates in (1, 2, 9, 1):
        wish = Wish(gates=gates, apart_m=25.0)
        again = cheapest_selection(graph, wish, chains=chains, kept=kept)
        assert cost_of(again) == cost_of(cheapest_selection(graph, wish, chains=chains))
    assert cost_of(cheapest_selection(graph, Wish(gates=9), chains=chains, kept=kept)) is Unmet
