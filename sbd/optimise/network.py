"""Triangles and priced chords -> a small network of chains with the same cuts.

Dead-end triangles never matter to a cut, and in a run of triangles with two neighbours each only
the cheapest chord of each direction does: ten thousand chords become a thousand chains.
"""

from dataclasses import dataclass, replace

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

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
    lists the chords of each chain in order from its tail to its head, `forward` says which of them
    are met tail first; `junction` gives the junction of each node of the chord graph, `NONE` for
    nodes inside chains and dead ends.
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
    forward: tuple[Bools, ...]
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
    """Return the runs of chords from junction to junction, by their first one, ascending."""
    node = np.concatenate([tail[chords], head[chords]])
    order = np.lexsort((np.concatenate([chords, chords]), node))
    first = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=len(is_junction)))])
    incident = np.concatenate([chords, chords])[order]
    chord, forward, count, starts, stops = _walked(tail, head, first, incident, is_junction)
    number = np.full(len(is_junction), NONE, dtype=np.int64)
    number[is_junction] = np.arange(int(is_junction.sum()))
    junction = number[2:].copy()
    junction[graph.sink] = SINK
    junction[graph.source] = SOURCE
    cuts = np.cumsum(count)[:-1]
    nothing = np.zeros(0, dtype=np.int64)
    chains = ChainGraph(
        junction_count=int(is_junction.sum()),
        tail=number[starts],
        head=number[stops],
        cost_forth=nothing,
        cost_back=nothing,
        chord_forth=nothing,
        chord_back=nothing,
        gate_forth=nothing,
        gate_back=nothing,
        gate_chord_forth=nothing,
        gate_chord_back=nothing,
        wide=np.zeros(0, dtype=bool),
        members=tuple(np.split(chord, cuts)) if len(count) else (),
        forward=tuple(np.split(forward, cuts)) if len(count) else (),
        junction=junction,
    )
    return repriced(graph, chains)


@numba.njit(cache=True)
def _walked(
    tail: Ints, head: Ints, first: Ints, incident: Ints, is_junction: Bools
) -> tuple[Ints, Bools, Ints, Ints, Ints]:
    """Follow every chain from its lower junction to its other end.

    `incident[first[n] : first[n + 1]]` are the chords at node n. Returns the chords of all chains
    one after the other, whether each is met tail first, how many each chain has, and its two ends.
    A chain that comes back to its start separates nothing and is left out.
    """
    used = np.zeros(len(tail), np.bool_)
    chords, forward = np.empty(len(incident), np.int64), np.empty(len(incident), np.bool_)
    count, starts, stops = [0 for _ in range(0)], [0 for _ in range(0)], [0 for _ in range(0)]
    total = 0
    for start in np.flatnonzero(is_junction):
        for chord in incident[first[start] : first[start + 1]]:
            if used[chord]:
                continue
            node, here, size = start, chord, 0
            while True:
                chords[total + size], forward[total + size] = here, tail[here] == node
                used[here] = True
                size += 1
                node = head[here] if tail[here] == node else tail[here]
                if is_junction[node]:
                    break
                pair = incident[first[node] : first[node + 1]]
                here = pair[1] if here == pair[0] else pair[0]
            if node != start:
                count.append(size)
                starts.append(int(start))
                stops.append(int(node))
                total += size
    ends = np.array(count, np.int64), np.array(starts, np.int64), np.array(stops, np.int64)
    return chords[:total], forward[:total], *ends


def repriced(graph: ChordGraph, chains: ChainGraph) -> ChainGraph:
    """Return the chains with the prices of a graph that differs from theirs in nothing else.

    An engine that can't drive all along a chain can't use a gate on it.
    """
    if not chains.members:
        none = np.zeros(0, dtype=bool)
        return replace(chains, wide=none)
    chord, forward = np.concatenate(chains.members), np.concatenate(chains.forward)
    count = np.array([len(m) for m in chains.members], dtype=np.int64)
    first = np.cumsum(count) - count
    wide = np.logical_and.reduceat(graph.wide[chord], first)
    cost_forth, chord_forth = _least(graph.cost_forth, graph.cost_back, chord, forward, first)
    cost_back, chord_back = _least(graph.cost_back, graph.cost_forth, chord, forward, first)
    gate_forth, gate_c_forth = _least(graph.gate_forth, graph.gate_back, chord, forward, first)
    gate_back, gate_c_back = _least(graph.gate_back, graph.gate_forth, chord, forward, first)
    return replace(
        chains,
        cost_forth=cost_forth,
        cost_back=cost_back,
        chord_forth=chord_forth,
        chord_back=chord_back,
        gate_forth=np.where(wide, gate_forth, FORBIDDEN),
        gate_back=np.where(wide, gate_back, FORBIDDEN),
        gate_chord_forth=np.where(wide, gate_c_forth, NONE),
        gate_chord_back=np.where(wide, gate_c_back, NONE),
        wide=wide,
    )


def without(graph: ChordGraph, closed: Bools, gates: Bools) -> ChordGraph:
    """Return the graph where some chords can't be closed and some can't carry a crossing."""
    return replace(
        graph,
        cost_forth=np.where(closed, FORBIDDEN, graph.cost_forth),
        cost_back=np.where(closed, FORBIDDEN, graph.cost_back),
        gate_forth=np.where(gates, FORBIDDEN, graph.gate_forth),
        gate_back=np.where(gates, FORBIDDEN, graph.gate_back),
    )


def _least(
    ahead: Ints, behind: Ints, chord: Ints, forward: Bools, first: Ints
) -> tuple[Ints, Ints]:
    """Return the least price of each chain and the first chord that has it."""
    price = np.where(forward, ahead[chord], behind[chord])
    least = np.minimum.reduceat(price, first)
    owner = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(chord))))
    hit = np.flatnonzero(price == least[owner])
    _, at = np.unique(owner[hit], return_index=True)
    shut = least >= FORBIDDEN
    return np.where(shut, FORBIDDEN, least), np.where(shut, NONE, chord[hit[at]])
