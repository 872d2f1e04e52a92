"""Straight pieces with what strikes them -> what closing each of them costs, place by place."""

from dataclasses import dataclass

import numpy as np

from sbd.barriers.cost import (
    Offer,
    Strength,
    chord_prices,
    gate_prices,
    strengths,
    unit_prices,
)
from sbd.barriers.demand import Floats
from sbd.barriers.siting import Bools, Shapes, Siting
from sbd.catalogue.product import Product
from sbd.optimise.network import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Straight pieces, each attacked from one side.

    Parameters
    ----------
    line : (m,) array of LineString
        Where they are.
    anchored_ends : (m,) array
        How many of their ends stand on a solid.
    speed_mps : (m, k) array
        Highest speed of each vehicle on each of them.
    names, masses_kg : k names, (k,) array
        Class and mass of each vehicle.
    """

    line: Shapes
    length_m: Floats
    anchored_ends: Ints
    speed_mps: Floats
    names: tuple[str, ...]
    masses_kg: Floats


def line_prices(offered: Offer, spans: Spans, siting: Siting) -> Floats:
    """Return the price of closing each piece with the cheapest product for it, (m,).

    Where every product is too weak it is one of last resort; inf where the ground or a crowd
    bars every product that is strong enough.
    """
    price, last_resort = _unit_prices(offered.line, spans, siting, gap_m=offered.design_gap_m)
    return chord_prices(
        offered.line,
        price,
        length_m=spans.length_m,
        anchored_ends=spans.anchored_ends,
        gap_m=offered.design_gap_m,
        last_resort=last_resort,
    )


def lane_prices(offered: Offer, spans: Spans, siting: Siting) -> Floats:
    """Return the price of each piece with one openable lane in it, (m,); inf where none fits."""
    if not offered.lanes:
        return np.full(len(spans.length_m), np.inf)
    gap_m = offered.design_gap_m
    count = np.array([float(block.count) for block in offered.lanes])
    products = tuple(block.product for block in offered.lanes)
    unit, _ = _unit_prices(offered.line, spans, siting, gap_m=gap_m)
    lane, _ = _unit_prices(products, spans, siting, gap_m=gap_m, count=count)
    return gate_prices(
        offered, unit, lane, length_m=spans.length_m, anchored_ends=spans.anchored_ends
    )


def barred_spans(offered: Offer, spans: Spans, siting: Siting) -> Bools:
    """Say on which pieces a product would be strong enough, and none of those may stand, (m,)."""
    strength = strengths(offered.line, spans.names, spans.masses_kg, spans.speed_mps)
    barred = siting.barred_lines(offered.line, spans.line, gap_m=offered.design_gap_m)
    strong = strength != Strength.SHORT
    return np.asarray(strong.any(axis=1) & ~(strong & ~barred).any(axis=1))


def _unit_prices(
    products: tuple[Product, ...],
    spans: Spans,
    siting: Siting,
    *,
    gap_m: float,
    count: Floats | int = 1,
) -> tuple[Floats, Bools]:
    """Return the price of a unit (or of `count` of them), inf where weak or barred, (m, p).

    Second, where all are too weak and the strongest may stand as a last resort, (m,).
    """
    strength = strengths(products, spans.names, spans.masses_kg, spans.speed_mps)
    barred = siting.barred_lines(products, spans.line, gap_m=gap_m)
    price = unit_prices(products, strength, count=count)
    price += siting.line_extras(spans.line)[:, None] * count
    strongest = max(range(len(products)), key=lambda p: products[p].rated_energy_kj)
    helpless = (strength == Strength.SHORT).all(axis=1)
    return np.where(barred, np.inf, price), helpless & ~barred[:, strongest]
