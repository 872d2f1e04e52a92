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
from sbd.barriers.siting import Along, Bools
from sbd.catalogue.product import Product
from sbd.model.words import LAYOUTS
from sbd.optimise.network import Ints

PERMANENT = LAYOUTS[0]


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Straight pieces, each attacked from one side.

    Parameters
    ----------
    along : Along
        What the ground and crowds say of them.
    anchored_ends : (m,) array
        How many of their ends stand on a solid.
    speed_mps : (m, k) array
        Highest speed of each vehicle on each of them.
    names, masses_kg : k names, (k,) array
        Class and mass of each vehicle.
    traffic : (m,) array
        Whether people drive there on ordinary days: in a mixed plan nothing permanent but an
        openable lane stands there.
    """

    along: Along
    length_m: Floats
    anchored_ends: Ints
    speed_mps: Floats
    names: tuple[str, ...]
    masses_kg: Floats
    traffic: Bools


def line_prices(offered: Offer, spans: Spans) -> Floats:
    """Return the price of closing each piece with the cheapest product for it, (m,).

    Where every product is too weak it is one of last resort; inf where the ground or a crowd
    bars every product that is strong enough. In a mixed plan the cheaper layout counts.
    """
    prices = [_line_prices(part, spans) for part in offered.parts]
    if offered.layout not in LAYOUTS:
        for part, price in zip(offered.parts, prices, strict=True):
            price[spans.traffic & (part.layout == PERMANENT)] = np.inf
    return np.asarray(np.min(prices, axis=0))


def _line_prices(offered: Offer, spans: Spans) -> Floats:
    price, last_resort = _unit_prices(offered, offered.line, spans)
    return chord_prices(
        offered.line,
        price,
        length_m=spans.length_m,
        anchored_ends=spans.anchored_ends,
        gap_m=offered.design_gap_m,
        last_resort=last_resort,
    )


def lane_prices(offered: Offer, spans: Spans) -> Floats:
    """Return the price of each piece with one openable lane in it, (m,); inf where none fits."""
    return np.asarray(np.min([_lane_prices(part, spans) for part in offered.parts], axis=0))


def _lane_prices(offered: Offer, spans: Spans) -> Floats:
    if not offered.lanes:
        return np.full(len(spans.length_m), np.inf)
    count = np.array([float(block.count) for block in offered.lanes])
    products = tuple(block.product for block in offered.lanes)
    unit, _ = _unit_prices(offered, offered.line, spans)
    lane, _ = _unit_prices(offered, products, spans, count=count)
    return gate_prices(
        offered, unit, lane, length_m=spans.length_m, anchored_ends=spans.anchored_ends
    )


def barred_spans(offered: Offer, spans: Spans) -> Bools:
    """Say on which pieces a product would be strong enough, and none of those may stand, (m,)."""
    strength = strengths(offered.line, spans.names, spans.masses_kg, spans.speed_mps)
    barred = spans.along.barred(offered.line, gap_m=offered.design_gap_m)
    strong = strength != Strength.SHORT
    return np.asarray(strong.any(axis=1) & ~(strong & ~barred).any(axis=1))


def _unit_prices(
    offered: Offer,
    products: tuple[Product, ...],
    spans: Spans,
    *,
    count: Floats | int = 1,
) -> tuple[Floats, Bools]:
    """Return the price of a unit (or of `count` of them), inf where weak or barred, (m, p).

    Second, where all are too weak and the strongest may stand as a last resort, (m,).
    """
    strength = strengths(products, spans.names, spans.masses_kg, spans.speed_mps)
    barred = spans.along.barred(products, gap_m=offered.design_gap_m)
    plain = np.array([offered.price(p) for p in products]) * count
    price = unit_prices(plain, strength, surcharge=offered.surcharge)
    price += spans.along.extra[:, None] * count
    strongest = max(range(len(products)), key=lambda p: products[p].rated_energy_kj)
    helpless = (strength == Strength.SHORT).all(axis=1)
    return np.where(barred, np.inf, price), helpless & ~barred[:, strongest]
