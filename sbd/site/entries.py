"""Rim, solids and streets in, entries out: where vehicles can come in over the rim."""

from itertools import pairwise
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.ops import substring

from sbd.site.ground import component_of
from sbd.site.shapes import Shapes, merged, only_lines
from sbd.site.streets import CARRIAGEWAYS
from sbd.site.unknowns import EDGE_SHARE

# The threat is at least this wide; a narrower gap on the rim lets no vehicle in.
NARROWEST_M = 1.2
OPEN_GROUND = "open ground"

# A street takes its carriageway and this much beside it; the rest of a wide gap is open ground.
VERGE_M = 6.0
# A remnant of open ground shorter than this goes to the street beside it.
REMNANT_M = 10.0
RIM_TOUCH_M = 0.5
EDGE_GAP_M = 15.0


class Span(NamedTuple):
    """A stretch of one piece of the rim, in metres along it."""

    start_m: float
    stop_m: float
    street: str


def entry_table(
    study: Polygon | MultiPolygon,
    zone: Polygon | MultiPolygon,
    ground: MultiPolygon,
    solids: Shapes,
    ways: gpd.GeoDataFrame,
    *,
    margin_m: float,
) -> gpd.GeoDataFrame:
    """Return the pieces of the rim where a vehicle can come in: `tables.ENTRIES`.

    Only pieces from which ground leads to the zone, 1.2 m and wider. Each is named by the street
    that crosses there. Further columns: `distance_m` (shortest way to the zone as the crow flies)
    and `unknown_run_up_m` (how much of the asked margin lies beyond the edge of the data there).
    """
    pieces = _free_rim(study, ground, zone, solids)
    ways = ways[~shapely.is_empty(ways.geometry.to_numpy())]
    crossings = pd.concat(
        [_crossings(pieces, ways), _ends_at_data_edge(pieces, ways, zone, margin_m=margin_m)],
        ignore_index=True,
    )
    spans = _named_spans(pieces, crossings)
    lines = [substring(pieces[row], span.start_m, span.stop_m) for row, span in spans]
    length = shapely.length(np.array(lines, dtype=object))
    keep = np.flatnonzero(length >= NARROWEST_M)
    shapes = np.array(lines, dtype=object)[keep]
    distance = shapely.distance(shapes, zone)
    return gpd.GeoDataFrame(
        {
            "entry_id": [f"entry-{rank + 1}" for rank in range(len(keep))],
            "street": [spans[row][1].street for row in keep],
            "width_m": length[keep],
            "distance_m": distance,
            "unknown_run_up_m": np.where(
                distance < EDGE_SHARE * margin_m, np.round(margin_m - distance, 1), 0.0
            ),
        },
        geometry=shapes,
        crs=ways.crs,
    )


def _free_rim(
    study: Polygon | MultiPolygon,
    ground: MultiPolygon,
    zone: Polygon | MultiPolygon,
    solids: Shapes,
) -> Shapes:
    """Return the free pieces of the rim from which the zone can be reached, anticlockwise."""
    rim = shapely.boundary(shapely.normalize(study))
    near = solids[shapely.STRtree(solids).query(rim, predicate="intersects")]
    free = shapely.difference(rim, merged(near)) if len(near) else rim
    joined = shapely.line_merge(free) if free.geom_type == "MultiLineString" else free
    pieces = shapely.get_parts(only_lines(np.array([joined], dtype=object)))
    pieces = pieces[shapely.length(pieces) >= NARROWEST_M]
    reached = component_of(ground, np.array([zone], dtype=object))
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    rows, _ = shapely.STRtree(reached).query(middle, predicate="dwithin", distance=RIM_TOUCH_M)
    found: Shapes = pieces[np.unique(rows)]
    return found


def _crossings(pieces: Shapes, ways: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return where ways cross the pieces: piece, metres along it, street, how far it reaches."""
    parts, owner = shapely.get_parts(ways.geometry.to_numpy(), return_index=True)
    row, hit = shapely.STRtree(parts).query(pieces, predicate="dwithin", distance=RIM_TOUCH_M)
    return _rows(pieces, row, parts[hit], ways.iloc[owner[hit]])


def _ends_at_data_edge(
    pieces: Shapes, ways: gpd.GeoDataFrame, zone: Polygon | MultiPolygon, *, margin_m: float
) -> pd.DataFrame:
    """Return the same for ways that end a little short of the rim where the data ends.

    An extract that was cut at a box lost the next corner of each way.
    """
    ends, owner = shapely.get_parts(shapely.boundary(ways.geometry.to_numpy()), return_index=True)
    row, hit = shapely.STRtree(ends).query(pieces, predicate="dwithin", distance=EDGE_GAP_M)
    nearest = shapely.get_point(shapely.shortest_line(pieces[row], ends[hit]), 0)
    at_edge = shapely.distance(nearest, zone) < EDGE_SHARE * margin_m
    row, hit = row[at_edge], hit[at_edge]
    return _rows(pieces, row, ends[hit], ways.iloc[owner[hit]])


def _rows(
    pieces: Shapes, row: NDArray[np.int64], near: Shapes, ways: gpd.GeoDataFrame
) -> pd.DataFrame:
    shortest = shapely.shortest_line(pieces[row], near)
    return pd.DataFrame(
        {
            "piece": row,
            "at_m": shapely.line_locate_point(pieces[row], shapely.get_point(shortest, 0)),
            "street": _called(ways),
            "named": (ways["name"] != "").to_numpy(),
            "reach_m": ways["width_m"].to_numpy() / 2 + VERGE_M,
        }
    )


def _named_spans(pieces: Shapes, crossings: pd.DataFrame) -> list[tuple[int, Span]]:
    crossings = crossings[crossings["street"] != ""]
    # A street with a name speaks for the nameless lanes and tracks beside it.
    best = crossings.groupby("piece")["named"].transform("max")
    crossings = crossings[crossings["named"] == best]
    # Tens of pieces, each with a handful of crossings: a loop reads better than a column.
    return [
        (number, span)
        for number, piece in enumerate(pieces)
        for span in _spans(piece.length, crossings[crossings["piece"] == number])
    ]


def _called(ways: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return what to call each way; an empty text for footpaths without a name."""
    kind = ways["highway"].astype(object)
    rail = ways["rail"].to_numpy(dtype=bool)
    road = kind.str.removesuffix("_link").isin(CARRIAGEWAYS).to_numpy()
    nameless = np.where(rail, kind + " rails", np.where(road, "unnamed " + kind + " road", ""))
    return np.where(ways["name"] != "", ways["name"], nameless)


def _spans(length_m: float, crossings: pd.DataFrame) -> list[Span]:
    """Return one piece of the rim in stretches: streets where they cross, else open ground."""
    if crossings.empty:
        return [Span(0.0, length_m, OPEN_GROUND)]
    ordered = crossings.sort_values(["at_m", "street"])
    groups = (ordered["street"] != ordered["street"].shift()).cumsum()
    streets = [
        Span(
            max(0.0, float((rows["at_m"] - rows["reach_m"]).min())),
            min(length_m, float((rows["at_m"] + rows["reach_m"]).max())),
            str(rows["street"].iloc[0]),
        )
        for _, rows in ordered.groupby(groups)
    ]
    return _filled(_without_overlaps(streets), length_m)


def _without_overlaps(spans: list[Span]) -> list[Span]:
    out = [spans[0]]
    for before, after in pairwise(spans):
        if after.start_m < before.stop_m:
            middle = (max(before.start_m, after.start_m) + min(before.stop_m, after.stop_m)) / 2
            out[-1] = out[-1]._replace(stop_m=middle)
            out.append(after._replace(start_m=middle))
        else:
            out.append(after)
    return out


def _filled(streets: list[Span], length_m: float) -> list[Span]:
    """Return spans that cover the whole piece, open ground between the streets."""
    out: list[Span] = []
    position = 0.0
    for span in streets:
        gap = span.start_m - position
        if gap >= REMNANT_M:
            out.append(Span(position, span.start_m, OPEN_GROUND))
            out.append(span)
        else:
            out.append(span._replace(start_m=position))
        position = span.stop_m
    if length_m - position >= REMNANT_M:
        out.append(Span(position, length_m, OPEN_GROUND))
    else:
        out[-1] = out[-1]._replace(stop_m=length_m)
    return out
