"""The product list: figures with sources, and every fault named at once."""

import math

import pytest

from sbd.catalogue.product_defaults import REQUIRED
from sbd.catalogue.product_rows import Row, products_of
from sbd.catalogue.products import Role, load_products, parse_products, with_own
from sbd.errors import CatalogueError
from sbd.model.words import LAYOUTS, STANDINGS

HEADER = (
    "product_id,kind,layouts,roles,shape,width_m,depth_m,gap_min_m,gap_max_m,foundation,"
    "closed_to_ground,rated_vehicle,rated_mass_kg,rated_speed_kmh,penetration_low_m,penetration_high_m,tests,"
    "cost_low,cost_high,line_fixed_cost,currency,cost_year,performance_source,"
    "performance_standing,cost_source,cost_standing,rating,debris_m,foundation_depth_m,"
    "unit_mass_kg,rent_day_low,rent_day_high,crew,crew_hours,lifting_gear,units_per_lorry,"
    "staff_when_open,maintenance_share,life_years,lead_time_weeks,storage_m2,life_source,"
    "life_standing"
)
ROW = (
    "b1,fixed_bollard,permanent,line,round,0.27,0.27,0.9,1.2,B,yes,N2A,7200,64,1,2,3,"
    "4000,6000,2000,EUR,2025,tests,published,offer,assumed,,7.5,0.5,300,,,3,0,lorry_crane,"
    "40,0,0.01,25,26,0,offer,assumed"
)
GOOD = dict(zip(HEADER.split(","), ROW.split(","), strict=True))


def parsed(*changes):
    rows = [",".join((GOOD | change).values()) for change in changes]
    return parse_products([HEADER, *rows], name="list.csv")


def own(*changes, missing=()):
    """Return a city's rows, which may leave columns and cells out."""
    rows = [{k: v for k, v in (GOOD | change).items() if k not in missing} for change in changes]
    table = [Row(number, cells) for number, cells in enumerate(rows, start=2)]
    return products_of(list(rows[0]), table, name="list.csv", shipped=load_products())


def test_the_shipped_list_offers_both_layouts_a_line_and_a_lane():
    products = load_products()
    for layout in LAYOUTS:
        for role in Role:
            assert any(layout in p.layouts and role in p.roles for p in products), (layout, role)


def test_every_shipped_figure_has_a_source_a_standing_and_a_year():
    for product in load_products():
        assert product.performance_source
        assert product.cost_source
        assert product.standing in STANDINGS
        assert product.cost_year >= 2017


def test_energy_is_that_of_the_test_vehicle():
    # 7200 kg at 64 km/h: 0.5 * 7200 * (64 / 3.6)^2 = 1 137.8 kJ
    assert parsed({})[0].rated_energy_kj == pytest.approx(1137.8, abs=0.1)


def test_the_weaker_standing_counts():
    assert parsed({})[0].standing == "assumed"
    assert parsed({"cost_standing": "measured"})[0].standing == "published"


@pytest.mark.parametrize("read", [parsed, own])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cost_low": "-1"}, "cost_low -1; it can't be negative"),
        ({"cost_low": "7000"}, "cost_low 7000 above cost_high 6000"),
        ({"gap_min_m": "1.3"}, "gap_min_m 1.3 above gap_max_m 1.2"),
        ({"penetration_low_m": "3"}, "penetration_low_m 3 above penetration_high_m 2"),
        ({"width_m": "0.275"}, "whole centimetres"),
        ({"width_m": "0"}, "width_m 0; it must be positive"),
        ({"width_m": "1.200"}, "width_m '1.200' may be 1200 or 1.2"),
        ({"cost_high": "12.500"}, "cost_high '12.500' may be 12500 or 12.5"),
        ({"rated_mass_kg": "nan"}, "rated_mass_kg 'nan' is not a number"),
        ({"cost_high": "inf"}, "cost_high 'inf' is not a number"),
        ({"rated_vehicle": "N9"}, "rated_vehicle 'N9'; one of M1, N1G"),
        ({"rated_vehicle": "none"}, "rated_mass_kg 7200 with rated_vehicle 'none'; give"),
        ({"rated_speed_kmh": "0"}, "rated_speed_kmh 0; a test has a speed"),
        ({"rated_speed_kmh": "300"}, "speed_kmh 300; it must lie from 1 to 200"),
        ({"rating": "V/7200[N2A]/48/90:1.5"}, "rated_speed_kmh 64.0 contradicts the rating"),
        ({"rating": "V/7200[N2A]/64/90:9"}, "penetration_high_m 2 contradicts the rating"),
        ({"rating": "Provisional: V/7200[N2A]/64/90"}, "word 'Provisional'"),
        ({"foundation": "D"}, "foundation 'D' is not known; one of A, Ap, B, C"),
        ({"layouts": "summer"}, "layouts 'summer'"),
        ({"roles": "roof"}, "roles 'roof' is not known; one of line, lane"),
        ({"shape": "star"}, "shape 'star' is not known"),
        ({"closed_to_ground": "perhaps"}, "closed_to_ground 'perhaps' is not known"),
        ({"lifting_gear": "helicopter"}, "one of none, forklift, lorry_crane, crane"),
        ({"rent_day_low": "50"}, "rent_day_low, rent_day_high: give both, or neither"),
        ({"rent_day_low": "50", "rent_day_high": "40"}, "rent_day_low 50 above rent_day_high 40"),
        ({"crew": "2.5"}, "crew '2.5' is not a whole number"),
        ({"units_per_lorry": "0"}, "units_per_lorry 0; it must be positive"),
        ({"life_years": "-3"}, "life_years -3; it must be positive"),
        ({"cost_standing": "sure"}, "cost_standing 'sure'"),
        ({"tests": "many"}, "tests 'many' is not a number"),
    ],
)
def test_a_fault_is_named_with_its_row(read, change, words):
    with pytest.raises(CatalogueError, match=r"list\.csv.*row 2") as caught:
        read(change)
    assert words in str(caught.value)


def test_all_faults_come_at_once():
    with pytest.raises(CatalogueError) as caught:
        own(
            {"cost_low": "-1", "roles": "", "crew": "x"},
            {"product_id": "b2", "width_m": "x", "gap_min_m": "2"},
        )
    assert list(caught.value.faults) == [
        "row 2: roles is empty",
        "row 2: crew 'x' is not a number",
        "row 2: cost_low -1; it can't be negative",
        "row 3: width_m 'x' is not a number",
        "row 3: gap_min_m 2 above gap_max_m 1.2",
    ]


def test_ids_are_unique_and_one_currency_is_used():
    with pytest.raises(CatalogueError) as caught:
        own({}, {"currency": "chf"}, {"product_id": "b2"})
    assert list(caught.value.faults) == [
        "rows 2, 3: product_id 'b1' is there 2 times",
        "currency: CHF (row 3), EUR (row 2) mixed; use one, conversion needs a date",
    ]


def test_missing_unknown_and_double_columns_are_named():
    with pytest.raises(CatalogueError) as caught:
        products_of(
            ["product_id", "kind", "kind", "width", "colour"], [], name="x", shipped=load_products()
        )
    faults = caught.value.faults
    assert "column width_m is missing" in faults
    assert "column kind is there 2 times" in faults
    assert "column 'width' is not known; did you mean width_m?" in faults
    assert any(fault.startswith("column 'colour' is not known; there are ") for fault in faults)


def test_an_unknown_column_hides_no_fault_of_the_rows():
    with pytest.raises(CatalogueError) as caught:
        own({"colour": "red", "cost_low": "-1"})
    assert [fault.split(";")[0] for fault in caught.value.faults] == [
        "column 'colour' is not known",
        "row 2: cost_low -1",
    ]


def test_a_rating_without_a_mass_asks_for_one():
    missing = [column for column in GOOD if column.startswith("rated_")]
    with pytest.raises(CatalogueError, match="rated_mass_kg 0 with rated_vehicle 'N3'; give"):
        own({"rating": "[N3] 64 km/h"}, missing=missing)


def test_an_empty_list_is_refused():
    with pytest.raises(CatalogueError, match="no product"):
        parse_products([HEADER], name="list.csv")


def test_an_empty_cell_of_the_shipped_list_is_a_fault_not_a_default():
    with pytest.raises(CatalogueError, match="row 2: crew is empty"):
        parsed({"crew": ""})
    assert own({"crew": ""})[0].crew > 0


def test_what_a_row_leaves_out_costs_the_most_of_its_kind():
    optional = [column for column in GOOD if column not in REQUIRED]
    found = own({}, missing=optional)[0]
    kin = [p for p in load_products() if p.kind == "fixed_bollard"]
    assert found.lead_time_weeks == max(p.lead_time_weeks for p in kin)
    assert found.units_per_lorry == min(p.units_per_lorry for p in kin)
    assert found.life_standing == "assumed"
    assert "list.csv" in found.life_source
    assert not found.rentable


def test_what_was_not_tested_is_listed_and_never_rated():
    optional = [column for column in GOOD if column not in REQUIRED]
    found = own({}, missing=optional)[0]
    assert not found.is_rated
    assert found.tested is None
    # No published test went farther than 29.1 m; what nobody knows is beyond it.
    assert found.run_out_m == 30.0


def test_a_rating_fills_what_was_tested_and_how_far_it_went():
    tested = [column for column in GOOD if column.startswith(("rated_", "penetration_"))]
    found = own({"rating": "PAS 68:2010 V/7500[N2]/64/90:2.1/13.2"}, missing=[*tested, "debris_m"])
    product = found[0]
    assert (product.rated_vehicle, product.rated_mass_kg, product.rated_speed_kmh) == (
        *("N2", 7500.0, 64.0),
    )
    assert (product.penetration_low_m, product.penetration_high_m) == (2.1, 2.1)
    assert product.debris_m == 13.2
    assert product.run_out_m == pytest.approx(15.3)


def test_a_penetration_class_counts_with_its_far_end():
    tested = [column for column in GOOD if column.startswith(("rated_", "penetration_"))]
    band, endless = own(
        *({"product_id": text, "rating": text} for text in ("M50/P2", "M50/P4")),
        missing=[*tested, "debris_m"],
    )
    assert (band.penetration_low_m, band.penetration_high_m) == (1.0, 7.0)
    assert endless.run_out_m == 100.0


def test_pounds_and_miles_are_the_same_figure_within_their_rounding():
    # 15 000 lb are 6 803.9 kg and 50 miles an hour 80.5 km/h.
    change = {"rated_vehicle": "M", "rated_mass_kg": "6800", "rated_speed_kmh": "80"}
    assert own(change | {"rating": "M50", "penetration_high_m": "7"})[0].rated_mass_kg == 6800


def test_own_rows_win_by_id_and_new_ones_come_last():
    catalogue = load_products()
    mine, new = own({"product_id": catalogue[3].product_id}, {"product_id": "city-1"})
    found = with_own(catalogue, (mine, new))
    assert [p.product_id for p in found] == [*(p.product_id for p in catalogue), "city-1"]
    assert found[3] is mine
    assert found[-1] is new


def test_own_rows_in_other_money_are_refused():
    with pytest.raises(CatalogueError, match="your own in GBP, the catalogue in EUR"):
        with_own(load_products(), own({"currency": "GBP"}))


def test_every_generic_type_is_listed():
    kinds = {product.kind for product in load_products()}
    assert kinds >= {
        *("fixed_bollard", "planter", "bench", "step", "low_wall", "retractable_bollard"),
        *("swing_gate", "sliding_gate", "road_blocker", "modular_set", "concrete_block"),
        *("parked_vehicle",),
    }
    fixed = [p.foundation for p in load_products() if p.kind == "fixed_bollard"]
    assert {"B", "C"} <= set(fixed)  # shallow and deep


@pytest.mark.parametrize("kind", ["step", "low_wall", "parked_vehicle", "concrete_block"])
def test_types_without_a_test_are_listed_but_never_rated(kind):
    listed = [product for product in load_products() if product.kind == kind]
    assert listed
    assert not any(product.is_rated for product in listed)


def test_the_depth_of_a_foundation_fits_its_letter():
    for product in load_products():
        # A stands free, B goes down to 0.5 m, C deeper (PAS 68, annex).
        least, most = {"A": (0, 0), "Ap": (0, 0.2), "B": (0, 0.5), "C": (0.51, 3)}[
            product.foundation
        ]
        assert least <= product.foundation_depth_m <= most, product.product_id


def test_run_out_adds_debris_where_it_is_published():
    known = parsed({"debris_m": "17.9"})[0]
    unknown = parsed({"debris_m": ""})[0]
    assert known.run_out_m == pytest.approx(2 + 17.9)
    assert unknown.run_out_m == 2
    assert math.isnan(unknown.debris_m)
