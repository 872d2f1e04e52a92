"""Motions join lattice states exactly, and look the same from every octant."""

import math

import numpy as np
import pytest

from sbd.approach.lattice import equal_arcs, heading_vectors, make_lattice, points_along
from sbd.errors import InputError

KINDS = [(0.5, 64), (0.5, 32), (1.0, 64), (1.0, 32)]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: f"{kind[0]} m, {kind[1]} headings")
def lattice(request):
    return make_lattice(*request.param, 3.5, every_cell=False)


def end_of(lattice, k):
    arcs = tuple(lattice.arc_rad[k])
    heading = float(lattice.heading_rad[lattice.start_heading[k]])
    return points_along(heading, lattice.radius_m[k], arcs, lattice.length_m[k : k + 1])[0]


@pytest.mark.parametrize("headings", [16, 32, 64])
def test_headings_go_round_once(headings):
    x, y = heading_vectors(headings).T
    angle = np.unwrap(np.arctan2(y, x))
    assert np.all(np.diff(angle) > 0.0)
    assert angle[-1] < 2 * math.pi
    # No two neighbours are further apart than 1.45 mean steps.
    assert np.diff(angle).max() < 1.45 * 2 * math.pi / headings


def test_other_lattices_are_refused():
    with pytest.raises(InputError, match="16, 32 and 64"):
        heading_vectors(48)


def test_every_motion_ends_exactly_on_its_state(lattice):
    for k in range(lattice.motions):
        assert end_of(lattice, k) == pytest.approx(lattice.shift[k] * lattice.cell_m, abs=1e-6)
    turned = lattice.heading_rad[lattice.start_heading] + lattice.arc_rad.sum(axis=1)
    off = np.remainder(turned - lattice.heading_rad[lattice.end_heading] + math.pi, 2 * math.pi)
    assert off == pytest.approx(math.pi, abs=1e-6)


def test_no_motion_is_tighter_than_the_vehicle_turns(lattice):
    assert lattice.radius_m.min() >= 3.5 - 1e-6


def test_the_straight_motion_comes_first(lattice):
    straight = lattice.first[:-1]
    assert np.all(np.isinf(lattice.radius_m[straight]))
    assert np.array_equal(lattice.shift[straight], lattice.vector)
    assert np.isinf(lattice.radius_m).sum() == lattice.headings


def test_a_motion_begins_and_ends_in_its_cells(lattice):
    first, last = lattice.cell_first[:-1], lattice.cell_first[1:] - 1
    assert np.all(lattice.cell[first] == 0)
    assert np.array_equal(lattice.cell[last], lattice.shift)


def motions_as_set(lattice, change):
    return {tuple(change(lattice, k)) for k in range(lattice.motions)}


def plain(lattice, k):
    cells = lattice.cell[lattice.cell_first[k] : lattice.cell_first[k + 1]]
    return lattice.start_heading[k], lattice.end_heading[k], tuple(map(tuple, cells.tolist()))


def quarter_turned(lattice, k):
    start, end, cells = plain(lattice, k)
    quarter = lattice.headings // 4
    return (
        (start + quarter) % lattice.headings,
        (end + quarter) % lattice.headings,
        tuple((-y, x) for x, y in cells),
    )


def mirrored(lattice, k):
    start, end, cells = plain(lattice, k)
    return -start % lattice.headings, -end % lattice.headings, tuple((x, -y) for x, y in cells)


@pytest.mark.parametrize("change", [quarter_turned, mirrored])
@pytest.mark.parametrize("every_cell", [False, True])
def test_turning_or_mirroring_gives_the_same_motions(change, every_cell):
    lattice = make_lattice(1.0, 32, 3.5, every_cell=every_cell)
    assert motions_as_set(lattice, plain) == motions_as_set(lattice, change)


def test_all_cells_of_a_motion_leave_no_point_uncovered():
    lattice = make_lattice(1.0, 32, 3.5, every_cell=True)
    for k in range(0, lattice.motions, 5):
        way = np.linspace(0.0, lattice.length_m[k], 400)
        heading = float(lattice.heading_rad[lattice.start_heading[k]])
        place = points_along(heading, lattice.radius_m[k], tuple(lattice.arc_rad[k]), way)
        cells = lattice.cell[lattice.cell_first[k] : lattice.cell_first[k + 1]]
        off = np.hypot(*(place[:, None] - cells[None]).transpose(2, 0, 1)).min(axis=1)
        assert off.max() <= 0.7082


def test_the_common_cells_are_among_all_cells():
    some = make_lattice(0.5, 64, 3.5, every_cell=False)
    every = make_lattice(0.5, 64, 3.5, every_cell=True)
    assert np.array_equal(some.shift, every.shift)
    for k in range(0, some.motions, 7):
        few, many = plain(some, k)[2], plain(every, k)[2]
        assert set(few) <= set(many)


def test_two_equal_arcs_end_where_they_should():
    # A lane shift of 3 m over 15 m: R = (15^2 + 3^2) / (4 * 3) = 19.5 m.
    curvature, first, second = equal_arcs(np.array([15.0]), np.array([3.0]), 0.0, 1)
    assert 1.0 / curvature[0] == pytest.approx(19.5)
    assert first[0] == pytest.approx(second[0])
    # A quarter circle of radius 10 needs one arc only.
    curvature, first, second = equal_arcs(np.array([10.0]), np.array([10.0]), math.pi / 2, 1)
    assert (1.0 / curvature[0], first[0], second[0]) == pytest.approx((10.0, math.pi / 2, 0.0))
