"""Case + its finding -> what each missing unit opens, measured, and judged in its neighbourhood.

Only where a unit stood can a disc be that could not be there before. So the ground around the unit
is enough: the places beside it where a disc can be while it stands are known to be outside or on
the side of the zone, and without it some of the two come together or not.

The measure is a third way, made of distances between obstacles alone: seen from the missing unit,
the obstacles on one hand and those on the other, and the widest step that a chain from one hand to
the other must take. That is the merged gap.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sbd.verify import erosion, narrows
from sbd.verify.arena import SKIN_M, grown
from sbd.verify.breach import Finding
from sbd.verify.case import Case
from sbd.verify.erosion import Reach
from sbd.verify.narrows import Floats, Shapes

# Beyond a disc on the far side of a unit nothing matters; the rest is room for the window's edge.
WINDOW_WIDTHS = 1.6
# The ground is cut into tiles first, as one cut of all of it for each unit takes long [m].
TILE_M = 30.0
# Places beside a unit where a disc is looked for, and how far they keep off what they touch [m].
AROUND = 36
OFF_M = 4e-3
# What a room is: where no disc can be, neither, where vehicles are, on the side of the zone.
NOWHERE, POCKET, OUTSIDE, ZONE = -1, 0, 1, 2
COLUMNS = ("unit_id", "merged_gap_m", "found")


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """The neighbourhood of one unit, with the unit gone.

    Parameters
    ----------
    ground : Polygon or MultiPolygon
        Free ground within the window.
    outside, zone : (n,), (m,) arrays of Point
        Where a disc could be while the unit stood: one point a sector around the unit.
    merged_gap_m : float
        Widest step from hand to hand, for the pair of sectors that it parts best; NaN where the
        unit parts no outside from the zone, or where one obstacle reaches around it.
    """

    ground: BaseGeometry
    outside: Shapes
    zone: Shapes
    merged_gap_m: float


def without_each(case: Case, shut: Finding) -> pd.DataFrame:
    """Return for each unit what its absence opens, judged in its neighbourhood.

    Errs to silence: a way that leads out of the neighbourhood into a pocket and back again is not
    looked for.

    Returns
    -------
    DataFrame
        `unit_id`; `merged_gap_m`, the clear width that its neighbours leave, NaN where it parts no
        outside from the zone; `found`, whether a disc gets in once the unit is gone (None where
        the methods disagree).
    """
    spots = _spots(case, shut)
    found = np.full(len(spots), False, dtype=object)
    asked = [row for row, spot in enumerate(spots) if len(spot.outside) and len(spot.zone)]
    for batch in _apart([spots[row].ground for row in asked]):
        rows = [asked[k] for k in batch]
        found[rows] = _judged([spots[row] for row in rows], shut.width_m)
    return pd.DataFrame(
        {
            "unit_id": case.table["unit_id"].to_numpy(dtype=object),
            "merged_gap_m": [spot.merged_gap_m for spot in spots],
            "found": found,
        },
        columns=list(COLUMNS),
    )


def _spots(case: Case, shut: Finding) -> list[Spot]:
    width_m, units = shut.width_m, case.shapes
    hulls = shapely.convex_hull(units)
    windows = shapely.buffer(hulls, WINDOW_WIDTHS * width_m, quad_segs=2)
    grounds = _grounds(case, windows)
    rings = shapely.get_exterior_ring(shapely.buffer(hulls, width_m / 2 + OFF_M, quad_segs=32))
    label = face_labels(case, shut)
    shares = [np.arange(AROUND) / AROUND for _ in rings]
    side = _sides(shut, label, rings, shares, off_m=OFF_M / 2)
    # A sector so narrow that no regular place falls into it is looked for exactly.
    unsure = [row for row, found in enumerate(side) if not {OUTSIDE, ZONE} <= set(found.tolist())]
    for row in unsure:
        free = _free_shares(rings[row], windows[row].difference(grounds[row]), width_m)
        shares[row] = np.unique(np.r_[shares[row], free])
    finer = _sides(shut, label, rings[unsure], [shares[row] for row in unsure], off_m=0.0)
    for row, found in zip(unsure, finer, strict=True):
        side[row] = found
    return [
        _spot(
            grounds[row],
            windows[row],
            shapely.line_interpolate_point(rings[row], shares[row], normalized=True),
            side[row],
            width_m,
        )
        for row in range(len(rings))
    ]


def _free_shares(ring: BaseGeometry, obstacles: BaseGeometry, width_m: float) -> Floats:
    """Return the middle of each piece of the ring where a disc can be, as shares of the ring."""
    free = ring.difference(obstacles.buffer(width_m / 2, quad_segs=32))
    middles = shapely.line_interpolate_point(shapely.get_parts(free), 0.5, normalized=True)
    return np.asarray(shapely.line_locate_point(ring, middles, normalized=True))


def _grounds(case: Case, windows: Shapes) -> list[BaseGeometry]:
    """Return the ground in each window without the unit that the window is around."""
    obstacles = grown(shapely.intersection(case.shapes, case.arena.study))
    tree = shapely.STRtree(obstacles)
    tiles: dict[tuple[int, int], BaseGeometry] = {}
    grounds = []
    for row, window in enumerate(windows):
        west, south, east, north = window.bounds
        tile = (int(west // TILE_M), int(south // TILE_M))
        corner = TILE_M * tile[0], TILE_M * tile[1]
        if max(east - corner[0], north - corner[1]) > 2 * TILE_M:
            ground = case.arena.ground  # a unit longer than any tile
        else:
            if tile not in tiles:
                square = shapely.box(*corner, corner[0] + 2 * TILE_M, corner[1] + 2 * TILE_M)
                tiles[tile] = case.arena.ground.intersection(square)
            ground = tiles[tile]
        near = tree.query(window, predicate="intersects")
        others = shapely.union_all(obstacles[near[near != row]])
        grounds.append(window.intersection(ground).difference(others))
    return grounds


def face_labels(case: Case, shut: Finding) -> NDArray[np.int8]:
    """Return OUTSIDE, ZONE or POCKET for each room, and NOWHERE last: for places in no room."""
    rooms = shut.rooms
    outside = narrows.rooms_with(rooms, case.arena.sources, shut.width_m)
    inside = np.setdiff1d(narrows.rooms_with(rooms, shut.zone, shut.width_m), outside)
    label = np.full(len(rooms.faces) + 1, POCKET, dtype=np.int8)
    label[outside], label[inside], label[-1] = OUTSIDE, ZONE, NOWHERE
    return label


def _sides(
    shut: Finding, label: NDArray[np.int8], rings: Shapes, shares: list[Floats], *, off_m: float
) -> list[NDArray[np.int8]]:
    """Return the label of the room at each place on each ring.

    NOWHERE where no disc, `off_m` off its surroundings, can be while all units stand.
    """
    if not len(rings):
        return []
    counts = [len(share) for share in shares]
    places = shapely.line_interpolate_point(
        np.repeat(rings, counts), np.concatenate(shares), normalized=True
    )
    roomy = narrows.clearance_m(shut.rooms, places) >= shut.width_m / 2 + off_m
    side = np.full(len(places), NOWHERE, dtype=np.int8)
    side[roomy] = label[narrows.face_at(shut.rooms, shapely.get_coordinates(places[roomy]))]
    return np.split(side, np.cumsum(counts)[:-1])


def _spot(
    ground: BaseGeometry,
    window: BaseGeometry,
    places: Shapes,
    side: NDArray[np.int8],
    width_m: float,
) -> Spot:
    # One place for each sector: the middle of every run of places on the same side.
    runs = _runs(side)
    outside, zone = (
        [middle for label, middle in runs if label == wanted] for wanted in (OUTSIDE, ZONE)
    )
    merged_gap_m = float("nan")
    if outside and zone:
        merged_gap_m = _merged_gap_m(
            window.difference(ground), places, side, (outside, zone), width_m
        )
    return Spot(ground, places[outside], places[zone], merged_gap_m)


def _runs(side: NDArray[np.int8]) -> list[tuple[int, int]]:
    """Return label and middle of each run of equal labels around a unit.

    >>> _runs(np.array([1, -1, 2, 2, 2, -1, 1, 1], dtype=np.int8))
    [(-1, 1), (2, 3), (-1, 5), (1, 7)]
    """
    change = np.flatnonzero(side != np.roll(side, 1))
    if not len(change):
        return [(int(side[0]), 0)]
    stops = np.r_[change[1:], change[0] + len(side)]
    return [
        (int(side[start]), int((start + stop - 1) // 2 % len(side)))
        for start, stop in zip(change, stops, strict=True)
    ]


def _merged_gap_m(
    solid: BaseGeometry,
    places: Shapes,
    side: NDArray[np.int8],
    sectors: tuple[list[int], list[int]],
    width_m: float,
) -> float:
    """Return the widest step that a chain of obstacles must take between the two hands."""
    pieces = shapely.get_parts(solid)
    blocked = np.flatnonzero(side == NOWHERE)
    off_m = shapely.distance(places[blocked][:, None], pieces[None, :])
    in_the_way = off_m < width_m / 2 + OFF_M
    step_m = _chained(shapely.distance(pieces[:, None], pieces[None, :]))
    gaps = []
    for one in sectors[0]:
        for other in sectors[1]:
            left = (blocked > min(one, other)) & (blocked < max(one, other))
            hands = in_the_way[left].any(axis=0), in_the_way[~left].any(axis=0)
            both = bool((hands[0] & hands[1]).any())
            steps = step_m[np.ix_(*hands)]
            # The outlines are grown by the skin on either side.
            gaps.append(float("nan") if both or not steps.size else steps.min() + 2 * SKIN_M)
    return float(np.nanmax(gaps)) if not np.isnan(gaps).all() else float("nan")


def _chained(step_m: Floats) -> Floats:
    """Return for each pair the widest step of the chain between them whose widest step is least.

    >>> _chained(np.array([[0.0, 1.0, 5.0], [1.0, 0.0, 2.0], [5.0, 2.0, 0.0]]))[0].tolist()
    [0.0, 1.0, 2.0]
    """
    least = step_m.copy()
    for via in range(len(least)):
        least = np.minimum(least, np.maximum(least[:, via, None], least[None, via, :]))
    return least


def _apart(grounds: list[BaseGeometry]) -> list[list[int]]:
    """Return batches of grounds whose boxes do not meet, so that one cut serves a whole batch."""
    boxes = shapely.envelope(np.array(grounds, dtype=object))
    one, other = shapely.STRtree(boxes).query(boxes, predicate="dwithin", distance=1.0)
    near: list[list[int]] = [[] for _ in grounds]
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        near[a].append(b)
    batch = np.full(len(grounds), -1)
    for row in range(len(grounds)):
        taken = {int(batch[k]) for k in near[row]}
        batch[row] = next(number for number in range(len(grounds)) if number not in taken)
    return [np.flatnonzero(batch == number).tolist() for number in range(batch.max(initial=-1) + 1)]


def _judged(spots: list[Spot], width_m: float) -> list[bool | None]:
    """Return whether a disc gets from outside to the zone at each spot; None on disagreement."""
    ground = _together(spots)
    sources = np.concatenate([spot.outside for spot in spots])
    zone = np.concatenate([spot.zone for spot in spots])
    owner = np.repeat(np.arange(len(spots)), [len(spot.zone) for spot in spots])

    rooms = narrows.cut_into_rooms(ground, width_m)
    started = narrows.face_at(rooms, shapely.get_coordinates(sources))
    by_rooms = np.isin(narrows.face_at(rooms, shapely.get_coordinates(zone)), started[started >= 0])
    reach = np.where(
        erosion.surely_open(ground, width_m, sources, zone), Reach.OPEN, Reach.UNDECIDED
    )
    unsure = np.unique(owner[reach == Reach.UNDECIDED])
    if len(unsure):
        left = [spots[number] for number in unsure]
        reach[np.isin(owner, unsure)] = erosion.reached(
            _together(left),
            width_m,
            np.concatenate([spot.outside for spot in left]),
            np.concatenate([spot.zone for spot in left]),
            near=np.empty(0, dtype=object),
        )
    agree = reach == np.where(by_rooms, Reach.OPEN, Reach.SHUT)
    return [
        bool(by_rooms[owner == number].any()) if agree[owner == number].all() else None
        for number in range(len(spots))
    ]


def _together(spots: list[Spot]) -> BaseGeometry:
    return shapely.multipolygons(
        [part for spot in spots for part in shapely.get_parts(spot.ground) if part.area > 0]
    )
