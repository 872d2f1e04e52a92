"""The compiled triangulation against GEOS's, face by face, on streets between uneven blocks."""

import numpy as np
import pytest
import shapely
from shapely import box

from sbd.geometry.delaunay import constrained_delaunay
from tests.towns import blocks_between_streets


def by_geos(ground):
    found = shapely.get_parts(shapely.constrained_delaunay_triangles(ground))
    return {frozenset(map(tuple, shapely.get_coordinates(t)[:3].round(6))) for t in found}


def by_own_loops(ground):
    lines = shapely.get_parts(shapely.boundary(ground))
    pairs = np.concatenate(
        [np.stack([c[:-1], c[1:]], axis=1) for c in map(shapely.get_coordinates, lines)]
    )
    points, number = np.unique(pairs.reshape(-1, 2), axis=0, return_inverse=True)
    triangles, _ = constrained_delaunay(points, number.reshape(-1, 2))
    inside = shapely.contains(ground, shapely.points(points[triangles].mean(axis=1)))
    return {frozenset(map(tuple, corners.round(6))) for corners in points[triangles[inside]]}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("origin", [(0.0, 0.0), (690_000.0, 5_330_000.0)])
def test_streets_get_the_triangles_that_geos_gives_them(seed, origin):
    rng = np.random.default_rng(seed)
    blocks = shapely.transform(blocks_between_streets(5, rng=rng), lambda xy: xy + origin)
    # No corner of these blocks lies on the circle of three others: there is one answer only.
    rim = np.array(box(-3.1, -4.7, 131.3, 127.9).exterior.coords)
    ground = shapely.Polygon(rim + origin).difference(shapely.union_all(blocks))
    ground = shapely.segmentize(ground, 7.0)
    assert by_own_loops(ground) == by_geos(ground)
