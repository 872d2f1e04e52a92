"""Drivable surface and grid in; the room at every cell, the rim's entries and the free cells out.

Room is the distance to the outlines of what is solid, as vectors: a post that falls between cell
centres still counts. The rim is no wall: it narrows no street, and beyond it nothing is drivable.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import MultiPolygon, Polygon

from sbd.approach import distance_kernels
from sbd.approach.lattice import heading_vectors
from sbd.catalogue.grip import grip_of_surface
from sbd.errors import InputError
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.surface import DrivableSurface, Elevation
from sbd.model.vehicle import Vehicle
from sbd.model.words import Grip

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SAME_M = 1e-6  # lengths closer than this are the same; a turned site must not differ by rounding
# Every point of a motion lies within half a diagonal of the centre of one of its cells.
LOWER_SLACK_CELLS = 0.7082
# Room that an upper field has on top. Not tied to the cells alone: paths refined between the cells
# of a 0.25 m grid beat a field with 0.18 m of it; half a diagonal of 0.5 m cells is 0.354 m.
UPPER_SLACK_M = 0.355
_ON_RIM_M = 0.005  # the ground lies on a millimetre grid, the rim may not
_BUCKET_M = 4.0
_LONGEST_MIDDLE_M = 150.0


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """The grid of a site with all that does not depend on the vehicle; see also `as_met_by`.

    Parameters
    ----------
    origin_m : (x, y)
        Centre of the cell (row 0, column 0); row 0 is the southernmost.
    ground : (rows, columns) bool array
        Cells whose centre is on drivable ground.
    room_m : (rows, columns) array
        Distance to the nearest solid thing [m], at most `reach_m`.
    walls : (e, 4) array
        Outlines of what is solid (x0, y0, x1, y1), from the origin.
    step_edges, step_height_m : (s, 4), (s,) arrays
        Kerbs and steps like `walls`, and their heights; they are none of the walls.
    grip : (rows, columns) array
        Most friction of the surface at each cell [-], inf where nobody knows; (0, 0) where the
        settings don't ask for it.
    height_m : (rows, columns) array
        Height of the ground at each cell; (0, 0) where it is taken for flat.
    entry_headings : (rows, columns) uint64 array
        Bit i is set where a vehicle on heading i comes in over the rim.
    entry_index : (rows, columns) int32 array
        Row of `surface.entries` that is nearest, -1 where nothing comes in.
    """

    settings: FieldSettings
    origin_m: tuple[float, float]
    ground: BoolArray
    room_m: FloatArray
    reach_m: float
    walls: FloatArray
    step_edges: FloatArray
    step_height_m: FloatArray
    grip: FloatArray
    height_m: FloatArray
    entry_headings: NDArray[np.uint64]
    entry_index: NDArray[np.int32]
    shape: Polygon | MultiPolygon

    @property
    def cell_m(self) -> float:
        """Cell size [m]."""
        return self.settings.resolution_m


def grid_size(surface: DrivableSurface, settings: FieldSettings) -> tuple[int, int]:
    """Return rows and columns of the grid over the study area."""
    west, south, east, north = surface.study_area.bounds
    cell = settings.resolution_m
    rows, columns = ((high - low) / cell for low, high in ((south, north), (west, east)))
    return max(1, math.ceil(rows - SAME_M)), max(1, math.ceil(columns - SAME_M))


def make_terrain(surface: DrivableSurface, settings: FieldSettings, *, widest_m: float) -> Terrain:
    """Return the grid of a site, for vehicles up to `widest_m` wide.

    The grid is centred on the study area, so that moving or turning the site by a quarter moves
    and turns the cells with it.
    """
    rows, columns = grid_size(surface, settings)
    cell = settings.resolution_m
    west, south, east, north = surface.study_area.bounds
    origin = (
        (west + east) / 2 - (columns - 1) / 2 * cell,
        (south + north) / 2 - (rows - 1) / 2 * cell,
    )
    edges = _edges(surface.ground, origin)
    if not len(edges):
        raise InputError("drivable surface: there is no ground in it; check solids and study area")
    on_rim = _on_rim(edges, surface.study_area, origin)
    walls = np.ascontiguousarray(edges[~on_rim])
    rim = np.ascontiguousarray(edges[on_rim])
    reach = widest_m / 2 + (math.sqrt(2.0) + 0.1) * cell
    ground = distance_kernels.inside_rings(edges, rows, columns, cell)
    # A centre exactly on the rim is inside whichever way the site is turned.
    ground |= distance_kernels.distance_to_edges(rim, rows, columns, cell, cell) < SAME_M
    ground &= _within_approach(surface, settings, origin, (rows, columns))
    entry_headings, entry_index = _entries(surface, settings, origin, (rows, columns))
    step_edges, step_height_m = _step_edges(surface, origin)
    return Terrain(
        settings=settings,
        origin_m=origin,
        ground=ground,
        room_m=distance_kernels.distance_to_edges(walls, rows, columns, cell, reach),
        reach_m=reach,
        walls=walls,
        step_edges=step_edges,
        step_height_m=step_height_m,
        grip=_grip(surface, settings, origin, (rows, columns)),
        height_m=_heights(surface.elevation, origin, (rows, columns), cell),
        entry_headings=entry_headings,
        entry_index=entry_index,
        shape=surface.ground,
    )


def as_met_by(terrain: Terrain, vehicle: Vehicle) -> Terrain:
    """Return a terrain with the steps that stop a vehicle among its walls.

    They take room like any wall; lower ones it drives over unhindered, as it does over steps of
    unknown height. Errs high.
    """
    stops = terrain.step_height_m >= vehicle.stopping_step_m
    if not stops.any():
        return terrain
    edges = terrain.step_edges[stops]
    rows, columns = terrain.ground.shape
    room = distance_kernels.distance_to_edges(edges, rows, columns, terrain.cell_m, terrain.reach_m)
    return replace(
        terrain,
        walls=np.concatenate([terrain.walls, edges]),
        room_m=np.minimum(terrain.room_m, room),
    )


def free_cells(terrain: Terrain, *, width_m: float, bound: Bound) -> BoolArray:
    """Return the cells on which the reference point of a vehicle of this width may be.

    The vehicle is a disc of its width, the smallest possible footprint: errs high. In a lower
    field every point of every motion is clear. In the nominal field a cell counts by its centre,
    and gaps between walls by their exact width: shut up to the vehicle's width, open above. The
    upper field has 0.35 m more room wherever the vehicle fits at all, and the same gaps. Lower
    cells are nominal cells, and those are upper cells.
    """
    need_m = width_m / 2 - SAME_M
    if bound is Bound.LOWER:
        free: BoolArray = terrain.room_m >= need_m + LOWER_SLACK_CELLS * terrain.cell_m
        return terrain.ground & free
    opened, shut = _gates(terrain, width_m)
    free = terrain.ground & ((terrain.room_m >= need_m) | opened)
    if bound is Bound.UPPER:
        free |= _roomier(terrain, free, width_m)
    return free & ~shut


def _roomier(terrain: Terrain, free: BoolArray, width_m: float) -> BoolArray:
    """Return the cells within reach of free ones that have nearly room enough.

    Far from any free cell nearly enough is not enough: an alley too narrow all along gives no
    run-up. Cells that a wall touches stay shut, so that no motion steps across a thin one.
    """
    cell = terrain.cell_m
    room = terrain.room_m >= width_m / 2 - UPPER_SLACK_M
    near = ndimage.distance_transform_edt(~free, sampling=cell) if free.any() else np.inf
    room &= terrain.ground & (near <= UPPER_SLACK_M + cell * math.sqrt(0.5) + SAME_M)
    if width_m / 2 - UPPER_SLACK_M <= cell * math.sqrt(0.5):
        touched = np.zeros_like(room)
        distance_kernels.cells_on_edges(touched, terrain.walls, cell)
        room &= ~touched
    return room


def _gates(terrain: Terrain, width_m: float) -> tuple[BoolArray, BoolArray]:
    """Return the cells to open in gaps just wide enough, and to shut in gaps too narrow.

    The same for every bound, so that the order of bounds holds cell by cell.
    """
    cell = terrain.cell_m
    opened = np.zeros_like(terrain.ground)
    shut = np.zeros_like(terrain.ground)
    if not len(terrain.walls):
        return opened, shut
    # Below the first width no two cells of an upper field face each other through the gap; above
    # the second the cells in the middle of the gap are free by themselves.
    narrowest = max(width_m - 2.0 * UPPER_SLACK_M - math.sqrt(2.0) * cell, 0.0)
    widest = width_m + math.sqrt(2.0) * cell + SAME_M
    buckets = (_BUCKET_M, *distance_kernels.bucket_edges(terrain.walls, _BUCKET_M))
    gaps = distance_kernels.narrow_gaps(terrain.walls, narrowest, widest, *buckets)
    middle = (gaps[:, :2] + gaps[:, 2:]) / 2 + terrain.origin_m
    gaps = gaps[shapely.contains_xy(terrain.shape, middle[:, 0], middle[:, 1])]
    too_narrow = np.hypot(*(gaps[:, 2:] - gaps[:, :2]).T) <= width_m + SAME_M
    distance_kernels.cells_on_edges(shut, gaps[too_narrow], cell)
    steps = int(_LONGEST_MIDDLE_M / cell * 2)
    for gap in gaps[~too_narrow]:
        for side in (1.0, -1.0):
            places = distance_kernels.middle_of_gap(
                gap,
                side,
                width_m / 2,
                width_m / 2 + cell * math.sqrt(0.5),
                cell / 2,
                steps,
                terrain.walls,
                *buckets,
            )
            distance_kernels.cells_near(opened, places, cell, cell * math.sqrt(0.5) + SAME_M)
    return opened, shut


def _within_approach(
    surface: DrivableSurface,
    settings: FieldSettings,
    origin: tuple[float, float],
    size: tuple[int, int],
) -> BoolArray:
    """Return the cells from which the zone is within the longest approach of the settings.

    As the crow flies, and a diagonal of a cell more: errs high, a way is never shorter.
    """
    if settings.max_approach_m is None:
        return np.ones(size, dtype=np.bool_)
    cell = settings.resolution_m
    # A buffer's chords cut its arcs short by at most a 400th of the radius.
    reach_m = 1.0026 * (settings.max_approach_m + math.sqrt(2.0) * cell)
    return distance_kernels.inside_rings(_edges(surface.zone.buffer(reach_m), origin), *size, cell)


def _grip(
    surface: DrivableSurface,
    settings: FieldSettings,
    origin: tuple[float, float],
    size: tuple[int, int],
) -> FloatArray:
    """Return the grip of the surface at each cell centre; where two overlap, the larger."""
    if settings.grip is Grip.DESIGN or surface.paving is None:
        return np.empty((0, 0))
    grip = np.full(size, -np.inf)
    for name, group in surface.paving.groupby("surface"):
        friction = grip_of_surface(str(name), wet=settings.grip is Grip.WET)
        outline = _edges(group.union_all(), origin)
        here = distance_kernels.inside_rings(outline, *size, settings.resolution_m)
        grip[here] = np.maximum(grip[here], friction)
    return np.where(np.isneginf(grip), np.inf, grip)


def _heights(
    elevation: Elevation | None, origin: tuple[float, float], size: tuple[int, int], cell_m: float
) -> FloatArray:
    """Return the height of the ground at each cell centre, bilinear between those given."""
    if elevation is None:
        return np.empty((0, 0))
    (west, south), (rows, columns) = origin, size
    y = (south + np.arange(rows) * cell_m - elevation.origin_m[1]) / elevation.cell_m
    x = (west + np.arange(columns) * cell_m - elevation.origin_m[0]) / elevation.cell_m
    height: FloatArray = ndimage.map_coordinates(
        elevation.height_m, np.meshgrid(y, x, indexing="ij"), order=1, mode="nearest"
    )
    return height


def _entries(
    surface: DrivableSurface,
    settings: FieldSettings,
    origin: tuple[float, float],
    size: tuple[int, int],
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    pieces = [
        (number, _line_edges(line, origin))
        for number, shape in enumerate(surface.entries.geometry)
        for line in getattr(shape, "geoms", [shape])
    ]
    edges = np.concatenate([np.empty((0, 4)), *(edges for _, edges in pieces)])
    piece = np.repeat(
        np.array([number for number, _ in pieces], dtype=np.int64),
        [len(edges) for _, edges in pieces],
    )
    long = np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]) > SAME_M
    edges, piece = edges[long], piece[long]
    bits = _headings_in(surface, settings, edges, origin)
    return distance_kernels.mark_entries(edges, bits, piece, *size, settings.resolution_m)


def _headings_in(
    surface: DrivableSurface,
    settings: FieldSettings,
    edges: FloatArray,
    origin: tuple[float, float],
) -> NDArray[np.uint64]:
    """Return for each piece of the rim the headings that cross it inwards, as bits."""
    along = edges[:, 2:] - edges[:, :2]
    left = np.stack([-along[:, 1], along[:, 0]], axis=-1) / np.hypot(*along.T)[:, None]
    middle = (edges[:, :2] + edges[:, 2:]) / 2 + origin
    vector = heading_vectors(settings.headings).astype(np.float64)
    vector /= np.hypot(*vector.T)[:, None]
    cosine = left @ vector.T
    bits = np.zeros(len(edges), dtype=np.uint64)
    weight = np.uint64(1) << np.arange(settings.headings, dtype=np.uint64)
    for side in (1.0, -1.0):
        probe = middle + side * 0.05 * left
        inwards = shapely.contains_xy(surface.study_area, probe[:, 0], probe[:, 1])
        crosses = (side * cosine > SAME_M) & inwards[:, None]
        bits |= np.where(crosses, weight, np.uint64(0)).sum(axis=1, dtype=np.uint64)
    return bits


def _step_edges(
    surface: DrivableSurface, origin: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    if surface.steps is None or surface.steps.empty:
        return np.empty((0, 4)), np.empty(0)
    parts, row = shapely.get_parts(surface.steps.geometry.to_numpy(), return_index=True)
    edges = [_line_edges(part, origin) for part in parts]
    height = np.repeat(surface.steps["height_m"].to_numpy()[row], [len(part) for part in edges])
    edge = np.concatenate(edges)
    long = np.hypot(*(edge[:, 2:] - edge[:, :2]).T) > SAME_M
    return np.ascontiguousarray(edge[long]), height[long].astype(np.float64)


def _on_rim(
    edges: FloatArray, study_area: Polygon | MultiPolygon, origin: tuple[float, float]
) -> BoolArray:
    """Return which edges run along the outline of the study area."""
    rim = shapely.boundary(study_area)
    shapely.prepare(rim)
    on_rim = np.ones(len(edges), dtype=np.bool_)
    for share in (0.0, 0.5, 1.0):
        place = edges[:, :2] + share * (edges[:, 2:] - edges[:, :2]) + origin
        on_rim &= shapely.dwithin(shapely.points(place), rim, _ON_RIM_M)
    return on_rim


def _edges(shape: Polygon | MultiPolygon, origin: tuple[float, float]) -> FloatArray:
    rings = shapely.get_rings(shapely.get_parts(np.atleast_1d(shape)))
    return np.concatenate([np.empty((0, 4)), *(_line_edges(ring, origin) for ring in rings)])


def _line_edges(line: shapely.LineString, origin: tuple[float, float]) -> FloatArray:
    places = shapely.get_coordinates(line) - origin
    return np.concatenate([places[:-1], places[1:]], axis=1)
