"""Wishes beside closing the place against every partition of small graphs, with plain loops."""

from itertools import combinations, product

import numpy as np
import pytest

from sbd.optimise.choice import Unmet, cheapest_selection
from sbd.optimise.cut import Blocked
from sbd.optimise.network import FORBIDDEN
from sbd.optimise.wishes import Ground, Service, Wish
from tests.chord_graphs import random_graph

NODES, CHORDS = 6, 9


def drawn(seed):
    """A random graph on a plane, every chord of which is ground, and doors in three nodes."""
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, nodes=NODES, chords=CHORDS, gates=True)
    middle_m = rng.uniform(0, 100, size=(CHORDS, 2))
    graph = type(graph)(**{**_fields(graph), "middle_m": middle_m})
    ground = Ground(
        tail=graph.tail,
        head=graph.head,
        middle_m=middle_m,
        number=np.arange(CHORDS),
        area_m2=rng.integers(1, 30, size=NODES).astype(float),
    )
    exit_m = rng.integers(0, 8, size=CHORDS).astype(float)
    return rng, graph, ground, exit_m


def _fields(graph):
    return {name: getattr(graph, name) for name in graph.__slots__}


def outside_of(graph, closed):
    """Nodes reached from the source; the source is node 0."""
    reach = {0}
    for _ in range(NODES):
        for k in range(CHORDS):
            ends = {int(graph.tail[k]), int(graph.head[k])}
            if k not in closed and reach & ends:
                reach |= ends
    return reach


def way_m(graph, ground, wide, service, nodes):
    """Length of the shortest way from each chord to a place over wide chords, by relaxation."""
    best = np.full(CHORDS, np.inf)
    for k in range(CHORDS):
        ends = {int(graph.tail[k]), int(graph.head[k])}
        if wide[k] and service.node in ends and service.node in nodes:
            best[k] = np.hypot(*(ground.middle_m[k] - service.point_m))
    for _ in range(CHORDS):
        for a, b in product(range(CHORDS), repeat=2):
            shared = {int(graph.tail[a]), int(graph.head[a])} & {
                int(graph.tail[b]),
                int(graph.head[b]),
            }
            if a != b and wide[a] and wide[b] and shared & nodes:
                step = np.hypot(*(ground.middle_m[a] - ground.middle_m[b]))
                best[a] = min(best[a], best[b] + step)
    return best


def leads_on(graph, outside, chord, closed):
    """Whether wide open chords join the gate to the source outside and to the sink inside."""
    for side, terminal in ((outside, 0), (set(range(NODES)) - outside, 1)):
        reach = {terminal}
        for _ in range(NODES):
            for k in range(CHORDS):
                ends = {int(graph.tail[k]), int(graph.head[k])}
                if k not in closed and graph.wide[k] and ends <= side and reach & ends:
                    reach |= ends
        if not reach & {int(graph.tail[chord]), int(graph.head[chord])}:
            return False
    return True


def truth(graph, wish, ground, exit_m):
    """Cheapest plan over every set of nodes that may be inside, and every choice of crossings."""
    best = FORBIDDEN
    never = outside_of(graph, set())
    at_source = (graph.tail == 0) | (graph.head == 0)
    everywhere = set(range(NODES))
    asked = [
        s
        for s in wish.services
        if np.isfinite(way_m(graph, ground, s.wide, s, everywhere)[at_source]).any()
    ]
    for rest in product([False, True], repeat=NODES - 2):
        wanted = {1, *(n + 2 for n, inside in enumerate(rest) if inside)}
        closed = [
            k for k in range(CHORDS) if (graph.tail[k] in wanted) != (graph.head[k] in wanted)
        ]
        outside = outside_of(graph, set(closed))
        if outside != set(range(NODES)) - wanted:
            continue  # some of it is out of reach: that counts as inside
        if sum(ground.area_m2[n] for n in never & wanted) > wish.enclosed_max_m2 + 1e-9:
            continue
        if not lets_out(graph, wish, exit_m, closed, wanted):
            continue
        forth = [int(graph.tail[k]) in outside for k in closed]
        price, gate = (
            [int(ahead[k] if f else behind[k]) for k, f in zip(closed, forth, strict=True)]
            for ahead, behind in (
                (graph.cost_forth, graph.cost_back),
                (graph.gate_forth, graph.gate_back),
            )
        )
        useful = [
            n
            for n, k in enumerate(closed)
            if gate[n] < FORBIDDEN and leads_on(graph, outside, k, set(closed))
        ]
        needed = [_serving(graph, ground, s, outside) for s in asked]
        needed = [chords for chords in needed if chords is not None]
        most = len(useful) if asked else wish.gates
        for count in range(wish.gates, most + 1):
            for chosen in combinations(useful, count):
                cost = [gate[n] if n in chosen else price[n] for n in range(len(closed))]
                if max(cost, default=0) >= FORBIDDEN or sum(cost) >= best:
                    continue
                crossings = {closed[n] for n in chosen}
                if all(chords & crossings for chords in needed):
                    best = sum(cost)
    return best


def lets_out(graph, wish, exit_m, closed, inside):
    """Whether chords that close off what hangs together with the sink leave enough width."""
    zone = {1}
    for _ in range(NODES):
        for k in range(CHORDS):
            ends = {int(graph.tail[k]), int(graph.head[k])}
            if ends <= inside and zone & ends:
                zone |= ends
    wide = [exit_m[k] for k in closed if zone & {int(graph.tail[k]), int(graph.head[k])}]
    counted = (
        sum(wish.exit_count[k] for k in closed if zone & {int(graph.tail[k]), int(graph.head[k])})
        if wish.exit_count is not None
        else 0
    )
    return sum(wide) >= wish.exit_need_m and counted >= wish.exits


def _serving(graph, ground, service, outside):
    """Chords a crossing on which serves a place; None where it needs none."""
    if service.node in outside:
        way = way_m(graph, ground, service.wide, service, outside)
        at_source = (graph.tail == 0) | (graph.head == 0)
        return None if np.isfinite(way[at_source]).any() else set()
    way = way_m(graph, ground, service.wide, service, set(range(NODES)) - outside)
    return set(np.flatnonzero(way <= service.limit_m).tolist())


def compared(graph, wish, ground, exit_m):
    found = cheapest_selection(graph, wish)
    wanted = truth(graph, wish, ground, exit_m)
    if wanted >= FORBIDDEN:
        assert isinstance(found, Unmet | Blocked)
    else:
        assert found.cost == wanted
        assert found.bound <= wanted
    return wanted < FORBIDDEN


@pytest.mark.parametrize("seed", range(20))
def test_exits(seed):
    rng, graph, ground, exit_m = drawn(2000 + seed)
    wish = Wish(
        exit_m=exit_m,
        exit_need_m=float(rng.integers(1, 18)),
        exits=float(rng.integers(0, 3)),
        exit_count=(exit_m >= 3.0).astype(float),
    )
    compared(graph, wish, ground, exit_m)


@pytest.mark.parametrize("seed", range(20))
def test_the_limit_on_what_is_enclosed(seed):
    rng, graph, ground, exit_m = drawn(3000 + seed)
    wish = Wish(ground=ground, enclosed_max_m2=float(rng.integers(5, 60)))
    compared(graph, wish, ground, exit_m)


@pytest.mark.parametrize("seed", range(30))
def test_places_that_a_crossing_serves(seed):
    rng, graph, ground, exit_m = drawn(4000 + seed)
    services = tuple(
        Service(f"door {n}", n, rng.uniform(0, 100, 2), graph.wide, float(rng.uniform(30, 200)))
        for n in (1, 2, 3)
        if rng.random() < 0.7
    )
    compared(graph, Wish(ground=ground, services=services), ground, exit_m)
