"""products.csv -> checked products: generic types and tested classes, no makers' names."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from importlib import resources
from pathlib import Path

from sbd.errors import CatalogueError
from sbd.model.tables import LAYOUTS, STANDINGS
from sbd.units import JOULE_PER_KILOJOULE, kmh_to_mps


class Shape(StrEnum):
    """Footprint of a unit."""

    ROUND = "round"
    RECTANGLE = "rectangle"


class Role(StrEnum):
    """Where in a line a product can stand."""

    LINE = "line"
    LANE = "lane"  # opens for engines and deliveries


@dataclass(frozen=True, slots=True)
class Product:
    """A generic type in one tested class.

    Parameters
    ----------
    width_m, depth_m : float
        Along and across the line; the width is a whole number of centimetres.
    gap_min_m, gap_max_m : float
        Clear gaps that an array of it may have.
    rated_vehicle, rated_mass_kg, rated_speed_kmh : str, float, float
        What it was tested with, head-on; a mass of 0 says that nothing was.
    penetration_low_m, penetration_high_m : float
        Median and highest penetration over `tests` published tests.
    cost_low, cost_high : float
        One unit, bought and installed.
    line_fixed_cost : float
        Once a line: design, survey, making good.
    """

    product_id: str
    kind: str
    layouts: frozenset[str]
    roles: frozenset[Role]
    shape: Shape
    width_m: float
    depth_m: float
    gap_min_m: float
    gap_max_m: float
    foundation: str
    rated_vehicle: str
    rated_mass_kg: float
    rated_speed_kmh: float
    penetration_low_m: float
    penetration_high_m: float
    tests: int
    cost_low: float
    cost_high: float
    line_fixed_cost: float
    currency: str
    cost_year: int
    performance_source: str
    performance_standing: str
    cost_source: str
    cost_standing: str

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise CatalogueError(f"product {self.product_id!r}: {'; '.join(faults)}")

    @property
    def rated_energy_kj(self) -> float:
        """Kinetic energy of the test vehicle [kJ]."""
        speed_mps = kmh_to_mps(self.rated_speed_kmh)
        return 0.5 * self.rated_mass_kg * speed_mps**2 / JOULE_PER_KILOJOULE

    @property
    def cost_mid(self) -> float:
        """Middle of the cost range, what the optimiser compares."""
        return 0.5 * (self.cost_low + self.cost_high)

    @property
    def width_cm(self) -> int:
        """Width along the line [cm]."""
        return round(self.width_m * 100)

    @property
    def source(self) -> str:
        """Where performance and cost come from."""
        return f"performance: {self.performance_source}; cost: {self.cost_source}"

    @property
    def standing(self) -> str:
        """The weaker of the standings of performance and cost."""
        return max(self.performance_standing, self.cost_standing, key=STANDINGS.index)


def load_products(path: Path | None = None) -> tuple[Product, ...]:
    """Return the products of a catalogue, by default the one that comes with sbd.

    Raises CatalogueError with every fault of the file at once.

    >>> load_products()[0].rated_vehicle
    'M1'
    """
    if path is None:
        text = resources.files("sbd.catalogue").joinpath("products.csv").read_text("utf-8")
        return parse_products(text.splitlines(), name="products.csv")
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(
            f"{path}: can't be read ({error}); give a CSV file in UTF-8"
        ) from error
    return parse_products(lines, name=path.name)


def parse_products(lines: Iterable[str], *, name: str) -> tuple[Product, ...]:
    """Return the products of CSV lines with a header; all faults are raised together."""
    reader = csv.DictReader(lines)
    wanted = [field.name for field in fields(Product)]
    missing = [column for column in wanted if column not in (reader.fieldnames or ())]
    if missing:
        raise CatalogueError(f"{name}: columns missing: {', '.join(missing)}; add them")
    products: list[Product] = []
    faults: list[str] = []
    for row in reader:
        try:
            products.append(_product(row, wanted))
        except CatalogueError as error:
            faults.append(f"line {reader.line_num}: {error}")
    faults += _faults_of_list(products)
    if not products and not faults:
        faults.append("no product; add at least one row")
    if faults:
        raise CatalogueError(f"{name}: {len(faults)} faults: " + "; ".join(faults))
    return tuple(products)


_NUMBERS = frozenset(field.name for field in fields(Product) if field.type is float)
_COUNTS = frozenset(field.name for field in fields(Product) if field.type is int)


def _product(row: Mapping[str, str | None], wanted: list[str]) -> Product:
    values: dict[str, object] = {}
    faults: list[str] = []
    for column in wanted:
        text = (row[column] or "").strip()
        try:
            values[column] = _value(column, text)
        except ValueError:
            faults.append(f"{column} {text!r} is not understood")
    if faults:
        raise CatalogueError(f"product {row['product_id']!r}: {'; '.join(faults)}")
    return Product(**values)  # type: ignore[arg-type]  # every column was given its type above


def _value(column: str, text: str) -> object:
    if column in _NUMBERS:
        return float(text)
    if column in _COUNTS:
        return int(text)
    if column == "roles":
        return frozenset(Role(word) for word in text.split())
    if column == "layouts":
        return frozenset(text.split())
    return Shape(text) if column == "shape" else text


def _faults(product: Product) -> list[str]:
    positive = ("width_m", "depth_m", "gap_max_m")
    not_negative = (
        *("gap_min_m", "rated_mass_kg", "rated_speed_kmh", "penetration_low_m"),
        *("tests", "cost_low", "line_fixed_cost"),
    )
    faults = [
        f"{n} {getattr(product, n):g}; it must be positive"
        for n in positive
        if not getattr(product, n) > 0
    ]
    faults += [
        f"{n} {getattr(product, n):g}; it can't be negative"
        for n in not_negative
        if not getattr(product, n) >= 0
    ]
    for low, high in (
        ("gap_min_m", "gap_max_m"),
        ("penetration_low_m", "penetration_high_m"),
        ("cost_low", "cost_high"),
    ):
        if not getattr(product, low) <= getattr(product, high) < float("inf"):
            faults.append(
                f"{low} {getattr(product, low):g} above {high} {getattr(product, high):g}"
            )
    faults += [
        f"{n} is empty"
        for n in ("product_id", "kind", "currency", "performance_source", "cost_source")
        if not getattr(product, n)
    ]
    faults += [
        f"{n} {getattr(product, n)!r}; one of {', '.join(STANDINGS)}"
        for n in ("performance_standing", "cost_standing")
        if getattr(product, n) not in STANDINGS
    ]
    if not product.layouts or not product.layouts <= set(LAYOUTS):
        faults.append(f"layouts {' '.join(sorted(product.layouts))!r}; of {', '.join(LAYOUTS)}")
    if not product.roles:
        faults.append("no role; give line, lane or both")
    if abs(product.width_m * 100 - round(product.width_m * 100)) > 1e-6:
        faults.append(f"width_m {product.width_m:g}; give whole centimetres, rounded down")
    return faults


def _faults_of_list(products: list[Product]) -> list[str]:
    ids = [product.product_id for product in products]
    faults = [
        f"product_id {name!r} is there twice"
        for name in sorted({n for n in ids if ids.count(n) > 1})
    ]
    currencies = sorted({product.currency for product in products})
    if len(currencies) > 1:
        faults.append(f"currencies {', '.join(currencies)} mixed; use one, conversion needs a date")
    return faults
