"""Which polygons bound ground, and where the others fail to."""

import pytest
from shapely import MultiPolygon, Polygon, box

from sbd.geometry.outlines import outline_fault

WITH_YARD = Polygon(box(0, 0, 9, 9).exterior, [box(3, 3, 6, 6).exterior])


@pytest.mark.parametrize(
    "shape",
    [box(0, 0, 1, 1), WITH_YARD, MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])],
    ids=["plain", "yard", "parts"],
)
def test_ground_has_no_fault(shape):
    assert outline_fault(shape) == ""


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        # diagonals of a square of 2
        (Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), "at 1 1"),
        # two triangles that meet in a corner
        (Polygon([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2), (1, 1)]), "at 1 1"),
        (Polygon(box(0, 0, 1, 1).exterior, [box(5, 5, 6, 6).exterior]), "at 6 5"),
        (Polygon([(4, 4)] * 4), "at 4 4"),
    ],
    ids=["crosses", "touches", "yard outside", "a point"],
)
def test_what_bounds_none_is_told_with_the_place(shape, place):
    assert place in outline_fault(shape)


def test_what_is_smaller_than_any_number_has_no_area():
    assert "without area" in outline_fault(box(0, 0, 1e-200, 1e-200))
