"""Walking lines and zone in, desire lines out: where people walk or cycle into the zone."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon
from shapely.ops import substring

from sbd.model import tables

Corners: TypeAlias = NDArray[np.float64]
Node: TypeAlias = tuple[float, float]

# A desire line reaches this far out of the zone and into it, so that any barrier near the outline
# crosses it.
OUTSIDE_M = 30.0
INSIDE_M = 10.0

# A way that ends this near to the outline leads over it: squares are drawn up to where their paths
# end, and nobody draws a path across a square.
END_M = 1.0
ON_M = 1e-6

# A way that strays over the outline by less than this runs along it, and leads nowhere.
GRAZE_M = 1.0

# Two lines of one kind that cross the outline nearer to each other than this, in the same
# direction within 30 degrees, are one.
DOUBLE_M = 3.0
SAME_HEADING = np.cos(np.radians(30.0))

# A path goes on by the straightest way; sharper turns than this end it.
TURN = np.cos(np.radians(60.0))


class Crossing(NamedTuple):
    """Where one walking line crosses the outline of the zone."""

    row: int
    rank: int
    point: Corners
    heading: Corners
    line: LineString


def desire_line_table(
    walks: gpd.GeoDataFrame, zone: Polygon | MultiPolygon, study: Polygon | MultiPolygon
) -> gpd.GeoDataFrame:
    """Return the ways into the zone on foot and by bicycle: `tables.DESIRE_LINES`.

    One line for each place where a way crosses the outline of the zone, from 30 m outside to 10 m
    inside; beyond the end of its own way a line goes on by the straightest way that meets it there.
    Doubles within 3 m are one. Errs to more lines than people follow: every way that is mapped
    counts, however few use it.

    Parameters
    ----------
    walks : GeoDataFrame
        `osm_id`, `kind` and `name`, as from `walks.walking_lines`.
    zone : Polygon or MultiPolygon
        What is protected; ways end nowhere else.
    """
    tables_of_kind = [
        _of_kind(walks[(walks["kind"] == kind).to_numpy()], zone, study)
        for kind in ("foot", "cycle")
    ]
    found = [table for table in tables_of_kind if len(table)]
    if not found:
        return tables.empty_layer(tables.DESIRE_LINES, walks.crs)
    return pd.concat(found, ignore_index=True)


def _of_kind(
    walks: gpd.GeoDataFrame, zone: Polygon | MultiPolygon, study: Polygon | MultiPolygon
) -> gpd.GeoDataFrame:
    near = shapely.dwithin(walks.geometry.to_numpy(), zone, OUTSIDE_M)
    walks = walks[near].sort_values("osm_id")
    network = _Network(walks.geometry.to_numpy())
    crossings = [
        crossing
        for row, line in enumerate(walks.geometry.to_numpy())
        for crossing in _crossings(row, line, zone, network)
    ]
    kept = _without_doubles(crossings)
    lines = shapely.intersection(np.array([one.line for one in kept], dtype=object), study)
    rows = [one.row for one in kept]
    kind = walks["kind"].to_numpy(dtype=object)[rows]
    table = gpd.GeoDataFrame(
        {
            "desire_id": [
                f"{osm_id}:{of}" + (f"-{one.rank}" if one.rank > 1 else "")
                for osm_id, of, one in zip(
                    walks["osm_id"].to_numpy()[rows], kind, kept, strict=True
                )
            ],
            "kind": kind,
            "name": walks["name"].to_numpy(dtype=object)[rows],
        },
        geometry=gpd.GeoSeries(lines, crs=walks.crs),
        crs=walks.crs,
    )
    return table[(shapely.get_dimensions(lines) == 1)].reset_index(drop=True)


class _Network:
    """Lines cut where they meet, for following them past their ends."""

    def __init__(self, lines: NDArray[np.object_]) -> None:
        corners = [shapely.get_coordinates(part) for line in lines for part in _parts(line)]
        meetings = _meetings(corners)
        self.arms: dict[Node, list[Corners]] = defaultdict(list)
        for path in corners:
            cuts = [i for i, node in enumerate(map(_node, path)) if node in meetings]
            for start, stop in pairwise(cuts):
                edge = path[start : stop + 1]
                self.arms[_node(edge[0])].append(edge)
                self.arms[_node(edge[-1])].append(edge[::-1])

    def onward(self, corners: Corners, *, reach_m: float) -> Corners:
        """Return a path with what follows it straightest, cut at its length `reach_m`."""
        path = _shortened(corners, reach_m)
        # Each round adds an edge; paths of metres end long before the bound.
        for _ in range(64):
            if _length_m(path) >= reach_m or len(path) < 2:
                break
            heading = _unit(path[-1] - path[-2])
            arms = [arm for arm in self.arms[_node(path[-1])] if len(arm) > 1]
            turns = [float(heading @ _unit(arm[1] - arm[0])) for arm in arms]
            if not turns or max(turns) < TURN:
                break
            path = _shortened(np.vstack([path, arms[int(np.argmax(turns))][1:]]), reach_m)
        return path


def _crossings(
    row: int, line: shapely.Geometry, zone: Polygon | MultiPolygon, network: _Network
) -> Iterator[Crossing]:
    """Yield where a line leads from outside into the zone and really gets there."""
    outline = shapely.boundary(zone)
    rank = 0
    for part in _parts(line):
        corners = shapely.get_coordinates(part)
        longer = LineString(
            np.vstack([_ahead(corners[::-1], END_M)[-1:], corners, _ahead(corners, END_M)[-1:]])
        )
        hits = shapely.get_parts(shapely.intersection(longer, outline))
        for hit in sorted(hits[shapely.get_dimensions(hits) == 0], key=longer.project):
            sides = _sides(part, longer.project(hit) - END_M)
            found = _traced(sides, zone, network)
            if found is not None:
                rank += 1
                yield Crossing(row, rank, *found)


def _sides(part: LineString, at_m: float) -> tuple[Corners, Corners]:
    """Return the way from a place on a line to its start and to its end.

    Before its start and past its end a line goes straight on, and what lies there is a guess.
    """
    corners = shapely.get_coordinates(part)
    if at_m <= ON_M:
        here = _ahead(corners[::-1], max(-at_m, 0.0))[-1:]
        beyond = _ahead(np.vstack([corners[1:2], here]), INSIDE_M)[1:]
        return beyond, corners if at_m > -ON_M else np.vstack([here, corners])
    if at_m >= part.length - ON_M:
        onward, back = _sides(part.reverse(), part.length - at_m)
        return back, onward
    back = shapely.get_coordinates(substring(part, at_m, 0.0))
    return back, shapely.get_coordinates(substring(part, at_m, part.length))


def _traced(
    sides: tuple[Corners, Corners], zone: Polygon | MultiPolygon, network: _Network
) -> tuple[Corners, Corners, LineString] | None:
    inner, outer = sides if _leads_inside(sides[0], zone) else sides[::-1]
    inner = network.onward(inner, reach_m=INSIDE_M)
    # On open ground within the zone people walk straight on.
    inner = _ahead(inner, max(INSIDE_M - _length_m(inner), 0.0))
    outer = network.onward(outer, reach_m=OUTSIDE_M)
    if not (_gets_away(inner, zone, inside=True) and _gets_away(outer, zone, inside=False)):
        return None
    whole = shapely.remove_repeated_points(LineString(np.vstack([outer[::-1], inner[1:]])))
    return inner[0], _unit(inner[1] - inner[0]), whole


def _leads_inside(path: Corners, zone: Polygon | MultiPolygon) -> bool:
    probe = shapely.line_interpolate_point(LineString(path), min(0.5, _length_m(path) / 2))
    return bool(shapely.intersects(zone, probe))


def _gets_away(path: Corners, zone: Polygon | MultiPolygon, *, inside: bool) -> bool:
    """Return whether a path gets a metre away from the outline, on the side it is on."""
    steps = np.arange(0.0, _length_m(path), 0.5)
    points = shapely.line_interpolate_point(LineString(path), steps)
    away = shapely.distance(points, shapely.boundary(zone)) > GRAZE_M
    return bool((away & (shapely.intersects(zone, points) == inside)).any())


def _without_doubles(crossings: list[Crossing]) -> list[Crossing]:
    """Return one of all crossings that are near each other and lead the same way.

    The longer line goes first. A crossing is compared with those that are kept only, so no chain of
    near ones swallows a far one.
    """
    order = sorted(crossings, key=lambda one: (-round(one.line.length, 3), one.row, one.rank))
    kept: list[Crossing] = []
    for one in order:
        double = any(
            np.hypot(*(one.point - other.point)) < DOUBLE_M
            and abs(float(one.heading @ other.heading)) > SAME_HEADING
            for other in kept
        )
        if not double:
            kept.append(one)
    return sorted(kept, key=lambda one: (one.row, one.rank))


def _meetings(paths: list[Corners]) -> set[Node]:
    """Return the ends of all paths, and the corners that several share."""
    ends = {_node(path[i]) for path in paths for i in (0, -1)}
    seen: set[Node] = set()
    shared: set[Node] = set()
    for path in paths:
        own = {_node(corner) for corner in path}
        shared |= own & seen
        seen |= own
    return ends | shared


def _parts(line: shapely.Geometry) -> list[LineString]:
    return [part for part in shapely.get_parts(line) if part.length > 0.0]


def _node(corner: Corners) -> Node:
    return (round(float(corner[0]), 3), round(float(corner[1]), 3))


def _shortened(path: Corners, length_m: float) -> Corners:
    line = LineString(path)
    return (
        path if line.length <= length_m else shapely.get_coordinates(substring(line, 0, length_m))
    )


def _ahead(path: Corners, by_m: float) -> Corners:
    """Return a path that goes straight on by so much."""
    if by_m <= 0.0:
        return path
    return np.vstack([path, path[-1] + by_m * _unit(path[-1] - path[-2])])


def _length_m(path: Corners) -> float:
    return float(np.hypot(*np.diff(path, axis=0).T).sum()) if len(path) > 1 else 0.0


def _unit(vector: Corners) -> Corners:
    return vector / max(float(np.hypot(*vector)), 1e-9)
