"""A chain network and all of the ground -> where in the network every node lies."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from sbd.optimise.network import NONE, SINK, ChainGraph, ChordGraph, Ints
from sbd.optimise.wishes import Ground


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where each node of the chord graph lies; dead ends lie where they branch off.

    Parameters
    ----------
    junction : (node_count,) array
        Junction, `NONE` inside chains and where nothing leads.
    chain, step : (node_count,) array
        Chain and how many of its chords come before the node as seen from its tail; `NONE` else.
    """

    junction: Ints
    chain: Ints
    step: Ints


def places_of(graph: ChordGraph, chains: ChainGraph, ground: Ground) -> Places:
    """Return the place of every node."""
    junction = chains.junction.copy()
    chain = np.full(graph.node_count, NONE, dtype=np.int64)
    step = np.full(graph.node_count, NONE, dtype=np.int64)
    for k, (members, forward) in enumerate(zip(chains.members, chains.forward, strict=True)):
        inner = np.where(forward, graph.head[members], graph.tail[members])[:-1]
        chain[inner] = k
        step[inner] = np.arange(1, len(members))
    used = np.zeros(len(ground.tail), dtype=bool)
    if chains.members:
        used[ground.number[np.concatenate(chains.members)]] = True
    ones = np.ones(int((~used).sum()), dtype=np.int8)
    shape = (graph.node_count, graph.node_count)
    rest = csr_array((ones, (ground.tail[~used], ground.head[~used])), shape=shape)
    part = connected_components(rest, directed=False)[1]
    # The sink comes last: what hangs together with it is enclosed with it.
    known = np.flatnonzero((junction != NONE) | (chain != NONE))
    known = known[np.argsort(junction[known] == SINK, kind="stable")]
    root = np.full(int(part.max(initial=-1)) + 1, NONE, dtype=np.int64)
    root[part[known]] = known
    lost = np.flatnonzero((junction == NONE) & (chain == NONE) & (root[part] != NONE))
    stem = root[part[lost]]
    junction[lost], chain[lost], step[lost] = junction[stem], chain[stem], step[stem]
    return Places(junction, chain, step)
