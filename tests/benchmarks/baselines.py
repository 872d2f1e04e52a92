"""Site and outline in; the speeds that two common short cuts give there out.

Both get the benefit of the doubt: the strongest ray or the strongest street within 30 m counts, and
streets are driven without slowing down through turns of up to 20 degrees.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numba
import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.approach.impact import Impacts
from sbd.approach.perimeter import OutlinePoints
from sbd.approach.rules import Rules
from sbd.model.speed_field import SpeedField
from sbd.model.surface import DrivableSurface

FloatArray = NDArray[np.float64]
Node = tuple[float, float]

RAYS = 128
STREET_WITHIN_M = 30.0  # of a place on the outline
SHARPEST_TURN_DEG = 20.0
ON_RIM_M = 1.0


@dataclass(frozen=True)
class Shortfall:
    """How far a short cut is below the field along an outline, as shares of its points."""

    over_1_mps: float
    over_2_mps: float
    mean_mps: float
    too_high: float  # by more than 2 m/s: the other mistake, which costs money

    @classmethod
    def of(cls, theirs: FloatArray, ours: Impacts) -> "Shortfall":
        """Compare where anything arrives at all."""
        arrives = ours.normal_speed_mps > 0.0
        below = (ours.normal_speed_mps - theirs)[arrives]
        shares = (np.mean(below > 1.0), np.mean(below > 2.0), below.mean(), np.mean(below < -2.0))
        return cls(*map(float, shares))


def by_straight_rays(
    field: SpeedField, surface: DrivableSurface, rules: Rules, points: OutlinePoints
) -> FloatArray:
    """Return the speed across the outline from the longest straight run-ups to each point [m/s].

    A ray goes back until it meets a cell where the vehicle does not fit; one that leaves over an
    entry starts with the entry speed.
    """
    angle = np.arange(RAYS) * 2 * math.pi / RAYS
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    cosine = points.inwards @ direction.T
    cells = (points.place_m - field.origin_m) / field.cell_m
    way, leaves = _ways_back(
        field.free, cells, direction, field.vehicle.width_m / 2 / field.cell_m + 1.0
    )
    end = points.place_m[:, None] - direction[None] * (way * field.cell_m)[..., None]
    entries = shapely.union_all(surface.entries.geometry.to_numpy())
    over_entry = leaves & shapely.dwithin(shapely.points(end), entries, 2.0)
    label = way * field.cell_m / field.step_m + np.where(over_entry, rules.entry_label, 0)
    most = len(field.speed_of_label_mps) - 1
    speed = field.speed_of_label_mps[np.minimum(label, most).astype(np.int64)]
    return np.max(np.where(cosine > 0.0, speed * cosine, 0.0), axis=1)


@numba.njit(cache=True)
def _ways_back(free, cells, direction, reach):
    # Length in cells of the free way behind each point and direction, and whether it ends at the
    # edge of the grid. Up to `reach` cells from the point may be shut: the outline is near walls.
    rows, columns = free.shape
    way = np.zeros((len(cells), len(direction)))
    leaves = np.zeros((len(cells), len(direction)), dtype=np.bool_)
    for n in range(len(cells)):
        for d in range(len(direction)):
            step = 0.0
            while True:
                x = cells[n, 0] - step * direction[d, 0]
                y = cells[n, 1] - step * direction[d, 1]
                column, row = round(x), round(y)
                if column < 0 or column >= columns or row < 0 or row >= rows:
                    leaves[n, d] = True
                    break
                if not free[row, column] and step > reach:
                    break
                step += 0.5
            way[n, d] = step
    return way, leaves


def by_centre_lines(
    streets: gpd.GeoDataFrame,
    surface: DrivableSurface,
    field: SpeedField,
    rules: Rules,
    points: OutlinePoints,
) -> FloatArray:
    """Return the speed across the outline that run-ups along the streets nearby give [m/s]."""
    graph = street_graph(streets)
    rim = shapely.boundary(surface.study_area)
    lines, run_up_m, from_rim = [], [], []
    for start, end in graph.edges:
        way, leaves = longest_run_up_m(graph, (start, end), rim)
        lines.append(shapely.LineString([start, end]))
        run_up_m.append(way)
        from_rim.append(leaves)
    label = np.array(run_up_m) / field.step_m + np.array(from_rim) * rules.entry_label
    speed = field.speed_of_label_mps[np.minimum(label, 65_535).astype(np.int64)]
    place, line = shapely.STRtree(lines).query(
        shapely.points(points.place_m), predicate="dwithin", distance=STREET_WITHIN_M
    )
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    along = ends[:, 1] - ends[:, 0]
    along /= np.hypot(*along.T)[:, None]
    across = speed[line] * np.sum(along[line] * points.inwards[place], axis=1)
    best = np.zeros(len(points.place_m))
    np.maximum.at(best, place, across)
    return best


def street_graph(streets: gpd.GeoDataFrame) -> nx.DiGraph:
    """Return the centre lines as a graph whose edges are straight pieces, one a direction."""
    noded = shapely.node(shapely.union_all(streets.geometry.to_numpy(), grid_size=0.01))
    graph = nx.DiGraph()
    for line in shapely.get_parts(noded):
        for start, end in pairwise(map(tuple, shapely.get_coordinates(line).tolist())):
            if start != end:
                graph.add_edge(start, end)
                graph.add_edge(end, start)
    return graph


def longest_run_up_m(
    graph: nx.DiGraph, edge: tuple[Node, Node], rim: shapely.Geometry
) -> tuple[float, bool]:
    """Return the way back from the end of an edge, straight on at each node, and if to the rim."""
    way = 0.0
    seen: set[tuple[Node, Node]] = set()
    while edge not in seen:
        seen.add(edge)
        way += math.dist(*edge)
        before = min(_behind(graph, edge), default=None)
        if before is None or before[0] > SHARPEST_TURN_DEG:
            return way, shapely.Point(edge[0]).distance(rim) < ON_RIM_M
        edge = (before[1], edge[0])
    return way, False


def _behind(graph: nx.DiGraph, edge: tuple[Node, Node]) -> Iterator[tuple[float, Node]]:
    start, end = edge
    ahead = math.atan2(end[1] - start[1], end[0] - start[0])
    for node in graph.predecessors(start):
        if node != end:
            turn = ahead - math.atan2(start[1] - node[1], start[0] - node[0])
            yield abs(math.degrees(math.remainder(turn, 2 * math.pi))), node
