import geopandas as gpd
import numpy as np
import pytest
import shapely

from sbd.export.perimeter import pieces, stretches


def edge(corners, speed=10.0):
    points = shapely.points(np.asarray(corners, dtype=float))
    speeds = np.broadcast_to(speed, len(points))
    return gpd.GeoDataFrame({"speed_kmh": speeds}, geometry=points, crs=32635)


def test_each_point_stands_for_half_the_way_to_its_neighbours():
    found = pieces(edge([(0, 0), (1, 0), (2, 0), (3, 0)]))
    # The first and the last point end the line: 0.5 m each, the others 1 m.
    assert found.length.tolist() == [0.5, 1.0, 1.0, 0.5]


def test_a_closed_outline_has_no_hole_where_it_begins():
    ring = [(0, 0), (1, 0), (1, 1), (0, 1)]
    found = pieces(edge(ring))
    assert found.union_all().length == pytest.approx(4.0)


def test_two_outlines_are_not_joined():
    first = [(x, 0) for x in range(4)]
    second = [(x, 50) for x in range(4)]
    found = pieces(edge(first + second))
    assert found.union_all().length == pytest.approx(6.0)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_points_for_a_line_give_none(count):
    assert pieces(edge(np.zeros((count, 2)))).empty


def test_the_pieces_of_one_class_become_one_line_and_the_fastest_comes_last():
    speeds = np.array([50.0, 50.0, 0.0, 0.0, 20.0, 20.0])
    found = stretches(pieces(edge([(x, 0) for x in range(6)], speeds)))
    assert found["speed_class"].tolist() == [0, 1, 3]
    assert found.length.tolist() == [2.0, 1.5, 1.5]
    assert set(found.geom_type) == {"LineString"}
