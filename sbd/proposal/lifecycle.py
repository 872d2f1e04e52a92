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
from sbd.errors import InputError
from sbd.model.proposal import Layout, Proposal
from sbd.model.tables import STANDINGS
from sbd.proposal.calendar import Calendar, window_min
from sbd.proposal.stock import (
    Stock,
    by_id,
    crossings,
    currency_of,
    fixed_costs,
    loads_of,
    require_products,
    staff_at,
    stock_of,
)

DEFAULT_YEARS = 15
LONGEST_YEARS = 100
# To the place and back to the store, each a trip there and back of a lorry.
TRIPS_A_SET_UP = 2
ITEMS = (
    *("item", "product_id", "amount", "amount_unit", "low", "high", "unit"),
    *("source", "standing", "note"),
)

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Use:
    """How a layout is used in one year, the same every year.

    Parameters
    ----------
    days : float
        On which what is temporary stands.
    set_ups : float
        How often it is placed and taken away.
    staffed_hours : float
        In which somebody stands by each openable crossing.
    """

    days: float
    set_ups: float
    staffed_hours: float

    @classmethod
    def of(cls, calendar: Calendar, windows_min: Sequence[tuple[int, int]] = ()) -> "Use":
        """Return the use of a layout that stands for the events of a calendar."""
        return cls(calendar.days, calendar.set_ups, calendar.busy_hours(windows_min))


@dataclass(frozen=True, slots=True)
class Money:
    """Rates over a horizon.

    Parameters
    ----------
    years : int
        Over which costs are added up.
    """

    rates: Rates
    years: int

    def __post_init__(self) -> None:
        if not 1 <= self.years <= LONGEST_YEARS or self.years != int(self.years):
            raise InputError(f"horizon of {self.years} years; give 1 to {LONGEST_YEARS} whole ones")

    @property
    def yearly(self) -> float:
        """What 1 a year, paid at the end of each, is worth on the first day."""
        return annuity(self.rates.discount_rate, self.years)

    def replacements(self, life_years: float) -> float:
        """Return what buying anew for 1 whenever a life ends within the horizon is worth."""
        return replacements(self.rates.discount_rate, self.years, life_years)

    def rate(self, name: str) -> Range:
        """Return the range of a rate."""
        return getattr(self.rates, f"{name}_low"), getattr(self.rates, f"{name}_high")


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
    delivery windows of the site; on ordinary days nobody does, drivers let themselves in (errs low
    where a permanent gate is staffed every day).

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
    return cost_of([(units, use)], known, Money(rates or load_rates(), years))


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


def annuity(discount_rate: float, years: float) -> float:
    """Return what 1 at the end of each of so many years is worth today.

    >>> annuity(0.0, 15), round(annuity(0.03, 15), 4)
    (15.0, 11.9379)
    """
    if discount_rate == 0:
        return float(years)
    return float((1 - (1 + discount_rate) ** -years) / discount_rate)


def replacements(discount_rate: float, years: float, life_years: float) -> float:
    """Return what 1 at the end of each life within so many years is worth today.

    What would end on the last day is not bought again.

    >>> replacements(0.0, 15, 5), replacements(0.0, 15, 15), round(replacements(0.03, 15, 12), 4)
    (2.0, 0.0, 0.7014)
    """
    count = int((years - 1e-9) // life_years)
    return float(sum((1 + discount_rate) ** (-life_years * n) for n in range(1, count + 1)))


def delivery_windows(plan: object) -> list[tuple[int, int]]:
    """Return the delivery windows of a proposal's site in minutes; none of anything else."""
    if not isinstance(plan, Proposal):
        return []
    table = plan.site.deliveries
    return [window_min(*row) for row in table[["opens", "closes"]].itertuples(index=False)]


def owned_items(stock: Stock, money: Money, *, stored: bool) -> list[dict[str, Any]]:
    """Return what units cost that the city owns: bought, kept up, bought anew, stored."""
    product, units = stock.product, stock.units
    price = (product.cost_low * units, product.cost_high * units)
    facts = {"product_id": product.product_id, "source": product.cost_source}
    cost = {**facts, "amount": units, "amount_unit": "units", "standing": product.cost_standing}
    life = {
        "product_id": product.product_id,
        "source": product.life_source,
        "standing": _weaker(product.life_standing, product.cost_standing),
    }
    name = "purchase" if stored else "purchase and installation"
    again = money.replacements(product.life_years)
    items = [{"item": name, **cost, **_span(price, 1.0), "note": ""}]
    if again > 0:
        every = f"every {product.life_years:g} years"
        items.append({**cost, **life, "item": "replacement", **_span(price, again), "note": every})
    if product.maintenance_share > 0:
        share = product.maintenance_share
        items.append(
            {
                **life,
                "item": "maintenance",
                "amount": round(100 * share, 2),
                "amount_unit": "% of the price a year",
                **_span(price, share * money.yearly),
                "note": "",
            }
        )
    if stored and product.storage_m2 > 0:
        area_m2 = product.storage_m2 * units
        items.append(
            _at_rate("storage", "storage_m2_year", area_m2, "m2 all year", money)
            | {"product_id": product.product_id}
        )
    return items


def rented_items(stock: Stock, days: float, money: Money) -> list[dict[str, Any]]:
    """Return what units cost that are rented by the day; no discount for long hire (errs high)."""
    product, units = stock.product, stock.units
    rent = (product.rent_day_low * units * days, product.rent_day_high * units * days)
    return [
        {
            "item": "rent",
            "product_id": product.product_id,
            "amount": units * days,
            "amount_unit": "unit days a year",
            **_span(rent, money.yearly),
            "source": product.life_source,
            "standing": product.life_standing,
            "note": "",
        }
    ]


def running_items(
    parts: Sequence[tuple[pd.DataFrame, Use]], products: Mapping[str, Product], money: Money
) -> list[dict[str, Any]]:
    """Return what costs beside the units themselves: lines, transport, placing, staff."""
    moved = [
        (stock, use)
        for units, use in parts
        for stock in stock_of(units, products)
        if stock.layout == "temporary"
    ]
    return [*_lines(parts, products), *_moved(moved, money), *_staffed(parts, products, money)]


def total(items: Iterable[Mapping[str, Any]]) -> Range:
    """Return the sums of the low and of the high ends."""
    rows = list(items)
    return sum(row["low"] for row in rows), sum(row["high"] for row in rows)


def middle(ends: Range) -> float:
    """Return the middle of a range."""
    return 0.5 * (ends[0] + ends[1])


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


def _lines(
    parts: Sequence[tuple[pd.DataFrame, Use]], products: Mapping[str, Product]
) -> list[dict[str, Any]]:
    """Return what the lines cost whatever their length; nothing where there is none."""
    costs = [cost for units, _ in parts for cost in fixed_costs(units, products).values()]
    if not costs:
        return []
    used = {name for units, _ in parts for name in units["product_id"]}
    sources = sorted({products[name].cost_source for name in used})
    standings = [products[name].cost_standing for name in used]
    return [
        {
            "item": "design, survey, making good",
            "product_id": "",
            "amount": len(costs),
            "amount_unit": "lines",
            **_span((sum(costs), sum(costs)), 1.0),
            "source": "; ".join(sources),
            "standing": max(standings, key=STANDINGS.index),
            "note": "once a line",
        }
    ]


def _moved(stocks: Sequence[tuple[Stock, Use]], money: Money) -> list[dict[str, Any]]:
    """Return what carrying and placing what is temporary costs."""
    uses = {use for _, use in stocks}
    # Whole lorries for each layout, which carry its products together.
    loads = {use: loads_of([s for s, u in stocks if u == use]) for use in uses}
    trips = sum(TRIPS_A_SET_UP * loads[use] * use.set_ups for use in uses)
    hours = sum(s.units * s.product.crew_hours * use.set_ups for s, use in stocks)
    items = []
    if trips > 0:
        items.append(_at_rate("transport", "lorry_trip", trips, "lorry trips a year", money))
    if hours > 0:
        items.append(_at_rate("placing and taking away", "crew_hour", hours, "hours a year", money))
    return items


def _staffed(
    parts: Sequence[tuple[pd.DataFrame, Use]], products: Mapping[str, Product], money: Money
) -> list[dict[str, Any]]:
    hours = sum(
        staff_at(crossing, products) * use.staffed_hours
        for units, use in parts
        for crossing in crossings(units)
    )
    if hours <= 0:
        return []
    return [_at_rate("staff at openable crossings", "guard_hour", hours, "hours a year", money)]


def _at_rate(item: str, rate: str, amount: float, unit: str, money: Money) -> dict[str, Any]:
    low, high = money.rate(rate)
    figure = money.rates.figures.get(rate)
    return {
        "item": item,
        "product_id": "",
        "amount": round(amount, 2),
        "amount_unit": unit,
        **_span((low * amount, high * amount), money.yearly),
        "source": figure.source if figure else "",
        "standing": figure.standing if figure else "assumed",
        "note": f"{low:g} to {high:g} {money.rates.currency} each",
    }


def _span(ends: Range, factor: float) -> dict[str, float]:
    return {"low": ends[0] * factor, "high": ends[1] * factor}


def _weaker(one: str, other: str) -> str:
    return max(one, other, key=STANDINGS.index)
