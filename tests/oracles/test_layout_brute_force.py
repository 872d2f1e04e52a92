"""Rows of units against every row there is, on short runs of coarse centimetres."""

import numpy as np
import pytest

from sbd.optimise.layout import NEVER, cheapest_row

GAP_MIN, GAP_MAX = 9, 12


class Rows:
    """Every row of one run, by trying each unit after each."""

    def __init__(self, widths, price, may_start, may_stop, lane, lanes):
        self.widths, self.price, self.lane, self.lanes = widths, price, lane, lanes
        self.may_start, self.may_stop = may_start, may_stop
        self.length = price.shape[1] - 1

    def __iter__(self):
        for start in range(self.length + 1):
            for product in np.flatnonzero(self.may_start[:, start]):
                yield from self.placed(product, start, 0, start**2, 0)

    def placed(self, product, start, cost, squares, used):
        """Yield (cost, sum of squared gaps) of every row that goes on with this unit."""
        end = start + int(self.widths[product])
        used += int(self.lane[product])
        if end > self.length or self.price[product, start] == NEVER or used > self.lanes:
            return
        cost += int(self.price[product, start])
        if self.may_stop[product, start] and used == self.lanes:
            yield cost, squares + (self.length - end) ** 2
        for gap in range(GAP_MIN, GAP_MAX + 1):
            if end + gap <= self.length:
                for other in range(len(self.widths)):
                    yield from self.placed(other, end + gap, cost, squares + gap**2, used)


@pytest.mark.parametrize("lanes", [0, 1])
@pytest.mark.parametrize("seed", range(25))
def test_no_row_is_cheaper_and_none_as_cheap_is_more_even(seed, lanes):
    rng = np.random.default_rng(seed)
    widths = np.array([3, int(rng.integers(4, 9)), 20])
    length = int(rng.integers(25, 50))
    lane = np.array([False, False, True])
    price = np.repeat(rng.integers(1, 9, size=(3, 1)), length + 1, axis=1)
    price[rng.random(price.shape) < 0.15] = NEVER
    may_start = rng.random(price.shape) < 0.9
    may_start[:, GAP_MAX + 1 :] = False
    rest = length - np.arange(length + 1) - widths[:, None]
    may_stop = (rest >= 0) & (rest <= GAP_MAX)
    found = cheapest_row(
        widths,
        price,
        may_start,
        may_stop,
        gap_min_cm=GAP_MIN,
        gap_max_cm=GAP_MAX,
        lane=lane,
        lanes=lanes,
    )
    rows = list(Rows(widths, price, may_start, may_stop, lane, lanes))
    if not rows:
        assert found is None
        return
    ends = found.start_cm + widths[found.product]
    squares = ((np.append(found.start_cm, length) - np.append(0, ends)) ** 2).sum()
    assert (found.cost, int(squares)) == min(rows)
