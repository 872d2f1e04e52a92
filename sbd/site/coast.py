"""Coastlines in, the sea out: in OpenStreetMap the water lies on the right of the line."""

import geopandas as gpd
import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from sbd.site.features import is_line, is_one_of, tag
from sbd.site.shapes import GRID_M
from sbd.site.solids import thick_lines

# How far beside the line one looks which face is water.
BESIDE_M = 0.5
EDGE_GAP_M = 15.0


def sea(features: gpd.GeoDataFrame, study: Polygon | MultiPolygon) -> gpd.GeoDataFrame:
    """Return the sea within the study area as solids of kind water.

    Where the coastline does not cut the study area in two (it ends inside), no side can be called
    sea: the line itself stays as a strip 0.1 m wide, and the ground behind it counts as ground.
    """
    coast = features[is_one_of(features, "natural", ("coastline",)) & is_line(features)]
    lines = coast.geometry.to_numpy()
    strips = thick_lines(lines)
    water = _right_hand_faces(lines, study)
    ids = [*coast["osm_id"], *(f"sea/{rank + 1}" for rank in range(len(water)))]
    return gpd.GeoDataFrame(
        {
            "solid_id": np.array(ids, dtype=object),
            "kind": "water",
            "name": [*tag(coast, "name"), *("sea" for _ in water)],
            "tags": [*coast["tags"], *({} for _ in water)],
        },
        geometry=[*strips, *water],
        crs=features.crs,
    )


def _right_hand_faces(
    lines: np.ndarray[tuple[int], np.dtype[np.object_]], study: Polygon | MultiPolygon
) -> list[Polygon]:
    if not len(lines):
        return []
    rim = shapely.boundary(study)
    # The grid makes a link that ends a rounding error short of the rim meet it.
    parts = [*lines, *_links_to_rim(lines, rim), *shapely.get_parts(rim)]
    edges = shapely.union_all(parts, grid_size=GRID_M)
    faces = [
        face
        for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
        if study.covers(face.representative_point())
    ]
    segments = np.concatenate([_segments(line) for line in lines])
    middle = segments.mean(axis=1)
    along = segments[:, 1] - segments[:, 0]
    norm = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    right = np.column_stack([along[:, 1], -along[:, 0]]) / norm[:, None] * BESIDE_M
    wet = shapely.points(middle + right)
    dry = shapely.points(middle - right)
    tree = shapely.STRtree(faces)
    votes = np.zeros(len(faces), dtype=np.int64)
    np.add.at(votes, tree.query(wet, predicate="within")[1], 1)
    np.add.at(votes, tree.query(dry, predicate="within")[1], -1)
    return [face for face, vote in zip(faces, votes, strict=True) if vote > 0]


def _links_to_rim(
    lines: np.ndarray[tuple[int], np.dtype[np.object_]], rim: shapely.Geometry
) -> list[shapely.Geometry]:
    """Return short straight links from loose ends of the coast to the rim.

    Extracts that were cut at a box lost the next corner of each line. What lies between the link
    and the true coast is misjudged, at the edge of the data only.
    """
    coast = shapely.line_merge(shapely.union_all(lines))
    ends = shapely.get_parts(shapely.boundary(coast))
    loose = ends[shapely.distance(ends, rim) <= EDGE_GAP_M]
    return list(shapely.shortest_line(loose, rim))


def _segments(line: shapely.Geometry) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    corners = shapely.get_coordinates(line)
    return np.stack([corners[:-1], corners[1:]], axis=1)
