"""A place whose every closed line needs a last resort -> where, what arrives, and what would help.

The metre that is named lies on the way in on which the least that arrives anywhere is most: a line
that runs elsewhere has to stop as much or more somewhere. Products count by their tested energy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from sbd.barriers.blocked import entry_near
from sbd.barriers.chords import PRICE_UNIT, candidates, chord_speeds
from sbd.barriers.cost import SHORT_PRICE
from sbd.barriers.demand import Demand, Floats, Strikes, energies_kj
from sbd.barriers.prepared import Prepared
from sbd.catalogue.product import Product, Role
from sbd.errors import InfeasiblePlanError, Relaxation
from sbd.model.words import LAYOUTS
from sbd.optimise.network import FORBIDDEN, Bools, ChordGraph, Ints
from sbd.units import JOULE_PER_KILOJOULE, KMH_PER_MPS

_LAST_RESORT = round(SHORT_PRICE / PRICE_UNIT)


@dataclass(frozen=True, slots=True)
class Weakness:
    """The metre at which the least has to be stopped that every closed line must stop somewhere."""

    energy_kj: float
    point_m: tuple[float, float]
    vehicle: str
    mass_kg: float
    speed_kmh: float
    entry: str

    def __str__(self) -> str:
        x, y = self.point_m
        return (
            f"at ({x:.0f}, {y:.0f}), on the way in from {self.entry}, {self.energy_kj:.0f} kJ "
            f"arrive ({self.vehicle} {self.mass_kg:.0f} kg at {self.speed_kmh:.0f} km/h)"
        )


def needs_last_resort(graph: ChordGraph) -> bool:
    """Say whether no closed line exists on which a product is strong enough everywhere.

    Openable crossings are not looked at: a lane that is stronger than every row changes nothing.
    """
    weak = graph.cost_forth >= _LAST_RESORT, graph.cost_back >= _LAST_RESORT
    return _way_in(graph, *weak) is not None


def weakness_of(prepared: Prepared, graph: ChordGraph) -> Weakness | None:
    """Return the metre where strength fails; None where something else bars the way."""
    found = prepared.found
    energy_kj = found.energy_kj[:, found.number]
    shut = graph.cost_forth >= FORBIDDEN, graph.cost_back >= FORBIDDEN
    # Chords that nothing may close let in whatever comes, so they are never the metre in question.
    passes_kj = np.where(shut, np.inf, energy_kj)
    if _way_in(graph, *shut) is not None:
        return None
    levels = np.unique(passes_kj[np.isfinite(passes_kj)])
    low, high = 0, len(levels)  # the sink is reached with chords from levels[low] on
    while high - low > 1:
        middle = (low + high) // 2
        open_ways = passes_kj >= levels[middle]
        low, high = (middle, high) if _way_in(graph, *open_ways) is not None else (low, middle)
    way = _way_in(graph, *(passes_kj >= levels[low]))
    if way is None:
        return None
    chords, forth = way
    at = int(np.argmin(passes_kj[np.where(forth, 0, 1), chords]))
    number = found.number[chords]
    demand = prepared.demand
    sign = 1.0 if forth[at] else -1.0
    speed = chord_speeds(found.chords, number[[at]], demand, sign=sign)[0]
    worst = int(np.argmax(energies_kj(demand.masses_kg, speed)))
    middle_m = found.chords.ends[number].mean(axis=1)
    return Weakness(
        energy_kj=float(energies_kj(demand.masses_kg, speed)[worst]),
        point_m=(float(middle_m[at, 0]), float(middle_m[at, 1])),
        vehicle=demand.names[worst],
        mass_kg=float(demand.masses_kg[worst]),
        speed_kmh=float(speed[worst]) * KMH_PER_MPS,
        entry=entry_near(prepared.surface, middle_m[0]),
    )


def refuse_weakness(prepared: Prepared, graph: ChordGraph) -> InfeasiblePlanError | None:
    """Return the error that names metre and energy, and what would help; None where strength holds.

    Of each other vehicle alone it is tried whether products are strong enough against it.
    """
    weak = weakness_of(prepared, graph)
    if weak is None:
        return None
    layout = prepared.request.layout
    strongest = max(prepared.offered.line, key=lambda product: product.rated_energy_kj)
    tested_kj = strongest.rated_energy_kj
    helps = [*_vehicles_that_do(prepared), *_layouts_that_do(prepared, weak)]
    slow_kmh = (2 * tested_kj * JOULE_PER_KILOJOULE / weak.mass_kg) ** 0.5 * KMH_PER_MPS
    helps.append(f"chicanes that hold {weak.vehicle} to {slow_kmh:.0f} km/h there (--chicanes)")
    helps.append(f"a product of your own list tested to {weak.energy_kj:.0f} kJ")
    if layout != LAYOUTS[0]:
        helps.append("as a last resort parked heavy vehicles, which no test covers")
    return InfeasiblePlanError(
        f"strength: no product of a {layout} layout is strong enough: {weak}; the strongest, "
        f"{strongest.product_id}, was tested to {tested_kj:.0f} kJ, and every closed line has "
        f"to stop as much somewhere; what would help: {'; or '.join(helps)}",
        [Relaxation("energy to be stopped", round(weak.energy_kj), round(tested_kj), "kJ")],
    )


def _vehicles_that_do(prepared: Prepared) -> list[str]:
    """Return which vehicles alone there are strong enough products against, in words."""
    names = prepared.demand.names
    found = []
    for which, name in enumerate(names if len(names) > 1 else ()):
        alone = candidates(
            prepared.found.chords,
            prepared.surface,
            _Alone(prepared.demand, which),
            prepared.offered,
            openable=False,
        )
        if not needs_last_resort(alone.graph):
            found.append(name)
    return [f"plan against {' or '.join(found)} alone"] if found else []


def _layouts_that_do(prepared: Prepared, weak: Weakness) -> list[str]:
    """Return the layouts whose products were tested to so much, in words."""
    strongest: Mapping[str, float] = {
        layout: max(
            (p.rated_energy_kj for p in prepared.catalogue if _lines_of(p, layout)), default=0.0
        )
        for layout in LAYOUTS
        if layout != prepared.request.layout and prepared.request.layout in LAYOUTS
    }
    return [
        f"a {layout} layout, whose products were tested to {tested_kj:.0f} kJ"
        for layout, tested_kj in strongest.items()
        if tested_kj >= weak.energy_kj
    ]


def _lines_of(product: Product, layout: str) -> bool:
    return layout in product.layouts and Role.LINE in product.roles and product.is_rated


class _Alone:
    """One vehicle of a demand."""

    def __init__(self, demand: Demand, which: int) -> None:
        self._demand, self._which = demand, which
        self.names = (demand.names[which],)
        self.masses_kg: Floats = demand.masses_kg[which : which + 1]

    def __call__(self, points_m: Floats, normals: Floats) -> Strikes:
        """Return its strikes."""
        found = self._demand(points_m, normals)
        one = slice(self._which, self._which + 1)
        return Strikes(found.speed_mps[:, one], found.angle_deg[:, one])


def _way_in(graph: ChordGraph, forth: Bools, back: Bools) -> tuple[Ints, Bools] | None:
    """Return the chords of a way from source to sink and which go forth; None where there is none.

    Parameters
    ----------
    forth, back : (m,) arrays
        Whether each chord lets pass from tail to head, and from head to tail.
    """
    start, stop = graph.node_count, graph.node_count + 1
    first, last = np.flatnonzero(graph.source), np.flatnonzero(graph.sink)
    tail = np.concatenate([graph.tail[forth], graph.head[back], np.full(len(first), start), last])
    head = np.concatenate([graph.head[forth], graph.tail[back], first, np.full(len(last), stop)])
    size = graph.node_count + 2
    ways = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(size, size))
    _, before = breadth_first_order(ways.tocsr(), start, directed=True)
    if before[stop] < 0:
        return None
    nodes = [stop]
    while nodes[-1] != start:
        nodes.append(int(before[nodes[-1]]))
    steps = nodes[-2:0:-1]  # without start and stop
    chords, ahead = [], []
    for one, other in pairwise(steps):
        on = np.flatnonzero(
            (forth & (graph.tail == one) & (graph.head == other))
            | (back & (graph.head == one) & (graph.tail == other))
        )
        chords.append(int(on[0]))
        ahead.append(bool(graph.tail[on[0]] == one))
    return np.array(chords, dtype=np.int64), np.array(ahead, dtype=bool)
