"""Which sets of places are tried: the best one is found, or how often it is missed."""

from itertools import combinations

import numpy as np

from sbd.barriers.chicanes import MOST_SETS, _ranked
from sbd.progress import ignore

APPROACHES, LINES = 6, 5


class DrawnTown:
    """Five lines, each struck over one or two of six approaches, and places that slow some."""

    def __init__(self, rng, places):
        self.over = [
            rng.choice(APPROACHES, size=rng.integers(1, 3), replace=False) for _ in range(LINES)
        ]
        self.units = rng.integers(10, 60, LINES)
        self.level = rng.integers(2, 5, APPROACHES)
        touches = rng.random((places, APPROACHES)) < 0.3
        self.slows = rng.integers(0, 4, (places, APPROACHES)) * touches
        self.price = rng.integers(20, 120, places)
        self.asked = 0

    def worth(self, chosen):
        """A line costs what its fastest approach asks; only the fastest counts."""
        self.asked += 1
        rows = list(chosen)
        slowed = self.slows[rows].max(axis=0) if rows else 0
        level = np.maximum(self.level - slowed, 0)
        lines = sum(
            u * max(level[a] for a in over) for u, over in zip(self.units, self.over, strict=True)
        )
        return 0.0, float(lines + self.price[rows].sum())

    def best(self, most):
        places = range(len(self.price))
        sets = (c for size in range(most + 1) for c in combinations(places, size))
        return min(self.worth(chosen)[1] for chosen in sets)


def found(town, most):
    ranked = _ranked(town, list(range(len(town.price))), most, ignore)
    return town.worth(ranked[0] if ranked else ())[1]


def test_of_few_places_the_best_set_is_found():
    # 6 + 15 sets of at most two of six places
    rng = np.random.default_rng(1)
    for _ in range(100):
        town = DrawnTown(rng, 6)
        assert found(town, 2) == town.best(2)


def test_two_that_only_help_together_are_found():
    town = DrawnTown(np.random.default_rng(0), 4)
    town.over, town.units, town.level = [np.array([0, 1])], np.array([50]), np.full(APPROACHES, 3)
    town.slows = np.zeros((4, APPROACHES), dtype=int)
    town.slows[1, 0] = town.slows[2, 1] = 2
    town.price = np.full(4, 20)
    # 3 * 50 without; 1 * 50 + 2 * 20 with both, 3 * 50 + 20 with one.
    assert (found(town, 1), found(town, 2)) == (150.0, 90.0)


def test_of_many_places_the_best_set_is_rarely_missed_and_then_by_little():
    # 8 + 28 + 56 sets of at most three of eight places: the three best grow.
    rng = np.random.default_rng(1)
    saved, most_asked = [], 0
    for _ in range(150):
        town = DrawnTown(rng, 8)
        base, best = town.worth(())[1], town.best(3)
        town.asked = 0
        got = found(town, 3)
        most_asked = max(most_asked, town.asked)
        if best < base:
            saved.append((base - got) / (base - best))
    assert most_asked <= MOST_SETS + 8
    assert np.mean(np.array(saved) < 1.0) <= 0.02
    assert np.mean(saved) >= 0.995
