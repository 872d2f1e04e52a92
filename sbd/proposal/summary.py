"""Proposal -> its figures as one mapping, for summary.json and for the words."""

import math
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sbd.catalogue.product import Product
from sbd.errors import CatalogueError
from sbd.geometry.crs import WGS84
from sbd.model.proposal import Proposal
from sbd.model.words import STANDINGS
from sbd.proposal.closures import OPENABLE
from sbd.proposal.effort import effort
from sbd.proposal.ledger import access_ledger, width_taken_m

# A plan shows where a place can be attacked: who need not see it should not.
SENSITIVITY = "restricted"
# What to call a street that has no name.
KIND_WORDS = {
    "service": "service road",
    "pedestrian": "pedestrian street",
    "residential": "residential street",
    "living_street": "living street",
    "track": "track",
    "busway": "busway",
}
# A street farther from a unit than this does not name its place [m].
NAMING_REACH_M = 25.0


def summary(proposal: Proposal, *, products: Iterable[Product] | None = None) -> dict[str, Any]:
    """Return the figures of a proposal, units in the names, in plain types.

    Keys: `place`, `layout`, `sensitivity`, `units`, `cost`, `proof`, `vehicles`, `assumed` (what
    favours the city), `heights` (their source; empty: taken for flat), `hardest_point` (None where
    no unit is needed), `verdict`, `conditions`, `access` (what the judge asked for everyone else),
    `run_out`, `failures`, `life_cycle` (each None where nobody asked), `why` (empty likewise),
    `work` (None where the catalogue lacks a product), `closures`, `report`, `seconds`,
    `attribution`.

    Parameters
    ----------
    products : products, optional
        The catalogue that the plan was made with; the shipped one by default.
    """
    return {
        "place": proposal.site.name,
        "layout": proposal.layout,
        "sensitivity": SENSITIVITY,
        "crs": proposal.crs.to_string(),
        "units": _units(proposal),
        "cost": _cost(proposal.barriers),
        "proof": {
            "cost_found": round(proposal.cost_found, 2),
            "cost_bound": round(proposal.cost_bound, 2),
            "gap_share": round(proposal.gap_share, 4),
        },
        "vehicles": [
            {"class": v.name, "description": v.description, "mass_kg": v.mass_kg}
            for v in proposal.assessment.vehicles
        ],
        "assumed": list(proposal.assessment.settings.less_safe),
        "heights": proposal.assessment.heights,
        "hardest_point": _hardest_point(proposal),
        "verdict": proposal.verdict.as_dict(),
        "conditions": list(proposal.verdict.conditions),
        "access": access_ledger(proposal),
        "run_out": _run_out(proposal.run_out),
        "failures": _failures(proposal.failures),
        "why": _why(proposal.why),
        "life_cycle": proposal.meta.get("life_cycle"),
        "work": effort(proposal, products=products),
        "closures": _closures(proposal.closures),
        "report": _report(proposal.site.report),
        "seconds": dict(proposal.meta.get("seconds", {})),
        "attribution": proposal.site.attribution,
    }


def _units(proposal: Proposal) -> dict[str, Any]:
    units, lines = proposal.units, proposal.barriers
    gaps_mm = units[["gap_before_mm", "gap_after_mm"]].to_numpy(dtype=float)
    counts = units["kind"].value_counts().sort_index()
    return {
        "count": len(units),
        "by_kind": {str(kind): int(count) for kind, count in counts.items()},
        "lines": len(lines),
        "openable_units": int(units["openable"].astype(bool).sum()),
        "openable_wanted": int(proposal.meta.get("openable_wanted", 0)),
        "length_m": round(float(lines["length_m"].astype(float).sum()), 1),
        "widest_gap_mm": float(gaps_mm.max()) if gaps_mm.size else None,
        "width_taken_m": round(width_taken_m(proposal), 2),
    }


def _cost(lines: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the sum of the ranges; its standing is that of the least sure line."""
    currencies = sorted(set(lines["currency"]))
    if len(currencies) > 1:
        raise CatalogueError(
            f"costs in {' and '.join(currencies)} can't be added; give the catalogue one currency"
        )
    years = sorted(set(lines["cost_year"].astype(int)))
    return {
        "low": round(float(lines["cost_low"].astype(float).sum()), 2),
        "high": round(float(lines["cost_high"].astype(float).sum()), 2),
        "currency": currencies[0] if currencies else None,
        "year": years[0] if years else None,
        "standing": max(lines["standing"], key=STANDINGS.index) if len(lines) else None,
        "sources": sorted(set(lines["source"])),
    }


def _hardest_point(proposal: Proposal) -> dict[str, Any] | None:
    """Return what the unit must stop that takes the most energy, and where it stands."""
    units = proposal.units
    if units.empty:
        return None
    worst = units.iloc[int(np.argmax(units["energy_kj"].to_numpy(dtype=float)))]
    spot = gpd.GeoSeries([worst.geometry], crs=proposal.crs).to_crs(WGS84).iloc[0]
    return {
        "unit_id": str(worst["unit_id"]),
        "line_id": str(worst["line_id"]),
        "street": _street_near(proposal, worst.geometry),
        "lat": round(spot.y, 6),
        "lon": round(spot.x, 6),
        "vehicle": str(worst["vehicle"]),
        "mass_kg": float(worst["mass_kg"]),
        "speed_kmh": float(worst["speed_kmh"]),
        "energy_kj": float(worst["energy_kj"]),
        "angle_deg": float(worst["angle_deg"]),
        "product_id": str(worst["product_id"]),
    }


def _street_near(proposal: Proposal, point: shapely.Point) -> str:
    streets = proposal.site.streets
    named = streets[streets["name"] != ""]
    if named.empty:
        return ""
    distance_m = named.distance(point)
    nearest = distance_m.idxmin()
    return str(named.loc[nearest, "name"]) if distance_m[nearest] <= NAMING_REACH_M else ""


def _run_out(table: gpd.GeoDataFrame | None) -> dict[str, Any] | None:
    """Return the ground that is lost behind the lines, the widest strip first."""
    if table is None:
        return None
    kept = ["line_id", "product_id", "run_out_m", "strip_lost_m2", "evidence"]
    rows = pd.DataFrame(table)[kept].sort_values(
        ["run_out_m", "line_id"], ascending=[False, True], kind="stable"
    )
    return {
        "strip_lost_m2": round(float(table["strip_lost_m2"].astype(float).sum()), 1),
        "lines": rows.to_dict("records"),
    }


def _failures(table: gpd.GeoDataFrame | None) -> dict[str, Any] | None:
    """Return what a single failure lets in, the fastest first."""
    if table is None:
        return None
    kept = ["what", "line_id", "vehicle", "zone_reached_m2", "speed_kmh", "energy_kj"]
    rows = pd.DataFrame(table)[kept].sort_values(
        ["energy_kj", "what"], ascending=[False, True], kind="stable"
    )
    return {"count": len(rows), "cases": rows.to_dict("records")}


def _why(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    if table is None:
        return []
    more = table["next_best_cost_more"].astype(float)
    kept = ["line_id", "demand", "held_by", "without_it"]
    # JSON has no NaN; no other plan is told as null.
    costs = [None if math.isnan(value) else round(value, 2) for value in more]
    rows = [dict(zip(kept, row, strict=True)) for row in table[kept].to_numpy().tolist()]
    return [{**row, "next_best_cost_more": cost} for row, cost in zip(rows, costs, strict=True)]


def _closures(closures: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the closed streets by name, longest first; those without a name by their kind."""
    kinds = closures["highway"].map(lambda kind: f"unnamed {KIND_WORDS.get(kind, 'street')}")
    label = closures["name"].astype(str).where(closures["name"] != "", kinds)
    rows = []
    for name, parts in pd.DataFrame(closures).groupby(label.to_numpy(), sort=True):
        lanes = bool((parts["treatment"] == OPENABLE).any())
        rows.append(
            {
                "name": str(name),
                "length_m": round(float(parts["length_m"].astype(float).sum()), 1),
                "treatment": OPENABLE if lanes else "closed",
            }
        )
    return {
        "length_m": round(float(closures["length_m"].astype(float).sum()), 1),
        "streets": sorted(rows, key=lambda row: (-row["length_m"], row["name"])),
    }


def _report(report: pd.DataFrame) -> dict[str, list[dict[str, str]]]:
    return {
        topic: [
            {"item": str(row.item), "note": str(row.note)}
            for row in report[report["topic"] == topic].itertuples()
        ]
        for topic in ("source", "unknown", "visit", "left_out", "repaired")
    }
