"""Features in, streets out: lines that vehicles can follow, with a carriageway width."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.site.clearances import RAIL_REACH_M, TRAM_REACH_M
from sbd.site.features import at_ground, is_line, is_one_of, number, tag
from sbd.site.shapes import Shapes, only_lines

LANE_WIDTH_M = 3.25

# Carriageway of a street that states neither width nor lanes: (two-way, one-way) [m]. Assumed, in
# the order of what European street guidelines build: two lanes of 3.25 m and what is usual
# beside them. Errs wide for small ways and low for main roads that were widened; the report asks
# a visit to measure what matters.
CLASS_WIDTH_M: dict[str, tuple[float, float]] = {
    "motorway": (11.0, 11.0),
    "trunk": (10.5, 7.5),
    "primary": (9.5, 7.0),
    "secondary": (7.5, 6.0),
    "tertiary": (6.5, 5.0),
    "busway": (6.5, 3.5),
    "unclassified": (6.0, 4.5),
    "residential": (6.0, 4.5),
    "road": (6.0, 4.5),
    "living_street": (5.0, 4.0),
    "pedestrian": (5.0, 5.0),
    "service": (4.0, 3.5),
    "track": (3.0, 3.0),
    "cycleway": (2.5, 2.0),
    "footway": (2.0, 2.0),
    "path": (2.0, 2.0),
    "steps": (2.0, 2.0),
}
OTHER_WIDTH_M = (3.0, 3.0)

# What a train sweeps (`place_rules` bars units from it) and, as units may stand up to 0.14 m within
# the edge of a carriageway, a little more: lines along rails then find ground to stand on.
RAIL_EDGE_M = 0.15
TRAMS = ("tram", "light_rail")
RAILWAYS = (*TRAMS, "rail", "narrow_gauge")

# Classes that no vehicle follows, or that do not exist (yet, any more).
NO_STREETS = (
    "abandoned",
    "bus_stop",
    "construction",
    "corridor",
    "disused",
    "elevator",
    "emergency_bay",
    "no",
    "platform",
    "proposed",
    "razed",
    "rest_area",
    "services",
    "steps",
    "via_ferrata",
)
MAIN_ROADS = ("motorway", "trunk", "primary", "secondary", "tertiary")
CARRIAGEWAYS = (
    *MAIN_ROADS,
    "unclassified",
    "residential",
    "living_street",
    "road",
    "service",
    "busway",
)

# A bridge that passes over another way by more than this from its own ends is above the site.
OVERPASS_M = 3.0
HIGH_LAYER = 2.0

# Facade to facade is looked for this far to either side, at points this far apart.
FACADE_REACH_M = 15.0
FACADE_STEP_M = 6.0


def way_lines(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return every way at ground level that people or vehicles follow, steps and bridges too.

    Columns: `osm_id`, `tags`, `routes`, `name`, `highway` (class; rails: the kind of railway),
    `width_m`, `width_from` (what the width rests on), `surface` (empty where unknown), `rail`,
    `bridge`, `high` (a bridge on layer 2 and above), `above` (a bridge that passes over other ways,
    so not the ground of the site).
    """
    highway, railway = tag(features, "highway"), tag(features, "railway")
    street = is_line(features) & ~highway.isin({"", *NO_STREETS} - {"steps"}).to_numpy()
    rails = is_line(features) & railway.isin(RAILWAYS).to_numpy() & ~street
    ways = features[(street | rails) & at_ground(features)].copy()
    ways["highway"] = highway[ways.index].where(highway[ways.index] != "", railway[ways.index])
    ways["rail"] = rails[features.index.get_indexer(ways.index)]
    ways["name"] = _names(ways)
    ways["width_m"], ways["width_from"] = _widths(ways)
    ways["surface"] = tag(ways, "surface")
    ways["bridge"] = ~tag(ways, "bridge").isin(["", "no"]).to_numpy()
    ways["high"] = ways["bridge"] & (number(ways, "layer") >= HIGH_LAYER)
    ways["above"] = _passes_over(ways)
    return ways


def class_width_m(highway: pd.Series, *, oneway: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the assumed carriageway width of each street class [m].

    >>> class_width_m(pd.Series(["primary_link", "moon"]), oneway=np.array([True, False])).tolist()
    [7.0, 3.0]
    """
    pairs = [CLASS_WIDTH_M.get(kind.removesuffix("_link"), OTHER_WIDTH_M) for kind in highway]
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return np.where(oneway, table[:, 1], table[:, 0])


def street_table(
    ways: gpd.GeoDataFrame, study: Polygon | MultiPolygon, solids: Shapes
) -> gpd.GeoDataFrame:
    """Return the streets of a study area: `tables.STREETS` without what stays open.

    Steps and bridges that pass over the site are no streets of it. Widths that the facades
    do not leave are cut down to what they leave.
    """
    on_site = ways[(ways["highway"] != "steps").to_numpy() & ~ways["above"].to_numpy()]
    pieces = only_lines(shapely.intersection(on_site.geometry.to_numpy(), study), at_least_m=0.5)
    streets = on_site.set_geometry(gpd.GeoSeries(pieces, index=on_site.index, crs=ways.crs))
    streets = streets[~shapely.is_empty(pieces)].rename(columns={"osm_id": "street_id"})
    capped = _between_facades_m(streets.geometry.to_numpy(), solids)
    narrower = (capped < streets["width_m"].to_numpy()) & ~streets["rail"].to_numpy()
    return streets.assign(
        width_m=np.where(narrower, capped, streets["width_m"]),
        width_from=np.where(narrower, "between facades", streets["width_from"]),
    ).reset_index(drop=True)


def _names(ways: gpd.GeoDataFrame) -> pd.Series:
    name, ref = tag(ways, "name"), tag(ways, "ref")
    return name.where((name != "") | ways["rail"].to_numpy(), ref)


def _widths(ways: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    oneway = is_one_of(ways, "oneway", ("yes", "1", "true", "-1")) | is_one_of(
        ways, "junction", ("roundabout", "circular")
    )
    width = class_width_m(ways["highway"], oneway=oneway)
    tram = ways["highway"].isin(TRAMS).to_numpy()
    swept = np.where(tram, 2 * TRAM_REACH_M, 2 * RAIL_REACH_M)
    width = np.where(ways["rail"].to_numpy(), swept + 2 * RAIL_EDGE_M, width)
    known_from = np.full(len(ways), "assumed for its class", dtype=object)
    lanes, tagged = number(ways, "lanes"), number(ways, "width")
    carriageway = ways["highway"].str.removesuffix("_link").isin(CARRIAGEWAYS).to_numpy()
    by_lanes = carriageway & (lanes >= 1.0) & (lanes <= 12.0)
    width[by_lanes] = lanes[by_lanes] * LANE_WIDTH_M
    known_from[by_lanes] = f"lanes of {LANE_WIDTH_M:g} m"
    by_tag = (tagged >= 0.5) & (tagged <= 60.0) & ~ways["rail"].to_numpy()
    width[by_tag] = tagged[by_tag]
    known_from[by_tag] = "width in the data"
    return width, known_from


def _passes_over(ways: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which bridges cross another way at ground level, or are on layer 2 and above.

    A bridge over nothing but water or a drop goes on as the ground of its two ends.
    """
    lines = ways.geometry.to_numpy()
    bridge = ways["bridge"].to_numpy()
    over: NDArray[np.bool_] = ways["high"].to_numpy(dtype=bool).copy()
    if not bridge.any():
        return over
    rows = np.flatnonzero(bridge)
    ground = np.flatnonzero(~bridge)
    pair_bridge, pair_ground = shapely.STRtree(lines[ground]).query(lines[rows], "intersects")
    crossing = shapely.intersection(lines[rows[pair_bridge]], lines[ground[pair_ground]])
    ends = shapely.boundary(lines[rows[pair_bridge]])
    inside = shapely.distance(crossing, ends) > OVERPASS_M
    over[rows[np.unique(pair_bridge[inside])]] = True
    return over


def _between_facades_m(lines: Shapes, solids: Shapes) -> NDArray[np.float64]:
    """Return the usual (median) clear width across each line [m]; inf where nothing stands near.

    Both sides are measured square to the line, each at most 15 m far.
    """
    owner, points, across = _cross_sections(lines)
    if not len(points) or not len(solids):
        return np.full(len(lines), np.inf)
    clear = np.zeros(len(points))
    for side in (-1.0, 1.0):
        rays = shapely.linestrings(np.stack([points, points + side * FACADE_REACH_M * across], 1))
        ray, solid = shapely.STRtree(solids).query(rays, predicate="intersects")
        hit = shapely.distance(
            shapely.points(points[ray]), shapely.intersection(rays[ray], solids[solid])
        )
        reach = np.full(len(points), np.inf)
        np.minimum.at(reach, ray, hit)
        clear += reach
    median = pd.Series(clear).groupby(owner).median()
    # Points inside a solid (an archway, a roof) say nothing of the street.
    widths = np.full(len(lines), np.inf)
    widths[median.index.to_numpy()] = np.where(median.to_numpy() > 0.5, median.to_numpy(), np.inf)
    return widths


def _cross_sections(
    lines: Shapes,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return sample points along lines: line number, position, unit vector square to the line."""
    parts, part_of = shapely.get_parts(lines, return_index=True)
    length = shapely.length(parts)
    count = np.maximum(1, (length / FACADE_STEP_M).astype(int))
    row = np.repeat(np.arange(len(parts)), count)
    rank = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    at = (rank + 0.5) / count[row] * length[row]
    step = np.minimum(0.25, length[row] / 4)
    here = shapely.get_coordinates(shapely.line_interpolate_point(parts[row], at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(parts[row], at + step))
    along = ahead - here
    norm = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    across = np.column_stack([-along[:, 1], along[:, 0]]) / norm[:, None]
    return part_of[row], here, across
