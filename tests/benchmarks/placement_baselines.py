"""Priced chords in; what planners pay who do not optimise out, by the same prices.

Ways to close a place, each from the chords and prices that the optimiser has as well:

- One class: every street mouth is closed by one product, the cheapest that is strong enough
  everywhere. The mouths are the shortest lines that close the place together within 25 m of the
  zone, or within twice that and so on where there are none. That flatters the planner: he finds
  every narrow spot. "Shortest" is the same anywhere, however far from the zone.
- Own class: the same mouths, each with the cheapest product that is strong enough all along it.
- Greedy: way in by way in. For each the cheapest lines that close it alone are known; those that
  cost least for each way in that they close as well come first. Each is closed at the least cost
  while what stands already costs nothing more. In the end, what no longer keeps anything out is
  taken away.

Where every product is too weak (a last resort) nobody pays; how many chords that are is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sbd.barriers.chords import OPEN_STREET, Candidates, Chords, candidates, find_chords
from sbd.barriers.cost import SHORT_PRICE, Offer
from sbd.barriers.demand import Demand
from sbd.barriers.front import Remembered
from sbd.errors import InfeasiblePlanError
from sbd.model.surface import DrivableSurface
from sbd.optimise.cut import Blocked, Selection, minimum_cut
from sbd.optimise.network import FORBIDDEN, ChordGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CENTIMETRES = 100
NEAR_M = 25.0


@dataclass(frozen=True)
class Costs:
    """What closing one place costs, in the currency of the products.

    Parameters
    ----------
    shortest : float
        One class on the shortest lines anywhere.
    mouths : int
        Lines at the mouths, `mouths_m` long together, all within `near_m` of the zone.
    ways_in : int
        Entries and streets that stay open, each with what hangs together with it.
    last_resorts : int
        Chords of the optimum and of the mouths that no product is strong enough for.
    """

    optimum: float
    one_class: float
    own_class: float
    shortest: float
    greedy: float
    mouths: int
    mouths_m: float
    near_m: float
    ways_in: int
    last_resorts: int

    def saved(self, other: float) -> float:
        """Return the share of another cost that the optimum saves."""
        return 1.0 - self.optimum / other if other > 0 else 0.0


def closing_costs(surface: DrivableSurface, demand: Demand, offered: Offer) -> Costs:
    """Return the proven optimum beside the ways to do without it; no crossing is openable.

    Raises InfeasiblePlanError where the place can't be closed.
    """
    asked = Remembered(demand)
    chords = find_chords(surface, gap_max_m=offered.gap_max_m, keep_off_m=offered.keep_off_m)
    found = candidates(chords, surface, asked, offered, openable=False)
    best, shortest = minimum_cut(found.graph), minimum_cut(by_length(found))
    if isinstance(best, Blocked) or isinstance(shortest, Blocked):
        raise InfeasiblePlanError("no closed line exists")
    mouths, near_m = mouths_of(found, surface)
    alone = product_prices(found, surface, asked, offered)
    prices, short_prices = (prices_on(found, chosen, alone) for chosen in (mouths, shortest))
    lines = line_of(found, mouths)
    greedy, ways = way_by_way(found, surface)
    return Costs(
        optimum=paid(found, best),
        one_class=one_class_cost(prices),
        own_class=sum(one_class_cost(prices[:, lines == n]) for n in np.unique(lines)),
        shortest=one_class_cost(short_prices),
        greedy=paid(found, greedy),
        mouths=len(np.unique(lines)),
        mouths_m=float(chords.length_m[found.number[mouths.chords]].sum()),
        near_m=near_m,
        ways_in=ways,
        last_resorts=sum(int((priced(found, s) >= SHORT_PRICE).sum()) for s in (best, mouths)),
    )


def mouths_of(found: Candidates, surface: DrivableSurface) -> tuple[Selection, float]:
    """Return the shortest closing near the zone, and how near."""
    shapely.prepare(surface.zone)
    lines = shapely.linestrings(found.chords.ends[found.number])
    graph, near_m = by_length(found), NEAR_M
    while True:
        far = ~shapely.dwithin(lines, surface.zone, near_m)
        near = replace(
            graph,
            cost_forth=np.where(far, FORBIDDEN, graph.cost_forth),
            cost_back=np.where(far, FORBIDDEN, graph.cost_back),
        )
        chosen = minimum_cut(near)
        if not isinstance(chosen, Blocked):
            return chosen, near_m
        near_m *= 2


def by_length(found: Candidates) -> ChordGraph:
    """Return the graph with lengths for prices: its cheapest cut is the shortest closing."""
    length = np.round(found.chords.length_m[found.number] * CENTIMETRES).astype(np.int64) + 1
    forth, back = (
        np.where(cost >= FORBIDDEN, FORBIDDEN, length)
        for cost in (found.graph.cost_forth, found.graph.cost_back)
    )
    return replace(found.graph, cost_forth=forth, cost_back=back)


def priced(found: Candidates, chosen: Selection) -> Floats:
    """Return the optimiser's price of each chosen chord, (c,)."""
    return found.price[np.where(chosen.forth, 0, 1), found.number[chosen.chords]]


def paid(found: Candidates, chosen: Selection) -> float:
    """Return the cost of a selection, without the price that marks a last resort."""
    price = priced(found, chosen)
    return float(price[price < SHORT_PRICE].sum())


def product_prices(
    found: Candidates, surface: DrivableSurface, demand: Demand, offered: Offer
) -> Floats:
    """Return the price of every chord for each product alone, forth and back, (p, 2, m)."""
    return np.array(
        [
            candidates(
                found.chords, surface, demand, replace(offered, line=(product,)), openable=False
            ).price
            for product in offered.line
        ]
    )


def prices_on(found: Candidates, chosen: Selection, alone: Floats) -> Floats:
    """Return the price of each product on each chosen chord, (p, c); inf where it is too weak.

    Chords that are too much for all of them cost nothing.
    """
    prices = alone[:, np.where(chosen.forth, 0, 1), found.number[chosen.chords]]
    prices[prices >= SHORT_PRICE] = np.inf
    prices[:, priced(found, chosen) >= SHORT_PRICE] = 0.0
    return prices


def one_class_cost(prices: Floats) -> float:
    """Return the cost of chords with the one product that is cheapest for all of them, (p, c).

    Where none is strong enough for all, the one that fails least often is filled up with the
    cheapest for the rest.
    """
    weak = np.isinf(prices).sum(axis=1)
    fewest = prices[weak == weak.min()]
    return float(np.where(np.isinf(fewest), prices.min(axis=0), fewest).sum(axis=1).min())


def line_of(found: Candidates, chosen: Selection) -> Ints:
    """Return the number of the line each chosen chord belongs to.

    Chords are of one line where they share an end that stands on nothing solid.
    """
    number = found.number[chosen.chords]
    chords = found.chords
    ends = chords.mesh.edges[chords.edge[number]]
    # An anchored end is nobody else's: it gets a number of its own.
    own = len(chords.mesh.vertices) + np.arange(ends.size).reshape(ends.shape)
    nodes = np.where(chords.anchored[number], own, ends)
    size = len(chords.mesh.vertices) + ends.size
    links = coo_array((np.ones(len(nodes), dtype=np.int8), nodes.T), shape=(size, size))
    _, part = connected_components(links, directed=False)
    return np.asarray(part[nodes[:, 0]], dtype=np.int64)


def way_by_way(found: Candidates, surface: DrivableSurface) -> tuple[Selection, int]:
    """Return the greedy selection, and how many ways in there are."""
    graph, ways = found.graph, ways_in(found.chords, surface)
    alone = [minimum_cut(replace(graph, source=way)) for way in ways]
    each = [choice.cost / shut_ways(graph, choice, ways) for choice in alone]
    built, order = graph, np.argsort(each, kind="stable")
    taken_forth, taken_back = (np.zeros(len(graph.tail), dtype=bool) for _ in range(2))
    for way in [ways[number] for number in order]:
        chosen = minimum_cut(replace(built, source=way))
        taken_forth[chosen.chords[chosen.forth]] = True
        taken_back[chosen.chords[~chosen.forth]] = True
        built = replace(
            built,
            cost_forth=np.where(taken_forth, 0, graph.cost_forth),
            cost_back=np.where(taken_back, 0, graph.cost_back),
        )
    # What lies between ground that is reached and ground that is not is still needed.
    needed = replace(
        graph,
        cost_forth=np.where(taken_forth, graph.cost_forth, FORBIDDEN),
        cost_back=np.where(taken_back, graph.cost_back, FORBIDDEN),
    )
    return minimum_cut(needed), len(ways)


def shut_ways(graph: ChordGraph, chosen: Selection, ways: Sequence[NDArray[np.bool_]]) -> int:
    """Return how many ways in a selection shuts by itself; at least the one it is made for."""
    still = np.ones(len(graph.tail), dtype=bool)
    still[chosen.chords] = False
    links = (graph.tail[still], graph.head[still])
    shape = (graph.node_count, graph.node_count)
    _, part = connected_components(
        coo_array((np.ones(still.sum(), dtype=np.int8), links), shape=shape), directed=False
    )
    inside = np.unique(part[graph.sink])
    return max(sum(not np.isin(part[way], inside).any() for way in ways), 1)


def ways_in(chords: Chords, surface: DrivableSurface) -> Sequence[NDArray[np.bool_]]:
    """Return the source triangles of each entry and of each street that stays open."""
    source, street = chords.source, chords.mesh.label == OPEN_STREET
    count = len(source)
    within = street[chords.tail] & street[chords.head]
    links = (chords.tail[within], chords.head[within])
    _, way = connected_components(
        coo_array((np.ones(within.sum(), dtype=np.int8), links), shape=(count, count)),
        directed=False,
    )
    rim = np.flatnonzero(source & ~street)
    middles = shapely.points(chords.mesh.vertices[chords.mesh.triangles[rim]].mean(axis=1))
    entries = shapely.STRtree(surface.entries.geometry.to_numpy())
    way[rim] = count + entries.nearest(middles) if len(rim) else way[rim]
    return [source & (way == number) for number in np.unique(way[source])]
