"""Plane regions -> one constrained triangulation whose inner edges are the possible chords.

Outlines are sampled, so that an edge can start anywhere along a facade; where two outlines come
close, the foot of every corner on the wall across is a sample too: the shortest way across a
passage is an edge of the mesh, and its length is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.geometry.delaunay import constrained_delaunay

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRID_M = 1e-4  # outlines are noded on this grid; slits narrower than it are closed
ON_LINE_M = 0.01  # a sample this close to an outline belongs to it
OUTSIDE = -1  # neighbour of a triangle over the outline of the ground


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A triangulation with the edges between its triangles.

    Parameters
    ----------
    vertices : (n, 2) array
        Positions [m].
    triangles : (t, 3) array
        Vertex numbers.
    label : (t,) array
        Number of the region a triangle lies in; 0 is the rest of the ground.
    edges : (m, 2) array
        End vertices of each edge, smaller number first.
    left, right : (m,) array
        Triangles to the left and right of the way from the first to the second end;
        `OUTSIDE` beyond the outline of the ground.
    """

    vertices: Floats
    triangles: Ints
    label: Ints
    edges: Ints
    left: Ints
    right: Ints

    @property
    def length_m(self) -> Floats:
        """Length of each edge [m]."""
        one, other = self.edges.T
        x, y = self.vertices.T
        return np.asarray(np.hypot(x[other] - x[one], y[other] - y[one]), dtype=np.float64)

    @property
    def is_outline(self) -> NDArray[np.bool_]:
        """Whether each edge lies on the outline of the ground."""
        return np.asarray((self.left == OUTSIDE) | (self.right == OUTSIDE))


def triangulate(
    ground: Polygon | MultiPolygon,
    regions: Sequence[Polygon | MultiPolygon],
    *,
    alignments: shapely.Geometry | None = None,
    outline_spacing_m: float,
    region_spacing_m: float,
    narrow_m: float,
) -> Mesh:
    """Return the constrained triangulation of `ground`, with the outlines of `regions` as edges.

    Parameters
    ----------
    ground : Polygon or MultiPolygon
        What is meshed; empty ground gives an empty mesh.
    regions : sequence of Polygon or MultiPolygon
        Regions 1, 2, ...; where two overlap the earlier one has the ground.
    alignments : lines or None
        More lines that become edges, where they lie on the ground.
    outline_spacing_m : float
        Longest edge along the outline of the ground.
    region_spacing_m : float
        No piece of a region's outline is cut shorter than this, none stays twice as long.
    narrow_m : float
        Outlines closer to each other than this get the feet of each other's corners.
    """
    ground = shapely.set_precision(ground, GRID_M)
    inner = [_outline(shapely.intersection(r, ground, grid_size=GRID_M)) for r in regions]
    if alignments is not None:
        inner.append(shapely.intersection(alignments, ground, grid_size=GRID_M))
    noded = shapely.union_all([_outline(ground), *inner], grid_size=GRID_M)
    starts, ends = _segments(noded)
    if not len(starts):
        return _assembled(
            np.zeros((0, 2)), np.zeros((0, 3), dtype=np.int64), np.zeros(0, dtype=np.int64)
        )
    outer = _near(0.5 * (starts + ends), _outline(ground), ON_LINE_M)
    counts = _pieces(starts, ends, outer, outline_spacing_m, region_spacing_m)
    starts, ends, outer = _divided(starts, ends, outer, counts)
    starts, ends = _with_feet(starts, ends, outer, narrow_m)
    points, number = _different(np.concatenate([starts, ends]))
    triangles, part = constrained_delaunay(points, number.reshape(2, -1).T)
    inner_points = _points_inside(points, triangles, part)
    shapely.prepare(ground)
    on_ground = shapely.contains(ground, inner_points)[part]
    label = _labels(inner_points, regions)[part]
    return _assembled(points, triangles[on_ground], label[on_ground])


def segments_of(lines: shapely.Geometry) -> NDArray[np.object_]:
    """Return every straight piece of some linework as its own LineString."""
    starts, ends = _segments(lines)
    return np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)), dtype=object)


def _outline(shape: shapely.Geometry) -> shapely.Geometry:
    # An intersection may leave points and lines beside the areas; only areas have an outline.
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.boundary(shapely.MultiPolygon(parts))


def _segments(lines: shapely.Geometry) -> tuple[Floats, Floats]:
    parts = shapely.get_parts(lines)
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
    xy, owner = shapely.get_coordinates(parts, return_index=True)
    same = owner[1:] == owner[:-1]
    return xy[:-1][same], xy[1:][same]


def _near(points: Floats, lines: shapely.Geometry, distance_m: float) -> NDArray[np.bool_]:
    """Say which points lie on the lines; one tree over the pieces, never one huge multiline."""
    found = np.zeros(len(points), dtype=bool)
    pieces = segments_of(lines)
    if len(pieces) and len(points):
        tree = shapely.STRtree(pieces)
        hits = tree.query(shapely.points(points), predicate="dwithin", distance=distance_m)
        found[hits[0]] = True
    return found


def _pieces(
    starts: Floats, ends: Floats, outer: NDArray[np.bool_], outline_m: float, region_m: float
) -> Ints:
    length = np.hypot(*(ends - starts).T)
    along_outline = np.ceil(length / outline_m - 1e-9)
    along_region = np.floor(length / region_m)
    return np.asarray(np.maximum(np.where(outer, along_outline, along_region), 1), dtype=np.int64)


def _divided(
    starts: Floats, ends: Floats, outer: NDArray[np.bool_], counts: Ints
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    owner = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    # The two ends are taken as they are: interpolation must not move a shared corner.
    first, last = step == 0, step == counts[owner] - 1
    way = ends[owner] - starts[owner]
    low = starts[owner] + way * (step / counts[owner])[:, None]
    high = starts[owner] + way * ((step + 1) / counts[owner])[:, None]
    low[first], high[last] = starts[owner][first], ends[owner][last]
    return low, high, outer[owner]


def _with_feet(
    starts: Floats, ends: Floats, outer: NDArray[np.bool_], narrow_m: float
) -> tuple[Floats, Floats]:
    """Split outline pieces at the feet of corners that are closer than `narrow_m`."""
    walls = np.flatnonzero(outer)
    if not len(walls) or narrow_m <= 0:
        return starts, ends
    corners, _ = _different(np.concatenate([starts[walls], ends[walls]]))
    tree = shapely.STRtree(shapely.linestrings(np.stack([starts[walls], ends[walls]], axis=1)))
    corner, wall = tree.query(shapely.points(corners), predicate="dwithin", distance=narrow_m)
    a, b = starts[walls[wall]], ends[walls[wall]]
    way = b - a
    length = np.hypot(*way.T)
    along = ((corners[corner] - a) * way).sum(axis=1) / np.maximum(length, GRID_M)
    foot = a + way * (along / np.maximum(length, GRID_M))[:, None]
    apart = np.hypot(*(corners[corner] - foot).T)
    kept = (along > 0.05) & (along < length - 0.05) & (apart > GRID_M)
    order = np.lexsort((along[kept], wall[kept]))
    wall, along, foot = wall[kept][order], along[kept][order], foot[kept][order]
    # Feet of one wall closer than 5 cm say the same twice and make needle triangles.
    fresh = np.ones(len(wall), dtype=bool)
    last = -1.0
    for k in range(len(wall)):
        if k and wall[k] == wall[k - 1] and along[k] - last < 0.05:
            fresh[k] = False
        else:
            last = along[k]
    return _split(starts, ends, walls[wall[fresh]], foot[fresh])


def _split(starts: Floats, ends: Floats, piece: Ints, points: Floats) -> tuple[Floats, Floats]:
    """Split pieces at points; `piece` ascends with the walls, points ascend along each."""
    order = np.argsort(
        np.concatenate([np.arange(len(starts)), piece]), kind="stable"
    )  # a piece's own start first, then its points in order
    owner = np.concatenate([np.arange(len(starts)), piece])[order]
    low = np.concatenate([starts, points])[order]
    high = np.empty_like(low)
    high[:-1] = low[1:]
    last = np.append(owner[1:] != owner[:-1], True)
    high[last] = ends[owner[last]]
    return low, high


def _different(points: Floats) -> tuple[Floats, Ints]:
    """Return the different points from west to east, and the number of each given one."""
    # Complex numbers sort by their real part first, as rows would, in a tenth of the time.
    found, number = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)
    return np.stack([found.real, found.imag], axis=1), number.astype(np.int64)


def _points_inside(points: Floats, triangles: Ints, part: Ints) -> NDArray[np.object_]:
    """Return a point inside each part: the middle of its largest triangle."""
    a, b, c = np.moveaxis(points[triangles], 1, 0)
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    order = np.lexsort((area, part))
    largest = order[np.append(np.diff(part[order]) > 0, True)] if len(order) else order
    return np.asarray(shapely.points((a + b + c)[largest] / 3), dtype=object)


def _labels(points: NDArray[np.object_], regions: Sequence[Polygon | MultiPolygon]) -> Ints:
    labels = np.zeros(len(points), dtype=np.int64)
    for number in range(len(regions), 0, -1):  # the earlier region overwrites the later one
        region = regions[number - 1]
        shapely.prepare(region)
        labels[shapely.contains(region, points)] = number
    return labels


def _assembled(points: Floats, triangles: Ints, label: Ints) -> Mesh:
    used, number = np.unique(triangles, return_inverse=True)
    vertices, triangles = points[used], number.reshape(-1, 3).astype(np.int64)
    count = len(triangles)
    # Corners run counter-clockwise, so a triangle lies to the left of its own directed sides.
    sides = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    owner = np.repeat(np.arange(count), 3)
    ascending = sides[:, 0] < sides[:, 1]
    size = max(len(vertices), 1)
    both, edge = np.unique(sides.min(axis=1) * size + sides.max(axis=1), return_inverse=True)
    edges = np.stack([both // size, both % size], axis=1)
    left = np.full(len(edges), OUTSIDE, dtype=np.int64)
    right = np.full(len(edges), OUTSIDE, dtype=np.int64)
    left[edge[ascending]] = owner[ascending]
    right[edge[~ascending]] = owner[~ascending]
    return Mesh(vertices, triangles, label, edges, left, right)
