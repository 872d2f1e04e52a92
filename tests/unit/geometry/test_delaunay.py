"""Segments become edges, nothing else hides a corner inside a circle, parts are told apart."""

import numpy as np
import pytest
import shapely
from shapely import box

from sbd.errors import FieldError
from sbd.geometry.delaunay import constrained_delaunay


def ring(*corners):
    """Return corners and the closed way along them."""
    number = np.arange(len(corners))
    return np.array(corners, dtype=float), np.stack([number, np.roll(number, -1)], axis=1)


def edges_of(triangles):
    sides = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    return set(map(tuple, sides.tolist()))


def test_no_segments_give_no_triangles():
    triangles, part = constrained_delaunay(np.zeros((0, 2)), np.zeros((0, 2), dtype=np.int64))
    assert (triangles.shape, part.shape) == ((0, 3), (0,))


def test_of_two_diagonals_the_shorter_is_taken():
    # Half a lozenge 2 m high and 4 m wide: the corners left and right lie outside each circle.
    points, outline = ring((0, 0), (2, -1), (4, 0), (2, 1))
    assert (1, 3) in edges_of(constrained_delaunay(points, outline)[0])


def test_a_segment_stays_though_the_other_diagonal_is_shorter():
    points, outline = ring((0, 0), (2, -1), (4, 0), (2, 1))
    held = np.concatenate([outline, [[0, 2]]])
    triangles, part = constrained_delaunay(points, held)
    assert (0, 2) in edges_of(triangles)
    assert sorted(part.tolist()) == [0, 1]  # it divides the lozenge


def test_a_segment_across_many_edges_becomes_one():
    # Twenty points on either side of a long way, the first below, the second above it.
    across = np.arange(1, 21)
    corners = [(0, 0), (21, 0), (21, 9), (0, 9), (-5, 4.5), (26, 4.51)]
    points = np.array([*corners, *((x, 4.3) for x in across), *((x, 4.8) for x in across)], float)
    outline = np.array([[0, 1], [1, 5], [5, 2], [2, 3], [3, 4], [4, 0], [4, 5]])
    triangles, part = constrained_delaunay(points, outline)
    assert (4, 5) in edges_of(triangles)
    assert part.max() == 1
    # 46 points, six of them on the hull: 2 n - 2 - 6 triangles.
    assert len(triangles) == 2 * 46 - 2 - 6


def test_a_corner_on_a_segment_divides_it():
    points, outline = ring((0, 0), (4, 0), (4, 4), (0, 4))
    points = np.concatenate([points, [[2.0, 2.0]]])
    triangles, part = constrained_delaunay(points, np.concatenate([outline, [[0, 2]]]))
    assert {(0, 4), (2, 4)} <= edges_of(triangles)
    assert sorted(part.tolist()) == [0, 0, 1, 1]


def test_segments_that_cross_are_refused_with_their_place():
    points, outline = ring((100, 0), (104, 0), (104, 4), (100, 4))
    both = np.concatenate([outline, [[0, 2], [1, 3]]])
    with pytest.raises(FieldError, match=r"cross near \(102\.0, 2\.0\)"):
        constrained_delaunay(points, both)


def test_ground_around_holes_is_one_part_and_each_hole_another():
    whole = box(0, 0, 30, 10).difference(shapely.union_all([box(2, 2, 8, 8), box(12, 2, 18, 8)]))
    rings = [np.array(r.coords)[:-1] for r in (whole.exterior, *whole.interiors)]
    points = np.concatenate(rings)
    numbers = np.split(np.arange(len(points)), np.cumsum([len(r) for r in rings])[:-1])
    outlines = np.concatenate([np.stack([n, np.roll(n, -1)], axis=1) for n in numbers])
    triangles, part = constrained_delaunay(points, outlines)
    area = shapely.area(shapely.polygons(points[triangles]))
    assert sorted(np.bincount(part, weights=area)) == pytest.approx([36.0, 36.0, 228.0])


@pytest.mark.parametrize("side", [2, 7])
def test_a_grid_where_all_corners_share_circles_is_covered_once(side):
    x, y = np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    on_rim = np.flatnonzero((points % side == 0).any(axis=1))
    angle = np.arctan2(*(points[on_rim] - side / 2).T[::-1])
    rim = on_rim[np.argsort(angle)]
    triangles, _ = constrained_delaunay(points, np.stack([rim, np.roll(rim, -1)], axis=1))
    areas = shapely.area(shapely.polygons(points[triangles]))
    assert areas == pytest.approx(np.full(2 * side * side, 0.5))
