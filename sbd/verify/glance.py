"""Site + request, held ready -> what can be said of a layout in a moment, and what can't.

The judge takes seconds for a layout. Here half a width is taken off the ground once for each disc,
and a layout takes no more than its own surroundings off that: what is left of (ground less units)
less half a width is (ground less half a width) less (units grown by half a width). That is method B
of the judge, with its bracket: shut where too little was taken, open where too much was. What the
bracket leaves open, and every question that takes longer, is named as undecided, never as held.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sbd.catalogue.products import Product
from sbd.model.request import Hand, PlanRequest
from sbd.model.site import Site
from sbd.model.verdict import Check
from sbd.verify import erosion
from sbd.verify.arena import Arena, Shapes, build_arena
from sbd.verify.breach import zone_asked
from sbd.verify.case import ACCESS_SLACK_M, Case
from sbd.verify.certificate import Owners
from sbd.verify.erosion import Reach
from sbd.verify.footprints import complete_footprints, faults_of_standing, openable_lanes
from sbd.verify.ground_rules import hand_check, place_check
from sbd.verify.spots import ground_beside
from sbd.verify.wishes import Wishes, wishes_of

_SEGMENTS = erosion.COARSE

# What only the whole judge answers, in its order.
LEFT = (
    "sabotage",
    "foot",
    "cycle",
    "swept",
    "openable",
    "engine_distance",
    "deliveries",
    "second_line",
    "exits",
    "run_out",
    "strength",
)


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """What a moment tells of a layout.

    Parameters
    ----------
    checks : tuple of Check
        Answered ones; `passes` is None where the bracket does not decide.
    undecided : tuple of str
        Names of the checks that only the whole judge answers.
    """

    checks: tuple[Check, ...]
    undecided: tuple[str, ...]

    @property
    def fails(self) -> bool:
        """Whether a check surely fails, and with it the plan; no glance ever says that it holds."""
        return any(check.passes is not None and not check.holds for check in self.checks)


@dataclass(frozen=True, slots=True, eq=False)
class _Disc:
    """The ground of a disc: `wide` from which too little was taken, `tight` too much.

    `places` are what it has to reach or must not, `before` whether it surely does without units.
    """

    width_m: float
    wide: BaseGeometry
    tight: BaseGeometry
    places: Shapes
    before: NDArray[np.bool_]

    @classmethod
    def of(cls, arena: Arena, width_m: float, places: Shapes) -> "_Disc":
        wide = arena.ground.buffer(-width_m / 2 * erosion.HOLLOWS, quad_segs=_SEGMENTS)
        tight = arena.ground.buffer(-_outside(width_m), quad_segs=_SEGMENTS)
        before = erosion.meets(tight, arena.sources, places)
        return cls(width_m, wide, tight, places, before)

    def reached(self, arena: Arena, units: Shapes) -> NDArray[np.int8]:
        """Return a `Reach` for each place between the units."""
        inside = shapely.intersection(units, arena.study)
        # The polygon of a circle lies within it: too little is taken.
        little = shapely.union_all(shapely.buffer(inside, self.width_m / 2, quad_segs=_SEGMENTS))
        wide = erosion.meets(self.wide.difference(little), arena.sources, self.places)
        if not wide.any():
            return np.full(len(wide), Reach.SHUT, dtype=np.int8)
        # The units' skin is less than the bracket, but counts all the same.
        grown_m = _outside(self.width_m) + 1e-3
        much = shapely.union_all(shapely.buffer(inside, grown_m, quad_segs=_SEGMENTS))
        tight = erosion.meets(self.tight.difference(much), arena.sources, self.places)
        found = np.where(tight, Reach.OPEN, np.where(wide, Reach.UNDECIDED, Reach.SHUT))
        return found.astype(np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """A site before the judge, held ready for any number of layouts on it."""

    site: Site
    wishes: Wishes
    products: tuple[Product, ...]
    arena: Arena
    threat: _Disc
    wheelchair: _Disc
    engine: _Disc

    @classmethod
    def of(cls, site: Site, request: PlanRequest, products: Sequence[Product]) -> "Bench":
        """Return the bench of a site for the widths that a request asks for.

        Raises ZoneError where no part of the zone is free ground.
        """
        wishes = wishes_of(request)
        arena = build_arena(site, widest_m=wishes.widest_m)
        chair_m, engine_m = wishes.wheelchair_width_m, wishes.engine_width_m - ACCESS_SLACK_M
        doors = ground_beside(arena, site.demands.geometry.to_numpy(), chair_m)
        threat_m = wishes.threat_width_m
        return cls(
            site=site,
            wishes=wishes,
            products=tuple(products),
            arena=arena,
            threat=_Disc.of(arena, threat_m, zone_asked(arena, threat_m)),
            wheelchair=_Disc.of(
                arena, chair_m - ACCESS_SLACK_M, np.concatenate([zone_asked(arena, chair_m), doors])
            ),
            engine=_Disc.of(arena, engine_m, zone_asked(arena, engine_m)),
        )

    def glance(self, footprints: gpd.GeoDataFrame, hand: Hand | None = None) -> Glance:
        """Return what can be said at once of a layout.

        Parameters
        ----------
        footprints : GeoDataFrame
            As for `judge_layout`; none at all are fine.
        hand : Hand
            Pins and forbidden ground; those of the request by default.
        """
        table = complete_footprints(footprints)
        case = Case(self.site, self.arena, table, Owners.of(self.arena, table))
        placed, _ = place_check(case, self.products)
        checks = [
            self._threat(case.shapes),
            self._wheelchair(case.shapes),
            *self._engines(case),
            self._standing(case),
            placed,
            hand_check(case, self.wishes.hand if hand is None else hand),
        ]
        return Glance(tuple(check for check in checks if check is not None), LEFT)

    def _threat(self, units: Shapes) -> Check:
        found = self.threat.reached(self.arena, units)
        return Check(
            name="threat",
            question=(
                f"With everything shut, does anything {self.threat.width_m:g} m wide get in?"
            ),
            width_m=self.threat.width_m,
            passes=_any(found),
            wanted=False,
            note=_spot(self.threat.places, found) if (found != Reach.SHUT).any() else "shut",
        )

    def _wheelchair(self, units: Shapes) -> Check:
        disc = self.wheelchair
        found = disc.reached(self.arena, units)[disc.before]
        return Check(
            name="wheelchair",
            question=(
                f"Does a wheelchair ({self.wishes.wheelchair_width_m:g} m) get to every part of "
                "the zone and to every door that it reaches without any unit?"
            ),
            width_m=self.wishes.wheelchair_width_m,
            passes=_all(found),
            wanted=True,
            note=f"{int((found == Reach.OPEN).sum())} of {len(found)} places that it reaches now",
        )

    def _engines(self, case: Case) -> list[Check]:
        width_m = self.wishes.engine_width_m
        checks = []
        for lane, units in openable_lanes(case.table).items():
            found = self.engine.reached(self.arena, case.shapes[~units])
            checks.append(
                Check(
                    name=f"engine:{lane}",
                    question=f"With only {lane} open, does a fire engine ({width_m:g} m) get in?",
                    width_m=width_m,
                    passes=_any(found),
                    wanted=True,
                    note="by its width; whether it turns is still to be asked",
                )
            )
        serving = [check for check in checks if check.passes is not False]
        if len(serving) >= max(self.wishes.openable, 1):
            # One gate too many that serves bicycles or deliveries is no fault of the plan.
            return [replace(c, wanted=False) if c.passes is False else c for c in checks]
        return checks

    def _standing(self, case: Case) -> Check:
        faults = faults_of_standing(self.arena, case.table)
        return Check(
            name="standing",
            question="Does every unit stand on free ground, off open streets, clear of the others?",
            width_m=0.0,
            passes=not faults,
            wanted=True,
            note="; ".join(faults) or f"all {len(case.table)} units",
        )


def _any(found: NDArray[np.int8]) -> bool | None:
    if (found == Reach.OPEN).any():
        return True
    return None if (found == Reach.UNDECIDED).any() else False


def _all(found: NDArray[np.int8]) -> bool | None:
    if (found == Reach.SHUT).any():
        return False
    return None if (found == Reach.UNDECIDED).any() else True


def _spot(places: Shapes, found: NDArray[np.int8]) -> str:
    at = shapely.point_on_surface(places[np.flatnonzero(found != Reach.SHUT)[0]])
    return f"a way in to the zone at x {at.x:.1f}, y {at.y:.1f}"


def _outside(width_m: float) -> float:
    return erosion.outside(width_m / 2, _SEGMENTS)
