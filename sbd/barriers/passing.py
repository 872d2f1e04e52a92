"""Desire lines and a country's widths -> where a row needs a wide gap, and how wide it came out.

People turn a little to pass between two units: the clear width counts across the way that suits
the gap best within `TURN_DEG` of the desire line. On a more slanted way the depth of the units
takes of the gap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon

from sbd.barriers.demand import Floats
from sbd.catalogue.product import Product, Shape
from sbd.errors import InputError
from sbd.model.access import AccessRules
from sbd.model.surface import DrivableSurface

# Assumed: who comes along a desire line turns by so much to go through a gap. Only a way that
# nearly follows the row is slanted more.
TURN_DEG = 60.0
# DIN 18040-3 and DM 236/1989: a wheelchair passes a narrow point of 0.90 m.
WHEELCHAIR_M = 0.9
REACH_M = 1.0  # from where the desire line crosses to the gap that serves it
ROUND_OFF_M = 1e-4  # a gap drawn at exactly the width asked is wide enough
_AHEAD_M = 0.5  # how far before and after a crossing the way of a desire line is looked at
_WINDOW_STEP_CM = 20


@dataclass(frozen=True, slots=True, eq=False)
class Desire:
    """A desire line with the clear width that one gap on it needs."""

    desire_id: str
    kind: str
    width_m: float
    line: shapely.Geometry


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A place where a desire line crosses a barrier: there, and along which unit vector."""

    desire: Desire
    point: Floats
    way: Floats


def desires_of(
    surface: DrivableSurface,
    access: AccessRules | None,
    accepted_m: Mapping[str, float] | None = None,
) -> tuple[Desire, ...]:
    """Return the desire lines of a surface with their widths; without a country a wheelchair's.

    Parameters
    ----------
    accepted_m : mapping of desire_id to float
        Widths that go before those of the country (`PlanRequest.desire_widths_m`); lines of 0 are
        left out.

    Raises InputError where no such line is.
    """
    rows, accepted_m = surface.desire_lines, accepted_m or {}
    ids = [] if rows is None else rows["desire_id"].astype(str).to_list()
    if unknown := sorted(set(accepted_m) - set(ids)):
        raise InputError(
            f"desire_widths_m: no desire line {', '.join(unknown)} here; there are "
            f"{', '.join(sorted(ids)) or 'none'}"
        )
    if rows is None:
        return ()
    width_m = dict.fromkeys(("foot", "cycle"), WHEELCHAIR_M)
    if access is not None:
        width_m = {
            "foot": max(access.desire_width_m, access.clear_width_m),
            "cycle": max(access.cycle_width_m, access.clear_width_m),
        }
    every = (
        Desire(name, kind, accepted_m.get(name, width_m[kind]), line)
        for name, kind, line in zip(ids, rows["kind"], rows.geometry, strict=True)
    )
    return tuple(desire for desire in every if desire.width_m > 0)


def passages_on(vertices: Floats, desires: Sequence[Desire]) -> list[Passage]:
    """Return where desire lines cross a line; where one runs along it, the middle of that."""
    line = LineString(vertices)
    found: list[Passage] = []
    for desire in desires:
        for part in shapely.get_parts(desire.line):
            for place in shapely.get_parts(shapely.intersection(part, line)):
                if place.is_empty:
                    continue
                point = shapely.centroid(place)
                found.append(Passage(desire, np.array(point.coords[0]), _way_at(part, point)))
    return found


def _way_at(line: LineString, point: shapely.Point) -> Floats:
    at_m = line.project(point)
    before, after = (
        np.array(line.interpolate(way_m).coords[0])
        for way_m in (max(at_m - _AHEAD_M, 0.0), min(at_m + _AHEAD_M, line.length))
    )
    way = after - before
    return np.asarray(way / max(float(np.hypot(*way)), 1e-9))


def clear_width_m(one: shapely.Geometry, other: shapely.Geometry, way: Floats) -> float:
    """Return the clear width between two units, or a unit and a wall, for who goes along a way.

    >>> from shapely import box
    >>> posts = box(0, 0, 1, 1), box(2.2, 0, 3.2, 1)
    >>> round(clear_width_m(*posts, np.array([0.0, 1.0])), 3)
    1.2
    >>> slanted = np.array([np.sin(np.radians(75)), np.cos(np.radians(75))])  # 15 after a turn
    >>> round(clear_width_m(*posts, slanted), 3)
    0.9
    """
    nearest = np.diff(shapely.get_coordinates(shapely.shortest_line(one, other)), axis=0)[0]
    course = np.degrees(np.arctan2(way[1], way[0]))
    across = np.degrees(np.arctan2(nearest[0], -nearest[1]))  # the way straight through the gap
    off = (across - course + 90) % 180 - 90
    turns = np.linspace(-TURN_DEG, TURN_DEG, 25)
    turns = np.append(turns, off) if abs(off) <= TURN_DEG else turns
    angle = np.radians(course + turns)
    normal = np.stack([-np.sin(angle), np.cos(angle)])
    low, high = (shapely.get_coordinates(shape) @ normal for shape in (one, other))
    free = np.maximum(high.min(axis=0) - low.max(axis=0), low.min(axis=0) - high.max(axis=0))
    return float(max(free.max(), 0.0))


def widest_m(
    passage: Passage, shapes: Sequence[Polygon], walls: Sequence[shapely.Geometry | None]
) -> float:
    """Return the clear width of the best gap of a row that serves a passage; 0 where none does.

    Parameters
    ----------
    shapes : sequence of Polygon
        Units in order.
    walls : (2,) sequence
        What stands before the first and after the last, units or walls; None for nothing. Of a
        wall the point next to the unit counts, which errs high where the wall stands out elsewhere.
    """
    row: list[shapely.Geometry] = list(shapes)
    if row and walls[0] is not None:
        row.insert(0, _nearest(walls[0], row[0]))
    if row and walls[1] is not None:
        row.append(_nearest(walls[1], row[-1]))
    here = shapely.Point(passage.point)
    best = 0.0
    middles = shapely.get_coordinates(shapely.centroid(row))
    ways = shapely.linestrings(np.stack([middles[:-1], middles[1:]], axis=1))
    for k in np.flatnonzero(shapely.dwithin(ways, here, REACH_M)).tolist():
        one, other, gap = row[k], row[k + 1], ways[k]
        free = shapely.difference(gap, shapely.union(one, other))
        if free.is_empty or not shapely.dwithin(free, here, REACH_M):
            continue
        best = max(best, clear_width_m(one, other, passage.way))
    return best


def _nearest(neighbour: shapely.Geometry, unit: Polygon) -> shapely.Geometry:
    if shapely.get_dimensions(neighbour) == 2:
        return neighbour
    return shapely.get_point(shapely.shortest_line(neighbour, unit), 0)


def serves(width_m: float, passage: Passage) -> bool:
    """Say whether a clear width is what a passage asks."""
    return width_m >= passage.desire.width_m - ROUND_OFF_M


def gaps_asked_cm(passage: Passage, along: Floats, products: Sequence[Product]) -> list[int]:
    """Return how wide a gap along a line has to be between two like units, the least first.

    >>> from sbd.catalogue.products import load_products
    >>> desire = Desire("d", "foot", 1.0, LineString())
    >>> slanted = Passage(desire, np.zeros(2), np.array([0.75**0.5, 0.5]))  # 60 degrees off
    >>> gaps_asked_cm(slanted, np.array([1.0, 0.0]), load_products()[:1])
    [100]
    """
    slant = abs(np.degrees(np.arcsin(np.clip(passage.way @ along, -1.0, 1.0)))) - TURN_DEG
    slant_rad = np.radians(np.clip(slant, 0.0, 80.0))
    width_m = passage.desire.width_m
    asked = set()
    for product in products:
        if product.shape is Shape.ROUND:
            gap_m = (width_m + product.width_m) / np.cos(slant_rad) - product.width_m
        else:
            gap_m = (width_m + product.depth_m * np.sin(slant_rad)) / np.cos(slant_rad)
        asked.add(int(np.ceil(gap_m * 100 - 1e-6)))
    return sorted(asked)


def windows_cm(at_cm: float, gap_cm: int, room_cm: int) -> list[tuple[int, int]]:
    """Return where along a run a gap can serve a crossing, the nearest first: from, to.

    >>> windows_cm(300.0, 120, 1000)[:3]
    [(240, 360), (260, 380), (220, 340)]
    """
    reach = int(REACH_M * 100) + gap_cm // 2
    steps = np.arange(0, reach + 1, _WINDOW_STEP_CM)
    starts = [
        round(at_cm - gap_cm / 2) + shift
        for step in steps
        for shift in sorted({step, -step}, reverse=True)
    ]
    return [(int(s), int(s) + gap_cm) for s in starts if s >= 0 and s + gap_cm <= room_cm]
