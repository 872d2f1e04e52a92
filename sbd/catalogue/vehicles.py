"""Rows of vehicle classes in, checked vehicles with source and standing out."""

import csv
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from sbd.errors import InputError, LayerError, VehicleError
from sbd.model.vehicle import Figure, Vehicle
from sbd.model.words import STANDINGS
from sbd.units import kmh_to_mps

log = logging.getLogger(__name__)

ENTRY_RUN_UP_M = 100.0  # docs/decisions/entry-speed.md

# Taken where nobody names a vehicle: a car, a van and two lorries.
DEFAULT_VEHICLES = ("M1", "N1", "N2A", "N3C")

# The columns that hold numbers. None: the file must state it. The others take the value that errs
# high: smallest turning circle and fastest car of the catalogue, grip 1 as MIL-HDBK-1013/14 asks
# for where it can't be established, an engine without limit, no resistance, and no step that stops.
DEFAULTS: Mapping[str, float | None] = MappingProxyType(
    {
        "mass_kg": None,
        "width_m": None,
        "length_m": 4.0,
        "wheelbase_m": 2.5,
        "min_turning_radius_m": 3.5,
        "top_speed_kmh": 200.0,
        "acceleration_mps2": None,
        "power_w": math.inf,
        "friction": 1.0,
        "rolling_resistance": 0.0,
        "drag_area_m2": 0.0,
        "stopping_step_m": math.inf,
    }
)
_TEXTS = ("vehicle", "description")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that could be read: its numbers, and which of them the file stated."""

    name: str
    description: str
    numbers: dict[str, float]
    stated: frozenset[str]


@cache
def load_vehicles() -> Mapping[str, Vehicle]:
    """Return the vehicle classes of ISO 22343-1 by name, and a fast battery car, `M1-EV`.

    >>> load_vehicles()["N2A"].mass_kg
    7200.0
    """
    folder = resources.files("sbd.catalogue")
    sources = _read_sources(folder.joinpath("vehicle_sources.csv").read_text("utf-8"))
    rows, faults = _read_rows(folder.joinpath("vehicles.csv").read_text("utf-8"), "vehicles.csv")
    if faults:
        raise LayerError("vehicles.csv", faults)
    return MappingProxyType({row.name: _vehicle(row, sources[row.name]) for row in rows})


def vehicle_named(name: str) -> Vehicle:
    """Return a vehicle class of the catalogue; upper and lower case are the same.

    Raises VehicleError that lists the classes there are.
    """
    vehicles = load_vehicles()
    found = {known.upper(): known for known in vehicles}.get(name.strip().upper())
    if found is None:
        raise VehicleError(
            f"vehicle {name!r}: not a class of the catalogue; there are {', '.join(vehicles)}; "
            "give your own with a file of vehicles"
        )
    return vehicles[found]


def read_vehicles(path: Path) -> list[Vehicle]:
    """Return the vehicles of a city's own CSV, with the columns of the catalogue.

    `vehicle`, `mass_kg`, `width_m` and `acceleration_mps2` must be stated; what is left out takes
    the value of `DEFAULTS`, which errs high. Comma or semicolon separates.

    Raises LayerError with every fault of the file at once.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise VehicleError(
            f"vehicles {path}: can't be read ({error}); give a CSV in UTF-8"
        ) from error
    rows, faults = _read_rows(text, path.name)
    vehicles = []
    for row in rows:
        try:
            vehicles.append(_vehicle(row, _own_figures(row, path.name)))
        except VehicleError as error:
            faults.append(str(error))
    if faults:
        raise LayerError(path.name, faults)
    return vehicles


def default_entry_speed_mps(vehicle: Vehicle) -> float:
    """Return the speed at which a vehicle comes in over the rim when nobody states one.

    From rest over 100 m beyond the rim at full drive, at most top speed. Errs high against an
    engine's power limit and low where a longer straight leads to the rim: state it there.
    """
    run_up = math.sqrt(2.0 * vehicle.acceleration_mps2 * ENTRY_RUN_UP_M)
    return min(run_up, vehicle.top_speed_mps)


def _read_rows(text: str, subject: str) -> tuple[list[_Row], list[str]]:
    """Return the rows that could be read, and what is wrong with the others."""
    header = text.partition("\n")[0]
    table = csv.DictReader(text.splitlines(), delimiter=";" if ";" in header else ",")
    columns = [(name or "").strip() for name in table.fieldnames or ()]
    table.fieldnames = columns
    needed = ["vehicle", *(name for name, value in DEFAULTS.items() if value is None)]
    faults = [f"column {name} is missing" for name in needed if name not in columns]
    if faults:
        raise LayerError(subject, faults)
    unread = sorted(set(columns) - {*_TEXTS, *DEFAULTS})
    if unread:
        log.warning("%s: not read: %s", subject, ", ".join(unread))
    rows: list[_Row] = []
    names: set[str] = set()
    for number, cells in enumerate(table, start=2):
        row, row_faults = _read_row(cells)
        if row.name in names:
            row_faults.append(f"vehicle {row.name!r} is there twice")
        names.add(row.name)
        faults += [f"line {number}: {fault}" for fault in row_faults]
        if not row_faults:
            rows.append(row)
    return rows, faults if names else ["no vehicle in it"]


def _read_row(cells: Mapping[str, str | None]) -> tuple[_Row, list[str]]:
    name = (cells.get("vehicle") or "").strip()
    faults = [] if name else ["vehicle: no name"]
    numbers: dict[str, float] = {}
    stated = set()
    for column, default in DEFAULTS.items():
        word = (cells.get(column) or "").strip()
        if word:
            stated.add(column)
        try:
            numbers[column] = _number(word, default)
        except InputError as error:
            faults.append(f"{column} {error}")
    description = (cells.get("description") or "").strip() or name
    return _Row(name, description, numbers, frozenset(stated)), faults


def _number(word: str, default: float | None) -> float:
    if not word:
        if default is None:
            raise InputError("is empty; it has no default")
        return default
    try:
        value = float(word)
    except ValueError as error:
        raise InputError(f"{word!r} is not a number") from error
    if not math.isfinite(value):
        raise InputError(f"{word!r} is not a finite number; leave the cell empty for the default")
    return value


def _vehicle(row: _Row, figures: Mapping[str, Figure]) -> Vehicle:
    numbers = dict(row.numbers)
    return Vehicle(
        name=row.name,
        description=row.description,
        top_speed_mps=kmh_to_mps(numbers.pop("top_speed_kmh")),
        figures=MappingProxyType(dict(figures)),
        **numbers,
    )


def _own_figures(row: _Row, file_name: str) -> dict[str, Figure]:
    return {
        column: Figure(file_name if column in row.stated else "default that errs high", "assumed")
        for column in DEFAULTS
    }


def _read_sources(text: str) -> dict[str, dict[str, Figure]]:
    figures: dict[str, dict[str, Figure]] = {}
    for row in csv.DictReader(text.splitlines()):
        if row["standing"] not in STANDINGS:
            raise VehicleError(
                f"vehicle {row['vehicle']!r}: standing {row['standing']!r} is unknown"
            )
        low, high = (float(row[end]) if row[end] else None for end in ("low", "high"))
        figure = Figure(row["source"], row["standing"], low, high)
        figures.setdefault(row["vehicle"], {})[row["figure"]] = figure
    return figures
