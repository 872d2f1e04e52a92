"""What a tested rating proves of a demand, and what it leaves open."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbd.catalogue import parse_rating
from sbd.catalogue.coverage import Arrangement, Demand, Evidence, covers
from sbd.errors import CatalogueError

TEST = parse_rating("PAS 68:2010 V/7500[N2]/64/90:3.6/5.8")
VERY = Demand("N2", 7500, 64)


def test_the_very_impact_is_covered_and_its_run_out_may_be_promised():
    answer = covers(TEST, VERY)
    assert (answer.covered, answer.evidence) == (True, Evidence.TESTED)
    assert answer.run_out_m == 5.8  # debris flew farther than the 3.6 m of the lorry


@pytest.mark.parametrize(
    "easier",
    [
        replace(VERY, speed_kmh=48),
        replace(VERY, mass_kg=7200),
        replace(VERY, angle_deg=45),
        Demand("N2A", 7200, 48),
        Demand("N3C", 7200, 64),
    ],
)
def test_a_harder_test_of_a_like_vehicle_stops_but_promises_no_run_out(easier):
    answer = covers(TEST, easier)
    assert (answer.covered, answer.evidence, answer.run_out_m) == (True, Evidence.HARDER, None)
    far = covers(TEST, replace(easier, run_out_m=100))
    assert not far.covered
    assert "how far the vehicle comes" in far.missing[0]


@pytest.mark.parametrize(
    ("harder", "named"),
    [
        (replace(VERY, speed_kmh=64.5), "a speed of 64 km/h, asked for 64.5"),
        (replace(VERY, mass_kg=7501), "a mass of 7500 kg, asked for 7501"),
        # Twice the mass at 45 km/h is less energy (1 172 of 1 185 kJ): never traded.
        (replace(VERY, mass_kg=15_000, speed_kmh=45), "a mass of 7500 kg, asked for 15000"),
        # Half the mass at 80 km/h, too.
        (replace(VERY, mass_kg=3750, speed_kmh=80), "a speed of 64 km/h, asked for 80"),
    ],
)
def test_less_mass_or_speed_than_asked_for_proves_nothing(harder, named):
    answer = covers(TEST, harder)
    assert (answer.covered, answer.evidence, answer.run_out_m) == (False, Evidence.NONE, None)
    assert [named in sentence for sentence in answer.missing] == [True]


def test_energy_within_the_test_is_told_but_is_no_proof():
    # 15 000 kg at 45 km/h: 1 172 kJ; the test had 7 500 kg at 64 km/h: 1 185 kJ
    answer = covers(TEST, replace(VERY, mass_kg=15_000, speed_kmh=45))
    assert answer.within_energy
    assert not answer.covered


def test_a_slanting_test_proves_nothing_head_on():
    slanting = parse_rating("V/7500[N2]/64/45:0/0.0")
    assert not covers(slanting, VERY).covered
    assert covers(slanting, replace(VERY, angle_deg=45)).evidence is Evidence.TESTED
    assert covers(slanting, replace(VERY, angle_deg=30)).evidence is Evidence.HARDER


def test_a_vehicle_of_another_size_may_pass_under_what_stops_a_lorry():
    car = Demand("M1", 1500, 48)
    assert "go under" in covers(TEST, car).missing[0]
    assert covers(TEST, car, arrangement=Arrangement(closed_to_ground=True)).covered
    assert not covers(TEST, Demand("milk float", 1500, 48)).covered


def test_a_variant_of_a_class_is_of_that_class_but_keeps_its_own_mass():
    rating = parse_rating("V/1500[M1]/80/90:1.5")
    answer = covers(rating, Demand("M1-EV", 2500, 64))
    assert len(answer.missing) == 1
    assert "a mass of 1500 kg, asked for 2500" in answer.missing[0]
    assert covers(rating, Demand("M1-EV", 1500, 80)).evidence is Evidence.TESTED


def test_a_surrogate_is_no_vehicle():
    rating = replace(parse_rating("S30/P1"), angle_deg=90.0)
    closed = Arrangement(closed_to_ground=True)
    assert "surrogate" in covers(rating, Demand("M1", 1500, 48), arrangement=closed).missing[0]


def test_thirty_miles_an_hour_is_the_same_impact_as_48_km_h():
    # K4: 30 x 1.609344 = 48.28 km/h, 15 000 lb = 6 803.9 kg
    rating = replace(parse_rating("K4/L2"), angle_deg=90.0)
    answer = covers(rating, Demand("M", 6800, 48))
    assert answer.evidence is Evidence.TESTED
    assert answer.run_out_m == pytest.approx(6.096)  # L2 ends at 20 ft
    # The other way round the test was the slower one.
    slower = parse_rating("V/6804[M]/48/90:1")
    assert not covers(slower, Demand("M", 6800, 48.28)).covered


@pytest.mark.parametrize(
    ("text", "unstated"),
    [
        ("M50/P1", "no angle"),
        ("V/7500/64/90:1", "no vehicle class"),
        ("[N2] 64 km/h 90 deg", "no mass"),
        ("[N2] 7500 kg 90 deg", "no speed"),
    ],
)
def test_what_a_rating_does_not_state_is_not_covered(text, unstated):
    demand = Demand("M", 6800, 48) if text.startswith("M") else VERY
    assert [unstated in sentence for sentence in covers(parse_rating(text), demand).missing] == [
        True
    ]


def test_a_product_without_a_test_covers_nothing():
    answer = covers(None, Demand("N3D", 10_000, 50))
    assert (answer.covered, answer.within_energy, answer.run_out_m) == (False, False, None)


@pytest.mark.parametrize("planned", ["A", "Ap", "B"])
def test_another_foundation_is_another_system(planned):
    on_c = Arrangement(foundation="C")
    demand = replace(VERY, foundation=planned)
    assert "foundation C" in covers(TEST, demand, arrangement=on_c).missing[0]
    assert covers(TEST, replace(VERY, foundation="C"), arrangement=on_c).covered
    assert "foundation is unknown" in covers(TEST, demand).missing[0]
    assert covers(TEST, demand, arrangement=on_c).run_out_m is None


def test_the_foundation_in_the_rating_goes_before_the_one_beside_it():
    rating = replace(TEST, foundation="B")
    demand = replace(VERY, foundation="B")
    assert covers(rating, demand, arrangement=Arrangement(foundation="C")).covered


@pytest.mark.parametrize(
    ("planned_m", "row", "covered"),
    [
        (6.0, True, True),
        (60.0, True, True),  # more neighbours
        (5.9, True, False),
        (6.0, False, True),
        (6.1, False, False),  # a longer span
        (5.9, False, False),
    ],
)
def test_a_line_is_as_long_as_the_tested_one_or_a_longer_row(planned_m, row, covered):
    arrangement = Arrangement(array_length_m=6.0, row=row)
    demand = replace(VERY, array_length_m=planned_m)
    assert covers(TEST, demand, arrangement=arrangement).covered is covered


def test_an_unknown_length_of_the_tested_line_is_not_covered():
    assert "unknown" in covers(TEST, replace(VERY, array_length_m=6.0)).missing[0]


@pytest.mark.parametrize(
    ("rating", "free_m", "covered"),
    [
        ("V/7500[N2]/64/90:3.6", 3.6, True),
        ("V/7500[N2]/64/90:3.6", 3.5, False),
        ("V/7500[N2]/64/90:3.6/5.8", 5.0, False),
        ("V/7500[N2]/64/90", 50.0, False),
        ("PAS 68 V/7500[N2]/64/90:3.6/25.0", 50.0, False),  # 25 m may mean 25 m or more
        ("PAS 68 V/7500[N2]/64/90:3.6/24.0", 50.0, True),
    ],
)
def test_the_run_out_must_fit_the_free_depth(rating, free_m, covered):
    assert covers(parse_rating(rating), replace(VERY, run_out_m=free_m)).covered is covered


def test_a_band_without_an_end_fits_nowhere():
    rating = replace(parse_rating("M50/P4"), angle_deg=90.0)
    assert not covers(rating, Demand("M", 6800, 80.4, run_out_m=1e6)).covered


def test_every_missing_piece_is_listed_at_once():
    hard = Demand("M1", 9000, 80, foundation="B", array_length_m=5.0, run_out_m=1.0)
    said = " ".join(covers(parse_rating("V/7500[N2]/64/45:3.6"), hard).missing)
    for word in ("mass", "speed", "angle", "go under", "foundation", "length", "how far"):
        assert word in said


def test_notes_tell_what_was_not_asked_and_how_the_rating_was_read():
    rating = parse_rating("Development test to PAS 68 V/7500 [N2]/64/90:3.6")
    notes = " ".join(covers(rating, Demand("N2A", 7200, 48)).notes)
    for word in ("space before class", "development", "N2, not a N2A", "foundation", "length"):
        assert word in notes


@pytest.mark.parametrize(
    "change",
    [
        {"mass_kg": 0},
        {"speed_kmh": -1},
        {"speed_kmh": float("nan")},
        {"angle_deg": 0},
        {"angle_deg": 91},
        {"foundation": "D"},
        {"array_length_m": 0},
        {"run_out_m": -0.1},
        {"vehicle_class": " "},
    ],
)
def test_a_demand_that_can_not_be_is_refused_by_name(change):
    with pytest.raises(CatalogueError, match=next(iter(change))):
        replace(VERY, **change)


@pytest.mark.parametrize("change", [{"foundation": "D"}, {"array_length_m": 0.0}])
def test_an_arrangement_that_can_not_be_is_refused_by_name(change):
    with pytest.raises(CatalogueError, match=next(iter(change))):
        Arrangement(**change)


CLASSES = st.sampled_from(["M1", "N1", "N2", "N2A", "N3C", "tram"])
DEMANDS = st.builds(
    Demand,
    CLASSES,
    st.sampled_from([1500, 6800, 7200, 7500]) | st.floats(500, 40_000),
    st.sampled_from([32, 48, 64, 80]) | st.floats(5, 120),
    st.sampled_from([30, 90]) | st.floats(1, 90),
    st.sampled_from([None, "A", "C"]),
    st.none() | st.floats(1, 50),
    st.none() | st.floats(0, 40),
)
ARRANGEMENTS = st.builds(
    Arrangement,
    st.sampled_from([None, "A", "C"]),
    st.none() | st.floats(1, 10),
    st.booleans(),
    st.booleans(),
)
TESTS = st.sampled_from(
    [
        TEST,
        parse_rating("V/1500[M1]/48/90:0.5"),
        parse_rating("V/7200[N2A]/80/30:9.5"),
        parse_rating("M50/P2"),
        parse_rating("[N3C] 80 km/h 90 deg"),
    ]
)


@given(TESTS, DEMANDS, ARRANGEMENTS, st.floats(1, 3), st.floats(1, 3))
def test_a_harder_demand_is_never_covered_where_the_easier_one_is_not(
    rating, demand, arrangement, heavier, faster
):
    harder = replace(
        demand,
        mass_kg=demand.mass_kg * heavier,
        speed_kmh=demand.speed_kmh * faster,
        run_out_m=None,
    )
    easier = replace(demand, run_out_m=None)
    if covers(rating, harder, arrangement=arrangement).covered:
        assert covers(rating, easier, arrangement=arrangement).covered


@given(TESTS, DEMANDS, ARRANGEMENTS)
def test_covered_means_tested_at_no_less_and_a_promise_means_the_same(rating, demand, arrangement):
    answer = covers(rating, demand, arrangement=arrangement)
    if answer.covered:
        assert rating.mass_kg >= demand.mass_kg * (1 - 1e-9)
        assert rating.speed_kmh >= demand.speed_kmh * (1 - 1e-9)
        assert rating.angle_deg >= demand.angle_deg * (1 - 1e-9)
        assert answer.within_energy
    if answer.run_out_m is not None:
        assert rating.speed_kmh == pytest.approx(demand.speed_kmh, abs=0.5)
        assert rating.vehicle_class == demand.vehicle_class
