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


def _flow(chains: ChainGraph) -> tuple[int, NDArray[np.bool_]]:
    flow = max_flow.SimpleMaxFlow()
    capacity = np.concatenate([chains.cost_forth, chains.cost_back])
    # A cut that exists costs less than FORBIDDEN, so one uncuttable arc is enough to tell.
    capacity = np.minimum(capacity, FORBIDDEN)
    flow.add_arcs_with_capacity(
        np.concatenate([chains.tail, chains.head]).astype(np.int32),
        np.concatenate([chains.head, chains.tail]).astype(np.int32),
        capacity,
    )
    status = flow.solve(SOURCE, SINK)
    if status not in (flow.OPTIMAL, flow.POSSIBLE_OVERFLOW):
        raise FieldError(f"cut: the flow solver answered {status}; report this with the site file")
    outside = np.zeros(chains.junction_count, dtype=bool)
    outside[np.asarray(flow.get_source_side_min_cut(), dtype=np.int64)] = True
    value = _UNCUTTABLE if status == flow.POSSIBLE_OVERFLOW else int(flow.optimal_flow())
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
