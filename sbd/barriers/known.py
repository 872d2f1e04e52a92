"""What was found out while plans of one place were tried, so that the next is made sooner."""

from dataclasses import dataclass, field

import numpy as np
import shapely

from sbd.barriers.fitting import FittedLine, Misfit
from sbd.barriers.rows import Rows
from sbd.optimise.kept import Kept
from sbd.optimise.network import Bools, ChordGraph, Floats, without

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Refusals:
    """Middles of chords on which no units fit, and of those on which no lane does, (n, 2)."""

    closed_m: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    gates_m: Floats = field(default_factory=lambda: np.zeros((0, 2)))

    @classmethod
    def of(cls, graph: ChordGraph, left: ChordGraph) -> "Refusals":
        """Return what was taken out of a graph."""
        closed = (left.cost_forth != graph.cost_forth) | (left.cost_back != graph.cost_back)
        gates = (left.gate_forth != graph.gate_forth) | (left.gate_back != graph.gate_back)
        return cls(graph.middle_m[closed], graph.middle_m[gates])

    def off(self, ground: shapely.Geometry, reach_m: float) -> "Refusals":
        """Return those further off some ground than that."""
        return Refusals(
            *(
                places[~shapely.dwithin(shapely.points(places), ground, reach_m)]
                for places in (self.closed_m, self.gates_m)
            )
        )

    def on(self, graph: ChordGraph) -> ChordGraph:
        """Return a graph without them."""
        closed, gates = (_among(graph.middle_m, m) for m in (self.closed_m, self.gates_m))
        return without(graph, closed, gates) if closed.any() or gates.any() else graph


def _among(some_m: Floats, others_m: Floats) -> Bools:
    known = {place.tobytes() for place in others_m}
    return np.array([place.tobytes() in known for place in some_m], dtype=bool)


@dataclass(slots=True, eq=False)
class Known:
    """Good for the same chords, demand, offer and ground, whatever is asked; filled as it is used.

    Parameters
    ----------
    lines : dict
        Units of each line, or the chords on which none fit.
    rows : Rows
        Units of each run of a line.
    blocked : dict
        Chords of each selection with a lane that no engine turns through.
    hopeless : dict
        Whether a lane with its middle there has no way for an engine even while nothing is built.
    kept : Kept
        Model of the last choice.
    refusals : Refusals
        What the last choice ended without; the next one begins without it.
    """

    lines: dict[Key, FittedLine | Misfit] = field(default_factory=dict)
    rows: Rows = field(default_factory=Rows)
    blocked: dict[Key, list[int]] = field(default_factory=dict)
    hopeless: dict[bytes, bool] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    refusals: Refusals = field(default_factory=Refusals)
