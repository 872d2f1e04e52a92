"""Where a vehicle fits: posts, walls, the rim, gaps just too narrow and just wide enough."""

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import ndimage
from shapely import LineString, Point, box
from shapely.affinity import rotate, translate

from sbd.approach.clearance import as_met_by, free_cells, make_terrain
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from tests.drawn_ground import COARSE, FINE, surface, vehicle

ANGLES = [0, 7, 22.5, 45, 80]
OFFSETS = [(0.0, 0.0), (0.13, 0.31), (0.25, 0.25)]


def free(ground, width_m=2.0, settings=FINE, bound=Bound.NOMINAL, **site):
    terrain = make_terrain(surface(ground, **site), settings, widest_m=width_m)
    return terrain, free_cells(terrain, width_m=width_m, bound=bound)


def joined(terrain, cells, one, other):
    """Whether king's moves over free cells lead from one point to the other."""
    parts, _ = ndimage.label(cells, structure=np.ones((3, 3)))
    places = [
        parts[tuple(np.round((np.array(at) - terrain.origin_m) / terrain.cell_m).astype(int)[::-1])]
        for at in (one, other)
    ]
    return bool(places[0] == places[1] > 0)


def wall_with_gap(gap_m, thick_m, angle_deg, offset):
    """A yard of 30 x 30 m, cut by a wall with one gap in its middle; turned and moved."""
    yard = box(-15, -15, 15, 15)
    half = thick_m / 2
    walls = [box(gap_m / 2, -half, 40, half), box(-40, -half, -gap_m / 2, half)]
    walls = [translate(rotate(wall, angle_deg, origin=(0, 0)), *offset) for wall in walls]
    ends = [translate(rotate(Point(0, y), angle_deg, origin=(0, 0)), *offset) for y in (-8.0, 8.0)]
    return yard.difference(shapely.union_all(walls)), [(end.x, end.y) for end in ends]


@pytest.mark.parametrize("settings", [FINE, COARSE], ids=["0.5 m", "1 m"])
@pytest.mark.parametrize("thick_m", [0.2, 3.0])
@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("angle_deg", ANGLES)
def test_a_gap_is_judged_by_its_exact_width(angle_deg, offset, thick_m, settings):
    for gap_m, opens in ((1.99, False), (2.01, True)):
        ground, (one, other) = wall_with_gap(gap_m, thick_m, angle_deg, offset)
        for bound in (Bound.NOMINAL, Bound.UPPER):
            terrain, cells = free(ground, settings=settings, bound=bound)
            assert joined(terrain, cells, one, other) is opens


@pytest.mark.parametrize("gap_m", [0.4, 1.0, 1.3, 1.7])
@pytest.mark.parametrize("angle_deg", ANGLES)
def test_more_room_opens_no_narrow_gap(angle_deg, gap_m):
    # An upper field has 0.35 m more on either side: what is 1.3 m wide would let 2 m pass.
    ground, (one, other) = wall_with_gap(gap_m, 0.2, angle_deg, (0.13, 0.31))
    for settings in (FINE, COARSE):
        terrain, cells = free(ground, settings=settings, bound=Bound.UPPER)
        assert not joined(terrain, cells, one, other)


@pytest.mark.parametrize("angle_deg", ANGLES)
@pytest.mark.parametrize("width_m", [1.45, 1.7, 2.5])
def test_more_room_carries_no_vehicle_across_a_thin_wall(width_m, angle_deg):
    wall = rotate(box(-40, -0.005, 40, 0.005), angle_deg, origin=(0, 0))
    ground = box(-15, -15, 15, 15).difference(wall)
    ends = [rotate(Point(0, y), angle_deg, origin=(0, 0)).coords[0] for y in (-8.0, 8.0)]
    for settings in (FINE, COARSE):
        terrain, cells = free(ground, width_m, settings, Bound.UPPER)
        assert not joined(terrain, cells, *ends)


def test_an_alley_too_narrow_all_along_gives_no_run_up():
    # 1.9 m wide, 2 m needed: only its mouths, within 0.355 m and half a diagonal of the yards.
    yards = [box(-30, -5, -20, 5), box(20, -5, 30, 5)]
    terrain, cells = free(shapely.union_all([box(-20, -0.95, 20, 0.95), *yards]), bound=Bound.UPPER)
    x = terrain.origin_m[0] + np.nonzero(cells)[1] * terrain.cell_m
    assert np.abs(x).min() > 18.0


@pytest.mark.parametrize("settings", [FINE, COARSE], ids=["0.5 m", "1 m"])
@pytest.mark.parametrize("gap_m", [1.6, 1.99, 2.3, 3.0])
@pytest.mark.parametrize("angle_deg", ANGLES)
def test_each_bound_has_the_cells_of_the_one_below(angle_deg, gap_m, settings):
    ground, _ = wall_with_gap(gap_m, 0.2, angle_deg, (0.13, 0.31))
    lower, nominal, upper = (free(ground, settings=settings, bound=bound)[1] for bound in Bound)
    assert np.all(lower <= nominal)
    assert np.all(nominal <= upper)
    assert lower.sum() < upper.sum()


@pytest.mark.parametrize("offset", OFFSETS)
def test_two_posts_make_a_gap_too(offset):
    for gap_m, opens in ((1.99, False), (2.01, True)):
        posts = [Point(side * (gap_m / 2 + 0.1), 0).buffer(0.1) for side in (-1, 1)]
        walls = [box(-40, -0.05, -gap_m / 2 - 0.15, 0.05), box(gap_m / 2 + 0.15, -0.05, 40, 0.05)]
        things = translate(shapely.union_all([*posts, *walls]), *offset)
        terrain, cells = free(box(-15, -15, 15, 15).difference(things))
        assert joined(terrain, cells, (0, -8), (0, 8)) is opens


def test_a_post_between_cell_centres_still_takes_its_room():
    # Centres of a 20 m yard lie at odd quarters; the post at (0, 0) is 0.354 m from the nearest.
    terrain, cells = free(box(-10, -10, 10, 10).difference(Point(0, 0).buffer(0.05)))
    row, column = np.nonzero(cells)
    x = terrain.origin_m[0] + column * terrain.cell_m
    y = terrain.origin_m[1] + row * terrain.cell_m
    assert np.hypot(x, y).min() >= 1.0 + 0.05 - 0.01  # the post is a polygon inside its circle


def test_the_rim_narrows_no_street_and_ends_the_ground():
    ground = box(0, -2, 20, 2)
    _, cells = free(ground, study=box(0, -10, 20, 10))
    # Along the street the first and the last centre are 0.25 m from the rim; across, the walls
    # leave centres at most 1 m from the axis.
    assert cells.any(axis=0).all()
    assert cells.sum(axis=0).max() == 4


def test_the_lower_field_keeps_half_a_diagonal_more():
    ground = box(-10, -10, 10, 10).difference(box(-1, -1, 1, 1))
    terrain, nominal = free(ground)
    _, lower = free(ground, bound=Bound.LOWER)
    assert np.all(nominal[lower])
    row, column = np.nonzero(lower)
    x = terrain.origin_m[0] + column * terrain.cell_m
    y = terrain.origin_m[1] + row * terrain.cell_m
    room = shapely.distance(shapely.points(x, y), shapely.boundary(ground))
    assert room.min() >= 1.0 + 0.7071 * 0.5


def test_nothing_is_free_where_the_vehicle_is_wider_than_the_street():
    _, cells = free(box(0, 0, 60, 1.9))
    assert not cells.any()


def test_vehicles_come_in_over_entries_and_inwards_only():
    site = surface(
        box(0, -5, 30, 5), study=box(0, -10, 30, 10), entries=[LineString([(0, -5), (0, 5)])]
    )
    terrain = make_terrain(site, FINE, widest_m=2.0)
    row, column = np.nonzero(terrain.entry_headings)
    assert column.max() == 0  # 1.4142 cells are 0.707 m; centres lie 0.25 and 0.75 m off the rim
    bits = int(terrain.entry_headings[row[0], column[0]])
    inwards = [heading for heading in range(64) if bits >> heading & 1]
    # cos > 0 for headings 0..15 and 49..63 of 64.
    assert inwards == [*range(16), *range(49, 64)]
    assert terrain.entry_index[row[0], column[0]] == 0


@pytest.mark.parametrize("shape", [box(0, 0, 20.3, 11.1), Point(0, 0).buffer(12.0)])
def test_moving_the_site_moves_the_grid_with_it(shape):
    here = make_terrain(surface(shape, study=shape), FieldSettings(0.5, 32), widest_m=2.0)
    there = make_terrain(
        surface(translate(shape, 1234.567, -987.21), study=translate(shape, 1234.567, -987.21)),
        FieldSettings(0.5, 32),
        widest_m=2.0,
    )
    assert np.array_equal(here.ground, there.ground)
    moved = np.subtract(there.origin_m, here.origin_m)
    assert moved == pytest.approx((1234.567, -987.21))


def test_a_long_passage_just_wide_enough_stays_open_all_along():
    # 40 m of alley with 5 mm to spare on each side, across the lattice.
    alley = rotate(box(-20, -1.005, 20, 1.005), math.degrees(0.2), origin=(0, 0))
    yards = [translate(Point(0, 0).buffer(6), *at) for at in _ends(22.0)]
    terrain, cells = free(shapely.union_all([alley, *yards]))
    assert joined(terrain, cells, *_ends(22.0))


def yard_with_kerb(*heights_m):
    """A yard of 30 x 30 m with kerbs across it from side to side, 3 m apart."""
    site = surface(box(-15, -15, 15, 15))
    lines = [LineString([(-15, 3.0 * n), (15, 3.0 * n)]) for n in range(len(heights_m))]
    steps = gpd.GeoDataFrame(
        {
            "step_id": [f"S{n}" for n in range(len(lines))],
            "kind": "kerb",
            "height_m": np.array(heights_m, dtype=np.float64),
        },
        geometry=lines,
        crs=site.crs,
    )
    return make_terrain(replace(site, steps=steps), FINE, widest_m=2.0)


@pytest.mark.parametrize("bound", list(Bound))
@pytest.mark.parametrize(
    ("height_m", "stops"), [(0.12, False), (0.1999, False), (0.2, True), (0.5, True)]
)
def test_a_kerb_is_a_wall_for_whom_it_stops(height_m, stops, bound):
    terrain = yard_with_kerb(0.05, height_m)
    for driver, is_wall in ((vehicle(stopping_step_m=0.2), stops), (vehicle(), False)):
        cells = free_cells(as_met_by(terrain, driver), width_m=2.0, bound=bound)
        assert joined(terrain, cells, (0, -8), (0, 8)) is not is_wall


def test_a_kerb_that_stops_takes_the_room_of_a_wall():
    # The kerb lies at y = 0: 1 m is needed to either side.
    terrain = as_met_by(yard_with_kerb(0.3), vehicle(stopping_step_m=0.2))
    cells = free_cells(terrain, width_m=2.0, bound=Bound.NOMINAL)
    y = terrain.origin_m[1] + np.nonzero(cells)[0] * terrain.cell_m
    assert np.abs(y).min() == pytest.approx(1.25)


def test_a_low_kerb_changes_nothing():
    terrain = yard_with_kerb(0.1)
    assert as_met_by(terrain, vehicle(stopping_step_m=0.2)) is terrain


def _ends(way_m):
    x, y = way_m * math.cos(0.2), way_m * math.sin(0.2)
    return (-x, -y), (x, y)
