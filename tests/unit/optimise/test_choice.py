"""Openable crossings are chosen with the cut, and only where they lead somewhere."""

import pytest

from sbd.optimise.choice import TooFew, cheapest_with_gates
from sbd.optimise.cut import Blocked, minimum_cut
from tests.chord_graphs import EUR, NEVER, graph

APART = {"apart_m": 25.0}


def chord(tail, head, cost, **more):
    return {"tail": tail, "head": head, "forth": cost, "wide": True, **more}


def test_no_gate_asked_for_is_the_minimum_cut():
    drawn = graph(3, [chord(0, 2, 5, gate=1), chord(2, 1, 4)])
    assert cheapest_with_gates(drawn, gates=0, **APART).cost == minimum_cut(drawn).cost == 4 * EUR


def test_a_forced_gate_moves_the_cut_to_where_one_fits():
    # Closing at 2-1 is cheaper, but only 0-2 has room for a lane.
    drawn = graph(3, [chord(0, 2, 10, gate=15), chord(2, 1, 4)])
    found = cheapest_with_gates(drawn, gates=1, **APART)
    assert (found.chords.tolist(), found.openable.tolist()) == ([0], [True])
    assert (found.cost, found.bound) == (15 * EUR, 15 * EUR)


def test_not_more_gates_than_asked_for_even_if_they_are_cheaper():
    far = [chord(0, 1, 10, gate=2, at=(x, 0.0)) for x in (0.0, 100.0, 200.0)]
    found = cheapest_with_gates(graph(2, far), gates=1, **APART)
    assert (found.openable.sum(), found.cost) == (1, (2 + 10 + 10) * EUR)


def test_a_gate_onto_a_sealed_pocket_does_not_count():
    """Node 2 is a courtyard: its only wide way is the gate itself, towards the zone.

    0 --(5, narrow)-- 2 --(gate 6, plain 9)-- 1 and 0 --(8, gate 30)-- 1: the cheap gate at 2-1
    would be closed off by nothing but reached by no engine, as 0-2 is narrow.
    """
    drawn = graph(
        4,
        [
            chord(0, 2, 20, wide=False),
            chord(2, 1, 9, gate=6),
            chord(2, 3, 1),  # two chains through a junction, so that 2 stays one
            chord(3, 1, 9, wide=False),
            chord(0, 1, 8, gate=30, at=(500.0, 0.0)),
            chord(0, 3, 20, wide=False),
        ],
    )
    found = cheapest_with_gates(drawn, gates=1, **APART)
    assert found.chords[found.openable].tolist() == [4]


def test_two_gates_in_one_mouth_count_once():
    mouth = [chord(0, 1, 5, gate=6, at=(0.0, y)) for y in (0.0, 12.0)]
    far = chord(0, 1, 5, gate=40, at=(300.0, 0.0))
    found = cheapest_with_gates(graph(2, [*mouth, far]), gates=2, **APART)
    assert found.openable[2]
    assert found.cost == (6 + 5 + 40) * EUR


@pytest.mark.parametrize(("wanted", "possible"), [(3, 2), (9, 2)])
def test_too_many_gates_are_answered_with_how_many_there_can_be(wanted, possible):
    far = [chord(0, 1, 10, gate=12, at=(x, 0.0)) for x in (0.0, 100.0)]
    assert cheapest_with_gates(graph(2, far), gates=wanted, **APART) == TooFew(possible)


def test_no_lane_anywhere_is_none_possible():
    assert cheapest_with_gates(graph(2, [(0, 1, 3)]), gates=1, **APART) == TooFew(0)


def test_what_can_not_be_closed_stays_blocked_with_gates():
    drawn = graph(2, [chord(0, 1, NEVER, gate=5)])
    assert isinstance(cheapest_with_gates(drawn, gates=1, **APART), Blocked)
