"""Nodes, ways and relations of OpenStreetMap between reading and assembling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Point

Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Node:
    """A tagged node."""

    number: int
    tags: Tags
    point: Point


@dataclass(frozen=True, slots=True)
class Way:
    """A way with the nodes that the source had.

    Parameters
    ----------
    line : LineString or None
        None where fewer than two nodes are known.
    closed : bool
        Whether it ends where it starts, with no node missing.
    missing : int
        How many of its nodes the source did not have.
    """

    number: int
    tags: Tags
    line: LineString | None
    closed: bool
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation with its members as (kind, number, role); the kind is "w" for a way."""

    number: int
    tags: Tags
    members: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True)
class Elements:
    """What one source gave, each object once.

    Parameters
    ----------
    beyond : set of int
        Closed ways that were read and dropped because they lie outside the area asked for.
    """

    nodes: Sequence[Node]
    ways: Mapping[int, Way]
    relations: Sequence[Relation]
    beyond: frozenset[int] = frozenset()


def way_of_known_nodes(
    number: int, tags: Tags, nodes: Sequence[tuple[int, tuple[float, float] | None]]
) -> Way:
    """Return a way from its node numbers and places, where None is a node the source lacks.

    Where nodes are missing the longest unbroken piece is kept: what lies between is not known, and
    a straight line across the hole could claim a wall where there is none.

    >>> way = way_of_known_nodes(7, {}, [(1, (0.0, 0.0)), (2, None), (3, (2, 0)), (4, (3, 0))])
    >>> way.line.wkt, way.missing, way.closed
    ('LINESTRING (2 0, 3 0)', 1, False)
    """
    missing = sum(place is None for _, place in nodes)
    ring = len(nodes) > 3 and nodes[0][0] == nodes[-1][0]
    piece = _longest_piece([place for _, place in nodes], ring)
    known = [place for i, place in enumerate(piece) if i == 0 or place != piece[i - 1]]
    line = shapely.linestrings(np.array(known, dtype=float)) if len(known) > 1 else None
    closed = ring and missing == 0 and line is not None and len(known) > 3
    return Way(number, tags, line, closed, missing)


def _longest_piece(
    places: list[tuple[float, float] | None], ring: bool
) -> list[tuple[float, float]]:
    if ring and None in places:
        # a ring has no first node: it is opened at the hole
        hole = places.index(None)
        places = places[hole:-1] + places[:hole]
    pieces: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            pieces.append([])
        else:
            pieces[-1].append(place)
    return max(pieces, key=len)
