"""Triangles and priced chords -> a small network of chains with the same cuts.

Dead-end triangles never matter to a cut, and in a run of triangles with two neighbours each only
the cheapest chord of each direction does: ten thousand chords become a thousand chains.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# A chord at this cost or above can't be closed at all. Costs are whole numbers of any unit.
FORBIDDEN = 10**17
NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class ChordGraph:
    """Nodes joined by chords, each with a price for either direction of attack.

    Parameters
    ----------
    node_count : int
        Nodes are numbered from 0.
    tail, head : (m,) array
        The two nodes of each chord.
    cost_forth, cost_back : (m,) array
        Price of closing a chord against vehicles that go tail to head, and head to tail;
        `FORBIDDEN` or more where it can't be closed.
    gate_forth, gate_back : (m,) array
        The same for an openable crossing; `FORBIDDEN` where none fits.
    wide : (m,) array
        Whether a fire engine fits between the ends of the chord.
    middle_m : (m, 2) array
        Where each chord is.
    source, sink : (node_count,) array
        Where vehicles are, and what they must not reach.
    """

    node_count: int
    tail: Ints
    head: Ints
    cost_forth: Ints
    cost_back: Ints
    gate_forth: Ints
    gate_back: Ints
    wide: Bools
    middle_m: NDArray[np.float64]
    source: Bools
    sink: Bools


@dataclass(frozen=True, slots=True, eq=False)
class ChainGraph:
    """Chains between junctions; junction 0 is the source, junction 1 the sink.

    `chord_forth` and `chord_back` name the chord that closes a chain at its price, `gate_chord_*`
    the one that carries its openable crossing (`NONE` where the chain can't have one). `members`
    lists the chords of each chain in order; `junction` gives the junction of each node of the
    chord graph, `NONE` for nodes inside chains and dead ends.
    """

    junction_count: int
    tail: Ints
    head: Ints
    cost_forth: Ints
    cost_back: Ints
    chord_forth: Ints
    chord_back: Ints
    gate_forth: Ints
    gate_back: Ints
    gate_chord_forth: Ints
    gate_chord_back: Ints
    wide: Bools
    members: tuple[Ints, ...]
    junction: Ints


SOURCE, SINK = 0, 1


def compressed(graph: ChordGraph) -> ChainGraph:
    """Return the chains of a chord graph: every cut of one is a cut of the other, at one price."""
    tail, head = _merged_ends(graph.tail, graph.head, graph.source, graph.sink)
    kept = tail != head
    kept &= _outside_dead_ends(tail, head, kept, graph.node_count + 2)
    degree = np.bincount(np.concatenate([tail[kept], head[kept]]), minlength=graph.node_count + 2)
    is_junction = degree > 2
    is_junction[:2] = True
    return _chains(graph, tail, head, np.flatnonzero(kept), is_junction)


def useful_chords(tail: Ints, head: Ints, source: Bools, sink: Bools) -> Bools:
    """Say which chords can be in a cut at all; only those need a price.

    Chords inside the source or the sink and in dead ends are not.
    """
    low, high = _merged_ends(tail, head, source, sink)
    return _outside_dead_ends(low, high, low != high, len(source) + 2)


def _merged_ends(tail: Ints, head: Ints, source: Bools, sink: Bools) -> tuple[Ints, Ints]:
    # Nodes move up by two: 0 stands for every source node, 1 for every sink node.
    number = np.arange(len(source), dtype=np.int64) + 2
    number[sink] = SINK
    number[source] = SOURCE
    return number[tail], number[head]


def _outside_dead_ends(tail: Ints, head: Ints, kept: Bools, node_count: int) -> Bools:
    """Say which chords remain when nodes with a single chord are dropped again and again."""
    kept = kept.copy()
    while True:
        degree = np.bincount(np.concatenate([tail[kept], head[kept]]), minlength=node_count)
        dead = degree == 1
        dead[:2] = False
        dropped = kept & (dead[tail] | dead[head])
        if not dropped.any():
            return kept
        kept &= ~dropped


def _chains(
    graph: ChordGraph, tail: Ints, head: Ints, chords: Ints, is_junction: Bools
) -> ChainGraph:
    incident: dict[int, list[int]] = {}
    for chord in chords.tolist():
        incident.setdefault(int(tail[chord]), []).append(chord)
        incident.setdefault(int(head[chord]), []).append(chord)
    used = np.zeros(len(tail), dtype=bool)
    runs: list[list[tuple[int, bool]]] = []
    ends: list[tuple[int, int]] = []
    for start in sorted(node for node in incident if is_junction[node]):
        for first in incident[start]:
            if used[first]:
                continue
            run, stop = _walk(start, first, tail, head, incident, is_junction)
            used[[chord for chord, _ in run]] = True
            if stop != start:  # a chain that comes back to its start separates nothing
                runs.append(run)
                ends.append((start, stop))
    return _priced(graph, runs, ends, is_junction)


def _walk(
    start: int,
    first: int,
    tail: Ints,
    head: Ints,
    incident: dict[int, list[int]],
    is_junction: Bools,
) -> tuple[list[tuple[int, bool]], int]:
    run: list[tuple[int, bool]] = []
    node, chord = start, first
    while True:
        forward = int(tail[chord]) == node
        run.append((chord, forward))
        node = int(head[chord]) if forward else int(tail[chord])
        if is_junction[node]:
            return run, node
        one, other = incident[node]
        chord = other if chord == one else one


def _priced(
    graph: ChordGraph,
    runs: list[list[tuple[int, bool]]],
    ends: list[tuple[int, int]],
    is_junction: Bools,
) -> ChainGraph:
    number = np.full(len(is_junction), NONE, dtype=np.int64)
    number[is_junction] = np.arange(int(is_junction.sum()))
    columns: list[list[int]] = [[] for _ in range(8)]
    wide, members = [], []
    for run in runs:
        chord = np.array([c for c, _ in run], dtype=np.int64)
        forward = np.array([f for _, f in run])
        all_wide = bool(graph.wide[chord].all())
        wide.append(all_wide)
        members.append(chord)
        prices = (
            np.where(forward, graph.cost_forth[chord], graph.cost_back[chord]),
            np.where(forward, graph.cost_back[chord], graph.cost_forth[chord]),
            np.where(forward, graph.gate_forth[chord], graph.gate_back[chord]),
            np.where(forward, graph.gate_back[chord], graph.gate_forth[chord]),
        )
        for k, price in enumerate(prices):
            best = int(np.argmin(price))
            # An engine that can't drive along the chain can't use a gate on it.
            shut = price[best] >= FORBIDDEN or (k >= 2 and not all_wide)
            columns[k].append(FORBIDDEN if shut else int(price[best]))
            columns[4 + k].append(NONE if shut else int(chord[best]))
    forth, back, gate_forth, gate_back, chord_forth, chord_back, gate_c_forth, gate_c_back = (
        np.array(column, dtype=np.int64) for column in columns
    )
    junction = number[2:].copy()
    junction[graph.sink] = SINK
    junction[graph.source] = SOURCE
    return ChainGraph(
        junction_count=int(is_junction.sum()),
        tail=number[np.array([a for a, _ in ends], dtype=np.int64)],
        head=number[np.array([b for _, b in ends], dtype=np.int64)],
        cost_forth=forth,
        cost_back=back,
        chord_forth=chord_forth,
        chord_back=chord_back,
        gate_forth=gate_forth,
        gate_back=gate_back,
        gate_chord_forth=gate_c_forth,
        gate_chord_back=gate_c_back,
        wide=np.array(wide, dtype=bool),
        members=tuple(members),
        junction=junction,
    )
