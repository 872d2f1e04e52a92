"""A closed layout -> the same with a second line at every crossing that opens: one is always shut.

The second line is a plan of its own: every unit of the first stands as a wall, those of one
crossing stand open, and the cheapest line with one crossing is asked for, at least a lorry's length
from the first. It may stand on either side: behind the crossing, or before it where the zone begins
right behind.
"""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon

from sbd.barriers.demand import Demand
from sbd.barriers.propose import propose_layout
from sbd.catalogue.product import Product
from sbd.errors import InfeasiblePlanError
from sbd.model.assessment import Assessment
from sbd.model.proposal import Layout
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.progress import Progress, ignore, part_of

STAGE = "second line"
# Between the two crossings: a delivery lorry of 12 m, the longest rigid one that Directive 96/53/EC
# lets on the roads, stands shut in; fire engines are shorter.
AIRLOCK_M = 12.0
# Openable units of one line closer than this belong to one crossing.
SAME_LANE_M = 1.5
# Round units get fewer corners, all on their outline: they stand no wider than they are.
CORNERS_M = 0.005


def with_second_lines(
    surface: DrivableSurface,
    demand: Assessment | Demand,
    request: PlanRequest,
    layout: Layout,
    *,
    products: Sequence[Product] | None = None,
    progress: Progress = ignore,
) -> Layout:
    """Return the layout with a second line at each openable crossing, in the order of its lines.

    The line that belongs to the crossing of L3 is called L3B (L3B2, ... where it has several
    parts). The cost of each is proven given all lines before it; together they may be dearer than
    the best set. A crossing that the second line of another one keeps shut already gets none.
    Vehicles are as fast as without any line: errs high. Of the request, gaps, access, products and
    the planner's hand count; exits, enclosed area and budget are not asked again.

    Raises
    ------
    InfeasiblePlanError
        No second line fits at a crossing; the message names it.
    """
    found = layout
    crossings = openable_crossings(layout.footprints)
    for number, (name, opened) in enumerate(crossings):
        share = part_of(progress, number / len(crossings), (number + 1) / len(crossings))
        progress(STAGE, number / len(crossings), f"the crossing of {name}")
        standing = found.footprints[~found.footprints["unit_id"].isin(opened["unit_id"])]
        around = _walled(surface, standing.geometry)
        wanted = _wish(request, opened)
        if number and _is_shut(around, demand, wanted, products):
            continue
        try:
            second = propose_layout(around, demand, wanted, products=products, progress=share)
        except InfeasiblePlanError as error:
            raise InfeasiblePlanError(
                f"second line at the crossing of {name}, {AIRLOCK_M:g} m off it: {error}; take "
                "this crossing out, or ask for no second line"
            ) from error
        found = _joined(found, second, f"{name.replace('/', '-')}B")
    progress(STAGE, 1.0, f"{len(found.barriers) - len(layout.barriers)} second lines")
    return found


def openable_crossings(footprints: gpd.GeoDataFrame) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Return the name and the units of each crossing, in the order of the table.

    The name is that of its line, with a number where the line has several.
    """
    found: list[tuple[str, gpd.GeoDataFrame]] = []
    for line_id, units in footprints[footprints["openable"]].groupby("line_id", sort=False):
        grown = shapely.buffer(units.geometry.to_numpy(), SAME_LANE_M / 2)
        lanes = shapely.get_parts(shapely.union_all(grown))
        group = [int(np.flatnonzero(shapely.contains(lanes, c))[0]) for c in units.centroid]
        order = list(dict.fromkeys(group))
        for number, lane in enumerate(order, start=1):
            name = str(line_id) if len(order) == 1 else f"{line_id}/{number}"
            found.append((name, units[np.array(group) == lane]))
    return found


def _walled(surface: DrivableSurface, units: gpd.GeoSeries) -> DrivableSurface:
    """Return a surface on which units stand as walls."""
    shapes = shapely.simplify(units.to_numpy(), CORNERS_M)
    rows = gpd.GeoDataFrame(
        {"solid_id": [f"unit {k}" for k in units.index], "kind": "other"},
        geometry=shapes,
        crs=surface.crs,
    )
    return replace(
        surface,
        ground=shapely.difference(surface.ground, shapely.union_all(shapes)),
        solids=gpd.GeoDataFrame(
            pd.concat([surface.solids, rows], ignore_index=True), crs=surface.crs
        ),
    )


def _wish(request: PlanRequest, opened: gpd.GeoDataFrame) -> PlanRequest:
    """Return what a second line must meet: one crossing, and no unit near the first."""
    near: Polygon | MultiPolygon = opened.union_all().buffer(AIRLOCK_M)
    forbidden = request.hand.forbidden
    # Pinned units are in the first layout, and stand as walls with the rest of it.
    hand = replace(
        request.hand,
        pinned=None,
        forbidden=near if forbidden is None else shapely.union(near, forbidden),
    )
    return PlanRequest(
        layout=request.layout,
        openable=1,
        gap_min_m=request.gap_min_m,
        gap_max_m=request.gap_max_m,
        access=request.access,
        hand=hand,
    )


def _is_shut(
    around: DrivableSurface,
    demand: Assessment | Demand,
    wanted: PlanRequest,
    products: Sequence[Product] | None,
) -> bool:
    try:
        asked = replace(wanted, openable=0)
        return bool(propose_layout(around, demand, asked, products=products).barriers.empty)
    except InfeasiblePlanError:
        return False


def _joined(first: Layout, second: Layout, name: str) -> Layout:
    """Return both layouts as one; the lines of the second get names after `name`."""
    old = second.barriers["line_id"].tolist()
    new = {one: name if n == 1 else f"{name}{n}" for n, one in enumerate(old, start=1)}
    units = {
        unit: f"{new[line]}{str(unit).removeprefix(str(line))}"
        for unit, line in zip(second.units["unit_id"], second.units["line_id"], strict=True)
    }

    def both(table: str) -> gpd.GeoDataFrame:
        one, other = getattr(first, table), getattr(second, table)
        if other is None or other.empty:
            return one
        named = other.assign(line_id=other["line_id"].map(new))
        if "unit_id" in named:
            named["unit_id"] = named["unit_id"].map(units)
        if one is None or one.empty:
            return named
        return gpd.GeoDataFrame(pd.concat([one, named], ignore_index=True), crs=one.crs)

    return replace(
        first,
        barriers=both("barriers"),
        units=both("units"),
        footprints=both("footprints"),
        run_out=both("run_out"),
        cost_bound=round(first.cost_bound + second.cost_bound, 2),
        cost_found=round(first.cost_found + second.cost_found, 2),
        access_shortfalls=(
            *first.access_shortfalls,
            *(replace(one, line_id=new[one.line_id]) for one in second.access_shortfalls),
        ),
        proven=first.proven and second.proven,
    )
