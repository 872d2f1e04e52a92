"""A line -> the same line with every detour cut off that nothing asks for.

Free pieces of the mesh follow outlines; between two of their vertices the straight way is often
open as well. A cut-off is allowed where it changes neither what is shut in nor what is shut out:
the triangle it takes off holds no zone, no street that stays open and no entry.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon

from sbd.barriers.chords import kept_open, protected
from sbd.barriers.lines import Line
from sbd.model.surface import DrivableSurface

SLACK_M = 1e-3  # lines run along the outlines they must not cross
WORTH_M = 0.01  # cut-offs that save less are rounding


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Where a line may run, and what has to stay on its side of it.

    Parameters
    ----------
    ground : Polygon or MultiPolygon
        Drivable ground, with the slack.
    ends : Polygon or MultiPolygon
        Zone, streets that stay open and entries, less the slack.
    streets : Polygon or MultiPolygon
        The carriageways alone.
    """

    ground: shapely.Geometry
    ends: shapely.Geometry
    streets: shapely.Geometry


def limits_of(surface: DrivableSurface) -> Limits:
    """Return the limits of a surface."""
    street = kept_open(surface)
    areas = shapely.buffer(shapely.union(protected(surface), street), -SLACK_M)
    entries = shapely.buffer(surface.entries.geometry.to_numpy(), SLACK_M)
    limits = Limits(
        ground=shapely.buffer(surface.ground, SLACK_M, join_style="mitre"),
        ends=shapely.union_all([areas, *entries]),
        streets=shapely.union_all(surface.open_streets.geometry.to_numpy()),
    )
    shapely.prepare([limits.ground, limits.ends, limits.streets])
    return limits


def straightened(line: Line, limits: Limits) -> Line:
    """Return a line with its detours cut off, the longest saving first.

    Ends, the start of a closed line and openable pieces stay where they are.
    """
    while True:
        savings = [
            (saved_m, k)
            for k in range(1, len(line.vertices) - 1)
            if not line.openable[k - 1 : k + 1].any()
            and (saved_m := _saved_m(line, k)) > WORTH_M
            and _is_free(line, k, limits)
        ]
        # A triangle of a closed line can't lose a corner.
        if not savings or (line.closed and len(line.members) < 4):
            return line
        line = _without(line, max(savings)[1], limits)


def _saved_m(line: Line, k: int) -> float:
    before, here, after = line.vertices[k - 1 : k + 2]
    ways = (here - before, after - here, after - before)
    first, second, straight = (float(np.hypot(*way)) for way in ways)
    return first + second - straight


def _is_free(line: Line, k: int, limits: Limits) -> bool:
    corner = line.vertices[k - 1 : k + 2]
    if not limits.ground.covers(LineString(corner[[0, 2]])):
        return False
    return not limits.ends.intersects(Polygon(corner))


def _without(line: Line, k: int, limits: Limits) -> Line:
    straight = LineString(line.vertices[[k - 1, k + 1]])
    apart = shapely.distance(straight, limits.streets)
    return Line(
        vertices=np.delete(line.vertices, k, axis=0),
        members=(
            *line.members[: k - 1],
            np.concatenate(line.members[k - 1 : k + 1]),
            *line.members[k + 1 :],
        ),
        openable=np.delete(line.openable, k),
        street_m=np.concatenate(
            [
                line.street_m[: k - 1],
                [np.inf if np.isnan(apart) else apart],
                line.street_m[k + 1 :],
            ]
        ),
        closed=line.closed,
    )
