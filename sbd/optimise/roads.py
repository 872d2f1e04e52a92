"""Chords that a vehicle has room on -> how far it drives from them to a place."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from sbd.optimise.network import Bools, ChordGraph, Floats, Ints
from sbd.optimise.wishes import Ground, Service, Wish


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """Steps from the middle of a wide chord to the middle of the next one of the same node.

    Such a way stays in the ground, so its length errs high.

    Parameters
    ----------
    one, other, node : (s,) array
        The two chords of each step and the node it crosses.
    length_m : (s,) array
        Of each step.
    """

    ground: Ground
    wide: Bools
    one: Ints
    other: Ints
    node: Ints
    length_m: Floats

    @classmethod
    def of(cls, ground: Ground, wide: Bools) -> "Roads":
        """Return the roads over the wide chords of a ground."""
        chord = np.flatnonzero(wide)
        node = np.concatenate([ground.tail[chord], ground.head[chord]])
        chord = np.concatenate([chord, chord])
        order = np.lexsort((chord, node))
        node, chord = node[order], chord[order]
        pairs: list[tuple[Ints, Ints, Ints]] = []
        for shift in range(1, len(node)):
            same = np.flatnonzero(node[shift:] == node[:-shift])
            if not len(same):
                break
            pairs.append((chord[same], chord[same + shift], node[same]))
        nothing = np.zeros(0, dtype=np.int64)
        one, other, where = (
            np.concatenate([nothing, *(pair[k] for pair in pairs)]) for k in range(3)
        )
        way = ground.middle_m[one] - ground.middle_m[other]
        return cls(ground, wide, one, other, where, np.hypot(*way.T))

    def ways_m(self, service: Service, region: Bools) -> Floats:
        """Return how far it is from each chord to the place through nodes of `region` only, (c,).

        inf where there is no way. A chord on the edge of the region can be where a way starts.
        """
        count = len(self.ground.tail)
        near = np.flatnonzero(
            self.wide & ((self.ground.tail == service.node) | (self.ground.head == service.node))
        )
        if not len(near) or not region[service.node]:
            return np.full(count, np.inf)
        last = np.hypot(*(self.ground.middle_m[near] - service.point_m).T)
        return self._from(near, last, region)

    def from_chords_m(self, chords: Ints, region: Bools) -> Floats:
        """Return how far it is to each chord from the nearest of some, through `region` only, (c,).

        inf where there is no way.
        """
        return self._from(chords[self.wide[chords]], np.zeros(1), region)

    def last_m(self, service: Service, way_m: Floats) -> float:
        """Return how far it is to the place where ways to the chords are known; inf: no way."""
        near = np.flatnonzero(
            self.wide & ((self.ground.tail == service.node) | (self.ground.head == service.node))
        )
        last = np.hypot(*(self.ground.middle_m[near] - service.point_m).T)
        return float((way_m[near] + last).min(initial=np.inf))

    def _from(self, chords: Ints, first_m: Floats, region: Bools) -> Floats:
        """Return how far it is to each chord from a point that is `first_m` off some of them."""
        count = len(self.ground.tail)
        kept = region[self.node]
        # Two chords that share both their nodes have two equal steps; one is enough.
        pair = self.one * np.int64(count) + self.other
        kept[kept] = _first_of(pair[kept])
        first = np.broadcast_to(first_m, chords.shape)
        # A way of length 0 would be no edge at all.
        length = np.maximum(np.concatenate([self.length_m[kept], first]), 1e-9)
        one = np.concatenate([self.one[kept], np.full(len(chords), count)])
        other = np.concatenate([self.other[kept], chords])
        steps = csr_array((length, (one, other)), shape=(count + 1, count + 1))
        return np.asarray(dijkstra(steps, directed=False, indices=count)[:count])


def outside_nodes(ground: Ground, source: Bools, closed: Ints) -> Bools:
    """Say which nodes a vehicle reaches while some chords of the ground are closed."""
    is_open = np.ones(len(ground.tail), dtype=bool)
    is_open[closed] = False
    part = _parts(len(source), ground.tail[is_open], ground.head[is_open])
    return np.isin(part, np.unique(part[source]))


def served_today(graph: ChordGraph, wish: Wish) -> Bools:
    """Say which services of a wish have a way from a source while nothing is closed."""
    if wish.ground is None:
        return np.zeros(len(wish.services), dtype=bool)
    ground = wish.ground
    at_source = graph.source[ground.tail] | graph.source[ground.head]
    everywhere = np.ones(graph.node_count, dtype=bool)
    roads: dict[int, Roads] = {}
    found = np.zeros(len(wish.services), dtype=bool)
    for k, service in enumerate(wish.services):
        if id(service.wide) not in roads:
            roads[id(service.wide)] = Roads.of(ground, service.wide)
        way_m = roads[id(service.wide)].ways_m(service, everywhere)
        found[k] = bool(np.isfinite(way_m[at_source]).any()) or bool(graph.source[service.node])
    return found


def _first_of(values: Ints) -> Bools:
    """Say of each value whether it is the first of its kind."""
    first = np.zeros(len(values), dtype=bool)
    first[np.unique(values, return_index=True)[1]] = True
    return first


def _parts(count: int, tail: Ints, head: Ints) -> Ints:
    ones = np.ones(len(tail), dtype=np.int8)
    steps = csr_array((ones, (tail, head)), shape=(count, count))
    return np.asarray(connected_components(steps, directed=False)[1], dtype=np.int64)
