"""Lines, units and products -> Attack: what strikes where, and what stands there was tested for."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sbd.catalogue.coverage import Arrangement, Demand
from sbd.catalogue.products import Product
from sbd.catalogue.rating_standards import VEHICLE_CLASSES
from sbd.catalogue.ratings import Rating
from sbd.model import tables
from sbd.verify.breach import at

Row = Mapping[Hashable, Any]
Tested = tuple[Rating | None, Arrangement]

# Under or through anything else a vehicle of another size may pass.
CLOSED_TO_GROUND = (
    "fixed_bollard",
    "retractable_bollard",
    "planter",
    "bench",
    "step",
    "low_wall",
    "road_blocker",
    "modular_set",
    "concrete_block",
)
STRUCK = ("vehicle", "mass_kg", "speed_kmh", "energy_kj")
RATED = ("rated_vehicle", "rated_mass_kg", "rated_speed_kmh")
USED = (*STRUCK, *RATED, "unit_id", "line_id", "product_id", "kind", "strength", "angle_deg")
HEAD_ON_DEG = 90.0
# Figures in the tables are rounded to a tenth.
ROUNDING_KMH = 0.05


@dataclass(frozen=True, slots=True)
class Attack:
    """The hardest blow at one line, or at one of its units.

    Parameters
    ----------
    place : str
        Line and unit, in words.
    claimed : str
        One of `words.STRENGTHS`; empty where nobody claims anything.
    rating : Rating or None
        Of what stands there; None where nothing was tested, or nobody says.
    demand : Demand
        What strikes.
    energy_kj : float
        That arrives.
    """

    line_id: str
    product_id: str
    place: str
    claimed: str
    rating: Rating | None
    arrangement: Arrangement
    demand: Demand
    energy_kj: float


def attacks_on(
    barriers: gpd.GeoDataFrame,
    footprints: gpd.GeoDataFrame,
    products: Sequence[Product],
) -> list[Attack]:
    """Return the attack on each line, and on each unit where units say what strikes them.

    Raises LayerError where `barriers` break their contract (`tables.BARRIERS`).
    """
    known = _known(products)
    lines = tables.check_table(barriers, tables.BARRIERS, "barriers")
    found = []
    for line in lines.to_dict("records"):
        units = footprints[footprints["line_id"] == line["line_id"]]
        found.append(_attack(line, line, _weakest_place(line, units), known))
        if {*STRUCK, "product_id"} <= set(units):
            for unit, shape in zip(_rows(units), units.geometry, strict=True):
                found.append(_attack(unit, line, _at_unit(line["line_id"], unit, shape), known))
    return found


def attacks_on_units(
    footprints: gpd.GeoDataFrame, products: Sequence[Product]
) -> tuple[list[Attack], list[str]]:
    """Return the attacks that a foreign layout tells of, and what it leaves open, in words."""
    known = _known(products)
    struck = _told(footprints, STRUCK)
    ids = footprints.get("product_id", pd.Series("", index=footprints.index)).astype(str)
    rated = _told(footprints, RATED) | ids.isin(set(known)).to_numpy()
    if not (struck | rated).any():
        return [], ["strength: no ratings were given, only the gaps were judged"]
    left = [
        f"strength: {int((~told).sum())} of {len(footprints)} units do not say {what}"
        for told, what in (
            (rated, f"what they were tested with ({', '.join(RATED)}, or a known product_id)"),
            (struck, f"what strikes them ({', '.join(STRUCK)})"),
        )
        if not told.all()
    ]
    chosen = footprints[struck & rated]
    rows = zip(_rows(chosen), chosen.geometry, strict=True)
    attacks = [_attack(u, u, _at_unit(u["line_id"], u, shape), known) for u, shape in rows]
    return attacks, left


def _known(products: Sequence[Product]) -> dict[str, Tested]:
    """Return what each product was tested with, read once and not for each of hundreds of units."""
    return {product.product_id: (product.tested, product.arrangement) for product in products}


def _attack(struck: Row, line: Row, place: str, known: dict[str, Tested]) -> Attack:
    product = known.get(str(struck.get("product_id")))
    closed = str(struck.get("kind") or "") in CLOSED_TO_GROUND
    return Attack(
        line_id=str(line["line_id"]),
        product_id=str(struck.get("product_id") or "the unit"),
        place=place,
        claimed=str(struck.get("strength") or line.get("strength") or ""),
        rating=_rating_told(line) if product is None else product[0],
        arrangement=(
            Arrangement(row=True, closed_to_ground=closed) if product is None else product[1]
        ),
        demand=Demand(
            str(struck["vehicle"]),
            float(struck["mass_kg"]),
            max(float(struck["speed_kmh"]) - ROUNDING_KMH, ROUNDING_KMH),
            angle_deg=_angle_deg(struck.get("angle_deg")),
        ),
        energy_kj=float(struck["energy_kj"]),
    )


def _rating_told(row: Row) -> Rating | None:
    mass_kg, speed_kmh = float(row["rated_mass_kg"]), float(row["rated_speed_kmh"])
    if not (mass_kg > 0 and speed_kmh > 0):
        return None
    vehicle = str(row["rated_vehicle"])
    return Rating(
        vehicle_class=vehicle if vehicle in VEHICLE_CLASSES else None,
        mass_kg=mass_kg,
        speed_kmh=speed_kmh,
        angle_deg=HEAD_ON_DEG,
    )


def _angle_deg(told: Any) -> float:
    """Return the angle to the line, head-on where nobody says; a test is asked for no flatter."""
    angle_deg = abs(float(pd.to_numeric(told, errors="coerce"))) if told is not None else math.nan
    return HEAD_ON_DEG if math.isnan(angle_deg) else min(max(angle_deg, 1.0), HEAD_ON_DEG)


def _told(table: gpd.GeoDataFrame, columns: Sequence[str]) -> NDArray[np.bool_]:
    if not set(columns) <= set(table):
        return np.zeros(len(table), dtype=bool)
    told = table[list(columns)]
    return np.asarray(told.notna().all(axis=1) & ~(told == 0).any(axis=1))


def _rows(units: gpd.GeoDataFrame) -> list[Row]:
    """Return what matters of each unit here; all columns of hundreds of units take long."""
    return list(units[[name for name in USED if name in units]].to_dict("records"))


def _at_unit(line_id: object, unit: Row, shape: BaseGeometry) -> str:
    spot = at(shapely.get_coordinates(shapely.centroid(shape))[0])
    return f"line {line_id} at unit {unit['unit_id']} ({spot})"


def _weakest_place(line: Row, units: gpd.GeoDataFrame) -> str:
    """Return where most energy arrives: at a unit where units say so, else mid-line."""
    if len(units) and "energy_kj" in units:
        worst = units["energy_kj"].astype(float).argmax()
        return _at_unit(line["line_id"], units.iloc[worst].to_dict(), units.geometry.iloc[worst])
    middle = line["geometry"].interpolate(0.5, normalized=True)
    return f"line {line['line_id']} {at(shapely.get_coordinates(middle)[0])}"
