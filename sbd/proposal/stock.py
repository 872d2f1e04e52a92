"""Units of a layout + products -> what of them is bought or rented, carried, set up and staffed."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sbd.catalogue.product import Product
from sbd.errors import CatalogueError


@dataclass(frozen=True, slots=True)
class Stock:
    """The units of one product that one layout needs.

    Parameters
    ----------
    layout : str
        "permanent" (built once, stays) or "temporary" (placed and taken away again).
    units : int
        How many.
    """

    product: Product
    layout: str
    units: int

    @property
    def lorries(self) -> float:
        """Loads that it fills; a share of one where a lorry carries other things, too."""
        return self.units / self.product.units_per_lorry


def stock_of(units: pd.DataFrame, products: Mapping[str, Product]) -> list[Stock]:
    """Return the units by product and layout, in order of their names.

    Raises CatalogueError where the catalogue lacks a product of the layout.
    """
    require_products(units, products)
    counts = Counter(zip(units["product_id"], units["layout"], strict=True))
    return [
        Stock(products[product_id], layout, counts[product_id, layout])
        for product_id, layout in sorted(counts)
    ]


def loads_of(stocks: Iterable[Stock]) -> int:
    """Return the lorry loads that units of several products make together.

    Errs low where units of two kinds can't share a load.
    """
    return math.ceil(sum(stock.lorries for stock in stocks) - 1e-9)


def fixed_costs(units: pd.DataFrame, products: Mapping[str, Product]) -> dict[str, float]:
    """Return what each line costs once, whatever its length: its dearest product's."""
    return {
        str(line_id): max(products[name].line_fixed_cost for name in set(rows["product_id"]))
        for line_id, rows in units.groupby("line_id", sort=True)
    }


def crossings(units: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the openable crossings, each as its units: openable neighbours in one line.

    Units of a line stand in the table in their order along it.
    """
    opens = units["openable"].astype(bool)
    # A new stretch begins where the line or the openness changes.
    begins = (opens != opens.shift()) | (units["line_id"] != units["line_id"].shift())
    return [rows for _, rows in units[opens].groupby(begins.cumsum()[opens], sort=True)]


def staff_at(crossing: pd.DataFrame, products: Mapping[str, Product]) -> float:
    """Return the persons who stand by one crossing while it is in use, relief included.

    Its units open and shut together, so the one that asks most counts, not their sum.
    """
    return max(products[name].staff_when_open for name in crossing["product_id"])


def by_id(products: Iterable[Product]) -> dict[str, Product]:
    """Return the products by their id."""
    return {product.product_id: product for product in products}


def require_products(units: pd.DataFrame, products: Mapping[str, Product]) -> None:
    """Raise CatalogueError where a unit is of a product that the catalogue does not hold."""
    unknown = sorted(set(units["product_id"]) - set(products))
    if unknown:
        raise CatalogueError(
            f"products {', '.join(unknown)}: in the layout, but not in the catalogue; give the "
            "catalogue that the plan was made with"
        )


def currency_of(products: Sequence[Product], rates_currency: str) -> str:
    """Return the one currency of products and rates.

    Raises CatalogueError where there are two.
    """
    found = sorted({product.currency for product in products} | {rates_currency})
    if len(found) > 1:
        raise CatalogueError(
            f"products and rates in {' and '.join(found)}; give both in one currency, conversion "
            "needs a date"
        )
    return found[0]
