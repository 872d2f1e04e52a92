"""The proven optimum is never above what planners pay who do not optimise."""

import pytest
from shapely import box

from sbd.barriers.cost import offer
from sbd.catalogue.products import load_products
from tests.benchmarks.placement_baselines import closing_costs
from tests.placed import Everywhere, place
from tests.towns import town

OFFERED = offer(load_products(), layout="permanent", gap_min_m=0.9, gap_max_m=1.2)


def fast_from_the_west(points_m, normals):
    """80 km/h up to the middle of the place and 30 km/h beyond."""
    return 30.0 + 50.0 * (points_m[:, 0] < 45.0)


def two_streets():
    """A square with a street of 12 m from the west and one of 6 m from the east, both 35 m long."""
    walls = [
        box(0, 51, 35, 90), box(0, 0, 35, 39), box(55, 48, 90, 90), box(55, 0, 90, 42),
        box(35, 60, 55, 90), box(35, 0, 55, 30),
    ]  # fmt: skip
    return place(box(0, 0, 90, 90), walls, box(37, 32, 53, 58))


@pytest.mark.parametrize("speed_kmh", [20.0, 50.0, fast_from_the_west])
@pytest.mark.parametrize("surface", [two_streets(), town(5, seed=3)], ids=["streets", "town"])
def test_the_optimum_is_never_above_a_baseline(surface, speed_kmh):
    costs = closing_costs(surface, Everywhere(speed_kmh), OFFERED)
    assert costs.optimum > 0
    rounding = 1e-5 * 1000  # prices are rounded to 1e-5 of the currency, each chord by itself
    assert costs.optimum <= min(costs.own_class, costs.greedy, costs.shortest) + rounding
    assert costs.own_class <= costs.one_class + rounding


def test_mouths_are_the_narrow_ways_and_the_strongest_class_costs_more_than_its_own():
    costs = closing_costs(two_streets(), Everywhere(fast_from_the_west), OFFERED)
    # Streets of 12 m and 6 m, each closed straight across.
    assert (costs.mouths, costs.ways_in) == (2, 2)
    assert costs.mouths_m == pytest.approx(18.0, abs=0.01)
    # 30 km/h in the east asks for less than 80 km/h in the west.
    assert costs.own_class < costs.one_class
    # Two streets that share nothing: the narrowest places with their own class are the best.
    assert costs.greedy == pytest.approx(costs.optimum)
    assert costs.own_class == pytest.approx(costs.optimum)
