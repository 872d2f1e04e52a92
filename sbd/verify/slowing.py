"""Case + its chicanes -> whether a lane leads through each, and nothing passes beside its rows.

How much a chicane slows is for the speed field to say, which is solved with its units standing.
What that rests on is asked here: that vehicles have to weave, and that a fire engine can.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.model.verdict import Check
from sbd.verify.arena import grown
from sbd.verify.breach import at, find_ways
from sbd.verify.case import Case
from sbd.verify.crossing import furniture_of, obstacles_near, struck, way_in_words
from sbd.verify.footprints import chicanes_of
from sbd.verify.narrows import Floats, Shapes
from sbd.verify.swept import Drive, Engine
from sbd.verify.weaving import RUN_M, Lanes, weave_through
from sbd.verify.wishes import Wishes

# How far from a row on either side it is asked whether something passes it, and where [m].
STRIP_M, BANDS_M = 2.8, (1.5, 2.1)
# A wall beside a row is looked for so far off [m].
FARTHEST_M = 40.0


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of a chicane.

    Parameters
    ----------
    units : (n,) bool array
        Which footprints.
    middle, across : (2,) arrays
        Of its units, and its direction, a unit vector.
    lane : (2, 2) array
        From its free end to the wall on the other side of the lane.
    ends_m : (2,) tuple of float
        Walls on either side of the row, along `across` from the middle.
    """

    units: NDArray[np.bool_]
    middle: Floats
    across: Floats
    lane: Floats
    ends_m: tuple[float, float]


def slowing_checks(case: Case, wishes: Wishes) -> tuple[list[Check], list[str]]:
    """Ask of each chicane for a lane, both ways, and for what passes beside it.

    Rows of one chicane are lines whose names differ after the last dot (C1.1, C1.2, ...).
    """
    checks: list[Check] = []
    advice: list[str] = []
    slows = chicanes_of(case.table)
    lines = case.table["line_id"].astype(str)
    groups: dict[str, list[str]] = {}
    for line in lines[slows].unique():
        groups.setdefault(line.rpartition(".")[0] or line, []).append(line)
    for name, members in sorted(groups.items()):
        rows = [_row(case, slows & (lines == line).to_numpy()) for line in members]
        known = _in_order([row for row in rows if row is not None])
        if len(known) < len(rows) or len(known) < 2:
            note = "its rows have no wall on either side, so there is no lane to be judged"
            checks.append(Check(f"chicane:{name}", _asked(wishes), 0.0, False, True, note))
            continue
        check, remarks = _lane_check(case, name, known, wishes)
        checks += [check, _beside_check(case, name, known, wishes)]
        advice += remarks
    return checks, advice


def _asked(wishes: Wishes) -> str:
    return (
        f"Does a fire engine weave through the rows, both ways, in lanes of "
        f"{wishes.engine_width_m:g} m or more?"
    )


def _row(case: Case, units: NDArray[np.bool_]) -> Row | None:
    """Return the row that some units form; None where there is no wall on either side."""
    whole = shapely.union_all(case.shapes[units])
    middle = shapely.get_coordinates(shapely.centroid(whole))[0]
    across = _long_side(whole)
    along = (shapely.get_coordinates(whole) - middle) @ across
    others = [*case.arena.solids, *case.shapes[~units], case.arena.rim]
    walls = shapely.STRtree([shape for shape in others if not shape.is_empty])
    low, high = float(along.min()), float(along.max())
    reach = [
        _off_m(walls, middle + end * across, sign * across) for end, sign in ((low, -1), (high, 1))
    ]
    if not all(math.isfinite(off) for off in reach):
        return None
    free = int(reach[1] > reach[0])
    tip, sign = (low, high)[free], (-1.0, 1.0)[free]
    lane = middle + np.array([tip, tip + sign * reach[free]])[:, None] * across
    return Row(units, middle, across, lane, (low - reach[0], high + reach[1]))


def _long_side(shape: shapely.Geometry) -> Floats:
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    sides = np.diff(corners[:3], axis=0)
    longest = sides[int(np.argmax(np.hypot(*sides.T)))]
    return np.asarray(longest / np.hypot(*longest))


def _off_m(walls: shapely.STRtree, start: Floats, way: Floats) -> float:
    ray = shapely.LineString([start, start + FARTHEST_M * way])
    met = walls.geometries[walls.query(ray, predicate="intersects")]
    if not len(met):
        return math.inf
    return float(shapely.distance(shapely.Point(start), shapely.intersection(ray, met)).min())


def _in_order(rows: list[Row]) -> list[Row]:
    """Return rows in the order in which they stand along the street."""
    if len(rows) < 2:
        return rows
    middles = np.array([row.middle for row in rows])
    along = _along(rows[0])
    off = (middles - middles[0]) @ along
    return [rows[k] for k in np.argsort(off, kind="stable").tolist()]


def _along(row: Row) -> Floats:
    return np.array([-row.across[1], row.across[0]])


def _lane_check(case: Case, name: str, rows: list[Row], wishes: Wishes) -> tuple[Check, list[str]]:
    engine = Engine.of_lane(wishes.engine_width_m, wishes.inner_radius_m, wishes.outer_radius_m)
    widths_m = [float(np.hypot(*(row.lane[1] - row.lane[0]))) for row in rows]
    lanes = f"lanes of {', '.join(f'{width:.1f}' for width in widths_m)} m"
    told, advice = [f"{lanes}; too narrow"], []
    passes = min(widths_m) >= wishes.engine_width_m
    if passes:
        ways = [_way_through(case, _lanes(order), engine) for order in (rows, rows[::-1])]
        passes = all(len(drive.poses) for drive, _ in ways)
        told = [
            f"from {_name(case, row)}: {way_in_words(drive)}"
            for row, (drive, _) in zip((rows[0], rows[-1]), ways, strict=True)
        ]
        in_the_way = sorted({each for _, furniture in ways for each in furniture})
        if in_the_way:
            advice = [f"chicane:{name}: only where {', '.join(in_the_way)} give way"]
    note = f"{lanes}; {'; '.join(told)}" if passes else "; ".join(told)
    return Check(
        f"chicane:{name}", _asked(wishes), wishes.engine_width_m, passes, True, note
    ), advice


def _way_through(case: Case, lanes: Lanes, engine: Engine) -> tuple[Drive, list[str]]:
    """Return a way in one direction, and the furniture that has to give way to it."""
    middle = np.array([lanes.row_m.mean(), lanes.edges_m.mean(), 0.0])
    centre = lanes.on_map(middle[None])[0, :2]
    reach_m = float(np.ptp(lanes.row_m)) / 2 + 2 * engine.front_m + RUN_M
    standing = np.ones(len(case.table), dtype=bool)
    obstacles, _ = obstacles_near(case, centre, reach_m, standing)
    furniture, _ = furniture_of(case)
    near = furniture[shapely.dwithin(furniture, shapely.Point(centre), reach_m)]
    drive = weave_through(lanes, engine, np.concatenate([obstacles, near]))
    if len(drive.poses) or not len(near):
        return drive, []
    drive = weave_through(lanes, engine, obstacles)
    return drive, struck(case, drive, engine)


def _lanes(rows: list[Row]) -> Lanes:
    """Return the lanes of rows in the frame of the street, in the order in which they come."""
    origin, along = rows[0].middle, _along(rows[0])
    if (rows[-1].middle - origin) @ along < 0:
        along = -along
    left = np.array([-along[1], along[0]])
    return Lanes(
        origin=origin,
        along=along,
        row_m=np.array([(row.middle - origin) @ along for row in rows]),
        edges_m=np.array([np.sort((row.lane - origin) @ left) for row in rows]),
    )


def _beside_check(case: Case, name: str, rows: list[Row], wishes: Wishes) -> Check:
    width_m = wishes.threat_width_m
    faults: list[str] = []
    unsure = False
    for row in rows:
        passes = _passes_beside(case, row, width_m)
        unsure |= passes is None
        if passes is not False:
            faults.append(f"beside {_name(case, row)} ({at(row.middle)})")
    if _straight_through(rows, width_m):
        faults.append("straight through all lanes")
    return Check(
        name=f"beside:{name}",
        question=(
            f"With the lanes of {name} filled, does anything {width_m:g} m wide pass a row, or "
            "without that run straight through?"
        ),
        width_m=width_m,
        passes=None if unsure else bool(faults),
        wanted=False,
        note="; ".join(faults) or f"shut beside each of {len(rows)} rows, and no straight way",
    )


def _passes_beside(case: Case, row: Row, width_m: float) -> bool | None:
    """Say whether a disc gets from one side of a row to the other while its lane is filled."""
    fill = shapely.LineString(row.lane).buffer(0.1, cap_style="flat")
    strip = _box(row, -STRIP_M, STRIP_M)
    parts = shapely.get_parts(shapely.intersection(case.arena.ground, strip))
    lane = shapely.LineString(row.lane)
    free = shapely.union_all(parts[shapely.intersects(parts, lane)])
    near = case.units_near(strip, 0.0)
    standing: Shapes = np.array([*case.shapes[near], fill], dtype=object)
    ground = shapely.difference(free, shapely.union_all(grown(standing)))
    front, back = (
        shapely.intersection(free, _box(row, *sorted((sign * BANDS_M[0], sign * BANDS_M[1]))))
        for sign in (-1.0, 1.0)
    )
    found = find_ways(
        ground,
        width_m,
        shapely.get_parts(front),
        shapely.get_parts(back),
        near=standing,
    )
    return found.passes


def _box(row: Row, low_m: float, high_m: float) -> shapely.Polygon:
    """Return the ground along a row, wall to wall and beyond, between two distances from it."""
    along = _along(row)
    # What leads around the end of a wall that near leads around the row.
    ends = [row.ends_m[0] - STRIP_M, row.ends_m[1] + STRIP_M]
    corners = [(ends[0], low_m), (ends[1], low_m), (ends[1], high_m), (ends[0], high_m)]
    return shapely.Polygon([row.middle + x * row.across + y * along for x, y in corners])


def _straight_through(rows: list[Row], width_m: float) -> bool:
    """Say whether a straight line keeps half the width off both ends of every lane.

    Measured across the street: errs to letting through what runs at an angle to it.
    """
    across, along = rows[0].across, _along(rows[0])
    x = np.array([row.lane.mean(axis=0) @ along for row in rows])
    y = np.array([np.sort(row.lane @ across) for row in rows])
    y += np.array([width_m / 2, -width_m / 2])
    if (y[:, 1] < y[:, 0]).any():
        return False
    # If any line meets all of these segments, one that touches two of their ends does.
    for one in range(len(rows)):
        for other in range(one + 1, len(rows)):
            for start in y[one]:
                for stop in y[other]:
                    line = start + (stop - start) * (x - x[one]) / (x[other] - x[one])
                    if ((line >= y[:, 0] - 1e-9) & (line <= y[:, 1] + 1e-9)).all():
                        return True
    return False


def _name(case: Case, row: Row) -> str:
    return str(case.table["line_id"][row.units].iloc[0])
