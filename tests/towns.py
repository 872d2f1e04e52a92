"""Drawn towns: as many uneven blocks between streets as asked for, with a square among them."""

import numpy as np
import shapely
from shapely import box

from sbd.model.surface import DrivableSurface
from tests.placed import place

PITCH_M = 25.0
STREET_M = 8.0
UNEVEN_M = 1.0


def blocks_between_streets(count, *, rng):
    """Return `count` x `count` blocks, every corner moved by up to a metre."""
    low = STREET_M / 2
    high = PITCH_M - low
    x, y = (axis.ravel() * PITCH_M for axis in np.meshgrid(np.arange(count), np.arange(count)))
    square = np.array([[low, low], [high, low], [high, high], [low, high]])
    corners = np.stack([x, y], axis=1)[:, None] + square
    return shapely.polygons(corners + rng.uniform(-UNEVEN_M, UNEVEN_M, corners.shape))


def town(count, *, seed=0, turn=(1, 0, 0, 1, 0, 0)) -> DrivableSurface:
    """Return a town of `count` x `count` blocks, those in the middle three by three a square."""
    blocks = blocks_between_streets(count, rng=np.random.default_rng(seed))
    side = count * PITCH_M
    middle = (count // 2 + 0.5) * PITCH_M
    reach = 1.5 * PITCH_M
    square = box(middle - reach, middle - reach, middle + reach, middle + reach)
    kept = blocks[~shapely.intersects(square, shapely.centroid(blocks))]
    zone = shapely.buffer(square, -0.4 * PITCH_M, join_style="mitre")
    return place(box(0, 0, side, side), list(kept), zone, turn=turn)


def promenade(*, length_m=2000.0, streets=25, seed=0) -> DrivableSurface:
    """Return a promenade 30 m wide between two rows of houses, with side streets on both sides.

    Vehicles come in over both ends and out of every side street, 6 to 12 m wide. The zone is the
    middle of the promenade, 20 m short of its ends.
    """
    rng = np.random.default_rng(seed)
    middle = (np.arange(streets) + 0.5) * length_m / streets
    middle += rng.uniform(-20, 20, streets)
    half = rng.uniform(3, 6, streets)
    deep, wide = 60.0, 30.0
    houses = []
    for side, (low, high) in enumerate(((-deep, 0.0), (wide, wide + deep))):
        own = np.arange(streets) % 2 == side
        left = np.concatenate([[0.0], (middle + half)[own]])
        right = np.concatenate([(middle - half)[own], [length_m]])
        houses += [box(a, low, b, high) for a, b in zip(left, right, strict=True)]
    study = box(0, -deep, length_m, wide + deep)
    return place(study, houses, box(20, 5, length_m - 20, wide - 5))
