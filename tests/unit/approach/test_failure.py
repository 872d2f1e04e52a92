"""One thing of a drawn plan fails: what that lets in, and what it does not."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

from sbd.approach.edits import EditableField
from sbd.approach.failure import failures
from sbd.errors import CancelledError, InputError
from sbd.model import tables
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from tests.drawn_ground import CRS, surface, vehicle

SETTINGS = FieldSettings(1.0, 32, 9.0)
UNIT_M = 0.6


def town():
    """A street 12 m wide from the west to a walled zone of 20 x 30 m."""
    ground = box(0, -6, 100, 6).union(box(100, -15, 120, 15))
    entry = LineString([(0, -6), (0, 6)])
    return surface(ground, study=box(0, -25, 130, 25), entries=[entry], zone=box(100, -15, 120, 15))


def row_of(gaps_m, *, x=90.0, opens=(), line_id="L1"):
    """Square units across the street from south to north with these gaps, the first to the wall."""
    gaps = np.asarray(gaps_m, dtype=float)
    low = -6 + np.cumsum(gaps[:-1]) + UNIT_M * np.arange(len(gaps) - 1)
    count = len(low)
    return gpd.GeoDataFrame(
        {
            "unit_id": [f"{line_id}-{n + 1:02d}" for n in range(count)],
            "line_id": line_id,
            "openable": [n in opens for n in range(count)],
            "width_m": UNIT_M,
            "gap_before_mm": gaps[:-1] * 1000,
            "gap_after_mm": gaps[1:] * 1000,
        },
        geometry=[box(x, y, x + UNIT_M, y + UNIT_M) for y in low],
        crs=CRS,
    )


def even(units):
    return [(12 - units * UNIT_M) / (units + 1)] * (units + 1)


def found(units, drivers=None, settings=SETTINGS, **options):
    return failures(town(), units, drivers or [vehicle()], settings, **options)


def test_a_gate_that_stands_open_lets_a_vehicle_reach_the_whole_zone():
    # Gaps of (12 - 7 * 0.6) / 8 = 0.975 m; three units open 3 * 0.6 + 4 * 0.975 = 5.7 m.
    rows = found(row_of(even(7), opens=(2, 3, 4)))
    gate = rows[rows["failure_id"].str.startswith("gate")].iloc[0]
    assert gate["what"] == "gate of L1 stands open"
    assert gate["unit_ids"] == "L1-03 L1-04 L1-05"
    assert gate["clear_m"] == pytest.approx(5.7, abs=0.01)
    assert gate["zone_reached_m2"] == pytest.approx(600.0, rel=0.03)


def test_the_speeds_are_those_of_the_field_without_the_units():
    units = row_of(even(7), opens=(2, 3, 4))
    row = found(units).set_index("failure_id").loc["gate:L1:T"]
    left = EditableField.start(
        town(), vehicle(), FieldSettings(1.0, 32, 9.0), bound=Bound.UPPER
    ).added([*units.geometry[~units["openable"]]])
    field = left.settled().field
    speed = field.speed_of_label_mps[field.label].max(axis=1)
    y, x = np.indices(speed.shape)
    over = (field.origin_m[0] + x > 99) & (np.abs(field.origin_m[1] + y) <= 16)
    assert row["speed_kmh"] == pytest.approx(3.6 * speed[over].max(), abs=0.06)
    # 1.5 t
    assert row["energy_kj"] == pytest.approx(0.75 * (row["speed_kmh"] / 3.6) ** 2, rel=0.01)


@pytest.mark.parametrize(("gap_m", "lets_in"), [(0.69, False), (0.71, True)])
def test_one_unit_gone_opens_its_gaps_and_its_width_and_no_more(gap_m, lets_in):
    # Merged 2 * 0.69 + 0.6 = 1.98 m or 2.02 m against a vehicle of 2 m; the rest is butted.
    blocks = (12 - UNIT_M - 2 * gap_m) / 2
    units = row_of([gap_m + blocks, gap_m + blocks])
    low, high = box(90, -6, 91, -6 + blocks), box(90, 6 - blocks, 91, 6)
    site = town()
    walled = surface(
        site.ground.difference(low.union(high)),
        study=site.study_area,
        entries=list(site.entries.geometry),
        zone=site.zone,
    )
    units[["gap_before_mm", "gap_after_mm"]] = gap_m * 1000
    assert len(failures(walled, units, [vehicle()], SETTINGS)) == int(lets_in)


def test_a_line_has_the_row_of_the_unit_that_is_crossed_fastest():
    # A wall along the northern half of the street: only the southern lane gives a run-up.
    site = town()
    block = box(20, 0, 88, 6)
    slow = surface(
        site.ground.difference(block),
        study=site.study_area,
        entries=list(site.entries.geometry),
        zone=site.zone,
    )
    row = failures(slow, row_of(even(7)), [vehicle()], SETTINGS).iloc[0]
    assert row["what"] in {f"unit L1-0{n} fails" for n in (1, 2, 3)}
    assert row["speed_limit_kmh"] >= row["speed_kmh"] > row["speed_gap_kmh"] > 36.0


def test_every_gate_of_a_line_and_every_vehicle_has_its_row_the_worst_first():
    heavy = vehicle(name="H", mass_kg=9000.0)
    rows = found(row_of(even(7), opens=(1, 2, 5, 6)), [vehicle(), heavy])
    gates = rows[rows["failure_id"].str.startswith("gate")]
    assert set(gates["failure_id"]) == {"gate:L1/1:T", "gate:L1/2:T", "gate:L1/1:H", "gate:L1/2:H"}
    assert rows["energy_kj"].is_monotonic_decreasing
    assert rows["vehicle"].iloc[0] == "H"


def test_area_by_speed_starts_with_all_that_is_reached_and_never_rises():
    row = found(row_of(even(7), opens=(2, 3, 4))).iloc[0]
    areas = list(json.loads(row["area_by_speed"]).values())
    assert areas[0] == pytest.approx(row["zone_reached_m2"], abs=0.1)
    assert areas == sorted(areas, reverse=True)


def test_a_second_line_keeps_the_zone_shut_while_the_gate_of_the_first_is_open():
    first = row_of(even(7), x=60.0, opens=(2, 3, 4))
    second = row_of(even(7), x=90.0, line_id="L2", opens=(2, 3, 4))
    both = gpd.GeoDataFrame(pd.concat([first, second], ignore_index=True), crs=CRS)
    assert found(both).empty


def test_an_empty_plan_has_an_empty_table():
    nothing = found(row_of(even(7)).iloc[:0])
    assert nothing.empty
    assert set(tables.FAILURES.columns) <= set(nothing.columns)


def test_settings_that_are_only_less_safe_in_length_are_left_out():
    short = FieldSettings(0.5, 64, 9.0, max_approach_m=20.0)
    units = row_of(even(7))
    assert found(units, settings=short)["speed_kmh"].equals(found(units)["speed_kmh"])


def test_bad_input_and_a_stop_are_answered():
    with pytest.raises(InputError, match="no vehicle"):
        failures(town(), row_of(even(7)), [], SETTINGS)
    with pytest.raises(InputError, match="too narrow"):
        found(row_of(even(7)), [vehicle(width_m=1.2)])

    def stop(stage, share, note):
        raise CancelledError(stage)

    with pytest.raises(CancelledError):
        found(row_of(even(7)), progress=stop)
