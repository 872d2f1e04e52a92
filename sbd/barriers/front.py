"""One place -> what more protection and more access cost: plans of which none is better in all.

Each point is proven for its own wishes, by the cut or by linear programmes on chords; units come
when a point is opened as a proposal. The mesh and the speeds are made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sbd.barriers.chords import find_chords
from sbd.barriers.cost import offer_for
from sbd.barriers.demand import Demand, FieldDemand, Floats, Strikes, energies_kj
from sbd.barriers.front_level import Found, Level
from sbd.barriers.pins import with_hand
from sbd.barriers.prepared import Prepared, prepare
from sbd.barriers.selecting import costs_of
from sbd.catalogue.product import Product
from sbd.catalogue.products import load_products
from sbd.errors import InfeasiblePlanError
from sbd.model.assessment import Assessment
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.progress import Progress, ignore

STAGE = "front"
MOST_CROSSINGS = 3
# A level takes about so many plans; only the bar that shows progress needs to know.
PLANS_A_LEVEL = 20


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
        Ground that vehicles no longer reach, rounded up.
    engine_distance_m : float or None
        From the farthest door to a crossing, by ways that a fire engine drives inside; 0 where all
        doors stay outside, inf where one has no crossing, None where no door is known.
    request : PlanRequest
        With `vehicles`, what `propose_layout` takes to make this plan.
    """

    cost: float
    bound: float
    vehicles: tuple[str, ...]
    protection_kj: float
    crossings: int
    enclosed_m2: float
    engine_distance_m: float | None
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

    Protection grows vehicle by vehicle in the order of their energy; access by openable crossings,
    by less ground enclosed, and by a shorter way from the farthest door to a crossing. What the
    request asks beside those holds at every point; its chicanes and second lines come when a point
    is opened. Levels at which no product is strong enough, and wishes that can't be met, have no
    point.
    """
    asked = FieldDemand(demand) if isinstance(demand, Assessment) else demand
    memory = Remembered(asked)
    base = replace(request, openable=max(request.openable, MOST_CROSSINGS))
    catalogue = load_products() if products is None else products
    progress(STAGE, 0.0, "looking for chords")
    meshed, _ = with_hand(surface, request.hand, asked, catalogue)
    keep_off_m = offer_for(catalogue, base).keep_off_m
    chords = find_chords(meshed, gap_max_m=request.gap_max_m, keep_off_m=keep_off_m)
    points: list[FrontPoint] = []
    levels = _levels(memory, surface)
    for number, which in enumerate(levels):
        only = OnlyVehicles(memory, which)
        count = 0

        def told(words: str, done: int = number, names: str = ", ".join(only.names)) -> None:
            nonlocal count
            count += 1
            share = (done + min(count / PLANS_A_LEVEL, 1.0)) / len(levels)
            progress(STAGE, share, f"against {names}: {words}")

        prepared = prepare(surface, only, base, products=catalogue, chords=chords)
        level = Level(prepared, request)
        if level.is_closable:
            points += [_point(prepared, found) for found in level.found(told)]
    return tuple(_not_dominated(points))


def _point(prepared: Prepared, found: Found) -> FrontPoint:
    cost, bound = costs_of(prepared, found.selection)
    return FrontPoint(
        cost=round(cost + prepared.pinned_cost, 2),
        bound=round(bound + prepared.pinned_cost, 2),
        vehicles=prepared.demand.names,
        protection_kj=float(prepared.found.energy_kj.max(initial=0.0)),
        crossings=int(found.selection.openable.sum()),
        enclosed_m2=found.enclosed_m2,
        engine_distance_m=found.engine_distance_m,
        request=found.request,
    )


def best_under_budget(points: Sequence[FrontPoint], budget: float) -> FrontPoint:
    """Return the best protection that the money buys; of equal ones the best access, the cheapest.

    Raises InfeasiblePlanError where no point is within the budget.
    """
    within = [point for point in points if point.cost <= budget]
    if not points:
        raise InfeasiblePlanError(
            f"budget {budget:.0f}: there is no plan at any price; ask for less than the front did"
        )
    if not within:
        least = min(point.cost for point in points)
        raise InfeasiblePlanError(
            f"budget {budget:.0f}: too little for any plan; the cheapest costs {least:.0f}"
        )
    return max(within, key=lambda p: (p.protection_kj, *_access(p), -p.cost))


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


def _access(point: FrontPoint) -> tuple[float, float, float]:
    """Return what access a point keeps, more is better."""
    return point.crossings, -point.enclosed_m2, -(point.engine_distance_m or 0.0)


def _not_dominated(points: Sequence[FrontPoint]) -> list[FrontPoint]:
    """Return the points that no other is as good as in all; of equal ones the first."""
    merits = np.array([(-p.cost, len(p.vehicles), *_access(p)) for p in points]).reshape(-1, 5)
    kept = []
    for k, point in enumerate(points):
        as_good = (merits >= merits[k] - 1e-6).all(axis=1)
        better = as_good & ((merits > merits[k] + 1e-6).any(axis=1) | (np.arange(len(points)) < k))
        if not better.any():
            kept.append(point)
    return kept
