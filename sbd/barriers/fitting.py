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
from sbd.barriers.runs import (
    Run,
    Terrain,
    blocked_starts,
    closed_ends,
    footprint,
    prices_along,
    strikes_along,
)
from sbd.catalogue.products import Product
from sbd.optimise.layout import NEVER, Row, cheapest_row
from sbd.optimise.network import Ints

# A run may leave the vertices it passes by this much; the rim around the zone is wider.
STRAIGHT_M = 0.12
CROWDED_M = 0.5  # bends closer than this share one unit


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


def fit_line(line: Line, demand: Demand, offered: Offer, ground: Terrain) -> FittedLine | Misfit:
    """Return the units of a line: the cheapest row on every straight run, a unit at every bend.

    Where no row keeps the least gap a tighter one is taken: it closes as well, and people pass
    elsewhere on the line.
    """
    line = _from_a_bend(line)
    bends = _bends(line)
    corners = [0, *(k for k in bends if k), len(line.chords)]
    posts = {
        corner: _post(line, before, corner, after, demand, offered)
        for before, corner, after in _with_neighbours(line, corners)
    }
    if line.closed:
        posts[len(line.chords)] = posts[0]
    units: list[Unit] = []
    for low, high in pairwise(corners):
        if (post := posts.get(low)) is not None:
            units.append(post)
        found = _fit_run(_run(line, low, high, posts), demand, offered, ground)
        if found is None:
            return Misfit(line.chords[low:high])
        units += found
    gaps = _gaps(line, units)
    if not units or gaps.max() > offered.gap_max_m:
        return Misfit(line.chords)
    return FittedLine(line, tuple(units), gaps)


def _from_a_bend(line: Line) -> Line:
    """Return a closed line that starts at its sharpest bend; an open one as it is."""
    if not line.closed:
        return line
    turns = _turns_deg(np.concatenate([line.vertices[-2:-1], line.vertices]))
    first = int(np.argmax(turns[: len(line.chords)]))
    ring = np.roll(line.vertices[:-1], -first, axis=0)
    return Line(
        np.concatenate([ring, ring[:1]]),
        np.roll(line.chords, -first),
        np.roll(line.openable, -first),
        closed=True,
    )


def _turns_deg(vertices: Floats) -> Floats:
    way = np.diff(vertices, axis=0)
    angle = np.degrees(np.arctan2(way[:, 1], way[:, 0]))
    return np.asarray(np.abs((np.diff(angle) + 180) % 360 - 180))


def _bends(line: Line) -> list[int]:
    """Return the vertices that get a unit of their own; the line is straight between them."""
    fixed = {0, len(line.chords)}
    for k in np.flatnonzero(line.openable).tolist():
        fixed |= {k, k + 1}
    kept: list[int] = []
    for low, high in pairwise(sorted(fixed)):
        xy = line.vertices[low : high + 1]
        simple = shapely.get_coordinates(shapely.simplify(shapely.LineString(xy), STRAIGHT_M))
        # The simpler line has the same points in the same order.
        k = 0
        for point in simple[:-1]:
            while not np.array_equal(xy[k], point):
                k += 1
            kept.append(low + k)
    return _uncrowded(line, kept, fixed)


def _uncrowded(line: Line, kept: list[int], fixed: set[int]) -> list[int]:
    bends = [0] if line.closed else []
    last, end = line.vertices[0], line.vertices[-1]
    for k in kept[1:]:
        here = line.vertices[k]
        # The end of an open line is a solid: a unit beside it is no crowd.
        room = min(np.hypot(*(here - last)), np.hypot(*(here - end)) if line.closed else np.inf)
        if room >= CROWDED_M or (k in fixed and room > 0):
            bends.append(k)
            last = here
    return bends


def _with_neighbours(line: Line, corners: list[int]) -> list[tuple[int, int, int]]:
    inner = list(zip(corners[:-2], corners[1:-1], corners[2:], strict=True))
    return [(corners[-2], 0, corners[1]), *inner] if line.closed else inner


def _run(line: Line, low: int, high: int, posts: dict[int, Unit]) -> Run:
    ends = [posts.get(low), posts.get(high)]
    inner = [0.0 if u is None else 0.5 * min(u.product.width_m, u.product.depth_m) for u in ends]
    outer = [0.0 if u is None else _reach_m(u.product) for u in ends]
    start, stop = line.vertices[low], line.vertices[high]
    lane = None
    for k in range(low, high):
        if line.openable[k]:
            lane = (
                float(np.hypot(*(line.vertices[k] - start))),
                float(np.hypot(*(line.vertices[k + 1] - start))),
            )
    return Run(
        start,
        stop,
        solid=(ends[0] is None, ends[1] is None),
        taken_m=(inner[0], inner[1]),
        spread_m=(outer[0] - inner[0], outer[1] - inner[1]),
        lane=lane,
    )


def _reach_m(product: Product) -> float:
    """Return how far a unit reaches from its centre in any direction."""
    if product.shape == "round":
        return 0.5 * product.width_m
    return 0.5 * float(np.hypot(product.width_m, product.depth_m))


def _post(line: Line, before: int, corner: int, after: int, demand: Demand, offered: Offer) -> Unit:
    """Return the unit at a bend: the cheapest that is strong enough, slender ones first."""
    here = line.vertices[corner]
    ways = [here - line.vertices[before], line.vertices[after] - here]
    along = [way / np.hypot(*way) for way in ways]
    middle = along[0] + along[1]
    # A way that turns back on itself has no middle direction; across it is as good as any.
    size = float(np.hypot(*middle))
    direction = middle / size if size > 1e-6 else np.array([-along[0][1], along[0][0]])
    normals = np.array([[d[1], -d[0]] for d in (*along, direction)])
    strikes = demand(np.repeat(here[None], 3, axis=0), normals)
    need = hardest(demand, strikes)
    answer = strengths(offered.line, demand.masses_kg, need.speed_mps[None])[0]
    best = min(
        range(len(offered.line)),
        key=lambda p: (
            answer[p] == Strength.SHORT,
            -offered.line[p].rated_energy_kj if answer[p] == Strength.SHORT else 0.0,
            round(_reach_m(offered.line[p]), 2),
            answer[p],
            offered.line[p].cost_mid,
        ),
    )
    product = offered.line[best]
    shape = footprint(product, here, direction)
    return Unit(product, here, direction, shape, False, need, Strength(int(answer[best])))


def _fit_run(run: Run, demand: Demand, offered: Offer, ground: Terrain) -> list[Unit] | None:
    gap_max_cm = round(offered.design_gap_m * 100)
    if run.lane is None and not all(run.solid) and run.room_cm <= gap_max_cm:
        return [] if run.room_cm >= 0 else None
    if run.room_cm < 0:
        return None
    choice = _choice(offered, with_lane=run.lane is not None)
    strikes = strikes_along(run, demand)
    price = prices_along(
        choice.products, choice.widths_cm, choice.counts, demand, strikes, run.room_cm
    )
    for p, (product, width) in enumerate(zip(choice.products, choice.widths_cm, strict=True)):
        price[p, blocked_starts(run, product.depth_m, width, ground)] = NEVER
        if choice.blocks[p] is not None and run.lane is not None:
            starts = np.arange(run.room_cm + 1) / 100 + run.taken_m[0]
            inside = (starts >= run.lane[0]) & (starts + width / 100 <= run.lane[1])
            price[p, ~inside] = NEVER
    for gap_min_cm in (round(offered.gap_min_m * 100), 0):
        starts_ok, stops_ok = closed_ends(
            run,
            choice.products,
            choice.widths_cm,
            ground,
            gap_min_cm=gap_min_cm,
            gap_max_cm=gap_max_cm,
        )
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
            return _units(run, row, choice, demand, strikes)
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
        step = 0.0 if block is None else block.gap_m + product.width_m
        for k in range(1 if block is None else block.count):
            middle_m = start_cm / 100 + k * step + product.width_m / 2
            need = _need_at(run, middle_m, product.width_m, demand, strikes)
            answer = strengths([product], demand.masses_kg, need.speed_mps[None])[0, 0]
            centre = run.at(middle_m)
            shape = footprint(product, centre, run.direction)
            openable = block is not None
            units.append(
                Unit(product, centre, run.direction, shape, openable, need, Strength(int(answer)))
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
