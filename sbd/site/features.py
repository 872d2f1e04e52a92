"""OpenStreetMap features in, columns and masks out: tags, numbers, what is at ground level."""

import re
import unicodedata
from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

_NUMBER = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)\s*(?:m|metres?|meters?)?\s*")
_RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)\s*")

# A way here runs below or above the ground that people and vehicles share.
ELSEWHERE = ("underground", "roof", "rooftop", "indoor", "overhead", "bridge")
OPEN_TUNNELS = ("", "no", "building_passage")


def plain_name(text: str) -> str:
    """Return a name without case, accents and odd blanks, for comparing.

    >>> plain_name(" Praça  da Liberdade ")
    'praca da liberdade'
    """
    apart = unicodedata.normalize("NFKD", text)
    letters = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join(letters.casefold().split())


def tag(features: gpd.GeoDataFrame, key: str) -> pd.Series:
    """Return the values of one key; an empty text where the object has none."""
    values = [tags.get(key, "") for tags in features["tags"]]
    return pd.Series(values, index=features.index, dtype=object)


def number(features: gpd.GeoDataFrame, key: str) -> NDArray[np.float64]:
    """Return a key as a number, in metres where it is a length; NaN where it is none.

    Feet, ranges and lists count as none: unknown is safer than misread.
    """
    return np.array([_parsed(tags.get(key, "")) for tags in features["tags"]], dtype=np.float64)


def is_one_of(features: gpd.GeoDataFrame, key: str, values: Collection[str]) -> NDArray[np.bool_]:
    """Return which features carry `key` with one of the values."""
    wanted = frozenset(values)
    return np.array([tags.get(key, "") in wanted for tags in features["tags"]], dtype=bool)


def is_point(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which features are points."""
    return np.asarray(shapely.get_dimensions(features.geometry.to_numpy()) == 0)


def is_line(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which features are lines."""
    return np.asarray(shapely.get_dimensions(features.geometry.to_numpy()) == 1)


def is_area(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which features are polygons."""
    return np.asarray(shapely.get_dimensions(features.geometry.to_numpy()) == 2)


def at_ground(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which features are on the ground that vehicles share.

    Out: tunnels, a negative `layer`, a `level` without 0, anything indoors, overhead or below
    ground. A `building_passage` is in even where mappers put it on layer -1. A level that can't
    be read counts as ground: errs to more ground, the safe side for ways.
    """
    return np.array([_on_ground(tags) for tags in features["tags"]], dtype=bool)


def below_ground(features: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which features are said to be underground (`layer`, `location`, `tunnel`)."""
    return np.array(
        [
            tags.get("location") == "underground"
            or tags.get("tunnel", "") not in OPEN_TUNNELS
            or _highest(tags.get("layer", "0")) < 0
            for tags in features["tags"]
        ],
        dtype=bool,
    )


def project(features: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the features in metres, flat and valid; objects that stay broken are left out."""
    projected = features.to_crs(crs)
    shapes = shapely.force_2d(projected.geometry.to_numpy())
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    sound = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    return projected.set_geometry(gpd.GeoSeries(shapes, index=projected.index, crs=crs))[sound]


def touching(features: gpd.GeoDataFrame, area: Polygon | MultiPolygon) -> gpd.GeoDataFrame:
    """Return the features that reach into an area, in their order."""
    hits = shapely.STRtree(features.geometry.to_numpy()).query(area, predicate="intersects")
    return features.iloc[np.sort(hits)]


def _on_ground(tags: dict[str, str]) -> bool:
    passage = tags.get("tunnel") == "building_passage"
    if tags.get("tunnel", "") not in OPEN_TUNNELS or tags.get("location", "") in ELSEWHERE:
        return False
    if tags.get("indoor", "no") != "no":
        return False
    if _highest(tags.get("layer", "0")) < (-1 if passage else 0):
        return False
    return _has_level_zero(tags.get("level", ""))


def _highest(layer: str) -> float:
    values = [value for part in layer.split(";") if not np.isnan(value := _parsed(part))]
    return max(values, default=0.0)


def _has_level_zero(level: str) -> bool:
    if not level.strip():
        return True
    for part in level.split(";"):
        value = _parsed(part)
        between = _RANGE.fullmatch(part)
        if 0.0 <= value < 1.0 or (np.isnan(value) and between is None):
            return True
        if between and float(between[1]) <= 0.0 <= float(between[2]):
            return True
    return False


def _parsed(text: str) -> float:
    match = _NUMBER.fullmatch(text)
    return float(match[1].replace(",", ".")) if match else float("nan")
