"""Candidates + a plan request -> what the optimiser must meet: doors, deliveries, exits, area."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from sbd.barriers.chords import ENGINE_WAY_M, Candidates
from sbd.barriers.cost import Offer
from sbd.barriers.demand import Floats
from sbd.barriers.exits import exit_count_of, exit_need_m, exit_widths_m
from sbd.barriers.passing import Desire
from sbd.barriers.ways import ways_of
from sbd.model.hours import overlap_min, window_min
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.optimise.network import NONE, Bools, Ints
from sbd.optimise.roads import outside_nodes, served_today
from sbd.optimise.wishes import Ground, Service, Wish

# Two openable crossings in one street mouth are one way in: a parked lorry shuts both.
GATES_APART_M = 25.0
# A door farther than this from any drivable ground is not on this map.
DOOR_OFF_M = 30.0
# Of what no crossing serves: its place has to stay outside the lines.
NO_CROSSING_M = -1.0

Place = tuple[int, Floats, Bools]  # node, position, chords with room


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a request asks of the optimiser, and what it can't ask, in words."""

    wish: Wish
    notes: tuple[str, ...] = ()


def asked_of(
    found: Candidates,
    surface: DrivableSurface,
    request: PlanRequest,
    offered: Offer,
    desires: Sequence[Desire] = (),
) -> Asked:
    """Return what a request asks of a selection.

    Doors (`surface.demands`) must have an openable crossing within `engine_distance_m`, deliveries
    one that a vehicle of their width gets in by; both may lie outside the lines instead, as what is
    delivered in hours in which no crossing opens has to. Those
    that no such vehicle gets to even today are not asked for, and named in the notes. Ways go from
    chord to chord, middle to middle, which errs high. Clear widths of chords are those of the
    narrowest product: upper figures, held against the units once they stand. Desire lines are
    asked for where a country says how wide; without one the judge tells what he finds.
    """
    access = request.access
    ground = ground_of(found) if _needs_ground(surface, request) else None
    wide_m = exit_widths_m(found, offered) if request.people and access else None
    services = [] if ground is None else _services(found, surface, request)
    wish = Wish(
        gates=request.openable,
        apart_m=GATES_APART_M,
        ground=ground,
        services=tuple(services),
        exit_m=wide_m,
        exit_need_m=exit_need_m(request),
        exit_count=None if wide_m is None or not access else exit_count_of(found, wide_m, access),
        exits=access.exits_min if request.people and access else 0.0,
        enclosed_max_m2=np.inf if request.enclosed_max_m2 is None else request.enclosed_max_m2,
        ways=ways_of(found, desires, offered) if access else (),
    )
    known = served_today(found.graph, wish)
    lost = [service.name for service, way in zip(services, known, strict=True) if not way]
    notes = (f"not asked, no way leads there today: {', '.join(lost)}",) if lost else ()
    return Asked(wish, notes)


def _needs_ground(surface: DrivableSurface, request: PlanRequest) -> bool:
    doors = request.engine_distance_m is not None and _filled(surface.demands)
    goods = _filled(surface.deliveries) and (request.openable > 0 or bool(request.shut_hours))
    return doors or goods or request.enclosed_max_m2 is not None


def _filled(layer: gpd.GeoDataFrame | None) -> bool:
    return layer is not None and not layer.empty


def ground_of(found: Candidates) -> Ground:
    """Return every chord that lets something through, with the ground between them.

    Ground that no vehicle reaches today has no area: no line encloses it.
    """
    chords = found.chords
    passable = np.flatnonzero(~chords.natural)
    index = np.full(len(chords.edge), NONE, dtype=np.int64)
    index[passable] = np.arange(len(passable))
    corner = chords.mesh.vertices[chords.mesh.triangles]
    one, other = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area_m2 = 0.5 * np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
    ground = Ground(
        tail=chords.tail[passable],
        head=chords.head[passable],
        middle_m=chords.ends[passable].mean(axis=1),
        number=index[found.number],
        area_m2=area_m2,
    )
    reached = outside_nodes(ground, chords.source, np.zeros(0, dtype=np.int64))
    return replace(ground, area_m2=np.where(reached, area_m2, 0.0))


def _services(found: Candidates, surface: DrivableSurface, request: PlanRequest) -> list[Service]:
    places = _Places.of(found, surface)
    services: list[Service] = []
    if request.engine_distance_m is not None and surface.demands is not None:
        for row in surface.demands.itertuples():
            if place := places.at(row.geometry, ENGINE_WAY_M):
                services.append(
                    Service(f"door {row.demand_id}", *place, limit_m=request.engine_distance_m)
                )
    if surface.deliveries is not None:
        for row in surface.deliveries.itertuples():
            if place := places.at(row.geometry, float(row.width_m)):
                services += _deliveries(row, place, request)
    return services


def _deliveries(row: Any, place: Place, request: PlanRequest) -> list[Service]:
    """Return what a delivery asks: a crossing, and in hours without one a way outside."""
    found = [Service(f"delivery {row.delivery_id}", *place)] if request.openable else []
    shut_h = hours_shut(row.opens, row.closes, request.shut_hours)
    if shut_h > 0:
        name = f"delivery {row.delivery_id}, from {row.opens} to {row.closes} with crossings shut"
        found.append(Service(name, *place, limit_m=NO_CROSSING_M, shut_h=shut_h))
    return found


def hours_shut(opens: str, closes: str, shut_hours: Sequence[tuple[str, str]]) -> float:
    """Return how long of a daily window no crossing opens.

    >>> hours_shut("08:00", "11:00", [("10:00", "18:00"), ("20:00", "23:00")])
    1.0
    """
    window = window_min(opens, closes)
    return sum(overlap_min(window, window_min(*hours)) for hours in shut_hours) / 60


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Where in the graph what is to be served lies, and which chords each width has room on."""

    found: Candidates
    room: shapely.Geometry
    tree: shapely.STRtree
    wide: dict[float, Bools]

    @classmethod
    def of(cls, found: Candidates, surface: DrivableSurface) -> "_Places":
        mesh = found.chords.mesh
        corners = mesh.vertices[mesh.triangles]
        return cls(found, surface.ground, shapely.STRtree(shapely.polygons(corners)), {})

    def at(self, point: shapely.Point, width_m: float) -> Place | None:
        """Return node, position and chords with room; None for what is not on this map.

        A door stands in a facade: the nearest triangle counts.
        """
        if not len(self.tree.geometries):
            return None
        near = int(self.tree.nearest(point))
        if shapely.distance(self.tree.geometries[near], point) > DOOR_OFF_M:
            return None
        if width_m not in self.wide:
            self.wide[width_m] = self._wide(width_m)
        return near, np.array(point.coords[0]), self.wide[width_m]

    def _wide(self, width_m: float) -> Bools:
        """Say on which chords of the ground a vehicle of some width keeps off every solid."""
        chords = self.found.chords
        passable: Ints = np.flatnonzero(~chords.natural)
        room = shapely.buffer(self.room, -width_m / 2)
        shapely.prepare(room)
        wide = np.asarray(shapely.intersects(room, shapely.linestrings(chords.ends[passable])))
        for number, lane in chords.lanes.items():
            wide[passable == number] = lane.clear_m >= width_m
        return wide
