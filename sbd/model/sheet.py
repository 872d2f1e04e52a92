"""A document of facts and tables that people print, fill in or open as a spreadsheet."""

from dataclasses import dataclass, field

import pandas as pd

from sbd.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class SheetTable:
    """One table of a sheet.

    Parameters
    ----------
    rows : DataFrame
        Columns as they are to be read, in words with their unit; cells are text, numbers, booleans
        or missing.
    note : str
        What to know of it, in a line; may be empty.
    printed : bool
        Whether it is on the printed page, too; a long list may be in the spreadsheet only.
    """

    title: str
    rows: pd.DataFrame
    note: str = ""
    printed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A document; how it looks is for whoever writes it to a file.

    Parameters
    ----------
    name : str
        Of the file, without an ending.
    facts : tuple of (str, str)
        What matters most, name and value.
    warnings : tuple of str
        What must be settled first; none where nothing must.
    listed : str
        Title of the table that is written as a list (CSV), too; none where it is empty.
    attribution : str
        Whose data this rests on.
    """

    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[SheetTable, ...]
    warnings: tuple[str, ...] = field(default=())
    attribution: str = ""
    listed: str = ""

    def __post_init__(self) -> None:
        titles = [table.title for table in self.tables]
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            raise InputError(f"sheet {self.name!r}: two tables called {', '.join(twice)}")
        if self.listed and self.listed not in titles:
            raise InputError(f"sheet {self.name!r}: no table {self.listed!r} to list")
