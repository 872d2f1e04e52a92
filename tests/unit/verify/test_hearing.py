"""What can send a planner back is known before the verdict, and is what the verdict then says."""

import numpy as np
import pytest
import shapely
from shapely import LineString, box

from sbd.verify import judge, judge_layout, open_hearing
from tests.judged import check, layer, town


def yard(width_m, *, north=False):
    """A yard behind a gate of three posts in a street `width_m` wide.

    With `north` a second, straight way in, 6 m wide, has a gate of five. An engine does not turn
    from a street of 8 m; it does from 28 m (test_swept.py).
    """
    low = 60 - width_m
    wall = box(30, 96, 70, 100)
    solids = [box(0, 0, 100, low), box(0, 60, 48, 64), box(52.1, 60, 100, 64)]
    solids += [box(0, 64, 30, 100), box(70, 64, 100, 100)]
    solids += [wall.difference(box(47, 96, 53, 100)) if north else wall]
    ends = [LineString([(x, low), (x, 60)]) for x in (0, 100)]
    ends += [LineString([(47, 100), (53, 100)])] if north else []
    site = town(solids, zone=box(35, 66, 65, 95), entries=ends, study=box(0, 0, 100, 100))
    south = [box(x, 61, x + 0.15, 61.2) for x in 48.9125 + 1.0625 * np.arange(3)]
    row = [box(x, 98, x + 0.2, 98.2) for x in 47.83 + 1.03 * np.arange(5)] if north else []
    lines = ["L1"] * 3 + ["L2"] * len(row)
    names = [f"{line}-{k}" for k, line in enumerate(lines)]
    units = [*south, *row]
    return site, layer(units, unit_id=names, line_id=lines, openable=[True] * len(units))


@pytest.mark.parametrize(
    ("width_m", "north", "wanted", "refused"),
    [
        (8.0, False, 1, 3),  # the only lane: its three posts
        (28.0, False, 1, 0),
        (8.0, False, 0, 0),  # nobody asked for an engine's way in
        (8.0, True, 1, 0),  # the other lane is enough
        (8.0, True, 2, 3),  # the other lane stays where it is
    ],
)
def test_refused_are_the_units_of_lanes_no_engine_turns_through_where_others_do_not_serve(
    width_m, north, wanted, refused
):
    site, posts = yard(width_m, north=north)
    hearing = open_hearing(site, posts, openable_wanted=wanted)
    found = hearing.refused_crossings()
    assert len(found) == refused
    assert shapely.equals(found, posts.geometry.to_numpy()[:refused]).all()


@pytest.mark.parametrize("width_m", [8.0, 28.0])
def test_the_verdict_after_a_question_is_the_verdict(width_m):
    site, posts = yard(width_m)
    hearing = open_hearing(site, posts, openable_wanted=1)
    asked = len(hearing.refused_crossings()) > 0
    verdict = judge(hearing)
    fresh = judge_layout(site, posts, openable_wanted=1)
    assert verdict.checks == fresh.checks
    assert verdict.conditions == fresh.conditions
    assert verdict.gaps.equals(fresh.gaps)
    assert asked is not check(verdict, "openable").holds
