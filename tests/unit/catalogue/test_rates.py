"""The shipped rates: ranges in one currency, each with source and standing."""

import dataclasses

import pytest

from sbd.catalogue.products import load_products
from sbd.catalogue.rates import load_rates
from sbd.errors import CatalogueError
from sbd.model.words import STANDINGS


def test_every_rate_has_a_source_and_a_standing():
    rates = load_rates()
    assert set(rates.figures) == {
        *("crew_hour", "guard_hour", "lorry_trip", "storage_m2_year", "discount_rate"),
        *("ordinary_openings_day", "opening_minutes"),
    }
    for figure in rates.figures.values():
        assert figure.source
        assert figure.standing in STANDINGS


def test_rates_and_products_count_in_the_same_money():
    assert {product.currency for product in load_products()} == {load_rates().currency}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"crew_hour_low": 70.0}, "crew_hour 70 to 65"),
        ({"guard_hour_low": -1.0}, "guard_hour -1"),
        ({"storage_m2_year_high": float("nan")}, "storage_m2_year"),
        ({"discount_rate": 3.0}, "0.03 is 3 %"),
        ({"currency": ""}, "currency is empty"),
    ],
)
def test_a_fault_is_named(change, words):
    with pytest.raises(CatalogueError) as caught:
        dataclasses.replace(load_rates(), **change)
    assert words in str(caught.value)
