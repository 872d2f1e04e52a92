"""Calendar + a proposal for each kind of day -> what stands when, and what the year costs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sbd.catalogue.product import Product
from sbd.catalogue.products import load_products
from sbd.catalogue.rates import Rates, load_rates
from sbd.errors import InputError
from sbd.model.proposal import Proposal
from sbd.model.words import DEFAULT_YEARS
from sbd.proposal.calendar import DAYS_A_YEAR, Calendar, covered_hours, runs
from sbd.proposal.compare import SAME_M
from sbd.proposal.items import Use
from sbd.proposal.lifecycle import LifeCycle, cost_of, delivery_windows
from sbd.proposal.money import Money
from sbd.proposal.stock import by_id

ORDINARY, EVENT = "ordinary", "event"


@dataclass(frozen=True, slots=True, eq=False)
class YearPlan:
    """Several layouts of one place that take turns over the year.

    Parameters
    ----------
    plans : mapping
        Proposal by kind of day: "ordinary" (may be missing: nothing stands then), "event", and the
        id of an event that has a layout of its own.
    days : DataFrame
        A row a day with an event: `date`, `event_id`, `name` (all of that day, joined), `people`
        (together), `opens`, `closes` (first and last), `kind`, `windows_min` (each one's hours, in
        minutes from midnight).
    cost : LifeCycle
        Of all layouts together; what is permanent is built once.
    conflicts : tuple of str
        Why the layouts can't take turns as they are; none where they can.
    """

    calendar: Calendar
    plans: Mapping[str, Proposal]
    days: pd.DataFrame
    cost: LifeCycle
    conflicts: tuple[str, ...] = field(default=())

    def kind_on(self, day: date) -> str:
        """Return which kind of day a date is."""
        return _kind_on(day, self.calendar, self.plans)

    @property
    def periods(self) -> pd.DataFrame:
        """Which layout stands when: `kind`, `date_from`, `date_to`, `days`, in order.

        Only days of events; every other day of the year is ordinary.
        """
        rows = [
            {"kind": kind, "date_from": first, "date_to": last, "days": (last - first).days + 1}
            for kind, dates in self.days.groupby("kind", sort=True)["date"]
            for first, last in runs(dates)
        ]
        columns = ["kind", "date_from", "date_to", "days"]
        return pd.DataFrame(rows, columns=columns).sort_values("date_from", ignore_index=True)


def year_plan(
    calendar: Calendar,
    plans: Mapping[str, Proposal],
    *,
    years: int = DEFAULT_YEARS,
    rates: Rates | None = None,
    products: Iterable[Product] | None = None,
) -> YearPlan:
    """Return what stands on which day of a year, and what that costs over the horizon.

    A day of an event takes the layout of that event's id where there is one (of several events the
    one with most people), and "event" otherwise; every other day takes "ordinary".

    Raises
    ------
    InputError
        A kind of day that the calendar does not know, event days without a layout, or layouts of
        different places.
    """
    plans = dict(plans)
    _require_one_place(plans)
    ids = {event.event_id for event in calendar.events}
    unknown = sorted(set(plans) - ids - {ORDINARY, EVENT})
    if unknown:
        raise InputError(
            f"year plan: no event {', '.join(map(repr, unknown))} in the calendar; there are "
            f"{', '.join(sorted(ids)) or 'none'}, {EVENT!r} and {ORDINARY!r}"
        )
    days = _days(calendar, plans)
    missing = sorted(set(days["kind"]) - set(plans))
    if missing:
        bare = int(days["kind"].isin(missing).sum())
        raise InputError(
            f"year plan: no layout for {bare} event days; give one for {EVENT!r} or for each event"
        )
    money = Money(rates or load_rates(), years)
    known = by_id(load_products() if products is None else products)
    cost = cost_of(_parts(days, plans), known, money)
    return YearPlan(calendar, plans, days, cost, tuple(_conflicts(plans)))


def _kind_on(day: date, calendar: Calendar, plans: Mapping[str, Proposal]) -> str:
    events = sorted(calendar.on(day), key=lambda event: (-event.people, event.event_id))
    if not events:
        return ORDINARY
    return next((event.event_id for event in events if event.event_id in plans), EVENT)


def _days(calendar: Calendar, plans: Mapping[str, Proposal]) -> pd.DataFrame:
    rows = []
    for day in calendar.dates:
        events = calendar.on(day)
        last = max(events, key=lambda event: event.window_min[1])
        rows.append(
            {
                "date": day,
                "event_id": ", ".join(event.event_id for event in events),
                "name": ", ".join(event.name for event in events if event.name),
                "people": sum(event.people for event in events),
                "opens": min(events, key=lambda event: event.window_min[0]).opens,
                "closes": last.closes,
                "kind": _kind_on(day, calendar, plans),
                "windows_min": tuple(event.window_min for event in events),
            }
        )
    columns = ["date", "event_id", "name", "people", "opens", "closes", "kind", "windows_min"]
    return pd.DataFrame(rows, columns=columns)


def _parts(days: pd.DataFrame, plans: Mapping[str, Proposal]) -> list[tuple[pd.DataFrame, Use]]:
    """Return the temporary units of each kind of day with their use, then the permanent ones.

    What is permanent stands on every day, and somebody stands by its openable crossings whenever
    an event is on, by whichever layout stands beside it then.
    """
    parts: list[tuple[pd.DataFrame, Use]] = []
    for kind, plan in plans.items():
        temporary = plan.units["layout"] != "permanent"
        parts.append((plan.units[temporary], _use(kind, plan, days)))
    windows = [window for plan in plans.values() for window in delivery_windows(plan)]
    staffed = _staffed_hours(days, windows)
    ordinary = Use(0.0, 0.0, staffed, DAYS_A_YEAR - len(days), covered_hours(windows))
    parts += [(units, ordinary) for units in _built(plans)]
    return parts


def _use(kind: str, plan: Proposal, days: pd.DataFrame) -> Use:
    windows = delivery_windows(plan)
    if kind == ORDINARY:
        count = DAYS_A_YEAR - len(days)
        # Taken away for each stretch of event days, and placed again after it.
        set_ups = max(len(runs(days["date"])), 1)
        # Where nobody gave windows in which to stand by, what is opened is assumed.
        opened = 0.0 if windows else float(count)
        return Use(count, set_ups, count * covered_hours(windows), opened)
    mine = days[days["kind"] == kind]
    return Use(len(mine), len(runs(mine["date"])), _staffed_hours(mine, windows))


def _staffed_hours(days: pd.DataFrame, windows: list[tuple[int, int]]) -> float:
    return sum(covered_hours([*events, *windows]) for events in days["windows_min"])


def _built(plans: Mapping[str, Proposal]) -> list[gpd.GeoDataFrame]:
    """Return the permanent units of each plan that no plan before it has."""
    found: list[gpd.GeoDataFrame] = []
    for plan in plans.values():
        units = plan.units[plan.units["layout"] == "permanent"]
        for before in found:
            units = units[~_among(units, before)]
        found.append(units)
    return found


def _conflicts(plans: Mapping[str, Proposal]) -> Iterator[str]:
    """Yield what is permanent in one layout and missing in another."""
    for kind, plan in plans.items():
        built = plan.units[plan.units["layout"] == "permanent"]
        for other, beside in plans.items():
            missing = built[~_among(built, beside.units)]
            if other != kind and len(missing):
                names = ", ".join(missing["unit_id"].head(3))
                yield (
                    f"{len(missing)} permanent units of the layout {kind!r} ({names}, ...) are not "
                    f"in {other!r}, but stand on those days too; pin them there and plan it again"
                )


def _among(units: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which units stand where another one of their product stands."""
    kept = np.zeros(len(units), dtype=bool)
    for product_id in units["product_id"].unique():
        mine = (units["product_id"] == product_id).to_numpy()
        same = others[others["product_id"] == product_id]
        if len(same):
            tree = cKDTree(shapely.get_coordinates(same.geometry.to_numpy()))
            places = shapely.get_coordinates(units.geometry.to_numpy()[mine])
            kept[mine] = tree.query(places)[0] <= SAME_M
    return kept


def _require_one_place(plans: Mapping[str, Proposal]) -> None:
    if not plans:
        raise InputError("year plan: no layout; give one for each kind of day")
    first = next(iter(plans.values()))
    for kind, plan in plans.items():
        if plan.crs != first.crs or not plan.site.zone_shape.intersects(first.site.zone_shape):
            raise InputError(f"year plan: the layout {kind!r} is of another place")
