"""Units of a line -> what no published test covers, product by product, in words."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from sbd.barriers.cost import Strength
from sbd.barriers.rows import Unit
from sbd.catalogue.coverage import Demand, Evidence, covers
from sbd.catalogue.evidence import EVIDENCE, evidence
from sbd.catalogue.product import HEAD_ON_DEG, Product
from sbd.units import KMH_PER_MPS


def proof_needed(units: Sequence[Unit]) -> str:
    """Return in words what no published test covers, product by product; empty if all is tested.

    What strikes, from where, on which foundation, in a row how long, and how far what is stopped
    comes.
    """
    products = {unit.product.product_id: unit.product for unit in units}
    missing = ((product, _missing(product, units)) for _, product in sorted(products.items()))
    return "; ".join(f"{p.product_id}: {', '.join(words)}" for p, words in missing if words)


def least_evidence(product: Product, units: Sequence[Unit]) -> Evidence:
    """Return how the test of a product speaks to the hardest of what strikes its units."""
    need = units[0].need
    speed_kmh = np.array([unit.need.speed_mps for unit in units]) * KMH_PER_MPS
    return EVIDENCE[int(evidence([product], need.names, need.masses_kg, speed_kmh).max())]


def _missing(product: Product, units: Sequence[Unit]) -> list[str]:
    own = [unit for unit in units if unit.product is product]
    impact = _of_impact(product, own)
    if not impact and least_evidence(product, own) is Evidence.HARDER:
        impact = ["only a harder impact was tested, so how far the vehicle comes is unknown"]
    return [*impact, *_of_system(product, units)]


def _of_impact(product: Product, units: Sequence[Unit]) -> list[str]:
    if all(unit.strength is Strength.TESTED for unit in units):
        return []
    need = units[0].need
    speed_kmh = np.max([unit.need.speed_mps for unit in units], axis=0) * KMH_PER_MPS
    each = [
        evidence([product], [need.names[k]], need.masses_kg[[k]], speed_kmh[None, [k]])[0, 0]
        for k in range(len(need.names))
    ]
    vehicles = ", ".join(
        f"{need.names[k]} {need.masses_kg[k]:.0f} kg at {np.ceil(speed_kmh[k]):.0f} km/h"
        for k, answer in enumerate(each)
        if EVIDENCE[answer] is Evidence.NONE
    )
    if any(unit.strength is Strength.SHORT for unit in units):
        return [f"stops {product.rated_energy_kj:.0f} kJ, too little for {vehicles}"]
    return [f"no published test with {vehicles}"]


def _of_system(product: Product, units: Sequence[Unit]) -> list[str]:
    """Return what is missing of angle, foundation and length of the row, as if the impact fitted.

    Of several stretches of the product on one line the shortest counts: it has least to hold it.
    """
    rating = product.tested
    if rating is None or rating.vehicle_class is None:
        return ["nothing says what it was tested with"]
    stretches = [
        list(group) for same, group in groupby(units, lambda u: u.product is product) if same
    ]
    demand = Demand(
        vehicle_class=rating.vehicle_class,
        mass_kg=rating.mass_kg or product.rated_mass_kg,
        speed_kmh=rating.speed_kmh or product.rated_speed_kmh,
        angle_deg=HEAD_ON_DEG,
        foundation=product.foundation,
        array_length_m=round(min(_length_m(stretch) for stretch in stretches), 2),
    )
    missing = covers(rating, demand, arrangement=product.arrangement).missing
    return [text[0].lower() + text[1:].rstrip(".") for text in missing]


def _length_m(stretch: Sequence[Unit]) -> float:
    """Return the length of a row from outer edge to outer edge."""
    middles = np.array([unit.centre for unit in stretch])
    way_m = float(np.hypot(*np.diff(middles, axis=0).T).sum())
    return way_m + stretch[0].product.width_m
