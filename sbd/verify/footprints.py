"""Any layer of unit polygons -> footprints that the judge can read; and whether they can stand."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sbd.errors import CrsError, InputError, LayerError
from sbd.geometry.crs import require_metric
from sbd.verify.arena import Arena, Shapes

# Units of a foreign layout this close to each other stand on one line [m].
SAME_LINE_M = 1.5
# Overlaps thinner than this come from drawing, not from standing in each other [m].
OVERLAP_M = 0.02
YES = frozenset({"1", "1.0", "yes", "true", "openable"})
NO = frozenset({"", "0", "0.0", "no", "false", "none", "nan", "<na>", "fixed"})


def prepare_footprints(layer: gpd.GeoDataFrame, site_crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return a layout drawn by anyone as footprints in the reference system of a site.

    Only the geometry is needed. `unit_id` and `line_id` are made where they are missing (units
    within 1.5 m of each other form a line), `openable` is False. Other columns are kept.

    Raises
    ------
    CrsError
        No reference system, or coordinates that can't be degrees in a system of degrees.
    InputError
        No row at all.
    LayerError
        Every footprint that is not a polygon, is empty or crosses itself, every id given twice.
    """
    if layer.crs is None:
        raise CrsError("footprints: no reference system is stated; set one, for example EPSG:4326")
    if layer.empty:
        raise InputError("footprints: no row; give one polygon for each unit")
    _require_polygons(layer)
    if layer.crs.is_geographic and (np.abs(layer.total_bounds) > [180, 90, 180, 90]).any():
        west, south, east, north = layer.total_bounds
        raise CrsError(
            f"footprints: {layer.crs.to_string()} counts in degrees, but the coordinates run from "
            f"{west:.0f}, {south:.0f} to {east:.0f}, {north:.0f}; state the system they are in"
        )
    return complete_footprints(layer.to_crs(site_crs))


def complete_footprints(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return metric footprints with `unit_id`, `line_id` and `openable`; none at all are fine."""
    require_metric(layer, "footprints")
    if layer.empty:
        return gpd.GeoDataFrame(
            {"unit_id": [], "line_id": [], "openable": np.empty(0, dtype=bool)},
            geometry=gpd.GeoSeries([], crs=layer.crs),
            crs=layer.crs,
        )
    _require_polygons(layer)
    shapes = shapely.force_2d(layer.geometry.to_numpy())
    numbers = [f"F{number}" for number in range(1, len(layer) + 1)]
    table = layer.assign(
        unit_id=_ids(layer, "unit_id", numbers),
        line_id=_ids(layer, "line_id", _made_lines(shapes)),
        openable=_openable(layer),
    ).set_geometry(gpd.GeoSeries(shapes, layer.index, crs=layer.crs))
    twice = table["unit_id"][table["unit_id"].duplicated()].unique()
    if len(twice):
        raise LayerError("footprints", [f"unit_id {name!r} is given twice" for name in twice])
    return table.reset_index(drop=True)


def openable_lanes(footprints: gpd.GeoDataFrame) -> dict[str, NDArray[np.bool_]]:
    """Return the units of each openable lane, by name.

    Openable units of one line form a lane where they are within 1.5 m of each other. The lane has
    the name of its line, with a number where the line has several.
    """
    lanes: dict[str, NDArray[np.bool_]] = {}
    openable = footprints[footprints["openable"]]
    for line, units in openable.groupby("line_id", sort=False):
        groups = np.array(_groups(units.geometry.to_numpy()))
        for number in range(1, groups.max() + 1):
            name = str(line) if groups.max() == 1 else f"{line}/{number}"
            lanes[name] = footprints.index.isin(units.index[groups == number])
    return lanes


def faults_of_standing(arena: Arena, footprints: gpd.GeoDataFrame) -> list[str]:
    """Return every unit that stands in a solid, on a street that stays open or in another unit.

    What says of itself that it is a chicane stands on its street by design.
    """
    shapes = footprints.geometry.to_numpy()
    ids = footprints["unit_id"].to_numpy(dtype=object)
    cores = cores_of(shapes)
    slows = chicanes_of(footprints)
    faults = [
        f"{ids[unit]} stands in solid {arena.solid_ids[solid]}"
        for unit, solid in _pairs(cores, arena.solids)
    ]
    faults += [
        f"{ids[unit]} stands on {arena.carriageway_names[street]}, which stays open"
        for unit, street in _pairs(cores, arena.carriageways)
        if not slows[unit]
    ]
    faults += [
        f"{ids[one]} and {ids[other]} stand in each other"
        for one, other in _pairs(cores, cores)
        if one < other
    ]
    return list(dict.fromkeys(faults))


def chicanes_of(footprints: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Say which units are parts of a chicane; a table that does not say has none."""
    if "chicane" not in footprints:
        return np.zeros(len(footprints), dtype=bool)
    return np.array([flag is True or flag == 1 for flag in footprints["chicane"]], dtype=bool)


def cores_of(shapes: Shapes) -> Shapes:
    """Return footprints without the margin in which overlaps come from drawing.

    A slender unit is not lost: what is thinner than the margin keeps its middle.
    """
    inner = shapely.buffer(shapes, -OVERLAP_M)
    return np.asarray(np.where(shapely.is_empty(inner), shapely.centroid(shapes), inner))


def outside_study_area(arena: Arena, footprints: gpd.GeoDataFrame) -> list[str]:
    """Return the units that stand where nothing is known, wholly or in part."""
    inside = shapely.covers(arena.study, footprints.geometry.to_numpy())
    return [str(name) for name in footprints["unit_id"][~inside]]


def _pairs(one: Shapes, other: Shapes) -> list[tuple[int, int]]:
    if not len(one) or not len(other):
        return []
    left, right = shapely.STRtree(other).query(one, predicate="intersects")
    return sorted(zip(left.tolist(), right.tolist(), strict=True))


def _require_polygons(layer: gpd.GeoDataFrame) -> None:
    shapes = layer.geometry.to_numpy()
    # to_numpy keeps None where a feature has no geometry
    kinds = np.array(["nothing" if shape is None else shape.geom_type for shape in shapes])
    faults = []
    for row, (kind, shape) in enumerate(zip(kinds, shapes, strict=True)):
        if kind not in ("Polygon", "MultiPolygon"):
            faults.append(f"row {row}: {kind}; a footprint must be a polygon")
        elif shape.is_empty:
            faults.append(f"row {row}: an empty polygon")
        elif not shape.is_valid:
            faults.append(f"row {row}: {shapely.is_valid_reason(shape)}; draw it without crossing")
    if faults:
        raise LayerError("footprints", faults)


def _ids(layer: gpd.GeoDataFrame, name: str, made: Sequence[str]) -> NDArray[np.object_]:
    if name not in layer:
        return np.array(made, dtype=object)
    given = layer[name]
    texts = given.where(given.notna(), "").astype(str).str.strip().to_numpy(dtype=object)
    return np.where(texts == "", np.array(made, dtype=object), texts)


def _openable(layer: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    if "openable" not in layer:
        return np.zeros(len(layer), dtype=bool)
    given = pd.Series(layer["openable"], dtype=object).fillna("")
    words = given.astype(str).str.strip().str.lower()
    odd = ~words.isin(YES | NO)
    if odd.any():
        values = ", ".join(sorted({repr(word) for word in words[odd]}))
        raise InputError(f"footprints: openable is {values}; write true or false")
    return words.isin(YES).to_numpy()


def _made_lines(shapes: Shapes) -> list[str]:
    """Return a line for each unit: units near each other form one, numbered as they come."""
    return [f"line-{number}" for number in _groups(shapes)]


def _groups(shapes: Shapes) -> list[int]:
    """Return a number for each shape, from 1: shapes in a chain of short steps share theirs."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_LINE_M)
    links = coo_matrix((np.ones(len(one)), (one, other)), shape=(len(shapes), len(shapes)))
    _, label = connected_components(links, directed=False)
    order = {number: rank for rank, number in enumerate(dict.fromkeys(label.tolist()), start=1)}
    return [order[number] for number in label.tolist()]
