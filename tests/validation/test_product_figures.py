"""Penetration, debris and count of tests of the shipped products, from the published sheets."""

import csv
import os
from pathlib import Path
from statistics import median

import pytest

from sbd.catalogue.products import load_products

SITES = Path(os.environ.get("SBD_SITES", Path(__file__).parents[2] / ".." / "shared" / "data"))
SHEETS = sorted(SITES.parent.glob("*/npsa-*.csv"))  # published test sheets, not ours to ship
CATEGORIES = {
    "fixed_bollard": "Bollards | Static",
    "planter": "Street Furniture | Planters",
    "bench": "Street Furniture | Seating",
    "retractable_bollard": "Bollards | Retractable",
    "road_blocker": "Blockers | Retractable",
    "portable_blocker": "Blockers | Retractable",
    "swing_gate": "Gates | Swing",
    "sliding_gate": "Gates | Sliding",
    "modular_set": "Perimeter Barriers | Modular",
    "portable_gate": "Gates | Modular",
}
pytestmark = pytest.mark.skipif(
    not SHEETS, reason="no table of NPSA sheets in a folder beside the one of SBD_SITES"
)
RATED = [product for product in load_products() if product.is_rated]


@pytest.mark.parametrize("product", RATED, ids=lambda product: product.product_id)
def test_a_product_stands_for_the_tests_of_its_class(product):
    with SHEETS[0].open(encoding="utf-8", newline="") as lines:
        alike = [
            row
            for row in csv.DictReader(lines)
            if row["category"] == CATEGORIES[product.kind]
            and row["foundation"] == product.foundation
            and float(row["angle_deg"]) == 90
            and float(row["mass_kg"]) == product.rated_mass_kg
            and float(row["speed_kmh"]) == product.rated_speed_kmh
        ]
    own_class = [row for row in alike if row["vehicle_class"] == product.rated_vehicle]
    # Some rows stand for all lorries of that mass, N2 beside N2A: then there are more of them.
    tests = own_class if len(own_class) == product.tests else alike
    reach = [float(row["penetration_m"]) for row in tests]
    debris = [float(row["major_debris_m"]) for row in tests if row["major_debris_m"]]
    assert len(tests) == product.tests
    assert product.penetration_low_m == pytest.approx(median(reach), abs=0.051)
    assert product.penetration_high_m == max(reach)
    assert (product.debris_m == max(debris)) if debris else product.debris_m != product.debris_m
