"""Site -> Arena: the ground a disc may roll on, where it comes from, what it must not reach.

Derived here from the site's layers alone; the planner's surface is never looked at. Rules:

- Free ground is the study area less everything solid. Furniture stops nothing.
- Beyond the rim nothing is known, so everything is free there: an apron runs around the study area,
  vehicles start on it and come in through the entries. The rest of the rim is shut, as the layer
  `entries` says. So a line of units that ends at the rim is driven around.
- A street that stays open is a source along its carriageway, cut to the free ground; the part of
  a carriageway that lies behind a wall is none.
- The zone is the zone of the site less solids and less those carriageways; what then holds no
  disc of 4 m, or is smaller than 50 m², is a traffic island or a verge and left out, unless the
  whole zone is like that.
- Sources and zone are shrunk by half a unit, or slivers of their outlines beside a barrier
  would count as breaches.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sbd.errors import ZoneError
from sbd.model.site import Site

Shapes = NDArray[np.object_]

# Touching walls and butted units are one obstacle: every obstacle grows by this [m].
SKIN_M = 1e-4
# Half a unit: terminals are shrunk by it [m].
HALF_UNIT_M = 0.15
# A piece of rim this close to an entry is part of it: hand-drawn entries miss the rim a little [m].
ENTRY_REACH_M = 0.5
# How far an entry counts as source on the inner side of the rim [m].
ENTRY_DEPTH_M = 0.3
# Thickness of the shut part of the rim [m].
RIM_WALL_M = 0.02
# A piece of the zone that holds no disc of this diameter, or is smaller, is a traffic island.
ISLAND_WIDTH_M = 4.0
ISLAND_M2 = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Arena:
    """What the judge looks at.

    Parameters
    ----------
    ground : Polygon or MultiPolygon
        Free ground with the apron; every obstacle grown by `SKIN_M`; only the parts that hold a
        piece of the zone, as no other part can matter.
    sources : (s,) array of geometries
        Where a disc may start, shrunk: the middle of the apron, strips along the entries, the
        carriageways that stay open.
    zone : (z,) array of Polygon
        The pieces of the zone, shrunk.
    study : Polygon or MultiPolygon
        The study area.
    solids, solid_ids : (n,) arrays
        Obstacles cut to the study area, for naming them.
    rim : Polygon or MultiPolygon
        The shut part of the rim; empty where vehicles come in all around.
    carriageways, carriageway_names : (c,) arrays
        The pieces of carriageway among the sources, and the names of their streets.
    """

    ground: BaseGeometry
    sources: Shapes
    zone: Shapes
    study: BaseGeometry
    solids: Shapes
    solid_ids: NDArray[np.object_]
    rim: BaseGeometry
    carriageways: Shapes
    carriageway_names: NDArray[np.object_]

    def with_units(self, footprints: Shapes) -> BaseGeometry:
        """Return the free ground around units.

        Parts of units outside the study area are left out: they can't narrow the unknown.
        """
        if not len(footprints):
            return self.ground
        return self.ground.difference(self.obstacle_of(footprints))

    def obstacle_of(self, footprints: Shapes) -> BaseGeometry:
        """Return what units take from the ground, all of them together."""
        return shapely.union_all(grown(shapely.intersection(footprints, self.study)))


def build_arena(site: Site, *, widest_m: float) -> Arena:
    """Return the arena of a site for discs up to `widest_m` across.

    Raises ZoneError where no part of the zone is free ground.
    """
    study = site.study_shape
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in _parts(study)])
    apron_m = widest_m + 1.0
    solids = shapely.intersection(site.solids.geometry.to_numpy(), study)
    rim = _shut_rim(site, study)
    obstacles = shapely.union_all([*grown(solids), rim])
    ground = filled.buffer(apron_m).difference(obstacles)
    open_streets = site.streets[site.streets["stays_open"]]
    zone = _zone_pieces(site, ground, open_streets)
    holds_zone = [part for part in _parts(ground) if shapely.intersects(part, zone).any()]
    carriageways, names = _carriageways(open_streets, ground)
    entries = site.entries.geometry.to_numpy()
    sources = [*carriageways]
    for strip in shapely.buffer(entries, ENTRY_DEPTH_M, cap_style="flat"):
        sources += _parts(strip.intersection(ground))
    if len(entries):
        sources += _parts(filled.buffer(apron_m / 2).boundary.intersection(ground))
    return Arena(
        ground=shapely.union_all(holds_zone),
        sources=np.array(sources, dtype=object),
        zone=zone,
        study=study,
        solids=solids,
        solid_ids=site.solids["solid_id"].to_numpy(dtype=object),
        rim=rim,
        carriageways=carriageways,
        carriageway_names=names,
    )


def grown(obstacles: Shapes) -> Shapes:
    """Return obstacles grown by the skin."""
    # Mitred, so that the number of corners stays; a sharp corner grows by up to twice the skin.
    return np.asarray(shapely.buffer(obstacles, SKIN_M, join_style="mitre", mitre_limit=2.0))


def _shut_rim(site: Site, study: BaseGeometry) -> BaseGeometry:
    entries = shapely.buffer(site.entries.geometry.to_numpy(), ENTRY_REACH_M, cap_style="flat")
    shut = study.boundary.difference(shapely.union_all(entries))
    return shapely.buffer(shut, RIM_WALL_M, cap_style="flat")


def _zone_pieces(site: Site, ground: BaseGeometry, open_streets: gpd.GeoDataFrame) -> Shapes:
    inside = site.zone_shape.intersection(site.study_shape).intersection(ground)
    taken = shapely.buffer(
        open_streets.geometry.to_numpy(), open_streets["width_m"].to_numpy(dtype=float) / 2
    )
    left = np.array(_parts(inside.difference(shapely.union_all(taken))), dtype=object)
    pieces = _without_islands(left) if len(left) else left
    shrunk = [part for piece in pieces for part in _parts(piece.buffer(-HALF_UNIT_M))]
    if not shrunk:
        raise ZoneError(
            "zone: no part of it is free ground beside the streets that stay open "
            f"({inside.area:.0f} m² are free ground); draw a larger zone or close a street"
        )
    return np.array(shrunk, dtype=object)


def _without_islands(pieces: Shapes) -> Shapes:
    wide = ~shapely.is_empty(shapely.buffer(pieces, -ISLAND_WIDTH_M / 2))
    large = wide & (shapely.area(pieces) >= ISLAND_M2)
    return np.asarray(pieces[large] if large.any() else pieces)


def _carriageways(
    open_streets: gpd.GeoDataFrame, ground: BaseGeometry
) -> tuple[Shapes, NDArray[np.object_]]:
    """Return the shrunk carriageways on the ground; a street of no width still is a source."""
    shapes, names = [], []
    columns = (open_streets.geometry, open_streets["width_m"], open_streets["name"])
    for line, width_m, name, street_id in zip(*columns, open_streets["street_id"], strict=True):
        # Flat ends: a street that ends inside the site reaches no further than its line.
        strip = line.buffer(max(width_m / 2 - HALF_UNIT_M, 0.1), cap_style="flat")
        pieces = [part for part in _parts(strip.intersection(ground)) if part.intersects(line)]
        shapes += pieces
        names += [name or street_id] * len(pieces)
    return np.array(shapes, dtype=object), np.array(names, dtype=object)


def _parts(shape: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(shape) if not part.is_empty]
