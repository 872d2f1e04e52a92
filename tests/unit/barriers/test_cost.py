"""Which product answers what, and what a chord costs."""

from dataclasses import replace

import numpy as np
import pytest

from sbd.barriers.cost import (
    BY_ENERGY_SURCHARGE,
    GAP_MARGIN_M,
    SHORT_PRICE,
    Strength,
    chord_prices,
    gate_prices,
    lane_block,
    offer,
    strengths,
    unit_prices,
)
from sbd.catalogue.products import load_products
from sbd.errors import CatalogueError

PRODUCTS = {product.product_id: product for product in load_products()}
N2A_48 = PRODUCTS["bollard-shallow-n2a-48"]  # 7.2 t at 48 km/h, 640 kJ
RULE = {"gap_min_m": 0.9, "gap_max_m": 1.2}


@pytest.mark.parametrize(
    ("mass_kg", "speed_kmh", "wanted"),
    [
        (7200, 48.0, Strength.TESTED),
        (1500, 48.0, Strength.TESTED),  # lighter and not faster
        (7200, 48.1, Strength.SHORT),  # the same vehicle, faster: more energy
        (1500, 90.0, Strength.BY_ENERGY),  # 469 kJ, but never tested that fast
        (12000, 30.0, Strength.BY_ENERGY),  # 417 kJ, but never tested that heavy
        (1500, 110.0, Strength.SHORT),  # 700 kJ
        (30000, 0.0, Strength.TESTED),  # can't come: asks nothing
    ],
)
def test_only_what_was_tested_counts_as_tested(mass_kg, speed_kmh, wanted):
    found = strengths([N2A_48], ["N2A"], np.array([float(mass_kg)]), np.array([[speed_kmh / 3.6]]))
    assert found[0, 0] == wanted


def test_every_vehicle_has_to_be_stopped_not_only_the_one_with_most_energy():
    masses = np.array([7200.0, 1500.0])
    truck_only = strengths([N2A_48], ["N2A", "M1"], masses, np.array([[48, 40]]) / 3.6)
    car_faster = strengths([N2A_48], ["N2A", "M1"], masses, np.array([[48, 80]]) / 3.6)
    assert truck_only[0, 0] == Strength.TESTED
    assert car_faster[0, 0] == Strength.BY_ENERGY


def test_a_proof_still_to_be_given_costs_a_surcharge_and_too_weak_is_no_offer():
    answers = np.array([[Strength.TESTED], [Strength.BY_ENERGY], [Strength.SHORT]], dtype=np.int8)
    prices = unit_prices(np.array([N2A_48.cost_mid]), answers)[:, 0]
    assert prices.tolist() == [4800.0, 4800.0 * (1 + BY_ENERGY_SURCHARGE), np.inf]


@pytest.mark.parametrize(
    ("length_m", "units"),
    # d = 0.27, gap 1.18: n units close n * 1.45 + 1.18 m.
    [(1.18, 0), (1.19, 1), (2.63, 1), (2.64, 2), (14.23, 9), (14.24, 10)],
)
def test_a_chord_between_two_solids_has_whole_units_and_the_fixed_cost(length_m, units):
    price = chord_prices(
        [N2A_48],
        np.array([[4800.0]]),
        length_m=np.array([length_m]),
        anchored_ends=np.array([2]),
        gap_m=1.2 - GAP_MARGIN_M,
        last_resort=np.array([False]),
    )
    assert price[0] == units * 4800 + N2A_48.line_fixed_cost


@pytest.mark.parametrize(("anchored", "fixed_share"), [(0, 0.0), (1, 0.5)])
def test_a_free_piece_costs_by_its_length(anchored, fixed_share):
    price = chord_prices(
        [N2A_48],
        np.array([[4800.0]]),
        length_m=np.array([14.5]),
        anchored_ends=np.array([anchored]),
        gap_m=1.18,
        last_resort=np.array([False]),
    )
    assert price[0] == pytest.approx(10 * 4800 + fixed_share * N2A_48.line_fixed_cost)


def test_where_nothing_is_strong_enough_the_chord_is_a_last_resort():
    price = chord_prices(
        [N2A_48],
        np.array([[np.inf]]),
        length_m=np.array([3.0]),
        anchored_ends=np.array([2]),
        gap_m=1.18,
        last_resort=np.array([True]),
    )
    assert price[0] > SHORT_PRICE


def test_where_a_crowd_or_the_ground_bars_every_product_a_chord_has_no_price():
    price = chord_prices(
        [N2A_48],
        np.array([[np.inf]]),
        length_m=np.array([3.0]),
        anchored_ends=np.array([2]),
        gap_m=1.18,
        last_resort=np.array([False]),
    )
    assert price[0] == np.inf


@pytest.mark.parametrize("layout", ["permanent", "temporary"])
def test_every_lane_is_clear_for_an_engine_and_shut_by_gaps_within_the_rule(layout):
    offered = offer(load_products(), layout=layout, **RULE)
    assert offered.lanes
    for block in offered.lanes:
        assert block.width_m >= 4.0
        assert block.count == 1 or 0.9 <= block.gap_m <= 1.2 - GAP_MARGIN_M
        filled = block.count * block.product.width_m + (block.count - 1) * block.gap_m
        assert block.width_m == pytest.approx(filled)


def test_a_product_too_wide_for_the_gap_rule_makes_no_lane():
    # Two of 2.5 m with 0.9 m between span 5.9 m; one does not reach 4 m: two it is.
    assert lane_block(replace(N2A_48, width_m=2.5), gap_min_m=0.9, gap_max_m=1.2).count == 2


def test_untested_products_are_never_offered():
    offered = offer(load_products(), layout="temporary", **RULE)
    assert "concrete-block" not in {product.product_id for product in offered.line}


def test_a_list_without_a_layout_is_refused():
    with pytest.raises(CatalogueError, match="temporary"):
        offer([N2A_48], layout="temporary", **RULE)


def test_a_gap_rule_without_room_is_refused():
    with pytest.raises(CatalogueError, match="gap rule"):
        offer(load_products(), layout="permanent", gap_min_m=1.3, gap_max_m=1.2)


def test_a_lane_fits_only_where_there_is_room_for_it():
    offered = offer([N2A_48, PRODUCTS["retractable-n2-64"]], layout="permanent", **RULE)
    block = offered.lanes[0]  # 4.02 m
    found = gate_prices(
        offered,
        np.full((3, 1), 4800.0),
        np.full((3, 1), 60000.0),
        length_m=np.array([block.width_m - 0.01, block.width_m, 9.0]),
        anchored_ends=np.array([2, 2, 2]),
    )
    # 9 m leave 4.98 m beside the lane; two end gaps of 1.18 take 2.36, 2 units of 1.45 the rest.
    fixed = block.product.line_fixed_cost
    assert found.tolist() == [np.inf, 60000.0 + fixed, 60000.0 + fixed + 2 * 4800.0]
