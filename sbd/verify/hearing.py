"""Site + footprints + request -> Hearing: one layout before the judge, who asks nothing twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np

from sbd.catalogue.products import Product
from sbd.model.request import PlanRequest
from sbd.model.site import Site
from sbd.verify.breach import Finding
from sbd.verify.case import Case, build_case
from sbd.verify.engines import WayIn, ways_in
from sbd.verify.footprints import openable_lanes
from sbd.verify.narrows import Shapes
from sbd.verify.wishes import Wishes, wishes_of


@dataclass(frozen=True, eq=False)
class Hearing:
    """A layout with what is asked of it; what several questions need is found once.

    Parameters
    ----------
    case : Case
        The layout in its surroundings.
    wishes : Wishes
        What is asked.
    barriers : GeoDataFrame or None
        Lines with their strength.
    products : sequence of Product
        What `product_id` names.
    """

    case: Case
    wishes: Wishes
    barriers: gpd.GeoDataFrame | None
    products: Sequence[Product]

    @cached_property
    def shut(self) -> Finding:
        """What the threat's disc finds with everything shut."""
        return self.case.find(self.wishes.threat_width_m)

    @cached_property
    def ways_in(self) -> dict[str, WayIn]:
        """Each way in for a fire engine, asked alone."""
        return ways_in(self.case, self.shut, self.wishes)

    def refused_crossings(self) -> Shapes:
        """Return the units of lanes that no engine turns through; none where enough ways serve.

        All that can send a planner back for other crossings, long before the verdict is done.
        """
        wanted = self.wishes.openable
        if not wanted or sum(way.serves for way in self.ways_in.values()) >= wanted:
            return self.case.shapes[self.case.none()]
        refused = [lane for way in self.ways_in.values() for lane in way.refused]
        lanes = openable_lanes(self.case.table)
        units = [lanes[name] for name in refused]
        return self.case.shapes[np.logical_or.reduce([self.case.none(), *units])]


def open_hearing(
    site: Site,
    footprints: gpd.GeoDataFrame,
    *,
    request: PlanRequest | None = None,
    threat_width_m: float | None = None,
    wheelchair_width_m: float | None = None,
    engine_width_m: float | None = None,
    openable_wanted: int | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    products: Sequence[Product] = (),
) -> Hearing:
    """Return the hearing of a layout; arguments and errors are those of `judge_layout`."""
    asked = PlanRequest() if request is None else request
    if openable_wanted is not None:
        asked = replace(asked, openable=openable_wanted)
    wishes = wishes_of(
        asked,
        threat_width_m=threat_width_m,
        wheelchair_width_m=wheelchair_width_m,
        engine_width_m=engine_width_m,
    )
    widest_m = max([wishes.widest_m, *site.deliveries["width_m"]])
    return Hearing(build_case(site, footprints, widest_m=widest_m), wishes, barriers, products)
