"""A triangulation keeps the ground, its outlines and the shortest ways across passages."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from sbd.geometry.mesh import OUTSIDE, segments_of, triangulate

SPACING = {"outline_spacing_m": 2.0, "region_spacing_m": 6.5, "narrow_m": 3.0}


def signed_areas(mesh):
    a, b, c = np.moveaxis(mesh.vertices[mesh.triangles], 1, 0)
    return 0.5 * ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])


GROUNDS = {
    "square": box(0, 0, 10, 10),
    "with a hole": box(0, 0, 30, 30).difference(box(10, 10, 20, 20)),
    "two parts": MultiPolygon([box(0, 0, 10, 10), box(20, 0, 30, 10)]),
    "round": Point(0, 0).buffer(15),
    "acute": Polygon([(0, 0), (40, 0), (0, 0.8)]),
    "holes that touch": box(0, 0, 30, 30).difference(
        shapely.union_all([box(5, 5, 10, 10), box(10, 10, 15, 15)])
    ),
}


@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS.keys())
def test_triangles_cover_the_ground_once(ground):
    mesh = triangulate(ground, [], **SPACING)
    areas = signed_areas(mesh)
    assert (areas > 0).all()  # counter-clockwise
    # Outlines are rounded to 1 mm: a millimetre along the outline at most.
    assert areas.sum() == pytest.approx(ground.area, abs=0.001 * ground.length)


def test_empty_ground_gives_an_empty_mesh():
    mesh = triangulate(Polygon(), [], **SPACING)
    assert (len(mesh.triangles), len(mesh.edges)) == (0, 0)


def test_each_edge_has_its_triangles_on_the_sides_it_says():
    mesh = triangulate(GROUNDS["with a hole"], [box(1, 1, 8, 8)], **SPACING)
    start, stop = mesh.vertices[mesh.edges[:, 0]], mesh.vertices[mesh.edges[:, 1]]
    middles = mesh.vertices[mesh.triangles].mean(axis=1)
    for side, sign in ((mesh.left, 1.0), (mesh.right, -1.0)):
        known = side != OUTSIDE
        way, over = (stop - start)[known], (middles[side[known]] - start[known])
        assert (sign * (way[:, 0] * over[:, 1] - way[:, 1] * over[:, 0]) > 0).all()


def test_outlines_are_cut_into_pieces_of_the_spacing_at_most():
    mesh = triangulate(box(0, 0, 11, 7), [], **SPACING)
    assert mesh.length_m[mesh.is_outline].max() <= 2.0
    # 11 m make 6 pieces, 7 m make 4: twice each.
    assert mesh.is_outline.sum() == 2 * (6 + 4)


def test_region_outlines_are_edges_in_long_pieces():
    region = box(20, 20, 50, 50)
    mesh = triangulate(box(0, 0, 80, 80), [region], **SPACING)
    between = (mesh.left != OUTSIDE) & (mesh.right != OUTSIDE)
    between[between] = mesh.label[mesh.left[between]] != mesh.label[mesh.right[between]]
    # 30 m make 4 pieces of 7.5 m, none below 6.5 m.
    assert mesh.length_m[between] == pytest.approx(np.full(16, 7.5))
    assert signed_areas(mesh)[mesh.label == 1].sum() == pytest.approx(900.0)


def test_where_regions_overlap_the_earlier_one_has_the_ground():
    mesh = triangulate(box(0, 0, 40, 40), [box(5, 5, 20, 20), box(10, 10, 30, 30)], **SPACING)
    by_label = np.bincount(mesh.label, weights=signed_areas(mesh))
    assert by_label == pytest.approx([1600 - 225 - 400 + 100, 225, 400 - 100])


@pytest.mark.parametrize("width_m", [0.7, 1.15, 1.25, 2.4])
@pytest.mark.parametrize("shift_m", [0.0, 0.37, 1.0])
def test_a_narrow_passage_has_an_edge_of_its_own_width(width_m, shift_m):
    # The corner of one block stands before the middle of the other's wall, between two samples.
    blocks = [box(5, 5, 15, 20), box(15 + width_m, 8.3 + shift_m, 25, 30)]
    mesh = triangulate(box(0, 0, 40, 40).difference(shapely.union_all(blocks)), [], **SPACING)
    across = mesh.length_m[~mesh.is_outline]
    assert across.min() == pytest.approx(width_m, abs=0.002)


def test_segments_of_several_lines_do_not_join_them():
    lines = shapely.union_all(
        [shapely.LineString([(0, 0), (1, 0), (1, 1)]), box(5, 5, 6, 6).boundary]
    )
    assert len(segments_of(lines)) == 2 + 4
