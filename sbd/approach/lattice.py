"""Cell size and tightest turn in; headings and motions that join lattice states exactly out.

A heading is an integer vector, so driving straight lands on cell centres. A curved motion joins
two states by two arcs of equal curvature, exactly: nothing is snapped. Motions are chosen for the
headings of one octant and carried to the others by turning and mirroring, so that a site turned
by a quarter or mirrored gives the same field.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sbd.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_OCTANT_VECTORS = {
    16: ((1, 0), (5, 2), (1, 1)),
    32: ((1, 0), (5, 1), (5, 2), (3, 2), (1, 1)),
    64: ((1, 0), (10, 1), (5, 1), (10, 3), (5, 2), (9, 5), (3, 2), (5, 4), (1, 1)),
}
WIDEST_RADIUS_M = 280.0  # 190 km/h at grip 1; wider curves slow nobody
# The choice of motions: measured on 90 degree corners and chicanes turned by 0 to 42 degrees.
RADIUS_RATIO = 1.2  # between the classes of radius
_SHORTEST, _LONGEST = 1.0, 2.2  # of a curve, in units of sqrt(2 R h)
_MOST_WASTE = 1.5  # way driven over that of a pure arc with the same radius and turn
_LONGER_IS_BETTER = 0.1  # waste that one more unit of length makes good
_SHIFT_EVERY = 3  # classes of radius to one lane shift
_SHIFT_CELLS = 1.0  # sideways way of a lane shift
_DENSE = 16  # samples per cell that find every cell a motion touches


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Headings and motions for one cell size and one tightest turn; m motions in all.

    Parameters
    ----------
    vector : (headings, 2) int array
        Cells (x, y) of one straight motion, counter-clockwise from (1, 0).
    heading_rad : (headings,) array
        Direction of each vector.
    first : (headings + 1,) int array
        Motions of heading i are `first[i]:first[i + 1]`; the first of them is the straight one.
    start_heading, end_heading : (m,) int array
        Heading before and after.
    shift : (m, 2) int array
        Cells (x, y) from start to end.
    length_m, radius_m : (m,) array
        Way driven, and radius of both arcs (inf on the straight).
    arc_rad : (m, 2) array
        Angles of the first and the second arc, positive to the left.
    cell_first : (m + 1,) int array
        Cells of motion k are `cell[cell_first[k]:cell_first[k + 1]]`.
    cell : (n, 2) int array
        Cells (x, y) that must be free for a motion, from start to end.
    """

    cell_m: float
    vector: IntArray
    heading_rad: FloatArray
    first: IntArray
    start_heading: IntArray
    end_heading: IntArray
    shift: IntArray
    length_m: FloatArray
    radius_m: FloatArray
    arc_rad: FloatArray
    cell_first: IntArray
    cell: IntArray

    @property
    def headings(self) -> int:
        """How many headings there are."""
        return len(self.heading_rad)

    @property
    def motions(self) -> int:
        """How many motions there are, over all headings."""
        return len(self.length_m)

    @property
    def reach_cells(self) -> int:
        """The most cells that a motion goes in x or y."""
        return int(np.abs(self.cell).max())


@dataclass(frozen=True, slots=True, eq=False)
class _Motion:
    """One motion in cells, before it is turned into the other octants."""

    shift: tuple[int, int]
    end_heading: int
    radius: float
    arcs: tuple[float, float]  # signed, positive to the left
    length: float
    cells: IntArray


def heading_vectors(headings: int) -> IntArray:
    """Return the integer vectors of 16, 32 or 64 headings, counter-clockwise from (1, 0).

    >>> heading_vectors(16)[:4].tolist()
    [[1, 0], [5, 2], [1, 1], [2, 5]]
    """
    if headings not in _OCTANT_VECTORS:
        raise InputError(f"headings {headings}: there are lattices of 16, 32 and 64")
    octant = _OCTANT_VECTORS[headings]
    return np.array(
        [_carry(np.array(octant[_base(h, headings)]), h, headings) for h in range(headings)],
        dtype=np.int64,
    )


def equal_arcs(
    x: FloatArray, y: FloatArray, turn_rad: float, sign: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return curvature and both arcs of the way to (x, y) with a turn, by two equal curvatures.

    In the frame of the start heading. The first arc turns by `sign * first`, the second by
    `-sign * second`; what has no such way gets a curvature of nan.

    Parameters
    ----------
    x, y : (n,) array
        Target, ahead and to the left.
    turn_rad : float
        Change of heading, positive to the left.
    sign : int
        Side of the first arc: +1 left, -1 right.

    Returns
    -------
    curvature, first, second : (n,) arrays
        Curvature of both arcs and their angles, not negative.
    """
    chord2 = x**2 + y**2
    half = x * math.sin(turn_rad) - y * (1.0 + math.cos(turn_rad))
    root = np.sqrt(half**2 + 2.0 * chord2 * (1.0 - math.cos(turn_rad)))
    with np.errstate(divide="ignore", invalid="ignore"):
        curvature = (root - sign * half) / chord2
    sine = (x * curvature + sign * math.sin(turn_rad)) / 2.0
    cosine = (1.0 + math.cos(turn_rad) - sign * y * curvature) / 2.0
    first = np.arctan2(sine, cosine)
    second = first - sign * turn_rad
    # An angle of -1e-12 is an arc of no length, not a way round the whole circle.
    first = np.where(np.abs(first) < 1e-9, 0.0, first)
    second = np.where(np.abs(second) < 1e-9, 0.0, second)
    good = (curvature > 1e-9) & (first >= 0.0) & (second >= 0.0)
    return np.where(good, curvature, np.nan), first, second


def points_along(
    heading_rad: float, radius: float, arcs: tuple[float, float], way: FloatArray
) -> FloatArray:
    """Return the places after each way on a motion, as (n, 2), from its start at (0, 0).

    `radius` and `way` in one unit; on a straight the radius is inf and the arcs are 0.
    """
    if math.isinf(radius):
        ahead: FloatArray = np.array([math.cos(heading_rad), math.sin(heading_rad)])
        return way[:, None] * ahead
    first = np.minimum(way, abs(arcs[0]) * radius)
    place = _on_arc(heading_rad, radius, math.copysign(1.0, arcs[0]), first)
    second = way - first
    return place + _on_arc(heading_rad + arcs[0], radius, math.copysign(1.0, arcs[1]), second)


def sparse_straight(heading: int, headings: int) -> frozenset[tuple[int, int]]:
    """Return the cells (x, y) that a straight motion needs where one cell a cell length will do."""
    vector = _OCTANT_VECTORS[headings][_base(heading, headings)]
    cells = _carry(_straight_cells(vector, 1), heading, headings)
    return frozenset((x, y) for x, y in cells.tolist())


@lru_cache(maxsize=32)
def make_lattice(cell_m: float, headings: int, min_radius_m: float, *, every_cell: bool) -> Lattice:
    """Return headings and motions; the same arguments give the same lattice.

    The choice of motions knows cell size and tightest turn only, not grip or power: more grip then
    can't take a motion away, and labels can only rise.

    Parameters
    ----------
    every_cell : bool
        Whether a motion needs every cell that it touches, so that each point of it is within half
        a diagonal of a free centre; else one cell a cell length, which errs neither way.
    """
    samples = _DENSE if every_cell else 1
    octant = headings // 8
    base = [_motions_of(b, cell_m, headings, min_radius_m, samples) for b in range(octant + 1)]
    motions: list[tuple[int, _Motion]] = []
    first = [0]
    for heading in range(headings):
        for motion in base[_base(heading, headings)]:
            motions.append((heading, _carry_motion(motion, heading, headings)))
        first.append(len(motions))
    vector = heading_vectors(headings)
    cell_counts = [len(motion.cells) for _, motion in motions]
    return Lattice(
        cell_m=cell_m,
        vector=vector,
        heading_rad=_angles(vector),
        first=np.array(first, dtype=np.int64),
        start_heading=np.array([heading for heading, _ in motions], dtype=np.int64),
        end_heading=np.array([motion.end_heading for _, motion in motions], dtype=np.int64),
        shift=np.array([motion.shift for _, motion in motions], dtype=np.int64),
        length_m=np.array([motion.length for _, motion in motions]) * cell_m,
        radius_m=np.array([motion.radius for _, motion in motions]) * cell_m,
        arc_rad=np.array([motion.arcs for _, motion in motions]),
        cell_first=np.concatenate([[0], np.cumsum(cell_counts)]).astype(np.int64),
        cell=np.concatenate([motion.cells for _, motion in motions]),
    )


def _motions_of(
    base: int, cell_m: float, headings: int, min_radius_m: float, samples: int
) -> list[_Motion]:
    """Return the straight motion, curves and lane shifts of one heading of the first octant."""
    angles = _angles(heading_vectors(headings))
    tightest, widest = min_radius_m / cell_m, WIDEST_RADIUS_M / cell_m
    on_mirror = base in (0, headings // 8)
    curves: dict[tuple[tuple[int, int], int], _Motion] = {}
    for side in (1,) if on_mirror else (1, -1):
        targets = _targets(base, side, angles, tightest, widest)
        for pick in _choose(targets, tightest, widest):
            motion = _motion(targets[pick], float(angles[base]), samples)
            curves[motion.shift, motion.end_heading] = motion
            if on_mirror:
                mirror = _reflect(motion, base, headings)
                curves[mirror.shift, mirror.end_heading] = mirror
    return [_straight(heading_vectors(headings)[base], base, samples), *curves.values()]


_TARGET = np.dtype(
    [
        ("shift", np.int64, 2),
        ("end", np.int64),
        ("turn", np.float64),
        ("radius", np.float64),
        ("arcs", np.float64, 2),
        ("length", np.float64),
        ("aside", np.float64),
    ]
)


def _targets(
    base: int, side: int, angles: FloatArray, tightest: float, widest: float
) -> NDArray[np.void]:
    """Return the states that two equal arcs reach well to one side, with their figures in cells."""
    step = 2.0 * math.pi / len(angles)
    reach = math.ceil(max(_LONGEST * math.sqrt(2.0 * widest), 1.5 * step * widest))
    grid = np.arange(-reach, reach + 1)
    cells = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    ahead, left = _turned(cells.astype(np.float64), -float(angles[base]))
    near = (ahead > 0.0) & (side * left > 1e-9) & (np.hypot(ahead, left) <= reach)
    cells, ahead, left = cells[near], ahead[near], left[near]
    chord, bearing = np.hypot(ahead, left), np.abs(np.arctan2(left, ahead))
    found = []
    for steps in range(math.ceil(_LONGEST * math.sqrt(2.0 / tightest) / step) + 2):
        end = (base + side * steps) % len(angles)
        turn = math.remainder(float(angles[end] - angles[base]), 2.0 * math.pi)
        if steps == 0:
            likely = np.abs(left) < 2.0 * _SHIFT_CELLS
        else:
            # L = R turn <= longest sqrt(2 R); a pure arc bears by half its turn.
            likely = np.abs(bearing - abs(turn) / 2.0) < 0.3 * abs(turn)
            if steps > 1:
                likely &= chord <= 2.0 * _LONGEST**2 / abs(turn)
        rows = _ways(cells[likely], ahead[likely], left[likely], turn)
        rows["end"] = end
        longest = _LONGEST * np.sqrt(2.0 * rows["radius"])
        if steps == 1:  # a wide curve needs all the way that the smallest turn takes
            longest = np.maximum(longest, 1.15 * abs(turn) * rows["radius"])
        good = (rows["radius"] >= tightest - 1e-9) & (rows["radius"] <= widest)
        found.append(rows[good & (rows["length"] <= longest)])
    return np.concatenate(found)


def _ways(cells: IntArray, ahead: FloatArray, left: FloatArray, turn: float) -> NDArray[np.void]:
    """Return the wider of both ways (left arc first, right arc first) to each cell."""
    ways = [(sign, *equal_arcs(ahead, left, turn, sign)) for sign in (1, -1)]
    curvature = np.stack([np.nan_to_num(way[1], nan=np.inf) for way in ways])
    pick = np.arange(len(cells))
    best = np.argmin(curvature, axis=0)
    sign = np.array([1.0, -1.0])[best]
    arcs = np.stack([np.stack([way[2], way[3]], axis=-1) for way in ways])[best, pick]
    rows = np.zeros(len(cells), dtype=_TARGET)
    rows["radius"] = 1.0 / curvature[best, pick]  # 0 where there is no way
    rows["shift"], rows["turn"], rows["aside"] = cells, turn, np.abs(left)
    rows["arcs"] = arcs * np.stack([sign, -sign], axis=-1)
    rows["length"] = arcs.sum(axis=1) * rows["radius"]
    return rows


def _choose(targets: NDArray[np.void], tightest: float, widest: float) -> list[int]:
    """Return the rows to keep: the truest arc of each class of radius, and some lane shifts."""
    chosen: list[int] = []
    radius, turn = targets["radius"], np.abs(targets["turn"])
    turned = turn > 0.0
    # Way driven over the way of a pure arc with this radius and turn: 1 is best.
    waste = targets["length"] / (radius * np.where(turned, turn, 1.0))
    unit = targets["length"] / np.sqrt(2.0 * radius)
    curves = turned & (unit >= _SHORTEST) & (waste < _MOST_WASTE)
    shifts = ~turned & (targets["aside"] > 0.4 * _SHIFT_CELLS)
    for number in range(math.ceil(math.log(widest / tightest) / math.log(RADIUS_RATIO))):
        low = tightest * RADIUS_RATIO**number - 1e-9
        within = curves & (radius >= low) & (radius < low * RADIUS_RATIO)
        chosen += _first_of(np.flatnonzero(within), waste - _LONGER_IS_BETTER * unit)
        if number % _SHIFT_EVERY == 0:
            within = shifts & (radius >= low) & (radius < low * RADIUS_RATIO**_SHIFT_EVERY)
            aside = np.abs(targets["aside"] - _SHIFT_CELLS)
            chosen += _first_of(np.flatnonzero(within), aside)
    return chosen


def _first_of(rows: IntArray, score: FloatArray) -> list[int]:
    # Rounded, so that the last binary digits don't decide; then the order of the rows does.
    return [int(rows[np.argmin(np.round(score[rows], 9))])] if len(rows) else []


def _motion(target: np.void, heading_rad: float, samples: int) -> _Motion:
    arcs = (float(target["arcs"][0]), float(target["arcs"][1]))
    radius, length = float(target["radius"]), float(target["length"])
    way = np.linspace(0.0, length, math.ceil(length) * samples + 1)
    return _Motion(
        shift=(int(target["shift"][0]), int(target["shift"][1])),
        end_heading=int(target["end"]),
        radius=radius,
        arcs=arcs,
        length=length,
        cells=_cells_of(points_along(heading_rad, radius, arcs, way)),
    )


def _straight(vector: IntArray, base: int, samples: int) -> _Motion:
    shift = (int(vector[0]), int(vector[1]))
    length = math.hypot(*shift)
    cells = _straight_cells(shift, samples)
    return _Motion(shift, base, math.inf, (0.0, 0.0), length, cells)


def _straight_cells(vector: tuple[int, int], samples: int) -> IntArray:
    way = np.linspace(0.0, 1.0, math.ceil(math.hypot(*vector)) * samples + 1)
    return _cells_of(way[:, None] * np.array(vector))


def _cells_of(places: FloatArray) -> IntArray:
    """Return the cells of places along a way, each as often as the way comes into it."""
    cells = np.floor(places + 0.5 + 1e-9).astype(np.int64)
    new = np.ones(len(cells), dtype=np.bool_)
    new[1:] = np.any(cells[1:] != cells[:-1], axis=1)
    return cells[new]


def _on_arc(heading_rad: float, radius: float, side: float, way: FloatArray) -> FloatArray:
    angle = heading_rad + side * way / radius
    x = side * radius * (np.sin(angle) - math.sin(heading_rad))
    y = side * radius * (math.cos(heading_rad) - np.cos(angle))
    return np.stack([x, y], axis=-1)


def _angles(vector: IntArray) -> FloatArray:
    return np.mod(np.arctan2(vector[:, 1], vector[:, 0]), 2.0 * np.pi)


def _turned(places: FloatArray, angle_rad: float) -> tuple[FloatArray, FloatArray]:
    cosine, sine = math.cos(angle_rad), math.sin(angle_rad)
    x, y = places[:, 0], places[:, 1]
    return x * cosine - y * sine, x * sine + y * cosine


def _base(heading: int, headings: int) -> int:
    """Return the heading of the first octant that is turned or mirrored into this one."""
    within = heading % (headings // 4)
    return within if within <= headings // 8 else headings // 4 - within


def _mirrored(heading: int, headings: int) -> bool:
    return heading % (headings // 4) > headings // 8


def _carry(place: IntArray, heading: int, headings: int) -> IntArray:
    """Return places (..., 2) of the first octant as the octant of `heading` sees them."""
    x, y = place[..., 0], place[..., 1]
    if _mirrored(heading, headings):
        x, y = y, x
    for _ in range(heading // (headings // 4)):
        x, y = -y, x
    return np.stack([x, y], axis=-1)


def _carry_motion(motion: _Motion, heading: int, headings: int) -> _Motion:
    quarter = headings // 4
    mirrored = _mirrored(heading, headings)
    end = quarter - motion.end_heading if mirrored else motion.end_heading
    side = -1.0 if mirrored else 1.0
    x, y = _carry(np.array(motion.shift), heading, headings).tolist()
    return _Motion(
        shift=(x, y),
        end_heading=(end + heading // quarter * quarter) % headings,
        radius=motion.radius,
        arcs=(side * motion.arcs[0], side * motion.arcs[1]),
        length=motion.length,
        cells=_carry(motion.cells, heading, headings),
    )


def _reflect(motion: _Motion, base: int, headings: int) -> _Motion:
    """Return the mirror image on the axis of the heading: the x axis, or the diagonal."""
    across = np.array([[1, 0], [0, -1]]) if base == 0 else np.array([[0, 1], [1, 0]])
    x, y = (np.array(motion.shift) @ across).tolist()
    end = (-motion.end_heading if base == 0 else headings // 4 - motion.end_heading) % headings
    arcs = (-motion.arcs[0], -motion.arcs[1])
    return _Motion((x, y), end, motion.radius, arcs, motion.length, motion.cells @ across)
