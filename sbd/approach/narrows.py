"""A stretch of a way and the walls in; what narrows it there, and how wide it is, out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sbd.approach.clearance import SAME_M

GAP = "clear width between two walls"
CORNER = "position of the corner"
WALL = "position of the wall"

FACING_M = 20.0  # walls farther apart are no gap, and have no clear width
_RAYS_RAD = np.radians([0.0, -15.0, 15.0, -30.0, 30.0, -45.0, 45.0])
_LEAST_TURN_RAD = math.radians(20.0)
_BEND_SHARES = (0.1, 0.9)  # of the turn, between which a bend is bent
_CORNER_M = 2.0
_LEAST_CORNER_RAD = math.radians(20.0)

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Narrow:
    """Where a way is short of room.

    Parameters
    ----------
    place_m : (x, y)
        The middle of the gap, the corner, or the point of the wall.
    what : str
        GAP, CORNER or WALL.
    clear_width_m : float
        Between the walls on both sides of the way; nan where they are farther apart than 20 m.
    """

    place_m: tuple[float, float]
    what: str
    clear_width_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Across:
    """The walls to the left and right of n places along a way.

    Parameters
    ----------
    width_m : (n,) array
        The shortest line across through the place, within 45 degrees of square; inf where none
        shorter than 20 m ends on walls.
    middle_m : (n, 2) array
        Of that line; nan where there is none.
    wall_m : (2, n) array
        Way to the nearest wall on the left and on the right, inf beyond 20 m.
    wall_at_m : (2, n, 2) array
        Where it is; nan where there is none.
    """

    width_m: FloatArray
    middle_m: FloatArray
    wall_m: FloatArray
    wall_at_m: FloatArray


def narrow_near(
    place_m: FloatArray,
    heading_rad: FloatArray,
    walls: FloatArray,
    *,
    ahead: int,
    gap_m: float,
) -> Narrow:
    """Return what narrows a stretch of a way.

    The narrowest gap of at most `gap_m`; else the inside of a bend of 20 degrees or more; else the
    nearest wall. Its corner where there is one within 2 m.

    Parameters
    ----------
    place_m, heading_rad : (n, 2), (n,) arrays
        Along the stretch; n at least 1.
    walls : (e, 4) array
        (x0, y0, x1, y1), in the system of the places.
    ahead : int
        Only a bend may lie beyond so many places.
    """
    across = walls_across(place_m, heading_rad, walls)
    narrowest = int(np.argmin(across.width_m[:ahead]))
    width_m = float(across.width_m[narrowest])
    if width_m <= gap_m:
        return Narrow(_pair(across.middle_m[narrowest]), GAP, width_m)
    what, to_wall = CORNER, _inside_of_bend(across, heading_rad)
    if not np.isfinite(to_wall).any():
        what, to_wall = WALL, across.wall_m[:, :ahead]
    side, nearest = np.unravel_index(np.argmin(to_wall), to_wall.shape)
    if not np.isfinite(to_wall[side, nearest]):
        return Narrow(_pair(place_m[nearest]), WALL, math.nan)
    place = across.wall_at_m[side, nearest]
    corner = _corner_at(place, walls)
    width_m = float(across.width_m[nearest])
    return Narrow(
        place_m=_pair(place if corner is None else corner),
        what=what if corner is None else CORNER,
        clear_width_m=width_m if math.isfinite(width_m) else math.nan,
    )


def _inside_of_bend(across: Across, heading_rad: FloatArray) -> FloatArray:
    """Return the way to the walls left and right (2, n) where they are inside a bend, else inf."""
    heading = np.unwrap(heading_rad)
    turn = heading[-1] - heading[0]
    if abs(turn) < _LEAST_TURN_RAD:
        return np.full_like(across.wall_m, np.inf)
    done = (heading - heading[0]) / turn
    bent = (done >= _BEND_SHARES[0]) & (done <= _BEND_SHARES[1])
    inside = bent & np.array([[turn > 0.0], [turn < 0.0]])
    return np.where(inside, across.wall_m, np.inf)


def walls_across(place_m: FloatArray, heading_rad: FloatArray, walls: FloatArray) -> Across:
    """Return the walls beside places on a way, looked for within 45 degrees of square."""
    nearby = _near(walls, place_m)
    angle = heading_rad[:, None] + math.pi / 2 + _RAYS_RAD
    ray = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    left, right = (_ray_lengths(place_m, side * ray, nearby) for side in (1.0, -1.0))
    width = np.where(left + right <= FACING_M, left + right, np.inf)
    line, on_left, on_right = (np.argmin(values, axis=1) for values in (width, left, right))
    width_m, left_m, right_m = (values.min(axis=1) for values in (width, left, right))
    rows = np.arange(len(place_m))
    aside = np.zeros(len(place_m))
    np.subtract(left[rows, line], right[rows, line], out=aside, where=np.isfinite(width_m))
    return Across(
        width_m=width_m,
        middle_m=_at(place_m, ray[rows, line], aside / 2, np.isfinite(width_m)),
        wall_m=np.stack([left_m, right_m]),
        wall_at_m=np.stack(
            [
                _at(place_m, ray[rows, on_left], left_m, np.isfinite(left_m)),
                _at(place_m, -ray[rows, on_right], right_m, np.isfinite(right_m)),
            ]
        ),
    )


def _at(
    place_m: FloatArray, ray: FloatArray, way_m: FloatArray, there: NDArray[np.bool_]
) -> FloatArray:
    found = np.full_like(place_m, np.nan)
    found[there] = place_m[there] + way_m[there, None] * ray[there]
    return found


def _near(walls: FloatArray, place_m: FloatArray) -> FloatArray:
    low, high = place_m.min(axis=0) - FACING_M, place_m.max(axis=0) + FACING_M
    ends = walls.reshape(-1, 2, 2)
    near = np.all((ends.min(axis=1) <= high) & (ends.max(axis=1) >= low), axis=1)
    return walls[near]


def _ray_lengths(place_m: FloatArray, ray: FloatArray, walls: FloatArray) -> FloatArray:
    """Return the way from places (n, 2) along unit rays (n, k, 2) to the first wall; else inf."""
    if not len(walls):
        return np.full(ray.shape[:2], np.inf)
    along = walls[:, 2:] - walls[:, :2]
    to = walls[None, None, :, :2] - place_m[:, None, None, :]
    beside = ray[:, :, None, 0] * along[:, 1] - ray[:, :, None, 1] * along[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        way = (to[..., 0] * along[:, 1] - to[..., 1] * along[:, 0]) / beside
        share = (to[..., 0] * ray[:, :, None, 1] - to[..., 1] * ray[:, :, None, 0]) / beside
        hits = (way >= 0.0) & (way <= FACING_M) & (share >= 0.0) & (share <= 1.0)
    first: FloatArray = np.where(hits, way, np.inf).min(axis=2)
    return first


def _corner_at(place: FloatArray, walls: FloatArray) -> FloatArray | None:
    """Return the nearest end of a wall if it is within 2 m and walls meet there at an angle."""
    ends = walls.reshape(-1, 2)
    off = np.hypot(*(ends - place).T)
    nearest = int(np.argmin(off))
    meet = np.hypot(*(ends - ends[nearest]).T).reshape(-1, 2).min(axis=1) < SAME_M
    along = walls[meet, 2:] - walls[meet, :2]
    along /= np.hypot(*along.T)[:, None]
    square = np.abs(along[:, :1] * along[:, 1] - along[:, 1:] * along[:, 0]).max()
    if off[nearest] > _CORNER_M or square < math.sin(_LEAST_CORNER_RAD):
        return None
    corner: FloatArray = ends[nearest]
    return corner


def _pair(place: FloatArray) -> tuple[float, float]:
    return float(place[0]), float(place[1])
