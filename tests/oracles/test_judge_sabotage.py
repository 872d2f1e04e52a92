"""Units taken away, judged in their neighbourhood: the same as judging the whole place anew."""

import numpy as np
import pytest

from sbd.verify.breach import find_breach
from sbd.verify.case import build_case
from sbd.verify.removal import without_each
from tests.judged import town, units
from tests.oracles.test_judge_percolation import (
    TOO_CLOSE_M,
    WALLS,
    WIDTH_M,
    chain_crosses,
    field,
    nearest_to_limit,
)


def closed_fields(seed, wanted):
    """Random fields of posts that let nothing through."""
    rng = np.random.default_rng(seed)
    while wanted:
        posts = np.array(field(rng, int(rng.integers(30, 60))), dtype=object)
        if nearest_to_limit(WALLS, posts) < TOO_CLOSE_M or not chain_crosses(WALLS, posts, WIDTH_M):
            continue
        wanted -= 1
        yield posts


def compare(seed, fields):
    """Return how many units opened a way when taken away, how many none, and how many unseen."""
    opened = quiet = unseen = 0
    for posts in closed_fields(seed, fields):
        case = build_case(town(), units(*posts), widest_m=WIDTH_M)
        table = without_each(case, case.find(WIDTH_M))
        for number in range(len(posts)):
            others = np.delete(posts, number)
            opens = find_breach(case.arena, others, WIDTH_M).passes
            assert opens is (not chain_crosses(WALLS, others, WIDTH_M)), (seed, number)
            # It may overlook a way through a pocket, and never sees one that is not there.
            assert opens or table["found"][number] is False, (seed, number)
            # Where the distances alone say that a way opens, it does.
            if table["merged_gap_m"][number] > WIDTH_M:
                assert table["found"][number] is True, (seed, number)
            opened += opens
            quiet += not opens
            unseen += opens and table["found"][number] is False
    return opened, quiet, unseen


def test_the_neighbourhood_says_what_the_whole_place_says():
    opened, quiet, unseen = compare(seed=1, fields=2)
    assert opened >= 3
    assert quiet >= 30
    assert unseen == 0


@pytest.mark.slow
def test_many_neighbourhoods_say_what_the_whole_place_says():
    opened, _, unseen = compare(seed=2, fields=6)
    assert opened >= 10
    assert unseen <= 0.05 * opened


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
def test_a_night_of_neighbourhoods_says_what_the_whole_place_says(seed):
    opened, _, unseen = compare(seed=seed, fields=20)
    assert opened >= 30
    assert unseen <= 0.05 * opened
