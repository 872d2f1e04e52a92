"""Ground beside an opening + a fire engine -> a way that it drives through, body and all.

The engine is a rectangle whose rear axle follows arcs and straights, forward only. A way that is
found is proof: what the body sweeps from pose to pose was tried against the obstacles. That none is
found is no proof of the contrary, but counts as one, which is the safe side.
"""

import heapq
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sbd.verify.narrows import Floats, Shapes
from sbd.verify.wishes import INNER_RADIUS_M

# French orders of 31 January 1986 (art. 4) and 25 June 1980 (CO 2), published: lanes for engines
# are wider by 15/R in a bend of radius R.
WIDENING_M2 = 15.0
# From the rear axle to the front of the shortest engine, assumed: a rule that leaves less in its
# bends than this was not made with an outer corner in mind.
LEAST_FRONT_M = 5.5
# Of the lane on either side of the body; it also pays for what the poses leave out: below 5 mm.
MARGIN_M = 0.25
# Behind the rear axle, assumed; the tail swings out less than the front in any bend so wide.
TAIL_M = 2.0
# How far from the opening an engine must come from, and get, unless it is in the zone before [m].
REACH_M = 20.0
STEP_M = 0.6
BENDS = (0.0, 0.5, -0.5, 1.0, -1.0)
# At the opening: offsets along it, and the step of angles to its normal.
OFFSETS_M = np.arange(-4, 5) * 0.125
ANGLE_DEG = 2.5
BATCH = 256
MOST_POSES = 60_000


@dataclass(frozen=True, slots=True)
class Engine:
    """A fire engine as the lane rules see it.

    Parameters
    ----------
    lane_m, inner_radius_m : float
        Of the lane that it needs.
    width_m, front_m, tail_m : float
        Body; front and tail are seen from the rear axle.
    radius_m : float
        Least radius of the middle of the rear axle.
    """

    lane_m: float
    inner_radius_m: float
    width_m: float
    front_m: float
    tail_m: float
    radius_m: float

    @classmethod
    def of_lane(
        cls,
        lane_m: float,
        inner_radius_m: float = INNER_RADIUS_M,
        outer_radius_m: float = 0.0,
    ) -> "Engine":
        """Return the engine that fills a lane of `lane_m` in the sharpest bend of the rules.

        It keeps the margin off both edges: on the straight, at the inner edge beside its rear axle,
        and at the outer edge with its front corner. An outer radius of 0 is that of a French lane.
        No engine is shorter than 5.5 m before its rear axle: errs to the strict side.

        >>> engine = Engine.of_lane(3.5)
        >>> engine.width_m, round(engine.front_m, 2), engine.radius_m
        (3.0, 6.38, 12.75)
        >>> round(Engine.of_lane(4.0, 11.0, 15.0).front_m, 2)
        5.5
        """
        body_m = lane_m - 2 * MARGIN_M
        radius_m = inner_radius_m + lane_m / 2
        outer_m = outer_radius_m or inner_radius_m + lane_m + WIDENING_M2 / inner_radius_m
        front_m2 = (outer_m - MARGIN_M) ** 2 - (radius_m + body_m / 2) ** 2
        front_m = max(LEAST_FRONT_M, math.sqrt(max(front_m2, 0.0)))
        return cls(lane_m, inner_radius_m, body_m, front_m, TAIL_M, radius_m)

    def with_spare(self, spare_m: float) -> "Engine":
        """Return an engine whose body is longer and wider by so much on every side."""
        return replace(
            self,
            width_m=self.width_m + 2 * spare_m,
            front_m=self.front_m + spare_m,
            tail_m=self.tail_m + spare_m,
        )

    def bodies(self, poses: Floats) -> Shapes:
        """Return the rectangles of (n, 3) poses: x, y of the rear axle, heading."""
        return np.asarray(shapely.polygons(self._corners(poses)))

    def between(self, poses: Floats, after: Floats) -> Shapes:
        """Return what the body sweeps on the way from each pose to the next.

        The hull of both rectangles: only a corner on its arc strays from it, less than 5 mm a step.
        """
        corners = np.concatenate([self._corners(poses), self._corners(after)], axis=1)
        return np.asarray(shapely.convex_hull(shapely.linestrings(corners)))

    def _corners(self, poses: Floats) -> Floats:
        along = np.stack([np.cos(poses[:, 2]), np.sin(poses[:, 2])], axis=1)[:, None]
        across = along[..., ::-1] * [-1.0, 1.0]
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        lengths = np.where(corners[:, 0] > 0, self.front_m, -self.tail_m)[None, :, None]
        sides = (corners[:, 1] * self.width_m / 2)[None, :, None]
        return np.asarray(poses[:, None, :2] + lengths * along + sides * across)

    def middles(self, poses: Floats) -> Floats:
        """Return the middle of the body at each pose, (n, 2)."""
        along = np.stack([np.cos(poses[:, 2]), np.sin(poses[:, 2])], axis=1)
        return np.asarray(poses[:, :2] + (self.front_m - self.tail_m) / 2 * along)


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """Where to drive through, and between what.

    Parameters
    ----------
    middle : (2,) array
        Of the opening.
    inward : float
        Heading across it, from outside to the zone [rad].
    obstacles : (n,) array of geometries
        All that stands within the window, none of the opened units.
    names : (n,) array of str
        Of the obstacles.
    outside, inside : functions of (n, 2) points
        Whether a middle of the body there has come from the street, or has arrived.
    """

    middle: Floats
    inward: float
    obstacles: Shapes
    names: NDArray[np.object_]
    outside: Callable[[Floats], NDArray[np.bool_]]
    inside: Callable[[Floats], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How closely ways are looked for; whatever is found is tried against every obstacle alike.

    Parameters
    ----------
    cell_m, cell_rad : float
        Two poses in one cell are taken for one. A step always leaves its cell.
    most_rad : float
        Angle to the normal of the opening up to which the engine stands astride it.
    spare_m : float
        Kept off everything by the body beside the margin of its lane.
    """

    cell_m: float
    cell_rad: float
    most_rad: float
    spare_m: float

    @property
    def angles_rad(self) -> Floats:
        """Angles at which the engine stands astride the opening."""
        most = round(math.degrees(self.most_rad) / ANGLE_DEG)
        return np.asarray(np.radians(np.arange(-most, most + 1) * ANGLE_DEG))


AT_ONCE = Look(0.3, math.radians(3.0), math.radians(20.0), 0.0)
# Between rows of units cells of 0.3 m lose ways that are there. Steering takes time: who needs a
# closer look for a way has to have room to spare on it.
CLOSER = Look(0.2, math.radians(2.0), math.radians(40.0), 0.05)


@dataclass(frozen=True, slots=True, eq=False)
class Drive:
    """What was found.

    Parameters
    ----------
    poses : (n, 3) array
        From the street to the zone; empty where there is no way.
    clear_m : float
        Least distance of the body from any obstacle on it; NaN where there is no way.
    reason : str
        Why there is none; empty where there is one.
    """

    poses: Floats
    clear_m: float
    reason: str = ""


def drive_through(opening: Opening, engine: Engine, look: Look = AT_ONCE) -> Drive:
    """Return a way of the engine from the street through an opening into the zone.

    Forward only, without shunting: errs to the safe side. Steering takes no time, which errs by
    a few centimetres to the other and is covered by the margin.
    """
    solid = shapely.union_all(opening.obstacles)
    shapely.prepare(solid)
    roomy = engine.with_spare(look.spare_m)
    seeds = _seeds(opening, roomy, solid, look.angles_rad)
    if not len(seeds):
        return _none(f"{engine.width_m:.2f} m of body do not fit into the opening")
    inward = _Search(opening, roomy, look, solid, 1.0, opening.inside)
    outward = _Search(opening, roomy, look, solid, -1.0, opening.outside)
    # The side that failed last is asked first: what led nowhere from there is known.
    order = [inward, outward]
    for seed in seeds:
        first = order[0].way_from(seed)
        second = None if first is None else order[1].way_from(seed)
        if first is not None and second is not None:
            ahead, behind = (first, second) if order[0] is inward else (second, first)
            poses = np.concatenate([behind[::-1], ahead[1:]])
            swept = engine.between(poses[:-1], poses[1:])
            return Drive(poses, float(shapely.distance(swept, solid).min()))
        if first is not None:
            order.reverse()
        if order[0].spent:
            break
    side = "on into the zone" if order[0] is inward else "from the street"
    blocker = order[0].blocker()
    return _none(
        f"no bend of {engine.inner_radius_m:g} m inner radius leads {side}"
        + (f"; mostly {blocker} is in the way" if blocker else "")
    )


def _none(reason: str) -> Drive:
    return Drive(np.empty((0, 3)), float("nan"), reason)


def _seeds(opening: Opening, engine: Engine, solid: BaseGeometry, angles_rad: Floats) -> Floats:
    """Return free poses astride the opening, the straightest and most central first."""
    angle, offset = (a.ravel() for a in np.meshgrid(angles_rad, OFFSETS_M, indexing="ij"))
    order = np.lexsort((np.abs(offset), np.abs(angle)))
    heading = opening.inward + angle[order]
    along = np.stack([np.cos(heading), np.sin(heading)], axis=1)
    row = np.array([-math.sin(opening.inward), math.cos(opening.inward)])
    axle = opening.middle + offset[order, None] * row
    axle = axle - (engine.front_m - engine.tail_m) / 2 * along
    poses = np.column_stack([axle, heading])
    return np.asarray(poses[~shapely.intersects(solid, engine.bodies(poses))])


class _Search:
    """Ways from the opening to one side; what led nowhere once is not tried again."""

    def __init__(
        self,
        opening: Opening,
        engine: Engine,
        look: Look,
        solid: BaseGeometry,
        sign: float,
        arrived: Callable[[Floats], NDArray[np.bool_]],
    ) -> None:
        self._opening, self._engine, self._look, self._solid = opening, engine, look, solid
        self._sign, self._arrived = sign, arrived
        self._dead: set[tuple[int, ...]] = set()
        self._struck: list[Shapes] = []

    def way_from(self, seed: Floats) -> Floats | None:
        """Return poses from the seed to the goal, or None."""
        poses, parent = [seed], [-1]
        # The farthest from the opening first.
        waiting, seen = [(0.0, 0)], set(self._dead)
        while waiting and len(seen) < MOST_POSES:
            now = [heapq.heappop(waiting)[1] for _ in range(min(BATCH, len(waiting)))]
            here = np.array([poses[k] for k in now])
            goal = np.flatnonzero(self._arrived(self._engine.middles(here)))
            if len(goal):
                return self._walk_back(poses, parent, now[int(goal[0])])
            after, origin = self._stepped(here, seen)
            off_m = np.hypot(*(after[:, :2] - self._opening.middle).T)
            for pose, one, far_m in zip(after, origin, off_m.tolist(), strict=True):
                heapq.heappush(waiting, (-far_m, len(poses)))
                poses.append(pose)
                parent.append(now[one])
        self._dead = seen
        return None

    @property
    def spent(self) -> bool:
        """Whether as many poses led nowhere as are tried at most."""
        return len(self._dead) >= MOST_POSES

    def blocker(self) -> str:
        """Return the name of the obstacle that was struck most often, empty where none was."""
        if not self._struck:
            return ""
        bodies = np.concatenate(self._struck)[:2000]
        _, hit = shapely.STRtree(self._opening.obstacles).query(bodies, predicate="intersects")
        counted = Counter(self._opening.names[hit].tolist())
        return min(counted, key=lambda name: (-counted[name], name)) if counted else ""

    def _stepped(self, here: Floats, seen: set[tuple[int, ...]]) -> tuple[Floats, NDArray[np.intp]]:
        """Return the free poses one step on in every bend, each cell once, and their origins."""
        bend = np.tile(BENDS, len(here)) / self._engine.radius_m
        origin = np.repeat(np.arange(len(here)), len(BENDS))
        turn = self._sign * STEP_M * bend
        heading = here[origin, 2] + turn
        # The chord of an arc points along the mean of both headings.
        mean = here[origin, 2] + turn / 2
        chord_m = self._sign * STEP_M * np.sinc(turn / (2 * np.pi))
        axle = here[origin, :2] + chord_m[:, None] * np.stack([np.cos(mean), np.sin(mean)], axis=1)
        after = np.column_stack([axle, heading])
        cells = np.column_stack(
            [
                np.floor((axle - self._opening.middle) / self._look.cell_m),
                np.floor((heading % (2 * np.pi)) / self._look.cell_rad),
            ]
        ).astype(int)
        fresh = []
        for number, cell in enumerate(map(tuple, cells.tolist())):
            if cell not in seen:
                seen.add(cell)
                fresh.append(number)
        after, origin = after[fresh], origin[fresh]
        bodies = self._engine.between(here[origin], after)
        struck = shapely.intersects(self._solid, bodies)
        if struck.any():
            self._struck.append(bodies[struck])
        # Farther off nothing is known of the obstacles, and the goal lies nearer.
        off_m = np.hypot(*(after[:, :2] - self._opening.middle).T)
        free = ~struck & (off_m <= REACH_M + self._engine.front_m)
        return after[free], origin[free]

    @staticmethod
    def _walk_back(poses: list[Floats], parent: list[int], last: int) -> Floats:
        way = []
        while last >= 0:
            way.append(poses[last])
            last = parent[last]
        return np.array(way[::-1])
