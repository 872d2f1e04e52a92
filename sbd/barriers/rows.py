"""A run of a line -> its cheapest row of units that stands clear and leaves no gap too wide."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from sbd.barriers.cost import LaneBlock, Offer, Strength, strengths
from sbd.barriers.demand import Demand, Floats, Need, Strikes, hardest
from sbd.barriers.runs import (
    Run,
    Terrain,
    blocked_starts,
    centres_along,
    closed_ends,
    footprints,
    prices_along,
    sited_starts,
    slanting_ends,
    stands_clear,
    strikes_along,
)
from sbd.catalogue.product import Product
from sbd.optimise.layout import NEVER, Row, cheapest_row
from sbd.optimise.network import Ints

TRIED_CM = 3  # a unit that does not stand clear is not tried again this near

Ends = tuple[Polygon | None, Polygon | None]


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One unit in place.

    Parameters
    ----------
    centre, direction : (2,) array
        Position, and the unit vector of the line there.
    openable : bool
        Whether it opens for engines and deliveries.
    need : Need
        What strikes it and the gaps beside it.
    strength : Strength
        How the product answers that.
    ground_price : float
        What the ground under it adds to its cost.
    """

    product: Product
    centre: Floats
    direction: Floats
    shape: Polygon
    openable: bool
    need: Need
    strength: Strength
    ground_price: float


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """Products and lanes as the DP sees them: one list, widths in centimetres."""

    products: tuple[Product, ...]
    widths_cm: tuple[int, ...]
    counts: tuple[int, ...]
    blocks: tuple[LaneBlock | None, ...]

    @property
    def is_lane(self) -> NDArray[np.bool_]:
        return np.array([block is not None for block in self.blocks])

    def middles_m(self, number: int, start_cm: int) -> Floats:
        """Return where the units of a product or lane that starts there have their middles."""
        width_m, block = self.products[number].width_m, self.blocks[number]
        step_m = 0.0 if block is None else block.gap_m + width_m
        return np.asarray(start_cm / 100 + np.arange(self.counts[number]) * step_m + width_m / 2)


def fit_run(
    run: Run,
    demand: Demand,
    offered: Offer,
    ground: Terrain,
    *,
    placed: Sequence[Polygon],
    ends: Ends,
) -> list[Unit] | None:
    """Return the units of a run in order; None where no row closes it.

    The DP counts along the run. On bends and beside units at them a footprint reaches further
    than its strip, and a gap across the set-back of two units is wider than along the run: both
    are looked at here, and what fails is tried again without it.

    Parameters
    ----------
    placed : sequence of Polygon
        Units elsewhere that must not be stood in.
    ends : (2,) tuple of Polygon or None
        The units at the start and at the end of the run; None at a solid.
    """
    if run.room_cm < 0:
        return None
    gap_max_cm = round(offered.design_gap_m * 100)
    if run.lane is None and not all(run.solid) and run.room_cm <= gap_max_cm:
        if _widest_m([], ends) <= offered.gap_max_m:
            return []
        gap_max_cm = run.room_cm - 1
    choice = _choice(offered, with_lane=run.lane is not None)
    strikes = strikes_along(run, demand)
    price = _prices(run, choice, demand, strikes, ground, placed)
    others = [*placed, *(end for end in ends if end is not None)]
    while gap_max_cm >= 0:
        row = _cheapest(run, choice, price, offered, ground, gap_max_cm)
        if row is None:
            return None
        shapes = _shapes(run, row, choice)
        clear = np.array([stands_clear(group, ground, others).all() for group in shapes])
        tried = zip(row.product[~clear].tolist(), row.start_cm[~clear].tolist(), strict=True)
        for p, start in tried:
            price[p, max(start - TRIED_CM, 0) : start + TRIED_CM + 1] = NEVER
        too_wide_m = _widest_m(list(np.concatenate(shapes)), ends) - offered.gap_max_m
        if clear.all() and too_wide_m <= 0:
            return _units(run, row, choice, demand, strikes, ground)
        if clear.all():
            gap_max_cm -= int(np.ceil(too_wide_m * 100)) + 1
    return None


def _widest_m(shapes: list[Polygon], ends: Ends) -> float:
    """Return the widest clear gap between units; gaps to solids are closed by the run itself."""
    row = [shape for shape in (ends[0], *shapes, ends[1]) if shape is not None]
    return max((shapely.distance(one, other) for one, other in pairwise(row)), default=0.0)


def _shapes(run: Run, row: Row, choice: _Choice) -> list[NDArray[np.object_]]:
    """Return the footprints of each unit or lane of a row."""
    found = []
    for p, start_cm in zip(row.product.tolist(), row.start_cm.tolist(), strict=True):
        centres, ways = centres_along(run, choice.products[p], choice.middles_m(p, start_cm))
        found.append(footprints(choice.products[p], centres, ways))
    return found


def _prices(
    run: Run,
    choice: _Choice,
    demand: Demand,
    strikes: Strikes,
    ground: Terrain,
    placed: Sequence[Polygon],
) -> Ints:
    price = prices_along(
        choice.products, choice.widths_cm, choice.counts, demand, strikes, run.room_cm
    )
    for p, (product, width) in enumerate(zip(choice.products, choice.widths_cm, strict=True)):
        price[p, blocked_starts(run, product, width, ground, placed)] = NEVER
        if choice.blocks[p] is not None and run.lane is not None:
            starts = np.arange(run.room_cm + 1) / 100 + run.taken_m[0]
            inside = (starts >= run.lane[0]) & (starts + width / 100 <= run.lane[1])
            price[p, ~inside] = NEVER
    if ground.siting.concerns(choice.products, shapely.LineString(run.vertices)):
        for p, product in enumerate(choice.products):
            barred, extra = sited_starts(run, product, choice.middles_m(p, 0), ground.siting)
            price[p] = np.where(barred | (price[p] < 0), NEVER, price[p] + np.round(extra))
    return price


def _cheapest(
    run: Run, choice: _Choice, price: Ints, offered: Offer, ground: Terrain, gap_max_cm: int
) -> Row | None:
    """Return the cheapest row, with the least gap kept and plain ends if there is any."""
    slanting = None
    for gap_min_cm in (min(round(offered.gap_min_m * 100), gap_max_cm), 0):
        plain = closed_ends(run, choice.widths_cm, gap_min_cm=gap_min_cm, gap_max_cm=gap_max_cm)
        for with_slanting in (False, True):
            starts_ok, stops_ok = plain
            if with_slanting and slanting is None:
                slanting = slanting_ends(
                    run, choice.products, choice.widths_cm, ground, gap_max_cm=gap_max_cm
                )
            if with_slanting and slanting is not None:
                starts_ok, stops_ok = plain[0] | slanting[0], plain[1] | slanting[1]
            row = cheapest_row(
                np.array(choice.widths_cm, dtype=np.int64),
                price,
                starts_ok,
                stops_ok,
                gap_min_cm=gap_min_cm,
                gap_max_cm=gap_max_cm,
                lane=choice.is_lane,
                lanes=int(run.lane is not None),
            )
            if row is not None:
                return row
    return None


def _choice(offered: Offer, *, with_lane: bool) -> _Choice:
    blocks: tuple[LaneBlock, ...] = offered.lanes if with_lane else ()
    return _Choice(
        products=(*offered.line, *(block.product for block in blocks)),
        widths_cm=(
            *(product.width_cm for product in offered.line),
            *(round(block.width_m * 100) for block in blocks),
        ),
        counts=(*(1 for _ in offered.line), *(block.count for block in blocks)),
        blocks=(*(None for _ in offered.line), *blocks),
    )


def _units(
    run: Run, row: Row, choice: _Choice, demand: Demand, strikes: Strikes, ground: Terrain
) -> list[Unit]:
    units: list[Unit] = []
    for p, start_cm in zip(row.product.tolist(), row.start_cm.tolist(), strict=True):
        product, block = choice.products[p], choice.blocks[p]
        middles = choice.middles_m(p, start_cm)
        centres, ways = centres_along(run, product, middles)
        shapes = footprints(product, centres, ways)
        extras = ground.siting.unit_extras(shapes)
        for k in range(len(middles)):
            need = _need_at(run, float(middles[k]), product.width_m, demand, strikes)
            answer = strengths([product], demand.names, demand.masses_kg, need.speed_mps[None])[
                0, 0
            ]
            strength = Strength(int(answer))
            units.append(
                Unit(
                    product=product,
                    centre=centres[k],
                    direction=ways[k],
                    shape=shapes[k],
                    openable=block is not None,
                    need=need,
                    strength=strength,
                    ground_price=float(extras[k]),
                )
            )
    return units


def _need_at(run: Run, middle_m: float, width_m: float, demand: Demand, strikes: Strikes) -> Need:
    count = len(strikes.speed_mps)
    room_m = max(run.room_cm / 100, 1e-9)
    reach = 0.5 * width_m + 0.25
    low = int(np.clip(np.floor((middle_m - reach) / room_m * count), 0, count - 1))
    high = int(np.clip(np.floor((middle_m + reach) / room_m * count), 0, count - 1)) + 1
    near = Strikes(strikes.speed_mps[low:high], strikes.angle_deg[low:high])
    return hardest(demand, near)
