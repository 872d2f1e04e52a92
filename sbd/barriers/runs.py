"""One straight run of a line -> where each product may stand on it, and at what price."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from shapely import Polygon

from sbd.barriers.cost import strengths, unit_prices
from sbd.barriers.demand import Demand, Floats, Strikes
from sbd.catalogue.products import Product, Shape
from sbd.model.surface import DrivableSurface
from sbd.optimise.layout import NEVER
from sbd.optimise.network import Ints

Bools = NDArray[np.bool_]

STRIKE_SPACING_M = 0.5
# Speeds are known at samples; a unit answers for what strikes this far beside it as well.
STRIKE_MARGIN_CM = 25
OBLIQUE_M = 4.0  # how far from a slanting wall the first unit may stand, measured along the run
TOUCH_M = 0.002  # overlaps thinner than this are rounding
CIRCLE_SIDES = 8  # a quarter of the sides of a round footprint

# Point-like furniture that forbids a footprint: radius [m] around it. Trees keep their root
# collar; the rest keeps room for a hand or a spade. Assumed; a survey replaces it.
UNMOVABLE_RADIUS_M = {"tree": 0.6}
UNMOVABLE_RADIUS_ELSE_M = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A straight piece between two solids or units that stand already.

    Parameters
    ----------
    start, stop : (2,) array
        Ends of the piece, before the room of units that stand there is taken off.
    solid : (2,) tuple of bool
        Whether the piece begins, ends at a solid; else there is a unit of its own.
    taken_m : (2,) tuple of float
        What the unit at each end takes off the length; 0 at a solid.
    spread_m : (2,) tuple of float
        How much further that unit reaches in other directions; added to the least gap.
    lane : (2,) tuple of float, or None
        Where along the piece [m] an openable lane has to be.
    """

    start: Floats
    stop: Floats
    solid: tuple[bool, bool]
    taken_m: tuple[float, float] = (0.0, 0.0)
    spread_m: tuple[float, float] = (0.0, 0.0)
    lane: tuple[float, float] | None = None

    @property
    def length_m(self) -> float:
        """Length between the ends."""
        return float(np.hypot(*(self.stop - self.start)))

    @property
    def direction(self) -> Floats:
        """Unit vector from start to stop."""
        return np.asarray((self.stop - self.start) / self.length_m)

    @property
    def normal(self) -> Floats:
        """Unit vector to the protected side: vehicles are to the left of the way."""
        along = self.direction
        return np.array([along[1], -along[0]])

    @property
    def room_cm(self) -> int:
        """What is left between the ends, whole centimetres, rounded down; may be negative."""
        return int(np.floor((self.length_m - sum(self.taken_m)) * 100 + 1e-6))

    def at(self, distance_m: float) -> Floats:
        """Return the point that far along the room between the ends."""
        return np.asarray(self.start + self.direction * (self.taken_m[0] + distance_m))


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
    """

    usable: shapely.Geometry
    unmovable: shapely.STRtree
    walls: shapely.STRtree


def terrain(surface: DrivableSurface) -> Terrain:
    """Return what units must keep off on a surface."""
    streets = shapely.union_all(surface.open_streets.geometry.to_numpy())
    kinds = surface.unmovable["kind"].astype(str)
    radius = kinds.map(lambda kind: UNMOVABLE_RADIUS_M.get(kind, UNMOVABLE_RADIUS_ELSE_M))
    shapes = surface.unmovable.geometry.to_numpy()
    areal = np.isin(shapely.get_type_id(shapes), (3, 6))
    grown = shapely.buffer(shapes, np.where(areal, 0.0, radius.to_numpy(dtype=np.float64)))
    rim = shapely.buffer(shapely.boundary(surface.study_area), 0.01)
    walls = shapely.difference(shapely.boundary(surface.ground), rim)
    usable = shapely.difference(surface.ground, streets)
    return Terrain(usable, shapely.STRtree(grown), shapely.STRtree(shapely.get_parts(walls)))


def footprint(product: Product, centre: Floats, direction: Floats) -> Polygon:
    """Return the outline of a unit; a circle has corners exactly on the line through it."""
    if product.shape is Shape.ROUND:
        turn = 2 * np.pi * np.arange(4 * CIRCLE_SIDES) / (4 * CIRCLE_SIDES)
        local = 0.5 * product.width_m * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    else:
        local = 0.5 * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], dtype=np.float64)
        local *= [product.width_m, product.depth_m]
    across = np.array([-direction[1], direction[0]])
    return Polygon(centre + local[:, :1] * direction + local[:, 1:] * across)


def strikes_along(run: Run, demand: Demand) -> Strikes:
    """Return what strikes a run, sampled evenly over its room; at least one sample."""
    room_m = max(run.room_cm / 100, 0.0)
    count = max(int(np.ceil(room_m / STRIKE_SPACING_M)), 1)
    along = (np.arange(count) + 0.5) / count * room_m
    points = run.at(0.0) + along[:, None] * run.direction
    return demand(points, np.broadcast_to(run.normal, points.shape))


def prices_along(
    products: Sequence[Product],
    widths_cm: Sequence[int],
    counts: Sequence[int],
    demand: Demand,
    strikes: Strikes,
    room_cm: int,
) -> Ints:
    """Return the price of each product at each start, (p, room + 1), `NEVER` where too weak.

    Where every product is too weak the one with the highest rated energy stands in, so that the
    line is closed and says itself that it is short.
    """
    answer = strengths(products, demand.masses_kg, strikes.speed_mps)
    price = unit_prices(products, answer, count=np.array(counts, dtype=np.float64))
    helpless = ~np.isfinite(price).any(axis=1)
    most = max(range(len(products)), key=lambda p: products[p].rated_energy_kj)
    price[helpless, most] = counts[most] * products[most].cost_mid
    sample = np.arange(room_cm + 1) * len(price) // max(room_cm + 1, 1)
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


def blocked_starts(run: Run, depth_m: float, width_cm: int, ground: Terrain) -> Bools:
    """Say at which starts a unit would stand in a wall, a street that stays open, or a tree."""
    room_cm = run.room_cm
    half = max(0.5 * depth_m - TOUCH_M, TOUCH_M)
    across = np.array([-run.direction[1], run.direction[0]])
    low, high = run.at(0.0), run.at(room_cm / 100)
    strip = Polygon(
        [low + across * half, high + across * half, high - across * half, low - across * half]
    )
    parts = list(shapely.get_parts(shapely.difference(strip, ground.usable)))
    near = ground.unmovable.query(strip, predicate="intersects")
    parts += list(shapely.intersection(strip, ground.unmovable.geometries[near]))
    blocked = np.zeros(room_cm + 1, dtype=bool)
    starts = np.arange(room_cm + 1)
    for part in parts:
        x = (shapely.get_coordinates(part) - low) @ run.direction * 100
        if len(x) and x.max() - x.min() > TOUCH_M * 100:
            blocked |= (starts < x.max() - TOUCH_M * 100) & (
                starts + width_cm > x.min() + TOUCH_M * 100
            )
    return blocked


def closed_ends(
    run: Run,
    products: Sequence[Product],
    widths_cm: Sequence[int],
    ground: Terrain,
    *,
    gap_min_cm: int,
    gap_max_cm: int,
) -> tuple[Bools, Bools]:
    """Say which starts leave the gap at the start, at the end of the run closed.

    Along a slanting wall a unit is closer to the wall than to the corner the run ends at; what
    counts is the clear way to the wall that the run ends on.
    """
    room_cm = run.room_cm
    starts = np.arange(room_cm + 1)
    answers = []
    for end in (0, 1):
        allowed = np.zeros((len(products), room_cm + 1), dtype=bool)
        wall = _wall_at(run, end, ground) if run.solid[end] else None
        least = 0 if run.solid[end] else gap_min_cm + int(np.ceil(run.spread_m[end] * 100))
        for p, (product, width) in enumerate(zip(products, widths_cm, strict=True)):
            rest = starts if end == 0 else room_cm - starts - width
            allowed[p] = (rest >= least) & (rest <= gap_max_cm)
            allowed[p] |= (rest == 0) & (run.spread_m[end] == 0)  # butted
            if wall is not None:
                slanting = np.flatnonzero((rest > gap_max_cm) & (rest <= OBLIQUE_M * 100))
                allowed[p, slanting] = _reaches(run, product, width, slanting, wall, gap_max_cm)
        answers.append(allowed)
    return answers[0], answers[1]


def _wall_at(run: Run, end: int, ground: Terrain) -> shapely.Geometry | None:
    """Return the wall that a run ends on, as far as it is one piece with the end point."""
    corner = run.start if end == 0 else run.stop
    point = shapely.Point(corner)
    near = ground.walls.geometries[ground.walls.query(point, predicate="dwithin", distance=0.01)]
    # Beyond this the wall is further away than along the run.
    clipped = shapely.intersection(near, shapely.buffer(point, OBLIQUE_M + 1.0))
    parts = shapely.get_parts(shapely.line_merge(shapely.union_all(clipped)))
    own = parts[shapely.dwithin(parts, point, 0.01)] if len(parts) else parts
    inward = run.direction if end == 0 else -run.direction
    xy = shapely.get_coordinates(own) - corner
    # A wall that falls back from the run is never closer than its corner.
    leans = len(xy) > 0 and float((xy @ inward).max()) > 0.05
    return shapely.union_all(own) if leans else None


def _reaches(
    run: Run, product: Product, width_cm: int, starts: Ints, wall: shapely.Geometry, gap_max_cm: int
) -> Bools:
    centres = [run.at((s + width_cm / 2) / 100) for s in starts.tolist()]
    shapes = np.array(
        [footprint(product, centre, run.direction) for centre in centres], dtype=object
    )
    if not len(shapes):
        return np.zeros(0, dtype=bool)
    return np.asarray(shapely.dwithin(shapes, wall, gap_max_cm / 100))
