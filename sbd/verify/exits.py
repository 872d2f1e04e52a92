"""Case + its finding -> how many people get out through the gaps in a given time.

The bottleneck is a cut, as for vehicles: the free ground falls into rooms at its narrow places, a
narrow place lets through as many people as it is wide, and no more leave than the narrowest set of
such places between the zone and the outside lets through (the largest flow, in millimetres of
clear width). Straight rows are measured exactly; from unit to unit a row that zigzags is longer
than straight across it, which errs high, by less than the two short sides of a right angle (1.41).
It is clear width times a rate: an upper figure of what a guide allows, no egress approval, for
crowding in front of units and panic are not in it.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from sbd.model.verdict import Check
from sbd.units import MILLIMETRE_PER_METRE
from sbd.verify.arena import SKIN_M
from sbd.verify.breach import at
from sbd.verify.case import ACCESS_SLACK_M, Case
from sbd.verify.narrows import Rooms, cut_into_rooms, rooms_with, sides
from sbd.verify.wishes import Wishes

# Ways wider than this hold nobody up before the gaps do [m].
WIDE_M = 6.0
# Exits this far apart count as two [m], assumed: the rules read ask for "well spaced".
SPACED_M = 10.0
ROUND_OFF_M = 1e-3
# Wider than all gaps together; still small enough for the whole numbers of the flow [mm].
ENDLESS_MM = 10**8


def exit_checks(case: Case, wishes: Wishes) -> tuple[list[Check], list[str]]:
    """Return whether enough people get out with everything shut, by as many exits as are asked.

    Passages narrower than the wheelchair's let nobody out, ways of more than 6 m hold nobody up;
    the first errs to the strict side, the second matters only where such a way is narrower than
    all gaps behind it. Nothing is asked where nobody has to get out.
    """
    if not wishes.people:
        return [], []
    rooms = cut_into_rooms(case.ground(), WIDE_M)
    width_m, places = _bottleneck(case, rooms, wishes.wheelchair_width_m)
    people = int(width_m * wishes.exit_flow_per_m_min * wishes.exit_minutes + 1e-9)
    exits = _exits(rooms, places, wishes.exit_width_m)
    narrowest = at(rooms.segments[places].mean(axis=(0, 1))) if len(places) else "nowhere"
    bound = (
        f"{width_m:.2f} m of clear width in {len(places)} gaps at the bottleneck, the middle "
        f"of them {narrowest}"
    )
    free = width_m * MILLIMETRE_PER_METRE >= ENDLESS_MM
    if free:
        bound = "no gap holds them up"
    check = Check(
        name="exits",
        question=(
            f"With everything shut, can {wishes.people} people leave the zone in "
            f"{wishes.exit_minutes:g} minutes? (no egress approval)"
        ),
        width_m=0.0,
        passes=people >= wishes.people,
        wanted=True,
        note=(
            f"{bound}: {people} people at {wishes.exit_flow_per_m_min:g} a metre and minute; clear "
            "width alone, no egress approval"
        ),
    )
    if wishes.exits_min <= 0:
        return [check], []
    number = Check(
        name="exit_count",
        question=(
            f"With everything shut, do {wishes.exits_min:g} exits of {wishes.exit_width_m:g} m or "
            f"more stay open, {SPACED_M:g} m apart where they are of one row?"
        ),
        width_m=0.0,
        passes=free or exits >= wishes.exits_min,
        wanted=True,
        note=f"{'no end of them' if free else exits}; by clear width alone, no egress approval",
    )
    return [check, number], []


def bottleneck_m(case: Case, least_m: float) -> float:
    """Return the clear width that bounds the flow out of the zone.

    Of passages of `least_m` or more, in whole millimetres each, rounded down; 100 km where nothing
    parts the zone from the outside.
    """
    rooms = cut_into_rooms(case.ground(), WIDE_M)
    return _bottleneck(case, rooms, least_m)[0]


def _bottleneck(case: Case, rooms: Rooms, least_m: float) -> tuple[float, NDArray[np.intp]]:
    """Return the clear width that bounds the flow, and the narrow places that make it up."""
    count = len(rooms.faces)
    outside = rooms_with(rooms, case.arena.sources, 0.0)
    inside = rooms_with(rooms, case.arena.zone, 0.0)
    # A room of both is outside: who stands in it has left.
    inside = np.setdiff1d(inside, outside)
    if not len(inside):
        return ENDLESS_MM / MILLIMETRE_PER_METRE, np.zeros(0, dtype=np.intp)
    pairs = sides(rooms)
    # Between the outlines as drawn; a tenth of a millimetre is rounding.
    clear_m = rooms.lengths_m + 2 * SKIN_M
    clear_mm = np.floor(clear_m * MILLIMETRE_PER_METRE + 0.1).astype(np.int64)
    clear_mm[clear_m < least_m - ACCESS_SLACK_M] = 0
    one = np.r_[pairs[:, 1], pairs[:, 2], np.full(len(inside), count), outside]
    two = np.r_[pairs[:, 2], pairs[:, 1], inside, np.full(len(outside), count + 1)]
    most = np.full(len(inside) + len(outside), ENDLESS_MM)
    capacity = np.r_[clear_mm[pairs[:, 0]], clear_mm[pairs[:, 0]], most]
    net = coo_matrix((capacity, (one, two)), shape=(count + 2, count + 2)).tocsr()
    net.data = np.minimum(net.data, ENDLESS_MM).astype(np.int32)
    flow = maximum_flow(net.astype(np.int32), count, count + 1)
    left = (net - flow.flow).tocsr()
    left.data = np.maximum(left.data, 0)
    left.eliminate_zeros()
    reached = np.zeros(count + 2, dtype=bool)
    reached[breadth_first_order(left, count, return_predecessors=False)] = True
    crosses = (reached[pairs[:, 1]] != reached[pairs[:, 2]]) & (clear_mm[pairs[:, 0]] > 0)
    return flow.flow_value / MILLIMETRE_PER_METRE, np.unique(pairs[crosses, 0])


def _exits(rooms: Rooms, places: NDArray[np.intp], width_m: float) -> int:
    """Return how many exits of a clear width the gaps of the bottleneck make.

    Gaps beside each other make one; a long row makes more, one each 10 m of its extent.
    """
    if not len(places):
        return 0
    lines = shapely.linestrings(rooms.segments[places])
    one, other = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=WIDE_M / 2)
    links = coo_matrix((np.ones(len(one)), (one, other)), shape=(len(lines), len(lines)))
    count, label = connected_components(links, directed=False)
    # Between the outlines as drawn, as above: two gaps of 1.2 m make an exit of 2.4 m.
    clear_m = np.bincount(label, weights=rooms.lengths_m[places] + 2 * SKIN_M) + ROUND_OFF_M
    bounds = [shapely.total_bounds(lines[label == row]) for row in range(count)]
    extent_m = np.array(
        [np.hypot(east - west, north - south) for west, south, east, north in bounds]
    )
    spaced = 1 + extent_m // SPACED_M
    by_width = spaced if width_m <= 0 else clear_m // width_m
    return int(np.minimum(by_width, spaced).sum())
