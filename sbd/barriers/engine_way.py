"""A street, staggered rows and a fire engine -> the way on which it weaves through, body and all.

In the frame of the street: x along it, y from its right-hand edge to the left. Rows stand across
it at 0, one spacing and two spacings; the outer two leave a lane at the right edge, the one
between them at the left. The engine is a rectangle whose rear axle follows arcs of its least
radius and straights. A way that is found is proof for a street with straight edges; that none of
the family fits is no proof of the contrary, but counts as one, which is the safe side.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sbd.model.access import AccessRules

Floats = NDArray[np.float64]

ROWS = 3
# Of the lane on either side of the body of the engine that the rules have in mind.
MARGIN_M = 0.25
# Behind the rear axle, assumed.
TAIL_M = 2.0
# French order of 25 June 1980 (CO 2), published: lanes are wider by 15/R in a bend of radius R.
LANE_M, INNER_RADIUS_M, WIDENING_M2 = 3.5, 11.0, 15.0
# Spacings that are tried.
NEAREST_M, FARTHEST_M = 4, 32
BEFORE_M = 12.0  # of the way before the first bend, straight
# Poses on a way are so far apart, in two rough looks and in the last.
COARSE_M, FINE_M = (3.2, 1.2), 0.4
GIVEN_M = 0.2  # of a way that is handed on
MOST_AT_ONCE = 64
_TURNS = np.radians(np.arange(3.0, 50.0, 3.0))
_SHARES = np.linspace(0.0, 1.0, 4)
_TOPS_M = np.array([0.0, 2.0])  # straight beside the middle row
_PLACES = np.linspace(0.0, 1.0, 11)
_ROUND_OFF_M = 1e-6


@dataclass(frozen=True, slots=True)
class Engine:
    """A fire engine as the lane rules of a country see it.

    Parameters
    ----------
    width_m, front_m, tail_m : float
        Body; front and tail are seen from the rear axle.
    radius_m : float
        Least radius of the middle of the rear axle.
    """

    width_m: float
    front_m: float
    tail_m: float
    radius_m: float

    @property
    def swing_m(self) -> float:
        """How far a corner of the tail swings out as it leaves a straight."""
        half = self.radius_m + self.width_m / 2
        return math.hypot(half, self.tail_m) - half

    def corners(self, x: Floats, y: Floats, heading: Floats) -> Floats:
        """Return the corners of the body (..., 4, 2) with the rear axle at poses (...)."""
        along, across = np.cos(heading), np.sin(heading)
        ends = [(-self.tail_m, -1), (self.front_m, -1), (self.front_m, 1), (-self.tail_m, 1)]
        return np.stack(
            [
                np.stack(
                    [
                        x + ahead * along - side * self.width_m / 2 * across,
                        y + ahead * across + side * self.width_m / 2 * along,
                    ],
                    axis=-1,
                )
                for ahead, side in ends
            ],
            axis=-2,
        )


def engine_of(access: AccessRules | None) -> Engine:
    """Return the engine that fills a country's lane in the sharpest bend of its rules.

    It keeps the margin off both edges: on the straight, at the inner edge beside its rear axle,
    and at the outer edge with its front corner.

    >>> engine = engine_of(None)
    >>> engine.width_m, round(engine.front_m, 2), engine.radius_m
    (3.0, 6.38, 12.75)
    """
    lane_m = LANE_M if access is None else access.lane_width_m
    inner_m = INNER_RADIUS_M if access is None else access.inner_radius_m
    outer_m = inner_m + lane_m + WIDENING_M2 / inner_m
    if access is not None:
        outer_m = max(access.outer_radius_m, inner_m + lane_m)
    width_m, radius_m = lane_m - 2 * MARGIN_M, inner_m + lane_m / 2
    reach_m = (outer_m - MARGIN_M) ** 2 - (radius_m + width_m / 2) ** 2
    return Engine(width_m, math.sqrt(max(reach_m, 1.0)), TAIL_M, radius_m)


@lru_cache(maxsize=256)
def tightest_spacing_m(
    engine: Engine, *, street_m: float, lane_m: float, depth_m: float
) -> int | None:
    """Return the least spacing in whole metres at which the engine gets through; None for none."""
    low, high = NEAREST_M, FARTHEST_M
    if not _fits(engine, street_m, lane_m, high, depth_m):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _fits(engine, street_m, lane_m, middle, depth_m):
            high = middle
        else:
            low = middle
    return high


def weave(
    engine: Engine, *, street_m: float, lane_m: float, spacing_m: float, depth_m: float
) -> Floats | None:
    """Return the poses (n, 3) of a way through the rows, 0.2 m apart; None where none is found."""
    family = _clear(engine, street_m, lane_m, spacing_m, depth_m)
    if not len(family):
        return None
    x, y, heading = _poses(engine, family[:1], spacing_m, step_m=GIVEN_M)
    return np.stack([x[0], y[0], heading[0]], axis=-1)


def _fits(engine: Engine, street_m: float, lane_m: float, spacing_m: float, depth_m: float) -> bool:
    return len(_clear(engine, street_m, lane_m, spacing_m, depth_m)) > 0


def _clear(
    engine: Engine, street_m: float, lane_m: float, spacing_m: float, depth_m: float
) -> Floats:
    """Return some ways of the family that keep the margin off walls and rows; none if none does."""
    family = _family(engine, street_m, lane_m, spacing_m)
    shut = lane_m - MARGIN_M
    wide, deep = 1e3, depth_m + MARGIN_M
    rows = [
        (-MARGIN_M, shut, deep, wide),
        (spacing_m - MARGIN_M, -wide, spacing_m + deep, street_m - shut),
        (2 * spacing_m - MARGIN_M, shut, 2 * spacing_m + deep, wide),
    ]
    # A coarse look first: most ways hit something at once. One that stands the finest will do.
    for step_m in COARSE_M:
        family = family[_keeps_off(engine, family, rows, street_m, spacing_m, step_m)]
    for first in range(0, len(family), MOST_AT_ONCE):
        some = family[first : first + MOST_AT_ONCE]
        some = some[_keeps_off(engine, some, rows, street_m, spacing_m, FINE_M)]
        if len(some):
            return some
    return family[:0]


def _keeps_off(
    engine: Engine,
    family: Floats,
    rows: list[tuple[float, float, float, float]],
    street_m: float,
    spacing_m: float,
    step_m: float,
) -> NDArray[np.bool_]:
    """Say which ways keep off the edges of the street by the margin, and off the grown rows."""
    if not len(family):
        return np.zeros(0, dtype=np.bool_)
    body = engine.corners(*_poses(engine, family, spacing_m, step_m=step_m))
    low, high = body[..., 1].min(axis=(1, 2)), body[..., 1].max(axis=(1, 2))
    keeps = (low >= MARGIN_M - _ROUND_OFF_M) & (high <= street_m - MARGIN_M + _ROUND_OFF_M)
    off: NDArray[np.bool_] = np.zeros(len(family), dtype=np.bool_)
    hits = np.zeros(int(keeps.sum()), dtype=np.bool_)
    for row in rows:
        hits |= _overlaps(body[keeps], row).any(axis=1)
    off[np.flatnonzero(keeps)[~hits]] = True
    return off


def _family(engine: Engine, street_m: float, lane_m: float, spacing_m: float) -> Floats:
    """Return ways (n, 5): turn, straight within a shift, straight at the top, place, start.

    Each shifts from a straight at the right-hand edge to one at the left and back, in arcs of the
    least radius; where in the lanes it drives and where it turns differ.
    """
    edge = engine.width_m / 2 + MARGIN_M
    slack = lane_m - 2 * edge
    if slack < engine.swing_m:
        return np.empty((0, 5))
    shares = engine.swing_m + _SHARES * (slack - engine.swing_m)
    places = -0.8 * engine.front_m + _PLACES * (0.8 * engine.front_m + engine.tail_m)
    turn, top, place, low, high = (
        axis.ravel() for axis in np.meshgrid(_TURNS, _TOPS_M, places, shares, shares, indexing="ij")
    )
    aside = street_m - 2 * edge - low - high
    straight = (aside - 2 * engine.radius_m * (1 - np.cos(turn))) / np.sin(turn)
    length = 2 * engine.radius_m * np.sin(turn) + straight * np.cos(turn)
    fits = (straight >= 0.0) & (aside > 0.0) & (length <= 1.6 * spacing_m)
    ways = np.stack([turn, straight, top, place, edge + low], axis=-1)
    return np.asarray(ways[fits], dtype=np.float64)


def _poses(
    engine: Engine, family: Floats, spacing_m: float, *, step_m: float
) -> tuple[Floats, Floats, Floats]:
    """Return x, y and heading of the rear axle on each way, (n, poses)."""
    turn, straight, top, place, start = family.T
    radius = engine.radius_m
    arc = radius * turn
    shift = 2 * radius * np.sin(turn) + straight * np.cos(turn)
    ends = 2 * (2 * arc + straight) + top
    way = np.arange(-BEFORE_M, float(ends.max()) + 2 * BEFORE_M, step_m)
    x = (spacing_m + place - top / 2 - shift)[:, None] + np.minimum(way, 0.0)
    y, heading = np.repeat(start[:, None], len(way), axis=1), np.zeros_like(x)
    rest = np.broadcast_to(np.maximum(way, 0.0), x.shape)
    bends = (1 / radius, 0.0, -1 / radius, 0.0, -1 / radius, 0.0, 1 / radius)
    for length, bend in zip((arc, straight, arc, top, arc, straight, arc), bends, strict=True):
        driven = np.minimum(rest, length[:, None])
        half = driven * bend / 2
        chord = driven * np.sinc(half / np.pi)
        x, y = x + chord * np.cos(heading + half), y + chord * np.sin(heading + half)
        heading, rest = heading + 2 * half, rest - driven
    return x + rest * np.cos(heading), y + rest * np.sin(heading), heading


def _overlaps(body: Floats, row: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Say which bodies (..., 4, 2) overlap an upright rectangle (x0, y0, x1, y1)."""
    x0, y0, x1, y1 = row
    x, y = body[..., 0], body[..., 1]
    slack = _ROUND_OFF_M
    apart = (x.max(axis=-1) <= x0 + slack) | (x.min(axis=-1) >= x1 - slack)
    apart |= (y.max(axis=-1) <= y0 + slack) | (y.min(axis=-1) >= y1 - slack)
    along = body[..., 1, :] - body[..., 0, :]
    along = along / np.linalg.norm(along, axis=-1, keepdims=True)
    for side in (along, np.stack([-along[..., 1], along[..., 0]], axis=-1)):
        mine = (body * side[..., None, :]).sum(axis=-1)
        corner = np.stack([side @ np.array(at) for at in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))])
        apart |= mine.max(axis=-1) <= corner.min(axis=0) + slack
        apart |= mine.min(axis=-1) >= corner.max(axis=0) - slack
    return np.asarray(~apart)
