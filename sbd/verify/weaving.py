"""Staggered lanes + a fire engine -> a way that it weaves through them, body and all.

From each lane to the next the rear axle shifts aside by an arc, a straight and an arc back, at the
least radius. A way that is found is proof: what the body sweeps is tried against every obstacle.
That none of this family fits is no proof of the contrary, but counts as one: the safe side.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import shapely
from scipy.optimize import minimize

from sbd.verify.narrows import Floats, Shapes
from sbd.verify.swept import Drive, Engine

STEP_M = 0.4
# Outlines of obstacles stand as points so far apart while a way is looked for.
SAMPLE_M, WALL_M = 0.4, 3.0
# The axle comes from so far before the first row, beyond the front, and gets so far after the last.
RUN_M = 2.0
# First guesses: where in a lane, how sharply from lane to lane, and how far before the middle.
SHARES = (0.5, 0.15, 0.85)
TURNS_RAD = np.radians([10.0, 16.0, 22.0, 28.0, 35.0, 43.0])
SHIFTS_M = (-2.0, -4.0, 0.0, -6.0, 2.0)
BEST_GUESSES = 3
# A way that keeps this off every sampled point is tried for good.
KEEPS_OFF_M = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """Lanes one after the other in the frame of their street: x along it, y to the left.

    Parameters
    ----------
    origin, along : (2,) arrays
        Of the frame, on the map.
    row_m : (n,) array
        Where along the street each row stands, ascending.
    edges_m : (n, 2) array
        Right and left edge of each lane.
    """

    origin: Floats
    along: Floats
    row_m: Floats
    edges_m: Floats

    def on_map(self, poses: Floats) -> Floats:
        """Return poses (k, 3) of the frame as poses on the map."""
        left = np.array([-self.along[1], self.along[0]])
        points = self.origin + poses[:, :1] * self.along + poses[:, 1:2] * left
        heading = poses[:, 2] + np.arctan2(self.along[1], self.along[0])
        return np.column_stack([points, heading])


def weave_through(lanes: Lanes, engine: Engine, obstacles: Shapes) -> Drive:
    """Return a way of the engine through all lanes, in the direction of their frame."""
    points = _sampled(lanes, obstacles)
    guesses = _guesses(lanes, engine)
    keeps_m = np.array([_nearest_m(lanes, engine, points, guess) for guess in guesses])
    best_m = -np.inf
    for number in np.argsort(-keeps_m, kind="stable")[:BEST_GUESSES].tolist():
        found = minimize(
            lambda way: -min(_nearest_m(lanes, engine, points, way), 2 * KEEPS_OFF_M),
            guesses[number],
            method="Nelder-Mead",
            options={"maxfev": 300, "xatol": 0.01, "fatol": 0.002},
        )
        best_m = max(best_m, -float(found.fun))
        if -found.fun < KEEPS_OFF_M:
            continue
        poses = lanes.on_map(_poses(lanes, engine, found.x))
        swept = engine.between(poses[:-1], poses[1:])
        solid = shapely.union_all(obstacles)
        shapely.prepare(solid)
        if not shapely.intersects(solid, swept).any():
            return Drive(poses, float(shapely.distance(swept, solid).min()))
    short = f", {-best_m:.2f} m too tight" if np.isfinite(best_m) and best_m < 0 else ""
    return Drive(
        np.empty((0, 3)),
        float("nan"),
        f"no way of bends of {engine.inner_radius_m:g} m inner radius leads through{short}",
    )


def _guesses(lanes: Lanes, engine: Engine) -> list[Floats]:
    """Return first ways: for each lane the side, for each shift its sharpness and its middle."""
    room = lanes.edges_m + np.array([0.5, -0.5]) * engine.width_m
    count = len(lanes.row_m) - 1
    found = []
    for one, other, turn, shift in product(SHARES, SHARES, TURNS_RAD, SHIFTS_M):
        # Neighbours on opposite sides of the street: each keeps to its own wall, or off it, alike.
        share = np.where(np.arange(count + 1) % 2 == 0, one, other)
        y = room[:, 0] + share * (room[:, 1] - room[:, 0])
        middle = (lanes.row_m[1:] + lanes.row_m[:-1]) / 2 + shift
        found.append(np.concatenate([y, np.full(count, turn), middle]))
    return found


def _poses(lanes: Lanes, engine: Engine, way: Floats) -> Floats:
    """Return the poses (k, 3) of a way in the frame."""
    count = len(lanes.row_m) - 1
    y, turn, middle = way[: count + 1], way[count + 1 : 2 * count + 1], way[2 * count + 1 :]
    radius = engine.radius_m
    turn = np.clip(np.abs(turn), 0.02, 1.0)
    aside = np.diff(y)
    # Where the arcs alone shift further than asked, they are shorter.
    turn = np.minimum(turn, np.arccos(np.maximum(1 - np.abs(aside) / (2 * radius), -1.0)))
    turn = np.maximum(turn, 1e-4)
    straight = (np.abs(aside) - 2 * radius * (1 - np.cos(turn))) / np.sin(turn)
    long_m = 2 * radius * np.sin(turn) + straight * np.cos(turn)
    middle = _apart(middle, long_m)
    start, stop = middle - long_m / 2, middle + long_m / 2
    x0 = min(lanes.row_m[0] - engine.front_m - RUN_M, float(start.min()))
    x1 = max(lanes.row_m[-1] + engine.tail_m + RUN_M, float(stop.max()))
    pieces = []
    x = x0
    for k in range(count):
        side = np.sign(aside[k])
        pieces.append((start[k] - x, 0.0))
        arc = radius * turn[k]
        pieces += [(arc, side / radius), (straight[k], 0.0), (arc, -side / radius)]
        x = stop[k]
    pieces.append((x1 - x, 0.0))
    return _driven(np.array([x0, y[0], 0.0]), pieces)


def _apart(middle: Floats, long_m: Floats) -> Floats:
    """Return the middles of shifts moved no further than one can begin when the last is done."""
    moved = middle.copy()
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] + (long_m[k - 1] + long_m[k]) / 2)
    return np.asarray(moved - (moved - middle).mean())


def _driven(start: Floats, pieces: list[tuple[float, float]]) -> Floats:
    """Return poses along pieces of a length and a curvature, a step apart."""
    lengths = np.array([length for length, _ in pieces])
    bends = np.array([bend for _, bend in pieces])
    ends = np.cumsum(lengths)
    way = np.append(np.arange(0.0, ends[-1], STEP_M), ends[-1])
    poses = np.zeros((len(way), 3))
    x, y, heading = start
    low = 0.0
    for length, bend, high in zip(lengths, bends, ends, strict=True):
        on = (way >= low) & (way <= high)
        poses[on] = _moved(x, y, heading, way[on] - low, bend)
        x, y, heading = _moved(x, y, heading, np.array([length]), bend)[0]
        low = high
    return poses


def _moved(x: float, y: float, heading: float, for_m: Floats, bend: float) -> Floats:
    """Return the poses after so many metres of one curvature, (k, 3)."""
    half = for_m * bend / 2
    chord = for_m * np.sinc(half / np.pi)
    return np.column_stack(
        [x + chord * np.cos(heading + half), y + chord * np.sin(heading + half), heading + 2 * half]
    )


def _nearest_m(lanes: Lanes, engine: Engine, points: Floats, way: Floats) -> float:
    """Return how far the body keeps off the points, seen along its sides; less than 0 inside it."""
    poses = _poses(lanes, engine, way)
    off = points[None] - poses[:, None, :2]
    cos, sin = np.cos(poses[:, 2])[:, None], np.sin(poses[:, 2])[:, None]
    ahead = off[..., 0] * cos + off[..., 1] * sin
    aside = np.abs(off[..., 1] * cos - off[..., 0] * sin) - engine.width_m / 2
    beyond = np.maximum(ahead - engine.front_m, -engine.tail_m - ahead)
    return float(np.maximum(beyond, aside).min(initial=10.0))


def _sampled(lanes: Lanes, obstacles: Shapes) -> Floats:
    """Return points of the outlines of obstacles in the frame, (p, 2)."""
    dense = shapely.segmentize(obstacles, SAMPLE_M)
    off = shapely.get_coordinates(dense) - lanes.origin
    left = np.array([-lanes.along[1], lanes.along[0]])
    points = np.column_stack([off @ lanes.along, off @ left])
    # What lies behind the walls is not struck before them; the last look is at all of it.
    low, high = lanes.edges_m.min() - WALL_M, lanes.edges_m.max() + WALL_M
    return np.asarray(points[(points[:, 1] >= low) & (points[:, 1] <= high)])
