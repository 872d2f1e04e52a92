"""A line from a wall into a street -> units on it that stop what comes from either side."""

import math
from collections.abc import Sequence

import numpy as np
import shapely

from sbd.barriers.cost import Offer, Strength, strengths, unit_prices
from sbd.barriers.demand import Demand, Floats, Need, hardest
from sbd.barriers.fitting import FittedLine
from sbd.barriers.lines import Line
from sbd.barriers.rows import Unit
from sbd.barriers.runs import Terrain, footprints, stands_clear
from sbd.catalogue.product import Product
from sbd.model.request import PlanRequest


def strong_row(
    ends: Floats,
    along: Floats,
    lane_m: float,
    demand: Demand,
    offered: Offer,
    ground: Terrain,
    request: PlanRequest,
) -> FittedLine | None:
    """Return the cheapest row of one product that is strong enough; None where there is none.

    Parameters
    ----------
    ends : (2, 2) array
        The wall behind the row, and where its last unit ends.
    along : (2,) array
        Way of the traffic; it comes from either side.
    lane_m : float
        What is clear beside the last unit.
    """
    length = float(np.hypot(*(ends[1] - ends[0])))
    points = ends[0] + np.linspace(0.0, 1.0, max(2, math.ceil(length / 1.5)))[:, None] * (
        ends[1] - ends[0]
    )
    ways = np.concatenate([np.tile(sign * along, (len(points), 1)) for sign in (1, -1)])
    need = hardest(demand, demand(np.concatenate([points, points]), ways))
    strength = strengths(offered.line, demand.names, demand.masses_kg, need.speed_mps[None])
    middle = np.array([product.cost_mid for product in offered.line])
    price = unit_prices(middle, strength)[0]
    best: tuple[float, FittedLine] | None = None
    for number, product in enumerate(offered.line):
        if not math.isfinite(price[number]):
            continue
        units, gap_m = _units(
            ends, product, Strength(int(strength[0, number])), need, offered, ground
        )
        if not units or not _allowed(units, product, ground, request):
            continue
        cost = float(price[number]) * len(units) + product.line_fixed_cost
        if best is None or cost < best[0]:
            gaps = np.append(np.full(len(units), gap_m), lane_m)
            best = cost, FittedLine(_line(ends), units, gaps, price=cost)
    return None if best is None else best[1]


def _units(
    ends: Floats,
    product: Product,
    strength: Strength,
    need: Need,
    offered: Offer,
    ground: Terrain,
) -> tuple[tuple[Unit, ...], float]:
    """Return the fewest units of a row, evenly spaced from the wall, and the gap before each."""
    length = float(np.hypot(*(ends[1] - ends[0])))
    way = (ends[1] - ends[0]) / length
    count = math.ceil(length / (product.width_m + offered.design_gap_m) - 1e-9)
    gap_m = length / count - product.width_m
    if gap_m < 0.0:
        return (), 0.0
    middles = (np.arange(count) + 1) * (product.width_m + gap_m) - product.width_m / 2
    centres = ends[0] + middles[:, None] * way
    directions = np.tile(way, (count, 1))
    shapes = footprints(product, centres, directions)
    extras = ground.siting.unit_extras(shapes)
    parts = zip(centres, directions, shapes, extras.tolist(), strict=True)
    return (
        tuple(
            Unit(product, centre, direction, shape, False, need, strength, extra)
            for centre, direction, shape, extra in parts
        ),
        gap_m,
    )


def _allowed(
    units: Sequence[Unit], product: Product, ground: Terrain, request: PlanRequest
) -> bool:
    shapes = np.array([unit.shape for unit in units], dtype=object)
    if not stands_clear(shapes, ground, ()).all():
        return False
    if ground.siting.barred_units(product, shapes).any():
        return False
    hand = request.hand
    if hand.pinned is not None and shapely.intersects(hand.pinned.union_all(), shapes).any():
        return False
    return hand.forbidden is None or not shapely.intersects(hand.forbidden, shapes).any()


def _line(ends: Floats) -> Line:
    return Line(
        vertices=ends,
        members=(np.zeros(0, dtype=np.int64),),
        openable=np.array([False]),
        street_m=np.array([np.inf]),
        closed=False,
    )
