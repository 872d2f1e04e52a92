"""A sheet in, a spreadsheet (XLSX) or a list (CSV) out; no cell of either is ever a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from sbd.export.atomic import whole_file, write_text
from sbd.model.sheet import Sheet, SheetTable

# A spreadsheet takes a text that begins so for something to compute, in Japan the wide ones, too.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where numbers have a decimal comma, a list is cut into cells at semicolons, quoted or not.
_FORMULA_WITHIN = re.compile(r"""(?<=[;\t])(?=[\s"']*[=+\-@\uff1d\uff0b\uff0d\uff20])""")
WIDEST, NARROWEST = 60, 8  # characters of a column
SHEET_NAME_LENGTH = 31
PAPER_A4 = 9  # Excel's number for it

_HEAD = Font(bold=True)
_HEAD_FILL = PatternFill("solid", fgColor="DDDDDD")
_WARNING = Font(bold=True, color="8F1D00")
_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_MODIFIED = re.compile(rb"<dcterms:modified[^>]*>[^<]*</dcterms:modified>")
# The file carries no clock time: the same content gives the same bytes.
_DATE = (2000, 1, 1, 0, 0, 0)
_MODIFIED_THEN = (
    b'<dcterms:modified xsi:type="dcterms:W3CDTF">2000-01-01T00:00:00Z</dcterms:modified>'
)


def write_workbook(sheet: Sheet, path: Path) -> Path:
    """Write a sheet as an XLSX file: the facts first, then a page a table, whole or not at all."""
    book = Workbook()
    front = book.active
    assert isinstance(front, Worksheet)
    _fill_front(front, sheet)
    names = {front.title}
    for table in sheet.tables:
        page = book.create_sheet(_page_name(table.title, names))
        names.add(page.title)
        _fill_page(page, table)
    buffer = io.BytesIO()
    with whole_file(path) as draft:
        # openpyxl keeps its pages in files on the way, so saving fails on a full disk, too.
        book.save(buffer)
        draft.write_bytes(_timeless(buffer.getvalue()))
    return Path(path)


def write_list(table: SheetTable, path: Path) -> Path:
    """Write a table as CSV in UTF-8, whole or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([safe_text(str(name)) for name in table.rows.columns])
    for row in table.rows.itertuples(index=False, name=None):
        writer.writerow([_in_list(value) for value in row])
    return write_text(path, text.getvalue())


def safe_text(text: str) -> str:
    """Return a text on one line that no spreadsheet takes for a formula when it opens a list.

    >>> safe_text("=HYPERLINK(1)"), safe_text("Market"), safe_text("Market;=HYPERLINK(1)")
    ("'=HYPERLINK(1)", 'Market', "Market;'=HYPERLINK(1)")
    """
    text = _FORMULA_WITHIN.sub("'", text)
    marked = f"'{text}" if text.startswith(FORMULA_STARTS) else text
    return re.sub(r"[\r\n]+", " ", marked)


def plain_cell(value: Any) -> str | int | float | bool | None:
    """Return a value as text, number, boolean or None; what is not finite is None.

    >>> plain_cell(np.float64("nan")), plain_cell(np.int64(3)), plain_cell("a")
    (None, 3, 'a')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return None if pd.isna(value) else str(value)


def _in_list(value: Any) -> str | int | float | bool:
    cell = plain_cell(value)
    if cell is None:
        return ""
    return safe_text(cell) if isinstance(cell, str) else cell


def _fill_front(page: Worksheet, sheet: Sheet) -> None:
    page.title = "Overview"
    _put(page.cell(1, 1), sheet.title).font = Font(bold=True, size=14)
    _put(page.cell(2, 1), "Restricted: give it only to those who need it.").font = _HEAD
    row = 4
    for name, value in sheet.facts:
        _put(page.cell(row, 1), name).font = _HEAD
        _put(page.cell(row, 2), value)
        row += 1
    for text in sheet.warnings:
        row += 1
        _put(page.cell(row, 1), "Settle first").font = _WARNING
        _put(page.cell(row, 2), text).alignment = Alignment(wrap_text=True, vertical="top")
    _put(page.cell(row + 2, 1), sheet.attribution)
    page.column_dimensions["A"].width = 24
    page.column_dimensions["B"].width = WIDEST + 20
    _on_paper(page)


def _fill_page(page: Worksheet, table: SheetTable) -> None:
    for column, name in enumerate(table.rows.columns, start=1):
        head = _put(page.cell(1, column), str(name))
        head.font, head.fill = _HEAD, _HEAD_FILL
        head.alignment = Alignment(wrap_text=True, vertical="top")
    for line, values in enumerate(table.rows.itertuples(index=False, name=None), start=2):
        for column, value in enumerate(values, start=1):
            cell = _put(page.cell(line, column), plain_cell(value))
            cell.alignment = Alignment(wrap_text=isinstance(cell.value, str), vertical="top")
    for column, width in enumerate(_widths(table.rows), start=1):
        page.column_dimensions[get_column_letter(column)].width = width
    if table.note:
        _put(page.cell(len(table.rows) + 3, 1), table.note)
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    if len(table.rows) and len(table.rows.columns):
        page.auto_filter.ref = (
            f"A1:{get_column_letter(len(table.rows.columns))}{len(table.rows) + 1}"
        )
    _on_paper(page)


def _put(cell: Cell | Any, value: str | float | bool | None) -> Any:
    """Put a value into a cell; text stays text, also after somebody edits it."""
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
        cell.quotePrefix = cell.value.startswith(FORMULA_STARTS)
    else:
        cell.value = value
    return cell


def _widths(rows: pd.DataFrame) -> Sequence[float]:
    """Return how wide each column must be for its longest text, within limits."""
    longest = [
        max([len(str(name)) / 2, *(len(str(value)) for value in rows[name])], default=0)
        for name in rows.columns
    ]
    return [min(max(length + 2, NARROWEST), WIDEST) for length in longest]


def _on_paper(page: Worksheet) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = PAPER_A4
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if page.oddFooter is not None:
        page.oddFooter.center.text = "Restricted - page &P of &N"


def _page_name(title: str, taken: set[str]) -> str:
    """Return the name of a page: allowed characters, not too long, each name once."""
    name = _FORBIDDEN_IN_NAMES.sub(" ", title)[:SHEET_NAME_LENGTH].strip() or "Table"
    number = 2
    while name.lower() in {other.lower() for other in taken}:
        end = f" {number}"
        name = name[: SHEET_NAME_LENGTH - len(end)].rstrip() + end
        number += 1
    return name


def _timeless(content: bytes) -> bytes:
    """Return a workbook with every date in it set to one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(out, "w") as again:
        for entry in book.infolist():
            data = book.read(entry)
            if entry.filename == "docProps/core.xml":
                data = _MODIFIED.sub(_MODIFIED_THEN, data)
            kept = zipfile.ZipInfo(entry.filename, date_time=_DATE)
            again.writestr(kept, data, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()
