"""Pinned units that open -> crossings that stand already, as chords of the mesh that cost nothing.

Such units are walls like all pinned ones, so no edge of the mesh leads through them. A chord of its
own joins the ground on their two sides: closed it costs nothing, and so does the crossing.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import shapely

from sbd.barriers.chords import ENGINE_WAY_M, Candidates, Chords, PinnedLane
from sbd.barriers.demand import Floats
from sbd.barriers.pins import Pin
from sbd.model.access import AccessRules
from sbd.model.surface import DrivableSurface
from sbd.optimise.cut import Selection
from sbd.optimise.network import FORBIDDEN, Bools, ChordGraph, without
from sbd.optimise.wishes import Wish

# Openable units closer than this open together.
SAME_LANE_M = 1.5
# How far before and behind it the ground is looked for that a lane joins, the first that is free.
BESIDE_M = (2.0, 1.5, 1.0, 0.6, 0.4)
TOUCH_M = 0.01


def lane_groups(pins: Sequence[Pin]) -> list[list[Pin]]:
    """Return the pins that open together, those of each crossing in order along it."""
    opens = [pin for pin in pins if pin.unit.openable and pin.is_wall]
    if not opens:
        return []
    shapes = np.array([pin.unit.shape for pin in opens], dtype=object)
    parts = shapely.get_parts(shapely.union_all(shapely.buffer(shapes, SAME_LANE_M / 2)))
    tree = shapely.STRtree(parts)
    group = [int(tree.query(shape, predicate="intersects")[0]) for shape in shapes]
    found = []
    for number in dict.fromkeys(group):
        members = [pin for pin, of in zip(opens, group, strict=True) if of == number]
        along = _axis(members)
        found.append(sorted(members, key=lambda pin: float(pin.unit.centre @ along)))
    return found


def pinned_rows(pins: Sequence[Pin]) -> list[list[Pin]]:
    """Return the pins by line: what opens together is one, every other pin one of its own."""
    lanes = lane_groups(pins)
    taken = {id(pin) for members in lanes for pin in members}
    rows = [*lanes, *([pin] for pin in pins if id(pin) not in taken)]
    place = {id(pin): number for number, pin in enumerate(pins)}
    return sorted(rows, key=lambda members: min(place[id(pin)] for pin in members))


def with_lanes(
    chords: Chords, pins: Sequence[Pin], surface: DrivableSurface, *, gap_max_m: float
) -> Chords:
    """Return the chords with one more for each crossing that stands already.

    One without free ground on both sides, or with all of it on one side, is none.
    """
    corners = chords.mesh.vertices[chords.mesh.triangles]
    tree = shapely.STRtree(shapely.polygons(corners))
    for members in lane_groups(pins):
        lane, sides = _lane(members, surface.ground, gap_max_m)
        nodes = [_node(tree, surface.ground, lane.ends.mean(axis=0), side) for side in sides]
        if None not in nodes and nodes[0] != nodes[1]:
            chords = _with_chord(chords, lane, np.array(nodes, dtype=np.int64))
    return chords


def opened(found: Candidates, access: AccessRules | None, *, openable: bool) -> Candidates:
    """Return the candidates with crossings that stand already free of cost, where engines fit."""
    at = np.flatnonzero(np.isin(found.number, list(found.chords.lanes)))
    if not len(at):
        return found
    asked_m = ENGINE_WAY_M if access is None else access.lane_width_m
    lanes = [found.chords.lanes[number] for number in found.number[at].tolist()]
    fits = np.array([lane.clear_m >= asked_m - TOUCH_M for lane in lanes])
    graph, price = found.graph, found.price.copy()
    price[:, found.number[at]] = 0.0
    columns = {}
    for name, value in (
        ("cost_forth", 0),
        ("cost_back", 0),
        ("gate_forth", np.where(fits & openable, 0, FORBIDDEN)),
        ("gate_back", np.where(fits & openable, 0, FORBIDDEN)),
        ("wide", fits),
    ):
        columns[name] = getattr(graph, name).copy()
        columns[name][at] = value
    return replace(found, graph=replace(graph, **columns), price=price)


def standing_first(found: Candidates, graph: ChordGraph, wish: Wish) -> ChordGraph | None:
    """Return the graph in which what stands already is opened before any new crossing is built.

    Where a new crossing is cheaper than closing its street it would be taken before the one that
    stands, and both could be left open. None where no crossing stands, or none is asked for.
    """
    stands = _standing(found, graph)
    if not stands.any() or not wish.gates:
        return None
    if stands.sum() >= wish.gates:
        return without(graph, np.zeros(len(stands), dtype=bool), ~stands)
    # More than any new crossing saves, so that it does not pay to leave one shut.
    known = np.concatenate([graph.cost_forth, graph.cost_back])
    dear = int(known[known < FORBIDDEN].max(initial=0)) + 1
    return replace(
        graph,
        cost_forth=np.where(stands, dear, graph.cost_forth),
        cost_back=np.where(stands, dear, graph.cost_back),
    )


def opens_what_stands(found: Candidates, selection: Selection, wish: Wish) -> bool:
    """Say whether as many crossings that stand are opened as are asked for, or else all of them."""
    stands = np.isin(found.number[selection.chords], list(found.chords.lanes))
    shut = stands & ~selection.openable
    return not shut.any() or int((stands & selection.openable).sum()) >= wish.gates


def _standing(found: Candidates, graph: ChordGraph) -> Bools:
    stands = np.isin(found.number, list(found.chords.lanes))
    return np.asarray(stands & (np.minimum(graph.gate_forth, graph.gate_back) < FORBIDDEN))


def _axis(members: Sequence[Pin]) -> Floats:
    """Return the unit vector along a crossing."""
    if len(members) == 1:
        return members[0].unit.direction
    centres = np.array([pin.unit.centre for pin in members])
    off = centres - centres.mean(axis=0)
    return np.asarray(np.linalg.eigh(off.T @ off)[1][:, -1])


def _lane(
    members: Sequence[Pin], ground: shapely.Geometry, gap_max_m: float
) -> tuple[PinnedLane, list[Floats]]:
    """Return a crossing, and the ways off its middle to either side: left of its way first."""
    along = _axis(members)
    left = np.array([-along[1], along[0]])
    shapes = [pin.unit.shape for pin in members]
    corners = shapely.get_coordinates(shapes)
    middle = corners.mean(axis=0)
    far = (corners - middle) @ along
    aside = (corners - middle) @ left
    middle = middle + 0.5 * (aside.max() + aside.min()) * left
    ends = middle + np.array([[far.min()], [far.max()]]) * along
    gaps = [shapely.shortest_line(one, other) for one, other in pairwise(shapes)]
    for k, sign in ((0, -1.0), (1, 1.0)):
        free_m = _free_m(ends[k], sign * along, ground, gap_max_m)
        tip = ends[k] + free_m * sign * along
        if free_m > 0:
            gaps.append(shapely.LineString([ends[k], tip]))
        ends[k] = tip
    half = 0.5 * (aside.max() - aside.min())
    return PinnedLane(ends, tuple(gaps)), [(half + TOUCH_M) * left, -(half + TOUCH_M) * left]


def _free_m(end: Floats, way: Floats, ground: shapely.Geometry, most_m: float) -> float:
    """Return how far it is from the end of a crossing to what stands beside it; 0 beyond a gap."""
    ray = shapely.LineString([end + TOUCH_M * way, end + (most_m + TOUCH_M) * way])
    stands = shapely.difference(ray, ground)
    if stands.is_empty:
        return 0.0
    return float(shapely.distance(shapely.Point(end), stands))


def _node(
    tree: shapely.STRtree, ground: shapely.Geometry, middle: Floats, side: Floats
) -> int | None:
    """Return the triangle on one side of a crossing; None where nothing is free there."""
    unit = side / np.hypot(*side)
    for off_m in BESIDE_M:
        way = shapely.LineString([middle + side, middle + side + off_m * unit])
        if ground.covers(way):
            hits = tree.query(shapely.get_point(way, 1), predicate="intersects")
            if len(hits):
                return int(hits.min())
    return None


def _with_chord(chords: Chords, lane: PinnedLane, nodes: np.ndarray) -> Chords:
    mesh, number = chords.mesh, len(chords.edge)
    first = len(mesh.vertices)
    mesh = replace(
        mesh,
        vertices=np.vstack([mesh.vertices, lane.ends]),
        edges=np.vstack([mesh.edges, [[first, first + 1]]]),
        left=np.append(mesh.left, nodes[0]),
        right=np.append(mesh.right, nodes[1]),
    )
    return replace(
        chords,
        mesh=mesh,
        edge=np.append(chords.edge, len(mesh.edges) - 1),
        anchored=np.vstack([chords.anchored, [[True, True]]]),
        on_rim=np.append(chords.on_rim, False),
        natural=np.append(chords.natural, False),
        lanes={**chords.lanes, number: lane},
    )
