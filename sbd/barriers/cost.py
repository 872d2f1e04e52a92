"""Products and speeds -> which product answers where, and what closing a chord costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sbd.barriers.demand import Floats, energies_kj
from sbd.catalogue.coverage import Evidence
from sbd.catalogue.evidence import EVIDENCE, evidence
from sbd.catalogue.product import Product, Role
from sbd.errors import CatalogueError
from sbd.model.request import PlanRequest
from sbd.model.words import LAYOUTS
from sbd.units import KMH_PER_MPS

# A product that answers by energy alone needs its maker's own proof for the vehicle at hand.
# A crash test costs tens of thousands; spread over an order of bollards that is about a quarter.
BY_ENERGY_SURCHARGE = 0.25
# Where nothing is strong enough a line is still better than none, and worse than every other.
SHORT_PRICE = 5e7
SHORT_PRICE_PER_M = 1e6
# Belgium asks 4 m, the widest rule of those read (France 3.0, UK gateways 3.1, Germany 3.5).
LANE_WIDTH_M = 4.0
# Rounding of positions to whole centimetres and of circles to polygons stays inside this.
GAP_MARGIN_M = 0.02
# Distances off a crowd closer to each other than this share one outline.
SAME_REACH_M = 0.5


class Strength(IntEnum):
    """How a product answers a need; the names are those of `words.STRENGTHS`."""

    TESTED = 0
    BY_ENERGY = 1
    SHORT = 2


@dataclass(frozen=True, slots=True)
class LaneBlock:
    """The units that close one openable lane, first and last at its edges.

    Parameters
    ----------
    width_m : float
        From outer edge to outer edge: what is clear when open.
    gap_m : float
        Between the units.
    """

    product: Product
    count: int
    gap_m: float
    width_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What a plan can be built of.

    Parameters
    ----------
    layout : str
        One of `words.PLAN_LAYOUTS`; a line of a mixed plan is built of one of its `parts`.
    line : tuple of Product
        For the length of a line.
    lanes : tuple of LaneBlock
        For openable crossings.
    gap_min_m, gap_max_m : float
        Clear gaps that all of them allow.
    prices : mapping of product_id to float
        What a unit counts for in the choice; a product that is not in it counts its middle cost.
    surcharge : float
        Share of its price that a unit counts more that answers by energy alone.
    """

    layout: str
    line: tuple[Product, ...]
    lanes: tuple[LaneBlock, ...]
    gap_min_m: float
    gap_max_m: float
    prices: Mapping[str, float] = field(default_factory=dict)
    surcharge: float = BY_ENERGY_SURCHARGE

    def price(self, product: Product) -> float:
        """Return what a unit of a product counts for in the choice."""
        return self.prices.get(product.product_id, product.cost_mid)

    @property
    def parts(self) -> tuple["Offer", ...]:
        """What one line can be built of: in a mixed plan of either layout, else of all of it."""
        if self.layout in LAYOUTS:
            return (self,)
        return tuple(part for layout in LAYOUTS if (part := self._only(layout)).line)

    def _only(self, layout: str) -> "Offer":
        return replace(
            self,
            layout=layout,
            line=tuple(p for p in self.line if layout in p.layouts),
            lanes=tuple(block for block in self.lanes if layout in block.product.layouts),
        )

    @property
    def design_gap_m(self) -> float:
        """The widest gap to a wall, and the one that costs are counted with."""
        return self.gap_max_m - GAP_MARGIN_M

    @property
    def drawn_gap_m(self) -> float:
        """The widest gap between two units; the whole limit only where the least gap asks it."""
        return max(self.design_gap_m, self.gap_min_m)

    @property
    def keep_off_m(self) -> tuple[float, ...]:
        """How far off a crowd lines of these products have to stand, the shortest first.

        From the middle of a unit; of distances within half a metre the longest stands for all.
        """
        far = sorted((p.run_out_m + 0.5 * p.depth_m for p in self.line), reverse=True)
        kept: list[float] = []
        for off_m in far:
            if not kept or kept[-1] - off_m > SAME_REACH_M:
                kept.append(off_m)
        return tuple(kept[::-1])


def offer_for(
    products: Sequence[Product],
    request: PlanRequest,
    *,
    prices: Mapping[str, float] | None = None,
) -> Offer:
    """Return what a plan can be built of: gaps and lanes as the request and its country ask.

    Every gap keeps the clear width that people need, up to the widest that keeps vehicles out.

    Parameters
    ----------
    prices : mapping of product_id to float
        What a unit of each counts for in the choice, over its life say; None: its middle cost.
    """
    access = request.access
    if access is None:
        return offer(
            products,
            layout=request.layout,
            gap_min_m=request.gap_min_m,
            gap_max_m=request.gap_max_m,
            prices=prices,
        )
    desired = {access.desire_width_m, access.cycle_width_m}
    return offer(
        products,
        layout=request.layout,
        gap_min_m=min(max(request.gap_min_m, access.clear_width_m), request.gap_max_m),
        gap_max_m=request.gap_max_m,
        lane_width_m=access.lane_width_m,
        passages_m=sorted({min(width, request.gap_max_m) for width in desired}),
        prices=prices,
    )


def offer(
    products: Sequence[Product],
    *,
    layout: str,
    gap_min_m: float,
    gap_max_m: float,
    lane_width_m: float = LANE_WIDTH_M,
    passages_m: Sequence[float] = (),
    prices: Mapping[str, float] | None = None,
) -> Offer:
    """Return what a plan can be built of; products without any test are left out.

    Parameters
    ----------
    layout : str
        "permanent", "temporary" or "mixed".
    lane_width_m : float
        What is clear at least when a lane stands open.
    passages_m : sequence of float
        Widths that desire lines ask: lanes with such gaps are offered beside the tightest ones.

    Raises
    ------
    CatalogueError
        No product is left, or the gap rules leave no gap.
    """
    wanted = {layout} if layout in LAYOUTS else set(LAYOUTS)
    tested = [p for p in products if wanted & p.layouts and p.is_rated]
    if not any(Role.LINE in p.roles for p in tested):
        raise CatalogueError(
            f"products: none for the layout {layout!r} with a tested class; "
            "add a row with the role line"
        )
    low = max(gap_min_m, *(p.gap_min_m for p in tested))
    high = min(gap_max_m, *(p.gap_max_m for p in tested))
    if low > high:
        raise CatalogueError(
            f"gap rule: at least {low:g} m and at most {high:g} m contradict each other; "
            "lower the minimum, or leave out the products that ask for more"
        )
    line = tuple(p for p in tested if Role.LINE in p.roles)
    blocks = (
        lane_block(p, gap_min_m=gap_m, gap_max_m=high, lane_width_m=lane_width_m)
        for p in tested
        for gap_m in sorted({low, *(width for width in passages_m if low < width <= high)})
        if Role.LANE in p.roles
    )
    distinct = {(b.product.product_id, b.count, b.gap_m): b for b in blocks if b is not None}
    return Offer(layout, line, tuple(distinct.values()), low, high, dict(prices or {}))


def lane_block(
    product: Product, *, gap_min_m: float, gap_max_m: float, lane_width_m: float = LANE_WIDTH_M
) -> LaneBlock | None:
    """Return the fewest units that span a lane; None where no number of them does.

    >>> from sbd.catalogue.products import load_products
    >>> bollard = next(p for p in load_products() if p.product_id == "retractable-n2-64")
    >>> block = lane_block(bollard, gap_min_m=0.9, gap_max_m=1.2)
    >>> block.count, round(block.gap_m, 3), round(block.width_m, 2)
    (4, 0.98, 4.02)
    """
    width_cm, lane_cm = product.width_cm, round(lane_width_m * 100)
    low, high = round(gap_min_m * 100), round(gap_max_m * 100)
    high = max(high - round(GAP_MARGIN_M * 100), low)
    for count in range(1, 2 + lane_cm // (width_cm + low)):
        gaps = count - 1
        gap_cm = 0 if gaps == 0 else max(low, -(-(lane_cm - count * width_cm) // gaps))
        span_cm = count * width_cm + gaps * gap_cm
        if gap_cm <= high and span_cm >= lane_cm:
            return LaneBlock(product, count, gap_cm / 100, span_cm / 100)
    return None


def strengths(
    products: Sequence[Product], names: Sequence[str], masses_kg: Floats, speed_mps: Floats
) -> NDArray[np.int8]:
    """Return how each product answers each need, as numbers of `Strength`.

    Tested: a published test proves that every vehicle that can come is stopped, be it a harder one
    whose run-out says nothing about this one. By energy: not that, but no vehicle has more energy
    than the one in the test. A vehicle that can't come (speed 0) asks nothing.

    Parameters
    ----------
    names, masses_kg : k names, (k,) array
        Class and mass of each vehicle.
    speed_mps : (n, k) array
        Speed of each of the vehicles at n places.

    Returns
    -------
    (n, p) array
    """
    energy = np.array([p.rated_energy_kj for p in products])
    proof = evidence(products, names, masses_kg, speed_mps * KMH_PER_MPS)
    most = energies_kj(masses_kg, speed_mps).max(axis=1, initial=0.0)
    enough = most[:, None] <= energy
    answer = np.full(enough.shape, Strength.SHORT, dtype=np.int8)
    answer[enough] = Strength.BY_ENERGY
    answer[proof < EVIDENCE.index(Evidence.NONE)] = Strength.TESTED
    return answer


def unit_prices(
    price: Floats, strength: NDArray[np.int8], *, surcharge: float = BY_ENERGY_SURCHARGE
) -> Floats:
    """Return what the optimiser pays for units of a price (p,), (n, p); inf where too weak."""
    priced = np.where(strength == Strength.BY_ENERGY, price * (1 + surcharge), price)
    return np.where(strength == Strength.SHORT, np.inf, priced)


def chord_prices(
    products: Sequence[Product],
    price: Floats,
    *,
    length_m: Floats,
    anchored_ends: NDArray[np.int64],
    gap_m: float,
    last_resort: NDArray[np.bool_],
) -> Floats:
    """Return the price of closing each chord with the cheapest product for it, inf where none may.

    Between two solids the units are whole; a piece with a floating end is part of a longer line
    and counts by its length.

    Parameters
    ----------
    price : (m, p) array
        Price of a unit; inf where it is too weak or must not stand.
    length_m, anchored_ends : (m,) array
        Length of each chord and how many of its ends stand on a solid.
    last_resort : (m,) array
        Where every product is too weak: the price is above every other.
    """
    width = np.array([p.width_m for p in products])
    fixed = np.array([p.line_fixed_cost for p in products])
    length = length_m[:, None]
    whole = np.maximum(np.ceil((length - gap_m) / (width + gap_m) - 1e-9), 0)
    units = np.where(anchored_ends[:, None] == 2, whole, length / (width + gap_m))
    strong = np.isfinite(price)
    total = np.where(strong, units * np.where(strong, price, 0.0), np.inf)
    total += fixed * anchored_ends[:, None] / 2
    cheapest = total.min(axis=1)
    return np.where(last_resort, SHORT_PRICE + SHORT_PRICE_PER_M * length_m, cheapest)


def gate_prices(
    offered: Offer,
    price: Floats,
    lane_price: Floats,
    *,
    length_m: Floats,
    anchored_ends: NDArray[np.int64],
) -> Floats:
    """Return the price of each chord with one openable lane in it; inf where none fits.

    Parameters
    ----------
    price : (m, p) array
        Price of a unit of each line product; inf where too weak.
    lane_price : (m, b) array
        Price of each lane block; inf where too weak.
    """
    gap, result = offered.design_gap_m, np.full(len(length_m), np.inf)
    width = np.array([p.width_m for p in offered.line])
    for number, block in enumerate(offered.lanes):
        # A floating end has a unit of its own and a gap to the lane; a solid end may have none.
        rest = length_m - block.width_m
        spare = rest - (2 - anchored_ends) * (offered.gap_min_m + 0.5 * width.min())
        units = np.maximum(np.ceil((rest[:, None] - 2 * gap) / (width + gap) - 1e-9), 0)
        strong = np.isfinite(price)
        filled = np.where(strong, units * np.where(strong, price, 0.0), np.inf).min(axis=1)
        total = filled + lane_price[:, number] + block.product.line_fixed_cost
        result = np.where(spare >= 0, np.minimum(result, total), result)
    return result
