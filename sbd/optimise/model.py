"""Chains, options and wishes -> columns and rows of a MIP."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from sbd.optimise.network import Bools, ChainGraph, ChordGraph, Floats, Ints
from sbd.optimise.options import cheapest_options, worthwhile_options
from sbd.optimise.places import Places, places_of
from sbd.optimise.roads import Roads, served_today
from sbd.optimise.wishes import Ground, Service, Wish

Row = tuple[list[int], list[float], float]  # columns, factors, upper limit


class Model:
    """What is chosen: y of each junction (1 is inside), each option, u of each chain (all inside).

    Rows say that the sum of columns times factors stays at or below a limit.
    """

    def __init__(self, graph: ChordGraph, chains: ChainGraph, wish: Wish) -> None:
        # What no vehicle gets to today can't be asked of a plan.
        known = zip(wish.services, served_today(graph, wish), strict=True)
        wish = replace(wish, services=tuple(service for service, way in known if way))
        self.graph, self.chains, self.wish = graph, chains, wish
        self.places = _places(graph, chains, wish)
        self.roads = _roads(wish)
        within = [self._ways_m(s, ~graph.source) <= s.limit_m for s in wish.services]
        ground = _ground(wish) if within else None
        self.reach = (
            np.array([row[ground.number] for row in within])
            if ground is not None
            else np.zeros((0, len(graph.tail)), dtype=bool)
        )
        self.options = (
            worthwhile_options(graph, chains, wish, self.places, self.reach)
            if wish.asks_more
            else cheapest_options(chains)
        )
        chosen = self.options
        tail, head = chains.tail[chosen.chain], chains.head[chosen.chain]
        self.outer = np.where(chosen.reverse, head, tail)
        self.inner = np.where(chosen.reverse, tail, head)
        self.gates = np.flatnonzero(chosen.gate)
        self.place_m = graph.middle_m[chosen.chord[self.gates]]
        self.first = chains.junction_count
        self.first_whole = self.first + len(chosen.chain)
        self.columns = self.first_whole + (len(chains.tail) if wish.asks_area else 0)
        self.rows: list[Row] = [*self._separation(), *self._crossing()]
        # Those on the number of crossings, in case another number is asked of the same model.
        counts = self._number_of_gates()
        self.counting = range(len(self.rows), len(self.rows) + len(counts))
        self.rows += [*counts, *self._services(), *self._exits(), *self._area()]

    def prices(self) -> Floats:
        """Return the price of each column."""
        cost = np.zeros(self.columns)
        cost[self.first : self.first_whole] = self.options.cost
        return cost

    def ways_m(self, service: Service, region: Bools) -> Floats:
        """Return how far it is to a place from each chord of the chord graph, inside a region."""
        return self._ways_m(service, region)[_ground(self.wish).number]

    def _ways_m(self, service: Service, region: Bools) -> Floats:
        return self.roads[id(service.wide)].ways_m(service, region)

    def _separation(self) -> list[Row]:
        """Say that one option at least closes a chain whose head or tail alone is inside."""
        offered = self._offered()
        rows: list[Row] = []
        ends = zip(self.chains.tail.tolist(), self.chains.head.tolist(), strict=True)
        for chain, (a, b) in enumerate(ends):
            for reverse, near, far in ((False, a, b), (True, b, a)):
                columns = [far, near, *offered.get((chain, reverse), [])]
                rows.append((columns, [1.0, *[-1.0] * (len(columns) - 1)], 0.0))
        return rows

    def _crossing(self) -> list[Row]:
        """Say that what counts for more than closing lies in the cut, once a chain at most."""
        # Of one chain and direction together: half the rows, and tighter where choices are split.
        together = (
            list(self._offered().values())
            if self.wish.asks_more
            else [[self.first + k] for k in self.gates.tolist()]
        )
        rows: list[Row] = []
        inner, outer = self.inner.tolist(), self.outer.tolist()
        for columns in together:
            ones, option = [1.0] * len(columns), columns[0] - self.first
            rows.append(([*columns, inner[option]], [*ones, -1.0], 0.0))
            rows.append(([*columns, outer[option]], [*ones, 1.0], 1.0))
        return rows

    def _number_of_gates(self) -> list[Row]:
        every = (self.first + self.gates).tolist()
        count = float(self.wish.gates)
        least: Row = (every, [-1.0] * len(every), -count)
        # Each crossing can be left open: no more of them than asked for, even where one is cheaper.
        most: Row = (every, [1.0] * len(every), count)
        return [least] if self.wish.services else [most, least]

    def door_terms(self, service: Service) -> Iterable[tuple[list[int], list[float]]]:
        """Give sums that are 1 where the place is inside and 0 or less where it is outside."""
        junction = int(self.places.junction[service.node])
        if junction >= 0:
            yield [junction], [1.0]
            return
        for reverse, far in ((False, self.chains.head), (True, self.chains.tail)):
            leaves = self.first + self._leaving(service, reverse=reverse)
            chain = int(self.places.chain[service.node])
            yield [int(far[chain]), *leaves.tolist()], [1.0, *[-1.0] * len(leaves)]

    def _leaving(self, service: Service, *, reverse: bool) -> Ints:
        """Return the options of its own chain that leave a place outside."""
        chosen, step = self.options, int(self.places.step[service.node])
        out = (chosen.step < step) if reverse else (chosen.step >= step)
        same = chosen.chain == self.places.chain[service.node]
        return np.asarray(np.flatnonzero(same & (chosen.reverse == reverse) & out))

    def _dead_ends(self, service: Service) -> list[Row]:
        """Shut out options that leave a place outside with no room on the way to it."""
        rows: list[Row] = []
        chain, step = int(self.places.chain[service.node]), int(self.places.step[service.node])
        if chain < 0:
            return rows
        members = _ground(self.wish).number[self.chains.members[chain]]
        for reverse, way in ((False, members[:step]), (True, members[step:])):
            leaves = self.first + self._leaving(service, reverse=reverse)
            if len(leaves) and not service.wide[way].all():
                rows.append((leaves.tolist(), [1.0] * len(leaves), 0.0))
        return rows

    def _services(self) -> list[Row]:
        rows: list[Row] = []
        for service, within in zip(self.wish.services, self.reach, strict=True):
            rows += self._dead_ends(service)
            serving = self.gates[within[self.options.chord[self.gates]]]
            for columns, factors in self.door_terms(service):
                rows.append(served(columns, factors, (self.first + serving).tolist()))
        return rows

    def _exits(self) -> list[Row]:
        wish = self.wish
        every = list(range(self.first, self.first_whole))
        asked = ((wish.exit_m, wish.exit_need_m), (wish.exit_count, wish.exits))
        return [
            (every, (-of_chord[self.options.chord]).tolist(), -least)
            for of_chord, least in asked
            if of_chord is not None and least > 0
        ]

    def _area(self) -> list[Row]:
        if not self.wish.asks_area:
            return []
        chains, area = self.chains, _ground(self.wish).area_m2
        at = self.places.junction
        of_junction = np.bincount(at[at >= 0], area[at >= 0], minlength=chains.junction_count)
        on = self.places.chain
        of_chain = np.bincount(on[on >= 0], area[on >= 0], minlength=len(chains.tail))
        offered = self._offered()
        rows: list[Row] = []
        for chain in range(len(chains.tail)):
            whole = self.first_whole + chain
            for reverse, far in ((False, chains.head[chain]), (True, chains.tail[chain])):
                cuts = offered.get((chain, reverse), [])
                rows.append(([int(far), whole, *cuts], [1.0, *[-1.0] * (len(cuts) + 1)], 0.0))
        factors = np.concatenate([of_junction, self.options.enclosed_m2, of_chain])
        # Square metres of a place are ten thousands: near 1 the solver's tolerance is finest.
        scale = max(self.wish.enclosed_max_m2, 1.0)
        used = np.flatnonzero(factors)
        limit = self.wish.enclosed_max_m2 / scale
        rows.append((used.tolist(), (factors[used] / scale).tolist(), limit))
        return rows

    def _offered(self) -> dict[tuple[int, bool], list[int]]:
        """Return the columns of the options of each chain and direction."""
        found: dict[tuple[int, bool], list[int]] = {}
        pairs = zip(self.options.chain.tolist(), self.options.reverse.tolist(), strict=True)
        for k, key in enumerate(pairs):
            found.setdefault(key, []).append(self.first + k)
        return found


def served(columns: list[int], factors: list[float], others: list[int]) -> Row:
    """Return the row that what is inside needs one of `others`; no column comes twice."""
    factor = dict(zip(columns, factors, strict=True))
    for column in others:
        # A junction that is asked for on both sides cancels out; an option helps once.
        factor[column] = 0.0 if factor.get(column, 0.0) > 0 else -1.0
    kept = {column: f for column, f in factor.items() if f}
    return list(kept), list(kept.values()), 0.0


def _ground(wish: Wish) -> Ground:
    if wish.ground is None:
        raise ValueError("a wish for services or area needs the ground they are on")
    return wish.ground


def _places(graph: ChordGraph, chains: ChainGraph, wish: Wish) -> Places:
    if wish.ground is None:
        nothing: Ints = np.full(graph.node_count, -1, dtype=np.int64)
        return Places(nothing, nothing, nothing)
    return places_of(graph, chains, wish.ground)


def _roads(wish: Wish) -> dict[int, Roads]:
    """Return the roads of each width that is asked about."""
    widths = {id(service.wide): service.wide for service in wish.services}
    return {key: Roads.of(_ground(wish), wide) for key, wide in widths.items()}
