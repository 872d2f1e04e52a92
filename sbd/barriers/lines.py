"""A selection of chords -> lines from solid to solid, or closed on themselves."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.barriers.chords import Chords
from sbd.barriers.demand import Floats
from sbd.optimise.network import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Chords joined end to end, vehicles to the left of the way.

    Parameters
    ----------
    vertices : (n, 2) array
        Positions; the first is repeated at the end of a closed line.
    members : tuple of n - 1 arrays
        Chord numbers of each piece.
    openable : (n - 1,) array
        Whether the piece carries an openable lane.
    street_m : (n - 1,) array
        From the piece to the nearest street that stays open; inf where there is none.
    closed : bool
        Whether it comes back to its start; else both ends stand on a solid.
    """

    vertices: Floats
    members: tuple[Ints, ...]
    openable: NDArray[np.bool_]
    street_m: Floats
    closed: bool

    @property
    def all_chords(self) -> Ints:
        """Chord numbers of the whole line."""
        return np.concatenate(self.members)


def trace_lines(
    chords: Chords,
    chosen: Ints,
    forth: NDArray[np.bool_],
    openable: NDArray[np.bool_],
    *,
    streets: shapely.Geometry,
) -> list[Line]:
    """Return the lines that chosen chords make, in the order of their lowest chord number.

    Parameters
    ----------
    forth : (c,) array
        Whether vehicles are on the tail side, left of the edge's own direction.
    streets : Polygon or MultiPolygon
        The streets that stay open; may be empty.
    """
    pairs = chords.mesh.edges[chords.edge[chosen]]
    start = np.where(forth, pairs[:, 0], pairs[:, 1])
    stop = np.where(forth, pairs[:, 1], pairs[:, 0])
    anchored = np.where(forth[:, None], chords.anchored[chosen], chords.anchored[chosen][:, ::-1])
    apart = shapely.distance(shapely.linestrings(chords.ends[chosen]), streets)
    street_m = np.where(np.isnan(apart), np.inf, apart)
    follower = _followers(chords.mesh.vertices, start, stop, anchored)
    has_leader = np.zeros(len(chosen), dtype=bool)
    has_leader[list(follower.values())] = True
    seen = np.zeros(len(chosen), dtype=bool)
    lines: list[Line] = []
    # Lines with ends first; what is left over are closed ones.
    for first in [*np.flatnonzero(~has_leader).tolist(), *range(len(chosen))]:
        if seen[first]:
            continue
        way = [first]
        while (following := follower.get(way[-1], first)) != first:
            way.append(following)
        seen[way] = True
        corner = np.append(start[way], stop[way[-1]])
        lines.append(
            Line(
                vertices=chords.mesh.vertices[corner],
                members=tuple(chosen[[k]] for k in way),
                openable=openable[way],
                street_m=street_m[way],
                closed=bool(has_leader[first]),
            )
        )
    return sorted(lines, key=lambda line: int(line.all_chords.min()))


def _followers(xy: Floats, start: Ints, stop: Ints, anchored: NDArray[np.bool_]) -> dict[int, int]:
    """Match each chord that ends at a free vertex with the one that goes on from there.

    Where several do, the sharpest turn towards the vehicles goes on: lines then touch at the
    vertex and do not cross.
    """
    leaving: dict[int, list[int]] = {}
    for k in np.flatnonzero(~anchored[:, 0]).tolist():
        leaving.setdefault(int(start[k]), []).append(k)
    follower: dict[int, int] = {}
    for k in np.flatnonzero(~anchored[:, 1]).tolist():
        onward = leaving[int(stop[k])]
        back = xy[start[k]] - xy[stop[k]]
        turns = [_turn(back, xy[stop[n]] - xy[start[n]]) for n in onward]
        # Clockwise from the way back lies the left-hand side of the way in.
        best = int(np.argmin(turns))
        follower[k] = onward.pop(best)
    return follower


def _turn(one: Floats, other: Floats) -> float:
    """Return the clockwise angle from one way to another, in (0, 2 pi]."""
    angle = np.arctan2(one[1], one[0]) - np.arctan2(other[1], other[0])
    return float(angle % (2 * np.pi)) or 2 * np.pi
