"""What narrows a stretch of a way, and how wide it is there."""

import math

import numpy as np
import pytest
from shapely import Point, box, get_coordinates

from sbd.approach.narrows import CORNER, GAP, WALL, narrow_near, walls_across

SOUTH_WALL = box(-50, -3, 50, -2)
POST = box(4.8, 1.0, 5.2, 20)


def walls_of(*shapes):
    rings = [get_coordinates(shape) for shape in shapes]
    return np.concatenate([np.hstack([ring[:-1], ring[1:]]) for ring in rings])


def eastwards(count=20):
    """Places a metre apart on the way along x."""
    return np.stack([np.arange(count, dtype=float), np.zeros(count)], axis=-1), np.zeros(count)


def test_the_narrowest_line_across_is_the_gap():
    # From y = -2 to y = 1 at x = 5.
    found = narrow_near(*eastwards(), walls_of(SOUTH_WALL, POST), ahead=20, gap_m=4.0)
    assert (found.what, found.place_m) == (GAP, pytest.approx((5.0, -0.5)))
    assert found.clear_width_m == pytest.approx(3.0)


def test_what_leaves_room_enough_is_no_gap_but_a_corner():
    found = narrow_near(*eastwards(), walls_of(SOUTH_WALL, POST), ahead=20, gap_m=2.5)
    assert found.what == CORNER
    assert Point(found.place_m).distance(POST) < 1e-9
    assert found.clear_width_m == pytest.approx(3.0)


def test_a_long_wall_on_one_side_has_no_clear_width():
    found = narrow_near(*eastwards(), walls_of(SOUTH_WALL), ahead=20, gap_m=4.0)
    assert found.what == WALL
    assert found.place_m[1] == pytest.approx(-2.0)
    assert math.isnan(found.clear_width_m)


def test_in_a_bend_the_corner_inside_counts_although_the_outside_is_nearer():
    # A quarter turn left about (0, 15) from (0, 0) to (15, 15), round a block whose corner (5, 10)
    # is 15 - 7.1 = 7.9 m from the way; the outer wall is at 2 m.
    angle = np.linspace(0, math.pi / 2, 24)
    place = np.stack([15 * np.sin(angle), 15 - 15 * np.cos(angle)], axis=-1)
    walls = walls_of(box(-30, 10, 5, 40), SOUTH_WALL)
    found = narrow_near(place, angle, walls, ahead=13, gap_m=2.0)
    assert (found.what, found.place_m) == (CORNER, (5.0, 10.0))


def test_without_walls_the_place_itself_is_named():
    found = narrow_near(*eastwards(), np.empty((0, 4)), ahead=20, gap_m=4.0)
    assert (found.what, found.place_m) == (WALL, (0.0, 0.0))


def test_left_is_left():
    across = walls_across(*eastwards(1), walls_of(SOUTH_WALL, box(-50, 6, 50, 7)))
    assert across.wall_m[:, 0].tolist() == pytest.approx([6.0, 2.0])
    assert across.wall_at_m[:, 0].tolist() == [pytest.approx([0, 6]), pytest.approx([0, -2])]
    assert across.width_m[0] == pytest.approx(8.0)
    assert across.middle_m[0].tolist() == pytest.approx([0.0, 2.0])
