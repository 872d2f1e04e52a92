"""What holds for every mesh: a plan's cost does not hang on how an outline is drawn."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sbd.barriers.chords import candidates, find_chords
from sbd.barriers.cost import offer
from sbd.catalogue.products import load_products
from sbd.optimise.cut import minimum_cut
from tests.benchmarks.placement_baselines import by_length, line_of, priced
from tests.placed import Everywhere
from tests.towns import town

FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
OFFERED = offer(load_products(), layout="permanent", gap_min_m=0.9, gap_max_m=1.2)
SEEDS = st.integers(0, 10_000)


def closings(surface):
    """Return the shortest length and the least cost that close a place, and the dearest line's."""
    chords = find_chords(surface, gap_max_m=1.2)
    found = candidates(chords, surface, Everywhere(), OFFERED, openable=False)
    shortest, cheapest = minimum_cut(by_length(found)), minimum_cut(found.graph)
    length_m = chords.length_m[found.number[shortest.chords]].sum()
    lines = len(np.unique(line_of(found, cheapest)))
    return length_m, priced(found, cheapest).sum(), lines


def shaken(surface, *, by_m, rng):
    """Return the surface with every corner of its ground moved by up to `by_m` each way.

    By its place, so that the first and the last corner of a ring stay one; the rim stays.
    """
    rim, waves = surface.study_area.boundary, rng.uniform(5.0, 50.0, (2, 2))

    def moved(xy):
        fixed = shapely.dwithin(shapely.points(xy), rim, 1e-6)
        return np.where(fixed[:, None], xy, xy + by_m * np.sin(xy @ waves))

    return replace(surface, ground=shapely.transform(surface.ground, moved))


# One unit on each line may tip: its length is a whole number of units and gaps.
UNIT = max(p.cost_mid for p in OFFERED.line)


@FEW
@given(seed=SEEDS)
def test_shaking_outlines_by_less_than_their_grid_changes_no_length(seed):
    here = town(5, seed=seed)
    there = shaken(here, by_m=5e-5, rng=np.random.default_rng(seed))
    length_m, cost, lines = closings(here)
    shaken_m, shaken_cost, _ = closings(there)
    # Either end of a line moves by 0.05 mm, and by as much again when it is put on the grid.
    assert shaken_m == pytest.approx(length_m, abs=lines * 4e-4)
    assert shaken_cost == pytest.approx(cost, abs=lines * UNIT)


@FEW
@given(seed=SEEDS, spacing_m=st.sampled_from([0.4, 0.7, 1.1]))
def test_more_corners_on_straight_walls_change_no_length_by_more_than_sampling_does(
    seed, spacing_m
):
    here = town(5, seed=seed)
    there = replace(here, ground=shapely.segmentize(here.ground, spacing_m))
    # Samples 2 m apart miss the straight way across a street of 8 m by up to 1 m at either end.
    most = np.hypot(8.0, 1.0) / 8.0
    assert closings(there)[0] == pytest.approx(closings(here)[0], rel=most - 1.0)
