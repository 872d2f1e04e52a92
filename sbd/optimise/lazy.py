"""A solution -> the rows it breaks that nobody wrote down before: pockets, crowds, ways inside."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from sbd.optimise.model import Model, Row, served
from sbd.optimise.network import SINK, SOURCE, Bools, Floats, Ints
from sbd.optimise.roads import outside_nodes
from sbd.optimise.wishes import Service

_SLACK = 1 + 1e-9  # of lengths that are compared with themselves


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A solution: which junctions are inside, which options are taken, and what none is below."""

    inside: Bools
    taken: Ints
    bound: int


def broken_rows(model: Model, answer: Answer) -> list[Row]:
    """Return the rows that a solution breaks; none where it is a plan."""
    chosen = answer.taken[model.options.gate[answer.taken]]
    rows = [*_gate_rows(model, answer, chosen), *_crowded_rows(model, chosen)]
    rows += [*_exit_rows(model, answer), *_sealed_rows(model, answer)]
    return rows or _service_rows(model, answer, chosen)


def crowd_rows(model: Model, centres: Floats) -> list[Row]:
    """Let at most one gate be within half the distance of each centre."""
    if not len(centres) or not len(model.place_m):
        return []
    crowds = KDTree(model.place_m).query_ball_point(centres, 0.5 * model.wish.apart_m)
    distinct = sorted({tuple(sorted(crowd)) for crowd in crowds if len(crowd) > 1})
    return [
        ((model.first + model.gates[list(crowd)]).tolist(), [1.0] * len(crowd), 1.0)
        for crowd in distinct
    ]


def _crowded_rows(model: Model, chosen: Ints) -> list[Row]:
    """Return rows around the places between gates that are too close to each other."""
    # A single crossing is on its own, however close another one is that serves a door.
    if len(chosen) < 2 or model.wish.gates < 2:
        return []
    place_m = model.graph.middle_m[model.options.chord[chosen]]
    pairs = KDTree(place_m).query_pairs(model.wish.apart_m * (2 - _SLACK))
    return crowd_rows(model, np.array([place_m[[a, b]].mean(axis=0) for a, b in sorted(pairs)]))


def _gate_rows(model: Model, answer: Answer, chosen: Ints) -> list[Row]:
    """Return the rows that a gate onto a sealed pocket breaks; none where all lead on."""
    wide = model.chains.wide
    rows: list[Row] = []
    for side, ends in ((False, model.outer), (True, model.inner)):
        for pocket in _pockets(model, answer, wide, side=side, ends=ends[chosen]):
            rows += _leads_on(model, pocket, model.gates, wide, side=side)
    return rows


def _exit_rows(model: Model, answer: Answer) -> list[Row]:
    """Return the rows that an exit breaks through which nobody of the zone comes."""
    if not model.wish.asks_exits:
        return []
    any_way = np.ones(len(model.chains.tail), dtype=bool)
    every = np.arange(len(model.options.chain))
    ends = model.inner[answer.taken]
    rows: list[Row] = []
    for pocket in _pockets(model, answer, any_way, side=True, ends=ends):
        rows += _leads_on(model, pocket, every, any_way, side=True)
    return rows


def _sealed_rows(model: Model, answer: Answer) -> list[Row]:
    """Return the rows that ground breaks which counts as outside and which nobody reaches."""
    if not model.wish.asks_more:
        return []
    any_way = np.ones(len(model.chains.tail), dtype=bool)
    every = np.flatnonzero(~answer.inside)
    rows: list[Row] = []
    for pocket in _pockets(model, answer, any_way, side=False, ends=every):
        around = _around(model, pocket, any_way)
        around = around[around != SINK]
        for junction in np.flatnonzero(pocket).tolist():
            # 1 - y <= sum (1 - y) around
            columns = [junction, *around.tolist()]
            rows.append((columns, [-1.0, *[1.0] * len(around)], float(len(around) - 1)))
    return rows


def _pockets(
    model: Model, answer: Answer, passable: Bools, *, side: bool, ends: Ints
) -> list[Bools]:
    """Return the parts of one side that hold one of `ends` and do not lead on, as junctions."""
    chains, inside = model.chains, answer.inside
    same = passable & (inside[chains.tail] == side) & (inside[chains.head] == side)
    part = _parts(chains.junction_count, chains.tail[same], chains.head[same])
    terminal = SINK if side else SOURCE
    sealed = np.unique(part[ends[part[ends] != part[terminal]]])
    # On one side of the cut only: the other side may share no number with it.
    return [(part == pocket) & (inside == side) for pocket in sealed.tolist()]


def _leads_on(
    model: Model, pocket: Bools, options: Ints, passable: Bools, *, side: bool
) -> list[Row]:
    """Say that options on a pocket need one junction around it on their side."""
    ends = model.inner if side else model.outer
    around = _around(model, pocket, passable)
    rows: list[Row] = []
    for k in options[pocket[ends[options]]].tolist():
        columns = [model.first + k, *around.tolist()]
        # outer: g + sum y <= |N|      inner: g - sum y <= 0
        factors = [1.0] + [-1.0 if side else 1.0] * len(around)
        rows.append((columns, factors, 0.0 if side else float(len(around))))
    return rows


def _around(model: Model, member: Bools, passable: Bools | None = None) -> Ints:
    """Return the junctions one passable chain away from a set of them."""
    chains = model.chains
    leaves = member[chains.tail] != member[chains.head]
    if passable is not None:
        leaves &= passable
    far = np.where(member[chains.tail[leaves]], chains.head[leaves], chains.tail[leaves])
    return np.asarray(np.unique(far), dtype=np.int64)


def _service_rows(model: Model, answer: Answer, chosen: Ints) -> list[Row]:
    """Return rows for the places that no crossing serves by a way that stays inside."""
    ground, options = model.wish.ground, model.options
    if ground is None or not model.wish.services:
        return []
    closed = ground.number[options.chord[answer.taken]]
    outside = outside_nodes(ground, model.graph.source, closed)
    rows: list[Row] = []
    for number, service in enumerate(model.wish.services):
        if outside[service.node]:
            rows += _cut_off_rows(model, answer, service, outside)
            continue
        way_m = model.ways_m(service, ~outside)[options.chord[chosen]]
        if not (way_m <= service.limit_m * _SLACK).any():
            rows += _unserved_rows(model, answer, service, number, chosen)
    return rows


def _unserved_rows(
    model: Model, answer: Answer, service: Service, number: int, chosen: Ints
) -> list[Row]:
    """Say: another crossing within reach, or more ground inside so that a shorter way is."""
    region = _all_chains_of(model, answer.inside)
    reach = model.ways_m(service, region) <= service.limit_m * _SLACK
    reach &= model.reach[number]
    serving = model.gates[reach[model.options.chord[model.gates]]]
    serving = np.setdiff1d(serving, chosen)
    beyond = _around(model, answer.inside)
    others = [*(model.first + serving).tolist(), *beyond.tolist()]
    return [served(c, f, others) for c, f in model.door_terms(service)]


def _cut_off_rows(model: Model, answer: Answer, service: Service, outside: Bools) -> list[Row]:
    """Say of a place outside that no way leads to from the source: inside, or less is closed."""
    graph, ground = model.graph, model.wish.ground
    if ground is None or graph.source[service.node]:
        return []
    way_m = model.roads[id(service.wide)].ways_m(service, outside)
    at_source = graph.source[ground.tail] | graph.source[ground.head]
    if np.isfinite(way_m[at_source]).any():
        return []
    rim = _around(model, ~answer.inside)
    rim = rim[rim != SINK]
    row = dict.fromkeys(rim.tolist(), 1.0)
    for columns, factors in model.door_terms(service):
        for column, factor in zip(columns, factors, strict=True):
            row[column] = row.get(column, 0.0) - factor
    return [(list(row), list(row.values()), float(len(rim) - 1))]


def _all_chains_of(model: Model, inside: Bools) -> Bools:
    """Return the nodes of inner junctions and of all chains that meet one."""
    chains, places = model.chains, model.places
    meets = inside[chains.tail] | inside[chains.head]
    at, on = places.junction >= 0, places.chain >= 0
    region = np.zeros(model.graph.node_count, dtype=bool)
    region[at] = inside[places.junction[at]]
    region[on] = meets[places.chain[on]]
    return region


def _parts(count: int, tail: Ints, head: Ints) -> Ints:
    ones = np.ones(len(tail), dtype=np.int8)
    _, part = connected_components(coo_array((ones, (tail, head)), shape=(count, count)), False)
    return np.asarray(part, dtype=np.int64)
