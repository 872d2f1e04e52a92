"""A solved field and states in; the ways that attain them, with their speed profiles, out."""

import json
import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.approach import route_kernels
from sbd.approach.clearance import Terrain
from sbd.approach.dynamics import GRAVITY_MPS2, LabelScale
from sbd.approach.lattice import Lattice, points_along
from sbd.approach.rules import Rules, rules_for
from sbd.model.speed_field import Bound, SpeedField
from sbd.units import mps_to_kmh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_PROFILE_STEP_M = 2.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a way with one heading or one bend.

    Parameters
    ----------
    length_m : float
        Way driven.
    gain, cap : int
        Run-up won (lost, where it climbs), and the largest label the bend allows, in counts.
    radius_m : float
        Of the bend; inf on the straight.
    """

    length_m: float
    gain: int
    cap: int
    radius_m: float


@dataclass(frozen=True, slots=True)
class Route:
    """A way that attains the highest speed of a state.

    Parameters
    ----------
    line : LineString
        The way of the vehicle's reference point, from start to impact.
    length_m : float
        Way driven inside the study area.
    start_label : int
        Run-up at the start in counts: 0 from rest, more where it comes in over the rim.
    entry : int
        Row of `surface.entries` it comes in over; -1 from rest.
    pieces : tuple of Piece
        In the order they are driven.
    """

    line: shapely.LineString
    length_m: float
    start_label: int
    entry: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Ways to many states; see `route_kernels.attaining_ways`."""

    field: SpeedField
    rules: Rules
    node: IntArray
    node_of_target: IntArray
    way_m: FloatArray

    @property
    def scale(self) -> LabelScale:
        """How the labels of the ways are counted."""
        return self.rules.scale

    def length_m(self) -> FloatArray:
        """Return the way to each target."""
        return np.where(self.node_of_target >= 0, self.way_m[self.node_of_target], 0.0)

    def entries(self) -> IntArray:
        """Return over which entry each target's way comes in; -1 from rest."""
        entry = np.empty(len(self.node), dtype=np.int64)
        for number, node in enumerate(self.node):  # a node follows the one it comes from
            entry[number] = node[6] if node[3] < 0 else entry[node[3]]
        return np.where(self.node_of_target >= 0, entry[self.node_of_target], -1)


def find_ways(field: SpeedField, terrain: Terrain, states: IntArray) -> Forest:
    """Return a shortest way that attains the label of each state (row, heading, column)."""
    rules = rules_for(terrain, field.vehicle, field.bound)
    node, node_of_target, way_m = route_kernels.attaining_ways(
        field.label,
        field.free,
        _arrivals(terrain, rules),
        np.ascontiguousarray(states, dtype=np.int64).reshape(-1, 3),
    )
    return Forest(field, rules, node, node_of_target, way_m)


def route_to(forest: Forest, target: int) -> Route:
    """Return the way to one target of a forest."""
    number = int(forest.node_of_target[target])
    chain: list[IntArray] = []
    while number >= 0:
        chain.append(forest.node[number])
        run_up_m = float(forest.way_m[number])  # in the end that of the start
        number = int(chain[-1][3])
    chain.reverse()
    root = chain[0]
    columns = forest.field.label.shape[2]
    start = np.array([root[5] % columns, root[5] // columns])
    entry = int(root[6])
    pieces = []
    places = [start[None].astype(np.float64)]
    label = forest.rules.entry_label if entry >= 0 else 0
    if run_up_m > 0.0:
        won = int(root[7]) - label
        if not forest.rules.slope.height.size:
            won = max(won, 0)
        pieces.append(Piece(run_up_m, won, forest.scale.top_label, math.inf))
        places.append(root[[2, 0]][None].astype(np.float64))
        label = _after(label, pieces[-1])
    for before, node in pairwise(chain):
        pieces.append(_piece(forest.rules, before, node, label))
        places.append(_places(forest.rules.lattice, int(node[4]), before))
        label = _after(label, pieces[-1])
    line = np.concatenate(places) * forest.field.cell_m + forest.field.origin_m
    return Route(
        line=shapely.LineString(line if len(line) > 1 else np.repeat(line, 2, axis=0)),
        length_m=sum(piece.length_m for piece in pieces),
        start_label=forest.rules.entry_label if entry >= 0 else 0,
        entry=entry,
        pieces=tuple(pieces),
    )


def speed_profile(
    route: Route, scale: LabelScale, *, friction: float
) -> list[tuple[float, float, str]]:
    """Return the speed along a way: (distance [m], speed [m/s], what limits it there).

    The lower of what the drive reaches from behind and of what the brakes still lose before the
    next bend, at grip times gravity. At the end the brakes never bind.
    """
    distance, reached, names = _driven(route, scale)
    braked = reached.copy()
    for n in range(len(distance) - 2, -1, -1):
        way = distance[n + 1] - distance[n]
        braked[n] = min(
            braked[n], math.sqrt(braked[n + 1] ** 2 + 2.0 * friction * GRAVITY_MPS2 * way)
        )
    return [
        (float(at), float(speed), "braking" if speed < drive - 1e-9 else name)
        for at, speed, drive, name in zip(distance, braked, reached, names, strict=True)
    ]


def profile_json(profile: list[tuple[float, float, str]]) -> str:
    """Return a speed profile as JSON: [[distance_m, speed_kmh, what limits it], ...]."""
    return json.dumps([[round(at, 2), round(mps_to_kmh(v), 2), name] for at, v, name in profile])


def _driven(route: Route, scale: LabelScale) -> tuple[FloatArray, FloatArray, list[str]]:
    """Return distances, the speeds that the drive and the bends allow, and which of them binds."""
    distance, speed, names = [0.0], [], []
    label = min(route.start_label, route.pieces[0].cap) if route.pieces else route.start_label
    speed.append(float(scale.speed_of_label_mps[label]))
    names.append("entry" if route.start_label else "engine")
    for piece in route.pieces:
        count = max(1, math.ceil(piece.length_m / _PROFILE_STEP_M))
        if label > piece.cap:
            # The bend caps the speed from its first metre on.
            speed[-1], names[-1] = float(scale.speed_of_label_mps[piece.cap]), _limit(piece, scale)
            label = piece.cap
        for step in range(1, count + 1):
            won = min(label + piece.gain * step // count, piece.cap)
            distance.append(distance[-1] + piece.length_m / count)
            speed.append(float(scale.speed_of_label_mps[won]))
            names.append(_limit(piece, scale) if won == piece.cap else "engine")
        label = min(label + piece.gain, piece.cap)
    return np.array(distance), np.array(speed), names


def end_label(route: Route) -> int:
    """Return the label at the end of a way, counted along it."""
    label = route.start_label
    for piece in route.pieces:
        label = _after(label, piece)
    return label


def _after(label: int, piece: Piece) -> int:
    return min(min(label, piece.cap) + piece.gain, piece.cap)


def _limit(piece: Piece, scale: LabelScale) -> str:
    if piece.cap >= scale.top_label:
        return "top speed"
    return f"bend radius {piece.radius_m:.0f} m"


def _piece(rules: Rules, before: IntArray, node: IntArray, label: int) -> Piece:
    """Return the motion between two nodes, for a vehicle that comes with this label."""
    k, cap = int(node[4]), int(node[7])
    gain = int(rules.gain[k])
    if rules.slope.height.size:
        height = rules.slope.height
        ends = int(height[before[0], before[2]]), int(height[node[0], node[2]])
        label = min(label, cap)
        gain = int(route_kernels.label_after(label, gain, cap, *ends, rules.slope)) - label
    lattice = rules.lattice
    return Piece(float(lattice.length_m[k]), gain, cap, float(lattice.radius_m[k]))


def _places(lattice: Lattice, motion: int, before: IntArray) -> FloatArray:
    """Return places in cells along a motion from a state, without its start, to its end."""
    start = before[[2, 0]].astype(np.float64)
    end: FloatArray = start + lattice.shift[motion]
    if math.isinf(lattice.radius_m[motion]):
        return end[None]
    length, radius = (
        lattice.length_m[motion] / lattice.cell_m,
        lattice.radius_m[motion] / lattice.cell_m,
    )
    way = np.linspace(0.0, length, max(2, math.ceil(length / 2.0)) + 1)[1:-1]
    heading = float(lattice.heading_rad[lattice.start_heading[motion]])
    arcs = (float(lattice.arc_rad[motion, 0]), float(lattice.arc_rad[motion, 1]))
    return np.concatenate([start + points_along(heading, radius, arcs, way), end[None]])


def _arrivals(terrain: Terrain, rules: Rules) -> route_kernels.Arrivals:
    lattice = rules.lattice
    parts = [rules.cells_behind(heading) for heading in range(lattice.headings)]
    behind = np.concatenate([cells for cells, _ in parts])
    sizes = [len(cells) for cells, _ in parts]
    ends = np.bincount(lattice.end_heading, minlength=lattice.headings)
    return route_kernels.Arrivals(
        before_first=np.concatenate([[0], np.cumsum(ends)]),
        before=np.argsort(lattice.end_heading, kind="stable"),
        start=lattice.start_heading,
        dx=np.ascontiguousarray(lattice.shift[:, 0]),
        dy=np.ascontiguousarray(lattice.shift[:, 1]),
        gain=rules.gain,
        cap=rules.cap,
        level=rules.level,
        lowest=rules.bound is Bound.LOWER,
        length_m=lattice.length_m,
        straight=lattice.first[:-1].copy(),
        cell_first=lattice.cell_first,
        cell=lattice.cell,
        behind_first=np.concatenate([[0], np.cumsum(sizes)]),
        behind=behind,
        behind_label=np.concatenate([labels for _, labels in parts]),
        behind_m=np.hypot(*behind.T.astype(np.float64)) * lattice.cell_m,
        entry_headings=terrain.entry_headings,
        entry_index=terrain.entry_index,
        entry_label=rules.entry_label,
        top_label=rules.scale.top_label,
        slope=rules.slope,
    )
