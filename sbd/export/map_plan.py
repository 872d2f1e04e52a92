"""Proposal in, the map layers of the plan out."""

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from sbd.export.crossings import openable_pieces
from sbd.export.map_layers import Feature, MapLayer, feature, rows
from sbd.model.proposal import Proposal


def closure_layers(proposal: Proposal) -> list[MapLayer]:
    """Return what the plan takes from traffic; it lies below the approaches that use it today."""
    return [MapLayer("Streets closed to vehicles", list(_closures(proposal.closures)))]


def proposal_layers(proposal: Proposal) -> list[MapLayer]:
    """Return the plan itself, the bottom first."""
    openable = openable_pieces(proposal.barriers, proposal.footprints)
    return [
        MapLayer("Barrier lines", list(_barriers(proposal.barriers))),
        MapLayer("Openable crossings", list(_crossings(openable))),
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


def _barriers(barriers: gpd.GeoDataFrame) -> Iterator[Feature]:
    for geometry, _ in rows(barriers):
        yield feature(geometry, "casing")
    for geometry, row in rows(barriers):
        title = f"Line {row['line_id']}: {row['kind'].replace('_', ' ')}"
        yield feature(geometry, "fixed line", tip=title, title=title, rows=_line_facts(row))


def _crossings(openable: gpd.GeoDataFrame) -> Iterator[Feature]:
    for geometry, row in rows(openable):
        title = _crossing_title(row)
        yield feature(geometry, "casing")
        yield feature(geometry, "openable line", tip=title, title=title, rows=_line_facts(row))
    middles = openable.set_geometry(openable.interpolate(0.5, normalized=True))
    for geometry, row in rows(middles):
        yield feature(
            geometry,
            "touch",
            label="↕",
            badge="gate",
            title=_crossing_title(row),
            rows=_line_facts(row),
        )


def _crossing_title(row: Mapping[str, Any]) -> str:
    return f"Openable crossing in line {row['line_id']}"


def _line_facts(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    mass, speed = row["rated_mass_kg"], row["rated_speed_kmh"]
    rated = f"{row['rated_vehicle']} of {mass:.0f} kg at {speed:.0f} km/h"
    run_out = row["penetration_m"]
    return [
        *rating_rows(row),
        ("Product", f"{row['product_id']}, tested with {rated}"),
        ("Strength", row["strength"].replace("_", " ")),
        ("Run-out behind it", "unknown" if pd.isna(run_out) else f"{run_out:.1f} m"),
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
