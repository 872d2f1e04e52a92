"""Attacks -> whether what stands there was tested for them, and what is still to be proven."""

from collections.abc import Sequence

import geopandas as gpd

from sbd.catalogue.coverage import covers
from sbd.catalogue.products import Product
from sbd.model.verdict import Check
from sbd.verify.attacks import Attack, attacks_on, attacks_on_units

# Energies in the tables are rounded to a tenth.
ROUNDING_KJ = 0.1
NAMED = 5


def strength_check(
    barriers: gpd.GeoDataFrame | None,
    footprints: gpd.GeoDataFrame,
    products: Sequence[Product] = (),
) -> tuple[Check | None, list[str]]:
    """Return whether every line is strong enough, and what is still to be proven.

    The column `strength` is not taken at its word: a line called "tested" whose test was lighter or
    slower than what strikes it fails, and so does any line whose test had less energy. What a test
    does not show beside (`sbd.catalogue.coverage`) is a condition. Without lines the units are
    asked, as far as they tell; None where none does.

    Raises LayerError where `barriers` break their contract (`tables.BARRIERS`).
    """
    if barriers is None:
        attacks, conditions = attacks_on_units(footprints, products)
    else:
        attacks, conditions = attacks_on(barriers, footprints, products), []
    if barriers is None and not attacks:
        return None, conditions
    faults: dict[tuple[str, str], tuple[float, str]] = {}
    open_questions: dict[tuple[str, str], tuple[float, str]] = {}
    for attack in attacks:
        fault, question = _answer(attack)
        key = (attack.line_id, attack.product_id)
        for text, kept in ((fault, faults), (question, open_questions)):
            # Of each product on a line the hardest blow is told.
            if text and attack.energy_kj > kept.get(key, (-1.0, ""))[0]:
                kept[key] = (attack.energy_kj, text)
    conditions += [text for key, (_, text) in open_questions.items() if key not in faults]
    said = [text for _, text in faults.values()]
    more = f"; and {len(said) - NAMED} more" if len(said) > NAMED else ""
    lines = len({attack.line_id for attack in attacks})
    return (
        Check(
            name="strength",
            question="Is every line at least as strong as what strikes it?",
            width_m=0.0,
            passes=not faults,
            wanted=True,
            note="; ".join(said[:NAMED]) + more or f"all {lines} lines",
        ),
        conditions,
    )


def _answer(attack: Attack) -> tuple[str, str]:
    """Return the fault, or else the open question, in words; both empty where all is proven."""
    demand, rated_kj = attack.demand, _energy_kj(attack)
    struck = (
        f"{attack.place}: {attack.energy_kj:.0f} kJ arrive ({demand.vehicle_class} "
        f"{demand.mass_kg:.0f} kg at {demand.speed_kmh:.0f} km/h)"
    )
    tested = f"{attack.product_id} was tested to {rated_kj:.0f} kJ"
    if attack.claimed == "short" or rated_kj < attack.energy_kj - ROUNDING_KJ:
        return f"{struck}, {tested}", ""
    found = covers(attack.rating, demand, arrangement=attack.arrangement)
    if found.covered:
        return "", ""
    if attack.claimed == "tested" and _lighter_or_slower(attack):
        return f"{struck}, {tested}, but not with such a mass and speed", ""
    return "", f"{struck}; {tested}: ask the maker for a test. {' '.join(found.missing)}"


def _lighter_or_slower(attack: Attack) -> bool:
    rating, demand = attack.rating, attack.demand
    return (
        rating is None
        or (rating.mass_kg or 0.0) < demand.mass_kg
        or (rating.speed_kmh or 0.0) < demand.speed_kmh
    )


def _energy_kj(attack: Attack) -> float:
    return 0.0 if attack.rating is None else attack.rating.energy_kj or 0.0
