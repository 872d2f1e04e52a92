"""A closed plan's solved field and units that go; the cells that this frees, and what they join.

Only a window around the units is looked at, cells as on the whole site: a gap is open or shut by
its exact width, whatever the cells.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import MultiPolygon, Polygon, box

from sbd.approach.clearance import Terrain, as_met_by, free_cells, make_terrain
from sbd.approach.rules import told_speeds_mps
from sbd.approach.solution import Solution
from sbd.model.surface import DrivableSurface
from sbd.site.shapes import merged, only_polygons

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Shape: TypeAlias = Polygon | MultiPolygon

# Around the units that go; farther off they change nothing.
WINDOW_M = 12.0
NEAR_M = 4.0
_TOUCHING = np.ones((3, 3), dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """A plan that stands, as one vehicle meets it.

    Parameters
    ----------
    solution : Solution
        Of the surface with every unit standing.
    part : (rows, columns) int array
        Number of the connected part that each free cell belongs to; 0 where it is not free.
    outside : (parts + 1,) bool array
        Parts that a vehicle comes to from an entry or a street that stays open.
    """

    solution: Solution
    part: IntArray
    outside: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What units that go free for one vehicle.

    Parameters
    ----------
    cells : (n, 2) int array
        Rows and columns that are free without them only, where they lead on from the outside.
    parts : frozenset of int
        Parts that can be reached then, and not before.
    """

    cells: IntArray
    parts: frozenset[int]


def closed_by(solution: Solution, surface: DrivableSurface) -> Closed:
    """Return a solved field with what of it is outside.

    Cells that touch at a corner count as connected: errs high.
    """
    terrain = solution.terrain
    part, count = ndimage.label(solution.free, _TOUCHING)
    coming = terrain.entry_headings != 0
    streets = shapely.union_all(surface.open_streets.geometry.to_numpy())
    if not streets.is_empty:
        row, column = np.nonzero(solution.free)
        x, y = _centres(terrain, row, column)
        on_street = shapely.contains_xy(streets, x, y)
        coming[row[on_street], column[on_street]] = True
    outside = np.zeros(count + 1, dtype=np.bool_)
    outside[part[coming & solution.free]] = True
    return Closed(solution, part.astype(np.int64), outside)


def window_without(
    surface: DrivableSurface, terrain: Terrain, gone: Sequence[Shape]
) -> tuple[Terrain, int, int]:
    """Return the terrain of a window in which units are gone, and its first row and column.

    Parameters
    ----------
    surface : DrivableSurface
        With every unit standing.
    terrain : Terrain
        Its grid; cells of the window have the same centres.
    """
    west, south, east, north = shapely.union_all(list(gone)).bounds
    (x, y), cell = terrain.origin_m, terrain.cell_m
    rows, columns = terrain.ground.shape
    first = [
        max(math.floor((low - WINDOW_M - start) / cell), 0)
        for low, start in ((south, y), (west, x))
    ]
    last = [
        min(math.ceil((high + WINDOW_M - start) / cell), count - 1)
        for high, start, count in ((north, y, rows), (east, x, columns))
    ]
    frame = box(
        x + (first[1] - 0.5) * cell,
        y + (first[0] - 0.5) * cell,
        x + (last[1] + 0.5) * cell,
        y + (last[0] + 0.5) * cell,
    )
    ground = shapely.intersection(merged(np.array([_near(surface, frame), *gone])), frame)
    local = replace(
        surface,
        ground=only_polygons(np.array([ground], dtype=object))[0],
        study_area=frame,
        entries=surface.entries.iloc[:0],
        paving=None,
        elevation=None,
    )
    return make_terrain(local, terrain.settings, widest_m=terrain_width_m(terrain)), *first


def _near(surface: DrivableSurface, frame: Polygon) -> Shape:
    return shapely.intersection(surface.ground, frame)


def terrain_width_m(terrain: Terrain) -> float:
    """Return the width of the widest vehicle that a terrain was made for."""
    return 2.0 * (terrain.reach_m - (math.sqrt(2.0) + 0.1) * terrain.cell_m)


def opened_in(
    closed: Closed,
    window: tuple[Terrain, int, int],
    gone: Sequence[Shape],
) -> Opened:
    """Return what a vehicle gains where units are gone; nothing where the gap is too narrow."""
    local, row, column = window
    solution = closed.solution
    met = as_met_by(local, solution.vehicle)
    free = free_cells(met, width_m=solution.vehicle.width_m, bound=solution.rules.bound)
    here = np.s_[row : row + free.shape[0], column : column + free.shape[1]]
    fresh = free & ~solution.free[here]
    fresh[fresh] = _close_to(gone, local, fresh)
    cluster, count = ndimage.label(fresh, _TOUCHING)
    around = np.pad(closed.part[here], 1)
    cells, parts = [], set()
    for number in range(1, count + 1):
        mine = np.argwhere(cluster == number)
        beside = {
            int(found)
            for down, across in mine.tolist()
            for found in around[down : down + 3, across : across + 3].ravel().tolist()
        } - {0}
        if any(closed.outside[found] for found in beside):
            cells.append(mine + np.array([row, column]))
            parts |= {found for found in beside if not closed.outside[found]}
    found = np.concatenate(cells) if cells else np.empty((0, 2), dtype=np.int64)
    return Opened(found, frozenset(parts))


def gained_cells(closed: Closed, opened: Opened) -> BoolArray:
    """Return the cells that are reached now and were not before."""
    reached = np.zeros(len(closed.outside), dtype=np.bool_)
    reached[list(opened.parts)] = True
    gained: BoolArray = reached[closed.part]
    gained[tuple(opened.cells.T)] = True
    return gained


def cells_over(closed: Closed, shape: Shape) -> BoolArray:
    """Return the cells from which the vehicle covers a part of a shape."""
    terrain, reach = closed.solution.terrain, closed.solution.vehicle.width_m / 2
    where = np.ones_like(terrain.ground).nonzero()
    over = shapely.contains_xy(shape.buffer(reach), *_centres(terrain, *where))
    return np.asarray(over, dtype=np.bool_).reshape(terrain.ground.shape)


def covered(closed: Closed, opened: Opened, zone: Shape) -> Shape:
    """Return the part of a zone that a vehicle covers from the cells it has gained.

    Its disc is taken for the square around it, and half a diagonal of a cell more: its middle may
    be off the centre of a cell. Errs high.
    """
    terrain = closed.solution.terrain
    reach = closed.solution.vehicle.width_m / 2 + terrain.cell_m * math.sqrt(0.5)
    # One rectangle for each run of cells in a row.
    marks = np.pad(gained_cells(closed, opened).astype(np.int8), ((0, 0), (1, 1)))
    step = np.diff(marks, axis=1)
    row, first = np.nonzero(step == 1)
    last = np.nonzero(step == -1)[1] - 1
    (west, south), (east, north) = _centres(terrain, row, first), _centres(terrain, row, last)
    runs = shapely.box(west - reach, south - reach, east + reach, north + reach)
    inside = shapely.intersection(shapely.union_all(runs), zone)
    return only_polygons(np.array([inside], dtype=object))[0]


def speeds_beside(closed: Closed, shapes: Sequence[Shape]) -> FloatArray:
    """Return the highest speed outside beside each of n shapes while all of them stand."""
    solution = closed.solution
    (x, y), cell = solution.terrain.origin_m, solution.terrain.cell_m
    told = told_speeds_mps(solution.rules)
    found = np.zeros(len(shapes))
    for k, shape in enumerate(shapes):
        west, south, east, north = shape.buffer(solution.vehicle.width_m).bounds
        first = max(int((south - y) / cell), 0), max(int((west - x) / cell), 0)
        here = np.s_[first[0] : int((north - y) / cell) + 2, first[1] : int((east - x) / cell) + 2]
        outside = closed.outside[closed.part[here]]
        label = solution.label[here[0], :, here[1]].max(axis=1)
        found[k] = told[label[outside]].max(initial=0.0)
    return found


def _close_to(gone: Sequence[Shape], local: Terrain, cells: BoolArray) -> BoolArray:
    x, y = _centres(local, *np.nonzero(cells))
    shape = shapely.union_all(list(gone))
    shapely.prepare(shape)
    return np.asarray(shapely.dwithin(shape, shapely.points(x, y), NEAR_M), dtype=np.bool_)


def _centres(terrain: Terrain, row: IntArray, column: IntArray) -> tuple[FloatArray, FloatArray]:
    (west, south), cell = terrain.origin_m, terrain.cell_m
    x: FloatArray = west + np.asarray(column, dtype=np.float64) * cell
    y: FloatArray = south + np.asarray(row, dtype=np.float64) * cell
    return x, y
