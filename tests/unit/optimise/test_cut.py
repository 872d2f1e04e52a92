"""The cheapest cut, and what is said where there is none."""

from sbd.optimise.cut import Blocked, minimum_cut, reached
from tests.chord_graphs import EUR, NEVER, graph


def test_the_cut_takes_the_waist():
    # Two ways in (5 + 5), one waist of 7, two ways on (6 + 6).
    found = minimum_cut(graph(4, [(0, 2, 5), (0, 2, 5), (2, 3, 7), (3, 1, 6), (3, 1, 6)]))
    assert (found.chords.tolist(), found.cost, found.bound) == ([2], 7 * EUR, 7 * EUR)
    assert found.inside.tolist() == [False, True, False, True]


def test_the_price_is_that_of_the_attacked_side():
    chord = {"tail": 1, "head": 0, "forth": 3, "back": 8}
    found = minimum_cut(graph(2, [chord]))
    # Vehicles are at the head, so the way back counts.
    assert (found.cost, found.forth.tolist()) == (8 * EUR, [False])


def test_a_zone_out_of_reach_needs_nothing():
    found = minimum_cut(graph(4, [(0, 2, 5), (3, 1, 5)]))
    assert (found.chords.tolist(), found.cost) == ([], 0)


def test_a_way_that_can_not_be_closed_is_named():
    way = [(0, 2, NEVER), (2, 3, NEVER), (3, 1, NEVER)]
    found = minimum_cut(graph(5, [*way, (2, 1, 4), (2, 4, 1), (3, 4, 1)]))
    assert isinstance(found, Blocked)
    assert found.chords.tolist() == [0, 1, 2]


def test_source_and_sink_in_one_triangle_are_blocked_by_nothing():
    found = minimum_cut(graph(3, [(0, 2, 5), (2, 1, 5)], source=(0, 1)))
    assert isinstance(found, Blocked)
    assert len(found.chords) == 0


def test_pockets_that_lead_nowhere_stay_outside():
    # Node 3 hangs between two dear chords; leaving it outside costs nothing.
    found = minimum_cut(graph(4, [(0, 2, 9), (2, 1, 3), (2, 3, 2), (3, 0, 2)]))
    assert found.chords.tolist() == [1]
    assert found.inside.tolist() == [False, True, False, False]


def test_reached_goes_round_closed_chords():
    drawn = graph(4, [(0, 2, 1), (2, 3, 1), (0, 3, 1), (3, 1, 1)])
    assert reached(drawn, drawn.tail[:0]).tolist() == [True, True, True, True]
    assert reached(drawn, drawn.tail[[3]] * 0 + 3).tolist() == [True, False, True, True]
