"""Features in, furniture out: what stands about and stops no vehicle for certain."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.site.features import at_ground, is_area, is_one_of, number, tag
from sbd.site.shapes import only_lines, only_polygons
from sbd.site.solids import (
    LOW_WALL_M,
    WALLS,
    building_outlines,
    is_light,
    is_raised,
    is_shallow,
    is_small,
    water_areas,
)

UNRATED = "unknown rating"
PASSABLE = "stops no vehicle for certain"
UNKNOWN_BUILDING = "making unknown"
UNKNOWN_DEPTH = "depth unknown"

# Which value of which key is which kind of furniture; the first that fits counts.
KINDS_BY_KEY: dict[str, dict[str, str]] = {
    "natural": {"tree": "tree", "tree_row": "tree_row", "stone": "rock"},
    "highway": {"street_lamp": "street_lamp", "steps": "steps", "traffic_signals": "signal_post"},
    "emergency": {"fire_hydrant": "fire_hydrant"},
    "amenity": {
        "bench": "bench",
        "bicycle_parking": "bicycle_parking",
        "clock": "clock",
        "drinking_water": "drinking_water",
        "fountain": "fountain",
        "parking_meter": "parking_meter",
        "post_box": "post_box",
        "recycling": "recycling",
        "telephone": "telephone",
        "vending_machine": "vending_machine",
        "waste_basket": "waste_basket",
    },
    "historic": {
        "boundary_stone": "memorial",
        "memorial": "memorial",
        "monument": "memorial",
        "statue": "memorial",
        "wayside_cross": "memorial",
    },
    "tourism": {"artwork": "memorial"},
    "man_made": {
        "flagpole": "flagpole",
        "mast": "mast",
        "planter": "planter",
        "street_cabinet": "street_cabinet",
        "utility_pole": "utility_pole",
        "water_well": "fountain",
    },
    "power": {"pole": "utility_pole", "catenary_mast": "utility_pole"},
    "railway": {"subway_entrance": "stairwell"},
    "advertising": {"column": "advertising_column", "billboard": "billboard"},
    "leisure": {"swimming_pool": "pool"},
}
# Barriers that nobody builds to stop a vehicle; every other kind may have been.
WEAK_BARRIERS = (
    "chain",
    "ditch",
    "entrance",
    "fence",
    "handrail",
    "hedge",
    "kerb",
    "kissing_gate",
    "railing",
    "rope",
    "stile",
    "ticket_barrier",
    "turnstile",
    "full-height_turnstile",
)
# Memorials that are plates in the ground or on a wall take no room.
FLAT_MEMORIALS = ("plaque", "plate", "stolperstein", "blue_plaque")

# No unit can stand on or right beside these without a works permit or a digger.
UNMOVABLE = (
    "advertising_column",
    "fire_hydrant",
    "fountain",
    "light_building",
    "low_wall",
    "memorial",
    "pool",
    "raised_building",
    "signal_post",
    "small_building",
    "stairwell",
    "steps",
    "street_lamp",
    "tree",
    "utility_pole",
)


def furniture_table(features: gpd.GeoDataFrame, study: Polygon | MultiPolygon) -> gpd.GeoDataFrame:
    """Return the furniture of a study area: `tables.FURNITURE`, with `name` and `tags` as JSON.

    Existing bollards, gates, fences and the like keep all their tags and stand as "unknown
    rating"; light and small buildings, fountains and low walls are here and not among the solids.
    """
    kind, standing = _kinds(features)
    on_site = (kind != "") & (at_ground(features) | _is_building(kind))
    found = features[on_site]
    shapes = _fitted(found, study)
    table = gpd.GeoDataFrame(
        {
            "furniture_id": found["osm_id"].astype(object),
            "kind": kind[on_site],
            "standing": standing[on_site],
            "name": tag(found, "name"),
            "tags": [
                json.dumps(tags, ensure_ascii=False, sort_keys=True) for tags in found["tags"]
            ],
        },
        geometry=gpd.GeoSeries(shapes, found.index, crs=features.crs),
        crs=features.crs,
    )
    return table[~shapely.is_empty(shapes)].reset_index(drop=True)


def _kinds(
    features: gpd.GeoDataFrame,
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    kind = np.full(len(features), "", dtype=object)
    for key, names in reversed(KINDS_BY_KEY.items()):
        values = tag(features, key)
        known = values.isin(names).to_numpy()
        kind[known] = values[known].map(names).to_numpy()
    flat = is_one_of(features, "memorial", FLAT_MEMORIALS)
    kind[flat & (kind == "memorial")] = ""
    standing = np.full(len(features), PASSABLE, dtype=object)

    barrier = tag(features, "barrier")
    low = number(features, "height") < LOW_WALL_M
    is_barrier = ~barrier.isin(["", "no", *WALLS]).to_numpy()
    kind[is_barrier] = barrier[is_barrier].to_numpy()
    standing[is_barrier & ~barrier.isin(WEAK_BARRIERS).to_numpy()] = UNRATED
    low_wall = barrier.isin(WALLS).to_numpy() & low
    kind[low_wall], standing[low_wall] = "low_wall", UNRATED

    shallow = water_areas(features) & is_shallow(features)
    kind[shallow], standing[shallow] = "fountain", UNKNOWN_DEPTH
    outlines = building_outlines(features)
    for which, name in (
        (is_small(features), "small_building"),
        (is_light(features), "light_building"),
        (is_raised(features), "raised_building"),
    ):
        kind[outlines & which] = name
        standing[outlines & which] = UNKNOWN_BUILDING if name == "small_building" else PASSABLE
    solid = outlines & ~is_small(features) & ~is_light(features)
    kind[solid] = ""
    return kind, standing


def _is_building(kind: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(pd.Series(kind).str.endswith("_building").to_numpy(), dtype=bool)


def _fitted(found: gpd.GeoDataFrame, study: Polygon | MultiPolygon) -> NDArray[np.object_]:
    """Return the shapes cut to the study area; a closed fence is a line, not what it encloses."""
    shapes = found.geometry.to_numpy().copy()
    ring = (
        is_area(found)
        & ~is_one_of(found, "barrier", ("", "no"))
        & ~is_one_of(found, "area", ("yes",))
        & is_one_of(found, "building", ("", "no"))
    )
    shapes[ring] = shapely.boundary(shapes[ring])
    size = shapely.get_dimensions(shapes)
    shapes = shapely.intersection(shapes, study)
    shapes[size == 1] = only_lines(shapes[size == 1])
    shapes[size == 2] = only_polygons(shapes[size == 2])
    points = size == 0
    shapes[points] = np.where(
        shapely.get_type_id(shapes[points]) == 0, shapes[points], shapely.Point()
    )
    return np.asarray(shapes)
