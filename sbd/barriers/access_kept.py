"""A prepared place and a selection -> the access it keeps: ground enclosed, the farthest door."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from sbd.barriers.chords import PRICE_UNIT
from sbd.barriers.cost import SHORT_PRICE
from sbd.barriers.covers import asked_of, ground_of
from sbd.barriers.prepared import Prepared
from sbd.optimise.cut import Selection
from sbd.optimise.network import Bools, ChordGraph, Ints
from sbd.optimise.roads import Roads, outside_nodes, served_today
from sbd.optimise.wishes import Ground, Service

ANY_DISTANCE_M = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class AccessKept:
    """What there is to keep in a place, and how much of it selections do.

    Parameters
    ----------
    graph : ChordGraph
        With the prices of the place.
    ground : Ground
        What vehicles reach today.
    doors : tuple of Service
        Doors that a fire engine gets to today.
    roads : Roads or None
        What it drives on; None where there is no such door.
    """

    graph: ChordGraph
    ground: Ground
    doors: tuple[Service, ...]
    roads: Roads | None

    @classmethod
    def of(cls, prepared: Prepared) -> "AccessKept":
        """Return what there is to keep in a prepared place."""
        request = replace(prepared.request, openable=0, engine_distance_m=ANY_DISTANCE_M)
        wish = asked_of(prepared.found, prepared.surface, request, prepared.offered).wish
        known = zip(wish.services, served_today(prepared.graph, wish), strict=True)
        doors = tuple(s for s, way in known if way and s.limit_m == ANY_DISTANCE_M)
        ground = wish.ground if wish.ground is not None else ground_of(prepared.found)
        return cls(
            prepared.graph, ground, doors, Roads.of(ground, doors[0].wide) if doors else None
        )

    def enclosed_m2(self, chords: Ints) -> float:
        """Return how much ground vehicles no longer reach when some chords are closed."""
        outside = outside_nodes(self.ground, self.graph.source, self.ground.number[chords])
        return float(self.ground.area_m2[~outside].sum())

    def farthest_door_m(self, selection: Selection) -> float | None:
        """Return how far the farthest door is from a crossing, by ways an engine drives inside.

        0 where all doors stay outside, inf where one has no crossing, None where there is no door.
        Ways go from chord to chord, which errs high.
        """
        if self.roads is None:
            return None
        closed = self.ground.number[selection.chords]
        outside = outside_nodes(self.ground, self.graph.source, closed)
        inside = [door for door in self.doors if not outside[door.node]]
        way_m = self.roads.from_chords_m(closed[selection.openable], ~outside)
        return max((self.roads.last_m(door, way_m) for door in inside), default=0.0)

    def least_enclosed_m2(self) -> float:
        """Return ground that every plan encloses: what only unclosable chords part from the zone.

        Chords on which every product is too weak count as such.
        """
        graph, weak = self.graph, SHORT_PRICE / PRICE_UNIT
        forth = np.minimum(graph.cost_forth, graph.gate_forth) >= weak
        back = np.minimum(graph.cost_back, graph.gate_back) >= weak
        inside = _behind(
            np.concatenate([graph.head[forth], graph.tail[back]]),
            np.concatenate([graph.tail[forth], graph.head[back]]),
            graph.sink,
        )
        return self.enclosed_m2(np.flatnonzero(inside[graph.tail] != inside[graph.head]))


def _behind(inner: Ints, outer: Ints, sink: Bools) -> Bools:
    """Say which nodes must be inside: the sink, and what can't be parted from what is inside."""
    count = len(sink)
    start = np.flatnonzero(sink)
    one = np.concatenate([inner, np.full(len(start), count)])
    other = np.concatenate([outer, start])
    steps = csr_array((np.ones(len(one)), (one, other)), shape=(count + 1, count + 1))
    reached = breadth_first_order(steps, count, directed=True, return_predecessors=False)
    inside = np.zeros(count + 1, dtype=bool)
    inside[reached] = True
    return inside[:count]
