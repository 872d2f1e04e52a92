"""Wishes that can't be met together, against every subset of the wishes, on small graphs."""

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from sbd.barriers.relax import named_wishes, refuse_wishes
from sbd.catalogue.access_rules import access_rules
from sbd.model.request import PlanRequest
from sbd.optimise.choice import cheapest_selection
from sbd.optimise.cut import Selection
from sbd.optimise.network import FORBIDDEN, without
from sbd.optimise.wishes import Service, Way, Wish
from tests.oracles.test_wishes_brute_force import CHORDS, drawn, truth

REQUEST = PlanRequest(access=access_rules("EU"), people=100)


def wishes(rng, graph, ground, exit_m):
    """Every kind of wish at once, each rather hard to meet."""
    services = tuple(
        Service(f"door {n}", n, rng.uniform(0, 100, 2), graph.wide, float(rng.uniform(20, 80)))
        for n in (2, 3)
    )
    ways = []
    for name in ("D1", "D2"):
        chord = np.sort(rng.choice(CHORDS, size=4, replace=False))
        clear_m, gate_m = rng.integers(80, 130, size=(2, 4)) / 100
        ways.append(Way(name, 1.2, chord, clear_m, gate_m))
    return Wish(
        gates=int(rng.integers(0, 2)),
        ground=ground,
        services=services,
        exit_m=exit_m,
        exit_need_m=float(rng.integers(4, 16)),
        exits=float(rng.integers(0, 3)),
        exit_count=(exit_m >= 3.0).astype(float),
        enclosed_max_m2=float(rng.integers(15, 60)),
        ways=tuple(ways),
    )


def shut_for_people(wish):
    """Which chords can't be closed, and can't carry a crossing, by plain loops."""
    closed, gates = np.zeros(CHORDS, dtype=bool), np.zeros(CHORDS, dtype=bool)
    for way in wish.ways:
        for k, clear_m, gate_m in zip(way.chord, way.clear_m, way.gate_m, strict=True):
            closed[k] |= clear_m < way.width_m - 1e-9
            gates[k] |= gate_m < way.width_m - 1e-9
    return closed, gates


def only(wish, named, names):
    """The wish with nothing but some of its parts."""
    for name, item in named.items():
        if name not in names:
            wish = item.without(wish)
    return wish


def a_hair_less(item):
    """The figure next to what is told to be possible, which must not be."""
    if item.wish.startswith("clear width"):
        return item.possible + 0.01
    if not item.unit:
        return item.possible + 1
    return item.possible - max(0.02 * item.asked, 0.02)


@pytest.mark.parametrize("seed", range(16))
def test_the_set_is_irreducible_and_every_relaxation_the_smallest(seed):
    rng, graph, ground, exit_m = drawn(7000 + seed)
    wish = wishes(rng, graph, ground, exit_m)
    named = named_wishes(REQUEST, wish)

    def truly(asked):
        rest = without(graph, *shut_for_people(asked))
        return truth(rest, replace(asked, ways=()), ground, exit_m) < FORBIDDEN

    def possible(asked, *, drawn):
        return isinstance(cheapest_selection(graph, asked), Selection)

    if not truly(only(wish, named, ())) or truly(wish):
        assert possible(wish, drawn=False) == truly(wish)
        return
    error = refuse_wishes(REQUEST, wish, possible)
    kept = [item.wish for item in error.relaxations]
    hard = only(wish, named, kept)
    assert not truly(hard)
    assert all(truly(only(wish, named, fewer)) for fewer in combinations(kept, len(kept) - 1))
    for item in error.relaxations:
        ask = named[item.wish].relaxed
        if math.isnan(item.possible):
            # Only to give it up helps: not even a centimetre is possible, nor a thousandth of it.
            least = 0.01 if item.wish.startswith("clear width") else 1000 * item.asked
            assert ask is None or not truly(ask(hard, least))
            continue
        assert truly(ask(hard, item.possible))
        assert not truly(ask(hard, a_hair_less(item)))
