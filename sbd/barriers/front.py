"""One place -> what more protection and more access cost: plans of which none is better in all.

Each point is proven for its own wishes, by the cut or the MIP on chords; units come when a point
is opened as a proposal. The mesh and the speeds are made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sbd.barriers.chords import find_chords
from sbd.barriers.cost import SHORT_PRICE, offer_for
from sbd.barriers.covers import asked_of, ground_of
from sbd.barriers.demand import Demand, FieldDemand, Floats, Strikes, energies_kj
from sbd.barriers.pins import with_hand
from sbd.barriers.prepared import Prepared, prepare
from sbd.barriers.selecting import costs_of
from sbd.catalogue.product import Product
from sbd.catalogue.products import load_products
from sbd.errors import InfeasiblePlanError
from sbd.model.assessment import Assessment
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.optimise.choice import cheapest_selection
from sbd.optimise.cut import Selection
from sbd.optimise.roads import outside_nodes
from sbd.optimise.wishes import Wish
from sbd.progress import Progress, ignore

STAGE = "front"
MOST_CROSSINGS = 3
AREA_STEPS = 4  # of the limit on what is enclosed, from the loosest useful one down
AREA_SHARE = 0.8  # of a step to the one before
TIME_LIMIT_S = 5.0  # of a point


@dataclass(frozen=True, slots=True)
class FrontPoint:
    """A plan that no other is better than in cost, protection and access.

    Parameters
    ----------
    cost, bound : float
        Chord cost and what no plan of these wishes is below.
    vehicles : tuple of str
        Design vehicles that are stopped, the weakest first.
    protection_kj : float
        Highest energy that the strongest of them has anywhere a vehicle can be stopped.
    crossings : int
        Openable crossings.
    enclosed_m2 : float
        Ground that vehicles no longer reach.
    request : PlanRequest
        With `vehicles`, what `propose_layout` takes to make this plan.
    """

    cost: float
    bound: float
    vehicles: tuple[str, ...]
    protection_kj: float
    crossings: int
    enclosed_m2: float
    request: PlanRequest

    @property
    def proven(self) -> bool:
        """Whether nothing cheaper can be."""
        return self.cost - self.bound <= max(0.01, 1e-6 * self.cost)

    @property
    def gap_share(self) -> float:
        """How far the cost may be above the least, as a share of it."""
        return 0.0 if self.cost <= 0 else 1.0 - self.bound / self.cost


@dataclass(frozen=True, slots=True, eq=False)
class OnlyVehicles:
    """The demand of some vehicles of another demand; what was asked once is remembered there."""

    every: "Remembered"
    which: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Class of each vehicle."""
        return tuple(self.every.names[k] for k in self.which)

    @property
    def masses_kg(self) -> Floats:
        """Mass of each vehicle, (k,)."""
        return self.every.masses_kg[list(self.which)]

    def __call__(self, points_m: Floats, normals: Floats) -> Strikes:
        """Return the strikes of those vehicles."""
        strikes = self.every(points_m, normals)
        columns = list(self.which)
        return Strikes(strikes.speed_mps[:, columns], strikes.angle_deg[:, columns])


class Remembered:
    """A demand that answers the same question from memory."""

    def __init__(self, demand: Demand) -> None:
        self._demand = demand
        self._known: dict[tuple[bytes, bytes], Strikes] = {}
        self.names = demand.names
        self.masses_kg = demand.masses_kg

    def __call__(self, points_m: Floats, normals: Floats) -> Strikes:
        """Return the strikes of all vehicles."""
        key = (points_m.tobytes(), normals.tobytes())
        if key not in self._known:
            self._known[key] = self._demand(points_m, normals)
        return self._known[key]


def cost_front(
    surface: DrivableSurface,
    demand: Assessment | Demand,
    request: PlanRequest,
    *,
    products: Sequence[Product] | None = None,
    progress: Progress = ignore,
) -> tuple[FrontPoint, ...]:
    """Return the points of the front, by protection and then by access.

    Protection grows vehicle by vehicle in the order of their energy; access by openable crossings
    and by less ground enclosed. What the request asks beside those holds at every point. Levels at
    which no product is strong enough, and wishes that can't be met, have no point.
    """
    asked = FieldDemand(demand) if isinstance(demand, Assessment) else demand
    memory = Remembered(asked)
    base = replace(request, openable=max(request.openable, MOST_CROSSINGS))
    catalogue = load_products() if products is None else products
    meshed, _ = with_hand(surface, request.hand, asked, catalogue)
    keep_off_m = offer_for(catalogue, base).keep_off_m
    chords = find_chords(meshed, gap_max_m=request.gap_max_m, keep_off_m=keep_off_m)
    found: list[FrontPoint] = []
    levels = _levels(memory, surface)
    for number, which in enumerate(levels):
        only = OnlyVehicles(memory, which)
        prepared = prepare(surface, only, base, products=catalogue, chords=chords)
        progress(STAGE, number / len(levels), f"against {', '.join(only.names)}")
        found += _level(prepared, only, request)
    return tuple(_not_dominated(found))


def best_under_budget(points: Sequence[FrontPoint], budget: float) -> FrontPoint:
    """Return the best protection that the money buys; of equal ones the best access, the cheapest.

    Raises InfeasiblePlanError where no point is within the budget.
    """
    within = [point for point in points if point.cost <= budget]
    if not within:
        least = min((point.cost for point in points), default=float("nan"))
        raise InfeasiblePlanError(
            f"budget {budget:.0f}: too little for any plan; the cheapest costs {least:.0f}"
        )
    return max(within, key=lambda p: (p.protection_kj, p.crossings, -p.enclosed_m2, -p.cost))


def _levels(demand: Remembered, surface: DrivableSurface) -> list[tuple[int, ...]]:
    """Return growing sets of vehicles, the weakest first, by their energy at the zone's outline."""
    order = np.argsort(_energies(demand, surface), kind="stable").tolist()
    return [tuple(sorted(order[: k + 1])) for k in range(len(order))]


def _energies(demand: Remembered, surface: DrivableSurface) -> Floats:
    outline = surface.zone.boundary
    points = np.array(
        [outline.interpolate(m).coords[0] for m in np.arange(0.0, outline.length, 2.0)]
    )
    turn = 2 * np.pi * np.arange(8) / 8
    headings = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    speed = demand(np.repeat(points, 8, axis=0), np.tile(headings, (len(points), 1))).speed_mps
    return np.asarray(energies_kj(demand.masses_kg, speed.max(axis=0)))


def _level(prepared: Prepared, only: OnlyVehicles, request: PlanRequest) -> list[FrontPoint]:
    """Return the points of one level: crossings up, then the enclosed ground down."""
    energy_kj = float(prepared.found.energy_kj.max(initial=0.0))
    points: list[FrontPoint] = []
    for crossings in range(request.openable, prepared.request.openable + 1):
        limit_m2 = request.enclosed_max_m2
        for _ in range(AREA_STEPS):
            asked = replace(request, openable=crossings, enclosed_max_m2=limit_m2)
            wish = _wish(prepared, asked)
            found = cheapest_selection(
                prepared.graph, wish, chains=prepared.chains, time_limit_s=TIME_LIMIT_S
            )
            if not isinstance(found, Selection) or _too_weak(prepared, found):
                break
            area_m2 = _enclosed_m2(prepared, found)
            cost, bound = costs_of(prepared, found)
            points.append(
                FrontPoint(
                    cost + prepared.pinned_cost,
                    bound + prepared.pinned_cost,
                    only.names,
                    energy_kj,
                    crossings,
                    area_m2,
                    asked,
                )
            )
            limit_m2 = area_m2 * AREA_SHARE
    return points


def _wish(prepared: Prepared, request: PlanRequest) -> Wish:
    return asked_of(prepared.found, prepared.surface, request, prepared.offered).wish


def _too_weak(prepared: Prepared, found: Selection) -> bool:
    """Whether a line is only a last resort: it stops none of what it is for."""
    number = prepared.found.number[found.chords]
    price = prepared.found.price[np.where(found.forth, 0, 1), number]
    return bool(((price >= SHORT_PRICE) & ~found.openable).any())


def _enclosed_m2(prepared: Prepared, found: Selection) -> float:
    ground = ground_of(prepared.found)
    source = prepared.graph.source
    open_today = outside_nodes(ground, source, np.zeros(0, dtype=np.int64))
    outside = outside_nodes(ground, source, ground.number[found.chords])
    return round(float(ground.area_m2[open_today & ~outside].sum()), 1)


def _not_dominated(points: Sequence[FrontPoint]) -> list[FrontPoint]:
    """Return the points that no other is as good as in all; of equal ones the first."""
    merits = np.array(
        [(-p.cost, len(p.vehicles), p.crossings, -p.enclosed_m2) for p in points]
    ).reshape(-1, 4)
    kept = []
    for k, point in enumerate(points):
        as_good = (merits >= merits[k] - 1e-6).all(axis=1)
        better = as_good & ((merits > merits[k] + 1e-6).any(axis=1) | (np.arange(len(points)) < k))
        if not better.any():
            kept.append(point)
    return kept
