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
from sbd.barriers.passing import Passage, gaps_asked_cm, serves, widest_m, windows_cm
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
    wall_near,
)
from sbd.catalogue.product import Product
from sbd.optimise.layout import NEVER, Row, cheapest_row
from sbd.optimise.network import Ints

ROUND_OFF_M = 1e-6  # footprints are turned and moved: a gap of the limit comes out a hair wider
HALF_WAY_M = 0.5  # of the run that tells its direction at a crossing
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
    costs: Floats
    blocks: tuple[LaneBlock | None, ...]

    @property
    def is_lane(self) -> NDArray[np.bool_]:
        return np.array([block is not None for block in self.blocks])

    def middles_m(self, number: int, start_cm: int) -> Floats:
        """Return where the units of a product or lane that starts there have their middles."""
        width_m, block = self.products[number].width_m, self.blocks[number]
        step_m = 0.0 if block is None else block.gap_m + width_m
        return np.asarray(start_cm / 100 + np.arange(self.counts[number]) * step_m + width_m / 2)


class Rows:
    """Rows that were fitted before, for one demand, offer and ground."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[shapely.LineString, list[Unit] | None]] = {}

    def fit(
        self,
        run: Run,
        demand: Demand,
        offered: Offer,
        ground: Terrain,
        *,
        placed: Sequence[Polygon],
        ends: Ends,
        passages: Sequence[Passage] = (),
    ) -> list[Unit] | None:
        """Return the same as `fit_run`, at once where nothing in reach of the run is new."""
        way = shapely.LineString(run.vertices)
        shapes = np.array(placed, dtype=object)
        near = shapes[shapely.dwithin(shapes, way, _reach_m(offered))].tolist() if placed else []
        key = (
            offered.layout,
            run.vertices.tobytes(),
            run.street_m.tobytes(),
            (run.solid, run.taken_m, run.spread_m, run.lane),
            tuple(shape.wkb for shape in near),
            tuple(None if end is None else end.wkb for end in ends),
            tuple((p.desire.width_m, p.point.tobytes(), p.way.tobytes()) for p in passages),
        )
        if key not in self._known:
            row = fit_run(run, demand, offered, ground, placed=near, ends=ends, passages=passages)
            self._known[key] = way, row
        return self._known[key][1]

    def off(self, ground: shapely.Geometry, reach_m: float) -> "Rows":
        """Return the rows that stand further off some ground than that."""
        kept = Rows()
        kept._known = {
            key: known
            for key, known in self._known.items()
            if not shapely.dwithin(known[0], ground, reach_m)
        }
        return kept


def _reach_m(offered: Offer) -> float:
    """Return how far off its run a unit reaches at most, whatever it stands back from."""
    products = (*offered.line, *(block.product for block in offered.lanes))
    return max(float(np.hypot(p.width_m, p.depth_m)) for p in products) + ROUND_OFF_M


def fit_run(
    run: Run,
    demand: Demand,
    offered: Offer,
    ground: Terrain,
    *,
    placed: Sequence[Polygon],
    ends: Ends,
    passages: Sequence[Passage] = (),
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
    passages : sequence of Passage
        Where people cross: a gap wide enough for them is left there, if any row has one.
    """
    if run.room_cm < 0:
        return None
    gap_max_cm = round(offered.drawn_gap_m * 100)
    if run.lane is None and not all(run.solid) and run.room_cm <= gap_max_cm:
        if _widest_m([], ends) <= offered.gap_max_m:
            return []
        gap_max_cm = run.room_cm - 1
    choice = _choice(offered, with_lane=run.lane is not None)
    strikes = strikes_along(run, demand)
    price = _prices(run, choice, demand, strikes, ground, placed, surcharge=offered.surcharge)
    others = [*placed, *(end for end in ends if end is not None)]
    task = _Task(run, choice, offered, ground, others, ends)
    found = _settled(task, price, gap_max_cm)
    if found is None:
        return None
    for passage in passages:
        found, price, gap_max_cm = _passable(task, found, price, gap_max_cm, passage)
    return _units(run, found.row, choice, demand, strikes, ground)


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    run: Run
    choice: _Choice
    offered: Offer
    ground: Terrain
    others: list[Polygon]
    ends: Ends

    @property
    def walls(self) -> tuple[shapely.Geometry | None, ...]:
        """What stands at either end: a unit, or the nearest wall."""
        return tuple(
            wall_near(self.run.vertices[-k], self.ground) if end is None else end
            for k, end in enumerate(self.ends)
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Settled:
    """A row whose footprints stand clear and leave no gap too wide."""

    row: Row
    shapes: list[Polygon]


def _settled(task: _Task, given: Ints, gap_max_cm: int) -> _Settled | None:
    price = given.copy()
    while gap_max_cm >= 0:
        row = _cheapest(task.run, task.choice, price, task.offered, task.ground, gap_max_cm)
        if row is None:
            return None
        shapes = _shapes(task.run, row, task.choice)
        every = list(np.concatenate(shapes))
        stands = stands_clear(np.array(every, dtype=object), task.ground, task.others)
        first = np.cumsum([0, *(len(g) for g in shapes[:-1])])
        clear = np.logical_and.reduceat(stands, first)
        tried = zip(row.product[~clear].tolist(), row.start_cm[~clear].tolist(), strict=True)
        for p, start in tried:
            price[p, max(start - TRIED_CM, 0) : start + TRIED_CM + 1] = NEVER
        too_wide_m = _widest_m(every, task.ends) - task.offered.gap_max_m
        if clear.all() and too_wide_m <= ROUND_OFF_M:
            return _Settled(row, every)
        if clear.all():
            gap_max_cm -= int(np.ceil(too_wide_m * 100)) + 1
    return None


def _passable(
    task: _Task, found: _Settled, price: Ints, gap_max_cm: int, passage: Passage
) -> tuple[_Settled, Ints, int]:
    """Return the cheapest row with a gap for a passage, and the prices and the gap that keep it.

    Where no row has one, what is given: who asked looks at the gaps that are left.
    """
    run, walls = task.run, task.walls
    best, kept = None, (price, gap_max_cm)
    if serves(widest_m(passage, found.shapes, walls), passage):
        return found, *kept
    along_m = shapely.LineString(run.vertices).project(shapely.Point(passage.point))
    at_cm = (along_m - run.taken_m[0]) * 100
    way = run.directions(np.array([at_cm / 100]), HALF_WAY_M)[0]
    for gap_cm in gaps_asked_cm(passage, way, task.choice.products):
        if best is not None or gap_cm > round(task.offered.gap_max_m * 100):
            break
        widest_cm = max(gap_cm, gap_max_cm)
        for window in windows_cm(at_cm, gap_cm, run.room_cm):
            freed = _freed(task.choice, price, window)
            row = _settled(task, freed, widest_cm)
            if row is None or not serves(widest_m(passage, row.shapes, walls), passage):
                continue
            if best is None or row.row.cost < best.row.cost:
                best, kept = row, (freed, widest_cm)
            if best.row.cost <= found.row.cost:
                break
    return best or found, *kept


def _freed(choice: _Choice, price: Ints, window: tuple[int, int]) -> Ints:
    """Return prices at which no unit stands in a window along the run [cm]."""
    freed = price.copy()
    start = np.arange(price.shape[1])
    for p, product in enumerate(choice.products):
        for middle_m in choice.middles_m(p, 0).tolist():
            low = start + round((middle_m - product.width_m / 2) * 100)
            inside = (low < window[1]) & (low + product.width_cm > window[0])
            freed[p, inside] = NEVER
    return freed


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
    *,
    surcharge: float,
) -> Ints:
    price = prices_along(
        choice.products,
        choice.widths_cm,
        choice.costs,
        demand,
        strikes,
        run.room_cm,
        surcharge=surcharge,
    )
    price[blocked_starts(run, choice.products, choice.widths_cm, ground, placed)] = NEVER
    for p, width in enumerate(choice.widths_cm):
        if choice.blocks[p] is not None and run.lane is not None:
            starts = np.arange(run.room_cm + 1) / 100 + run.taken_m[0]
            inside = (starts >= run.lane[0]) & (starts + width / 100 <= run.lane[1])
            price[p, ~inside] = NEVER
    if ground.siting.concerns(choice.products, shapely.LineString(run.vertices)):
        for p, product in enumerate(choice.products):
            open_cm = np.flatnonzero(price[p] >= 0)
            barred, extra = sited_starts(
                run, product, choice.middles_m(p, 0), open_cm, ground.siting
            )
            price[p, open_cm] = np.where(barred, NEVER, price[p, open_cm] + np.round(extra))
    return price


def _cheapest(
    run: Run, choice: _Choice, price: Ints, offered: Offer, ground: Terrain, gap_max_cm: int
) -> Row | None:
    """Return the cheapest row, with the least gap kept and plain ends if there is any."""
    # The length of a run is rounded to whole centimetres: its end gaps keep the margin.
    end_max_cm = min(gap_max_cm, round(offered.design_gap_m * 100))
    slanting = None
    for gap_min_cm in (min(round(offered.gap_min_m * 100), gap_max_cm), 0):
        plain = closed_ends(run, choice.widths_cm, gap_min_cm=gap_min_cm, gap_max_cm=end_max_cm)
        for with_slanting in (False, True):
            starts_ok, stops_ok = plain
            if with_slanting and slanting is None:
                slanting = slanting_ends(
                    run, choice.products, choice.widths_cm, ground, gap_max_cm=end_max_cm
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
        costs=np.array(
            [
                *(offered.price(product) for product in offered.line),
                *(block.count * offered.price(block.product) for block in blocks),
            ]
        ),
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
        needs = [_need_at(run, m, product.width_m, demand, strikes) for m in middles.tolist()]
        speeds = np.stack([need.speed_mps for need in needs])
        answers = strengths([product], demand.names, demand.masses_kg, speeds)[:, 0].tolist()
        extras = ground.siting.unit_extras(shapes)
        units += [
            Unit(
                product=product,
                centre=centres[k],
                direction=ways[k],
                shape=shapes[k],
                openable=block is not None,
                need=need,
                strength=Strength(answer),
                ground_price=float(extras[k]),
            )
            for k, (need, answer) in enumerate(zip(needs, answers, strict=True))
        ]
    return units


def _need_at(run: Run, middle_m: float, width_m: float, demand: Demand, strikes: Strikes) -> Need:
    count = len(strikes.speed_mps)
    room_m = max(run.room_cm / 100, 1e-9)
    reach = 0.5 * width_m + 0.25
    low = int(np.clip(np.floor((middle_m - reach) / room_m * count), 0, count - 1))
    high = int(np.clip(np.floor((middle_m + reach) / room_m * count), 0, count - 1)) + 1
    near = Strikes(strikes.speed_mps[low:high], strikes.angle_deg[low:high])
    return hardest(demand, near)
