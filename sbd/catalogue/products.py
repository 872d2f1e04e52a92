"""products.csv -> checked products: generic types and tested classes, no makers' names."""

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from sbd.catalogue.product import LiftingGear, Product, Role, Shape
from sbd.catalogue.product_rows import Row, products_of
from sbd.errors import CatalogueError

__all__ = [
    "LiftingGear",
    "Product",
    "Role",
    "Shape",
    "load_products",
    "parse_products",
    "with_own",
]


@cache
def load_products() -> tuple[Product, ...]:
    """Return the products that come with sbd.

    >>> load_products()[0].rated_vehicle
    'M1'
    """
    text = resources.files("sbd.catalogue").joinpath("products.csv").read_text("utf-8")
    return parse_products(text.splitlines(), name="products.csv")


def parse_products(lines: Iterable[str], *, name: str) -> tuple[Product, ...]:
    """Return the products of CSV lines with every column; all faults are raised together.

    A city's list may leave columns out: `sbd.sources.productfile.read_products`.
    """
    reader = csv.reader(lines)
    columns = [word.strip() for word in next(reader, [])]
    rows = [
        Row(reader.line_num, dict(zip(columns, map(str.strip, cells), strict=False)))
        for cells in reader
        if any(cells)
    ]
    return products_of(columns, rows, name=name)


def with_own(catalogue: Sequence[Product], own: Sequence[Product]) -> tuple[Product, ...]:
    """Return a catalogue with a city's own products: a row of the same id is replaced by its own.

    Raises CatalogueError where the two count in different money.

    >>> len(with_own(load_products(), load_products()[:3])) == len(load_products())
    True
    """
    currencies = {name: {p.currency for p in of} for name, of in (("", catalogue), ("own", own))}
    if own and catalogue and currencies[""] != currencies["own"]:
        own_words, words = (", ".join(sorted(currencies[key])) for key in ("own", ""))
        raise CatalogueError(
            f"products: your own in {own_words}, the catalogue in {words}; "
            f"give yours in {words}, conversion needs a date"
        )
    replaced = {product.product_id: product for product in (*catalogue, *own)}
    return tuple(replaced.values())
