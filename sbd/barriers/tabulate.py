"""Fitted lines -> the tables of a layout, with stable ids in the order of their bearing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from shapely import MultiPolygon, Polygon

from sbd.barriers.cost import Strength
from sbd.barriers.demand import Floats
from sbd.barriers.fitting import FittedLine
from sbd.barriers.pinned_lanes import pinned_rows
from sbd.barriers.pins import Pin
from sbd.barriers.proof import proof_needed
from sbd.barriers.rows import Unit
from sbd.barriers.runout import Strip, strip_behind
from sbd.catalogue.product import Product
from sbd.model import tables
from sbd.model.proposal import AccessShortfall
from sbd.model.words import LAYOUTS, STRENGTHS
from sbd.units import MILLIMETRE_PER_METRE


def layout_tables(
    fitted: Sequence[FittedLine],
    *,
    zone: Polygon | MultiPolygon,
    layout: str,
    crs: pyproj.CRS,
    pins: Sequence[Pin] = (),
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return barriers, units, footprints and lost strips (`sbd.model.tables`).

    Lines are `numbered`, units along their line. A line behind which no ground of the zone is lost
    has no strip. Pinned units are lines of their own, P1 and on in their given order, those that
    open together one line; their end gaps are those to the nearest other unit.
    """
    barriers: list[dict[str, Any]] = []
    units: list[dict[str, Any]] = []
    strips: list[dict[str, Any]] = []
    named: list[tuple[str, FittedLine, list[str]]] = [
        *((line_id, line, []) for line_id, line in numbered(fitted, zone=zone)),
        *(
            (f"P{number}", _beside(members, fitted, pins), [pin.pin_id for pin in members])
            for number, members in enumerate(pinned_rows(pins), start=1)
        ),
    ]
    for line_id, line, names in named:
        strip = strip_behind(line, zone)
        kept = {"line_id": line_id, "pinned": bool(names)}
        as_layout = _layout_of(line, layout)
        barriers.append({**kept, "pin_id": " ".join(names), **_line_row(line, strip, as_layout)})
        units += [
            {**kept, "pin_id": name, **row}
            for name, row in zip(
                names or [""] * len(line.units),
                _unit_rows(line, line_id, as_layout),
                strict=True,
            )
        ]
        if not strip.ground.is_empty:
            strips.append({"line_id": line_id, **_strip_row(strip)})
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
        _layer(strips, tables.RUN_OUT, crs, "run_out"),
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


def access_shortfalls(
    fitted: Sequence[FittedLine], *, zone: Polygon | MultiPolygon
) -> tuple[AccessShortfall, ...]:
    """Return where people cross a line and no gap is wide enough, line by line."""
    return tuple(
        AccessShortfall(
            desire_id=crossing.desire.desire_id,
            kind=crossing.desire.kind,
            line_id=line_id,
            at_m=(float(crossing.point[0]), float(crossing.point[1])),
            wanted_m=crossing.desire.width_m,
            found_m=width_m,
        )
        for line_id, line in numbered(fitted, zone=zone)
        for crossing, width_m in line.narrow
    )


def numbered(
    fitted: Sequence[FittedLine], *, zone: Polygon | MultiPolygon
) -> list[tuple[str, FittedLine]]:
    """Return the lines with their ids, clockwise from grid north seen from the zone's middle."""
    centre = np.array(zone.centroid.coords[0])
    ordered = sorted(fitted, key=lambda line: _order(line, centre))
    return [(f"L{number}", line) for number, line in enumerate(ordered, start=1)]


def _beside(
    members: Sequence[Pin], fitted: Sequence[FittedLine], pins: Sequence[Pin]
) -> FittedLine:
    """Return pinned units as a line; its end gaps are the ways to the nearest other unit."""
    others = [unit.shape for line in fitted for unit in line.units]
    others += [pin.unit.shape for pin in pins if pin not in members]
    own = np.array([pin.unit.shape for pin in members], dtype=object)
    nearest = np.zeros(2)
    if others:
        apart = shapely.distance(own[[0, -1]][:, None], np.array(others, dtype=object)[None])
        nearest = apart.min(axis=1)
    first, corners = members[0].line, np.vstack([pin.line.line.vertices for pin in members])
    along = (corners - corners[0]) @ (members[-1].unit.centre - members[0].unit.centre)
    ends = first.line.vertices if len(members) == 1 else corners[[along.argmin(), along.argmax()]]
    return FittedLine(
        line=replace(first.line, vertices=ends),
        units=tuple(pin.unit for pin in members),
        gaps_m=np.concatenate([nearest[:1], shapely.distance(own[:-1], own[1:]), nearest[1:]]),
        price=sum(pin.price for pin in members),
    )


def _layout_of(line: FittedLine, wanted: str) -> str:
    """Return the layout a line is built in: the one that was asked, or what its units share."""
    common = frozenset.intersection(*(unit.product.layouts for unit in line.units))
    return wanted if wanted in common else min(common, default=LAYOUTS[0])


def _strip_row(strip: Strip) -> dict[str, Any]:
    return {
        "product_id": strip.product.product_id,
        "run_out_m": strip.run_out_m,
        "strip_lost_m2": round(strip.ground.area, 1),
        "evidence": strip.evidence,
        "geometry": strip.ground,
    }


def _line_row(line: FittedLine, strip: Strip, layout: str) -> dict[str, Any]:
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
        "strength": STRENGTHS[weakest.strength],
        "penetration_m": max(p.penetration_high_m for p in products.values()),
        "run_out_m": strip.run_out_m,
        "strip_lost_m2": round(strip.ground.area, 1),
        "strip_unknown": strip.unknown,
        "products": " ".join(sorted(products)),
        "proof_needed": proof_needed(line.units),
        "geometry": _shape(line),
    }


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
                "strength": STRENGTHS[unit.strength],
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
