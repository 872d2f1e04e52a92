"""A stretch of a way and the walls in; what narrows it there, and how wide it is, out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GAP = "clear width between two walls"
CORNER = "position of the corner"
WALL = "position of the wall"

FACING_M = 30.0  # walls farther apart are no gap, and have no clear width
_RAYS_RAD = np.radians([0.0, -15.0, 15.0, -30.0, 30.0, -45.0, 45.0])
_LEAST_TURN_RAD = math.radians(20.0)
_BEND_SHARES = (0.1, 0.9)  # of the turn, between which a bend is bent
_CORNER_M = 2.0

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
        Between the walls on both sides of the way; nan where they are farther apart than 30 m.
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
        shorter than 30 m ends on walls.
    middle_m : (n, 2) array
        Of that line; nan where there is none.
    left_m, right_m : (n,) arrays
        Way to the nearest wall on each side, inf beyond 30 m.
    left_at_m, right_at_m : (n, 2) arrays
        Where it is; nan where there is none.
    """

    width_m: FloatArray
    middle_m: FloatArray
    left_m: FloatArray
    right_m: FloatArray
    left_at_m: FloatArray
    right_at_m: FloatArray


def narrow_near(
    place_m: FloatArray,
    heading_rad: FloatArray,
    walls: FloatArray,
    *,
    ahead: int,
    gap_m: float,
) -> Narrow:
    """Return what narrows a stretch of a way.

    The narrowest gap of at most `gap_m`; else the corner round which the way bends by 20 degrees or
    more; else the nearest wall.

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
    if across.width_m[narrowest] <= gap_m:
        return Narrow(_pair(across.middle_m[narrowest]), GAP, float(across.width_m[narrowest]))
    heading = np.unwrap(heading_rad)
    turn = heading[-1] - heading[0]
    to_wall, at = np.minimum(across.left_m, across.right_m), across.right_at_m.copy()
    left = across.left_m <= across.right_m
    at[left] = across.left_at_m[left]
    what, among = WALL, np.arange(len(to_wall)) < ahead
    if abs(turn) >= _LEAST_TURN_RAD:
        inner = across.left_m if turn > 0.0 else across.right_m
        done = (heading - heading[0]) / turn
        bent = (done >= _BEND_SHARES[0]) & (done <= _BEND_SHARES[1]) & np.isfinite(inner)
        if bent.any():
            what, among, to_wall = CORNER, bent, inner
            at = across.left_at_m if turn > 0.0 else across.right_at_m
    nearest = int(np.argmin(np.where(among, to_wall, np.inf)))
    if not math.isfinite(to_wall[nearest]):
        return Narrow(_pair(place_m[nearest]), WALL, math.nan)
    place = _corner_at(at[nearest], walls) if what == CORNER else at[nearest]
    width_m = float(across.width_m[nearest])
    return Narrow(_pair(place), what, width_m if math.isfinite(width_m) else math.nan)


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
        left_m=left_m,
        right_m=right_m,
        left_at_m=_at(place_m, ray[rows, on_left], left_m, np.isfinite(left_m)),
        right_at_m=_at(place_m, -ray[rows, on_right], right_m, np.isfinite(right_m)),
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


def _corner_at(place: FloatArray, walls: FloatArray) -> FloatArray:
    """Return the end of a wall close to a place, or the place."""
    off = np.hypot(*(walls[:, :2] - place).T)
    nearest = int(np.argmin(off))
    corner: FloatArray = walls[nearest, :2] if off[nearest] <= _CORNER_M else place
    return corner


def _pair(place: FloatArray) -> tuple[float, float]:
    return float(place[0]), float(place[1])
