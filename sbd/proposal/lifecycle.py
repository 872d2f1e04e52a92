"""Layout + calendar + rates -> what it costs over its years, item by item, in money of today.

All later money is discounted to the first day: a yearly cost is paid at the end of each year, a
replacement when its life ends. Nothing is credited for what is left of a product's life at the end
of the horizon, and taking a permanent line out again is not counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from sbd.catalogue.product import Product
from sbd.catalogue.products import load_products
from sbd.catalogue.rates import Rates, load_rates
from sbd.model.hours import window_min
from sbd.model.proposal import Layout, Proposal
from sbd.model.words import DEFAULT_YEARS
from sbd.proposal.calendar import Calendar
from sbd.proposal.items import (
    Use,
    owned_items,
    parts_of,
    rented_items,
    running_items,
    total,
)
from sbd.proposal.money import Money, middle
from sbd.proposal.stock import Stock, by_id, currency_of, require_products, stock_of

ITEMS = (
    *("item", "product_id", "amount", "amount_unit", "low", "high", "unit"),
    *("source", "standing", "note"),
)


@dataclass(frozen=True, slots=True, eq=False)
class LifeCycle:
    """What a layout costs over a horizon.

    Parameters
    ----------
    items : DataFrame
        A row an item: `item`, `product_id` (empty where it is of no product), `amount` and
        `amount_unit` (what is paid for, in the first year), `low`, `high` (present value), `unit`
        (the currency), `source`, `standing`, `note`.
    ways : mapping
        "buy" or "rent" for each temporary product: whichever costs less in the middle.
    """

    items: pd.DataFrame
    years: int
    discount_rate: float
    currency: str
    ways: Mapping[str, str]

    @property
    def low(self) -> float:
        """Total present value, low ends."""
        return float(self.items["low"].sum())

    @property
    def high(self) -> float:
        """Total present value, high ends."""
        return float(self.items["high"].sum())

    @property
    def largest(self) -> str:
        """The item that takes most of the total, all products together; empty where none costs."""
        middles = (self.items["low"] + self.items["high"]).groupby(self.items["item"]).sum()
        return str(middles.idxmax()) if len(middles) and middles.max() > 0 else ""

    def as_dict(self) -> dict[str, Any]:
        """Return it in plain types, for `Proposal.meta` and for JSON."""
        return {
            "years": self.years,
            "discount_rate": self.discount_rate,
            "currency": self.currency,
            "low": round(self.low, 2),
            "high": round(self.high, 2),
            "largest": self.largest,
            "ways": dict(self.ways),
            "items": [
                {
                    name: round(v, 2) if isinstance(v, float) else v
                    for name, v in zip(ITEMS, row, strict=True)
                }
                for row in self.items[list(ITEMS)].itertuples(index=False, name=None)
            ],
        }


def life_cycle(
    plan: Proposal | Layout | pd.DataFrame,
    calendar: Calendar,
    *,
    years: int = DEFAULT_YEARS,
    rates: Rates | None = None,
    products: Iterable[Product] | None = None,
) -> LifeCycle:
    """Return what a layout costs over its years.

    What is permanent is built once and stays; what is temporary is placed for each stretch of
    days of the calendar and taken away after it, and is bought or rented, whichever costs less by
    product. Somebody stands by each openable crossing during the events and, on their days, in the
    delivery windows of the site. On ordinary days somebody opens what is built in: an assumed
    range, from a few minutes a day up to all delivery windows (`items.opening_hours`).

    Parameters
    ----------
    plan : Proposal, Layout or DataFrame
        Its units (`tables.UNITS`; of a table only product_id, line_id, layout and openable).
    calendar : Calendar
        One year of events, the same every year.
    products : products, optional
        The catalogue that the plan was made with; the shipped one by default.

    Raises
    ------
    CatalogueError
        A product that the catalogue lacks, or two currencies.
    InputError
        A horizon of less than a year.
    """
    known = by_id(load_products() if products is None else products)
    units = plan if isinstance(plan, pd.DataFrame) else plan.units
    use = Use.of(calendar, delivery_windows(plan))
    return cost_of(parts_of(units, use), known, Money(rates or load_rates(), years))


def with_life_cycle(proposal: Proposal, cycle: LifeCycle) -> Proposal:
    """Return the proposal with its life-cycle cost in `meta`, for summary, comparison and file."""
    return replace(proposal, meta={**proposal.meta, "life_cycle": cycle.as_dict()})


def cost_of(
    parts: Sequence[tuple[pd.DataFrame, Use]], products: Mapping[str, Product], money: Money
) -> LifeCycle:
    """Return the cost of layouts that take turns over the year, each with its use.

    Permanent units belong to the first part that names them, so give each once. Temporary ones
    that are bought serve every part: as many are bought as the part that needs most, and rented
    are they day by day.
    """
    for units, _ in parts:
        require_products(units, products)
    used = [products[name] for units, _ in parts for name in units["product_id"].unique()]
    currency = currency_of(used, money.rates.currency)
    stocks = [(stock, use) for units, use in parts for stock in stock_of(units, products)]
    ways, items = _owned(stocks, money)
    items += running_items(parts, products, money)
    table = pd.DataFrame([{**item, "unit": currency} for item in items], columns=list(ITEMS))
    return LifeCycle(table, money.years, money.rates.discount_rate, currency, ways)


def delivery_windows(plan: object) -> list[tuple[int, int]]:
    """Return the delivery windows of a proposal's site in minutes; none of anything else."""
    if not isinstance(plan, Proposal):
        return []
    table = plan.site.deliveries
    return [window_min(*row) for row in table[["opens", "closes"]].itertuples(index=False)]


def _owned(
    stocks: Sequence[tuple[Stock, Use]], money: Money
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return how each temporary product is had, and what having all products costs."""
    ways: dict[str, str] = {}
    items: list[dict[str, Any]] = []
    permanent = [stock for stock, _ in stocks if stock.layout == "permanent"]
    for stock in permanent:
        items += owned_items(stock, money, stored=False)
    temporary: dict[str, list[tuple[Stock, Use]]] = {}
    for stock, use in stocks:
        if stock.layout == "temporary":
            temporary.setdefault(stock.product.product_id, []).append((stock, use))
    for product_id, turns in temporary.items():
        ways[product_id], chosen = _bought_or_rented(turns, money)
        items += chosen
    return ways, items


def _bought_or_rented(
    turns: Sequence[tuple[Stock, Use]], money: Money
) -> tuple[str, list[dict[str, Any]]]:
    """Return the cheaper way and its items; the first one says what the other would cost."""
    most = max((stock for stock, _ in turns), key=lambda stock: stock.units)
    bought = owned_items(most, money, stored=True)
    if not most.product.rentable:
        return "buy", bought
    unit_days = sum(stock.units * use.days for stock, use in turns)
    rented = rented_items(Stock(most.product, most.layout, 1), unit_days, money)
    if middle(total(bought)) <= middle(total(rented)):
        chosen, other, way, else_ = bought, rented, "buy", "renting"
    else:
        chosen, other, way, else_ = rented, bought, "rent", "buying"
    low, high = total(other)
    return way, [{**chosen[0], "note": f"{else_} would cost {low:.0f} to {high:.0f}"}, *chosen[1:]]
