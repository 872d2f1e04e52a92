"""Chains and wishes -> the chords each chain offers: the cheapest, or all that are worth it."""

from dataclasses import dataclass

import numba
import numpy as np

from sbd.optimise.network import FORBIDDEN, Bools, ChainGraph, ChordGraph, Floats, Ints
from sbd.optimise.places import Places
from sbd.optimise.wishes import Wish

MOST_OPTIONS = 5  # of a chain, a direction and a kind
ROUND_OFF = 1e-6  # square metres and metres that differ by less are the same


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """Ways to close a chain, one a row: closed ones first, then openable ones.

    Parameters
    ----------
    chain, chord : (o,) array
        Chain and the chord on it.
    reverse : (o,) array
        Whether vehicles come from the head of the chain.
    gate : (o,) array
        Whether the chord carries an openable crossing.
    cost : (o,) array
        Price.
    step : (o,) array
        How many chords of the chain come before the chord, as seen from its tail.
    enclosed_m2 : (o,) array
        Ground of the chain behind the chord.
    """

    chain: Ints
    chord: Ints
    reverse: Bools
    gate: Bools
    cost: Ints
    step: Ints
    enclosed_m2: Floats


def cheapest_options(chains: ChainGraph) -> Options:
    """Return the cheapest chord of each chain, direction and kind."""
    size = len(chains.tail)
    cost = np.concatenate(
        [chains.cost_forth, chains.cost_back, chains.gate_forth, chains.gate_back]
    )
    chord = np.concatenate(
        [
            chains.chord_forth,
            chains.chord_back,
            chains.gate_chord_forth,
            chains.gate_chord_back,
        ]
    )
    kept = np.flatnonzero(cost < FORBIDDEN)
    kind = kept // max(size, 1)
    none = np.zeros(len(kept))
    return Options(
        chain=kept % max(size, 1),
        chord=chord[kept],
        reverse=kind % 2 == 1,
        gate=kind >= 2,
        cost=cost[kept],
        step=none.astype(np.int64),
        enclosed_m2=none,
    )


def worthwhile_options(
    graph: ChordGraph, chains: ChainGraph, wish: Wish, places: Places, reach: Bools
) -> Options:
    """Return the chords of each chain, direction and kind that no cheaper one is as good as.

    As good: encloses no more, lets out as many, leaves the same places outside and, with a
    crossing, serves the same ones. At most `MOST_OPTIONS` of them, the cheapest among them.

    Parameters
    ----------
    reach : (s, m) array
        Whether each service is within reach of a crossing on each chord while nothing is closed.
    """
    if not chains.members:
        return cheapest_options(chains)
    chord, forward = np.concatenate(chains.members), np.concatenate(chains.forward)
    first = np.cumsum([0, *(len(members) for members in chains.members)])
    owner = np.repeat(np.arange(len(chains.members)), np.diff(first))
    step = np.arange(len(chord)) - first[owner]
    before_m2 = _ground_before(first, wish, places)
    behind_m2 = before_m2[first[1:] - 1][owner] - before_m2
    found: list[tuple[Ints, bool, bool, Ints, Floats]] = []
    for gate in (False, True):
        ahead, back = (
            (graph.gate_forth, graph.gate_back) if gate else (graph.cost_forth, graph.cost_back)
        )
        for reverse in (False, True):
            cost = np.where(forward != reverse, ahead[chord], back[chord])
            cost = np.where(chains.wide[owner], cost, FORBIDDEN) if gate else cost
            enclosed_m2 = before_m2 if reverse else behind_m2
            merits = [-enclosed_m2, _doors_outside(first, wish, places, reverse=reverse)]
            if wish.exit_m is not None:
                merits.append(wish.exit_m[chord])
            if wish.exit_count is not None:
                merits.append(wish.exit_count[chord])
            if gate:
                merits += list(reach[:, chord].astype(float))
            best = _worthwhile(first, cost, np.array(merits), MOST_OPTIONS)
            found.append((best, reverse, gate, cost[best], enclosed_m2[best]))
    taken = np.concatenate([best for best, *_ in found])
    sizes = [len(best) for best, *_ in found]
    return Options(
        chain=owner[taken],
        chord=chord[taken],
        reverse=np.repeat([reverse for _, reverse, *_ in found], sizes),
        gate=np.repeat([gate for _, _, gate, *_ in found], sizes),
        cost=np.concatenate([cost for *_, cost, _ in found]),
        step=step[taken],
        enclosed_m2=np.concatenate([area for *_, area in found]),
    )


@numba.njit(cache=True)
def _worthwhile(first: Ints, cost: Ints, merits: Floats, most: int) -> Ints:
    """Return the places in each chain that no cheaper one is as good as, by cost.

    Chain k has the places `first[k]` to `first[k + 1]`; of more than `most` an even choice.
    """
    taken, total = np.empty(len(cost), np.int64), 0
    for chain in range(len(first) - 1):
        begin = first[chain]
        kept, count = np.empty(first[chain + 1] - begin, np.int64), 0
        for at in begin + np.argsort(cost[begin : first[chain + 1]], kind="mergesort"):
            if cost[at] >= FORBIDDEN:
                break
            is_worth = True
            for other in kept[:count]:
                as_good = True
                for merit in merits:
                    if merit[other] < merit[at] - ROUND_OFF:
                        as_good = False
                        break
                if as_good:
                    is_worth = False
                    break
            if is_worth:
                kept[count] = at
                count += 1
        for n in range(min(most, count)):
            pick = n if count <= most else round(n * (count - 1) / (most - 1))
            taken[total] = kept[pick]
            total += 1
    return taken[:total]


def _ground_before(first: Ints, wish: Wish, places: Places) -> Floats:
    """Return the ground in each chain before each of its chords, as seen from its tail."""
    area_m2 = np.zeros(first[-1])
    if wish.ground is not None:
        inner = np.flatnonzero(places.chain >= 0)
        # A node lies behind as many chords as its step says, and so before the next one.
        at = first[places.chain[inner]] + places.step[inner]
        np.add.at(area_m2, at, wish.ground.area_m2[inner])
    total_m2 = np.cumsum(area_m2)
    starts = first[:-1]
    return np.asarray(total_m2 - np.repeat(total_m2[starts] - area_m2[starts], np.diff(first)))


def _doors_outside(first: Ints, wish: Wish, places: Places, *, reverse: bool) -> Floats:
    """Return how many services on its chain each chord leaves outside.

    Seen from one end they are outside one after the other, so their number says which.
    """
    count = np.zeros(first[-1])
    for service in wish.services:
        chain = places.chain[service.node]
        if chain >= 0:
            at = first[chain] + places.step[service.node]
            count[slice(first[chain], at) if reverse else slice(at, first[chain + 1])] += 1.0
    return count
