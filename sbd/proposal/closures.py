"""Site + layout -> the streets that vehicles no longer reach, and what becomes of each."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sbd.model import tables
from sbd.model.site import Site

Shapes = NDArray[np.object_]

# Ways that are no streets: nobody drives there by right, so nothing is taken from drivers.
NO_STREETS = ("footway", "path", "steps", "cycleway", "bridleway", "corridor", "platform")
RAILS = ("rail", "tram", "light_rail", "narrow_gauge", "subway")

# Lines are cut into the ground this wide: they meet walls drawn a millimetre off [m].
CUT_M = 0.1
# Parts of streets shorter than this are where a line stands, not a street that is closed [m].
SHORTEST_M = 1.0
# A lane serves a street whose carriageway comes this close to it [m].
LANE_REACH_M = 1.0
# Entries drawn by hand miss the ground by a little [m].
SOURCE_REACH_M = 0.5

OPENABLE = "openable lane"
CLOSED = "closed"


def closed_streets(
    site: Site, barriers: gpd.GeoDataFrame, footprints: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the parts of streets that the lines cut off from every source (`tables.CLOSURES`).

    Sources are the entries on the rim and the streets that stay open. Parts that solids cut off
    already are not counted, nor are footways and rails. A street across which an openable lane
    stands has the treatment "openable lane"; what lies behind it is reached through that lane.
    """
    inside = _cut_off(site, barriers)
    streets = site.streets[
        ~site.streets["stays_open"] & ~site.streets["highway"].isin(NO_STREETS + RAILS)
    ]
    parts = shapely.intersection(streets.geometry.to_numpy(), inside)
    length_m = shapely.length(parts)
    lanes = _lanes(footprints)
    reach_m = streets["width_m"].to_numpy(dtype=float) / 2 + LANE_REACH_M
    served = (
        shapely.dwithin(parts[:, None], lanes[None, :], reach_m[:, None]).any(axis=1)
        if len(lanes)
        else np.zeros(len(parts), dtype=bool)
    )
    table = gpd.GeoDataFrame(
        {
            "street_id": streets["street_id"].to_numpy(),
            "name": streets["name"].to_numpy(),
            "highway": streets["highway"].to_numpy(),
            "length_m": np.round(length_m, 1),
            "treatment": np.where(served, OPENABLE, CLOSED),
        },
        geometry=gpd.GeoSeries([_lines_of(part) for part in parts], crs=site.crs),
        crs=site.crs,
    )
    found = table[length_m >= SHORTEST_M]
    if found.empty:
        return tables.empty_layer(tables.CLOSURES, site.crs)
    return found.sort_values("street_id", ignore_index=True)


def _cut_off(site: Site, barriers: gpd.GeoDataFrame) -> BaseGeometry:
    """Return the ground that sources reach without the lines and not with them."""
    ground = site.study_shape.difference(shapely.union_all(site.solids.geometry.to_numpy()))
    cuts = shapely.buffer(barriers.geometry.to_numpy(), CUT_M / 2, cap_style="square")
    # The middle of an open street, not its carriageway: a line may stand right along the kerb.
    middles = site.streets.geometry[site.streets["stays_open"]].to_numpy()
    entries = shapely.buffer(site.entries.geometry.to_numpy(), SOURCE_REACH_M, cap_style="flat")
    sources = np.concatenate([entries, middles])
    before = _reached(ground, sources)
    return before.difference(_reached(ground.difference(shapely.union_all(cuts)), sources))


def _reached(ground: BaseGeometry, sources: Shapes) -> BaseGeometry:
    pieces = shapely.get_parts(ground)
    if not len(pieces) or not len(sources):
        return shapely.MultiPolygon()
    _, piece = shapely.STRtree(pieces).query(sources, predicate="intersects")
    return shapely.union_all(pieces[np.unique(piece)])


def _lanes(footprints: gpd.GeoDataFrame) -> Shapes:
    """Return the openable units of each line, as one shape a line."""
    openable = footprints[footprints["openable"].astype(bool)]
    shapes = openable.geometry.groupby(openable["line_id"].to_numpy())
    return np.array([shapely.union_all(rows.to_numpy()) for _, rows in shapes], dtype=object)


def _lines_of(shape: BaseGeometry) -> BaseGeometry:
    """Return the lines among what an overlay left; a point where a street only touches is none."""
    if shape.geom_type in tables.LINES:
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "LineString"]
    return shapely.MultiLineString(parts)
