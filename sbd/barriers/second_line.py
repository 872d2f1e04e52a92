"""A closed layout -> the same with a second line at every crossing that opens: one is always shut.

The second line is a plan of its own: every unit of the first stands as a wall, those of one
crossing stand open, and the cheapest line with one crossing is asked for, at least a lorry's length
from the first. It may stand on either side: behind the crossing, or before it where the zone begins
right behind. Crossings that lie within that length of both the zone and a street that stays open
have room on neither side.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

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

Plan = TypeVar("Plan")

STAGE = "second line"
# Between the two crossings: a delivery lorry of 12 m, the longest rigid one that Directive 96/53/EC
# lets on the roads, stands shut in; fire engines are shorter.
AIRLOCK_M = 12.0
# Openable units of one line closer than this belong to one crossing.
SAME_LANE_M = 1.5
# Crossings without room for a second line are taken out, and the rest is chosen again so often.
MOST_TRIES = 5
# Round units get fewer corners, all on their outline: they stand no wider than they are.
CORNERS_M = 0.005


class NoSecondLineError(InfeasiblePlanError):
    """A crossing has no room for a second line; `ground` is where the next is not to be sought."""

    def __init__(self, message: str, ground: Polygon | MultiPolygon) -> None:
        self.ground = ground
        super().__init__(message)

    def __reduce__(self) -> tuple[type["NoSecondLineError"], tuple[object, ...]]:
        return (type(self), (str(self), self.ground))


def where_there_is_room(
    surface: DrivableSurface, request: PlanRequest, plan: Callable[[PlanRequest], Plan]
) -> Plan:
    """Return a plan whose crossings all have room for a second line; the cheapest of those tried.

    Crossings are chosen before their second lines, so together they may be dearer than the best.

    Parameters
    ----------
    plan : callable
        Makes a plan with its second lines; raises NoSecondLineError at a crossing without room.

    Raises
    ------
    InfeasiblePlanError
        As `plan` does where the request has no plan at all, or no crossing has room.
    """
    refused: NoSecondLineError | None = None
    tried = _without_crossing(request, _no_room(surface))
    for _ in range(MOST_TRIES):
        try:
            return plan(tried)
        except NoSecondLineError as error:
            refused = error
            tried = _without_crossing(tried, error.ground)
        except InfeasiblePlanError:
            break
    if refused is None:
        # Where not even this is a plan, what it lacks is no second line.
        return plan(request)
    raise refused


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
    NoSecondLineError
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
            raise NoSecondLineError(
                f"second line at the crossing of {name}: {_why(opened, surface, error)}; close "
                "the street there with --close, draw a smaller zone, or ask for no second line",
                _disc(opened),
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
    near = _disc(opened)
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


def _disc(opened: gpd.GeoDataFrame) -> Polygon | MultiPolygon:
    """Return the ground around a crossing on which a lorry stands, shut in."""
    return opened.union_all().buffer(AIRLOCK_M)


def _no_room(surface: DrivableSurface) -> Polygon | MultiPolygon:
    """Return the ground from which a lorry reaches both the zone and what stays open."""
    outside = [*surface.open_streets.geometry, *surface.entries.geometry]
    return _polygons(
        shapely.intersection(
            _within_reach(surface, surface.zone),
            _within_reach(surface, shapely.union_all(outside)),
        )
    )


def _within_reach(surface: DrivableSurface, shape: shapely.Geometry) -> shapely.Geometry:
    """Return the ground around a shape, without what lies across a wall."""
    around = shapely.get_parts(shapely.intersection(surface.ground, shape.buffer(AIRLOCK_M)))
    return shapely.union_all(around[shapely.intersects(around, shape)])


def _without_crossing(request: PlanRequest, ground: Polygon | MultiPolygon) -> PlanRequest:
    hand = request.hand
    if hand.no_crossing is not None:
        ground = _polygons(shapely.union(hand.no_crossing, ground))
    if ground.is_empty:
        return request
    return replace(request, hand=replace(hand, no_crossing=ground))


def _polygons(shape: shapely.Geometry) -> Polygon | MultiPolygon:
    """Return what of a shape has an area."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.area(parts) > 0])


def _why(opened: gpd.GeoDataFrame, surface: DrivableSurface, error: InfeasiblePlanError) -> str:
    """Return in words what leaves no room: the zone and an open street beside it, or the rest."""
    room = f"{AIRLOCK_M:g} m, for a lorry between the two"
    if _disc(opened).intersects(_no_room(surface)):
        return (
            f"the zone and what stays open are both within {room}, so it has room on neither side"
        )
    return f"{room}, off it {error}"


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
