"""A line -> units on it: points and footprints with every gap closed, or the chords that fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import Polygon

from sbd.barriers.cost import Offer, Strength, strengths
from sbd.barriers.demand import Demand, Floats
from sbd.barriers.lines import Line
from sbd.barriers.passing import Passage, passages_on, serves, widest_m
from sbd.barriers.posts import Post, bends_of, post_at, smoothed
from sbd.barriers.rows import Rows, Unit
from sbd.barriers.runs import Run, Terrain, footprints, wall_near
from sbd.barriers.siting import crosses_traffic
from sbd.model.words import LAYOUTS
from sbd.optimise.network import Ints

PERMANENT = LAYOUTS[0]
ON_RUN_M = 0.01  # a crossing this near belongs to a run


@dataclass(frozen=True, slots=True, eq=False)
class FittedLine:
    """A line with its units in order; `gaps_m` are the clear widths before, between and after.

    A closed line has as many gaps as units and one more: the first and the last are the same.
    `price` is what the units count for in the choice, with what the ground adds. `narrow` lists
    where people cross and no gap is as wide as they need, with the best there is.
    """

    line: Line
    units: tuple[Unit, ...]
    gaps_m: Floats
    price: float
    narrow: tuple[tuple[Passage, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Misfit:
    """No row of units fits on these chords."""

    chords: Ints


def fit_line(
    line: Line,
    demand: Demand,
    offered: Offer,
    ground: Terrain,
    placed: Sequence[Polygon] = (),
    rows: Rows | None = None,
) -> FittedLine | Misfit:
    """Return the units of a line: a unit at every sharp bend, the cheapest row between them.

    Where no row keeps the least gap a tighter one is taken: it closes as well, and people pass
    elsewhere on the line. No unit stands in one of `placed`, nor in one of its own line. In a mixed
    plan the line is built of the cheaper layout: of permanent units only where people don't drive
    on ordinary days, or have a lane. `rows` are those of lines that were fitted before.
    """
    rows = Rows() if rows is None else rows
    answers = [
        _of_part(line, demand, part, ground, placed, rows)
        for part in offered.parts
        if offered.layout in LAYOUTS or part.layout != PERMANENT or not _in_the_way(line, ground)
    ]
    fitted = [answer for answer in answers if isinstance(answer, FittedLine)]
    if fitted:
        return min(fitted, key=lambda found: (len(found.narrow), found.price))
    return next(iter(answers), Misfit(line.all_chords))


def _in_the_way(line: Line, ground: Terrain) -> bool:
    """Say whether a line without a lane there crosses a street that people drive every day."""
    shut = np.flatnonzero(~line.openable)
    pieces = shapely.linestrings(np.stack([line.vertices[shut], line.vertices[shut + 1]], axis=1))
    return bool(crosses_traffic(pieces, ground.everyday).any())


def _of_part(
    line: Line,
    demand: Demand,
    offered: Offer,
    ground: Terrain,
    placed: Sequence[Polygon],
    known: Rows,
) -> FittedLine | Misfit:
    line = smoothed(line)
    bends = bends_of(line)
    end = len(line.members)
    posts = {bend: post_at(line, bend, demand, offered, ground) for bend in bends}
    if blocked := [bend for bend, post in posts.items() if not post.clear]:
        near = sorted({n % end for bend in blocked for n in (bend - 1, bend)})
        return Misfit(np.concatenate([line.members[n] for n in near]))
    if line.closed:
        posts[end] = posts[0]
    standing = {bend: _post_unit(post, demand, ground) for bend, post in posts.items()}
    crossings = passages_on(line.vertices, ground.desires)
    units: list[Unit] = []
    rows: list[Unit] = []
    for low, high in pairwise([0, *(bend for bend in bends if bend), end]):
        own = {low % end, high % end}  # a run starts and stops beside these, and knows
        others = [unit.shape for bend, unit in standing.items() if bend % end not in own]
        shapes = [*placed, *others, *(unit.shape for unit in rows)]
        ends = [standing[k].shape if k in standing else None for k in (low, high)]
        run = _run(line, low, high, posts)
        own_way = shapely.LineString(run.vertices)
        row = known.fit(
            run,
            demand,
            offered,
            ground,
            placed=shapes,
            ends=(ends[0], ends[1]),
            passages=[p for p in crossings if own_way.distance(shapely.Point(p.point)) < ON_RUN_M],
        )
        if row is None:
            return Misfit(np.concatenate(line.members[low:high]))
        rows += row
        units += [standing[low], *row] if low in standing else row
    return FittedLine(
        line=line,
        units=tuple(units),
        gaps_m=_gaps(line, units),
        price=sum(offered.price(unit.product) + unit.ground_price for unit in units),
        narrow=_narrow(line, units, crossings, ground),
    )


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


def _post_unit(post: Post, demand: Demand, ground: Terrain) -> Unit:
    shape = footprints(post.product, post.centre[None], post.direction[None])
    answer = strengths([post.product], demand.names, demand.masses_kg, post.need.speed_mps[None])[
        0, 0
    ]
    return Unit(
        product=post.product,
        centre=post.centre,
        direction=post.direction,
        shape=shape[0],
        openable=False,
        need=post.need,
        strength=Strength(int(answer)),
        ground_price=float(ground.siting.unit_extras(shape)[0]),
    )


def _narrow(
    line: Line, units: Sequence[Unit], crossings: Sequence[Passage], ground: Terrain
) -> tuple[tuple[Passage, float], ...]:
    """Return the crossings without a wide enough gap, and the width each has."""
    shapes = [unit.shape for unit in units]
    if line.closed:
        walls: list[shapely.Geometry | None] = [None, shapes[0]]
    else:
        walls = [wall_near(line.vertices[end], ground) for end in (0, -1)]
    widths = ((crossing, widest_m(crossing, shapes, walls)) for crossing in crossings)
    return tuple((crossing, wide) for crossing, wide in widths if not serves(wide, crossing))


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
