"""Fitted lines -> whether a fire engine turns through each openable lane, by arcs and straights.

A quick look of the planner's own, meant to be stricter than any search that comes after: discs
stand for the body and cover more than it, and only ways of straight, bend and one more bend or
straight are tried, forward, from 20 m outside to the zone or 20 m inside.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import shapely
from scipy.ndimage import label as parts_of
from shapely.geometry.base import BaseGeometry

from sbd.barriers.demand import Floats
from sbd.barriers.fitting import FittedLine
from sbd.model.access import AccessRules
from sbd.model.surface import DrivableSurface
from sbd.optimise.network import Bools, Ints

# French orders of 31 January 1986 and 25 June 1980: inner radius 11 m, wider by 15/R in a bend.
LANE_M, INNER_RADIUS_M, WIDENING_M2 = 3.5, 11.0, 15.0
MARGIN_M = 0.25  # of the lane on either side of the body
TAIL_M = 2.0  # behind the rear axle, assumed
REACH_M = 20.0
STEP_M = 0.6
CELL_M = 0.2
# A cell is looked up for all points in it: up to half its diagonal off, and a hair for steps.
CELL_SLACK_M = 0.15
FROM_LINE_M = 0.4  # cells this near a line belong to neither side
DISCS = 9
ANGLES_RAD = np.radians([0.0, -10.0, 10.0, -20.0, 20.0])
OFFSETS_M = np.array([0.0, -0.5, 0.5])
BENDS = np.array([0.0, 1.0, -1.0, 0.5, -0.5])
STRAIGHTS = np.arange(0, 31, 5)  # steps before the first bend
MOST_BEND, MOST_LAST = 48, 70  # steps


@dataclass(frozen=True, slots=True)
class Body:
    """The engine that fills a lane in its sharpest bend; lengths seen from the rear axle."""

    width_m: float
    front_m: float
    radius_m: float

    @classmethod
    def of_rules(cls, access: AccessRules | None) -> "Body":
        """Return the engine of a country's lane, or of the French one.

        >>> round(Body.of_rules(None).front_m, 2)
        6.38
        """
        # No rule makes a narrower or a sharper turning engine than the default.
        lane_m = max(access.lane_width_m, LANE_M) if access else LANE_M
        inner_m = max(access.inner_radius_m, INNER_RADIUS_M) if access else INNER_RADIUS_M
        width_m, radius_m = lane_m - 2 * MARGIN_M, inner_m + lane_m / 2
        outer_m = inner_m + lane_m + WIDENING_M2 / inner_m
        outer_m = (max(outer_m, access.outer_radius_m) if access else outer_m) - MARGIN_M
        return cls(width_m, math.sqrt(outer_m**2 - (radius_m + width_m / 2) ** 2), radius_m)

    @property
    def middles_m(self) -> Floats:
        """Where along the body the discs stand that cover it."""
        half = (self.front_m + TAIL_M) / (2 * DISCS)
        return np.linspace(-TAIL_M + half, self.front_m - half, DISCS)

    @property
    def disc_m(self) -> float:
        """Radius of those discs."""
        return math.hypot(self.width_m / 2, (self.front_m + TAIL_M) / (2 * DISCS))


def blocked_lanes(
    lines: Sequence[FittedLine], surface: DrivableSurface, access: AccessRules | None
) -> list[Floats]:
    """Return the middles of the pieces with a lane that no engine turns through.

    Errs to the strict side; furniture is left to the judge, who makes a condition of it.
    """
    body = Body.of_rules(access)
    found: list[Floats] = []
    for line in lines:
        for piece in np.flatnonzero(line.line.openable).tolist():
            if not _drives_through(line, piece, lines, surface, body):
                found.append(line.line.vertices[piece : piece + 2].mean(axis=0))
    return found


def hopeless_lanes(
    middles_m: Floats, inward_rad: Floats, surface: DrivableSurface, access: AccessRules | None
) -> Bools:
    """Say which lanes beside each other no engine turns through even while nothing is built.

    Parameters
    ----------
    middles_m : (n, 2) array
        Their middles, within a few metres of each other.
    inward_rad : (n,) array
        Heading across them; either way round.
    """
    body = Body.of_rules(access)
    if not len(middles_m):
        return np.zeros(0, dtype=bool)
    centre = middles_m.mean(axis=0)
    spread_m = float(np.hypot(*(middles_m - centre).T).max())
    reach_m = REACH_M + 2 * body.front_m + spread_m
    window = shapely.Point(centre).buffer(reach_m)
    ground = _within(surface, window)
    grid = _Grid.around(centre, reach_m)
    room = grid.inside(shapely.buffer(ground, -(body.disc_m + CELL_SLACK_M)))
    zone = grid.inside(surface.zone)
    found = np.zeros(len(middles_m), dtype=bool)
    for k, (middle, heading) in enumerate(zip(middles_m, inward_rad.tolist(), strict=True)):
        far = grid.beyond(middle, REACH_M)
        found[k] = not any(
            _has_way(
                room,
                far,
                far | zone,
                grid.origin,
                middle,
                turned,
                body.middles_m,
                (body.front_m - TAIL_M) / 2,
                body.radius_m,
            )
            for turned in (heading, heading + math.pi)
        )
    return found


def _drives_through(
    line: FittedLine,
    piece: int,
    lines: Sequence[FittedLine],
    surface: DrivableSurface,
    body: Body,
) -> bool:
    vertices = line.line.vertices
    pieces = np.flatnonzero(line.line.openable)
    ways = shapely.linestrings(np.stack([vertices[pieces], vertices[pieces + 1]], axis=1))
    # A line may have several lanes; each unit belongs to the piece it stands on.
    lane = [
        unit.shape
        for unit in line.units
        if unit.openable
        and pieces[int(np.argmin(shapely.distance(ways, unit.shape.centroid)))] == piece
    ]
    if not lane:
        return False
    middle = shapely.get_coordinates(shapely.centroid(shapely.union_all(lane)))[0]
    way = line.line.vertices[piece + 1] - line.line.vertices[piece]
    inward = math.atan2(-way[0], way[1])  # vehicles are to the left of the way
    shapes = np.array([unit.shape for other in lines for unit in other.units], dtype=object)
    window = shapely.Point(middle).buffer(REACH_M + 2 * body.front_m)
    ground = _within(surface, window)
    shapely.prepare(window)
    near = [shape for shape in shapes[shapely.intersects(window, shapes)] if shape not in lane]
    free = shapely.difference(ground, shapely.union_all(near)) if near else ground
    grid = _Grid.around(middle, REACH_M + 2 * body.front_m)
    room = grid.inside(shapely.buffer(free, -(body.disc_m + CELL_SLACK_M)))
    rows = shapely.union_all([shapely.LineString(other.line.vertices) for other in lines])
    sides = grid.parts(shapely.difference(free, shapely.buffer(rows, FROM_LINE_M)))
    normal = np.array([math.cos(inward), math.sin(inward)])
    outside, inside = (_reached(grid, sides, middle, sign * normal) for sign in (-1.0, 1.0))
    far = grid.beyond(middle, REACH_M)
    arrived = inside & (far | grid.inside(surface.zone))
    return bool(
        _has_way(
            room,
            outside & far,
            arrived,
            grid.origin,
            middle,
            inward,
            body.middles_m,
            (body.front_m - TAIL_M) / 2,
            body.radius_m,
        )
    )


def _within(surface: DrivableSurface, window: BaseGeometry) -> BaseGeometry:
    """Return the ground in a window, with the streets beyond the rim."""
    beyond = shapely.intersection(_beyond(surface, window), window)
    return shapely.union(shapely.intersection(surface.ground, window), beyond)


def _beyond(surface: DrivableSurface, window: BaseGeometry) -> BaseGeometry:
    """Return the streets beyond the rim: straight on over each entry, as wide as that."""
    entries = surface.entries.geometry.to_numpy()
    near = entries[shapely.intersects(entries, window)]
    reach_m = 2 * REACH_M
    strips = shapely.buffer(near, reach_m, cap_style="flat", join_style="mitre")
    across = shapely.difference(shapely.union_all(strips), surface.study_area)
    # A hair of overlap, so that street and strip are one.
    return shapely.union(across, shapely.buffer(shapely.union_all(near), 0.01, cap_style="flat"))


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Square cells around a place; cell (0, 0) has its middle at `origin`."""

    origin: Floats
    count: int

    @classmethod
    def around(cls, middle: Floats, reach_m: float) -> "_Grid":
        return cls(middle - reach_m, int(2 * reach_m / CELL_M) + 1)

    def inside(self, shape: BaseGeometry) -> Bools:
        """Say which cells have their middle in a shape."""
        # Left of such a middle lies its outline an odd number of times.
        rings = shapely.get_rings(shapely.get_parts(shape))
        corner, ring = shapely.get_coordinates(rings, return_index=True)
        cell = (corner - self.origin) / CELL_M
        on = np.flatnonzero(ring[1:] == ring[:-1])
        start, stop = cell[on], cell[on + 1]
        low, high = (
            np.clip(np.ceil(pick(start[:, 1], stop[:, 1])), 0, self.count).astype(np.int64)
            for pick in (np.minimum, np.maximum)
        )
        side = np.repeat(np.arange(len(on)), high - low)
        row = np.arange(len(side)) - np.repeat(np.cumsum(high - low) - high, high - low)
        share = (row - start[side, 1]) / (stop[side, 1] - start[side, 1])
        x = start[side, 0] + share * (stop[side, 0] - start[side, 0])
        column = np.clip(np.ceil(x), 0, self.count).astype(np.int64)
        crossed = np.zeros((self.count, self.count + 1), dtype=np.int64)
        np.add.at(crossed, (row, column), 1)
        return np.asarray(np.cumsum(crossed[:, :-1], axis=1) % 2 == 1)

    def parts(self, shape: BaseGeometry) -> Ints:
        return np.asarray(parts_of(self.inside(shape))[0], dtype=np.int64)

    def beyond(self, middle: Floats, off_m: float) -> Bools:
        axis = np.arange(self.count) * CELL_M
        x, y = (self.origin[k] + axis - middle[k] for k in (0, 1))
        return np.asarray(y[:, None] ** 2 + x[None] ** 2 >= off_m**2)


def _reached(grid: _Grid, sides: Ints, middle: Floats, ahead: Floats) -> Bools:
    """Return the cells that hang together with those before or behind a lane."""
    steps = np.arange(FROM_LINE_M + CELL_M, 4.0, CELL_M)
    points = middle + steps[:, None] * ahead
    cell = np.round((points - grid.origin) / CELL_M).astype(int)
    names = np.unique(sides[cell[:, 1], cell[:, 0]])
    return np.isin(sides, names[names > 0])


@numba.njit(cache=True)
def _has_way(
    room: Bools,
    outside: Bools,
    inside: Bools,
    origin: Floats,
    middle: Floats,
    inward: float,
    discs_m: Floats,
    centre_m: float,
    radius_m: float,
) -> bool:
    for angle in ANGLES_RAD:
        for offset in OFFSETS_M:
            heading = inward + angle
            x = middle[0] - offset * math.sin(inward) - centre_m * math.cos(heading)
            y = middle[1] + offset * math.cos(inward) - centre_m * math.sin(heading)
            if not _fits(room, origin, x, y, heading, discs_m):
                continue
            if _leads(room, inside, origin, x, y, heading, 1.0, discs_m, centre_m, radius_m) and (
                _leads(room, outside, origin, x, y, heading, -1.0, discs_m, centre_m, radius_m)
            ):
                return True
    return False


@numba.njit(cache=True)
def _leads(  # noqa: C901, PLR0913  # one kernel: what is split out is compiled and called all the same
    room: Bools,
    goal: Bools,
    origin: Floats,
    x0: float,
    y0: float,
    heading0: float,
    sign: float,
    discs_m: Floats,
    centre_m: float,
    radius_m: float,
) -> bool:
    """Say whether straight, bend and a last bend or straight end on a goal cell."""
    for straight in STRAIGHTS:
        x, y, heading = x0, y0, heading0
        free = True
        for _ in range(straight):
            x, y, heading = _moved(x, y, heading, sign, 0.0)
            free = free and _fits(room, origin, x, y, heading, discs_m)
        if not free:
            return False
        for bend in BENDS[1:]:
            bx, by, bh = x, y, heading
            for step in range(MOST_BEND):
                for last in BENDS[: 0 if step % 2 else len(BENDS)]:
                    lx, ly, lh = bx, by, bh
                    for _ in range(MOST_LAST):
                        if _at(goal, origin, lx, ly, lh, centre_m):
                            return True
                        lx, ly, lh = _moved(lx, ly, lh, sign, last / radius_m)
                        if not _fits(room, origin, lx, ly, lh, discs_m):
                            break
                bx, by, bh = _moved(bx, by, bh, sign, bend / radius_m)
                if not _fits(room, origin, bx, by, bh, discs_m):
                    break
    return False


@numba.njit(cache=True)
def _moved(
    x: float, y: float, heading: float, sign: float, curvature: float
) -> tuple[float, float, float]:
    turn = sign * STEP_M * curvature
    chord = sign * STEP_M * (math.sin(turn / 2) / (turn / 2) if turn != 0.0 else 1.0)
    mean = heading + turn / 2
    return x + chord * math.cos(mean), y + chord * math.sin(mean), heading + turn


@numba.njit(cache=True)
def _fits(room: Bools, origin: Floats, x: float, y: float, heading: float, discs_m: Floats) -> bool:
    for along in discs_m:
        column = round((x + along * math.cos(heading) - origin[0]) / CELL_M)
        row = round((y + along * math.sin(heading) - origin[1]) / CELL_M)
        if row < 0 or column < 0 or row >= room.shape[0] or column >= room.shape[1]:
            return False
        if not room[row, column]:
            return False
    return True


@numba.njit(cache=True)
def _at(goal: Bools, origin: Floats, x: float, y: float, heading: float, centre_m: float) -> bool:
    column = round((x + centre_m * math.cos(heading) - origin[0]) / CELL_M)
    row = round((y + centre_m * math.sin(heading) - origin[1]) / CELL_M)
    return 0 <= row < goal.shape[0] and 0 <= column < goal.shape[1] and bool(goal[row, column])
