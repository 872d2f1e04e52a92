"""The evidence of whole columns is that of `covers`, demand by demand."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sbd.catalogue.coverage import Demand, covers
from sbd.catalogue.evidence import EVIDENCE, evidence
from sbd.catalogue.products import load_products
from sbd.catalogue.ratings import parse_rating

CATALOGUE = load_products()
RATINGS = (
    *("", "V/7200[N2A]/48/90:1.1", "M50/P1", "V/1500[M1]/64/45:0", "S20"),
    *("7500 kg 80 km/h", "[N3] 64 km/h"),
)


def named(number, rating):
    """Return a product with a printed rating, which fills what it was tested with."""
    product = CATALOGUE[number]
    if not rating or not product.is_rated:
        return product
    read = parse_rating(rating)
    stated = {
        "rated_vehicle": read.vehicle_class,
        "rated_mass_kg": read.mass_kg,
        "rated_speed_kmh": read.speed_kmh,
    }
    stated = {name: figure for name, figure in stated.items() if figure is not None}
    return replace(
        product, rating=rating, penetration_high_m=100.0, debris_m=float("nan"), **stated
    )


products = st.builds(named, st.integers(0, len(CATALOGUE) - 1), st.sampled_from(RATINGS))
vehicles = st.tuples(
    st.sampled_from(["M1", "M1-EV", "N1", "n2a", "N2", "N3", "N3C", "M", "S", "tram"]),
    st.sampled_from([1500.0, 3500.0, 6800.0, 7200.0, 7207.0, 7500.0, 7501.0, 30000.0])
    | st.floats(200.0, 40000.0),
)
speeds = st.sampled_from([47.5, 48.0, 48.5, 63.9, 64.0, 80.0, 80.0 + 1e-12]) | st.floats(1.0, 150.0)
angles = st.sampled_from([90.0, 45.0, 44.6, 30.0]) | st.floats(0.5, 90.0)


@given(st.lists(products, min_size=1, max_size=4), vehicles, speeds, angles)
def test_columns_say_what_covers_says(several, vehicle, speed_kmh, angle_deg):
    name, mass_kg = vehicle
    found = evidence(
        several, [name], np.array([mass_kg]), np.array([[speed_kmh]]), angle_deg=angle_deg
    )
    demand = Demand(name, mass_kg, speed_kmh, angle_deg)
    for number, product in enumerate(several):
        said = covers(product.tested, demand, arrangement=product.arrangement)
        assert EVIDENCE[found[0, number]] is said.evidence


@given(products, st.lists(st.tuples(vehicles, speeds), min_size=1, max_size=4))
def test_a_further_vehicle_proves_nothing_more(product, coming):
    names = [name for (name, _), _ in coming]
    masses = np.array([mass for (_, mass), _ in coming])
    fast = np.array([[speed for _, speed in coming]])
    proof = [
        int(evidence([product], names[:k], masses[:k], fast[:, :k])[0, 0])
        for k in range(1, len(coming) + 1)
    ]
    assert proof == sorted(proof)
