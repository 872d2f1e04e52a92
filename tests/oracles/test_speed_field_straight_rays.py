"""The field is nowhere below the run-up along a straight ray, worked out from the walls alone."""

import math

import numpy as np
import pytest
import shapely
from shapely import LineString, box

from tests.drawn_ground import COARSE, solve, surface, vehicle


def test_no_state_is_slower_than_its_straight_run_up():
    ground = box(0, 0, 70, 50).difference(
        shapely.union_all([box(20, 15, 35, 30), box(50, 0, 55, 32)])
    )
    driver = vehicle()
    field = solve(surface(ground), driver, COARSE)
    room = ground.buffer(-1.0)  # where the reference point may be
    rows, columns = np.nonzero(field.free)
    rng = np.random.default_rng(3)
    checked = 0
    for n in rng.choice(len(rows), 150, replace=False):
        x = field.origin_m[0] + columns[n] * field.cell_m
        y = field.origin_m[1] + rows[n] * field.cell_m
        heading = int(rng.integers(len(field.heading_rad)))
        angle = float(field.heading_rad[heading])
        back = LineString([(x, y), (x - 200 * math.cos(angle), y - 200 * math.sin(angle))])
        inside = back.intersection(room)
        parts = [
            part
            for part in getattr(inside, "geoms", [inside])
            if part.distance(back.interpolate(0)) < 1e-6
        ]
        if not parts:
            continue
        # Cells round each end of the ray off by up to a diagonal.
        way = max(parts[0].length - 2.0 * math.sqrt(2.0) * field.cell_m, 0.0)
        speed = field.speed_of_label_mps[field.label[rows[n], heading, columns[n]]]
        assert speed >= math.sqrt(2 * 3.0 * way) - 1e-6
        checked += way > 5.0
    assert checked > 50


@pytest.mark.parametrize("gap_m", [1.99, 2.01])
def test_what_lies_behind_a_gap_is_reached_or_not(gap_m):
    # A street of 40 m cut by a wall with one gap: from rest behind it only 19 m of run-up are left.
    wall = shapely.union_all([box(20, -6, 20.4, -gap_m / 2), box(20, gap_m / 2, 20.4, 6)])
    ground = box(0, -4, 41, 4).difference(wall)
    site = surface(ground, study=box(0, -9, 46, 9), entries=[LineString([(0, -4), (0, 4)])])
    field = solve(site, vehicle(), entry_speed_mps=20.0)
    row, column = np.nonzero(field.free)
    behind = field.origin_m[0] + column * field.cell_m > 38.0
    fastest = field.speed_of_label_mps[field.label[row[behind], :, column[behind]].max()]
    if gap_m > 2.0:
        assert fastest == pytest.approx(math.sqrt(20.0**2 + 2 * 3 * 40), rel=0.03)
    else:
        assert fastest < math.sqrt(2 * 3 * 27)  # a bow behind the wall is a little longer than 19 m
