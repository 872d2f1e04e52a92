"""Features in, solids out: what stops every vehicle, before archways and bridges are cut."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sbd.site.features import below_ground, is_area, is_line, is_one_of, is_point, number, tag
from sbd.site.shapes import Shapes

# No lorry is stopped by these, and no barrier is anchored on them.
LIGHT_BUILDINGS = (
    "bandstand",
    "bridge",
    "canopy",
    "carport",
    "collapsed",
    "construction",
    "container",
    "demolished",
    "elevator",
    "entrance",
    "gazebo",
    "greenhouse",
    "hut",
    "kiosk",
    "pavilion",
    "proposed",
    "roof",
    "ruins",
    "shed",
    "shelter",
    "stall",
    "tent",
    "toilets",
)
# Smaller ones of unknown making may be light.
SMALL_BUILDING_M2 = 25.0

# A floor that starts this high lets a van through beneath it; unknown heights say nothing.
RAISED_FROM_M = 2.0
RAISED_FROM_LAYER = 2

# Walls lower than this are steps for a lorry's wheels.
LOW_WALL_M = 0.5
THIN_M = 0.1
SMALL_WATER_M2 = 100.0

WALLS = {"wall": "wall", "city_wall": "wall", "retaining_wall": "retaining_wall"}
SHALLOW_WATER = ("basin", "fountain", "pond", "pool", "reflecting_pool", "wastewater")
NO_BUILDING = ("", "no")


def building_outlines(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which features are building polygons at ground level, light ones too."""
    tagged = ~is_one_of(features, "building", NO_BUILDING)
    return tagged & is_area(features) & ~below_ground(features)


def is_light(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which building outlines are light by their tags, or stand clear of the ground."""
    light = is_one_of(features, "building", LIGHT_BUILDINGS)
    return light | is_raised(features) | is_one_of(features, "man_made", ("canopy",))


def is_raised(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return what starts above the ground: by `min_height`, `building:min_level`, or layer 2 up.

    On layer 1 stand many ordinary buildings with a passage beneath, so layer 1 says nothing.
    """
    return (
        (number(features, "min_height") >= RAISED_FROM_M)
        | (number(features, "building:min_level") >= 1.0)
        | (number(features, "layer") >= RAISED_FROM_LAYER)
    )


def is_small(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which outlines are too small to be trusted."""
    return np.asarray(shapely.area(features.geometry.to_numpy()) < SMALL_BUILDING_M2)


def solid_buildings(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what buildings stop every vehicle: outlines, and parts that no outline covers.

    Raised parts are never solid. Parts on the ground count only outside every outline.
    """
    outlines = building_outlines(features)
    table = features[outlines]
    solid = table[~is_light(table) & ~is_small(table)]
    parts = features[
        ~tag(features, "building:part").isin(NO_BUILDING).to_numpy()
        & ~outlines
        & is_area(features)
        & ~below_ground(features)
    ]
    parts = parts[
        ~is_raised(parts) & ~is_small(parts) & ~is_one_of(parts, "building:part", LIGHT_BUILDINGS)
    ]
    centres = shapely.point_on_surface(parts.geometry.to_numpy())
    covered, _ = shapely.STRtree(table.geometry.to_numpy()).query(centres, predicate="within")
    alone = np.ones(len(parts), dtype=bool)
    alone[covered] = False
    return _solids(pd.concat([solid, parts[alone]]), "building")


def walls(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return walls and retaining walls as polygons; lines become 0.1 m thick.

    A closed wall without `area=yes` is the wall around an area, not the area. Walls known to be
    lower than 0.5 m are left out, unknown heights are not.
    """
    barrier = tag(features, "barrier")
    barrier = barrier.where(
        ~tag(features, "historic").isin(["citywalls", "city_wall"]), "city_wall"
    )
    low = number(features, "height") < LOW_WALL_M
    found = features[
        barrier.isin(WALLS).to_numpy()
        & ~is_point(features)
        & ~below_ground(features)
        & ~low
        & ~building_outlines(features)
    ]
    kinds = barrier[found.index].map(WALLS)
    shapes = found.geometry.to_numpy().copy()
    ring = is_area(found) & ~is_one_of(found, "area", ("yes",))
    shapes[ring] = shapely.boundary(shapes[ring])
    line = shapely.get_dimensions(shapes) == 1
    shapes[line] = thick_lines(shapes[line])
    return _solids(found.set_geometry(gpd.GeoSeries(shapes, found.index, crs=found.crs)), kinds)


def waters(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return open water deep enough to stop a vehicle.

    Fountains, ponds, basins and anything below 100 m2 are of unknown depth and stop nothing.
    Piers in a dock are ground.
    """
    found = features[water_areas(features)]
    return _solids(found[~is_shallow(found)], "water")


def water_areas(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which features are open water, deep or shallow."""
    wet = is_one_of(features, "natural", ("water",)) | is_one_of(
        features, "waterway", ("riverbank", "dock")
    )
    dry = is_one_of(features, "man_made", ("pier", "bridge"))
    # Rivers are often put on layer -1 and are still open; only a tunnel hides them.
    hidden = ~is_one_of(features, "tunnel", ("", "no")) | is_one_of(
        features, "location", ("underground", "roof", "indoor")
    )
    area: NDArray[np.bool_] = is_area(features)
    return wet & ~dry & ~hidden & area


def is_shallow(waters: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which water areas are fountains or basins of unknown depth."""
    small: NDArray[np.bool_] = shapely.area(waters.geometry.to_numpy()) < SMALL_WATER_M2
    ornamental = is_one_of(waters, "water", SHALLOW_WATER)
    return ornamental | is_one_of(waters, "amenity", ("fountain",)) | small


def drops(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return cliffs and quay edges as polygons 0.1 m thick.

    Only lines: the outline of a mapped quay area runs over land as well.
    """
    edge = is_one_of(features, "natural", ("cliff",)) | is_one_of(features, "man_made", ("quay",))
    found = features[edge & is_line(features) & ~below_ground(features)]
    thick = thick_lines(found.geometry.to_numpy())
    return _solids(found.set_geometry(gpd.GeoSeries(thick, found.index, crs=found.crs)), "drop")


def thick_lines(lines: Shapes) -> Shapes:
    """Return lines as strips 0.1 m wide in all, 5 cm longer at either end so that joints close."""
    return np.asarray(shapely.buffer(lines, THIN_M / 2, cap_style="square", join_style="mitre"))


def _solids(found: gpd.GeoDataFrame, kind: str | pd.Series) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "solid_id": found["osm_id"].astype(object),
            "kind": kind,
            "name": tag(found, "name"),
            "tags": found["tags"],
        },
        geometry=found.geometry,
        crs=found.crs,
    )
