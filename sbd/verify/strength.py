"""Barrier lines -> what they were tested for against what strikes them."""

import geopandas as gpd
import shapely

from sbd.model import tables
from sbd.model.verdict import Check
from sbd.units import JOULE_PER_KILOJOULE, kmh_to_mps
from sbd.verify.breach import at

# Figures in the tables are rounded to a tenth.
ROUNDING_KMH = 0.05
ROUNDING_KJ = 0.1


def strength_check(
    barriers: gpd.GeoDataFrame, footprints: gpd.GeoDataFrame
) -> tuple[Check, list[str]]:
    """Return whether every line is strong enough, and what is still to be proven.

    The column `strength` is not taken at its word: a line called "tested" whose test was lighter or
    slower than what strikes it fails, and so does any line whose test had less energy.

    Raises LayerError where `barriers` break their contract (`tables.BARRIERS`).
    """
    lines = tables.check_table(barriers, tables.BARRIERS, "barriers")
    faults, conditions = [], []
    for line in lines.itertuples():
        rated_kj = _energy_kj(line.rated_mass_kg, line.rated_speed_kmh)
        asked = f"{line.vehicle} {line.mass_kg:.0f} kg at {line.speed_kmh:.0f} km/h"
        place = _weakest_place(line.line_id, line.geometry, footprints)
        struck = f"line {line.line_id} {place}: {line.energy_kj:.0f} kJ arrive ({asked})"
        tested = f"{line.product_id} was tested to {rated_kj:.0f} kJ"
        slower = line.rated_speed_kmh < line.speed_kmh - ROUNDING_KMH
        if line.strength == "short" or rated_kj < line.energy_kj - ROUNDING_KJ:
            faults.append(f"{struck}, {tested}")
        elif line.strength == "tested" and (slower or line.rated_mass_kg < line.mass_kg):
            faults.append(f"{struck}, {tested}, but not with such a mass and speed")
        elif line.strength == "by_energy":
            conditions.append(
                f"{struck}; {tested}, with another mass or speed: ask the maker for a test"
            )
    return (
        Check(
            name="strength",
            question="Is every line at least as strong as what strikes it?",
            width_m=0.0,
            passes=not faults,
            wanted=True,
            note="; ".join(faults) or f"all {len(lines)} lines",
        ),
        conditions,
    )


def _energy_kj(mass_kg: float, speed_kmh: float) -> float:
    return mass_kg * kmh_to_mps(speed_kmh) ** 2 / 2 / JOULE_PER_KILOJOULE


def _weakest_place(line_id: str, line: shapely.Geometry, footprints: gpd.GeoDataFrame) -> str:
    """Return where most energy arrives: at a unit where units say so, else mid-line."""
    point = line.interpolate(0.5, normalized=True)
    units = footprints[footprints["line_id"] == line_id]
    if len(units) and "energy_kj" in units:
        worst = units.loc[units["energy_kj"].astype(float).idxmax()]
        point = worst.geometry.centroid
        return f"at unit {worst['unit_id']} ({at(shapely.get_coordinates(point)[0])})"
    return at(shapely.get_coordinates(point)[0])
