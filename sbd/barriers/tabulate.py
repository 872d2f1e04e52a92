"""Fitted lines -> the tables of a layout, with stable ids in the order of their bearing."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from sbd.barriers.cost import Strength
from sbd.barriers.demand import Floats
from sbd.barriers.fitting import FittedLine
from sbd.barriers.rows import Unit
from sbd.catalogue.products import Product
from sbd.model import tables
from sbd.units import KMH_PER_MPS, MILLIMETRE_PER_METRE


def layout_tables(
    fitted: Sequence[FittedLine], *, centre: Floats, layout: str, crs: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return barriers, units and footprints (`sbd.model.tables`).

    Lines are numbered clockwise from grid north as seen from `centre`, units along their line.
    """
    ordered = sorted(fitted, key=lambda line: _order(line, centre))
    barriers: list[dict[str, Any]] = []
    units: list[dict[str, Any]] = []
    for number, line in enumerate(ordered, start=1):
        line_id = f"L{number}"
        barriers.append({"line_id": line_id, **_line_row(line, layout)})
        units += [{"line_id": line_id, **row} for row in _unit_rows(line, line_id, layout)]
    shapes = [row.pop("shape") for row in units]
    points = [row.pop("point") for row in units]
    return (
        _layer(barriers, tables.BARRIERS, crs, "barriers"),
        _layer(
            [{**r, "geometry": g} for r, g in zip(units, points, strict=True)],
            tables.UNITS,
            crs,
            "units",
        ),
        _layer(
            [{**r, "geometry": g} for r, g in zip(units, shapes, strict=True)],
            tables.FOOTPRINTS,
            crs,
            "footprints",
        ),
    )


def _layer(rows: list[dict[str, Any]], schema: Any, crs: pyproj.CRS, name: str) -> gpd.GeoDataFrame:
    if not rows:
        return tables.empty_layer(schema, crs)
    return tables.check_table(gpd.GeoDataFrame(rows, geometry="geometry", crs=crs), schema, name)


def _order(line: FittedLine, centre: Floats) -> tuple[float, float, float]:
    middle = np.array(_shape(line).interpolate(0.5, normalized=True).coords[0])
    east, north = middle - centre
    bearing = float(np.degrees(np.arctan2(east, north)) % 360)
    return round(bearing, 3), round(float(middle[0]), 3), round(float(middle[1]), 3)


def _shape(line: FittedLine) -> shapely.LineString:
    return shapely.LineString(line.line.vertices)


def _line_row(line: FittedLine, layout: str) -> dict[str, Any]:
    hardest = max(line.units, key=lambda unit: unit.need.energy_kj)
    weakest = max(line.units, key=lambda unit: unit.strength)
    shown = weakest if weakest.strength is Strength.SHORT else hardest
    fixed = max(unit.product.line_fixed_cost for unit in line.units)
    extra = fixed + sum(unit.ground_price for unit in line.units)
    products = {unit.product.product_id: unit.product for unit in line.units}
    return {
        **_rating(shown, layout),
        "openable": any(unit.openable for unit in line.units),
        "cost_low": round(extra + sum(unit.product.cost_low for unit in line.units), 2),
        "cost_high": round(extra + sum(unit.product.cost_high for unit in line.units), 2),
        "length_m": round(_shape(line).length, 3),
        "units": len(line.units),
        "rated_vehicle": shown.product.rated_vehicle,
        "rated_mass_kg": shown.product.rated_mass_kg,
        "rated_speed_kmh": shown.product.rated_speed_kmh,
        "strength": tables.STRENGTHS[weakest.strength],
        "penetration_m": max(p.penetration_high_m for p in products.values()),
        "products": " ".join(sorted(products)),
        "proof_needed": proof_needed(line.units),
        "geometry": _shape(line),
    }


def proof_needed(units: Sequence[Unit]) -> str:
    """Return in words what no published test covers, product by product; empty if all is tested."""
    products = {u.product.product_id: u.product for u in units if u.strength is not Strength.TESTED}
    return "; ".join(
        _gap_in_proof(product, [unit for unit in units if unit.product is product])
        for _, product in sorted(products.items())
    )


def _gap_in_proof(product: Product, units: Sequence[Unit]) -> str:
    need = units[0].need
    speed = np.max([unit.need.speed_mps for unit in units], axis=0) * KMH_PER_MPS
    beyond = (speed > 0) & (
        (need.masses_kg > product.rated_mass_kg) | (speed > product.rated_speed_kmh)
    )
    vehicles = ", ".join(
        f"{need.names[k]} {need.masses_kg[k]:.0f} kg at {np.ceil(speed[k]):.0f} km/h"
        for k in np.flatnonzero(beyond).tolist()
    )
    if any(unit.strength is Strength.SHORT for unit in units):
        stops = f"stops {product.rated_energy_kj:.0f} kJ"
        return f"{product.product_id}: {stops}, too little for {vehicles}"
    return f"{product.product_id}: no published test with {vehicles}"


def _unit_rows(line: FittedLine, line_id: str, layout: str) -> list[dict[str, Any]]:
    gaps = np.round(line.gaps_m * MILLIMETRE_PER_METRE, 1)
    rows = []
    for k, unit in enumerate(line.units):
        bearing = float(np.degrees(np.arctan2(unit.direction[0], unit.direction[1])) % 360)
        rows.append(
            {
                "unit_id": f"{line_id}-{k + 1:02d}",
                **_rating(unit, layout),
                "width_m": unit.product.width_m,
                "depth_m": unit.product.depth_m,
                "bearing_deg": round(bearing, 1),
                "gap_before_mm": float(gaps[k]),
                "gap_after_mm": float(gaps[k + 1]),
                "strength": tables.STRENGTHS[unit.strength],
                "shape": unit.shape,
                "point": shapely.Point(unit.centre),
            }
        )
    return rows


def _rating(unit: Unit, layout: str) -> dict[str, Any]:
    product: Product = unit.product
    return {
        "layout": layout,
        "kind": product.kind,
        "product_id": product.product_id,
        "vehicle": unit.need.vehicle,
        "mass_kg": unit.need.mass_kg,
        "speed_kmh": round(unit.need.speed_kmh, 1),
        "energy_kj": round(unit.need.energy_kj, 1),
        "angle_deg": round(unit.need.angle_deg, 1),
        "openable": unit.openable,
        "cost_low": product.cost_low + unit.ground_price,
        "cost_high": product.cost_high + unit.ground_price,
        "currency": product.currency,
        "cost_year": product.cost_year,
        "source": product.source,
        "standing": product.standing,
    }
