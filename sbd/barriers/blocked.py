"""A place that can't be closed -> where, and what would help, in words."""

import numpy as np
import shapely

from sbd.barriers.barred import barred_in_words
from sbd.barriers.chords import Candidates, Chords, kept_open
from sbd.barriers.demand import Floats
from sbd.errors import InfeasiblePlanError
from sbd.model.surface import DrivableSurface
from sbd.optimise.cut import Blocked


def refuse_open_zone(surface: DrivableSurface, chords: Chords) -> None:
    """Raise where the zone itself lies on what stays open."""
    both = np.flatnonzero(chords.source & chords.sink)
    if len(both):
        corner = chords.mesh.vertices[chords.mesh.triangles[both[0]]].mean(axis=0)
        raise InfeasiblePlanError(
            f"zone: it reaches the edge of the data at {_place(corner)}, entry "
            f"{entry_near(surface, corner)}, where vehicles come in; draw a smaller zone or a "
            "larger margin"
        )
    if not chords.sink.any():
        raise InfeasiblePlanError(
            "zone: nothing of it is drivable ground beside the streets that stay open; "
            "close one with --close, or move the zone"
        )


def what_blocks(
    blocked: Blocked, found: Candidates, surface: DrivableSurface, *, refused: bool
) -> str:
    """Return in words where no line fits; `refused` says whether units were tried there."""
    way = "; draw a smaller zone or a larger margin, or close the street with --close"
    if not len(blocked.chords):
        return f"zone: it touches what stays open{way}"
    number = found.number[blocked.chords]
    place = found.chords.ends[number].mean(axis=1)
    nearest = int(np.argmin(shapely.distance(shapely.points(place), surface.zone)))
    where = f"at {_place(place[nearest])}"
    if barred := barred_in_words(found, number, surface):
        return f"line: {barred}; move the crowd, allow heavier products, or ask for less"
    if refused:
        return f"units: none fit {where}, furniture or walls leave no room{way}"
    street = shapely.dwithin(shapely.points(place[nearest]), kept_open(surface), 1.0)
    if street:
        return f"zone: a street that stays open leads into it {where}{way}"
    return (
        f"zone: no line fits between it and the edge of the data {where}, entry "
        f"{entry_near(surface, place[-1])}{way}"
    )


def entry_near(surface: DrivableSurface, point: Floats) -> str:
    """Return the nearest entry to a point and its street, in words."""
    if surface.entries.empty:
        return "unknown"
    near = int(
        np.argmin(shapely.distance(surface.entries.geometry.to_numpy(), shapely.Point(point)))
    )
    row = surface.entries.iloc[near]
    return f"{row['entry_id']} ({row['street']})"


def _place(point: Floats) -> str:
    return f"({point[0]:.0f}, {point[1]:.0f})"
