"""Case -> whether people still get along every line where they walk or cycle."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sbd.model.verdict import Check
from sbd.verify import narrows
from sbd.verify.breach import at, find_ways
from sbd.verify.case import ACCESS_SLACK_M, Case
from sbd.verify.erosion import surely_free
from sbd.verify.narrows import Shapes
from sbd.verify.wishes import Wishes

# A passage this far off the line still lies on the way [m], assumed: two steps to the side.
REACH_M = 3.0
KINDS = {"foot": "people on foot", "cycle": "cycles"}
NAMED = 5


def passage_checks(case: Case, wishes: Wishes) -> tuple[list[Check], list[str]]:
    """Ask along every desire line, with everything shut, by the width of its kind.

    What is one way without any unit must stay one: the first and the last free part of a line that
    a disc joins within 3 m of it must still be joined there. A line that is blocked without any
    unit is a condition, and of its pieces each is asked for alone.
    """
    table = case.site.desire_lines
    widths_m = {"foot": wishes.desire_width_m, "cycle": wishes.cycle_width_m}
    checks, advice = [], []
    for kind, who in KINDS.items():
        lines = table[table["kind"] == kind]
        if lines.empty:
            continue
        width_m = widths_m[kind]
        ids = lines["desire_id"].astype(str)
        names = [name or key for name, key in zip(lines["name"], ids, strict=True)]
        faults, crossed = [], 0
        for key, name, line in zip(ids, names, lines.geometry, strict=True):
            own_m = wishes.desire_widths_m.get(key, width_m)
            if own_m <= 0:
                advice.append(f"{kind}: {name} was given up; nobody is asked to get along it")
                continue
            strings = shapely.get_parts(shapely.line_merge(line))
            found = [_along(case, string, own_m) for string in strings]
            crossed += len(case.units_near(line, REACH_M)) > 0
            if not all(free for free, _ in found):
                advice.append(f"{kind}: {name} is no way of {own_m:g} m even without any unit")
            if own_m < width_m:
                advice.append(f"{kind}: {name} keeps {own_m:g} m only, {width_m:g} m are the rule")
            faults += [f"{name}: {fault}" for _, fault in found if fault]
        checks.append(
            Check(
                name=kind,
                question=(
                    f"With everything shut, do {who} ({width_m:g} m) get along every desire line, "
                    f"no more than {REACH_M:g} m beside it, where they do without any unit?"
                ),
                width_m=width_m,
                passes=not faults,
                wanted=True,
                note="; ".join(faults[:NAMED])
                or f"{len(lines)} lines, {crossed} of them past units",
            )
        )
    return checks, advice


def _along(case: Case, line: BaseGeometry, width_m: float) -> tuple[bool, str]:
    """Return whether a line is a way without units, and what cuts it with them."""
    disc_m = width_m - ACCESS_SLACK_M
    # The disc itself stays within reach, not only its middle.
    corridor = line.buffer(REACH_M + width_m / 2).intersection(case.arena.study)
    bare = corridor.intersection(case.arena.ground)
    rooms = surely_free(bare, disc_m)
    rooms = rooms[shapely.intersects(rooms, line)]
    # One way where the line is not cut; its ends may stop at walls.
    ends = shapely.boundary(shapely.intersection(line, case.arena.study))
    free = len(rooms) == 1 and bool(
        shapely.dwithin(rooms[0], shapely.get_parts(ends), REACH_M + width_m / 2).all()
    )
    near = case.units_near(corridor, 0.0)
    if not len(near):
        return free, ""
    ground = bare.difference(case.arena.obstacle_of(case.shapes[near]))
    pieces = surely_free(ground, disc_m)
    pieces = pieces[shapely.intersects(pieces, line)]
    for room in rooms:
        parts = shapely.intersection(pieces[shapely.intersects(pieces, room)], line)
        if not len(parts):
            spot = shapely.get_coordinates(shapely.intersection(room, line))[0]
            return free, f"no room for {width_m:g} m is left on it {at(spot)}"
        first, last = _ends(line, parts)
        if first is last:
            continue
        ends = np.array([first, last], dtype=object)
        found = find_ways(ground, disc_m, ends[:1], ends[1:], near=case.shapes[near])
        if not found.surely.all():
            widest = narrows.widest_way(found.rooms, ends[:1], ends[1:], disc_m)
            if widest is None:
                spot = shapely.get_coordinates(shapely.shortest_line(first, last))[0]
                return free, f"nothing gets across {at(spot)}"
            return free, f"the widest passage is {widest[0]:.3f} m, " + case.owners.name_of(
                widest[1]
            )
    return free, ""


def _ends(line: BaseGeometry, parts: Shapes) -> tuple[BaseGeometry, BaseGeometry]:
    """Return the parts of a line that lie first and last on it; the same where one is both."""
    points, owner = shapely.get_coordinates(parts, return_index=True)
    along_m = shapely.line_locate_point(line, shapely.points(points))
    return parts[owner[int(np.argmin(along_m))]], parts[owner[int(np.argmax(along_m))]]
