"""A city's list as spreadsheets write it: every form of it gives the same products."""

import csv
import io
import zipfile
from importlib import resources

import openpyxl
import pytest

from sbd.catalogue.products import load_products
from sbd.errors import CatalogueError
from sbd.sources import productfile
from sbd.sources.productfile import read_products

SHIPPED = resources.files("sbd.catalogue").joinpath("products.csv").read_text("utf-8")
SHORT = [
    "product_id,kind,layouts,roles,width_m,depth_m,foundation,cost_low,cost_high,currency",
    "city-1,planter,permanent,line,1.2,0.8,Ap,4000,6000,EUR",
]


def table():
    return list(csv.reader(io.StringIO(SHIPPED)))


def european(rows):
    """Return a CSV as Excel writes it in Europe: semicolons and decimal commas."""
    numbers = [[cell.replace(".", ",") if is_number(cell) else cell for cell in r] for r in rows]
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(numbers)
    return text.getvalue()


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def workbook(tmp_path, rows, *, sheet="Tabelle1", more=()):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append([float(c) if is_number(c) else c or None for c in row])
    for name in more:
        book.create_sheet(name)
    path = tmp_path / "list.xlsx"
    book.save(path)
    return path


def written(tmp_path, content):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    return path


def same(found, wanted):
    # NaN differs from itself; its text does not.
    return [repr(product) for product in found] == [repr(product) for product in wanted]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_shipped_list_reads_back_in_every_encoding(tmp_path, encoding):
    assert same(read_products(written(tmp_path, SHIPPED.encode(encoding))), load_products())


@pytest.mark.parametrize("mark", ["", "sep=;\r\n"])
def test_semicolons_and_decimal_commas_are_read(tmp_path, mark):
    content = (mark + european(table())).encode("utf-8-sig")
    assert same(read_products(written(tmp_path, content)), load_products())


def test_a_workbook_with_typed_numbers_reads_back(tmp_path):
    assert same(read_products(workbook(tmp_path, table())), load_products())


def test_the_sheet_of_that_name_counts_among_several(tmp_path):
    path = workbook(tmp_path, table(), sheet="Products", more=["notes"])
    assert same(read_products(path), load_products())


def test_several_sheets_without_that_name_are_refused(tmp_path):
    with pytest.raises(CatalogueError, match="Tabelle1, notes; name the one with the list"):
        read_products(workbook(tmp_path, table(), more=["notes"]))


def test_the_windows_code_page_is_read(tmp_path):
    rows = [SHORT[0] + ",cost_source", SHORT[1] + ",Stadt Köln"]
    found = read_products(written(tmp_path, "\r\n".join(rows).encode("cp1252")))
    assert found[0].cost_source == "Stadt Köln"


def test_blank_rows_and_blank_columns_do_not_count(tmp_path):
    rows = [SHORT[0] + ",,", ",,,,,,,,,,,", SHORT[1] + ",,", ""]
    assert len(read_products(written(tmp_path, "\n".join(rows).encode()))) == 1


def test_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path):
    rows = [SHORT[0], "", SHORT[1], SHORT[1].replace("city-1", "city-2").replace("1.2", "x")]
    with pytest.raises(CatalogueError, match=r"list\.csv: 1 fault: row 4: width_m 'x'"):
        read_products(written(tmp_path, "\n".join(rows).encode()))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (SHORT[0].encode(), "no product"),
        (f"{SHORT[0]}\n{SHORT[1]},1,2".encode(), "row 2: more cells than the 10 columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00\xff", "neither CSV nor XLSX"),
        (b"PK\x03\x04 torn", "not a workbook, or damaged"),
        (("x" * 200_000).encode(), "no CSV"),
        (b"product_id\n" + b"a\n" * 2001, "more than 2000 rows"),
        (b"," * 200 + b"x", "more than 200 cells"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path, content, words):
    with pytest.raises(CatalogueError, match=r"list\.csv") as caught:
        read_products(written(tmp_path, content))
    assert words in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CatalogueError, match=r"nowhere\.csv.*check the path"):
        read_products(tmp_path / "nowhere.csv")


def test_a_file_larger_than_any_list_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(productfile, "MAX_FILE_BYTES", 100)
    with pytest.raises(CatalogueError, match=r"more than 0\.0001 MB"):
        read_products(written(tmp_path, b"x" * 101))


def test_a_workbook_that_unpacks_to_very_much_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b"0" * 30_000_000)
    assert path.stat().st_size < productfile.MAX_FILE_BYTES
    with pytest.raises(CatalogueError, match="unpacks to 30 MB, 20 MB are read"):
        read_products(path)


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("notes.txt", "nothing")
    with pytest.raises(CatalogueError, match="not a workbook, or damaged"):
        read_products(path)


def test_a_formula_without_a_stored_result_is_no_empty_cell(tmp_path):
    rows = [row.split(",") for row in SHORT]
    rows[1][8] = "=H2*2"
    with pytest.raises(CatalogueError, match=r"row 2: =H2\*2 has no stored result"):
        read_products(workbook(tmp_path, rows))


def test_a_workbook_with_very_many_rows_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="more than 2000 rows"):
        read_products(workbook(tmp_path, [["product_id"], *([["a"]] * 2001)]))
