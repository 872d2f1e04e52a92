"""rates.csv -> what an hour, a trip and a square metre cost, each with source and standing."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType

from sbd.errors import CatalogueError
from sbd.model.vehicle import Figure
from sbd.model.words import STANDINGS

_RANGES = (
    *("crew_hour", "guard_hour", "lorry_trip", "storage_m2_year"),
    *("ordinary_openings_day", "opening_minutes"),
)


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices of work, transport and space, as ranges, and the worth of later money.

    Parameters
    ----------
    crew_hour_low, crew_hour_high : float
        One person who places units, an hour.
    guard_hour_low, guard_hour_high : float
        One person who stands by an openable unit, an hour.
    lorry_trip_low, lorry_trip_high : float
        One lorry with its driver, there and back.
    storage_m2_year_low, storage_m2_year_high : float
        One square metre of floor for a year.
    ordinary_openings_day_low, ordinary_openings_day_high : float
        How often somebody opens one crossing on a day without an event.
    opening_minutes_low, opening_minutes_high : float
        Of a person for each of these openings.
    discount_rate : float
        A year, real: prices rise with wages; 0.03 is 3 %.
    currency, year : str, int
        Of all of them.
    figures : mapping of name to Figure
        Source, standing and range of each, by its name without `_low` and `_high`.
    """

    crew_hour_low: float
    crew_hour_high: float
    guard_hour_low: float
    guard_hour_high: float
    lorry_trip_low: float
    lorry_trip_high: float
    storage_m2_year_low: float
    storage_m2_year_high: float
    ordinary_openings_day_low: float
    ordinary_openings_day_high: float
    opening_minutes_low: float
    opening_minutes_high: float
    discount_rate: float
    currency: str
    year: int
    figures: Mapping[str, Figure] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "figures", MappingProxyType(dict(self.figures)))
        faults = []
        for name in _RANGES:
            low, high = getattr(self, f"{name}_low"), getattr(self, f"{name}_high")
            if not 0 <= low <= high < float("inf"):
                faults.append(f"{name} {low:g} to {high:g}; give a range from 0 up, low end first")
        if not 0 <= self.discount_rate < 1:
            faults.append(f"discount_rate {self.discount_rate:g}; give 0 to below 1, 0.03 is 3 %")
        if not self.currency:
            faults.append("currency is empty")
        if faults:
            raise CatalogueError(f"rates: {'; '.join(faults)}")


@cache
def load_rates() -> Rates:
    """Return the rates that come with sbd.

    >>> load_rates().currency
    'EUR'
    """
    text = resources.files("sbd.catalogue").joinpath("rates.csv").read_text("utf-8")
    rows = {row["figure"]: row for row in csv.DictReader(text.splitlines())}
    return Rates(
        **{f"{name}_{end}": float(rows[name][end]) for name in _RANGES for end in ("low", "high")},
        discount_rate=float(rows["discount_rate"]["low"]),
        currency=_the_one(rows, "currency"),
        year=int(_the_one(rows, "year")),
        figures={name: _figure(row) for name, row in rows.items()},
    )


def _the_one(rows: Mapping[str, Mapping[str, str]], column: str) -> str:
    found = sorted({row[column] for row in rows.values() if row[column]})
    if len(found) != 1:
        raise CatalogueError(f"rates.csv: {column} {', '.join(found)}; use one for all rows")
    return found[0]


def _figure(row: Mapping[str, str]) -> Figure:
    if row["standing"] not in STANDINGS:
        raise CatalogueError(f"rates.csv: {row['figure']}: standing {row['standing']!r} is unknown")
    return Figure(row["source"], row["standing"], float(row["low"]), float(row["high"]))
