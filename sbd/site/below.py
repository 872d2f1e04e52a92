"""Features in, what lies in the ground out: passages, cellars, pipes, cables and their covers."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sbd.site.clearances import CLEARANCES, MANHOLE, PASSAGE_REACH_M, WALL_M
from sbd.site.features import (
    OPEN_TUNNELS,
    is_area,
    is_line,
    is_one_of,
    is_point,
    number,
    tag,
)
from sbd.site.rule_rows import rule_rows
from sbd.site.solids import building_outlines
from sbd.site.streets import CARRIAGEWAYS, class_width_m

PASSAGES = ("corridor", "cycleway", "footway", "path", "pedestrian", "steps")
TRACKS = ("light_rail", "rail", "subway", "tram")
WATERS = ("canal", "ditch", "drain", "river", "stream")
# Below these nothing is hollow.
NO_ROOM = ("bench", "vending_machine")

# Lower floors begin a whole storey further down than any foundation reaches.
FIRST_LEVEL = -1.0


def void_rules(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what is hollow directly below the ground: kind `cellar`.

    Tunnels and passages with `tunnel`, stations, halls and car parks drawn as areas below ground,
    and the footprint of buildings with floors underground (that matters in their archways). Only
    the first level down: what is mapped on level or layer -2 or deeper has a storey above it. How
    deep the roof lies is mapped nowhere; nothing may be dug in above it, which errs high.
    """
    own = CLEARANCES["cellar"]
    depth = _depth(features)
    hollow = _is_hollow(features) & (depth >= FIRST_LEVEL)
    areas = features[hollow & is_area(features)]
    lines = features[hollow & is_line(features)]
    houses = features[
        building_outlines(features) & (number(features, "building:levels:underground") >= 1.0)
    ]
    strips = shapely.buffer(lines.geometry.to_numpy(), _reach_m(lines), cap_style="flat")
    return pd.concat(
        [
            rule_rows(areas, "cellar", areas.geometry.to_numpy(), own),
            rule_rows(lines, "cellar", np.asarray(strips), own),
            rule_rows(houses, "cellar", houses.geometry.to_numpy(), own),
        ]
    )


def deep_voids(features: gpd.GeoDataFrame) -> int:
    """Return how many tunnels and halls lie on the second level down or deeper."""
    room = is_area(features) | is_line(features)
    return int((_is_hollow(features) & room & (_depth(features) < FIRST_LEVEL)).sum())


def utility_rules(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return underground pipes and cables, and the covers of manholes: kind `utility`."""
    own = CLEARANCES["utility"]
    buried = is_one_of(features, "location", ("underground",)) & is_line(features)
    line = is_one_of(features, "man_made", ("pipeline",)) | is_one_of(features, "power", ("cable",))
    lines = features[buried & line & (_depth(features) >= FIRST_LEVEL)]
    covers = features[
        is_point(features)
        & (is_one_of(features, "man_made", ("manhole",)) | ~is_one_of(features, "manhole", ("",)))
    ]
    strips = shapely.buffer(lines.geometry.to_numpy(), own.reach_m, quad_segs=4)
    discs = shapely.buffer(covers.geometry.to_numpy(), MANHOLE.reach_m, quad_segs=6)
    return pd.concat(
        [
            rule_rows(lines, "utility", np.asarray(strips), own),
            rule_rows(covers, "utility", np.asarray(discs), MANHOLE),
        ]
    )


def _is_hollow(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which features are rooms or tunnels that are said to be below ground."""
    tunnel = ~tag(features, "tunnel").isin(OPEN_TUNNELS).to_numpy()
    way = (
        is_one_of(features, "highway", (*PASSAGES, *CARRIAGEWAYS))
        | is_one_of(features, "railway", TRACKS)
        | is_one_of(features, "waterway", WATERS)
    )
    buried = is_one_of(features, "location", ("underground",))
    room = is_area(features) & (
        tunnel
        | buried
        | ~is_one_of(features, "building", ("", "no"))
        | is_one_of(features, "railway", ("station", "platform"))
        | is_one_of(features, "public_transport", ("station", "platform"))
        | is_one_of(features, "amenity", ("parking", "bicycle_parking", "toilets"))
        | is_one_of(features, "highway", ("footway", "pedestrian", "corridor"))
        | ~is_one_of(features, "shop", ("",))
    )
    water = is_one_of(features, "natural", ("water",))
    return (_depth(features) < 0.0) & ((is_line(features) & way & tunnel) | (room & ~water))


def _depth(features: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return the level of each feature, the one nearest to the ground: 0 is the ground.

    `level` goes before `layer`, which only orders what crosses; a tunnel with neither is taken for
    the first level down.
    """
    level, layer = _highest(tag(features, "level")), _highest(tag(features, "layer"))
    tunnel = ~tag(features, "tunnel").isin(OPEN_TUNNELS).to_numpy()
    buried = tunnel | is_one_of(features, "location", ("underground",))
    stated = np.where(np.isnan(level), layer, level)
    return np.where(np.isnan(stated), np.where(buried, FIRST_LEVEL, 0.0), stated)


def _highest(values: pd.Series) -> NDArray[np.float64]:
    """Return the highest number in lists such as "-1;-2"; NaN where there is none."""
    parts = values.str.split(";").explode()
    numbers = pd.to_numeric(parts, errors="coerce")
    return numbers.groupby(level=0).max().reindex(values.index).to_numpy(dtype=np.float64)


def _reach_m(lines: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return how far the outside of each tunnel is from its middle."""
    stated = number(lines, "width")
    highway = tag(lines, "highway")
    road = highway.str.removesuffix("_link").isin(CARRIAGEWAYS).to_numpy()
    usual = class_width_m(highway, oneway=is_one_of(lines, "oneway", ("yes",))) / 2 + WALL_M
    half = np.where(road, usual, PASSAGE_REACH_M)
    return np.where((stated > 0.5) & (stated < 60.0), stated / 2 + WALL_M, half)
