"""Candidates + a plan request -> what the optimiser must meet: doors, deliveries, exits, area."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from sbd.barriers.chords import ENGINE_WAY_M, Candidates
from sbd.barriers.cost import Offer
from sbd.barriers.demand import Floats
from sbd.barriers.fitting import FittedLine
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.optimise.network import NONE, Bools, Ints
from sbd.optimise.roads import served_today
from sbd.optimise.wishes import Ground, Service, Wish

# Two openable crossings in one street mouth are one way in: a parked lorry shuts both.
GATES_APART_M = 25.0
# A door farther than this from any drivable ground is not on this map.
DOOR_OFF_M = 30.0
GAP_ROUND_OFF_M = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a request asks of the optimiser, and what it can't ask, in words."""

    wish: Wish
    notes: tuple[str, ...] = ()


def asked_of(
    found: Candidates, surface: DrivableSurface, request: PlanRequest, offered: Offer
) -> Asked:
    """Return what a request asks of a selection.

    Doors (`surface.demands`) must have an openable crossing within `engine_distance_m`, deliveries
    one that a vehicle of their width gets in by; both may lie outside the lines instead. Those
    that no such vehicle gets to even today are not asked for, and named in the notes. Ways go from
    chord to chord, middle to middle, which errs high. Clear widths of chords are those of the
    narrowest product: upper figures, held against the units once they stand.
    """
    access = request.access
    ground = ground_of(found) if _needs_ground(surface, request) else None
    services = [] if ground is None else _services(found, surface, request)
    wish = Wish(
        gates=request.openable,
        apart_m=GATES_APART_M,
        ground=ground,
        services=tuple(services),
        exit_m=exit_widths_m(found, offered) if request.people and access else None,
        exit_need_m=exit_need_m(request),
        exits=round(access.exits_min) if request.people and access else 0,
        exit_width_m=access.exit_width_m if access else 0.0,
        enclosed_max_m2=np.inf if request.enclosed_max_m2 is None else request.enclosed_max_m2,
    )
    known = served_today(found.graph, wish)
    lost = [service.name for service, way in zip(services, known, strict=True) if not way]
    notes = (f"not asked, no way leads there today: {', '.join(lost)}",) if lost else ()
    return Asked(wish, notes)


def exit_need_m(request: PlanRequest) -> float:
    """Return how much clear width lets everybody out in time; 0 where nobody asked.

    >>> exit_need_m(PlanRequest())
    0.0
    """
    if request.access is None or not request.people:
        return 0.0
    return request.people / (request.access.exit_flow_per_m_min * request.exit_minutes)


def exit_widths_m(found: Candidates, offered: Offer) -> Floats:
    """Return the clear width that each chord of the graph can leave at most when it is closed."""
    length = found.chords.length_m[found.number]
    solid = found.chords.anchored[found.number].all(axis=1)
    gap, width = offered.design_gap_m, min(product.width_m for product in offered.line)
    whole = np.maximum(np.ceil((length - gap) / (width + gap) - 1e-9), 0)
    units = np.where(solid, whole, length / (width + gap))
    return np.asarray(np.maximum(length - units * width, 0.0))


def clear_width_m(lines: list[FittedLine], least_m: float) -> float:
    """Return the clear width of all gaps of `least_m` or more between the units of some lines."""
    total = 0.0
    for line in lines:
        gaps = line.gaps_m[:-1] if line.line.closed else line.gaps_m
        total += float(gaps[gaps >= least_m - GAP_ROUND_OFF_M].sum())
    return total


def _needs_ground(surface: DrivableSurface, request: PlanRequest) -> bool:
    doors = request.engine_distance_m is not None and _filled(surface.demands)
    goods = _filled(surface.deliveries) and request.openable > 0
    return doors or goods or request.enclosed_max_m2 is not None


def _filled(layer: gpd.GeoDataFrame | None) -> bool:
    return layer is not None and not layer.empty


def ground_of(found: Candidates) -> Ground:
    """Return every chord that lets something through, with the ground between them."""
    chords = found.chords
    passable = np.flatnonzero(~chords.natural)
    index = np.full(len(chords.edge), NONE, dtype=np.int64)
    index[passable] = np.arange(len(passable))
    corner = chords.mesh.vertices[chords.mesh.triangles]
    one, other = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    return Ground(
        tail=chords.tail[passable],
        head=chords.head[passable],
        middle_m=chords.ends[passable].mean(axis=1),
        number=index[found.number],
        area_m2=0.5 * np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]),
    )


def _services(found: Candidates, surface: DrivableSurface, request: PlanRequest) -> list[Service]:
    tree = shapely.STRtree(shapely.polygons(_corners(found)))
    wide: dict[float, Bools] = {}

    def room_for(width_m: float) -> Bools:
        if width_m not in wide:
            wide[width_m] = _wide(found, surface, width_m)
        return wide[width_m]

    services: list[Service] = []
    if request.engine_distance_m is not None and surface.demands is not None:
        for row in surface.demands.itertuples():
            node = _node(tree, row.geometry)
            if node == NONE:
                continue
            limit_m = request.engine_distance_m
            point = np.array(row.geometry.coords[0])
            name = f"door {row.demand_id}"
            services.append(Service(name, node, point, room_for(ENGINE_WAY_M), limit_m))
    if request.openable and surface.deliveries is not None:
        for row in surface.deliveries.itertuples():
            node = _node(tree, row.geometry)
            if node != NONE:
                point = np.array(row.geometry.coords[0])
                room = room_for(float(row.width_m))
                services.append(Service(f"delivery {row.delivery_id}", node, point, room))
    return services


def _corners(found: Candidates) -> Floats:
    mesh = found.chords.mesh
    return np.asarray(mesh.vertices[mesh.triangles])


def _node(tree: shapely.STRtree, point: shapely.Point) -> int:
    """Return the triangle nearest to a door, which stands in a facade; `NONE` where none is."""
    if not len(tree.geometries):
        return NONE
    near = int(tree.nearest(point))
    return near if shapely.distance(tree.geometries[near], point) <= DOOR_OFF_M else NONE


def _wide(found: Candidates, surface: DrivableSurface, width_m: float) -> Bools:
    """Say on which chords of the ground a vehicle of some width keeps off every solid."""
    chords = found.chords
    passable: Ints = np.flatnonzero(~chords.natural)
    room = shapely.buffer(surface.ground, -width_m / 2)
    shapely.prepare(room)
    return np.asarray(shapely.intersects(room, shapely.linestrings(chords.ends[passable])))
