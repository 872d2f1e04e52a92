"""Units of a plan in, pieces of furniture out: what it is, how large such things are, where.

This is the allow-list. Of a unit nothing is read but its kind, its place and its bearing: sizes are
those that are usual for the kind, because the size of a product would name the product, and the
catalogue names what it stops.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

# 1e-6 degrees of latitude are 11 cm: as exact as a plan to talk about needs to be.
DECIMALS = 6
_ROUND_CORNERS = 16


@dataclass(frozen=True, slots=True)
class Furniture:
    """A kind of furniture in words that everybody knows.

    Parameters
    ----------
    word : str
        What it is called.
    size : str
        How large such things usually are, in words.
    width_m, depth_m : float
        How large it is drawn.
    """

    word: str
    size: str
    width_m: float
    depth_m: float
    is_round: bool = False


_BOLLARD = Furniture("bollard", "about 0.3 m across", 0.3, 0.3, is_round=True)
_PLANTER = Furniture("planter", "about 2 m long and 1 m wide", 2.0, 1.0)
_GATE = Furniture("gate", "about 4.5 m wide", 4.5, 0.6)
_BLOCK = Furniture("block", "about 0.8 m to 1.6 m long", 1.0, 0.8)
_OTHER = Furniture("street furniture", "about 1 m long", 1.0, 1.0)

# What opens is not told apart from what does not.
_OF_KIND = {
    "fixed_bollard": _BOLLARD,
    "retractable_bollard": _BOLLARD,
    "planter": _PLANTER,
    "bench": Furniture("bench", "about 2 m long", 2.0, 0.7),
    "road_blocker": _GATE,
    "swing_gate": _GATE,
    "sliding_gate": _GATE,
    "portable_blocker": _GATE,
    "portable_gate": _GATE,
    "step": Furniture("step", "about 3 m long", 3.0, 1.2),
    "low_wall": Furniture("low wall", "about 3 m long", 3.0, 0.5),
    "modular_set": _BLOCK,
    "concrete_block": _BLOCK,
    "parked_vehicle": Furniture("parked vehicle", "about 8 m long", 8.0, 2.5),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of furniture: numbered from north to south, whatever the plan calls it."""

    number: int
    furniture: Furniture
    at_deg: tuple[float, float]  # longitude, latitude
    outline: shapely.Polygon  # longitude, latitude


def furniture_of(kind: object) -> Furniture:
    """Return what a kind is called in public; a kind that nobody thought of is just furniture.

    >>> furniture_of("retractable_bollard").word, furniture_of("tank trap").word
    ('bollard', 'street furniture')
    """
    return _OF_KIND.get(kind, _OTHER) if isinstance(kind, str) else _OTHER


def pieces_of(units: Iterable[tuple[shapely.Geometry, Mapping[str, Any]]]) -> list[Piece]:
    """Return the furniture of a plan.

    Parameters
    ----------
    units : iterable of (shape, properties)
        In longitude and latitude; of the properties only `kind` and `bearing_deg` are read.
    """
    found = []
    for shape, properties in units:
        middle = shape.centroid
        at_deg = (round(middle.x, DECIMALS), round(middle.y, DECIMALS))
        found.append((at_deg, furniture_of(properties.get("kind")), _bearing(properties)))
    # Ids, and the order in which a plan lists its units, would tell which belong together.
    found.sort(key=lambda piece: (-piece[0][1], piece[0][0], piece[1].word))
    return [
        Piece(number, furniture, at_deg, _outline(at_deg, furniture, bearing_deg))
        for number, (at_deg, furniture, bearing_deg) in enumerate(found, start=1)
    ]


def metres_per_degree(latitude_deg: float) -> tuple[float, float]:
    """Return the length of a degree of longitude and of latitude [m], to some thousandths.

    >>> [round(length, -3) for length in metres_per_degree(60.0)]
    [56000.0, 111000.0]
    """
    latitude = math.radians(latitude_deg)
    return 111_412.0 * math.cos(latitude), 111_133.0 - 560.0 * math.cos(2 * latitude)


def _bearing(properties: Mapping[str, Any]) -> int:
    value = properties.get("bearing_deg")
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return round(value) % 180 if is_number and value is not None else 0


def _outline(
    at_deg: tuple[float, float], furniture: Furniture, bearing_deg: int
) -> shapely.Polygon:
    half = furniture.width_m / 2
    if furniture.is_round:
        turns = np.arange(_ROUND_CORNERS) / _ROUND_CORNERS * 2 * np.pi
        corners = half * np.column_stack([np.cos(turns), np.sin(turns)])
    else:
        bearing = math.radians(bearing_deg)
        along = np.array([math.sin(bearing), math.cos(bearing)]) * half
        across = np.array([math.cos(bearing), -math.sin(bearing)]) * furniture.depth_m / 2
        corners = np.array([along + across, along - across, -along - across, -along + across])
    degrees = np.asarray(at_deg) + corners / np.array(metres_per_degree(at_deg[1]))
    # One more digit than the place, or a bollard would be no circle.
    rounded = np.round(degrees, DECIMALS + 1)
    return shapely.orient_polygons(shapely.Polygon(rounded), exterior_cw=False)
