"""Two layouts + money -> the number of event days a year from which the permanent one is cheaper.

Over the number of event days each layout's cost is a sum of straight lines and, for what may be
bought or rented, of lesser ones of two lines; so roots are found exactly, between the days on which
renting becomes dearer than buying.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from sbd.catalogue.product import Product, Role
from sbd.catalogue.products import load_products
from sbd.catalogue.rates import Rates, load_rates
from sbd.errors import InputError
from sbd.model.proposal import Layout, Proposal
from sbd.model.words import DEFAULT_YEARS, LAYOUTS, PLAN_LAYOUTS
from sbd.proposal.calendar import DAYS_A_YEAR, Calendar
from sbd.proposal.items import (
    TRIPS_A_SET_UP,
    Use,
    opening_hours,
    owned_items,
    parts_of,
    rented_items,
    running_items,
    total,
)
from sbd.proposal.lifecycle import delivery_windows
from sbd.proposal.money import Money, Range, middle
from sbd.proposal.stock import Stock, by_id, stock_of

# Clear width of a lane that openable units fill: one person stands by all of them.
LANE_M = 4.0


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Event days a year from which the permanent layout costs no more than the temporary one.

    Parameters
    ----------
    earliest, middle, latest : float or None
        With the permanent layout at the low and the temporary at the high end of its range, with
        both in the middle, and the other way round. 0: from the first day on; None: on no number
        of days that a year has.
    """

    earliest: float | None
    middle: float | None
    latest: float | None


@dataclass(frozen=True, slots=True)
class Bent:
    """A cost over the number of event days: a line, and the lesser of two for each product.

    Parameters
    ----------
    fixed, slope : float
        At no day, and for each day more.
    caps : tuple of (float, float)
        What buying costs, and what renting costs a day, of each product that may be rented.
    """

    fixed: float
    slope: float
    caps: tuple[tuple[float, float], ...] = ()

    def at(self, days: float) -> float:
        """Return the cost for so many event days."""
        capped = sum(min(bought, rent * days) for bought, rent in self.caps)
        return self.fixed + self.slope * days + capped

    @property
    def bends(self) -> list[float]:
        """The days on which renting becomes dearer than buying."""
        return [bought / rent for bought, rent in self.caps if rent > 0]


def break_even_days(
    permanent: Proposal | Layout | pd.DataFrame,
    temporary: Proposal | Layout | pd.DataFrame,
    calendar: Calendar,
    *,
    years: int = DEFAULT_YEARS,
    rates: Rates | None = None,
    products: Iterable[Product] | None = None,
) -> BreakEven:
    """Return from how many event days a year on the permanent layout is the cheaper one.

    The calendar says how long an event lasts and how many hours a day have; their number varies.
    At each end of the ranges what is cheaper there, buying or renting, is taken. Rates are the same
    for both layouts in truth, so the earliest and the latest are farther apart than they need be.

    Raises
    ------
    InputError
        A calendar without events, which says nothing of how an event day is used.
    """
    if not calendar.days:
        raise InputError("break-even: no event in the calendar; give one as it is usual here")
    known = by_id(load_products() if products is None else products)
    money = Money(rates or load_rates(), years)

    def curve(plan: Proposal | Layout | pd.DataFrame, end: Callable[[Range], float]) -> Bent:
        units = plan if isinstance(plan, pd.DataFrame) else plan.units
        day = _usual_day(Use.of(calendar, delivery_windows(plan)))
        return cost_curve(units, day, known, money, end)

    return BreakEven(
        *(
            first_at_or_above(curve(temporary, dear), curve(permanent, cheap))
            for dear, cheap in ((_high, _low), (middle, middle), (_low, _high))
        )
    )


def cost_curve(
    units: pd.DataFrame,
    day: Use,
    products: Mapping[str, Product],
    money: Money,
    end: Callable[[Range], float],
) -> Bent:
    """Return the cost of a layout over the number of event days, at one end of its range.

    Parameters
    ----------
    day : Use
        One event day, with its share of a set-up.
    end : function
        Picks an end of a range, or its middle.
    """
    stocks = stock_of(units, products)
    hired = [s for s in stocks if s.layout == "temporary" and s.product.rentable]
    owned = [
        item
        for stock in stocks
        if stock not in hired
        for item in owned_items(stock, money, stored=stock.layout == "temporary")
    ]
    caps = tuple(
        (
            end(total(owned_items(stock, money, stored=True))),
            end(total(rented_items(stock, 1.0, money))),
        )
        for stock in hired
    )

    def line(use: Use) -> float:
        return end(total([*owned, *running_items(parts_of(units, use), products, money)]))

    # Each event day takes the place of an ordinary one.
    fixed = line(Use(0.0, 0.0, 0.0, day.ordinary_days + 1, day.window_hours))
    return Bent(fixed, line(day) - fixed, caps)


def first_at_or_above(one: Bent, other: Bent, *, until: float = DAYS_A_YEAR) -> float | None:
    """Return the least number of days from which on `one` costs no less than `other`.

    None where it is below `other` up to `until`.

    Examples
    --------
    >>> first_at_or_above(Bent(0.0, 100.0), Bent(1000.0, 20.0))
    12.5
    """
    bends = {bend for curve in (one, other) for bend in curve.bends if bend < until}
    knots = sorted({0.0, float(until), *bends})
    if one.at(0.0) >= other.at(0.0):
        return 0.0
    for start, stop in itertools.pairwise(knots):
        below, above = (one.at(day) - other.at(day) for day in (start, stop))
        if above >= 0:
            return start + (stop - start) * below / (below - above)
    return None


def prices_for(
    products: Iterable[Product],
    calendar: Calendar,
    *,
    years: int = DEFAULT_YEARS,
    rates: Rates | None = None,
    layout: str = "mixed",
) -> dict[str, float]:
    """Return what one unit of each product costs over its years, in the middle of its range.

    For a planner that chooses between permanent and temporary units by their life-cycle cost; what
    a line costs whatever its length is not in it. A temporary unit carries its share of a lorry.
    Staff by units that only ever stand in a lane is shared by those that fill one of 4 m with
    their widest gaps (errs high where it is wider); what can also stand unopened has the price of
    that (errs low where it opens; `life_cycle` counts it).

    Parameters
    ----------
    layout : str
        "permanent" or "temporary" prices only what can be had so; "mixed" takes the cheaper way
        for products that can be either.
    """
    if layout not in PLAN_LAYOUTS:
        raise InputError(f"layout {layout!r}: not known; take one of {', '.join(PLAN_LAYOUTS)}")
    money = Money(rates or load_rates(), years)
    use = Use.of(calendar)
    wanted = LAYOUTS if layout == "mixed" else (layout,)
    prices: dict[str, float] = {}
    for product in products:
        ways = [_unit_price(product, way, use, money) for way in wanted if way in product.layouts]
        if ways:
            prices[product.product_id] = min(ways)
    return prices


def _unit_price(product: Product, layout: str, use: Use, money: Money) -> float:
    one = Stock(product, layout, 1)
    guard = money.rate("guard_hour")
    staff = _staff_share(product) * use.staffed_hours * middle(guard)
    if layout == "permanent":
        low, high = (h * rate for h, rate in zip(opening_hours(use, money), guard, strict=True))
        staff += _staff_share(product) * middle((low, high))
        return middle(total(owned_items(one, money, stored=False))) + staff * money.yearly
    ways = [owned_items(one, money, stored=True)]
    if product.rentable:
        ways.append(rented_items(one, use.days, money))
    carried = TRIPS_A_SET_UP * one.lorries * middle(money.rate("lorry_trip"))
    placed = product.crew_hours * middle(money.rate("crew_hour"))
    yearly = staff + use.set_ups * (carried + placed)
    return min(middle(total(items)) for items in ways) + yearly * money.yearly


def _staff_share(product: Product) -> float:
    if Role.LINE in product.roles:
        return 0.0
    fill_a_lane = max(1.0, LANE_M / (product.width_m + product.gap_max_m))
    return product.staff_when_open / fill_a_lane


def _usual_day(use: Use) -> Use:
    ordinary = DAYS_A_YEAR - 1.0
    return Use(
        1.0, use.set_ups / use.days, use.staffed_hours / use.days, ordinary, use.window_hours
    )


def _low(ends: Range) -> float:
    return ends[0]


def _high(ends: Range) -> float:
    return ends[1]
