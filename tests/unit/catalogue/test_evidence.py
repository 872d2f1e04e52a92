"""What the tests of products say about vehicles at places: the worst vehicle counts."""

from dataclasses import replace

import numpy as np
import pytest

from sbd.catalogue.coverage import Evidence
from sbd.catalogue.evidence import EVIDENCE, evidence
from sbd.catalogue.products import load_products

PRODUCTS = {product.product_id: product for product in load_products()}
BOLLARD = PRODUCTS["bollard-shallow-n2a-48"]  # 7.2 t at 48 km/h, closed to the ground
GATE = PRODUCTS["swing-gate-n2-64"]  # a lorry of 7.5 t at 64 km/h, open below
UNTESTED = PRODUCTS["concrete-block"]


def one(product, vehicle, mass_kg, speed_kmh, **options):
    found = evidence([product], [vehicle], np.array([mass_kg]), np.array([[speed_kmh]]), **options)
    return EVIDENCE[found[0, 0]]


@pytest.mark.parametrize(
    ("vehicle", "mass_kg", "speed_kmh", "wanted"),
    [
        ("N2A", 7200.0, 48.0, Evidence.TESTED),
        ("N2A", 7200.0, 47.4, Evidence.HARDER),
        ("N2A", 7200.0, 48.1, Evidence.NONE),
        ("N2A", 7300.0, 48.0, Evidence.NONE),
        ("M1", 1500.0, 48.0, Evidence.HARDER),
        ("M1", 1500.0, 90.0, Evidence.NONE),
        ("N3F", 30000.0, 0.0, Evidence.TESTED),  # can't come: asks nothing
        ("N2A", 7200.0, np.nan, Evidence.NONE),  # unknown speed counts as too fast
    ],
)
def test_only_what_was_tested_counts(vehicle, mass_kg, speed_kmh, wanted):
    assert one(BOLLARD, vehicle, mass_kg, speed_kmh) is wanted


def test_a_car_may_pass_under_a_gate_that_stopped_a_lorry():
    assert one(GATE, "N2A", 7200.0, 48.0) is Evidence.HARDER
    assert one(GATE, "M1", 1500.0, 48.0) is Evidence.NONE
    assert one(replace(GATE, closed_to_ground=True), "M1", 1500.0, 48.0) is Evidence.HARDER


def test_a_head_on_test_covers_a_slanting_hit_but_not_the_other_way_round():
    slanting = replace(BOLLARD, rating="V/7200[N2A]/48/45:0.2")
    assert one(BOLLARD, "N2A", 7200.0, 48.0, angle_deg=45.0) is Evidence.HARDER
    assert one(slanting, "N2A", 7200.0, 48.0, angle_deg=45.0) is Evidence.TESTED
    assert one(slanting, "N2A", 7200.0, 48.0) is Evidence.NONE


def test_the_least_proven_vehicle_of_a_place_counts():
    found = evidence(
        [BOLLARD, UNTESTED],
        ["N2A", "M1"],
        np.array([7200.0, 1500.0]),
        np.array([[48.0, 0.0], [48.0, 40.0], [48.0, 80.0], [0.0, 0.0]]),
    )
    # Nobody comes to the last place; what was never tested proves nothing even there.
    assert [[EVIDENCE[k] for k in row] for row in found] == [
        [Evidence.TESTED, Evidence.NONE],
        [Evidence.HARDER, Evidence.NONE],
        [Evidence.NONE, Evidence.NONE],
        [Evidence.TESTED, Evidence.NONE],
    ]


def test_no_place_and_no_product_have_an_answer_of_their_shape():
    classes, masses = ["N2A"], np.array([7200.0])
    assert evidence([BOLLARD], classes, masses, np.empty((0, 1))).shape == (0, 1)
    assert evidence([], classes, masses, np.ones((3, 1))).shape == (3, 0)
    assert evidence([BOLLARD], [], np.empty(0), np.empty((2, 0))).tolist() == [[0], [0]]
