"""A unit that is priced as strong enough is so wherever it is asked what it must stop."""

from dataclasses import dataclass, field

import numpy as np

from sbd.barriers.demand import Strikes
from sbd.barriers.runs import prices_along
from sbd.catalogue.products import load_products
from sbd.optimise.layout import NEVER
from sbd.units import kmh_to_mps


@dataclass
class Cars:
    names: tuple[str, ...] = ("M1",)
    masses_kg: np.ndarray = field(default_factory=lambda: np.array([1500.0]))


def test_both_samples_count_where_they_meet():
    # Six samples on 2.76 m are 46 cm each. The bollard stops 48 km/h and the third sample has 58.
    # It looks 25 cm beside its 22 cm: from 45 cm on to 92 cm, where the third sample begins.
    speeds = np.array([28.0, 34.0, 58.0, 58.0, 58.0, 181.0])
    strikes = Strikes(kmh_to_mps(speeds)[:, None], np.zeros((6, 1)))
    by_id = {product.product_id: product for product in load_products()}
    weak, strong = by_id["bollard-shallow-m1-48"], by_id["bollard-deep-n3-80"]
    price = prices_along(
        [weak, strong], [22, 32], np.array([1.0, 2.0]), Cars(), strikes, 276, surcharge=0.0
    )
    assert price[0, 44] != NEVER
    assert price[0, 45] == NEVER
    assert price[1, 45] != NEVER
