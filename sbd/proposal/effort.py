"""Proposal + catalogue -> what it takes to set it up: hours, lorries, store, lead time."""

from collections.abc import Iterable
from typing import Any

from sbd.catalogue.product import Product
from sbd.catalogue.products import load_products
from sbd.model.proposal import Proposal
from sbd.proposal.items import TRIPS_A_SET_UP
from sbd.proposal.stock import by_id, loads_of, stock_of


def effort(
    proposal: Proposal, *, products: Iterable[Product] | None = None
) -> dict[str, Any] | None:
    """Return what setting a layout up once takes; None where a product is not in the catalogue.

    Keys: `person_hours` and `lorry_trips` (to place and to take away again), `storage_m2`,
    `lead_time_weeks`. What is built in takes no hours and no lorries of the city's.
    """
    known = by_id(load_products() if products is None else products)
    if not set(proposal.units["product_id"]) <= set(known):
        return None
    stocks = stock_of(proposal.units, known)
    moved = [stock for stock in stocks if stock.layout == "temporary"]
    return {
        "person_hours": round(sum(s.units * s.product.crew_hours for s in moved), 2),
        "lorry_trips": TRIPS_A_SET_UP * loads_of(moved),
        "storage_m2": round(sum(s.units * s.product.storage_m2 for s in moved), 1),
        "lead_time_weeks": max((s.product.lead_time_weeks for s in stocks), default=0.0),
    }
