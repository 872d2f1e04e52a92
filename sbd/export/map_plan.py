"""Proposal in, the map layers of the plan out."""

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from sbd.export.crossings import openable_pieces
from sbd.export.map_layers import Feature, MapLayer, feature, rows
from sbd.model.proposal import Proposal

# Name and value to show with a line, by its id.
Reasons = dict[str, list[tuple[str, str]]]


def closure_layers(proposal: Proposal) -> list[MapLayer]:
    """Return the ground that the plan takes; it lies below the approaches that use it today."""
    return [
        MapLayer("What one failure lets in", list(_failures(proposal.failures)), shown=False),
        MapLayer("Ground lost behind the lines", list(_run_out(proposal.run_out))),
        MapLayer("Streets closed to vehicles", list(_closures(proposal.closures))),
    ]


def proposal_layers(proposal: Proposal) -> list[MapLayer]:
    """Return the plan itself, the bottom first."""
    openable = openable_pieces(proposal.barriers, proposal.footprints)
    reasons = _reasons(proposal)
    return [
        MapLayer("Barrier lines", list(_barriers(proposal.barriers, reasons))),
        MapLayer("Openable crossings", list(_crossings(openable, reasons))),
        MapLayer("Clear gaps (mm)", list(_gaps(proposal.verdict.gaps))),
        MapLayer("Units", list(_units(proposal.footprints))),
    ]


def rating_rows(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a barrier must withstand, in words.

    >>> rating_rows({"vehicle": "N2A", "mass_kg": 7200, "speed_kmh": 48, "energy_kj": 640,
    ...              "angle_deg": 90})[0]
    ('Must stop', 'N2A of 7200 kg at 48 km/h')
    """
    return [
        (
            "Must stop",
            f"{row['vehicle']} of {row['mass_kg']:.0f} kg at {row['speed_kmh']:.0f} km/h",
        ),
        ("Energy, angle", f"{row['energy_kj']:.0f} kJ at {row['angle_deg']:.0f}°"),
    ]


def cost_words(row: Mapping[str, Any]) -> str:
    """Return a cost range with its currency and year."""
    price = f"{row['cost_low']:,.0f} to {row['cost_high']:,.0f} {row['currency']}"
    return f"{price} ({row['cost_year']})"


def _failures(failures: gpd.GeoDataFrame | None) -> Iterator[Feature]:
    if failures is None:
        return
    # What reaches most lies lowest, or the others can't be pointed at.
    order = failures.sort_values("zone_reached_m2", ascending=False, kind="stable")
    for geometry, row in rows(order):
        facts = [
            ("Vehicle", f"{row['vehicle']} at up to {row['speed_kmh']:.0f} km/h"),
            ("Energy", f"{row['energy_kj']:.0f} kJ"),
            ("Zone reached", f"{row['zone_reached_m2']:.0f} m²"),
        ]
        title = f"{row['what'][:1].upper()}{row['what'][1:]}"
        yield feature(geometry, "failure", tip=row["what"], title=title, rows=facts)


def _run_out(run_out: gpd.GeoDataFrame | None) -> Iterator[Feature]:
    if run_out is None:
        return
    order = run_out.sort_values("strip_lost_m2", ascending=False, kind="stable")
    for geometry, row in rows(order):
        title = f"Keep clear behind line {row['line_id']}"
        facts = [
            ("A vehicle comes", f"up to {row['run_out_m']:.1f} m past the line"),
            ("Ground lost", f"{row['strip_lost_m2']:.0f} m²"),
            ("Product", row["product_id"]),
            ("Evidence", row["evidence"]),
        ]
        yield feature(geometry, "run-out", tip=title, title=title, rows=facts)


def _reasons(proposal: Proposal) -> Reasons:
    """Return for each line why it stands there and what it takes, as far as that was asked."""
    told: Reasons = {}
    currency = dict(zip(proposal.barriers["line_id"], proposal.barriers["currency"], strict=True))
    for row in _records(proposal.run_out):
        strip = ("Ground lost behind", f"{row['strip_lost_m2']:.0f} m²")
        told.setdefault(row["line_id"], []).append(strip)
    for row in _records(proposal.why):
        more, unit = row["next_best_cost_more"], currency.get(row["line_id"], "")
        other = "none" if pd.isna(more) else f"{more:,.0f} {unit} more".replace(",", " ")
        told.setdefault(row["line_id"], []).extend(
            [
                ("Answers", row["demand"]),
                ("Held there by", row["held_by"]),
                ("Next best plan", other),
                ("Without it", row["without_it"]),
            ]
        )
    return told


def _records(table: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table that may not be there."""
    if table is not None:
        for record in pd.DataFrame(table).to_dict("records"):
            yield {str(name): value for name, value in record.items()}


def _closures(closures: gpd.GeoDataFrame) -> Iterator[Feature]:
    for geometry, row in rows(closures):
        name = row["name"] or f"{row['highway']} without a name"
        facts = [
            ("Treatment", row["treatment"]),
            ("Length", f"{row['length_m']:.0f} m"),
            ("Kind", row["highway"]),
        ]
        tip = f"{name}: {row['treatment']}"
        yield feature(geometry, row["treatment"], tip=tip, title=name, rows=facts)


def _barriers(barriers: gpd.GeoDataFrame, reasons: Reasons) -> Iterator[Feature]:
    for geometry, _ in rows(barriers):
        yield feature(geometry, "casing")
    for geometry, row in rows(barriers):
        title = f"Line {row['line_id']}: {row['kind'].replace('_', ' ')}"
        yield feature(
            geometry, "fixed line", tip=title, title=title, rows=_line_facts(row, reasons)
        )


def _crossings(openable: gpd.GeoDataFrame, reasons: Reasons) -> Iterator[Feature]:
    for geometry, row in rows(openable):
        title = _crossing_title(row)
        yield feature(geometry, "casing")
        yield feature(
            geometry, "openable line", tip=title, title=title, rows=_line_facts(row, reasons)
        )
    middles = openable.set_geometry(openable.interpolate(0.5, normalized=True))
    for geometry, row in rows(middles):
        yield feature(
            geometry,
            "touch",
            label="↕",
            badge="gate",
            title=_crossing_title(row),
            rows=_line_facts(row, reasons),
        )


def _crossing_title(row: Mapping[str, Any]) -> str:
    return f"Openable crossing in line {row['line_id']}"


def _line_facts(row: Mapping[str, Any], reasons: Reasons) -> list[tuple[str, str]]:
    mass, speed = row["rated_mass_kg"], row["rated_speed_kmh"]
    rated = f"{row['rated_vehicle']} of {mass:.0f} kg at {speed:.0f} km/h"
    run_out = row["penetration_m"]
    return [
        *rating_rows(row),
        ("Product", f"{row['product_id']}, tested with {rated}"),
        ("Strength", row["strength"].replace("_", " ")),
        ("Run-out behind it", "unknown" if pd.isna(run_out) else f"{run_out:.1f} m"),
        *reasons.get(row["line_id"], []),
        ("Length, units", f"{row['length_m']:.1f} m, {row['units']} units"),
        ("Cost", cost_words(row)),
        ("Source", f"{row['source']} ({row['standing']})"),
    ]


def _units(footprints: gpd.GeoDataFrame) -> Iterator[Feature]:
    for geometry, row in rows(footprints):
        opens = ", openable" if row["openable"] else ""
        title = f"{row['unit_id']}: {row['kind'].replace('_', ' ')}{opens}"
        facts = [
            *rating_rows(row),
            ("Size", f"{row['width_m']:.2f} m along, {row['depth_m']:.2f} m across the line"),
            ("Clear gaps", f"{row['gap_before_mm']:.0f} mm and {row['gap_after_mm']:.0f} mm"),
            ("Cost", cost_words(row)),
            ("Source", f"{row['source']} ({row['standing']})"),
        ]
        look = "openable unit" if row["openable"] else "fixed unit"
        yield feature(geometry, look, tip=title, title=title, rows=facts)


def _gaps(gaps: gpd.GeoDataFrame) -> Iterator[Feature]:
    for geometry, row in rows(gaps):
        facts = [("Clear width", f"{row['width_mm']:.0f} mm"), ("Between", row["between"])]
        yield feature(
            geometry, "gap", tip=f"{row['width_mm']:.0f} mm clear", title=row["gap_id"], rows=facts
        )
    middles = gaps.set_geometry(gaps.interpolate(0.5, normalized=True))
    for geometry, row in rows(middles):
        yield feature(geometry, "touch", label=f"{row['width_mm']:.0f}", badge="width")
