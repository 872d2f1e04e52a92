"""Site, Assessment and Proposal in, the layers of the map out as GeoJSON with words to show.

A feature has the properties `look` (a name in `LOOKS`), `tip` (on hovering), `title` and `rows`
(pairs of name and value, on clicking), `profile` (speed over the way driven) and, for a point that
is a label, `label`, `badge` and `bearing`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from sbd.export.features import as_geometry, to_wgs84
from sbd.export.jsontext import plain
from sbd.export.looks import (
    BLACK,
    BLUE,
    DARK_RED,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    SPEED_STEPS_KMH,
    VERMILION,
    class_colour,
)

DECIMALS = 7  # a centimetre, finer than a pixel at any zoom
STREET_NAMES = 60  # more names than that cover the streets

Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MapLayer:
    """One line of the map's layer list.

    Parameters
    ----------
    backdrop : bool
        Lies below everything and answers no click.
    """

    name: str
    features: list[Feature]
    shown: bool = True
    backdrop: bool = False


def _line(colour: str, weight: float, **more: Any) -> dict[str, Any]:
    return {"color": colour, "weight": weight, "fill": False, "opacity": 1.0, **more}


def _area(fill: str, edge: str, weight: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"color": edge, "weight": weight, "fillColor": fill, "fillOpacity": 1.0, **more}


# Leaflet's path options by name.
LOOKS: dict[str, dict[str, Any]] = {
    "ground": _area("#f6f4ef", "#777777", 1.0, dashArray="6 5"),
    "street": _area("#ffffff", "#d5d0c4", 0.8),
    "building": _area("#bdb9b3", "#8d8983", 0.8),
    "water": _area("#a9cfe5", "#6fa5c4", 0.8),
    "wall": _area("#6b5d4f", "#6b5d4f", 2.0),
    "other": _area("#d3cbbd", "#8d8983", 0.8),
    # Not seen, but felt by the pointer.
    "touch": _line(BLACK, 13, opacity=0.0, lineCap="butt"),
    "zone": _area("#f5d77a", BLACK, 1.5, fillOpacity=0.35, dashArray="1 4"),
    "entry": _line(GREEN, 7, lineCap="butt"),
    "furniture": {"radius": 2.5, "color": "#4d4d4d", "weight": 1, "fillColor": "#a6a6a6",
                  "fillOpacity": 0.9},
    "crowd": _area(BLUE, BLUE, 1.5, fillOpacity=0.14, dashArray="2 4"),
    "rule forbid": _area(DARK_RED, DARK_RED, 1.2, fillOpacity=0.3),
    "rule price": _area(DARK_RED, DARK_RED, 1.2, fillOpacity=0.08, dashArray="4 4"),
    # Dots for feet, dashes for wheels.
    "foot": _line(BLUE, 3.5, dashArray="3 4", lineCap="butt"),
    "cycle": _line(BLUE, 3, dashArray="12 5", lineCap="butt"),
    "run-out": _area(VERMILION, VERMILION, 1.0, fillOpacity=0.16, dashArray="6 3"),
    "failure": _area(PURPLE, PURPLE, 1.5, fillOpacity=0.25, dashArray="1 5"),
    "closed": _line(PURPLE, 11, opacity=0.6, dashArray="3 5", lineCap="butt"),
    "openable lane": _line(PURPLE, 11, opacity=0.6, dashArray="16 5", lineCap="butt"),
    "gap": _line(SKY, 2, lineCap="butt"),
    "casing": _line("#ffffff", 9, lineCap="butt"),
    "fixed line": _line(BLACK, 5, lineCap="butt"),
    "openable line": _line(ORANGE, 5, dashArray="7 5", lineCap="butt"),
    # Leaflet smooths outlines by 1 pixel, which makes a heptagon of a round bollard.
    "fixed unit": _area(VERMILION, BLACK, 1.5, smoothFactor=0.3),
    "openable unit": _area("#ffffff", ORANGE, 2.5, smoothFactor=0.3),
    **{
        f"speed {number}": _line(class_colour(number), 5 + number, lineCap="butt")
        for number in range(len(SPEED_STEPS_KMH) + 2)
    },
    **{
        f"corridor {speed} {width}": _line(class_colour(speed), width)
        for speed in range(len(SPEED_STEPS_KMH) + 2)
        for width in (8, 6, 4)
    },
}  # fmt: skip


def rows(layer: gpd.GeoDataFrame) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the geometry and the columns of each row."""
    records = pd.DataFrame(layer.drop(columns="geometry")).to_dict("records")
    for shape, record in zip(to_wgs84(layer, decimals=DECIMALS), records, strict=True):
        yield as_geometry(shape), {str(name): value for name, value in record.items()}


def feature(geometry: dict[str, Any], look: str, **properties: Any) -> Feature:
    """Return one feature with a look of `LOOKS`; properties that are None are left out."""
    given = {name: plain(value) for name, value in properties.items() if value is not None}
    return {"type": "Feature", "geometry": geometry, "properties": {"look": look, **given}}


def all_layers(groups: Iterable[list[MapLayer]]) -> list[MapLayer]:
    """Return the layers that hold anything, in drawing order."""
    return [layer for group in groups for layer in group if layer.features]
