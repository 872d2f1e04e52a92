"""Features and ways in, kerbs and steps of known height out; the others stop no vehicle."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.model import tables
from sbd.site.features import at_ground, is_area, is_line, is_one_of, is_point, number
from sbd.site.report import Row
from sbd.site.shapes import Shapes, only_lines
from sbd.site.solids import LOW_WALL_M

# A kerb higher than this was written in centimetres, or is something else.
HIGHEST_KERB_M = 0.5
HIGHEST_RISER_M = 0.5

# Kerbs that are even with the ground or nearly so.
FLAT_KERBS = ("flush", "lowered", "no", "rolled")
# A kerb is dropped about as wide as a crossing: half of it, to either side of the way or node.
DROPPED_REACH_M = 4.0
NODE_REACH_M = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """What changes the height of the ground at once.

    Parameters
    ----------
    table : GeoDataFrame
        `tables.STEPS`: those whose height is known.
    kerbs, flights : (known, all)
        How many there are on the site.
    """

    table: gpd.GeoDataFrame
    kerbs: tuple[int, int]
    flights: tuple[int, int]


def find_steps(
    features: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, study: Polygon | MultiPolygon
) -> Steps:
    """Return the kerbs, flights of steps and low retaining walls of a study area.

    - Kerbs (`barrier=kerb`): `height` or `kerb:height`, up to 0.5 m. Where a way crosses one, or a
      node says that it is dropped, it is open 4 m to either side: errs to more room for vehicles.
    - Flights (`highway=steps`): one riser, `step:height` or `height` over `step_count`, as a line
      across the middle of the flight. Only with a `width`: how far it reaches must not be guessed.
    - Retaining walls below 0.5 m; higher ones and those of unknown height are solid.

    `ways` are those of `streets.way_lines`.
    """
    ground = features[at_ground(features)]
    inside = ground[shapely.intersects(ground.geometry.to_numpy(), study)]
    kerbs, kerbs_in_all = _kerbs(inside, ways)
    flights, flights_in_all = _flights(inside)
    found = pd.concat([kerbs, flights, _retaining_walls(inside)], ignore_index=True)
    shapes = only_lines(shapely.intersection(found.geometry.to_numpy(), study), at_least_m=0.1)
    table = found.set_geometry(gpd.GeoSeries(shapes, found.index, crs=features.crs))
    table = table[~shapely.is_empty(shapes)].reset_index(drop=True)
    return Steps(
        table if len(table) else tables.empty_layer(tables.STEPS, features.crs),
        kerbs=(len(kerbs), kerbs_in_all),
        flights=(len(flights), flights_in_all),
    )


def step_rows(steps: Steps) -> list[Row]:
    """Return how many kerbs and flights state no height."""
    rows = []
    for (known, in_all), item, what in (
        (steps.kerbs, "heights of kerbs", "kerbs state a height"),
        (steps.flights, "heights of steps", "flights of steps state riser and width"),
    ):
        if known < in_all:
            note = f"{known} of {in_all} {what}; the others stop no vehicle"
            rows.append(Row("unknown", item, note, float(in_all - known)))
    return rows


def _kerbs(features: gpd.GeoDataFrame, ways: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    flat = is_one_of(features, "kerb", FLAT_KERBS)
    lines = features[is_one_of(features, "barrier", ("kerb",)) & ~is_point(features) & ~flat]
    stated = number(lines, "kerb:height")
    height = np.where(np.isnan(stated), number(lines, "height"), stated)
    known = (height >= 0.0) & (height <= HIGHEST_KERB_M)
    shapes = _outlines(lines[known])
    dropped = features[flat & is_point(features)].geometry.to_numpy()
    return _table(lines[known], "kerb", height[known], _opened(shapes, ways, dropped)), len(lines)


def _opened(kerbs: Shapes, ways: gpd.GeoDataFrame, dropped: Shapes) -> Shapes:
    """Return the kerbs less what lies beside a crossing way or a dropped node."""
    lines = ways.geometry.to_numpy()
    kerb, way = shapely.STRtree(lines).query(kerbs, predicate="intersects")
    crossings = shapely.get_parts(shapely.intersection(kerbs[kerb], lines[way]))
    # What a way along the kerb shares with it is a line, and no crossing.
    crossings = crossings[shapely.get_dimensions(crossings) == 0]
    near = dropped[shapely.STRtree(dropped).query(kerbs, "dwithin", distance=NODE_REACH_M)[1]]
    gaps = shapely.union_all(shapely.buffer(np.concatenate([crossings, near]), DROPPED_REACH_M))
    return np.asarray(shapely.difference(kerbs, gaps))


def _flights(features: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    lines = features[is_one_of(features, "highway", ("steps",)) & is_line(features)]
    stated = number(lines, "step:height")
    count = number(lines, "step_count")
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.where(count >= 1.0, number(lines, "height") / count, np.nan)
    riser = np.where(np.isnan(stated), shared, stated)
    width = number(lines, "width")
    known = (riser >= 0.0) & (riser <= HIGHEST_RISER_M) & (width > 0.0)
    across = _across(lines[known].geometry.to_numpy(), width[known])
    return _table(lines[known], "steps", riser[known], across), len(lines)


def _across(lines: Shapes, width_m: NDArray[np.float64]) -> Shapes:
    """Return lines of the given widths square to the middle of each line."""
    half = shapely.length(lines) / 2.0
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, half))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, half + half / 100.0))
    along = ahead - middle
    square = np.column_stack([-along[:, 1], along[:, 0]])
    square /= np.maximum(np.hypot(square[:, 0], square[:, 1]), 1e-9)[:, None]
    reach = square * (width_m / 2.0)[:, None]
    return np.asarray(shapely.linestrings(np.stack([middle - reach, middle + reach], axis=1)))


def _retaining_walls(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    height = number(features, "height")
    low = is_one_of(features, "barrier", ("retaining_wall",)) & ~is_point(features)
    low &= (height >= 0.0) & (height < LOW_WALL_M)
    return _table(features[low], "retaining_wall", height[low], _outlines(features[low]))


def _outlines(features: gpd.GeoDataFrame) -> Shapes:
    shapes = features.geometry.to_numpy().copy()
    area = is_area(features)
    shapes[area] = shapely.boundary(shapes[area])
    return np.asarray(shapes)


def _table(
    found: gpd.GeoDataFrame, kind: str, height_m: NDArray[np.float64], shapes: Shapes
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"step_id": found["osm_id"].astype(object), "kind": kind, "height_m": height_m},
        geometry=gpd.GeoSeries(shapes, found.index, crs=found.crs),
        crs=found.crs,
    )
