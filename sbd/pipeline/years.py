"""Proposals + a calendar of events -> what a year of layouts costs, and how each is set up."""

from pathlib import Path

from sbd.catalogue.products import Product, load_products, with_own
from sbd.proposal.breakeven import break_even_days
from sbd.proposal.calendar import Calendar, parse_calendar
from sbd.proposal.deployment import deployment
from sbd.proposal.lifecycle import life_cycle
from sbd.proposal.year import year_plan
from sbd.sources.calendarfile import read_calendar_rows
from sbd.sources.productfile import read_products

__all__ = [
    "break_even_days",
    "deployment",
    "life_cycle",
    "products_with",
    "read_calendar",
    "year_plan",
]


def products_with(own: Path | None) -> tuple[Product, ...]:
    """Return the catalogue, with the products of a city's own list where there is one.

    Raises CatalogueError with every fault of the file at once.
    """
    catalogue = load_products()
    return catalogue if own is None else with_own(catalogue, read_products(Path(own)))


def read_calendar(path: Path) -> Calendar:
    """Return the events of a CSV file.

    Raises
    ------
    InputError
        A file that can't be read.
    LayerError
        With every fault of its rows at once.
    """
    return parse_calendar(read_calendar_rows(Path(path)), name=Path(path).name)
