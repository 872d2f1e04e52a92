"""Approaches -> where three staggered rows fit into a street, with units that are strong enough."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, Polygon

from sbd.barriers.chicane_rows import strong_row
from sbd.barriers.cost import Offer
from sbd.barriers.demand import Demand, Floats
from sbd.barriers.engine_way import (
    MARGIN_M,
    ROWS,
    engine_of,
    tightest_spacing_m,
    weave,
)
from sbd.barriers.fitting import FittedLine
from sbd.barriers.footing import no_footing
from sbd.barriers.runs import Terrain, terrain
from sbd.geometry.mesh import segments_of
from sbd.model.assessment import Assessment
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.progress import Progress, ignore

STAGE = "chicanes"
# Most places that are tried; those on the approaches with most energy come first.
MOST_PLACES = 8
STRAIGHT_M = 6.0  # an approach within this of a line is straight: it may weave for a longer run-up
# A street goes the way of a wall this long that is so near and so nearly along the approach.
WALL_M, BESIDE_M, ALONG_DEG = 5.0, 15.0, 20.0
STEP_M = 10.0  # between places that are looked at along a straight
WIDEST_M, NARROWEST_M = 20.0, 8.0  # of a street that rows are put into
OVERLAP_M = 0.5  # of neighbouring rows, seen along the street
# What a lane has over that of the country: an engine turns in it.
WIDER_M = (1.5, 2.0)
APART_M = 15.0  # places closer than this are one
ENDS_M = 12.0  # of straight street before and behind the rows
# Room that an upper field adds to the lane; the estimate counts it too.
FIELD_ROOM_M = 0.71
DEEPEST_M = 1.2  # of units in a row; deeper ones need a wider spacing than is tried
# For the hull of two poses 0.2 m apart, which fills the bend of the inner side: with 6.4 m before
# and 2 m behind the axle 6.4 * 2 / 8.4 * 0.2 / 12.75 = 24 mm.
_SLACK_M = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A stretch of street with straight edges.

    Parameters
    ----------
    origin_m, along : (2,) arrays
        Where the first row meets the right-hand edge, and the way of the traffic.
    street_m, lane_m, spacing_m : float
        Width between the edges, down to half a metre, of the lane beside each row, and from row to
        row. The lane of the middle row is wider by what the street is wider.
    """

    origin_m: Floats
    along: Floats
    street_m: float
    lane_m: float
    spacing_m: float

    @property
    def left(self) -> Floats:
        """Across the street, from right to left."""
        return np.array([-self.along[1], self.along[0]])

    @property
    def middle(self) -> Floats:
        """Middle of the three rows."""
        return self.at(self.spacing_m, self.street_m / 2)

    def at(self, x_m: float, y_m: float) -> Floats:
        """Return a position of the street's frame on the map."""
        return np.asarray(self.origin_m + x_m * self.along + y_m * self.left)


@dataclass(frozen=True, slots=True, eq=False)
class Chicane:
    """Three rows in place."""

    place: Place
    rows: tuple[FittedLine, ...]

    @property
    def shapes(self) -> list[Polygon]:
        """Footprints of all units."""
        return [unit.shape for row in self.rows for unit in row.units]

    @property
    def cost(self) -> float:
        """Middle of the cost range, with what each row costs beside its units."""
        fixed = (max(u.product.line_fixed_cost for u in row.units) for row in self.rows)
        units = (unit for row in self.rows for unit in row.units)
        return sum(fixed) + sum(u.product.cost_mid + u.ground_price for u in units)


def possible_chicanes(
    surface: DrivableSurface,
    assessment: Assessment,
    demand: Demand,
    offered: Offer,
    request: PlanRequest,
    *,
    progress: Progress = ignore,
) -> list[Chicane]:
    """Return chicanes on the straight parts of the approaches, the hardest approach first.

    Each leaves the country's fire engine a way through it, rows of the cheapest product that stops
    what comes there now from either side, and stands on no forbidden ground, no tree and not in the
    zone.
    """
    ground = replace(terrain(surface, request.access), usable=surface.ground)
    shapely.prepare(ground.usable)
    narrowest_m = min(vehicle.width_m for vehicle in assessment.vehicles)
    found: list[Chicane] = []
    walls = _Walls(surface)
    for place in _places(surface, assessment, walls, request, narrowest_m, progress):
        if len(found) >= MOST_PLACES:
            break
        near = [np.hypot(*(place.middle - other.place.middle)) for other in found]
        if min(near, default=math.inf) < 2 * place.spacing_m + APART_M:
            continue
        chicane = _built(place, surface, demand, offered, ground, walls, request)
        if chicane is not None:
            found.append(chicane)
    return found


class _Walls:
    """Edges of the ground, one by one."""

    def __init__(self, surface: DrivableSurface) -> None:
        self._edges = segments_of(shapely.boundary(surface.ground))
        self._tree = shapely.STRtree(self._edges)

    def reach_m(self, point: Floats, way: Floats) -> float | None:
        """Return how far the nearest wall is along a way; None where it is far."""
        ray = LineString([point, point + WIDEST_M * way])
        met = self._edges[self._tree.query(ray, predicate="intersects")]
        if not len(met):
            return None
        at = shapely.intersection(ray, met)
        return float(shapely.distance(shapely.Point(point), at).min())

    def direction(self, point: Floats, along: Floats) -> Floats:
        """Return the way of the longest wall beside a way, or that way where there is none."""
        near = self._tree.query(shapely.Point(point), predicate="dwithin", distance=BESIDE_M)
        ends = shapely.get_coordinates(self._edges[near]).reshape(-1, 2, 2)
        step = ends[:, 1] - ends[:, 0]
        length = np.hypot(*step.T)
        ways = step / np.maximum(length, 1e-9)[:, None]
        cosine = ways @ along
        fits = (length >= WALL_M) & (np.abs(cosine) >= math.cos(math.radians(ALONG_DEG)))
        if not fits.any():
            return along
        best = int(np.argmax(np.where(fits, length, 0.0)))
        return np.asarray(ways[best] * np.sign(cosine[best]))


def _places(
    surface: DrivableSurface,
    assessment: Assessment,
    walls: _Walls,
    request: PlanRequest,
    narrowest_m: float,
    progress: Progress,
) -> Iterator[Place]:
    """Yield places: of every straight the last, the first and the middle one that there is room."""
    corridors = assessment.corridors.sort_values("energy_kj", ascending=False, kind="stable")
    for number, corridor in enumerate(corridors.geometry):
        for start, stop in _straights(corridor):
            found = []
            length = float(np.hypot(*(stop - start)))
            for off_m in np.arange(length, 0.0, -STEP_M):
                progress(STAGE, number / len(corridors), f"streets of approach {number + 1}")
                last = start + off_m / length * (stop - start)
                along = walls.direction(last, (stop - start) / length)
                place = _place(last, along, walls, surface, request, narrowest_m)
                if place is not None and 2 * place.spacing_m <= off_m:
                    found.append(place)
            yield from [found[k] for k in sorted({0, len(found) // 2, len(found) - 1}) if found]


def _straights(corridor: shapely.Geometry) -> list[tuple[Floats, Floats]]:
    """Return the ends of the straight parts of a way that are long enough, the last first."""
    parts = [
        shapely.get_coordinates(part)
        for part in shapely.get_parts(shapely.simplify(corridor, STRAIGHT_M))
    ]
    pairs = [(a, b) for xy in parts for a, b in pairwise(xy)]
    return [(a, b) for a, b in pairs[::-1] if np.hypot(*(b - a)) >= 2 * ENDS_M]


def _place(
    last: Floats,
    along: Floats,
    walls: _Walls,
    surface: DrivableSurface,
    request: PlanRequest,
    narrowest_m: float,
) -> Place | None:
    """Return the place whose last row crosses an approach there; None where there is no room."""
    here = _edges(last, along, walls)
    if here is None:
        return None
    layout = _layout(here[0] + here[1], request, narrowest_m)
    if layout is None:
        return None
    # The street is as wide as its narrowest part around the rows.
    spacing_m = layout[1]
    offs = np.arange(-2 * spacing_m - ENDS_M, ENDS_M + 1e-9, 2.0)
    edges = [_edges(last + off_m * along, along, walls) for off_m in offs.tolist()]
    known = [edge for edge in edges if edge is not None]
    if len(known) < len(edges):
        return None
    right, left = (min(edge[side] for edge in known) for side in (0, 1))
    layout = _layout(right + left, request, narrowest_m)
    if layout is None or layout[1] > spacing_m:
        return None
    lane_m, spacing_m = layout
    across = np.array([-along[1], along[0]])
    first = last - 2 * spacing_m * along - right * across
    # Measured from the right edge as wide as the way was searched for; the rest is lane.
    street_m = _rounded(right + left)
    place = Place(first, along, street_m, lane_m, spacing_m)
    corners = [(0.0, 0.0), (2 * spacing_m, 0.0), (2 * spacing_m, right + left), (0.0, right + left)]
    block = Polygon([place.at(*corner) for corner in corners]).buffer(1.0)
    return None if block.intersects(surface.zone) else place


def _edges(point: Floats, along: Floats, walls: _Walls) -> tuple[float, float] | None:
    """Return how far the edges of the street are to the right and left; None where it is wide."""
    across = np.array([-along[1], along[0]])
    right, left = walls.reach_m(point, -across), walls.reach_m(point, across)
    return None if right is None or left is None else (right, left)


def _layout(
    street_m: float, request: PlanRequest, narrowest_m: float
) -> tuple[float, float] | None:
    """Return lane and spacing that slow the narrowest vehicle most; None where none lets pass.

    By the largest radius of a shift past two corners: R = (l^2 + s^2) / (4 s).
    """
    street_m = _rounded(street_m)
    if not NARROWEST_M <= street_m <= WIDEST_M:
        return None
    engine = engine_of(request.access)
    best: tuple[float, float, float] | None = None
    for wider_m in WIDER_M:
        lane_m = engine.width_m + 2 * MARGIN_M + wider_m
        if street_m - 2 * lane_m < OVERLAP_M:
            continue
        spacing = tightest_spacing_m(engine, street_m=street_m, lane_m=lane_m, depth_m=DEEPEST_M)
        aside_m = street_m - 2 * lane_m + narrowest_m - FIELD_ROOM_M
        if spacing is None or aside_m <= 0.0:
            continue
        radius_m = (spacing**2 + aside_m**2) / (4 * aside_m)
        if best is None or radius_m < best[0]:
            best = radius_m, lane_m, float(spacing)
    return None if best is None else best[1:]


def _rounded(street_m: float) -> float:
    """Return a width down to half a metre: what is found for it fits, and is searched once."""
    return math.floor(2 * street_m + 1e-6) / 2


def _built(
    place: Place,
    surface: DrivableSurface,
    demand: Demand,
    offered: Offer,
    ground: Terrain,
    walls: _Walls,
    request: PlanRequest,
) -> Chicane | None:
    rows = []
    for number in range(ROWS):
        ends = _span(place, number, walls)
        row = None
        if ends is not None:
            row = strong_row(ends, place.along, place.lane_m, demand, offered, ground, request)
        if row is None:
            return None
        rows.append(row)
    chicane = Chicane(place, tuple(rows))
    return chicane if _engine_passes(chicane, surface, request) else None


def _span(place: Place, number: int, walls: _Walls) -> Floats | None:
    """Return a row from the wall behind it to its lane, (2, 2)."""
    x_m, from_left = number * place.spacing_m, number % 2 == 0
    way = place.left if from_left else -place.left
    tip = place.at(x_m, place.lane_m if from_left else place.street_m - place.lane_m)
    reach_m = walls.reach_m(tip, way)
    return None if reach_m is None else np.array([tip + reach_m * way, tip])


def _engine_passes(chicane: Chicane, surface: DrivableSurface, request: PlanRequest) -> bool:
    """Say whether an engine keeps its margin off walls, units and trees on a way through."""
    place, engine = chicane.place, engine_of(request.access)
    depth_m = max(unit.product.depth_m for row in chicane.rows for unit in row.units)
    way = weave(
        engine,
        street_m=place.street_m,
        lane_m=place.lane_m,
        spacing_m=place.spacing_m,
        depth_m=depth_m,
    )
    if way is None:
        return False
    way = way - [depth_m / 2, 0.0, 0.0]  # units stand astride the middle of their row
    near = way[(way[:, 0] >= -ENDS_M / 2) & (way[:, 0] <= 2 * place.spacing_m + ENDS_M / 2)]
    corners = engine.corners(*near.T)
    corners = place.origin_m + corners @ np.stack([place.along, place.left])
    # What the body sweeps from pose to pose lies within the hull of both, but for millimetres.
    hulls = shapely.convex_hull(
        shapely.linestrings(np.concatenate([corners[:-1], corners[1:]], axis=1))
    )
    body = shapely.union_all(hulls)
    standing = shapely.union_all([*chicane.shapes, *no_footing(surface)])
    room = body.buffer(MARGIN_M - _SLACK_M)
    return bool(surface.ground.covers(room) and not standing.intersects(room))
