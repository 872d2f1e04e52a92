"""products.csv -> checked products: generic types and tested classes, no makers' names."""

import csv
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from importlib import resources
from pathlib import Path

from sbd.catalogue.product import LiftingGear, Product, Role, Shape
from sbd.errors import CatalogueError

__all__ = ["LiftingGear", "Product", "Role", "Shape", "load_products", "parse_products"]


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
_MAY_BE_EMPTY = frozenset({"debris_m", "rent_day_low", "rent_day_high"})
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
        return math.nan if column in _MAY_BE_EMPTY and not text else float(text)
    if column in _COUNTS:
        return int(text)
    return _WORDS_OF[column](text) if column in _WORDS_OF else text


def _roles(text: str) -> frozenset[Role]:
    return frozenset(Role(word) for word in text.split())


def _layouts(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _yes_or_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError(text)
    return text == "yes"


_WORDS_OF: Mapping[str, Callable[[str], object]] = {
    "roles": _roles,
    "layouts": _layouts,
    "closed_to_ground": _yes_or_no,
    "lifting_gear": LiftingGear,
    "shape": Shape,
}


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
