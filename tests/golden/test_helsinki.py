"""The whole flow on the shipped place against a stored plan, matched by shape, said in words."""

import json
import os
from pathlib import Path

import geopandas as gpd
import pytest

from sbd import pipeline
from sbd.model.proposal import Proposal

STORED = Path(__file__).parent / "helsinki.json"
MOVED_LIMIT_M = 0.25
FIGURE_LIMIT_SHARE = 0.02


@pytest.fixture(scope="module")
def proposal() -> Proposal:
    site = pipeline.site_demo()
    assessment = pipeline.assess(site, vehicles=["N2A"], resolution_m=1.0, headings=32)
    return pipeline.propose(site, assessment)


def snapshot(proposal: Proposal) -> dict[str, object]:
    lines = proposal.barriers
    return {
        "verdict": str(proposal.verdict.standing),
        "zone_area_m2": round(proposal.site.zone_shape.area, 1),
        "cost_found": round(proposal.cost_found),
        "cost_bound": round(proposal.cost_bound),
        "closures": sorted(proposal.closures["name"].unique()),
        "lines": {
            row.line_id: {
                "wkt": row.geometry.wkt,
                "kind": row.kind,
                "units": int(row.units),
                "openable": bool(row.openable),
                "speed_kmh": round(row.speed_kmh, 1),
                "energy_kj": round(row.energy_kj, 1),
            }
            for row in lines.itertuples()
        },
    }


def differences(stored: dict, now: dict) -> list[str]:
    """Say each difference that matters in words."""
    found = [
        f"{key}: {stored[key]} -> {now[key]}"
        for key in ("verdict", "closures")
        if stored[key] != now[key]
    ]
    found += _figures("plan", stored, now, ("zone_area_m2", "cost_found", "cost_bound"))
    for line_id in sorted(stored["lines"].keys() | now["lines"].keys()):
        before, after = stored["lines"].get(line_id), now["lines"].get(line_id)
        if before is None or after is None:
            found.append(f"{line_id} was {'added' if before is None else 'removed'}")
            continue
        found += _line_differences(line_id, before, after)
    return found


def _line_differences(line_id: str, before: dict, after: dict) -> list[str]:
    shapes = gpd.GeoSeries.from_wkt([before["wkt"], after["wkt"]])
    moved_m = shapes.iloc[0].hausdorff_distance(shapes.iloc[1])
    found = [f"{line_id} moved {moved_m:.2f} m"] if moved_m > MOVED_LIMIT_M else []
    found += [
        f"{line_id} {key}: {before[key]} -> {after[key]}"
        for key in ("kind", "openable")
        if before[key] != after[key]
    ]
    return found + _figures(line_id, before, after, ("units", "speed_kmh", "energy_kj"))


def _figures(subject: str, before: dict, after: dict, keys: tuple[str, ...]) -> list[str]:
    return [
        f"{subject} {key}: {before[key]} -> {after[key]}"
        for key in keys
        if abs(after[key] - before[key]) > FIGURE_LIMIT_SHARE * before[key]
    ]


@pytest.mark.slow
def test_the_plan_of_rautatientori_is_the_stored_one(proposal: Proposal) -> None:
    now = snapshot(proposal)
    if os.environ.get("SBD_GOLDEN_ACCEPT"):
        STORED.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n")
    assert differences(json.loads(STORED.read_text()), now) == []


@pytest.mark.slow
def test_the_same_input_gives_the_same_plan_twice(proposal: Proposal) -> None:
    again = pipeline.propose(proposal.site, proposal.assessment)
    assert snapshot(again) == snapshot(proposal)


def test_a_moved_line_is_said_in_words() -> None:
    line = {"wkt": "LINESTRING (0 0, 10 0)", "kind": "fixed_bollard", "units": 7}
    line |= {"openable": False, "speed_kmh": 50.0, "energy_kj": 600.0}
    stored = {"verdict": "holds", "closures": []}
    stored |= dict.fromkeys(("zone_area_m2", "cost_found", "cost_bound"), 1000.0)
    before = {**stored, "lines": {"L1": line}}
    after = {**stored, "lines": {"L1": {**line, "wkt": "LINESTRING (0 0.5, 10 0)"}}}
    assert differences(before, after) == ["L1 moved 0.50 m"]
