"""Solids and ways in, solids with their holes out: archways, gates, bridges, crossings."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sbd.site.features import is_area, is_one_of, is_point, number
from sbd.site.shapes import Shapes, only_polygons
from sbd.site.streets import CARRIAGEWAYS

# An archway whose width nobody wrote down. Wider than most: errs to more room for a vehicle.
ARCHWAY_WIDTH_M = 4.0
GATE_WIDTH_M = 4.0
# The narrowest hole that a way makes in a wall or over water.
CROSSING_WIDTH_M = 2.0

# A gate belongs to a wall that passes within this distance of it.
GATE_REACH_M = 0.5
# A line that only grazes a building makes no archway.
GRAZE_M = 0.5
# What is left of a building between two archways and smaller than this is a pillar.
PILLAR_M2 = 1.0

ARCADES = ("arcade", "colonnade", "yes")
GATES = (
    "border_control",
    "bollard",
    "cycle_barrier",
    "entrance",
    "full-height_turnstile",
    "gate",
    "hampshire_gate",
    "kissing_gate",
    "lift_gate",
    "sally_port",
    "sliding_gate",
    "stile",
    "swing_gate",
    "toll_booth",
    "turnstile",
    "wicket_gate",
)


def cut_openings(
    solids: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, features: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the solids with their holes, and the list of holes.

    - Archways: a way with `tunnel=building_passage` or `covered` through a building, 4 m wide
      unless stated (a street: as wide as the street). A road that is drawn through a building
      without either tag counts as an archway too.
    - Bridges, piers and every way that crosses water, a drop or a wall: as wide as the way.
    - Gates on a wall: 4 m unless stated.

    The list has columns `osm_id`, `kind` (archway, untagged archway, wall crossing, gate),
    `width_m`, `solid_id`, `geometry`. All widths that are not in the data err wide.
    """
    building = (solids["kind"] == "building").to_numpy()
    wall = solids["kind"].isin(["wall", "retaining_wall"]).to_numpy()
    holes = pd.concat(
        [
            _archways(solids[building], ways[~ways["rail"].to_numpy()]),
            _crossings(solids[wall], ways[~ways["bridge"].to_numpy()], "wall crossing"),
            _crossings(solids[~building & ~wall], ways, "bridge"),
            _decks(solids[~building & ~wall], features),
            _gates(solids[wall], features),
        ],
        ignore_index=True,
    )
    return _cut(solids, holes), holes


def _archways(buildings: gpd.GeoDataFrame, ways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    said = is_one_of(ways, "tunnel", ("building_passage",)) | is_one_of(ways, "covered", ARCADES)
    road = ways["highway"].str.removesuffix("_link").isin(CARRIAGEWAYS).to_numpy()
    pairs = _pairs(buildings, ways[(said | road) & ~ways["bridge"].to_numpy()])
    inside = shapely.intersection(pairs["line"].to_numpy(), pairs["solid"].to_numpy())
    outline = shapely.boundary(pairs["solid"].to_numpy())
    pairs = pairs.assign(said=pd.Series(said, index=ways.index)[pairs["way"]].to_numpy())
    through = _runs_through(inside, outline)
    keep = (shapely.length(inside) > GRAZE_M) & (pairs["said"].to_numpy() | through)
    pairs = pairs[keep]
    rows = ways.loc[pairs["way"]]
    stated = _stated_width_m(rows)
    usual = np.where(
        rows["highway"].str.removesuffix("_link").isin(CARRIAGEWAYS),
        np.maximum(rows["width_m"], ARCHWAY_WIDTH_M),
        ARCHWAY_WIDTH_M,
    )
    width = np.where(np.isnan(stated), usual, stated)
    kind = np.where(pairs["said"], "archway", "untagged archway")
    return _holes(pairs, rows["osm_id"], kind, width, crs=buildings.crs)


def _crossings(solids: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    pairs = _pairs(solids, ways)
    rows = ways.loc[pairs["way"]]
    width = np.maximum(rows["width_m"].to_numpy(dtype=float), CROSSING_WIDTH_M)
    kinds = np.full(len(pairs), kind, dtype=object)
    return _holes(pairs, rows["osm_id"], kinds, width, crs=solids.crs)


def _decks(solids: gpd.GeoDataFrame, features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return mapped bridge decks and piers over water and drops."""
    deck = is_one_of(features, "man_made", ("bridge", "pier", "quay")) & is_area(features)
    found = features[deck]
    solid, row = shapely.STRtree(found.geometry.to_numpy()).query(
        solids.geometry.to_numpy(), predicate="intersects"
    )
    return gpd.GeoDataFrame(
        {
            "osm_id": found["osm_id"].to_numpy()[row],
            "kind": "bridge",
            "width_m": np.nan,
            "solid_id": solids["solid_id"].to_numpy()[solid],
        },
        geometry=found.geometry.to_numpy()[row],
        crs=solids.crs,
    )


def _gates(walls: gpd.GeoDataFrame, features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    gates = features[is_one_of(features, "barrier", GATES) & is_point(features)]
    gate, wall = shapely.STRtree(walls.geometry.to_numpy()).query(
        gates.geometry.to_numpy(), predicate="dwithin", distance=GATE_REACH_M
    )
    found = gates.iloc[gate]
    stated = _stated_width_m(found)
    width = np.where(np.isnan(stated), GATE_WIDTH_M, stated)
    return gpd.GeoDataFrame(
        {
            "osm_id": found["osm_id"].to_numpy(),
            "kind": "gate",
            "width_m": width,
            "solid_id": walls["solid_id"].to_numpy()[wall],
        },
        geometry=shapely.buffer(found.geometry.to_numpy(), width / 2),
        crs=walls.crs,
    )


def _pairs(solids: gpd.GeoDataFrame, ways: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return every way that runs into a solid, with both shapes."""
    way, solid = shapely.STRtree(solids.geometry.to_numpy()).query(
        ways.geometry.to_numpy(), predicate="intersects"
    )
    return pd.DataFrame(
        {
            "way": ways.index.to_numpy()[way],
            "solid_id": solids["solid_id"].to_numpy()[solid],
            "line": ways.geometry.to_numpy()[way],
            "solid": solids.geometry.to_numpy()[solid],
        }
    )


def _holes(
    pairs: pd.DataFrame,
    osm_id: pd.Series,
    kind: NDArray[np.object_],
    width_m: NDArray[np.float64],
    *,
    crs: object,
) -> gpd.GeoDataFrame:
    # Square ends reach past the facade: the last millimetre of a passage is never left standing.
    shapes = shapely.buffer(pairs["line"].to_numpy(), width_m / 2, cap_style="square")
    return gpd.GeoDataFrame(
        {
            "osm_id": osm_id.to_numpy(),
            "kind": kind,
            "width_m": width_m,
            "solid_id": pairs["solid_id"].to_numpy(),
        },
        geometry=shapes,
        crs=crs,
    )


def _runs_through(inside: Shapes, outline: Shapes) -> NDArray[np.bool_]:
    """Return which lines come in over the outline and leave over it again."""
    ends = shapely.boundary(inside)
    parts, owner = shapely.get_parts(ends, return_index=True)
    at_edge = shapely.distance(parts, outline[owner]) < 0.1
    reaching = np.zeros(len(inside), dtype=np.int64)
    np.add.at(reaching, owner, at_edge.astype(np.int64))
    return reaching >= 2


def _stated_width_m(rows: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return the greatest width that the data states for a hole [m]; NaN where it states none."""
    known = [number(rows, key) for key in ("width", "maxwidth:physical", "maxwidth", "est_width")]
    stacked = np.vstack(known)
    stacked[~((stacked >= 0.5) & (stacked <= 60.0))] = -np.inf
    greatest = stacked.max(axis=0, initial=-np.inf)
    return np.where(np.isfinite(greatest), greatest, np.nan)


def _cut(solids: gpd.GeoDataFrame, holes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the solids less their holes; what is left of them as crumbs goes too."""
    shapes = solids.geometry.to_numpy().copy()
    row_of = pd.Series(np.arange(len(solids)), index=solids["solid_id"].to_numpy())
    rows = row_of[holes["solid_id"]].to_numpy()
    taken = (
        pd.Series(holes.geometry.to_numpy())
        .groupby(rows)
        .agg(lambda group: shapely.union_all(group.to_numpy()))
    )
    cut = taken.index.to_numpy(dtype=np.int64)
    shapes[cut] = shapely.difference(shapes[cut], np.array(taken.tolist(), dtype=object))
    building = (solids["kind"] == "building").to_numpy()[cut]
    shapes[cut] = np.where(
        building,
        only_polygons(shapes[cut], at_least_m2=PILLAR_M2),
        only_polygons(shapes[cut], at_least_m2=0.01),
    )
    left = ~shapely.is_empty(shapes)
    return solids.set_geometry(gpd.GeoSeries(shapes, solids.index, crs=solids.crs))[left]
