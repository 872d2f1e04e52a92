"""Findings in, rows of the data report out (`tables.REPORT`), in words a planner can act on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

COLUMNS = ("topic", "item", "count", "note")

# A report is read by people: name a few, count the rest.
NAMES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the data report."""

    topic: str
    item: str
    note: str
    count: float | None = None


def report_table(rows: Iterable[Row], before: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the rows as a table, after those that a source already has."""
    table = pd.DataFrame(
        [(row.topic, row.item, row.count, row.note) for row in rows], columns=list(COLUMNS)
    )
    table["count"] = table["count"].astype(float)
    if before is None or before.empty:
        return table
    return pd.concat([before[list(COLUMNS)], table], ignore_index=True)


def some_of(names: Sequence[str]) -> str:
    """Return a few names and how many more there are.

    >>> some_of(["a", "b"])
    'a, b'
    >>> some_of([str(n) for n in range(9)])
    '0, 1, 2, 3, 4, 5 and 3 more'
    """
    shown = ", ".join(names[:NAMES_SHOWN])
    rest = len(names) - NAMES_SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown
