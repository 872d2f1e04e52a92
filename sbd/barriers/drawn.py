"""A place held ready + units drawn by hand -> what the cheapest rest costs, and what strikes them.

For answers at once, on the mesh as it is: nothing is meshed again around the units.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sbd.barriers.blocked import what_blocks
from sbd.barriers.chords import PRICE_UNIT
from sbd.barriers.cost import Strength, strengths
from sbd.barriers.demand import Demand, Floats, Need, Strikes, hardest
from sbd.barriers.prepared import Prepared
from sbd.catalogue.product import Product
from sbd.errors import InfeasiblePlanError
from sbd.model.words import STRENGTHS
from sbd.optimise.cut import Blocked, minimum_cut
from sbd.optimise.network import FORBIDDEN, repriced

_HEADINGS = 8  # a unit that somebody drew may be struck from anywhere


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """The cheapest way to close a place beside what stays, as chords.

    Parameters
    ----------
    cost : float
        Chord cost of what is still to be built.
    lines : (n,) array of LineString
        Where it runs; none where what stays closes the place.
    seconds : float
        How long the answer took.
    """

    cost: float
    lines: NDArray[np.object_]
    seconds: float


@dataclass(frozen=True, slots=True)
class Load:
    """What strikes a line of units at its hardest, and how the weakest of them answers."""

    line_id: str
    vehicle: str
    speed_kmh: float
    energy_kj: float
    strength: str


def cheapest_rest(
    prepared: Prepared, kept: Sequence[BaseGeometry], forbidden: Sequence[BaseGeometry] = ()
) -> Rest:
    """Return what the cheapest plan costs beside units that stay, off forbidden ground.

    A chord is paid for where it lies within the widest gap of those units from end to end: they are
    taken to close it. That errs low where they leave a hole, which the judge finds, and high where
    other chords would have to be drawn around new ones. A chord that touches forbidden ground is
    out, which errs high.

    Raises InfeasiblePlanError where nothing closes the place.
    """
    started = time.perf_counter()
    graph, found = prepared.graph, prepared.found
    ends = found.chords.ends[found.number]
    lines = shapely.linestrings(ends)
    columns = [graph.cost_forth, graph.cost_back, graph.gate_forth, graph.gate_back]
    columns = [column.copy() for column in columns]
    on = _touching(lines, forbidden)
    for column in columns:
        column[on] = FORBIDDEN
    paid = _within(lines, kept, prepared.request.gap_max_m)
    for column in columns[:2]:
        column[paid] = 0
    edited = replace(
        graph,
        cost_forth=columns[0],
        cost_back=columns[1],
        gate_forth=columns[2],
        gate_back=columns[3],
    )
    selection = minimum_cut(edited, chains=repriced(edited, prepared.chains))
    if isinstance(selection, Blocked):
        words = what_blocks(selection, found, prepared.surface, refused=bool(len(forbidden)))
        raise InfeasiblePlanError(words)
    new = selection.chords[~paid[selection.chords]]
    seconds = time.perf_counter() - started
    return Rest(selection.cost * PRICE_UNIT, np.asarray(lines[new]), seconds)


def loads_on(
    footprints: gpd.GeoDataFrame, demand: Demand, products: Sequence[Product]
) -> tuple[Load, ...]:
    """Return what strikes each line of a layout anywhere on its units, from any side; errs high.

    Other units are not in the way. A line with a unit of an unknown product is "short".
    """
    if footprints.empty:
        return ()
    points, headings, owner = _outlines(footprints.geometry.to_numpy())
    strikes = demand(points, headings)
    known = {product.product_id: product for product in products}
    lines = footprints["line_id"].astype(str).to_numpy()
    kinds = footprints["product_id"].astype(str).to_numpy()
    return tuple(
        _load(
            name,
            hardest(demand, _of(strikes, np.isin(owner, np.flatnonzero(lines == name)))),
            [known.get(kind) for kind in np.unique(kinds[lines == name])],
        )
        for name in dict.fromkeys(lines.tolist())
    )


def _of(strikes: Strikes, rows: NDArray[np.bool_]) -> Strikes:
    return Strikes(strikes.speed_mps[rows], strikes.angle_deg[rows])


def _load(name: str, need: Need, products: list[Product | None]) -> Load:
    answer = STRENGTHS[_weakest(products, need)]
    return Load(name, need.vehicle, need.speed_kmh, need.energy_kj, answer)


def _weakest(products: list[Product | None], need: Need) -> Strength:
    known = [product for product in products if product is not None]
    if len(known) < len(products):
        return Strength.SHORT
    found = strengths(known, need.names, need.masses_kg, need.speed_mps[None])
    return Strength(int(found.max()))


def _outlines(shapes: NDArray[np.object_]) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return corners and middle of each shape, each with every heading, and whose they are."""
    turn = 2 * np.pi * np.arange(_HEADINGS) / _HEADINGS
    ways = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    boxes = shapely.oriented_envelope(shapes)
    corners, owner = shapely.get_coordinates(boxes, return_index=True)
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    places = np.concatenate([corners, middles])
    owners = np.concatenate([owner, np.arange(len(shapes))])
    headings = np.tile(ways, (len(places), 1))
    return np.repeat(places, _HEADINGS, axis=0), headings, np.repeat(owners, _HEADINGS)


def _touching(lines: NDArray[np.object_], shapes: Sequence[BaseGeometry]) -> NDArray[np.bool_]:
    out = np.zeros(len(lines), dtype=bool)
    if len(shapes):
        _, hit = shapely.STRtree(lines).query(list(shapes), predicate="intersects")
        out[hit] = True
    return out


def _within(
    lines: NDArray[np.object_], shapes: Sequence[BaseGeometry], distance_m: float
) -> NDArray[np.bool_]:
    out = np.zeros(len(lines), dtype=bool)
    if len(shapes):
        region = shapely.union_all(shapely.buffer(np.array(shapes, dtype=object), distance_m))
        hit = shapely.STRtree(lines).query(region, predicate="contains")
        out[hit] = True
    return out
