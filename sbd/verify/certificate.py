"""Rooms + footprints -> the list of gaps: every clear width that keeps the disc out."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sbd.model import tables
from sbd.units import MILLIMETRE_PER_METRE
from sbd.verify.arena import Arena
from sbd.verify.breach import Finding, at
from sbd.verify.narrows import Floats, Shapes, rooms_with, sides

# Feet of a narrow place lie within the skin of what they belong to [m].
FOOT_M = 1e-3
RIM = "rim"


@dataclass(frozen=True, slots=True, eq=False)
class Owners:
    """Whose outline a foot of a narrow place is on: a unit, a solid, or the rim.

    Parameters
    ----------
    shapes : (n,) array of Polygon
        Units first, then solids.
    names : (n,) array of str
        Unit ids; "solid" for every solid.
    labels : (n,) array of str
        The same with the ids of solids, for notes.
    units : int
        How many of them are units.
    """

    shapes: Shapes
    names: NDArray[np.object_]
    labels: NDArray[np.object_]
    units: int
    tree: shapely.STRtree

    @classmethod
    def of(cls, arena: Arena, footprints: gpd.GeoDataFrame) -> "Owners":
        """Return the owners of an arena with units."""
        ids = footprints["unit_id"].to_numpy(dtype=object)
        solids = np.array([f"solid {name}" for name in arena.solid_ids], dtype=object)
        shapes = np.concatenate([footprints.geometry.to_numpy(), arena.solids])
        return cls(
            shapes=shapes,
            names=np.concatenate([ids, np.full(len(solids), "solid", dtype=object)]),
            labels=np.concatenate([ids, solids]),
            units=len(ids),
            tree=shapely.STRtree(shapes),
        )

    def of_points(self, points: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Return the owner of each point (-1: the rim) and where its outline was drawn."""
        owner = np.full(len(points), -1, dtype=np.intp)
        drawn = points.copy()
        spots = shapely.points(points)
        spot, shape = self.tree.query(spots, predicate="dwithin", distance=FOOT_M)
        ways = shapely.shortest_line(spots[spot], self.shapes[shape])
        # The nearest wins; a unit that touches a solid comes before it.
        for row in np.lexsort((-shape, -shapely.length(ways))):
            owner[spot[row]] = shape[row]
            drawn[spot[row]] = shapely.get_coordinates(ways[row])[-1]
        return owner, drawn

    def name_of(self, segment: Floats) -> str:
        """Return a narrow place in words."""
        owner, _ = self.of_points(segment)
        one, other = sorted(RIM if who < 0 else str(self.labels[who]) for who in owner)
        return f"between {one} and {other} {at(segment.mean(axis=0))}"


def gap_table(
    arena: Arena, finding: Finding, owners: Owners, *, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Return the gaps of a layout (`tables.GAPS`), each once, narrow enough to keep the disc out.

    Every gap beside a unit is listed, and of the narrow places between solids those that lie
    between where vehicles come from and the zone. Widths are between the outlines as drawn.
    """
    segments = finding.rooms.segments
    if not len(segments):
        return tables.empty_layer(tables.GAPS, crs)
    feet, drawn = owners.of_points(segments.reshape(-1, 2))
    owner, segments = feet.reshape(-1, 2), drawn.reshape(-1, 2, 2)
    width_m = np.hypot(*(segments[:, 1] - segments[:, 0]).T)
    beside_unit = np.any((owner >= 0) & (owner < owners.units), axis=1)
    rows = _beside_units(np.flatnonzero(beside_unit), segments, width_m, owner, owners.units)
    rows += _natural(arena, finding, ~beside_unit, width_m)
    table = gpd.GeoDataFrame(
        {
            "width_mm": np.round(width_m[rows] * MILLIMETRE_PER_METRE, 1),
            "between": [_between(owner[row], owners) for row in rows],
        },
        geometry=shapely.linestrings(segments[rows]) if rows else [],
        crs=crs,
    )
    # By name, then by place: the same layout gives the same list.
    south, west = table.bounds["miny"], table.bounds["minx"]
    table = table.iloc[np.lexsort((west, south, table["between"]))].reset_index(drop=True)
    return table.assign(gap_id=[f"G{number}" for number in range(1, len(table) + 1)])


def _between(owner: NDArray[np.intp], owners: Owners) -> str:
    # Units have the lower numbers, the rim has -1 and comes last.
    ordered = sorted(owner.tolist(), key=lambda who: who if who >= 0 else len(owners.names))
    return " | ".join(RIM if who < 0 else str(owners.names[who]) for who in ordered)


def _beside_units(
    candidates: NDArray[np.intp],
    segments: Floats,
    width_m: Floats,
    owner: NDArray[np.intp],
    units: int,
) -> list[int]:
    """Return the narrowest place of each gap.

    Between two units there is one gap; between a unit and a solid there is one on either side.
    """
    kept: list[int] = []
    seen: dict[tuple[int, int], list[Floats]] = {}
    for row in candidates[np.argsort(width_m[candidates], kind="stable")].tolist():
        pair = (int(owner[row].min()), int(owner[row].max()))
        both_units = pair[0] >= 0 and pair[1] < units
        first = owner[row, 0] if 0 <= owner[row, 0] < units else owner[row, 1]
        way = segments[row, 1] - segments[row, 0]
        way = (way if first == owner[row, 0] else -way) / np.hypot(*way)
        ways = seen.setdefault(pair, [])
        if ways and (both_units or any(float(way @ other) > 0.5 for other in ways)):
            continue
        ways.append(way)
        kept.append(row)
    return kept


def _natural(
    arena: Arena, finding: Finding, natural: NDArray[np.bool_], width_m: Floats
) -> list[int]:
    """Return the narrowest place of every way between sources and zone that solids alone close."""
    outside = rooms_with(finding.rooms, arena.sources, finding.width_m)
    inside = rooms_with(finding.rooms, finding.zone, finding.width_m)
    inside = np.setdiff1d(inside, outside)
    pairs = sides(finding.rooms)
    pairs = pairs[natural[pairs[:, 0]]]
    side = np.zeros(len(finding.rooms.faces), dtype=np.intp)
    side[outside], side[inside] = 1, 2
    one, other = side[pairs[:, 1]], side[pairs[:, 2]]
    direct = pairs[(one > 0) & (other > 0) & (one != other), 0]

    # What is neither outside nor zone is a pocket; a chain of pockets may lead from one to other.
    inner = pairs[(one == 0) & (other == 0)]
    faces = len(side)
    links = coo_matrix((np.ones(len(inner)), (inner[:, 1], inner[:, 2])), shape=(faces, faces))
    _, pocket = connected_components(links, directed=False)
    through = []
    for number in np.unique(pocket[side == 0]):
        touches = ((pocket[pairs[:, 1:]] == number) & (side[pairs[:, 1:]] == 0)).any(axis=1)
        if {1, 2} <= set(side[pairs[touches, 1:]].ravel().tolist()):
            rows = pairs[touches, 0]
            through.append(int(rows[np.argmin(width_m[rows])]))
    return sorted({*direct.tolist(), *through})
