"""Site + footprints -> Case: one layout before the judge, ready for any question."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sbd.errors import CrsError
from sbd.model.site import Site
from sbd.verify.arena import Arena, build_arena
from sbd.verify.breach import Finding, find_ways, in_words, zone_asked
from sbd.verify.certificate import Owners
from sbd.verify.footprints import complete_footprints
from sbd.verify.narrows import Shapes

# What has to pass may be this much tighter than asked: a lane of exactly 3.5 m is 3.5 m wide.
ACCESS_SLACK_M = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One layout in its surroundings.

    Parameters
    ----------
    site : Site
        With what people, engines and crowds ask for.
    table : GeoDataFrame
        Footprints with `unit_id`, `line_id` and `openable`.
    owners : Owners
        Names for what stands on either side of a gap.
    """

    site: Site
    arena: Arena
    table: gpd.GeoDataFrame
    owners: Owners
    _grounds: dict[bytes, BaseGeometry] = field(default_factory=dict, repr=False)
    _zones: dict[float, Shapes] = field(default_factory=dict, repr=False)

    @property
    def shapes(self) -> Shapes:
        """The footprints."""
        return np.asarray(self.table.geometry.to_numpy())

    @property
    def openable(self) -> NDArray[np.bool_]:
        """Which of them can be opened."""
        return np.asarray(self.table["openable"].to_numpy(dtype=bool))

    def find(self, width_m: float, standing: NDArray[np.bool_] | None = None) -> Finding:
        """Return what gets in between the units that stand, all of them by default."""
        if width_m not in self._zones:
            self._zones[width_m] = zone_asked(self.arena, width_m)
        return self._ways(width_m, self._zones[width_m], standing)

    def find_places(
        self, width_m: float, places: Shapes, standing: NDArray[np.bool_] | None = None
    ) -> Finding:
        """Return which places are reached by what may be the access slack narrower."""
        return self._ways(width_m - ACCESS_SLACK_M, places, standing)

    def ground(self, standing: NDArray[np.bool_] | None = None) -> BaseGeometry:
        """Return the free ground around the units that stand, all of them by default."""
        key = b"" if standing is None or standing.all() else standing.tobytes()
        if key not in self._grounds:
            self._grounds[key] = self.arena.with_units(self.standing(standing))
        return self._grounds[key]

    def words(
        self, finding: Finding, standing: NDArray[np.bool_] | None = None, *, wanted: bool
    ) -> str:
        """Return a finding in words; `wanted` is whether the disc should get in."""
        found = self.standing(standing)
        return in_words(self.arena, found, finding, self.owners.name_of, wanted=wanted)

    def none(self) -> NDArray[np.bool_]:
        """Return the choice of no unit at all."""
        return np.zeros(len(self.table), dtype=bool)

    def standing(self, which: NDArray[np.bool_] | None = None) -> Shapes:
        """Return the footprints of the units that stand, all of them by default."""
        return self.shapes if which is None else self.shapes[which]

    def _ways(self, width_m: float, places: Shapes, standing: NDArray[np.bool_] | None) -> Finding:
        ground, near = self.ground(standing), self.standing(standing)
        return find_ways(ground, width_m, self.arena.sources, places, near=near)

    def units_near(self, shape: shapely.Geometry, distance_m: float) -> NDArray[np.intp]:
        """Return the rows of the units within a distance."""
        return np.flatnonzero(shapely.dwithin(self.shapes, shape, distance_m))


def build_case(site: Site, footprints: gpd.GeoDataFrame, *, widest_m: float) -> Case:
    """Return the case of a layout on a site, for discs up to `widest_m` across.

    Raises CrsError where footprints and site differ in their reference system.
    """
    table = complete_footprints(footprints)
    if table.crs != site.crs:
        raise CrsError(
            f"footprints: {table.crs.to_string()}; the site is in {site.crs.to_string()}; "
            "project them first"
        )
    arena = build_arena(site, widest_m=widest_m)
    return Case(site, arena, table, Owners.of(arena, table))
