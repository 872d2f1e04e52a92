"""A city's own product list, CSV or XLSX as its spreadsheet writes it -> checked products."""

import csv
import io
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from openpyxl.workbook.workbook import Workbook

from sbd.catalogue.product_rows import Row, products_of
from sbd.catalogue.products import Product, load_products
from sbd.errors import CatalogueError

log = logging.getLogger(__name__)

# A framework contract has tens of rows; beyond these the file is something else, or hostile.
MAX_FILE_BYTES = 5_000_000
MAX_UNPACKED_BYTES = 20_000_000
MAX_ROWS = 2_000
MAX_COLUMNS = 200
SHEET = "products"  # the one that counts where there are several

_ZIP_MAGIC = b"PK\x03\x04"
_WITH_MARK = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SEPARATORS = ";\t,"


def read_products(path: Path) -> tuple[Product, ...]:
    """Return the products of a list with the columns of the catalogue.

    CSV with comma, semicolon or tab, in UTF-8, UTF-16 or the Windows code page of western Europe;
    XLSX with its only sheet or the one named "products". Decimal commas are understood. Columns
    and cells may be left out but for `product_defaults.REQUIRED`: a `rating` fills what was
    tested, all else takes the costliest figure of the shipped list. What is neither rated nor
    tested is read, and never counts as protection.

    Raises
    ------
    CatalogueError
        With every fault of the file and its row and column; where it can't be read, or is larger
        than a list of products is.
    """
    content = _content(path)
    is_workbook = content.startswith(_ZIP_MAGIC)
    table = _workbook_rows(content, path) if is_workbook else _text_rows(content, path)
    header, *body = _numbered(table, path)
    columns = [cell.lower() for cell in header[1]]
    while columns and not columns[-1]:
        columns.pop()
    rows = []
    for number, cells in body:
        if any(cells[len(columns) :]):
            raise CatalogueError(
                f"{path.name}: row {number}: more cells than the {len(columns)} columns; "
                "put quotes around text that holds the separator"
            )
        rows.append(Row(number, dict(zip(columns, cells, strict=False))))
    return products_of(columns, rows, name=path.name, shipped=load_products())


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CatalogueError(f"{path}: can't be read ({error}); check the path") from error
    if len(content) > MAX_FILE_BYTES:
        raise CatalogueError(
            f"{path.name}: more than {MAX_FILE_BYTES / 1e6:g} MB; give a list of products only"
        )
    return content


def _numbered(rows: Iterator[tuple[int, list[str]]], path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows that hold anything, the header first."""
    kept: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        if any(cells[MAX_COLUMNS:]):
            raise CatalogueError(f"{path.name}: row {number}: more than {MAX_COLUMNS} cells")
        if number > MAX_ROWS + 1:
            raise CatalogueError(
                f"{path.name}: more than {MAX_ROWS} rows, empty ones included; delete or split"
            )
        if any(cells):
            kept.append((number, cells))
    if not kept:
        raise CatalogueError(f"{path.name}: the file is empty; give a header and a row a product")
    return kept


def _text_rows(content: bytes, path: Path) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content, path)
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.lower().startswith("sep="):  # a line that Excel writes for itself
        text, skipped = rest, 1
        first = rest.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            yield reader.line_num + skipped, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise CatalogueError(
            f"{path.name}: row {reader.line_num + skipped}: no CSV ({error}); save it again"
        ) from error


def _decoded(content: bytes, path: Path) -> str:
    marked = _WITH_MARK.get(content[:2])
    try:
        return content.decode(marked or "utf-8-sig")
    except UnicodeDecodeError as error:
        if marked or b"\0" in content:
            raise CatalogueError(f"{path.name}: neither CSV nor XLSX; save it as one") from error
    log.warning("%s: not in UTF-8; read in the Windows code page of western Europe", path.name)
    return content.decode("cp1252", errors="replace")


def _workbook_rows(content: bytes, path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise CatalogueError(
                f"{path.name}: unpacks to {unpacked / 1e6:.0f} MB, "
                f"{MAX_UNPACKED_BYTES / 1e6:g} MB are read; give a list of products only"
            )
        shown = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        typed = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        cells = _sheet(shown, path)
        formulas = _sheet(typed, path)
    except CatalogueError:
        raise
    # openpyxl has no error of its own for a torn workbook: it raises whatever it stumbles over.
    except Exception as error:
        raise CatalogueError(
            f"{path.name}: not a workbook, or damaged ({error}); save it again as XLSX"
        ) from error
    for number, (row, beneath) in enumerate(zip(cells, formulas, strict=True), start=1):
        for value, formula in zip(row, beneath, strict=True):
            if value is None and formula is not None:
                raise CatalogueError(
                    f"{path.name}: row {number}: {formula!s:.40} has no stored result; "
                    "open the file in a spreadsheet and save it"
                )
        yield number, [_cell_text(value) for value in row]


def _sheet(workbook: Workbook, path: Path) -> list[tuple[object, ...]]:
    names = workbook.sheetnames
    named = [name for name in names if name.strip().lower() == SHEET] or names
    if len(named) != 1:
        raise CatalogueError(
            f"{path.name}: sheets {', '.join(names)}; name the one with the list {SHEET!r}"
        )
    sheet = workbook[named[0]]
    limits = {"max_row": MAX_ROWS + 2, "max_col": MAX_COLUMNS + 1}
    return list(sheet.iter_rows(values_only=True, **limits))


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # A typed number is clear, and six decimals keep 1.125 from being taken for 1125.
        return f"{value:.6f}"
    return str(value).strip()
