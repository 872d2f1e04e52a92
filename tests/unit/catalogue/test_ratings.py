"""Rating strings, neat and messy: what they say, what is forgiven, what is refused."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbd.catalogue import Rating, parse_rating, print_rating
from sbd.catalogue.rating_standards import (
    DESIGNATIONS,
    KMH_PER_MPH,
    PENETRATION_BANDS_M,
    PENETRATION_CLASSES,
    VEHICLE_CLASSES,
    Standard,
    penetration_class,
)
from sbd.catalogue.ratings import FOUNDATIONS, LIMITS
from sbd.errors import CatalogueError, InputError
from tests.places import SITES

SHEETS = sorted(SITES.parent.glob("*/npsa-*.csv"))  # published test sheets, not ours to ship

NEAT = Rating(
    vehicle_class="N2", mass_kg=7500, speed_kmh=64, angle_deg=90, penetration_m=1.5
)  # V/7500[N2]/64/90:1.5


@pytest.mark.parametrize(
    "text",
    [
        "V/7500[N2]/64/90:1.5",
        "V/7500(N2)/64/90:1.5",
        "v/7500[n2]/64/90:1.50",
        "  V / 7500[ N2 ] / 64 / 90 : 1,5 ",
        "V/7500 kg[N2]/64 km/h/90°:1.5 m",
        "V/7.5 t[N2]/64 km/h/90 deg:1.5 m",
        "V/7500[N2]/64/90º：1.5",
        "V／7500［N2］／64／90∶1.5",
        "V/7500\u00a0kg[N2]/64\u202fkm/h/90\u200b:1,5",
        "N2 7500 kg at 64 km/h, 90°, penetration 1.5 m",
        "7.5 t [N2], 1.5 m, 90 degrees, 64 km/h",
    ],
)
def test_other_brackets_blanks_units_and_signs_are_no_defect(text):
    assert parse_rating(text) == NEAT
    assert parse_rating(text).warnings == ()


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("V/7500 [N2]/64/90:1.5", ["space before class"]),
        ("V/7500[N2]64/90:1.5", ["missing separator after class"]),
        ("V/7500[N2]/64 90:1.5", ["missing separator after speed"]),
        ("V7500[N2]/64/90:1.5", ["missing separator after method"]),
        ("V/7500[N2]/64/90/1.5", ["slash before penetration"]),
        ("7500[N2]/64/90:1.5", ["method letter missing, V assumed"]),
        ("V/7500N2/64/90:1.5", ["class without brackets"]),
        ("V/7500/[N2]/64/90:1.5", ["slash before class"]),
        ("V/7.500[N2]/64/90:1.5", ["mass 7.500 read with a sign between thousands"]),
        ("V/7,500 kg[N2]/64/90:1.5", ["mass 7,500 read with a sign between thousands"]),
        ("V/7 500[N2]/64/90:1.5", []),
        (
            "7500 N2 64 90/1.5",
            [
                "method letter missing, V assumed",
                "space before class",
                "class without brackets",
                "missing separator after class",
                "missing separator after speed",
                "slash before penetration",
            ],
        ),
    ],
)
def test_a_defect_is_forgiven_and_named(text, warnings):
    assert parse_rating(text) == NEAT
    assert list(parse_rating(text).warnings) == warnings


def test_a_speed_that_may_be_in_miles_is_read_as_the_slower_one():
    rating = parse_rating("V/7500[N2]/40/90:1.5")
    assert rating.speed_kmh == 40
    assert rating.warnings == ("speed 40 is no step of 16 km/h, read as km/h",)
    # 40 miles an hour of 1.609344 km each
    assert parse_rating("V/7500[N2]/40 mph/90:1.5").speed_kmh == pytest.approx(64.374, abs=1e-3)


def test_pounds_and_feet_become_kilograms_and_metres():
    # 15 000 lb x 0.45359237 = 6 803.9 kg; 3 ft x 0.3048 = 0.9144 m
    rating = parse_rating("15 000 lb at 50 mph, penetration 3′")
    assert rating.mass_kg == pytest.approx(6803.9, abs=0.05)
    assert rating.penetration_m == pytest.approx(0.9144)


@pytest.mark.parametrize(
    ("text", "vehicle_class", "mass_lb", "mph", "result"),
    [
        ("M50/P1", "M", 15_000, 50, "P1"),
        ("M50-P1", "M", 15_000, 50, "P1"),
        ("M50–P1", "M", 15_000, 50, "P1"),
        ("M50P1", "M", 15_000, 50, "P1"),
        ("ASTM F2656-20 M30 P2", "M", 15_000, 30, "P2"),
        ("M40/P3 (ASTM F2656/F2656M-15)", "M", 15_000, 40, "P3"),
        ("PU60-P1", "PU", 5070, 60, "P1"),
        ("SC40/P1", "SC", 2430, 40, "P1"),
        ("C40", "C", 2430, 40, None),
        ("FS50", "FS", 4630, 50, None),
        ("H50/P4", "H", 65_000, 50, "P4"),
        ("M30/L2", "M", 15_000, 30, "L2"),
        ("K4", "M", 15_000, 30, None),
        ("K8-L1", "M", 15_000, 40, "L1"),
        ("DoS K12 L3", "M", 15_000, 50, "L3"),
        ("K-12", "M", 15_000, 50, None),
        ("S20-P2", "S", 5000, 20, "P2"),
        ("ASTM F3016-14 S10", "S", 5000, 10, None),
    ],
)
def test_designations_stand_for_vehicle_and_speed(text, vehicle_class, mass_lb, mph, result):
    rating = parse_rating(text)
    assert rating.vehicle_class == vehicle_class
    assert rating.mass_kg == pytest.approx(mass_lb * 0.45359237)
    assert rating.speed_kmh == pytest.approx(mph * 1.609344)
    assert rating.penetration_class == result
    assert (rating.angle_deg, rating.penetration_m) == (None, None)  # they state neither


@pytest.mark.parametrize("text", ["C740-P2", "C7 40/P2", "C7-40 P2"])
def test_the_cab_over_of_class_7_is_no_car_at_740(text):
    rating = parse_rating(text)
    assert (rating.vehicle_class, rating.mass_kg) == ("C7", 7200)


def test_a_class_of_penetration_is_a_band_until_metres_are_given():
    assert parse_rating("M50/P2").penetration_range_m == (1.0, 7.0)
    assert parse_rating("M50/P2: 3.4 m").penetration_range_m == (3.4, 3.4)
    # L2: above 3 ft, up to 20 ft
    assert parse_rating("K12/L2").penetration_range_m == pytest.approx((0.9144, 6.096))
    assert parse_rating("K12").penetration_range_m is None
    assert parse_rating("S20/P1").penetration_range_m is None  # its limits are not known here


@pytest.mark.parametrize(
    ("penetration_m", "standard", "name"),
    [
        (0.0, Standard.ASTM_F2656, "P1"),
        (1.0, Standard.ASTM_F2656, "P1"),
        (1.01, Standard.ASTM_F2656, "P2"),
        (30.0, Standard.ASTM_F2656, "P3"),
        (30.1, Standard.ASTM_F2656, "P4"),
        (0.9, Standard.SD_STD_02_01, "L3"),
        (15.3, Standard.SD_STD_02_01, None),  # 50 ft are 15.24 m
        (1.0, Standard.IWA_14_1, None),
    ],
)
def test_limits_of_penetration_classes_belong_to_the_smaller_one(penetration_m, standard, name):
    assert penetration_class(penetration_m, standard=standard) == name


@pytest.mark.parametrize(
    ("stated", "standard", "edition", "development"),
    [
        ("IWA 14-1:2013", Standard.IWA_14_1, "2013", False),
        ("ISO IWA 14-1", Standard.IWA_14_1, None, False),
        ("BS ISO 22343-1:2023", Standard.ISO_22343_1, "2023", False),
        ("DIN ISO 22343-1", Standard.ISO_22343_1, None, False),
        ("BSI PAS68 (2013)", Standard.PAS_68, "2013", False),
        ("PAS 68:2007", Standard.PAS_68, "2007", False),
        ("Development test to PAS 68", Standard.PAS_68, None, True),
        ("Development test meeting PAS", Standard.PAS_68, None, True),
        ("DIN SPEC 91414-1:2021-04", Standard.DIN_SPEC_91414_1, "2021-04", False),
    ],
)
def test_the_standard_may_stand_apart_or_in_the_text(stated, standard, edition, development):
    code = "V/7500[N2]/64/90:1.5"
    for rating in (
        parse_rating(code, standard=stated),
        parse_rating(f"{stated} {code}"),
        parse_rating(f"{stated}: {code}"),
        parse_rating(f"{code} ({stated})"),
    ):
        found = (rating.standard, rating.edition, rating.development)
        assert found == (standard, edition, development)


def test_what_a_string_does_not_say_is_none():
    rating = parse_rating("V/7500[N2]/64/90")
    assert (rating.standard, rating.penetration_m, rating.major_debris_m) == (None, None, None)
    assert parse_rating("[N2] 64 km/h").energy_kj is None
    assert parse_rating("V/7500/64/90:1").vehicle_class is None
    assert parse_rating("V/[N2]/64/90:1").mass_kg is None
    assert parse_rating("V/7500[N2]/64:1").angle_deg is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "nothing is stated"),
        ("   ", "nothing is stated"),
        ("Provisional: V/7500[N2]/48/90:1", "'Provisional'"),
        ("crash tested", "'crash'"),
        ("D/7500[N2]/48/90:1", "'D'"),
        ("V/7500[N9]/48/90:1", "vehicle class 'N9'"),
        ("V/7500[]/48/90:1", "vehicle class ']'"),
        ("V/7500[N2/48/90:1", "not closed"),
        ("V/7500[N2]/fast/90:1", "speed 'fast'"),
        ("V/7500[N2]/48/head-on:1", "angle 'head'"),
        ("V/7500[N2]", "speed is missing"),
        ("V/7500[N2]/48/90:", "penetration is missing"),
        ("V/7500[N2]/48/90:1/", "debris is missing"),
        ("V/7500[N2]/48/90:-0.4", "penetration '-'"),
        ("V/7500[N2]/48/90:<1", "'<1'"),
        ("V/7500[N2]/48/90:1/2/3", "'/ 3' at the end"),
        ("V/7500[N2]/48/90:1 foundation D", "'foundation D'"),
        ("V/7500[N2]/48 kg/90:1", "speed in kg"),
        ("V/75[N2]/48/90:1", "mass_kg 75"),
        ("V/7500000[N2]/48/90:1", "mass_kg 7500000"),
        ("V/7500[N2]/480/90:1", "speed_kmh 480"),
        ("V/7500[N2]/48/91:1", "angle_deg 91"),
        ("V/7500[N2]/48/90:101", "penetration_m 101"),
        ("M35/P1", "'M35'"),
        ("K5", "'K5'"),
        ("M60", "'M60'"),
        ("M50/P5", "'P5'"),
        ("S20/L1", "'L1'"),
        ("M50/P1: 3.4 m", "contradicts P1"),
        ("M50/P1 0.3", "'0.3' has no unit"),
        ("N2 7500 kg 7.5 t", "mass is stated twice"),
        ("PAS 68:2013 IWA 14-1:2013 V/7500[N2]/48/90:1", "IWA 14-1 and PAS 68"),
        ("PAS 68 M50/P1", "ASTM F2656 and PAS 68"),
        ("PAS 170 V/7500[N2]/48/90:1", "'PAS'"),
        ("∞", "'∞'"),
    ],
)
def test_a_string_that_is_not_understood_names_the_part_and_itself(text, part):
    with pytest.raises(InputError) as caught:
        parse_rating(text)
    assert part in str(caught.value)
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("standard", ["", "EN 1317", "IWA 14-1 or so"])
def test_an_unknown_standard_is_refused_with_those_there_are(standard):
    with pytest.raises(CatalogueError, match="is not known; there are IWA 14-1"):
        parse_rating("V/7500[N2]/64/90:1.5", standard=standard)


def test_a_standard_apart_that_contradicts_the_text_is_refused():
    with pytest.raises(CatalogueError, match="PAS 68 and IWA 14-1 contradict"):
        parse_rating("PAS 68 V/7500[N2]/64/90:1.5", standard="IWA 14-1")


def test_a_rating_that_can_not_be_does_not_exist():
    with pytest.raises(CatalogueError, match="edition"):
        Rating(edition="2013", mass_kg=7500)
    with pytest.raises(CatalogueError, match="nothing is stated"):
        Rating(standard=Standard.PAS_68)
    with pytest.raises(CatalogueError, match="angle_deg nan"):
        Rating(mass_kg=7500, angle_deg=float("nan"))


def test_printing_is_neat():
    assert print_rating(parse_rating("7500 (N2)64/90/1,50", standard="PAS 68:2010")) == (
        "PAS 68:2010 V/7500[N2]/64/90:1.5"
    )
    assert print_rating(parse_rating("ASTM F2656-07 M50–P1")) == "ASTM F2656-07 M50/P1"
    assert print_rating(parse_rating("K12 L2")) == "SD-STD-02.01 K12/L2"


def maybe(strategy):
    return st.none() | strategy


EDITIONS = st.sampled_from(["2005", "2013", "2023", "2021-04", "07", "18a", "20"])
FIGURES = {
    # Tiny and long fractions, and the whole numbers that sheets have.
    name: st.floats(least, most) | st.integers(int(least), int(most)).map(float)
    for name, (least, most) in LIMITS.items()
}


@st.composite
def ratings(draw):
    standard = draw(maybe(st.sampled_from(Standard)))
    result = draw(maybe(st.sampled_from(PENETRATION_CLASSES.get(standard, ("P1",)))))
    result = result if standard in PENETRATION_CLASSES else None
    figures = {name: draw(maybe(strategy)) for name, strategy in FIGURES.items()}
    vehicle_class = draw(maybe(st.sampled_from(VEHICLE_CLASSES)))
    designations = [d for d in DESIGNATIONS.values() if d[0] is standard]
    if designations and draw(st.booleans()):
        _, vehicle_class, speeds = draw(st.sampled_from(designations))
        mph = draw(st.sampled_from(sorted(speeds.values())))
        masses = {"M": 15_000, "S": 5000, "PU": 5070, "H": 65_000, "FS": 4630}
        figures["mass_kg"] = masses.get(vehicle_class, 2430) * 0.45359237
        figures["speed_kmh"] = mph * KMH_PER_MPH
    band = PENETRATION_BANDS_M.get(standard, {}).get(result)
    if band and figures["penetration_m"] is not None:
        figures["penetration_m"] = draw(st.floats(band[0], min(band[1], 100.0)))
    if vehicle_class is None and all(figure is None for figure in figures.values()):
        figures["mass_kg"] = 1500.0
    return Rating(
        standard=standard,
        edition=draw(maybe(EDITIONS)) if standard else None,
        vehicle_class=vehicle_class,
        penetration_class=result,
        foundation=draw(maybe(st.sampled_from(FOUNDATIONS))),
        development=draw(st.booleans()),
        **figures,
    )


@given(ratings())
def test_what_is_printed_reads_back_as_the_same_rating(rating):
    text = print_rating(rating)
    again = parse_rating(text)
    assert again == rating
    assert print_rating(again) == text


@given(st.text(alphabet='V/7500[N2A]()48/90:1.,-–′" MKPL°kmhtb', max_size=30) | st.text())
def test_any_text_gives_a_rating_or_a_deliberate_error(text):
    try:
        rating = parse_rating(text)
    except CatalogueError:
        return
    assert parse_rating(print_rating(rating)) == rating


def test_every_string_of_the_published_sheets_reads_as_tabulated_and_survives_printing():
    if not SHEETS:
        pytest.skip("no table of NPSA sheets in a folder beside the one of SBD_SITES")
    with SHEETS[0].open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 400
    for row in rows:
        rating = parse_rating(row["rating"], standard=row["standard"])
        assert rating.vehicle_class == row["vehicle_class"]
        assert rating.energy_kj == pytest.approx(float(row["energy_kj"]), abs=0.06)
        for name in LIMITS:
            tabulated = float(row[name]) if row[name] else None
            assert getattr(rating, name) == tabulated, row["rating"]
        assert parse_rating(print_rating(rating)) == rating
