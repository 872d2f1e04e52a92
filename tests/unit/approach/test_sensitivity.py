"""How far the speeds along a zone move when inputs are off, and where to measure first."""

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box

from sbd.approach.sensitivity import sensitivity
from sbd.errors import CancelledError, InputError
from sbd.model.assessment import FieldSettings
from sbd.model.surface import Elevation
from sbd.model.words import Grip
from tests.drawn_ground import WIDTH_M, corner, surface, vehicle

STILL = FieldSettings(0.5, 32, 0.0)


def moved(found, what, change):
    """The row of a variation."""
    table = found.variations
    return table[(table["what"] == what) & table["change"].str.startswith(change)].iloc[0]


def exit_leg(free_m, leg_m=60.0):
    """A corner; what is to be protected begins 30 m behind it in the leg to the north."""
    site = corner(free_m, leg_m=leg_m)
    wide = free_m + WIDTH_M
    return surface(
        site.ground,
        study=site.study_area,
        entries=list(site.entries.geometry),
        zone=box(0, 40, wide, leg_m),
    )


@pytest.fixture(scope="module")
def at_a_corner():
    # Hardly any drive, entered at 40 m/s: the corner alone sets the speed behind it.
    driver = vehicle(acceleration_mps2=0.05, friction=0.8)
    return sensitivity(exit_leg(6.0), [driver], FieldSettings(0.5, 32, 40.0))


def test_room_moves_the_speed_of_a_corner_by_the_formula(at_a_corner):
    # v = sqrt(0.8 * 9.81 * (2 + sqrt 2) w): 12.68 m/s at w = 6, 11.58 at 5, 13.70 at 7.
    now, less, more = (math.sqrt(0.8 * 9.81 * (2 + math.sqrt(2)) * w) for w in (6, 5, 7))
    nearer, farther = (moved(at_a_corner, "obstacles", f"0.5 m {to}") for to in ("near", "far"))
    # 8 % of one speed is what the grid may be off; here two speeds are compared on one grid.
    assert nearer["median_kmh"] == pytest.approx(3.6 * (less - now), abs=0.06 * 3.6 * now)
    assert farther["median_kmh"] == pytest.approx(3.6 * (more - now), abs=0.06 * 3.6 * now)
    assert nearer["median_kmh"] < -1.0
    assert farther["median_kmh"] > 1.0


def test_grip_moves_the_speed_of_a_corner_by_its_root(at_a_corner):
    # sqrt(0.9 / 0.8) = 1.061: 2.8 km/h on 45.7.
    assert moved(at_a_corner, "friction", "+0.1")["median_kmh"] == pytest.approx(2.8, abs=1.0)
    assert moved(at_a_corner, "friction", "-0.1")["median_kmh"] == pytest.approx(-2.9, abs=1.0)


def test_the_corner_is_what_to_measure(at_a_corner):
    first = at_a_corner.measure_first.iloc[0]
    assert first["what"] == "position of the corner"
    assert first.geometry.distance(shapely.Point(0, 8)) < 3.0  # the inner corner


def gated(gap_m=2.4):
    """A street from the west with a gap in a thin wall across it, 60 m before the zone."""
    wall = [box(60, -4, 60.4, -gap_m / 2), box(60, gap_m / 2, 60.4, 4)]
    ground = box(0, -4, 130, 4).difference(shapely.union_all(wall))
    rim = [LineString([(0, -4), (0, 4)])]
    return surface(ground, study=box(0, -9, 135, 9), entries=rim, zone=box(120, -4, 130, 4))


@pytest.fixture(scope="module")
def behind_a_gap():
    return sensitivity(gated(), [vehicle(width_m=2.1)], FieldSettings(0.5, 32, 10.0))


def test_a_gap_that_may_be_shut_is_measured_first(behind_a_gap):
    first = behind_a_gap.measure_first.iloc[0]
    assert (first["rank"], first["what"]) == (1, "clear width between two walls")
    assert first["clear_width_m"] == pytest.approx(2.4, abs=0.05)
    assert first.geometry.distance(shapely.Point(60.2, 0)) < 1.0
    assert first["metres"] == 8.0
    assert len(behind_a_gap.measure_first) == 1


def test_behind_a_shut_gap_the_run_up_starts_anew(behind_a_gap):
    # From rest behind the wall, rear end at x = 60.4: about 58.6 m, sqrt(2 * 3 * 58.6) = 18.7 m/s,
    # against sqrt(100 + 2 * 3 * 120) = 28.6 m/s with the gap.
    row = moved(behind_a_gap, "obstacles", "0.5 m nearer")
    assert row["median_kmh"] == pytest.approx(3.6 * (18.7 - 28.6), rel=0.06)
    assert row["energy_kj"] == pytest.approx(1.5 / 2 * (18.7**2 - 28.6**2), rel=0.08)
    assert moved(behind_a_gap, "obstacles", "0.5 m farther")["moved_m"] == 0.0


def test_on_a_straight_street_only_the_drive_matters():
    ground = box(0, -6, 110, 6)
    rim = [LineString([(0, -6), (0, 6)])]
    site = surface(ground, study=box(0, -11, 115, 11), entries=rim, zone=box(100, -2, 110, 2))
    found = sensitivity(site, [vehicle()], STILL)
    for what, change in (("obstacles", "0.5 m n"), ("obstacles", "0.5 m f"), ("friction", "")):
        assert moved(found, what, change)["moved_m"] == 0.0
    # 98 m or so from rest: the speed goes with the root of the drive; sqrt(600) = 24.5 m/s.
    assert moved(found, "acceleration", "+20 %")["largest_kmh"] == pytest.approx(
        3.6 * 24.5 * (math.sqrt(1.2) - 1), rel=0.06
    )
    assert moved(found, "acceleration", "-20 %")["largest_kmh"] == pytest.approx(
        3.6 * 24.5 * (math.sqrt(0.8) - 1), rel=0.06
    )
    assert found.measure_first.empty


def test_nothing_moves_on_an_open_yard_at_top_speed():
    yard = box(-60, -60, 60, 60)
    site = surface(
        yard, study=yard, entries=[LineString([(-60, -60), (-60, 60)])], zone=box(-5, -5, 5, 5)
    )
    found = sensitivity(site, [vehicle(top_speed_mps=8.0)], FieldSettings(1.0, 32, 8.0))
    figures = found.variations.drop(columns=["what", "change"])
    assert (figures.abs() < 0.01).all().all()
    assert found.measure_first.empty


@pytest.mark.parametrize("name", ["at_a_corner", "behind_a_gap"])
def test_nearer_obstacles_never_raise_and_more_grip_never_lowers(name, request):
    found = request.getfixturevalue(name)
    falls = [moved(found, "obstacles", "0.5 m nearer"), moved(found, "friction", "-0.1")]
    rises = [moved(found, "obstacles", "0.5 m farther"), moved(found, "friction", "+0.1")]
    assert all(row["largest_kmh"] <= 0.0 and row["energy_kj"] <= 0.0 for row in falls)
    assert all(row["largest_kmh"] >= 0.0 and row["energy_kj"] >= 0.0 for row in rises)
    assert all(row["reachable_m"] == 0.0 for row in falls)
    assert all(row["unreachable_m"] == 0.0 for row in rises)


def test_known_surfaces_move_with_the_friction():
    # Gravel holds less than the tyres could: there their grip does not matter, the gravel's does.
    site = exit_leg(6.0)
    paving = gpd.GeoDataFrame(
        {"ground_id": ["g"], "surface": ["gravel"]}, geometry=[site.ground], crs=site.crs
    )
    scenario = FieldSettings(1.0, 32, 40.0, grip=Grip.SURFACE)
    driver = vehicle(acceleration_mps2=0.05)
    found = sensitivity(replace(site, paving=paving), [driver], scenario)
    assert moved(found, "friction", "+0.1")["median_kmh"] > 1.0
    assert moved(found, "friction", "-0.1")["median_kmh"] < -1.0


def test_heights_and_a_longest_approach_keep_the_order_of_the_variations():
    # 5 % down to the east, and only 40 m of the way count: nothing before the gap matters.
    height = np.tile(np.linspace(7.0, 0.0, 141), (31, 1))
    hill = replace(gated(), elevation=Elevation(height, (-2.0, -15.0), 1.0, "drawn"))
    near = FieldSettings(1.0, 32, 10.0, max_approach_m=40.0)
    table = sensitivity(hill, [vehicle(width_m=2.1)], near).variations
    assert (table["largest_kmh"] * [-1, 1, -1, 1, -1, 1] >= -0.01).all()
    assert table["moved_m"].tolist()[:2] == [0.0, 0.0]


def test_the_vehicle_with_the_highest_energy_is_varied():
    light, heavy = vehicle(name="light"), vehicle(name="heavy", mass_kg=7200.0)
    site = gated(3.0)
    coarse = FieldSettings(1.0, 32, 10.0)
    assert sensitivity(site, [light, heavy], coarse).vehicle == "heavy"
    assert sensitivity(site, [light, heavy], coarse, vehicle="light").vehicle == "light"
    with pytest.raises(InputError, match="none of light, heavy"):
        sensitivity(site, [light, heavy], coarse, vehicle="N2A")


def test_where_the_grid_allows_less_the_row_says_so():
    # Cells of 1 m need 1.41 m of width: (2 - 1.41) / 2 = 0.29 m.
    found = sensitivity(gated(3.0), [vehicle()], FieldSettings(1.0, 32, 10.0))
    assert found.variations["change"].tolist()[:2] == ["0.5 m nearer", "0.29 m farther"]


def test_work_stops_between_two_solves():
    heard = []

    def stop_late(stage, share, note):
        heard.append(share)
        if share > 0.6:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        sensitivity(gated(), [vehicle()], FieldSettings(1.0, 32, 10.0), progress=stop_late)
    assert heard == sorted(heard)
