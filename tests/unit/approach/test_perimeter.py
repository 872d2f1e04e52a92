"""Speeds along the outline of a zone, and the approaches that attain them."""

import json

import numpy as np
import pytest
import shapely
from shapely import LineString, Polygon, box

from sbd.approach import corridor
from sbd.approach.clearance import make_terrain
from sbd.approach.corridor import FROM_REST
from sbd.approach.perimeter import assess_perimeter, outline_points
from sbd.approach.refine import RefinedPath
from sbd.errors import FieldError, InputError
from sbd.model.assessment import FieldSettings
from tests.drawn_ground import COARSE, surface, vehicle

ENTERING = FieldSettings(1.0, 32, 10.0)


def square(**site):
    """A square of 30 x 30 m, its middle to be protected, with a street from the west and one from
    the north; both come in over the rim 40 m away."""
    ground = shapely.union_all([box(0, 0, 30, 30), box(-40, 11, 0, 19), box(11, 30, 19, 70)])
    site = {
        "study": box(-40, -5, 35, 70),
        "zone": box(8, 8, 22, 22),
        "entries": [LineString([(-40, 11), (-40, 19)]), LineString([(11, 70), (19, 70)])],
        "streets": ["West Street", "North Street"],
    } | site
    return surface(ground, **site)


def assess(site, vehicles=None, settings=ENTERING, **options):
    drivers = [vehicle()] if vehicles is None else vehicles
    return assess_perimeter(
        site, drivers, settings, site_hash="abc", attribution="drawn", **options
    )


@pytest.fixture(scope="module")
def assessment():
    slow = vehicle(name="S", acceleration_mps2=1.0, mass_kg=7200.0)
    return assess(square(), [vehicle(), slow])


def test_every_metre_has_a_row_a_vehicle(assessment):
    assert len(assessment.perimeter) == 2 * 56
    one = assessment.perimeter.query("vehicle == 'T'")
    assert one["distance_m"].tolist() == [n + 0.5 for n in range(56)]
    assert one["perimeter_id"].is_unique


def test_the_side_that_faces_a_street_is_hit_head_on(assessment):
    # 48 m from the rim at 3 m/s2 with 10 m/s: sqrt(100 + 288) = 19.7 m/s = 70.9 km/h.
    rows = assessment.perimeter.query("vehicle == 'T'")
    west = rows[np.isclose(rows.geometry.x, 8.0) & (abs(rows.geometry.y - 15.0) < 2.0)]
    assert len(west) == 4
    assert west["normal_speed_kmh"].min() == pytest.approx(70.9, rel=0.06)
    assert set(west["corridor_id"]) <= set(assessment.corridors["corridor_id"])


def test_the_three_speeds_are_in_order(assessment):
    rows = assessment.perimeter
    assert (rows["speed_lower_kmh"] <= rows["speed_kmh"] + 1e-9).all()
    assert (rows["speed_kmh"] <= rows["speed_upper_kmh"] + 1e-9).all()
    assert (rows["normal_speed_kmh"] <= rows["speed_kmh"] + 1e-9).all()
    assert (rows["energy_kj"] <= rows["energy_upper_kj"] + 1e-9).all()
    assert (rows["speed_lower_kmh"] > 0).mean() > 0.9
    table = assessment.corridors
    assert (table["speed_lower_kmh"] <= table["speed_kmh"] + 1e-9).all()
    assert (table["speed_kmh"] <= table["speed_upper_kmh"] + 1e-9).all()


def test_a_run_up_along_a_street_is_known_to_a_few_per_cent(assessment):
    # Nothing but the drive counts on the straight. On coarse cells the upper field tells a cell and
    # 16 % more run-up: of 25 m, sqrt(25 / 30) = 0.91, and the lower one ends up to a cell earlier.
    rows = assessment.perimeter.query("vehicle == 'T'")
    west = rows[np.isclose(rows.geometry.x, 8.0) & (abs(rows.geometry.y - 15.0) < 2.0)]
    assert (west["speed_lower_kmh"] >= 0.88 * west["speed_upper_kmh"]).all()


def test_every_row_says_what_holds_it_and_what_that_hangs_on(assessment):
    rows = assessment.perimeter
    assert set(rows["limited_by"]) <= {"acceleration", "entry speed", "bend"}
    assert (rows["inputs"].str.count(";") <= 2).all()
    driven = rows[rows["limited_by"] == "acceleration"]
    assert driven["inputs"].str.startswith("acceleration_mps2: assumed").all()
    assert driven["inputs"].str.contains("obstacle positions: drawn").all()


@pytest.mark.parametrize(
    ("figures", "settings", "name"),
    [
        ({"top_speed_mps": 12.0}, FieldSettings(1.0, 32, 10.0), "top speed"),
        ({}, FieldSettings(1.0, 32, 10.0, speed_limit_mps=11.0), "speed limit"),
        ({}, FieldSettings(1.0, 32, 10.0, max_approach_m=15.0), "approach limit"),
        ({"acceleration_mps2": 0.1}, FieldSettings(1.0, 32, 10.0), "entry speed"),
    ],
)
def test_what_is_saturated_says_so(figures, settings, name):
    rows = assess(square(), [vehicle(**figures)], settings).perimeter
    assert rows["limited_by"].value_counts().idxmax() == name


def two_streets():
    """Two streets from the west onto a square; one has three times the run-up of the other."""
    ground = shapely.union_all([box(0, 0, 60, 40), box(-90, 24, 0, 34), box(-30, 4, 0, 12)])
    study = box(-90, -5, 65, 45)
    entries = [LineString([(-90, 24), (-90, 34)])]
    return ground, study, entries


def test_a_street_that_is_nowhere_the_fastest_is_listed_too():
    ground, study, entries = two_streets()
    # The short street is walled off from the rim but for its own entry in a notch of the study.
    study = study.difference(box(-90, -5, -30, 14))
    short = LineString([(-30, 4), (-30, 12)])
    zone = box(45, 22, 58, 36)
    table = assess(
        surface(
            ground, study=study, zone=zone, entries=[*entries, short], streets=["Long", "Short"]
        )
    ).corridors.set_index("street")
    assert set(table.index) >= {"Long", "Short"}
    assert table.loc["Short", "speed_kmh"] < table.loc["Long", "speed_kmh"]
    assert table.loc["Short", "entry_id"] == "E1"


def test_a_checked_path_above_the_upper_field_is_a_failed_run(monkeypatch):
    def impossible(refiner, route, **options):
        place = np.array(route.line.coords)
        return RefinedPath(place, *(np.full(len(place), 99.0) for _ in range(3)))

    monkeypatch.setattr(corridor, "refine_route", impossible)
    with pytest.raises(FieldError, match=r"reaches .* at 356.40 km/h, the upper field allows"):
        assess(square())


def test_energy_is_that_of_the_whole_speed(assessment):
    rows = assessment.perimeter.query("vehicle == 'S'")
    assert rows["energy_kj"].to_numpy() == pytest.approx(
        7200 * (rows["speed_kmh"] / 3.6) ** 2 / 2000
    )


def test_approaches_are_ranked_and_named_after_their_street(assessment):
    table = assessment.corridors
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    assert table["energy_kj"].is_monotonic_decreasing
    assert {"West Street", "North Street"} <= set(table["street"])
    by_entry = table[table["street"] == "West Street"]
    assert set(by_entry["entry_id"]) == {"E0"}


def test_the_strongest_approach_of_a_street_ends_at_the_zone_and_comes_from_its_entry(assessment):
    row = assessment.corridors.query("street == 'West Street' and vehicle == 'T'").iloc[0]
    start, *_, end = row.geometry.coords
    assert start[0] == pytest.approx(-40.0, abs=1.0)
    # Cells count up to half a width and one cell from the outline.
    assert shapely.Point(end).distance(box(8, 8, 22, 22).exterior) <= 2.0
    assert row["length_m"] == pytest.approx(row.geometry.length, rel=0.02)


def test_a_profile_ends_with_the_speed_of_the_approach(assessment):
    for row in assessment.corridors.itertuples():
        profile = json.loads(row.profile)
        assert {len(place) for place in profile} == {5}
        assert profile[-1][1] == pytest.approx(row.speed_kmh, abs=0.01)
        assert profile[-1][0] == pytest.approx(row.length_m, abs=0.01)
        assert profile[0][2] in ("entry", "engine", "braking")


def test_two_entries_of_one_street_are_one_approach():
    entries = [LineString([(-40, 11), (-40, 15)]), LineString([(-40, 15), (-40, 19)])]
    table = assess(square(entries=entries, streets=["West Street", "West Street"])).corridors
    assert (table["street"] == "West Street").sum() == 1


def test_entries_over_open_ground_stay_apart():
    entries = [LineString([(-40, 11), (-40, 19)]), LineString([(11, 70), (19, 70)])]
    table = assess(square(entries=entries, streets=["open ground", "open ground"])).corridors
    assert (table["street"] == "open ground").sum() == 2


def test_without_entries_the_run_up_starts_from_rest_inside():
    table = assess(square(entries=[], streets=[])).corridors
    assert table["street"].tolist() == [FROM_REST]
    assert table["entry_id"].tolist() == [""]


def test_a_wide_vehicle_that_gets_nowhere_has_rows_with_no_speed():
    site = square(study=box(-40, -5, 35, 70))
    wide = vehicle(width_m=4.0, min_turning_radius_m=30.0)
    narrow_streets = surface(
        shapely.union_all([box(9, 9, 12, 12), box(-40, 11, 9, 12)]),
        study=site.study_area,
        zone=box(9.5, 9.5, 11.5, 11.5),
        entries=[LineString([(-40, 11), (-40, 12)])],
    )
    result = assess(narrow_streets, [wide])
    assert (result.perimeter["speed_kmh"] == 0.0).all()
    assert (result.perimeter["corridor_id"] == "").all()
    assert result.corridors.empty


def test_the_outline_along_walls_is_left_out():
    # Only the west side of this zone is open; the others lie on walls.
    site = surface(box(0, 0, 40, 10), zone=box(20, 0, 40, 10))
    points = outline_points(site.zone, make_terrain(site, COARSE, widest_m=2.0))
    assert np.allclose(points.place_m[:, 0], 20.0)
    assert len(points.place_m) == 10
    assert np.allclose(points.inwards, [1.0, 0.0])


def test_normals_point_into_the_zone_at_holes_too():
    zone = Polygon(box(5, 5, 35, 35).exterior.coords, [box(15, 15, 25, 25).exterior.coords])
    site = surface(box(0, 0, 40, 40), zone=zone)
    points = outline_points(site.zone, make_terrain(site, COARSE, widest_m=2.0))
    ahead = shapely.points(points.place_m + 0.01 * points.inwards)
    assert shapely.contains(zone, ahead).all()
    assert len(points.place_m) == 120 + 40
    assert np.all(np.diff(points.distance_m) > 0)


def test_the_same_input_gives_the_same_output():
    one, two = assess(square()), assess(square())
    assert one.perimeter.equals(two.perimeter)
    assert one.corridors.equals(two.corridors)


def test_the_answer_says_what_it_was_made_from(assessment):
    assert assessment.site_hash == "abc"
    assert assessment.attribution == "drawn"
    assert [vehicle.name for vehicle in assessment.vehicles] == ["T", "S"]
    assert [field.vehicle.name for field in assessment.fields] == ["T", "S"]
    assert assessment.perimeter.crs == assessment.corridors.crs


@pytest.mark.parametrize(
    ("vehicles", "words"),
    [([], "no vehicle"), ([vehicle(), vehicle()], "T is given twice")],
)
def test_no_vehicle_and_the_same_one_twice_are_refused(vehicles, words):
    with pytest.raises(InputError, match=words):
        assess(square(), vehicles)


def test_a_step_along_the_outline_of_nothing_is_refused():
    with pytest.raises(InputError, match="outline step 0"):
        assess(square(), zone_outline_step_m=0.0)
