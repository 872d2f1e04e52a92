"""The hardest arrival at points of a line."""

import numpy as np
import pytest

from sbd.approach.impact import impacts_at
from sbd.errors import InputError
from tests.drawn_ground import COARSE, FINE, solve, street, vehicle


@pytest.fixture(scope="module")
def field():
    return solve(street(100, entry=True), vehicle(), FINE, entry_speed_mps=10.0)


def test_head_on_at_the_end_of_a_street(field):
    # sqrt(10^2 + 2 * 3 * 80) = 24.1 m/s after 80 m; E = 1500 / 2 * 24.1^2 = 435 kJ. Cells up to
    # half a width and one cell beyond the point count: 1.5 m are worth 0.2 m/s.
    hit = impacts_at(field, [[80.0, 0.0]], [[1.0, 0.0]])
    assert hit.speed_mps[0] == pytest.approx(24.1, rel=0.03)
    assert hit.energy_kj[0] == pytest.approx(435.0, rel=0.06)
    assert hit.angle_deg[0] > 75.0
    assert hit.normal_speed_mps[0] == pytest.approx(hit.speed_mps[0], rel=0.02)


def test_along_the_kerb_the_whole_speed_grazes(field):
    hit = impacts_at(field, [[80.0, 3.0]], [[0.0, 1.0]])
    assert hit.speed_mps[0] == pytest.approx(24.1, rel=0.03)
    assert hit.angle_deg[0] < 20.0
    assert hit.normal_speed_mps[0] < 0.6 * hit.speed_mps[0]


def test_a_point_beside_the_wall_is_scraped(field):
    # No reference point comes nearer than 1 m to the wall at y = 4; the vehicle's side does.
    hit = impacts_at(field, [[80.0, 3.99]], [[1.0, 0.0]])
    assert hit.speed_mps[0] > 23.0


def test_nothing_arrives_where_nothing_drives(field):
    hit = impacts_at(field, [[80.0, 30.0], [-500.0, 0.0]], [[1.0, 0.0], [1.0, 0.0]])
    assert hit.speed_mps.tolist() == [0.0, 0.0]
    assert hit.energy_kj.tolist() == [0.0, 0.0]
    assert hit.heading.tolist() == [-1, -1]


def test_the_length_of_a_normal_does_not_matter(field):
    one = impacts_at(field, [[60.0, 1.0]], [[0.6, 0.8]])
    ten = impacts_at(field, [[60.0, 1.0]], [[6.0, 8.0]])
    assert (one.speed_mps, one.normal_speed_mps, one.angle_deg) == (
        pytest.approx(ten.speed_mps),
        pytest.approx(ten.normal_speed_mps),
        pytest.approx(ten.angle_deg),
    )


def test_the_fastest_arrival_is_the_maximum_over_all_that_count():
    field = solve(street(30, entry=True), vehicle(), COARSE, entry_speed_mps=5.0)
    point, normal = np.array([17.3, 0.4]), np.array([0.8, -0.6])
    row, column = np.nonzero(field.free)
    place = np.stack([column, row], axis=-1) * field.cell_m + field.origin_m
    near = np.hypot(*(place - point).T) <= 1.0 + field.cell_m
    cosine = np.cos(field.heading_rad) * normal[0] + np.sin(field.heading_rad) * normal[1]
    label = field.label[row[near], :, column[near]][:, cosine > 1e-9]
    speed = field.speed_of_label_mps[label]
    hit = impacts_at(field, [point], [normal])
    assert hit.speed_mps[0] == speed.max()
    assert hit.normal_speed_mps[0] == pytest.approx((speed * cosine[cosine > 1e-9]).max())


def test_no_points_no_impacts(field):
    assert impacts_at(field, np.empty((0, 2)), np.empty((0, 2))).speed_mps.shape == (0,)


@pytest.mark.parametrize("normals", [[[0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]])
def test_a_normal_that_points_nowhere_is_refused(field, normals):
    with pytest.raises(InputError, match="normal"):
        impacts_at(field, [[1.0, 1.0]], normals)
