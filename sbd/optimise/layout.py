"""Prices of units at every centimetre of a straight run -> the cheapest row, by exact DP."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = -1  # price of a unit where it can't stand
_WORST = np.iinfo(np.int64).max
# Cost counts first, then the sum of squared gaps: it is least where the gaps are equal. 2^28 is
# above the squared gaps of any run (1 km has under 1.5e7 cm^2) and leaves 3e10 for the cost.
_EVENNESS = 1 << 28


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Units of one run in order: product number, start [cm], and what they cost together."""

    product: Ints
    start_cm: Ints
    cost: int


def cheapest_row(
    width_cm: Ints,
    price: Ints,
    may_start: Bools,
    may_stop: Bools,
    *,
    gap_min_cm: int,
    gap_max_cm: int,
    lane: Bools,
    lanes: int = 0,
) -> Row | None:
    """Return the cheapest units that close a run, the evenest of several; None where none do.

    Units are `gap_min_cm` to `gap_max_cm` apart.

    Parameters
    ----------
    width_cm : (p,) array
        Width of each product along the run.
    price : (p, length + 1) array
        Cost of a unit that starts at each centimetre, whole numbers; `NEVER` where it can't.
    may_start, may_stop : (p, length + 1) array
        Whether a unit starting there leaves the gap at the start, at the end of the run closed.
    lane : (p,) array
        Products that are openable crossings.
    lanes : int
        How many of those the row holds: 0 or 1.
    """
    best, before = _swept(
        width_cm.astype(np.int64),
        price.astype(np.int64),
        may_start,
        lane,
        gap_min_cm,
        gap_max_cm,
        lanes,
    )
    products, size = price.shape
    length = size - 1
    final, found = _WORST, (-1, -1)
    for p in range(products):
        key = best[lanes, p]
        # The gap at the end counts for evenness like every other.
        rest = length - (np.arange(size) + width_cm[p])
        ok = may_stop[p] & (key < _WORST) & (rest >= 0)
        total = np.where(ok, key + rest * rest, _WORST)
        start = int(np.argmin(total))
        if total[start] < final:
            final, found = int(total[start]), (p, start)
    if found[0] < 0:
        return None
    return _traced(before, found, lanes, lane, price)


def _traced(before: Ints, last: tuple[int, int], lanes: int, lane: Bools, price: Ints) -> Row:
    products, starts = [], []
    product, start = last
    used = lanes
    size = price.shape[1]
    while product >= 0:
        products.append(product)
        starts.append(start)
        code = int(before[used, product, start])
        used -= int(lane[product])
        product, start = divmod(code, size) if code >= 0 else (-1, -1)
    product_of = np.array(products[::-1], dtype=np.int64)
    start_of = np.array(starts[::-1], dtype=np.int64)
    return Row(product_of, start_of, int(price[product_of, start_of].sum()))


@numba.njit(cache=True)
def _swept(  # noqa: C901  # one kernel: what is split out is compiled and called all the same
    width: Ints, price: Ints, may_start: Bools, lane: Bools, gap_min: int, gap_max: int, lanes: int
) -> tuple[Ints, Ints]:
    """Return the best key of every (lanes used, last product, its start), and what came before.

    Starts ascend, so all ends left of a start are settled when it is reached.
    """
    products, size = price.shape
    best = np.full((lanes + 1, products, size), _WORST, np.int64)
    before = np.full((lanes + 1, products, size), -1, np.int64)
    # best key of a unit that ends at each centimetre, and that unit's code
    end_key = np.full((lanes + 1, size), _WORST, np.int64)
    end_code = np.full((lanes + 1, size), -1, np.int64)
    for start in range(size):
        for used in range(lanes + 1):
            inner, inner_code = _WORST, -1
            for gap in range(gap_min, gap_max + 1):
                end = start - gap
                if end < 0:
                    break
                if end_key[used, end] < _WORST:
                    key = end_key[used, end] + gap * gap
                    if key < inner:
                        inner, inner_code = key, end_code[used, end]
            for p in range(products):
                stop = start + width[p]
                now = used + (1 if lane[p] else 0)
                if price[p, start] < 0 or stop >= size or now > lanes:
                    continue
                key, code = inner, inner_code
                if used == 0 and may_start[p, start] and start * start < key:
                    key, code = start * start, -1
                if key == _WORST:
                    continue
                key += price[p, start] * _EVENNESS
                if key < best[now, p, start]:
                    best[now, p, start] = key
                    before[now, p, start] = code
                    if key < end_key[now, stop]:
                        end_key[now, stop] = key
                        end_code[now, stop] = p * size + start
    return best, before
