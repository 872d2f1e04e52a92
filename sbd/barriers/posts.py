"""A line -> where it bends too much for a gap, and the unit that stands there."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from sbd.barriers.cost import Offer, Strength, strengths
from sbd.barriers.demand import Demand, Floats, Need, hardest
from sbd.barriers.lines import Line
from sbd.barriers.runs import Terrain, footprints, set_back_m, stands_clear
from sbd.catalogue.product import Product, Shape

# Jogs smaller than this come from noding and rounding.
JOG_M = 0.02
# A gap over a bend cuts the corner. What it may cut off: of a corner of the zone that stands out
# towards a street less than the zone stands back from it, elsewhere less than the rim of the zone;
# of a corner of the street itself less than its edge is sure.
CUT_AT_KERB_M = 0.02
CUT_M = 0.12
HALF_GAP_M = 0.6
AT_KERB_M = 0.3  # lines this close to an open street have the zone right behind them
FURTHER_BACK_M = 0.65
CROWDED_M = 0.5  # bends closer than this share one unit


@dataclass(frozen=True, slots=True, eq=False)
class Post:
    """The unit at a bend.

    Parameters
    ----------
    taken_before_m, taken_after_m : float
        What it takes off the runs before and after it, from the vertex of the bend.
    spread_m : float
        How much further it reaches in other directions than along those runs.
    clear : bool
        Whether it stands on free ground.
    """

    product: Product
    centre: Floats
    direction: Floats
    need: Need
    taken_before_m: float
    taken_after_m: float
    spread_m: float
    clear: bool


def smoothed(line: Line) -> Line:
    """Return a line without jogs; a closed one starts where it bends most."""
    if line.closed:
        line = _rolled(line, int(np.argmax(np.abs(_bulges(line))[:-1])))
    fixed = {0, len(line.vertices) - 1}
    for k in np.flatnonzero(line.openable).tolist():
        fixed |= {k, k + 1}
    kept: list[int] = []
    cuts = sorted(fixed)
    for low, high in pairwise(cuts):
        kept += [low + k for k in _without_jogs(line.vertices[low : high + 1])]
    kept.append(cuts[-1])
    spans = list(pairwise(kept))
    return Line(
        vertices=line.vertices[kept],
        members=tuple(np.concatenate(line.members[a:b]) for a, b in spans),
        openable=np.array([line.openable[a:b].any() for a, b in spans]),
        street_m=np.array([line.street_m[a:b].min() for a, b in spans]),
        closed=line.closed,
    )


def bends_of(line: Line) -> list[int]:
    """Return the vertices that get a unit of their own, ascending; 0 is one in a closed line.

    Free ends of an openable lane get one. Where bends crowd the sharpest one counts.
    """
    bulge = _bulges(line)
    at_kerb = line.street_m < AT_KERB_M
    onward = np.append(at_kerb, at_kerb[:1] if line.closed else False)
    # Positive: the protected side stands out towards the vehicles.
    limit = np.where((bulge > 0) & (onward | np.roll(onward, 1)), CUT_AT_KERB_M, CUT_M)
    wanted = np.flatnonzero(np.abs(bulge) > limit)
    end = len(line.vertices) - 1
    lane_ends = {k + step for k in np.flatnonzero(line.openable).tolist() for step in (0, 1)}
    taken = sorted(({0} if line.closed else set()) | lane_ends - {0, end})
    blocked = [*taken, *([end] if line.closed else [])]
    for k in sorted(wanted.tolist(), key=lambda k: (-abs(bulge[k]), k)):
        apart = np.hypot(*(line.vertices[blocked] - line.vertices[k]).T)
        if 0 < k < end and apart.min(initial=np.inf) >= CROWDED_M:
            taken.append(k)
            blocked.append(k)
    return sorted(taken)


def post_at(line: Line, bend: int, demand: Demand, offered: Offer, ground: Terrain) -> Post:
    """Return the unit at a bend: the most slender that is strong enough and stands clear there.

    Where its corners would reach into a street or a wall it stands further back.
    """
    here = line.vertices[bend]
    before = line.vertices[bend - 1 if bend else -2]
    into, onward = (way / np.hypot(*way) for way in (here - before, line.vertices[bend + 1] - here))
    middle = into + onward
    size = float(np.hypot(*middle))
    # A way that turns back on itself has no middle direction; across it is as good as any.
    direction = middle / size if size > 1e-6 else np.array([-into[1], into[0]])
    normals = np.array([[d[1], -d[0]] for d in (into, onward, direction)])
    need = hardest(demand, demand(np.repeat(here[None], 3, axis=0), normals))
    street_m = min(line.street_m[bend - 1 if bend else -1], line.street_m[bend])
    ranked = _ranked(offered, demand, need)
    stands = ((p, d, m) for p in ranked for d, m in _stands(p, (direction, into, onward), street_m))
    clear = next((stand for stand in stands if _is_clear(here, *stand, ground)), None)
    product, way, back_m = clear or (ranked[0], direction, 0.0)
    back = back_m * np.array([way[1], -way[0]])
    inner = 0.5 * min(product.width_m, product.depth_m)
    return Post(
        product=product,
        centre=here + back,
        direction=way,
        need=need,
        taken_before_m=inner - float(back @ into),
        taken_after_m=inner + float(back @ onward),
        spread_m=_reach_m(product) - inner,
        clear=clear is not None,
    )


def _stands(
    product: Product, ways: tuple[Floats, ...], street_m: float
) -> Iterator[tuple[Floats, float]]:
    """Yield ways to stand at a bend: direction and set-back, the least set-back first.

    Across the bend, or along either side of it: in the tip of a zone at a kerb only a unit along
    the kerb keeps off the street.
    """
    for back_m in set_back_m(product, street_m) + np.arange(0.0, FURTHER_BACK_M, 0.1):
        for way in ways:
            yield way, float(back_m)


def _is_clear(here: Floats, product: Product, way: Floats, back_m: float, ground: Terrain) -> bool:
    centre = here + back_m * np.array([way[1], -way[0]])
    shape = footprints(product, centre[None], way[None])
    barred = ground.siting.barred_units(product, shape)
    return bool((stands_clear(shape, ground, ()) & ~barred).all())


def _ranked(offered: Offer, demand: Demand, need: Need) -> list[Product]:
    """Return the products that are strong enough, slender ones first; if none is, the strongest."""
    answer = strengths(offered.line, demand.names, demand.masses_kg, need.speed_mps[None])[
        0
    ].tolist()
    strong = [
        (round(_reach_m(product), 2), strength, offered.price(product), product.product_id, product)
        for product, strength in zip(offered.line, answer, strict=True)
        if strength != Strength.SHORT
    ]
    if strong:
        return [product for *_, product in sorted(strong, key=lambda row: row[:4])]
    return [max(offered.line, key=lambda product: product.rated_energy_kj)]


def _reach_m(product: Product) -> float:
    """Return how far a unit reaches from its centre in any direction."""
    if product.shape is Shape.ROUND:
        return 0.5 * product.width_m
    return 0.5 * float(np.hypot(product.width_m, product.depth_m))


def _bulges(line: Line) -> Floats:
    """Return how far each vertex stands out over a gap's width of the line.

    Positive towards the vehicles; the ends of an open line stand out by nothing.
    """
    vertices = line.vertices
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(vertices, axis=0).T))])
    length = along[-1]
    if line.closed:
        ring = vertices[:-1]
        vertices_all = np.concatenate([ring, ring, vertices])
        along_all = np.concatenate([along[:-1] - length, along[:-1], along + length])
    else:
        vertices_all, along_all = vertices, along
    sides = []
    for reach in (-HALF_GAP_M, HALF_GAP_M):
        way = along + reach
        sides.append(
            np.stack([np.interp(way, along_all, vertices_all[:, axis]) for axis in (0, 1)], axis=1)
        )
    chord = sides[1] - sides[0]
    left = np.stack([-chord[:, 1], chord[:, 0]], axis=1)
    left /= np.maximum(np.hypot(*chord.T), 1e-9)[:, None]
    return np.asarray(((vertices - sides[0]) * left).sum(axis=1))


def _without_jogs(vertices: Floats) -> list[int]:
    """Return the numbers of the vertices that matter, without the last one."""
    simple = shapely.get_coordinates(shapely.simplify(shapely.LineString(vertices), JOG_M))
    kept: list[int] = []
    k = 0
    for point in simple[:-1]:  # the simpler way has the same points in the same order
        while not np.array_equal(vertices[k], point):
            k += 1
        kept.append(k)
    return kept


def _rolled(line: Line, first: int) -> Line:
    ring = np.roll(line.vertices[:-1], -first, axis=0)
    members = (*line.members[first:], *line.members[:first])
    return Line(
        vertices=np.concatenate([ring, ring[:1]]),
        members=members,
        openable=np.roll(line.openable, -first),
        street_m=np.roll(line.street_m, -first),
        closed=True,
    )
