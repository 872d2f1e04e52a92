"""Rows of units keep the gap rule, cost least, and are even."""

import numpy as np
import pytest

from sbd.optimise.layout import NEVER, cheapest_row

RULE = {"gap_min_cm": 90, "gap_max_cm": 120}


def run(length_cm, widths, costs, *, never=(), lanes=0, lane=None, **rule):
    """A run between two solids: 0 to the widest gap at either end."""
    rule = RULE | rule
    widths = np.array(widths)
    starts = np.arange(length_cm + 1)
    price = np.repeat(np.array(costs)[:, None], length_cm + 1, axis=1)
    for low, high in never:
        price[(starts < high) & (starts + widths[:, None] > low)] = NEVER
    rest = length_cm - starts - widths[:, None]
    return cheapest_row(
        widths,
        price,
        np.repeat((starts <= rule["gap_max_cm"])[None], len(widths), axis=0),
        (rest >= 0) & (rest <= rule["gap_max_cm"]),
        lane=np.zeros(len(widths), dtype=bool) if lane is None else np.array(lane),
        lanes=lanes,
        **rule,
    )


def gaps(row, widths, length_cm):
    ends = row.start_cm + np.array(widths)[row.product]
    return np.diff(np.stack([np.append(0, ends), np.append(row.start_cm, length_cm)]), axis=0)[0]


@pytest.mark.parametrize(
    ("length_cm", "count"),
    # n units of 30 close n * 30 + (n + 1) * 120 cm: 270, 420, 570.
    [(270, 1), (271, 2), (420, 2), (421, 3), (570, 3)],
)
def test_as_few_units_as_the_widest_gap_allows(length_cm, count):
    assert len(run(length_cm, [30], [5]).start_cm) == count


def test_gaps_are_equal_where_they_can_be():
    # 3 units of 30 on 530 cm leave 440 cm for 4 gaps.
    assert gaps(run(530, [30], [5]), [30], 530).tolist() == [110, 110, 110, 110]


def test_the_cheaper_mix_wins_over_fewer_units():
    # One planter of 150 closes 390 cm for 9; bollards need two, for 10; at 4 each they win.
    assert run(390, [30, 150], [5, 9]).product.tolist() == [1]
    assert run(390, [30, 150], [4, 9]).product.tolist() == [0, 0]


def test_nothing_stands_where_it_is_forbidden():
    row = run(530, [30], [5], never=[(100, 180)])
    assert all(start + 30 <= 100 or start >= 180 for start in row.start_cm)


def test_a_forbidden_stretch_wider_than_a_gap_can_not_be_closed():
    assert run(530, [30], [5], never=[(200, 320)]) is not None
    assert run(530, [30], [5], never=[(200, 321)]) is None


def test_where_the_least_gap_can_not_be_kept_there_is_no_row_but_without_it():
    # Between two forbidden stretches only 80 cm are left: two units with 20 cm between them.
    never = [(0, 120), (200, 320)]
    assert run(320, [30], [5], never=never) is None
    assert run(320, [30], [5], never=never, gap_min_cm=0).start_cm.tolist() == [120, 170]


def test_no_product_no_row():
    assert run(530, [30], [NEVER]) is None


def test_a_lane_is_used_once_however_cheap_it_is():
    row = run(1200, [30, 400], [5, 1], lane=[False, True], lanes=1)
    assert (row.product == 1).sum() == 1
    without = run(1200, [30, 400], [5, 1], lane=[False, True], lanes=0)
    assert (without.product == 1).sum() == 0


def test_a_lane_leaves_no_gap_too_wide_at_its_seams():
    row = run(1003, [30, 400], [5, 50], lane=[False, True], lanes=1)
    assert gaps(row, [30, 400], 1003).max() <= 120


def test_the_cost_is_the_sum_of_the_units():
    row = run(900, [30, 150], [7, 11])
    assert row.cost == np.array([7, 11])[row.product].sum()
