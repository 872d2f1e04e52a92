"""Drawn places for the planner, demands with round figures, and a plain look at what is closed."""

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from shapely import box
from shapely.affinity import affine_transform

from sbd.barriers.demand import Strikes
from sbd.model.surface import DrivableSurface

CRS = pyproj.CRS.from_epsg(32635)


class Everywhere:
    """One truck of 7.2 t that arrives everywhere at one speed, or as a function of the place says.

    `speed_kmh` may be a function of points (n, 2) and normals (n, 2).
    """

    def __init__(self, speed_kmh=50.0, *, mass_kg=7200.0, name="N2A"):
        self.speed_kmh = speed_kmh
        self.names = (name,)
        self.masses_kg = np.array([mass_kg])

    def __call__(self, points_m, normals):
        speed = self.speed_kmh(points_m, normals) if callable(self.speed_kmh) else self.speed_kmh
        speed = np.broadcast_to(np.asarray(speed, dtype=float), (len(points_m),))
        return Strikes(speed[:, None] / 3.6, np.full((len(points_m), 1), 90.0))


def place(study, solids, zone, *, streets=(), entries=None, trees=(), turn=(1, 0, 0, 1, 0, 0)):
    """Return a surface; without `entries` every free piece of the rim is one.

    `turn` moves the whole place: the six figures of an affine map.
    """
    solid = shapely.union_all(list(solids)) if len(solids) else shapely.Polygon()
    ground = study.difference(solid)
    if entries is None:
        rim = shapely.intersection(study.boundary, ground.boundary)
        entries = shapely.get_parts(shapely.line_merge(rim))
    free_zone = zone.intersection(ground).difference(shapely.union_all(list(streets)))
    move = [affine_transform(shape, turn) for shape in (ground, study, free_zone)]
    return DrivableSurface(
        crs=CRS,
        ground=move[0],
        study_area=move[1],
        solids=_layer(solids, turn, solid_id=str, kind=lambda _: "building"),
        zone=move[2],
        entries=_layer(
            entries, turn, entry_id=lambda n: f"E{n}", street=lambda n: f"Street {n}", width_m=float
        ),
        open_streets=_layer(streets, turn, street_id=str, name=lambda n: f"Avenue {n}"),
        unmovable=_layer(trees, turn, furniture_id=str, kind=lambda _: "tree", standing=str),
    )


def _layer(shapes, turn, **columns):
    numbers = range(len(shapes))
    table = {name: [make(n) for n in numbers] for name, make in columns.items()}
    moved = [affine_transform(shape, turn) for shape in shapes]
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(moved, crs=CRS), crs=CRS)


def street_of(width_m, *, length_m=60.0):
    """Return a street that leads east from an entry at x = 0 to a walled zone."""
    half = width_m / 2
    study = box(0, -20, length_m + 20, 20)
    walls = [
        box(0, half, length_m, 20),
        box(0, -20, length_m, -half),
        box(length_m, 15, length_m + 20, 20),
        box(length_m, -20, length_m + 20, -15),
        box(length_m + 18, -15, length_m + 20, 15),
    ]
    return place(study, walls, box(length_m, -15, length_m + 18, 15))


def lets_in(surface, footprints, *, width_m=1.2):
    """Say whether a disc gets from a source to the zone, the free ground shrunk by half of it.

    The disc is a hair wider than said, so a gap of just its width holds it out. Its middle has to
    come into the zone.
    """
    free = surface.ground.difference(shapely.union_all(list(footprints)))
    rooms = shapely.get_parts(free.buffer(-(width_m + 0.0002) / 2, quad_segs=32))
    source = shapely.union_all(
        [
            *(surface.entries.geometry.buffer(width_m)),
            *(surface.open_streets.geometry),
        ]
    )
    hits = shapely.intersects(rooms, source) & shapely.intersects(rooms, surface.zone)
    return bool(hits.any())
