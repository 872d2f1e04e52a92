"""Products and the vehicles that can come at many places -> how the tests speak to each.

The same answer as `covers` gives for one rating and one demand, for whole columns: about the
impact alone, mass, speed, angle and class. Foundation, length of the line and run-out are left to
who places them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sbd.catalogue.coverage import FLOAT_SHARE, SAME_SPEED_KMH, Demand, Evidence, covers
from sbd.catalogue.product import HEAD_ON_DEG, Product

# In the order of their numbers in the answer: the higher, the less is proven.
EVIDENCE = (Evidence.TESTED, Evidence.HARDER, Evidence.NONE)
_TESTED, _HARDER, _NONE = range(3)
_CRAWL_KMH = 1e-3  # slower than every test


def evidence(
    products: Sequence[Product],
    vehicle_classes: Sequence[str],
    masses_kg: NDArray[np.float64],
    speed_kmh: NDArray[np.float64],
    *,
    angle_deg: float = HEAD_ON_DEG,
) -> NDArray[np.int8]:
    """Return how the test of each product speaks to what can come at each place.

    The least proven vehicle of a place counts. One that can't come (speed 0) asks nothing; where
    none comes, every product with a test counts as tested. What was never tested proves nothing
    anywhere. A speed that is no number counts as too fast.

    Parameters
    ----------
    vehicle_classes, masses_kg : k names, (k,) array
        Of the vehicles.
    speed_kmh : (n, k) array
        Highest speed of each at n places.
    angle_deg : float
        Of the impact, 90 is head-on.

    Returns
    -------
    (n, p) array
        Place in `EVIDENCE`: 0 this very impact was tested, 1 a harder one, 2 none.

    Examples
    --------
    >>> from sbd.catalogue.products import load_products
    >>> bollard = [p for p in load_products() if p.product_id == "bollard-shallow-n2a-48"]
    >>> evidence(bollard, ["N2A"], np.array([7200.0]), np.array([[48.0], [40], [50]])).tolist()
    [[0], [1], [2]]
    """
    tests = _tests(tuple(products), tuple(vehicle_classes), tuple(masses_kg.tolist()), angle_deg)
    answer = np.full((len(speed_kmh), len(products)), _TESTED, dtype=np.int8)
    answer[:, tests.untested] = _NONE
    for number, (proves, alike) in enumerate(zip(tests.proves, tests.alike, strict=True)):
        speed = speed_kmh[:, number, None]
        near = np.abs(tests.fastest_kmh - speed) <= SAME_SPEED_KMH
        proof = np.where(alike & near, np.int8(_TESTED), np.int8(_HARDER))
        proof[~(proves & (tests.fastest_kmh >= speed * (1 - FLOAT_SHARE)))] = _NONE
        proof[speed[:, 0] <= 0] = _TESTED
        np.maximum(answer, proof, out=answer)
    return answer


@dataclass(frozen=True, slots=True, eq=False)
class _Tests:
    """What the tests of p products say of k vehicles, whatever their speed.

    Parameters
    ----------
    untested : (p,) array
        Products without a test.
    fastest_kmh : (p,) array
        Speed of each test; 0 where it states none.
    proves, alike : (k, p) array
        Whether the test speaks to the vehicle at all, and whether it is of this very vehicle.
    """

    untested: NDArray[np.bool_]
    fastest_kmh: NDArray[np.float64]
    proves: NDArray[np.bool_]
    alike: NDArray[np.bool_]


@lru_cache(maxsize=64)
def _tests(
    products: tuple[Product, ...],
    vehicle_classes: tuple[str, ...],
    masses_kg: tuple[float, ...],
    angle_deg: float,
) -> _Tests:
    tests = [product.tested for product in products]
    shape = (len(vehicle_classes), len(products))
    proves, alike = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for number, (name, mass_kg) in enumerate(zip(vehicle_classes, masses_kg, strict=True)):
        crawling = Demand(name, mass_kg, _CRAWL_KMH, angle_deg)
        slow = [_evidence(product, crawling) for product in products]
        as_fast = [_evidence(product, _as_fast(crawling, product)) for product in products]
        proves[number] = [said is not Evidence.NONE for said in slow]
        alike[number] = [said is Evidence.TESTED for said in as_fast]
    return _Tests(
        untested=np.array([test is None for test in tests], dtype=bool),
        fastest_kmh=np.array([0.0 if t is None else t.speed_kmh or 0.0 for t in tests]),
        proves=proves,
        alike=alike,
    )


def _evidence(product: Product, demand: Demand) -> Evidence:
    return covers(product.tested, demand, arrangement=product.arrangement).evidence


def _as_fast(demand: Demand, product: Product) -> Demand:
    """Return the demand at the speed of the test, where the test states one."""
    test = product.tested
    if test is None or test.speed_kmh is None:
        return demand
    return replace(demand, speed_kmh=test.speed_kmh)
