"""Proposal + catalogue + calendar -> how to set it up: order, crew, lorries, gear, who opens what.

Lines are placed from the highest energy down, so that the hardest approach is closed first; within
a line, units in their order along it. What opens comes last, as the lorries leave by it.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd

from sbd.catalogue.product import LiftingGear, Product
from sbd.catalogue.products import load_products
from sbd.errors import InputError
from sbd.geometry.crs import WGS84
from sbd.model.hours import DAY_MIN, overlap_min, window_min
from sbd.model.proposal import Proposal
from sbd.proposal.calendar import Calendar
from sbd.proposal.items import TRIPS_A_SET_UP
from sbd.proposal.stock import by_id, crossings, require_products, staff_at, stock_of
from sbd.units import MILLIMETRE_PER_METRE

_GEAR = list(LiftingGear)


@dataclass(frozen=True, slots=True, eq=False)
class Deployment:
    """How a layout is set up, and how it is run.

    Parameters
    ----------
    steps : DataFrame
        A row a unit in the order of placing: `step`, `unit_id`, `line_id`, `product_id`, `kind`,
        `layout`, `openable`, `lorry` (number of the load, 0 for what is built in), `start_h`,
        `end_h` (from the start of work), `east_m`, `north_m`, `lat`, `lon`, `bearing_deg`,
        `gap_before_mm`, `gap_after_mm`, `mass_kg`, `gear`.
    stock : DataFrame
        A row a product: `product_id`, `kind`, `layout`, `units`, `mass_kg` (of all), `lorries`,
        `crew`, `person_hours` (to place and to take away), `gear`, `storage_m2`,
        `lead_time_weeks`.
    crossings : DataFrame
        A row an openable crossing: `crossing`, `line_id`, `units` (ids), `clear_m` (when open),
        `persons` (who stand by it), `lat`, `lon`.
    openings : DataFrame
        A row a delivery: `delivery`, `who`, `opens`, `closes`, `width_m`, `crossing` (the nearest
        that is wide enough; empty: none), `distance_m`, `conflict` (empty: none).
    persons : int
        Who place the units.
    place_hours, clear_hours : float
        From the first unit to the last, placing and taking away.
    lorries, trips : int
        Loads of one set-up; trips there and back for placing and taking away.
    gear : str
        The heaviest lifting gear that any unit needs.
    start_by : str
        When work must start at the latest on the first day of the earliest event hours; empty
        without a calendar.
    conflicts : tuple of str
        What can't be as it is planned.
    """

    steps: pd.DataFrame
    stock: pd.DataFrame
    crossings: pd.DataFrame
    openings: pd.DataFrame
    persons: int
    place_hours: float
    clear_hours: float
    lorries: int
    trips: int
    gear: str
    start_by: str = ""
    conflicts: tuple[str, ...] = field(default=())

    @property
    def person_hours(self) -> float:
        """Hours of all persons together, to place and to take away once."""
        return float(self.stock["person_hours"].sum())

    @property
    def storage_m2(self) -> float:
        """Floor for what is temporary, while it is not in use."""
        return float(self.stock["storage_m2"].sum())

    @property
    def lead_time_weeks(self) -> float:
        """From order to standing, of the product that takes longest."""
        return float(self.stock["lead_time_weeks"].max()) if len(self.stock) else 0.0


def deployment(
    proposal: Proposal,
    *,
    calendar: Calendar | None = None,
    crew: int | None = None,
    products: Iterable[Product] | None = None,
) -> Deployment:
    """Return how a proposal is set up and run.

    Teams of as many persons as a unit needs work side by side. Half of a product's crew hours are
    for placing, half for taking away. Driving and breaks are not in the hours (errs low). Each
    delivery takes the nearest crossing that is wide enough, in a straight line.

    Parameters
    ----------
    calendar : Calendar, optional
        The events; without one nothing is said of hours that clash.
    crew : int, optional
        Persons at work; by default one team for the unit that needs most.

    Raises
    ------
    InputError
        Fewer persons than one unit needs.
    CatalogueError
        A product that the catalogue lacks.
    """
    known = by_id(load_products() if products is None else products)
    require_products(proposal.units, known)
    ordered = placing_order(proposal.units)
    loads = _lorry_of(ordered, known)
    persons = _persons(ordered, known, crew)
    start_h, end_h = _schedule(ordered, known, persons)
    gates = _crossings(proposal, known)
    openings = _openings(proposal, gates, calendar)
    place_hours = float(max(end_h, default=0.0))
    lorries = int(max(loads, default=0))
    return Deployment(
        steps=_steps(ordered, known, proposal, loads, start_h, end_h),
        stock=_stock(proposal.units, known),
        crossings=gates.drop(columns="geometry"),
        openings=openings,
        persons=persons,
        place_hours=place_hours,
        clear_hours=place_hours,
        lorries=lorries,
        trips=TRIPS_A_SET_UP * lorries,
        gear=_heaviest(known[name] for name in proposal.units["product_id"].unique()),
        start_by=_start_by(calendar, place_hours),
        conflicts=tuple(_conflicts(openings)),
    )


def placing_order(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the units in the order of placing; ties go by line and by their order along it."""
    hardest = units.groupby("line_id")["energy_kj"].transform("max").to_numpy(dtype=float)
    order = np.lexsort(
        (
            np.arange(len(units)),
            units["line_id"].to_numpy(dtype=str),
            -hardest,
            units["openable"].to_numpy(dtype=bool),
        )
    )
    return units.iloc[order].reset_index(drop=True)


def _moves(units: pd.DataFrame) -> list[bool]:
    return (units["layout"] == "temporary").tolist()


def _lorry_of(ordered: pd.DataFrame, products: Mapping[str, Product]) -> list[int]:
    """Return the number of the load that each unit comes with, in the order of placing.

    Each load is packed to the full before the next one starts.
    """
    load, filled, found = 0, 1.0, []
    for moves, name in zip(_moves(ordered), ordered["product_id"], strict=True):
        share = 1.0 / products[name].units_per_lorry
        if moves and filled + share > 1.0 + 1e-9:
            load, filled = load + 1, 0.0
        filled += share if moves else 0.0
        found.append(load if moves else 0)
    return found


def _persons(ordered: pd.DataFrame, products: Mapping[str, Product], crew: int | None) -> int:
    """Return who is at work; what is built in is the contractor's."""
    moved = ordered["product_id"][ordered["layout"] == "temporary"].unique()
    most = max((products[name] for name in moved), key=lambda p: p.crew, default=None)
    needed = most.crew if most else 0
    if crew is None:
        return needed
    if most and crew < needed:
        raise InputError(
            f"crew of {crew}: {most.product_id} needs {needed} persons; give {needed} or more"
        )
    return crew


def _schedule(
    ordered: pd.DataFrame, products: Mapping[str, Product], persons: int
) -> tuple[list[float], list[float]]:
    """Return when each unit's placing starts and ends; each goes to the team that is free first."""
    moves = _moves(ordered)
    names = ordered["product_id"].tolist()
    largest = max(
        (products[n].crew for n, moved in zip(names, moves, strict=True) if moved), default=0
    )
    free = [0.0] * (persons // largest if largest else 1)
    starts, ends = [], []
    for name, moved in zip(names, moves, strict=True):
        product = products[name]
        start = heapq.heappop(free)
        took = 0.5 * product.crew_hours / max(product.crew, 1) if moved else 0.0
        heapq.heappush(free, start + took)
        starts.append(start)
        ends.append(start + took)
    return starts, ends


def _steps(  # the columns of one table
    ordered: gpd.GeoDataFrame,
    products: Mapping[str, Product],
    proposal: Proposal,
    loads: list[int],
    start_h: list[float],
    end_h: list[float],
) -> pd.DataFrame:
    places = gpd.GeoSeries(ordered.geometry, crs=proposal.crs)
    degrees = places.to_crs(WGS84)
    chosen = [products[name] for name in ordered["product_id"]]
    kept = ["unit_id", "line_id", "product_id", "kind", "layout", "openable"]
    return pd.DataFrame(
        {
            "step": range(1, len(ordered) + 1),
            **{name: ordered[name].to_numpy() for name in kept},
            "lorry": loads,
            "start_h": np.round(start_h, 3),
            "end_h": np.round(end_h, 3),
            "east_m": places.x.round(2).to_numpy(),
            "north_m": places.y.round(2).to_numpy(),
            "lat": degrees.y.round(7).to_numpy(),
            "lon": degrees.x.round(7).to_numpy(),
            "bearing_deg": ordered["bearing_deg"].to_numpy(dtype=float),
            "gap_before_mm": ordered["gap_before_mm"].to_numpy(dtype=float),
            "gap_after_mm": ordered["gap_after_mm"].to_numpy(dtype=float),
            "mass_kg": [product.unit_mass_kg for product in chosen],
            "gear": [str(product.lifting_gear) for product in chosen],
        }
    )


_STOCK = (
    *("product_id", "kind", "layout", "units", "mass_kg", "lorries", "crew", "person_hours"),
    *("gear", "storage_m2", "lead_time_weeks"),
)


def _stock(units: pd.DataFrame, products: Mapping[str, Product]) -> pd.DataFrame:
    rows = []
    for stock in stock_of(units, products):
        product, moved = stock.product, stock.layout == "temporary"
        rows.append(
            {
                "product_id": product.product_id,
                "kind": product.kind,
                "layout": stock.layout,
                "units": stock.units,
                "mass_kg": stock.units * product.unit_mass_kg,
                "lorries": round(stock.lorries, 2) if moved else 0.0,
                "crew": product.crew,
                "person_hours": stock.units * product.crew_hours if moved else 0.0,
                "gear": str(product.lifting_gear),
                "storage_m2": stock.units * product.storage_m2 if moved else 0.0,
                "lead_time_weeks": product.lead_time_weeks,
            }
        )
    return pd.DataFrame(rows, columns=list(_STOCK))


def _heaviest(products: Iterable[Product]) -> str:
    gears = [product.lifting_gear for product in products]
    return str(max(gears, key=_GEAR.index)) if gears else str(LiftingGear.NONE)


def _crossings(proposal: Proposal, products: Mapping[str, Product]) -> gpd.GeoDataFrame:
    rows = []
    for number, units in enumerate(crossings(proposal.units), start=1):
        widths_m = units["width_m"].to_numpy(dtype=float)
        gaps_mm = [*units["gap_before_mm"], units["gap_after_mm"].iloc[-1]]
        rows.append(
            {
                "crossing": f"C{number}",
                "line_id": units["line_id"].iloc[0],
                "units": ", ".join(units["unit_id"]),
                # With its units out of the way, from neighbour to neighbour.
                "clear_m": round(float(widths_m.sum() + sum(gaps_mm) / MILLIMETRE_PER_METRE), 2),
                "persons": staff_at(units, products),
                "geometry": gpd.GeoSeries(units.geometry).union_all().centroid,
            }
        )
    columns = ["crossing", "line_id", "units", "clear_m", "persons", "geometry"]
    table = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=proposal.crs)
    degrees = table.geometry.to_crs(WGS84)
    return table.assign(lat=degrees.y.round(7), lon=degrees.x.round(7))


_OPENINGS = (
    *("delivery", "who", "opens", "closes", "width_m", "crossing", "distance_m", "conflict"),
)


def _openings(
    proposal: Proposal, gates: gpd.GeoDataFrame, calendar: Calendar | None
) -> pd.DataFrame:
    """Return who is let in where and when; by the time of day, then by name."""
    rows = []
    for row in proposal.site.deliveries.itertuples():
        wide = gates[gates["clear_m"] >= row.width_m]
        away = wide.distance(row.geometry)
        nearest = None if away.empty else away.idxmin()
        clash = _clash(row.opens, row.closes, calendar)
        none = f"no openable crossing is {row.width_m:g} m wide" if nearest is None else ""
        rows.append(
            {
                "delivery": row.name or row.delivery_id,
                "who": row.who,
                "opens": row.opens,
                "closes": row.closes,
                "width_m": float(row.width_m),
                "crossing": "" if nearest is None else wide.loc[nearest, "crossing"],
                "distance_m": np.nan if nearest is None else round(float(away[nearest]), 1),
                "conflict": "; ".join(filter(None, (none, clash))),
            }
        )
    table = pd.DataFrame(rows, columns=list(_OPENINGS))
    return table.sort_values(["opens", "delivery"], ignore_index=True)


def _clash(opens: str, closes: str, calendar: Calendar | None) -> str:
    """Return which events a daily window runs into, for how long, and when it would not."""
    window = window_min(opens, closes)
    found = []
    for event in calendar.events if calendar else ():
        hours = overlap_min(window, event.window_min) / 60
        if hours > 0:
            found.append(
                f"{event.name or event.event_id} is on from {event.opens} to {event.closes}: "
                f"{hours:.1f} h among the crowd"
            )
    return "; ".join(found)


def _start_by(calendar: Calendar | None, hours: float) -> str:
    """Return when to start for the event that opens earliest in its day."""
    if calendar is None or not calendar.events:
        return ""
    first = min(calendar.events, key=lambda event: (event.window_min[0], event.event_id))
    minutes = first.window_min[0] - int(np.ceil(hours * 60))
    day = first.date_from + timedelta(days=minutes // DAY_MIN)
    return f"{day} {minutes % DAY_MIN // 60:02d}:{minutes % 60:02d}"


def _conflicts(openings: pd.DataFrame) -> Iterator[str]:
    for row in openings[openings["conflict"] != ""].itertuples():
        yield f"{row.delivery} ({row.who}, {row.opens} to {row.closes}): {row.conflict}"
