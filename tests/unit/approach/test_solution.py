"""Fields that go on: from another bound, after walls came and went."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box
from shapely.affinity import rotate

from sbd.approach.clearance import make_terrain
from sbd.approach.field import solve_on
from sbd.approach.solution import field_of, resolve, solve
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from tests.drawn_ground import CRS, surface, vehicle

SETTINGS = FieldSettings(1.0, 32, 9.0)
STANDING = [rotate(box(12, 8, 20, 18), 25), box(38, 5, 39, 25)]
WALL = box(26, 0, 27, 22)


def terrain(*things, steps=None):
    """A yard of 60 x 40 m, entered from the west."""
    ground = box(0, 0, 60, 40).difference(shapely.union_all([*STANDING, *things]))
    entry = LineString([(0, 4), (0, 30)])
    site = surface(ground, study=box(0, -4, 64, 44), entries=[entry])
    return make_terrain(replace(site, steps=steps), SETTINGS, widest_m=2.0)


@pytest.mark.parametrize("bound", list(Bound))
def test_after_a_wall_is_taken_away_the_field_goes_on_to_the_right_answer(bound):
    with_it, without = terrain(WALL), terrain()
    before = solve(with_it, vehicle(), bound=bound)
    kept = before.label.copy()
    after = resolve(before, without)
    assert np.array_equal(after.label, solve(without, vehicle(), bound=bound).label)
    assert not np.array_equal(after.label, kept)
    assert np.array_equal(before.label, kept)


@pytest.mark.parametrize("bound", list(Bound))
def test_after_a_wall_is_put_up_the_field_falls_to_the_right_answer(bound):
    with_it, without = terrain(WALL), terrain()
    after = resolve(solve(without, vehicle(), bound=bound), with_it)
    assert np.array_equal(after.label, solve(with_it, vehicle(), bound=bound).label)


def test_edits_in_a_row_and_undone_give_the_field_of_the_start():
    other = rotate(box(45, 30, 50, 33), 40)
    start = solve(terrain(), vehicle(), bound=Bound.NOMINAL)
    now = start
    for things in ((WALL,), (WALL, other), (other,), (other, WALL), ()):
        now = resolve(now, terrain(*things))
        cold = solve(now.terrain, vehicle(), bound=Bound.NOMINAL)
        assert np.array_equal(now.label, cold.label)
    assert np.array_equal(now.label, start.label)


def test_a_step_that_stops_gives_the_field_of_a_thin_wall():
    line = LineString([(26, 0), (26, 22)])
    steps = gpd.GeoDataFrame(
        {"step_id": ["S"], "kind": ["kerb"], "height_m": [0.3]}, geometry=[line], crs=CRS
    )
    for bound in Bound:
        over, stopped = (
            solve(terrain(steps=steps), vehicle(stopping_step_m=height), bound=bound)
            for height in (0.31, 0.3)
        )
        walled = solve(terrain(line.buffer(1e-4)), vehicle(), bound=bound)
        assert np.array_equal(over.label, solve(terrain(), vehicle(), bound=bound).label)
        assert np.array_equal(stopped.label, walled.label)


def test_no_edit_is_no_work():
    before = solve(terrain(), vehicle(), bound=Bound.NOMINAL)
    assert resolve(before, terrain()).label is before.label


def test_a_field_that_starts_from_the_bound_below_is_the_same():
    ground = terrain(WALL)
    below = solve_on(ground, vehicle(), bound=Bound.LOWER)
    for bound in (Bound.NOMINAL, Bound.UPPER):
        warm = solve_on(ground, vehicle(), bound=bound, at_least=below.label)
        cold = solve_on(ground, vehicle(), bound=bound)
        assert np.array_equal(warm.label, cold.label)
        below = cold


def test_a_field_shows_the_solution():
    solution = solve(terrain(), vehicle(), bound=Bound.UPPER)
    field = field_of(solution)
    assert field.bound is Bound.UPPER
    assert field.label is solution.label
    assert field.cell_m == 1.0
