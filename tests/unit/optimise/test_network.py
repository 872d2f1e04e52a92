"""Compression keeps what a cut can use and nothing else."""

import numpy as np

from sbd.optimise.network import FORBIDDEN, NONE, compressed, useful_chords
from tests.chord_graphs import EUR, NEVER, graph


def test_a_run_becomes_one_chain_at_its_cheapest_chord_each_way():
    chains = compressed(
        graph(
            4,
            [
                {"tail": 0, "head": 2, "forth": 9, "back": 4},
                {"tail": 3, "head": 2, "forth": 7, "back": 5},  # written against the way
                {"tail": 3, "head": 1, "forth": 6, "back": 8},
            ],
        )
    )
    assert len(chains.tail) == 1
    # Way 0-2-3-1: forth 9, 5, 6; back 4, 7, 8.
    assert (chains.cost_forth[0], chains.chord_forth[0]) == (5 * EUR, 1)
    assert (chains.cost_back[0], chains.chord_back[0]) == (4 * EUR, 0)
    assert chains.members[0].tolist() == [0, 1, 2]


def test_dead_ends_are_dropped_to_their_root():
    useful = useful_chords(
        np.array([0, 2, 2, 3]),
        np.array([2, 1, 3, 4]),
        np.array([True, False, False, False, False]),
        np.array([False, True, False, False, False]),
    )
    assert useful.tolist() == [True, True, False, False]


def test_chords_inside_the_source_are_dropped():
    chains = compressed(graph(4, [(0, 2, 1), (0, 3, 5), (2, 3, 1), (3, 1, 9)], source=(0, 2)))
    assert sorted(np.concatenate(chains.members).tolist()) == [1, 2, 3]


def test_a_chain_that_comes_back_separates_nothing():
    # 2 - 3 - 4 - 2 hangs at node 2.
    chains = compressed(graph(5, [(0, 2, 3), (2, 1, 4), (2, 3, 1), (3, 4, 1), (4, 2, 1)]))
    assert sorted(np.concatenate(chains.members).tolist()) == [0, 1]


def test_a_gate_needs_a_chain_that_is_wide_all_along():
    wide = {"tail": 0, "head": 2, "forth": 9, "gate": 12}
    narrow = {"tail": 2, "head": 1, "forth": 9, "wide": False}
    assert compressed(graph(3, [wide, narrow])).gate_chord_forth.tolist() == [NONE]
    opened = compressed(graph(3, [wide, narrow | {"wide": True}]))
    assert opened.gate_chord_forth.tolist() == [0]


def test_a_chain_that_can_not_be_closed_says_so():
    chains = compressed(graph(2, [(0, 1, NEVER)]))
    assert chains.cost_forth.tolist() == [FORBIDDEN]
    assert chains.chord_forth.tolist() == [NONE]


def test_no_way_at_all_gives_no_chain():
    assert len(compressed(graph(4, [(0, 2, 3), (1, 3, 3)])).tail) == 0
