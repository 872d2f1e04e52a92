"""A request + candidates or drawn lines -> how many people get out through the gaps, and where."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sbd.barriers.chords import Candidates
from sbd.barriers.cost import Offer
from sbd.barriers.demand import Floats
from sbd.barriers.fitting import FittedLine
from sbd.model.access import AccessRules
from sbd.model.request import PlanRequest
from sbd.optimise.wishes import Wish

GAP_ROUND_OFF_M = 1e-3
# The rules read ask for exits that are well spaced; assumed: a row makes one more each 10 m, and
# what is nearer to each other than 3 m is one row.
SPACED_M, ONE_ROW_M = 10.0, 3.0
ROUND_OFF = 1e-6

Shapes = NDArray[np.object_]


def exit_need_m(request: PlanRequest) -> float:
    """Return how much clear width lets everybody out in time; 0 where nobody asked.

    >>> exit_need_m(PlanRequest())
    0.0
    """
    if request.access is None or not request.people:
        return 0.0
    return request.people / (request.access.exit_flow_per_m_min * request.exit_minutes)


def exit_widths_m(found: Candidates, offered: Offer) -> Floats:
    """Return the clear width that each chord of the graph can leave at most when it is closed."""
    length = found.chords.length_m[found.number]
    solid = found.chords.anchored[found.number].all(axis=1)
    gap, width = offered.design_gap_m, min(product.width_m for product in offered.line)
    whole = np.maximum(np.ceil((length - gap) / (width + gap) - 1e-9), 0)
    units = np.where(solid, whole, length / (width + gap))
    wide_m = np.maximum(length - units * width, 0.0)
    for number, lane in found.chords.lanes.items():
        standing = sum(gap.length for gap in lane.gaps if gap.length >= offered.gap_min_m)
        wide_m[found.number == number] = standing
    return np.asarray(wide_m)


def exit_count_of(found: Candidates, wide_m: Floats, access: AccessRules) -> Floats:
    """Return how many exits each chord of the graph makes at most; errs high.

    A piece of a longer line makes part of one: each end at a wall half of the first.
    """
    length = found.chords.length_m[found.number]
    ends = found.chords.anchored[found.number].sum(axis=1)
    count = np.minimum(wide_m / access.exit_width_m, ends / 2 + length / SPACED_M)
    return np.asarray(np.where(ends == 2, np.floor(count + 1e-9), count), dtype=np.float64)


def gaps_of(
    lines: Sequence[FittedLine], others: Sequence[shapely.LineString], least_m: float
) -> Shapes:
    """Return the gaps of `least_m` or more of lines as the shortest ways across, and of others."""
    every = [gap for line in lines for gap in _gaps(line)]
    gaps = np.array([*every, *others], dtype=object)
    return np.asarray(gaps[shapely.length(gaps) >= least_m - GAP_ROUND_OFF_M], dtype=object)


def exits_of(gaps: Shapes, exit_width_m: float) -> int:
    """Return how many exits gaps make, by their width and their spacing.

    >>> posts = shapely.linestrings([[(0, 0), (0, 1.2)], [(0, 1.5), (0, 2.7)], [(50, 0), (50, 1)]])
    >>> exits_of(posts, 2.4)
    1
    """
    if not len(gaps):
        return 0
    one, other = shapely.STRtree(gaps).query(gaps, predicate="dwithin", distance=ONE_ROW_M)
    size = len(gaps)
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(size, size))
    count, row = connected_components(links, directed=False)
    wide_m = np.bincount(row, weights=shapely.length(gaps), minlength=count)
    total = 0
    for number in range(count):
        west, south, east, north = shapely.total_bounds(gaps[row == number])
        spaced = 1 + int(np.hypot(east - west, north - south) // SPACED_M)
        total += min(spaced, int((wide_m[number] + GAP_ROUND_OFF_M) // exit_width_m))
    return total


def more_asked(
    wish: Wish,
    asked: Wish,
    found: Candidates,
    lines: Sequence[FittedLine],
    others: Sequence[shapely.LineString],
    access: AccessRules,
    gap_min_m: float,
) -> Wish | None:
    """Return the wish that knows what lines let out, where that is less than `asked`; None else.

    A line without a crossing tells what its chords are good for. What that does not explain, such
    as two lines that make one exit, is asked for beside.

    Parameters
    ----------
    others : sequence of LineString
        Gaps of what stands already.
    """
    least_m = max(access.clear_width_m, gap_min_m)
    gaps = gaps_of(lines, others, least_m)
    clear_m, exits = _let_out(gaps, access)
    short_m, short = asked.exit_need_m - clear_m, asked.exits - exits
    if short_m <= 0 and short <= 0:
        return None
    width_m, count = _copy(wish.exit_m), _copy(wish.exit_count)
    learned = False
    for line in lines:
        if line.line.openable.any():
            continue
        chord = np.searchsorted(found.number, line.line.all_chords)
        for values, drawn in zip(
            (width_m, count), _let_out(gaps_of([line], [], least_m), access), strict=True
        ):
            if values is not None and values[chord].sum() > drawn + ROUND_OFF:
                values[chord] *= drawn / values[chord].sum()
                learned = True
    if learned:
        return replace(wish, exit_m=width_m, exit_count=count)
    return replace(
        wish,
        exit_need_m=wish.exit_need_m + (max(short_m, 0.5) if short_m > 0 else 0.0),
        exits=wish.exits + max(short, 0.0),
    )


def _let_out(gaps: Shapes, access: AccessRules) -> tuple[float, float]:
    """Return clear width and number of exits of some gaps."""
    return float(shapely.length(gaps).sum()), float(exits_of(gaps, access.exit_width_m))


def _copy(values: Floats | None) -> Floats | None:
    return None if values is None else values.copy()


def _gaps(line: FittedLine) -> list[shapely.LineString]:
    """Return the shortest ways between the units of a line, and to what it ends on."""
    shapes = np.array([unit.shape for unit in line.units], dtype=object)
    if not len(shapes):
        return []
    if line.line.closed:
        row = np.append(shapes, shapes[:1]) if len(shapes) > 1 else shapes
    else:
        ends = shapely.points(line.line.vertices[[0, -1]])
        row = np.concatenate([ends[:1], shapes, ends[1:]])
    return list(shapely.shortest_line(row[:-1], row[1:]))
