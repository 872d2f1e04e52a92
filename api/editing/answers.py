"""Answers of the library -> what a client sees: plain values, shapes in longitude and latitude."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from sbd.export.features import features
from sbd.model.verdict import Check, Verdict
from sbd.pipeline import Answer
from sbd.pipeline.drafts import AtOnce, Cut, State, ledger_of
from sbd.units import KMH_PER_MPS

_DECIMALS = 7


def speeds_said(answer: Answer) -> dict[str, Any]:
    """Return points along the zone's outline with their speeds."""
    shown = answer.shown
    points, impacts = shown.impacts()
    table = gpd.GeoDataFrame(
        {
            "distance_m": np.round(points.distance_m, 2),
            "speed_kmh": np.round(impacts.speed_mps * KMH_PER_MPS, 2),
            "energy_kj": np.round(impacts.energy_kj, 1),
        },
        geometry=shapely.points(points.place_m),
        crs=shown.surface.crs,
    )
    return {
        "stage": str(answer.stage),
        "exact": shown.exact,
        "resolution_m": shown.terrain.cell_m,
        "perimeter": _collection(table),
    }


def draft_said(state: State, found: AtOnce, free_cost: float, seconds: float) -> dict[str, Any]:
    """Return the answer at once: cut, checks, access and loads, all previews."""
    glance = found.glance
    return {
        "stage": "draft",
        "seconds": round(seconds, 4),
        "units": _collection(state.footprints),
        "cut": _cut_said(found.cut, free_cost, state),
        "verdict": {
            "stage": "preview",
            "standing": "fails" if glance.fails else "not decided",
            "checks": [_check_said(check) for check in glance.checks],
            "undecided": list(glance.undecided),
            "conditions": [],
        },
        "access": ledger_of(glance.checks),
        "loads": [
            {
                "line_id": load.line_id,
                "vehicle": load.vehicle,
                "speed_kmh": round(load.speed_kmh, 2),
                "energy_kj": round(load.energy_kj, 1),
                "strength": load.strength,
            }
            for load in found.loads
        ],
    }


def verdict_said(verdict: Verdict, seconds: float) -> dict[str, Any]:
    """Return the whole verdict with its ledger of access."""
    said = verdict.as_dict()
    return {
        "stage": "verdict",
        "seconds": round(seconds, 4),
        "units": None,
        "cut": None,
        "verdict": {
            "stage": "final",
            "standing": said["standing"],
            "checks": said["checks"],
            "undecided": [],
            "conditions": said["conditions"],
        },
        "access": ledger_of(verdict.checks),
        "loads": None,
    }


def cut_said(cut: Cut, free_cost: float, state: State, seconds: float) -> dict[str, Any]:
    """Return the cut on ground that was meshed around what stays."""
    return {
        "stage": "cut",
        "seconds": round(seconds, 4),
        "units": None,
        "cut": _cut_said(cut, free_cost, state),
        "verdict": None,
        "access": None,
        "loads": None,
    }


def _cut_said(cut: Cut, free_cost: float, state: State) -> dict[str, Any]:
    lines = [] if cut.rest is None else list(cut.rest.lines)
    return {
        "exact": cut.exact,
        "closes": cut.rest is not None,
        "cost_of_rest": None if cut.rest is None else round(cut.rest.cost, 2),
        "cost_of_free_plan": round(free_cost, 2),
        "reason": cut.reason,
        "lines": _collection(gpd.GeoDataFrame(geometry=lines, crs=state.footprints.crs)),
    }


def _check_said(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "question": check.question,
        "width_m": check.width_m,
        "passes": check.passes,
        "wanted": check.wanted,
        "holds": check.holds if check.passes is not None else None,
        "note": check.note,
    }


def _collection(table: gpd.GeoDataFrame) -> dict[str, Any]:
    columns = [str(name) for name in table.columns if name != table.geometry.name]
    rows = list(features(table, decimals=_DECIMALS, columns=columns))
    return {"type": "FeatureCollection", "features": rows}
