"""Chains and wishes -> the chords each chain offers: the cheapest, or all that are worth it."""

from dataclasses import dataclass

import numpy as np

from sbd.optimise.network import FORBIDDEN, Bools, ChainGraph, ChordGraph, Floats, Ints
from sbd.optimise.places import Places
from sbd.optimise.wishes import Wish

MOST_OPTIONS = 5  # of a chain, a direction and a kind


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
    area = _chain_areas(chains, wish, places)
    doors = _chain_doors(wish, places)
    rows: list[tuple[int, int, bool, bool, int, int, float]] = []
    for gate in (False, True):
        for reverse in (False, True):
            for k, (members, forward) in enumerate(
                zip(chains.members, chains.forward, strict=True)
            ):
                if gate and not chains.wide[k]:
                    continue
                ahead, behind = (
                    (graph.gate_forth, graph.gate_back)
                    if gate
                    else (graph.cost_forth, graph.cost_back)
                )
                cost = np.where(forward != reverse, ahead[members], behind[members])
                possible = np.flatnonzero(cost < FORBIDDEN)
                if not len(possible):
                    continue
                enclosed = _enclosed(area[k], reverse=reverse)
                merits = [-enclosed[possible]]
                if wish.exit_m is not None:
                    wide_m = wish.exit_m[members[possible]]
                    merits += [wide_m, (wide_m >= wish.exit_width_m).astype(float)]
                for step in doors.get(k, []):
                    out = possible < step if reverse else possible >= step
                    merits.append(out.astype(float))
                if gate and len(reach):
                    merits += list(reach[:, members[possible]].astype(float))
                best = possible[_worthwhile(cost[possible], np.array(merits))]
                rows += [
                    (k, int(members[n]), reverse, gate, int(cost[n]), int(n), float(enclosed[n]))
                    for n in best.tolist()
                ]
    chain, chord, back, is_gate, price, step_of, inner = (
        zip(*rows, strict=True) if rows else ((),) * 7
    )
    return Options(
        chain=np.array(chain, dtype=np.int64),
        chord=np.array(chord, dtype=np.int64),
        reverse=np.array(back, dtype=bool),
        gate=np.array(is_gate, dtype=bool),
        cost=np.array(price, dtype=np.int64),
        step=np.array(step_of, dtype=np.int64),
        enclosed_m2=np.array(inner, dtype=float),
    )


def _worthwhile(cost: Ints, merits: Floats) -> Ints:
    """Return the rows that no cheaper one is as good as, by cost; more merit is better."""
    order = np.lexsort((np.arange(len(cost)), cost))
    if len(order) == 1:
        return order
    kept: list[int] = []
    for n in order.tolist():
        if not kept or not (merits[:, kept] >= merits[:, [n]] - 1e-9).all(axis=0).any():
            kept.append(n)
    pick = np.unique(np.linspace(0, len(kept) - 1, min(MOST_OPTIONS, len(kept))).round())
    return np.array(kept, dtype=np.int64)[pick.astype(np.int64)]


def _enclosed(area: Floats, *, reverse: bool) -> Floats:
    """Return the area of a chain's inner nodes behind each of its chords."""
    before = np.concatenate([[0.0], np.cumsum(area)])
    return before if reverse else before[-1] - before


def _chain_areas(chains: ChainGraph, wish: Wish, places: Places) -> list[Floats]:
    """Return the ground of the inner nodes of each chain, in order."""
    result = [np.zeros(len(members) - 1) for members in chains.members]
    if wish.ground is not None:
        for node in np.flatnonzero(places.chain >= 0).tolist():
            result[places.chain[node]][places.step[node] - 1] += wish.ground.area_m2[node]
    return result


def _chain_doors(wish: Wish, places: Places) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for service in wish.services:
        if places.chain[service.node] >= 0:
            found.setdefault(int(places.chain[service.node]), []).append(
                int(places.step[service.node])
            )
    return found
