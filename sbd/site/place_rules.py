"""Features in, place rules out: where OpenStreetMap says that units may not stand or dig."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.model import tables
from sbd.site.below import utility_rules, void_rules
from sbd.site.clearances import (
    CLEARANCES,
    DOOR_DEPTH_M,
    DOOR_WIDTH_M,
    GARAGE_WIDTH_M,
    RAIL,
    TRUNK_CLEAR_M,
    TRUNK_RADIUS_M,
)
from sbd.site.features import at_ground, is_area, is_line, is_one_of, is_point, number
from sbd.site.rule_rows import rule_rows
from sbd.site.shapes import Shapes, only_polygons
from sbd.site.solids import building_outlines
from sbd.site.streets import TRAMS

OTHER_RAILS = ("rail", "narrow_gauge", "funicular")
TRUE_TACTILE = ("yes", "contrasted", "primitive")

# Doors are drawn on the outline of their house, give or take.
FACADE_REACH_M = 1.0
WIDEST_DOOR_M = 6.0

# Listed or old buildings; plates, stones and the like are no facade.
HISTORIC = (
    "building", "castle", "cathedral", "chapel", "church", "city_gate", "citywalls", "fort",
    "heritage", "house", "manor", "monastery", "monument", "mosque", "palace", "synagogue",
    "temple", "tower", "yes",
)  # fmt: skip


def place_rule_table(
    features: gpd.GeoDataFrame, study: Polygon | MultiPolygon, solids: Shapes
) -> gpd.GeoDataFrame:
    """Return the place rules of a study area: `tables.PLACE_RULES`, with `source`.

    Rails, doors, hydrants, tactile paving, roots, heritage facades, passages and cellars below the
    ground, pipes and cables, manholes: as far as they are mapped, which is never all of them. Each
    keeps the clearance of `clearances.CLEARANCES`. Errs to the planner's side: what is not mapped,
    or mapped without a place (tactile paving of a crossing or a platform), forbids nothing.

    Ids are those of OpenStreetMap with the kind: "node/5:door". What lies wholly in or under one of
    the solids is left out, no unit comes there.
    """
    found = [
        _rails(features),
        _doors(features),
        _hydrants(features),
        _tactile(features),
        _roots(features),
        _heritage(features),
        void_rules(features),
        utility_rules(features),
    ]
    table = pd.concat([rules for rules in found if len(rules)] or found[:1], ignore_index=True)
    shapes = only_polygons(shapely.intersection(table.geometry.to_numpy(), study))
    cut = table.set_geometry(gpd.GeoSeries(shapes, table.index, crs=features.crs))
    cut = cut[~shapely.is_empty(shapes)].drop_duplicates("place_rule_id")
    hidden, _ = shapely.STRtree(solids).query(cut.geometry.to_numpy(), predicate="within")
    cut = cut.drop(cut.index[np.unique(hidden)])
    return cut.reset_index(drop=True) if len(cut) else empty_rules(features.crs)


def empty_rules(crs: object) -> gpd.GeoDataFrame:
    """Return a table of place rules without a row."""
    return tables.empty_layer(tables.PLACE_RULES, crs).assign(source=pd.Series([], dtype=object))


def tactile_without_place(features: gpd.GeoDataFrame) -> int:
    """Return how many crossings and platforms have tactile paving that nobody has drawn."""
    said = is_one_of(features, "tactile_paving", TRUE_TACTILE) & at_ground(features)
    on_road = is_one_of(features, "highway", ("crossing",)) & is_point(features)
    return int((said & (on_road | is_area(features))).sum())


def _rails(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    line = is_line(features) & at_ground(features) & ~is_one_of(features, "bridge", ("yes",))
    trams = features[line & is_one_of(features, "railway", TRAMS)]
    rails = features[line & is_one_of(features, "railway", OTHER_RAILS)]
    own = CLEARANCES["tram_rail"]
    return pd.concat(
        [
            rule_rows(trams, "tram_rail", _strips(trams, own.reach_m), own),
            rule_rows(rails, "tram_rail", _strips(rails, RAIL.reach_m), RAIL),
        ]
    )


def _hydrants(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    own = CLEARANCES["hydrant"]
    found = features[is_one_of(features, "emergency", ("fire_hydrant",)) & is_point(features)]
    return rule_rows(found, "hydrant", _discs(found, own.reach_m), own)


def _tactile(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    own = CLEARANCES["tactile_paving"]
    said = is_one_of(features, "tactile_paving", TRUE_TACTILE) & at_ground(features)
    # Of a crossing it says that the kerbs have it: a node in the road is no place of it, and the
    # line is one only where it is drawn beside the road.
    crossing = is_one_of(features, "highway", ("crossing",)) | is_one_of(
        features, "footway", ("crossing",)
    )
    lines = features[said & is_line(features) & ~crossing]
    points = features[said & is_point(features) & ~crossing]
    return pd.concat(
        [
            rule_rows(lines, "tactile_paving", _strips(lines, own.reach_m), own),
            rule_rows(points, "tactile_paving", _discs(points, 2 * own.reach_m), own),
        ]
    )


def _roots(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    trees = features[is_one_of(features, "natural", ("tree",)) & is_point(features)]
    girth = number(trees, "circumference")
    known = (girth > 0.0) & (girth < 15.0)
    radius = np.where(known, girth / (2 * np.pi), TRUNK_RADIUS_M)
    return rule_rows(
        trees, "tree_root", _discs(trees, radius + TRUNK_CLEAR_M), CLEARANCES["tree_root"]
    )


def _heritage(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    own = CLEARANCES["heritage_facade"]
    listed = ~is_one_of(features, "heritage", ("", "no")) | is_one_of(
        features, "historic", HISTORIC
    )
    houses = features[listed & building_outlines(features)]
    facades = shapely.boundary(houses.geometry.to_numpy())
    rings = shapely.buffer(facades, own.reach_m, join_style="mitre", mitre_limit=2.0)
    return rule_rows(houses, "heritage_facade", np.asarray(rings), own)


def _doors(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the room before doors and at the top of stairs that lead down."""
    door = ~is_one_of(features, "entrance", ("", "no")) | is_one_of(
        features, "railway", ("subway_entrance",)
    )
    doors = features[door & is_point(features) & at_ground(features)]
    houses = features[building_outlines(features)].geometry.to_numpy()
    row, house = shapely.STRtree(houses).query_nearest(
        doors.geometry.to_numpy(), max_distance=FACADE_REACH_M, all_matches=False
    )
    shapes = _discs(doors, DOOR_DEPTH_M)
    shapes[row] = _before(doors.iloc[row], houses[house])
    return rule_rows(doors, "door", shapes, CLEARANCES["door"])


def _before(doors: gpd.GeoDataFrame, houses: Shapes) -> Shapes:
    """Return the strip along each facade as wide as the door needs, and as deep."""
    stated = number(doors, "width")
    usual = np.where(is_one_of(doors, "entrance", ("garage",)), GARAGE_WIDTH_M, DOOR_WIDTH_M)
    width = np.where((stated > usual) & (stated <= WIDEST_DOOR_M), stated, usual)
    outline = shapely.boundary(houses)
    foot = shapely.get_point(shapely.shortest_line(outline, doors.geometry.to_numpy()), 0)
    facade = shapely.intersection(outline, shapely.buffer(foot, width / 2))
    strips = shapely.buffer(facade, DOOR_DEPTH_M, cap_style="flat", join_style="mitre")
    return only_polygons(shapely.difference(strips, houses))


def _strips(lines: gpd.GeoDataFrame, reach_m: float) -> Shapes:
    return np.asarray(shapely.buffer(lines.geometry.to_numpy(), reach_m, quad_segs=4))


def _discs(points: gpd.GeoDataFrame, reach_m: float | NDArray[np.float64]) -> Shapes:
    return np.asarray(shapely.buffer(points.geometry.to_numpy(), reach_m, quad_segs=6))
