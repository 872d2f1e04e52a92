"""Arena + footprints + width -> Finding: does a disc get in, asked twice, in two ways."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sbd.verify import erosion, narrows
from sbd.verify.arena import Arena
from sbd.verify.erosion import Reach
from sbd.verify.narrows import Floats, Rooms, Shapes

# Where a disc gets in, the opening it uses is looked for among gaps up to these widths, as
# multiples of the disc's. Wider ones take long and are seen without a judge.
WIDER = (1.5, 5.0)

Name = Callable[[Floats], str]


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What both methods say of one width.

    Parameters
    ----------
    width_m : float
        Diameter of the disc.
    by_rooms : (z,) bool array
        Pieces of the zone, or other places asked for, that method A lets the disc reach.
    by_erosion : (z,) array of Reach
        The same by method B.
    rooms : Rooms
        The ground, cut at its narrow places.
    zone : (z,) array of geometries
        The pieces of the zone, or the other places, as they were asked for.
    """

    width_m: float
    by_rooms: NDArray[np.bool_]
    by_erosion: NDArray[np.int8]
    rooms: Rooms
    zone: Shapes

    @property
    def agree(self) -> bool:
        """Whether both methods say the same of every piece."""
        return bool((self.by_erosion == np.where(self.by_rooms, Reach.OPEN, Reach.SHUT)).all())

    @property
    def surely(self) -> NDArray[np.bool_]:
        """Which pieces both methods let the disc reach."""
        return np.asarray(self.by_rooms & (self.by_erosion == Reach.OPEN))

    @property
    def passes(self) -> bool | None:
        """Whether any piece of the zone is reached; None where the methods disagree."""
        return bool(self.by_rooms.any()) if self.agree else None


def find_breach(arena: Arena, footprints: Shapes, width_m: float) -> Finding:
    """Return whether a disc of `width_m` gets from any source to the zone between the units.

    Raises nothing: an arena without sources gives a finding that nothing gets in, which the
    control of the judge catches.
    """
    zone = zone_asked(arena, width_m)
    return find_ways(arena.with_units(footprints), width_m, arena.sources, zone, near=footprints)


def find_ways(
    ground: BaseGeometry, width_m: float, sources: Shapes, places: Shapes, *, near: Shapes
) -> Finding:
    """Return which places a disc reaches from any source; `near` is where it may be tight."""
    rooms = narrows.cut_into_rooms(ground, width_m)
    return Finding(
        width_m=width_m,
        by_rooms=narrows.reached(rooms, sources, places),
        by_erosion=erosion.reached(ground, width_m, sources, places, near=near),
        rooms=rooms,
        zone=places,
    )


def widest_opening(
    arena: Arena, footprints: Shapes, finding: Finding
) -> tuple[float, Floats] | None:
    """Return the widest disc that gets in and the segment where it squeezes through.

    None where it is wider than any that was looked for, or where nothing gets in at all.
    """
    found = narrows.widest_way(finding.rooms, arena.sources, finding.zone, finding.width_m)
    if found is not None or finding.passes is False:
        return found
    ground = arena.with_units(footprints)
    for factor in WIDER:
        rooms = narrows.cut_into_rooms(ground, factor * finding.width_m)
        found = narrows.widest_way(rooms, arena.sources, finding.zone, finding.width_m)
        if found is not None:
            return found
    return None


def in_words(
    arena: Arena, footprints: Shapes, finding: Finding, name: Name, *, wanted: bool
) -> str:
    """Return what was found, with the place that decides; where all is well, briefly."""
    if finding.passes and wanted:
        return f"a way in to the zone {_somewhere(finding, finding.by_rooms)}"
    opening = widest_opening(arena, footprints, finding)
    where = "" if opening is None else f"{opening[0]:.3f} m, {name(opening[1])}"
    if finding.passes is None:
        odd = finding.by_erosion != np.where(finding.by_rooms, Reach.OPEN, Reach.SHUT)
        place = _somewhere(finding, odd)
        found = where or "not found"
        return f"the two methods disagree about the zone {place}; the opening in question: {found}"
    if finding.passes:
        narrowest = where or f"wider than {WIDER[-1] * finding.width_m:.0f} m"
        place = _somewhere(finding, finding.by_rooms)
        return f"a way in to the zone {place}; its narrowest place is {narrowest}"
    return f"shut; the widest way in is {where}" if where else "shut; no way in of any width"


def _somewhere(finding: Finding, which: NDArray[np.bool_]) -> str:
    piece = finding.zone[np.flatnonzero(which)[0]]
    return at(shapely.get_coordinates(shapely.point_on_surface(piece))[0])


def at(point: Floats) -> str:
    """Return a place in the coordinates of the site."""
    return f"at x {point[0]:.1f}, y {point[1]:.1f}"


def zone_asked(arena: Arena, width_m: float) -> Shapes:
    """Return the zone with pieces that hold no disc's middle grown by half a width: the safe side.

    A strip along a wall may be too narrow for the middle of a vehicle and still be run over.
    """
    rooms = arena.ground.buffer(-width_m / 2)
    shapely.prepare(rooms)
    narrow = ~shapely.intersects(rooms, arena.zone)
    if not narrow.any():
        return arena.zone
    zone = arena.zone.copy()
    zone[narrow] = shapely.intersection(shapely.buffer(zone[narrow], width_m / 2), arena.ground)
    return zone
