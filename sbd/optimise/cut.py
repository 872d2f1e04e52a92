"""A network of chains -> its cheapest cut, by maximum flow; the flow is the proof."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import max_flow
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sbd.errors import FieldError
from sbd.optimise.network import (
    FORBIDDEN,
    NONE,
    SINK,
    SOURCE,
    ChainGraph,
    ChordGraph,
    Ints,
    compressed,
)

# Above every sum of prices: an arc of this size is never in a cut that exists.
_UNCUTTABLE = 2**60
# Prices are whole 1e-5 of the currency; this is a hundredth of it. A share of the cost is what the
# solver takes for rounding.
TOLERANCE, TOLERANCE_SHARE = 1000, 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Which chords close the place, and what proves that nothing cheaper does.

    Parameters
    ----------
    chords : (c,) array
        Chord numbers, ascending.
    forth : (c,) array
        Whether the attacked side is the tail.
    openable : (c,) array
        Whether the chord carries an openable crossing.
    inside : (nodes,) array
        Whether vehicles can no longer reach each node of the chord graph.
    cost : int
        Sum of the prices.
    bound : int
        No selection costs less.
    """

    chords: Ints
    forth: NDArray[np.bool_]
    openable: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    cost: int
    bound: int

    @property
    def proven(self) -> bool:
        """Whether nothing cheaper can be, up to the tolerance of the solver."""
        return self.cost - self.bound <= max(TOLERANCE, TOLERANCE_SHARE * self.cost)


@dataclass(frozen=True, slots=True, eq=False)
class Blocked:
    """No selection exists: a way from the source to the sink that no chord can close.

    `chords` are the chords on the way; empty where source and sink share a node.
    """

    chords: Ints


def minimum_cut(graph: ChordGraph, *, chains: ChainGraph | None = None) -> Selection | Blocked:
    """Return the cheapest set of chords between source and sink, or the way that can't be closed.

    Openable crossings are not considered here. A graph whose sink is out of reach needs nothing:
    the selection is empty. `chains` are those of the graph, where they are known.
    """
    if (graph.source & graph.sink).any():
        return Blocked(np.zeros(0, dtype=np.int64))
    chains = compressed(graph) if chains is None else chains
    if not len(chains.tail):
        nothing = np.zeros(0, dtype=np.int64)
        return selection_of(graph, nothing, price=nothing, gates=nothing > 0, bound=0)
    value, outside = _flow(chains)
    if value >= FORBIDDEN:
        return _blocked(chains)
    forth = outside[chains.tail] & ~outside[chains.head]
    back = ~outside[chains.tail] & outside[chains.head]
    cut = np.flatnonzero(forth | back)
    reverse = back[cut]
    return selection_of(
        graph,
        np.where(reverse, chains.chord_back[cut], chains.chord_forth[cut]),
        price=np.where(reverse, chains.cost_back[cut], chains.cost_forth[cut]),
        gates=np.zeros(len(cut), dtype=bool),
        bound=value,
    )


def selection_of(
    graph: ChordGraph, chord: Ints, *, price: Ints, gates: NDArray[np.bool_], bound: int
) -> Selection:
    """Return a selection of chords, checked on the raw graph.

    Raises FieldError where the chords do not separate: a fault of this program, never of the data.
    """
    if (chord == NONE).any():
        raise FieldError("cut: a chain without a chord was chosen; report this with the site file")
    outside = reached(graph, chord)
    if (outside & graph.sink).any():
        raise FieldError("cut: the chosen chords do not separate; report this with the site file")
    order = np.argsort(chord)
    chord = chord[order]
    return Selection(
        chords=chord,
        forth=outside[graph.tail[chord]],
        openable=gates[order],
        inside=~outside,
        cost=int(price.sum()),
        bound=int(bound),
    )


def reached(graph: ChordGraph, closed: Ints) -> NDArray[np.bool_]:
    """Say which nodes a vehicle reaches from the source when `closed` chords are shut."""
    is_open = np.ones(len(graph.tail), dtype=bool)
    is_open[closed] = False
    tail, head = graph.tail[is_open], graph.head[is_open]
    shape = (graph.node_count, graph.node_count)
    _, part = connected_components(
        coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=shape), directed=False
    )
    return np.isin(part, np.unique(part[graph.source]))


@dataclass(frozen=True, slots=True, eq=False)
class FlowProof:
    """A flow from source to sink that fits the prices: no cut of the chains costs less.

    Parameters
    ----------
    tail, head : (a,) array
        Junctions of each arc that carries anything.
    chord : (a,) array
        Number of the chord that closes the arc at its price; `NONE` where none does.
    capacity, flow : (a,) array
        Price, and how much of it the flow uses.
    value : int
        From source to sink.
    """

    tail: Ints
    head: Ints
    chord: Ints
    capacity: Ints
    flow: Ints
    value: int


def flow_proof(chains: ChainGraph) -> FlowProof | None:
    """Return the largest flow; None where nothing closes the place.

    An openable crossing may be cheaper than a row: each arc has the lesser price of the two.
    """
    tail, head, price = _arcs(chains)
    gate = np.concatenate([chains.gate_forth, chains.gate_back])
    capacity = np.minimum(price, gate)
    if not len(tail):
        return FlowProof(tail, head, tail, capacity, capacity, 0)
    solved, value = _solved(tail, head, capacity)
    if value >= FORBIDDEN:
        return None
    flow = np.asarray(solved.flows(np.arange(len(tail), dtype=np.int32)), dtype=np.int64)
    used = np.flatnonzero(flow > 0)
    chord = np.where(
        gate < price,
        np.concatenate([chains.gate_chord_forth, chains.gate_chord_back]),
        np.concatenate([chains.chord_forth, chains.chord_back]),
    )
    return FlowProof(tail[used], head[used], chord[used], capacity[used], flow[used], value)


def _arcs(chains: ChainGraph) -> tuple[Ints, Ints, Ints]:
    # A cut that exists costs less than FORBIDDEN, so one uncuttable arc is enough to tell.
    return (
        np.concatenate([chains.tail, chains.head]),
        np.concatenate([chains.head, chains.tail]),
        np.minimum(np.concatenate([chains.cost_forth, chains.cost_back]), FORBIDDEN),
    )


def _solved(tail: Ints, head: Ints, capacity: Ints) -> tuple[max_flow.SimpleMaxFlow, int]:
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(tail.astype(np.int32), head.astype(np.int32), capacity)
    status = flow.solve(SOURCE, SINK)
    if status not in (flow.OPTIMAL, flow.POSSIBLE_OVERFLOW):
        raise FieldError(f"cut: the flow solver answered {status}; report this with the site file")
    value = _UNCUTTABLE if status == flow.POSSIBLE_OVERFLOW else int(flow.optimal_flow())
    return flow, value


def _flow(chains: ChainGraph) -> tuple[int, NDArray[np.bool_]]:
    flow, value = _solved(*_arcs(chains))
    outside = np.zeros(chains.junction_count, dtype=bool)
    outside[np.asarray(flow.get_source_side_min_cut(), dtype=np.int64)] = True
    return value, outside


def _blocked(chains: ChainGraph) -> Blocked:
    """Return the chords of a way over chains that can't be closed."""
    before: dict[int, tuple[int, int]] = {SOURCE: (NONE, NONE)}
    front = [SOURCE]
    forth = chains.cost_forth >= FORBIDDEN
    back = chains.cost_back >= FORBIDDEN
    steps: dict[int, list[tuple[int, int]]] = {}
    for k in range(len(chains.tail)):
        a, b = int(chains.tail[k]), int(chains.head[k])
        if forth[k]:
            steps.setdefault(a, []).append((b, k))
        if back[k]:
            steps.setdefault(b, []).append((a, k))
    while front and SINK not in before:
        following: list[int] = []
        for node in front:
            for neighbour, chain in steps.get(node, []):
                if neighbour not in before:
                    before[neighbour] = (node, chain)
                    following.append(neighbour)
        front = following
    way: list[Ints] = []
    node = SINK
    while node in before and before[node][1] != NONE:
        node, chain = before[node]
        way.append(chains.members[chain])
    return Blocked(np.concatenate(way[::-1]) if way else np.zeros(0, dtype=np.int64))
