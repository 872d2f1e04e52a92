"""A run of a line between two solids or units -> where each product may stand, at what price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from shapely import Polygon

from sbd.barriers.cost import strengths, unit_prices
from sbd.barriers.demand import Demand, Floats, Strikes
from sbd.barriers.footing import no_footing
from sbd.barriers.passing import Desire, desires_of
from sbd.barriers.siting import Siting, everyday_traffic, siting_of
from sbd.catalogue.product import Product, Shape
from sbd.model.access import AccessRules
from sbd.model.surface import DrivableSurface
from sbd.optimise.layout import NEVER
from sbd.optimise.network import Ints

Bools = NDArray[np.bool_]

STRIKE_SPACING_M = 0.5
# Speeds are known at samples; a unit answers for what strikes this far beside it as well.
STRIKE_MARGIN_CM = 25
OBLIQUE_M = 4.0  # how far from a slanting wall the first unit may stand, measured along the run
TOUCH_M = 0.002  # overlaps thinner than this are rounding
ROUNDING_M = 0.01  # what a unit may overlap, as polygons stand for circles and bends
CIRCLE_SIDES = 32
# How far a unit may reach into a carriageway that stays open: its edge is a mapped middle line
# and a width, and a bollard on that edge stands half in it.
INTO_STREET_M = 0.14
# A unit longer than this stays straight; it may not stand across a bend.
STIFF_M, STIFF_DEG = 0.5, 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A piece of a line with at most gentle bends, between two solids or units that stand already.

    Parameters
    ----------
    vertices : (n, 2) array
        From end to end, before the room of units that stand there is taken off.
    street_m : (n - 1,) array
        From each piece to the nearest street that stays open: deep units stand back from it.
    solid : (2,) tuple of bool
        Whether the run begins, ends at a solid; else there is a unit of its own.
    taken_m : (2,) tuple of float
        What the unit at each end takes off the length; 0 at a solid.
    spread_m : (2,) tuple of float
        How much further that unit reaches in other directions; added to the least gap.
    lane : (2,) tuple of float, or None
        Where along the run [m] an openable lane has to be.
    along_m : (n,) array
        Way along the run to each vertex; made here.
    """

    vertices: Floats
    street_m: Floats
    solid: tuple[bool, bool]
    taken_m: tuple[float, float] = (0.0, 0.0)
    spread_m: tuple[float, float] = (0.0, 0.0)
    lane: tuple[float, float] | None = None
    along_m: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        steps = np.hypot(*np.diff(self.vertices, axis=0).T)
        object.__setattr__(self, "along_m", np.concatenate([[0.0], np.cumsum(steps)]))

    @property
    def room_cm(self) -> int:
        """What is left between the ends, whole centimetres, rounded down; may be negative."""
        return int(np.floor((self.along_m[-1] - sum(self.taken_m)) * 100 + 1e-6))

    def at(self, distance_m: Floats) -> Floats:
        """Return the points that far along the room between the ends, (n, 2)."""
        way, along = distance_m + self.taken_m[0], self.along_m
        x, y = (np.interp(way, along, self.vertices[:, axis]) for axis in (0, 1))
        return np.stack([x, y], axis=1)

    def directions(self, distance_m: Floats, width_m: float) -> Floats:
        """Return the unit vectors of the run under units of a width, (n, 2)."""
        way = self.at(distance_m + width_m / 2) - self.at(distance_m - width_m / 2)
        return np.asarray(way / np.maximum(np.hypot(*way.T), 1e-9)[:, None])

    def pieces(self, distance_m: Floats) -> Ints:
        """Return which piece of the run each distance along the room lies on."""
        found = np.searchsorted(self.along_m, distance_m + self.taken_m[0], side="right") - 1
        return np.clip(found, 0, len(self.street_m) - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """What units must keep off.

    Parameters
    ----------
    usable : Polygon or MultiPolygon
        Ground without the streets that stay open.
    unmovable : tree of Polygon
        Trees and the like, with their radius.
    walls : tree of LineString
        Outline of the ground, piece by piece, without the rim.
    siting : Siting
        What bars a product from a place or makes it dearer there.
    desires : tuple of Desire
        Lines that people walk and cycle along, each with the gap it needs.
    everyday : Polygon or MultiPolygon
        What people drive on ordinary days, though the plan closes it; may be empty.
    """

    usable: shapely.Geometry
    unmovable: shapely.STRtree
    walls: shapely.STRtree
    siting: Siting
    desires: tuple[Desire, ...]
    everyday: shapely.Geometry


def terrain(
    surface: DrivableSurface,
    access: AccessRules | None = None,
    accepted_m: Mapping[str, float] | None = None,
) -> Terrain:
    """Return what units must keep off on a surface, and the gaps a country asks for there.

    `accepted_m` are widths on single desire lines that go before those of the country.
    """
    streets = shapely.union_all(surface.open_streets.geometry.to_numpy())
    rim = shapely.buffer(shapely.boundary(surface.study_area), 0.01)
    walls = shapely.get_parts(shapely.difference(shapely.boundary(surface.ground), rim))
    usable = shapely.difference(surface.ground, shapely.buffer(streets, -INTO_STREET_M))
    shapely.prepare(usable)
    return Terrain(
        usable=usable,
        unmovable=shapely.STRtree(no_footing(surface)),
        walls=shapely.STRtree(walls),
        siting=siting_of(surface),
        desires=desires_of(surface, access, accepted_m),
        everyday=everyday_traffic(surface),
    )


def stands_clear(shapes: NDArray[np.object_], ground: Terrain, placed: Sequence[Polygon]) -> Bools:
    """Say which units stand on usable ground and in no other one, but for rounding."""
    cores = shapely.buffer(shapes, -ROUNDING_M)
    clear = np.asarray(shapely.covers(ground.usable, cores))
    for others in (ground.unmovable, shapely.STRtree(list(placed))):
        clear[others.query(cores, predicate="intersects")[0]] = False
    return clear


def footprints(product: Product, centres: Floats, directions: Floats) -> NDArray[np.object_]:
    """Return the outlines of units, (n,); a circle has corners exactly on the line through it."""
    if product.shape is Shape.ROUND:
        turn = 2 * np.pi * np.arange(CIRCLE_SIDES) / CIRCLE_SIDES
        local = 0.5 * product.width_m * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    else:
        local = 0.5 * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], dtype=np.float64)
        local *= [product.width_m, product.depth_m]
    across = np.stack([-directions[:, 1], directions[:, 0]], axis=1)
    corners = (
        centres[:, None]
        + local[None, :, :1] * directions[:, None]
        + local[None, :, 1:] * across[:, None]
    )
    return np.asarray(shapely.polygons(corners), dtype=object)


def set_back_m(product: Product, street_m: float) -> float:
    """Return how far behind its line a unit stands, for a line so far from an open street."""
    return max(0.5 * product.depth_m - INTO_STREET_M - street_m, 0.0)


def _set_backs_m(product: Product, street_m: Floats) -> Floats:
    """Return the same for each piece of a run, (n,)."""
    return np.maximum(0.5 * product.depth_m - INTO_STREET_M - street_m, 0.0)


def centres_along(run: Run, product: Product, middle_m: Floats) -> tuple[Floats, Floats]:
    """Return centres and directions of units whose middles are that far along the room."""
    direction = run.directions(middle_m, product.width_m)
    back = _set_backs_m(product, run.street_m)[run.pieces(middle_m)]
    # Vehicles are to the left of the way, so back is to the right.
    inward = np.stack([direction[:, 1], -direction[:, 0]], axis=1)
    return run.at(middle_m) + back[:, None] * inward, direction


def strikes_along(run: Run, demand: Demand) -> Strikes:
    """Return what strikes a run, sampled evenly over its room; at least one sample."""
    room_m = max(run.room_cm / 100, 0.0)
    count = max(int(np.ceil(room_m / STRIKE_SPACING_M)), 1)
    along = (np.arange(count) + 0.5) / count * room_m
    piece = run.pieces(along)
    way = np.diff(run.vertices, axis=0)[piece]
    way = way / np.hypot(*way.T)[:, None]
    return demand(run.at(along), np.stack([way[:, 1], -way[:, 0]], axis=1))


def prices_along(
    products: Sequence[Product],
    widths_cm: Sequence[int],
    costs: Floats,
    demand: Demand,
    strikes: Strikes,
    room_cm: int,
    *,
    surcharge: float,
) -> Ints:
    """Return the price of each product or lane at each start, (p, room + 1), `NEVER` where weak.

    Where every product is too weak the one with the highest rated energy stands in, so that the
    line is closed and says itself that it is short.

    Parameters
    ----------
    costs : (p,) array
        Of all units of each product or lane.
    surcharge : float
        As of `Offer`.
    """
    answer = strengths(products, demand.names, demand.masses_kg, strikes.speed_mps)
    price = unit_prices(costs, answer, surcharge=surcharge)
    helpless = ~np.isfinite(price).any(axis=1)
    most = max(range(len(products)), key=lambda p: products[p].rated_energy_kj)
    price[helpless, most] = costs[most]
    # Where two samples meet both count, as they do when a unit that stands there is asked what it
    # must stop.
    sample = np.minimum(np.arange(room_cm + 1) * len(price) // max(room_cm, 1), len(price) - 1)
    at_cm = price[sample]
    found = np.full((len(products), room_cm + 1), NEVER, dtype=np.int64)
    for p, width in enumerate(widths_cm):
        size = width + 2 * STRIKE_MARGIN_CM + 1
        # The window of a start runs from the margin before it to the margin after the unit.
        origin = STRIKE_MARGIN_CM - size // 2
        worst = maximum_filter1d(at_cm[:, p], size=size, mode="nearest", origin=origin)
        known = np.isfinite(worst)
        found[p, known] = np.round(worst[known]).astype(np.int64)
    return found


def blocked_starts(
    run: Run,
    products: Sequence[Product],
    widths_cm: Sequence[int],
    ground: Terrain,
    placed: Sequence[Polygon],
) -> Bools:
    """Say at which starts units would stand in a wall, an open street, a tree or a unit.

    Returns
    -------
    (p, room + 1) array
    """
    starts = np.arange(run.room_cm + 1)
    # What is in the way does not ask how wide a unit is, and many are equally deep.
    taken = {p.depth_m: _in_the_way_cm(run, p, ground, placed) for p in products}
    blocked = np.stack([_across_a_bend(run, width_cm) for width_cm in widths_cm])
    for number, (product, width_cm) in enumerate(zip(products, widths_cm, strict=True)):
        for low, high in taken[product.depth_m].tolist():
            blocked[number] |= (starts < high) & (starts + width_cm > low)
    return blocked


def _in_the_way_cm(
    run: Run, product: Product, ground: Terrain, placed: Sequence[Polygon]
) -> Floats:
    """Return from where to where along the room something stands in the strip of units, (n, 2)."""
    low, way = run.vertices[:-1], np.diff(run.vertices, axis=0)
    along = way / np.hypot(*way.T)[:, None]
    inward = np.stack([along[:, 1], -along[:, 0]], axis=1)
    half = max(0.5 * product.depth_m - TOUCH_M, TOUCH_M)
    middle = inward * _set_backs_m(product, run.street_m)[:, None]
    outer, inner = middle - half * inward, middle + half * inward
    strips = np.asarray(
        shapely.polygons(
            np.stack([low + outer, low + way + outer, low + way + inner, low + inner], axis=1)
        ),
        dtype=object,
    )
    off = np.flatnonzero(~shapely.covers(ground.usable, strips))
    beyond, of = shapely.get_parts(
        shapely.difference(strips[off], ground.usable), return_index=True
    )
    parts, owner = [beyond], [off[of]]
    for tree in (ground.unmovable, shapely.STRtree(list(placed))):
        strip, shape = tree.query(strips, predicate="intersects")
        parts.append(shapely.intersection(strips[strip], tree.geometries[shape]))
        owner.append(strip)
    part, piece = np.concatenate(parts), np.concatenate(owner)
    corner, of = shapely.get_coordinates(part, return_index=True)
    on = piece[of]
    x = ((corner - low[on]) * along[on]).sum(axis=1) + run.along_m[on] - run.taken_m[0]
    reach = np.full((len(part), 2), [np.inf, -np.inf])
    np.minimum.at(reach[:, 0], of, x * 100)
    np.maximum.at(reach[:, 1], of, x * 100)
    touch = TOUCH_M * 100
    kept = reach[:, 1] - reach[:, 0] > touch
    return np.asarray(reach[kept] + np.array([touch, -touch]))


def sited_starts(
    run: Run, product: Product, middles_m: Floats, starts_cm: Ints, siting: Siting
) -> tuple[Bools, Floats]:
    """Say at which starts units are barred, and what the ground adds to their price in all.

    Parameters
    ----------
    middles_m : (c,) array
        Middles of the units of one product or lane, from its start.
    starts_cm : (n,) array
        Starts that are asked about.

    Returns
    -------
    (n,) and (n,) arrays
    """
    starts_m = starts_cm / 100
    fits = starts_m + middles_m.max() + 0.5 * product.width_m <= run.room_cm / 100 + ROUNDING_M
    barred, extra = ~fits, np.zeros(len(starts_m))
    for middle_m in middles_m.tolist():
        shapes = footprints(product, *centres_along(run, product, starts_m[fits] + middle_m))
        barred[fits] |= siting.barred_units(product, shapes)
        extra[fits] += siting.unit_extras(shapes)
    return barred, extra


def _across_a_bend(run: Run, width_cm: int) -> Bools:
    starts = np.arange(run.room_cm + 1)
    across = np.zeros(len(starts), dtype=bool)
    if width_cm > STIFF_M * 100:
        at_cm = (run.along_m[1:-1] - run.taken_m[0]) * 100
        for bend in at_cm[turns_deg(run.vertices) > STIFF_DEG].tolist():
            across |= (starts < bend) & (starts + width_cm > bend)
    return across


def turns_deg(vertices: Floats) -> Floats:
    """Return by how much a way turns at each inner vertex, 0 to 180."""
    way = np.diff(vertices, axis=0)
    angle = np.degrees(np.arctan2(way[:, 1], way[:, 0]))
    return np.asarray(np.abs((np.diff(angle) + 180) % 360 - 180))


def closed_ends(
    run: Run,
    widths_cm: Sequence[int],
    *,
    gap_min_cm: int,
    gap_max_cm: int,
) -> tuple[Bools, Bools]:
    """Say which starts leave the gap at the start, at the end of the run closed, (p, room + 1)."""
    starts = np.arange(run.room_cm + 1)
    answers = []
    for end in (0, 1):
        least = 0 if run.solid[end] else gap_min_cm + int(np.ceil(run.spread_m[end] * 100))
        rest = np.stack(
            [starts if end == 0 else run.room_cm - starts - width for width in widths_cm]
        )
        answers.append((rest >= least) & (rest <= gap_max_cm))
    return answers[0], answers[1]


def slanting_ends(
    run: Run,
    products: Sequence[Product],
    widths_cm: Sequence[int],
    ground: Terrain,
    *,
    gap_max_cm: int,
) -> tuple[Bools, Bools]:
    """Say which starts further along leave an end closed because its wall runs beside the run.

    Along a slanting wall a unit is closer to the wall than to the corner that the run ends at;
    what counts is the clear way to the wall that the run ends on.
    """
    starts = np.arange(run.room_cm + 1)
    answers = []
    for end in (0, 1):
        allowed = np.zeros((len(products), len(starts)), dtype=bool)
        wall = _wall_at(run, end, ground) if run.solid[end] else None
        for p, (product, width) in enumerate(zip(products, widths_cm, strict=True)):
            rest = starts if end == 0 else run.room_cm - starts - width
            near = np.flatnonzero((rest > gap_max_cm) & (rest <= OBLIQUE_M * 100))
            if wall is not None and len(near):
                centre, way = centres_along(run, product, (near + width / 2) / 100)
                shapes = footprints(product, centre, way)
                allowed[p, near] = shapely.dwithin(shapes, wall, gap_max_cm / 100)
        answers.append(allowed)
    return answers[0], answers[1]


def wall_near(corner: Floats, ground: Terrain) -> shapely.Geometry | None:
    """Return the walls that a line ends on; None where it ends on none."""
    near = ground.walls.query(shapely.Point(corner), predicate="dwithin", distance=0.01)
    return shapely.union_all(ground.walls.geometries[near]) if len(near) else None


def _wall_at(run: Run, end: int, ground: Terrain) -> shapely.Geometry | None:
    """Return the wall that a run ends on, as far as it is one piece with the end point."""
    corner = run.vertices[0 if end == 0 else -1]
    point = shapely.Point(corner)
    near = ground.walls.geometries[ground.walls.query(point, predicate="dwithin", distance=0.01)]
    # Beyond this the wall is further away than along the run.
    clipped = shapely.intersection(near, shapely.buffer(point, OBLIQUE_M + 1.0))
    parts = shapely.get_parts(shapely.line_merge(shapely.union_all(clipped)))
    own = parts[shapely.dwithin(parts, point, 0.01)] if len(parts) else parts
    return shapely.union_all(own) if len(own) else None
