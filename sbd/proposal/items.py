"""Units, their use and rates -> the items of their cost: present values, each with its source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from sbd.catalogue.product import Product
from sbd.model.words import LAYOUTS, STANDINGS
from sbd.proposal.calendar import DAYS_A_YEAR, Calendar, covered_hours
from sbd.proposal.money import Money, Range, middle
from sbd.proposal.stock import Stock, crossings, fixed_costs, loads_of, staff_at, stock_of

# To the place and back to the store, each a trip there and back of a lorry.
TRIPS_A_SET_UP = 2
PERMANENT = LAYOUTS[0]


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
    ordinary_days : float
        Without an event, on which what is built in is opened for who has to pass.
    window_hours : float
        Of the delivery windows of such a day.
    """

    days: float
    set_ups: float
    staffed_hours: float
    ordinary_days: float = 0.0
    window_hours: float = 0.0

    @classmethod
    def of(cls, calendar: Calendar, windows_min: Sequence[tuple[int, int]] = ()) -> "Use":
        """Return the use of a layout that stands for the events of a calendar."""
        return cls(
            calendar.days,
            calendar.set_ups,
            calendar.busy_hours(windows_min),
            max(DAYS_A_YEAR - calendar.days, 0.0),
            covered_hours(windows_min),
        )


def parts_of(units: pd.DataFrame, use: Use) -> list[tuple[pd.DataFrame, Use]]:
    """Return what is temporary, which is away on ordinary days, and what is built in."""
    built = units["layout"] == PERMANENT
    parts = (units[~built], replace(use, ordinary_days=0.0)), (units[built], use)
    return [part for part in parts if len(part[0])]


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
    """Return what costs beside the units themselves: lines, transport, placing, staff.

    Parameters
    ----------
    parts : sequence of (units, Use)
        Units that stand on ordinary days apart from those that don't (`parts_of`).
    """
    moved = [
        (stock, use)
        for units, use in parts
        for stock in stock_of(units, products)
        if stock.layout == "temporary"
    ]
    staff = [*_staffed(parts, products, money), *_opened(parts, products, money)]
    return [*_lines(parts, products), *_moved(moved, money), *staff]


def opening_hours(use: Use, money: Money) -> Range:
    """Return the hours a year in which one person opens one crossing on ordinary days.

    At the least so many openings of so many minutes as the rates say at their low ends, drivers
    letting themselves in; at the most their high ends, or all of the delivery windows.
    """
    count, minutes = money.rate("ordinary_openings_day"), money.rate("opening_minutes")
    low, high = (n * m / 60 for n, m in zip(count, minutes, strict=True))
    return use.ordinary_days * low, use.ordinary_days * max(high, use.window_hours)


def total(items: Iterable[Mapping[str, Any]]) -> Range:
    """Return the sums of the low and of the high ends."""
    rows = list(items)
    return sum(row["low"] for row in rows), sum(row["high"] for row in rows)


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


def _opened(
    parts: Sequence[tuple[pd.DataFrame, Use]], products: Mapping[str, Product], money: Money
) -> list[dict[str, Any]]:
    """Return what it costs that somebody opens crossings on ordinary days; an assumed range."""
    spans = [
        (staff_at(crossing, products), use) for units, use in parts for crossing in crossings(units)
    ]
    low_h, high_h = (
        sum(persons * opening_hours(use, money)[end] for persons, use in spans) for end in (0, 1)
    )
    if high_h <= 0:
        return []
    low, high = money.rate("guard_hour")
    count, minutes = money.rate("ordinary_openings_day"), money.rate("opening_minutes")
    days = max(use.ordinary_days for _, use in spans)
    figure = money.rates.figures.get("ordinary_openings_day")
    return [
        {
            "item": "opening on ordinary days",
            "product_id": "",
            "amount": round(middle((low_h, high_h)), 2),
            "amount_unit": "hours a year",
            **_span((low * low_h, high * high_h), money.yearly),
            "source": figure.source if figure else "",
            "standing": figure.standing if figure else "assumed",
            "note": (
                f"assumed for {days:g} days: {count[0]:g} to {count[1]:g} openings a day and "
                f"crossing, {minutes[0]:g} to {minutes[1]:g} minutes each, at the most all "
                f"delivery hours; {low_h:.0f} to {high_h:.0f} hours"
            ),
        }
    ]


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
