"""A line -> units on it: points and footprints with every gap closed, or the chords that fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from sbd.barriers.cost import LaneBlock, Offer, Strength, strengths
from sbd.barriers.demand import Demand, Floats, Need, Strikes, hardest
from sbd.barriers.lines import Line
from sbd.barriers.posts import Post, bends_of, post_at, smoothed
from sbd.barriers.runs import (
    Run,
    Terrain,
    blocked_starts,
    centres_along,
    closed_ends,
    footprints,
    prices_along,
    slanting_ends,
    strikes_along,
)
from sbd.catalogue.products import Product
from sbd.optimise.layout import NEVER, Row, cheapest_row
from sbd.optimise.network import Ints


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
    """

    product: Product
    centre: Floats
    direction: Floats
    shape: Polygon
    openable: bool
    need: Need
    strength: Strength


@dataclass(frozen=True, slots=True, eq=False)
class FittedLine:
    """A line with its units in order; `gaps_m` are the clear widths before, between and after.

    A closed line has as many gaps as units and one more: the first and the last are the same.
    """

    line: Line
    units: tuple[Unit, ...]
    gaps_m: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Misfit:
    """No row of units fits on these chords."""

    chords: Ints


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


def fit_line(
    line: Line, demand: Demand, offered: Offer, ground: Terrain, placed: Sequence[Polygon] = ()
) -> FittedLine | Misfit:
    """Return the units of a line: a unit at every sharp bend, the cheapest row between them.

    Where no row keeps the least gap a tighter one is taken: it closes as well, and people pass
    elsewhere on the line. No unit stands in one of `placed`, nor in one of its own line.
    """
    line = smoothed(line)
    bends = bends_of(line)
    end = len(line.members)
    posts = {bend: post_at(line, bend, demand, offered) for bend in bends}
    if line.closed:
        posts[end] = posts[0]
    standing = {bend: _post_unit(post, demand) for bend, post in posts.items()}
    units: list[Unit] = []
    rows: list[Unit] = []
    for low, high in pairwise([0, *(bend for bend in bends if bend), end]):
        own = {low % end, high % end}  # a run starts and stops beside these, and knows
        others = [unit.shape for bend, unit in standing.items() if bend % end not in own]
        shapes = [*placed, *others, *(unit.shape for unit in rows)]
        row = _fit_run(_run(line, low, high, posts), demand, offered, ground, shapes)
        if row is None:
            return Misfit(np.concatenate(line.members[low:high]))
        rows += row
        units += [standing[low], *row] if low in standing else row
    gaps = _gaps(line, units)
    if not units or gaps[1:-1].max(initial=0.0) > offered.gap_max_m:
        return Misfit(line.all_chords)
    return FittedLine(line, tuple(units), gaps)


def _run(line: Line, low: int, high: int, posts: dict[int, Post]) -> Run:
    vertices = line.vertices[low : high + 1]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(vertices, axis=0).T))])
    ends = [posts.get(low), posts.get(high)]
    lanes = np.flatnonzero(line.openable[low:high]).tolist()
    return Run(
        vertices=vertices,
        street_m=line.street_m[low:high],
        solid=(ends[0] is None, ends[1] is None),
        taken_m=(
            0.0 if ends[0] is None else ends[0].taken_after_m,
            0.0 if ends[1] is None else ends[1].taken_before_m,
        ),
        spread_m=(
            0.0 if ends[0] is None else ends[0].spread_m,
            0.0 if ends[1] is None else ends[1].spread_m,
        ),
        lane=(float(along[lanes[0]]), float(along[lanes[-1] + 1])) if lanes else None,
    )


def _post_unit(post: Post, demand: Demand) -> Unit:
    shape = footprints(post.product, post.centre[None], post.direction[None])[0]
    answer = strengths([post.product], demand.masses_kg, post.need.speed_mps[None])[0, 0]
    return Unit(
        post.product, post.centre, post.direction, shape, False, post.need, Strength(int(answer))
    )


def _fit_run(
    run: Run, demand: Demand, offered: Offer, ground: Terrain, placed: Sequence[Polygon]
) -> list[Unit] | None:
    gap_max_cm = round(offered.design_gap_m * 100)
    if run.room_cm < 0:
        return None
    if run.lane is None and not all(run.solid) and run.room_cm <= gap_max_cm:
        return []
    choice = _choice(offered, with_lane=run.lane is not None)
    strikes = strikes_along(run, demand)
    price = prices_along(
        choice.products, choice.widths_cm, choice.counts, demand, strikes, run.room_cm
    )
    for p, (product, width) in enumerate(zip(choice.products, choice.widths_cm, strict=True)):
        price[p, blocked_starts(run, product, width, ground, placed)] = NEVER
        if choice.blocks[p] is not None and run.lane is not None:
            starts = np.arange(run.room_cm + 1) / 100 + run.taken_m[0]
            inside = (starts >= run.lane[0]) & (starts + width / 100 <= run.lane[1])
            price[p, ~inside] = NEVER
    row = _cheapest(run, choice, price, offered, ground)
    return None if row is None else _units(run, row, choice, demand, strikes)


def _cheapest(
    run: Run, choice: _Choice, price: Ints, offered: Offer, ground: Terrain
) -> Row | None:
    """Return the cheapest row, with the least gap kept and plain ends if there is any."""
    gap_max_cm = round(offered.design_gap_m * 100)
    slanting = None
    for gap_min_cm in (round(offered.gap_min_m * 100), 0):
        plain = closed_ends(
            run,
            choice.widths_cm,
            gap_min_cm=gap_min_cm,
            gap_max_cm=gap_max_cm,
        )
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


def _units(run: Run, row: Row, choice: _Choice, demand: Demand, strikes: Strikes) -> list[Unit]:
    units: list[Unit] = []
    for p, start_cm in zip(row.product.tolist(), row.start_cm.tolist(), strict=True):
        product, block = choice.products[p], choice.blocks[p]
        count, step_m = (1, 0.0) if block is None else (block.count, block.gap_m + product.width_m)
        middles = start_cm / 100 + np.arange(count) * step_m + product.width_m / 2
        centres, ways = centres_along(run, product, middles)
        shapes = footprints(product, centres, ways)
        for k in range(count):
            need = _need_at(run, float(middles[k]), product.width_m, demand, strikes)
            answer = strengths([product], demand.masses_kg, need.speed_mps[None])[0, 0]
            strength = Strength(int(answer))
            openable = block is not None
            units.append(Unit(product, centres[k], ways[k], shapes[k], openable, need, strength))
    return units


def _need_at(run: Run, middle_m: float, width_m: float, demand: Demand, strikes: Strikes) -> Need:
    count = len(strikes.speed_mps)
    room_m = max(run.room_cm / 100, 1e-9)
    reach = 0.5 * width_m + 0.25
    low = int(np.clip(np.floor((middle_m - reach) / room_m * count), 0, count - 1))
    high = int(np.clip(np.floor((middle_m + reach) / room_m * count), 0, count - 1)) + 1
    near = Strikes(strikes.speed_mps[low:high], strikes.angle_deg[low:high])
    return hardest(demand, near)


def _gaps(line: Line, units: Sequence[Unit]) -> Floats:
    """Return the clear width before, between and after the units, measured between footprints."""
    if not units:
        return np.zeros(0)
    shapes = np.array([unit.shape for unit in units], dtype=object)
    between = shapely.distance(shapes[:-1], shapes[1:])
    if line.closed:
        around = float(shapely.distance(shapes[-1], shapes[0])) if len(units) > 1 else 0.0
        return np.concatenate([[around], between, [around]])
    ends = shapely.points(line.vertices[[0, -1]])
    first, last = shapely.distance(shapes[0], ends[0]), shapely.distance(shapes[-1], ends[1])
    return np.concatenate([[first], between, [last]])
