"""Sheets as spreadsheets, pages and lists."""

import csv
import dataclasses

import openpyxl
import pandas as pd
import pytest

from sbd.errors import InputError
from sbd.export.files import write_sheets
from sbd.export.paper import lines_picture, render_sheet
from sbd.export.workbook import safe_text, write_list, write_workbook
from sbd.model.sheet import Sheet, SheetTable
from tests.browser import chromium

ATTACKS = ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.fixture
def sheet():
    units = pd.DataFrame(
        {
            "unit": ["L1-01", "L1-02"],
            "east [m]": [385_900.25, 385_901.5],
            "persons": [3, 4],
            "opens": [True, False],
            "away [m]": [12.5, float("nan")],
        }
    )
    return Sheet(
        name="deployment",
        title="Drawn Square: deployment",
        facts=(("Crew", "6 persons"),),
        tables=(
            SheetTable("Units in order", units, note="Metres."),
            SheetTable("For the office", units[["unit"]], printed=False),
            SheetTable("Nothing", units.iloc[:0]),
        ),
        warnings=("The brewery comes among the crowd.",),
        attribution="© drawn",
        listed="Units in order",
    )


def cells(path, page):
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path)[page].iter_rows()]


def test_a_workbook_has_the_facts_first_and_a_page_a_table(sheet, tmp_path):
    path = write_workbook(sheet, tmp_path / "deployment.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Overview", "Units in order", "For the office", "Nothing"]
    front = [value for row in cells(path, "Overview") for value in row]
    for part in (sheet.title, "Crew", "6 persons", sheet.warnings[0], "© drawn"):
        assert part in front
    page = cells(path, "Units in order")
    assert page[0] == ["unit", "east [m]", "persons", "opens", "away [m]"]
    assert page[2] == ["L1-02", 385_901.5, 4, False, None]


def test_a_page_prints_on_a4_with_its_head_on_each(sheet, tmp_path):
    page = openpyxl.load_workbook(write_workbook(sheet, tmp_path / "a.xlsx"))["Units in order"]
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert page.print_title_rows == "$1:$1"
    assert page.sheet_properties.pageSetUpPr.fitToPage


@pytest.mark.parametrize("text", ATTACKS)
def test_no_cell_of_a_workbook_is_a_formula(sheet, tmp_path, text):
    table = SheetTable("Names", pd.DataFrame({text: [text, "fine"]}), note=text)
    hostile = dataclasses.replace(
        sheet, title=text, facts=((text, text),), warnings=(text,), tables=(table,), listed=""
    )
    book = openpyxl.load_workbook(write_workbook(hostile, tmp_path / "a.xlsx"))
    found = [cell for page in book for row in page.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in found} == {"s"}
    begins = [cell for cell in found if cell.value.startswith(tuple("=+-@\t"))]
    assert begins or text.startswith("\r")  # a carriage return is a line end in XML
    # It stays text when somebody goes into the cell and out again.
    assert all(cell.quotePrefix for cell in begins)


@pytest.mark.parametrize("text", ATTACKS)
def test_no_cell_of_a_list_is_a_formula(tmp_path, text):
    table = SheetTable("Names", pd.DataFrame({text: [text], "number": [-2.5]}))
    path = write_list(table, tmp_path / "a.csv")
    with path.open(newline="", encoding="utf-8") as file:
        head, row = csv.reader(file)
    assert head[0] == row[0]
    assert head[0].startswith("'")
    assert head[0].replace("'", "") == text.replace("'", "").replace("\r", " ")
    assert row[1] == "-2.5"  # a number is none, whatever it begins with
    assert safe_text("a=b") == "a=b"


@pytest.mark.parametrize("cut", [";", "\t"], ids=["semicolon", "tab"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", ' "=', "'="], ids=ascii)
def test_no_cell_is_a_formula_where_lists_are_cut_otherwise(tmp_path, cut, sign):
    # With a decimal comma in a country's numbers its spreadsheets cut lists at semicolons.
    names = [f"Market{cut}{sign}HYPERLINK(1)", f"a, b{cut}{sign}1", f"{cut}{sign}1"]
    path = write_list(SheetTable("Names", pd.DataFrame({"name": names})), tmp_path / "a.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [cell.strip(' "') for line in lines for cell in line.split(cut)]
    assert len(found) == 1 + 2 * len(names)
    assert not [cell for cell in found if cell.startswith(tuple("=+-@\uff1d"))]


def test_letters_that_xml_does_not_take_are_left_out(sheet, tmp_path):
    table = SheetTable("Names", pd.DataFrame({"name": ["a\x00b\x0bc"]}))
    path = write_workbook(
        dataclasses.replace(sheet, tables=(table,), listed=""), tmp_path / "a.xlsx"
    )
    assert cells(path, "Names")[1] == ["abc"]


def test_titles_that_no_spreadsheet_takes_are_changed(sheet, tmp_path):
    titles = ["a/b: [c]*?", "x" * 40, "x" * 41, "overview"]
    tables = tuple(SheetTable(title, pd.DataFrame({"n": [1]})) for title in titles)
    path = write_workbook(dataclasses.replace(sheet, tables=tables, listed=""), tmp_path / "a.xlsx")
    names = openpyxl.load_workbook(path).sheetnames
    assert len({name.lower() for name in names}) == 5
    assert max(map(len, names)) == 31
    assert names[1] == "a b   c"


def test_the_same_sheet_gives_the_same_bytes(sheet, tmp_path):
    one = write_workbook(sheet, tmp_path / "one.xlsx").read_bytes()
    assert write_workbook(sheet, tmp_path / "two.xlsx").read_bytes() == one


def test_a_page_holds_what_is_printed_and_nothing_else(sheet):
    page = render_sheet(sheet)
    for part in ("Crew", "The brewery comes among the crowd.", "385 901.50", "© drawn", "Metres."):
        assert part in page
    assert "For the office" not in page
    assert "Nothing" not in page
    assert "src=" not in page


def test_text_from_outside_stays_text(sheet):
    attack = "<script>window.attacked=1</script>"
    table = SheetTable(attack, pd.DataFrame({attack: [attack]}), note=attack)
    page = render_sheet(
        dataclasses.replace(
            sheet, title=attack, facts=((attack, attack),), warnings=(attack,), tables=(table,),
            attribution=attack, listed="",
        )
    )  # fmt: skip
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 10  # the title twice, name and value of the fact


def test_the_picture_lies_in_the_page(proposal, sheet):
    picture = lines_picture(proposal)
    assert picture.startswith("data:image/png;base64,")
    assert f'src="{picture}"' in render_sheet(sheet, picture=picture)


def test_a_plan_without_a_line_has_no_picture(proposal):
    assert lines_picture(dataclasses.replace(proposal, barriers=proposal.barriers.iloc[:0])) == ""


def test_each_sheet_gives_its_files(proposal, sheet, tmp_path):
    bill = dataclasses.replace(sheet, name="bill", listed="")
    written = write_sheets(proposal, [sheet, bill], tmp_path)
    assert [path.name for path in written] == [
        *("deployment.xlsx", "deployment.html", "deployment.csv"),
        *("bill.xlsx", "bill.html"),
    ]
    assert "data:image/png" in (tmp_path / "deployment.html").read_text(encoding="utf-8")
    assert "data:image/png" not in (tmp_path / "bill.html").read_text(encoding="utf-8")


def test_a_sheet_with_two_tables_of_one_title_is_refused(sheet):
    with pytest.raises(InputError, match="two tables called Units in order"):
        dataclasses.replace(sheet, tables=(sheet.tables[0], sheet.tables[0]))
    with pytest.raises(InputError, match="no table 'Gates' to list"):
        dataclasses.replace(sheet, listed="Gates")


@pytest.mark.browser
def test_forty_units_print_on_two_pages_of_a4(sheet, tmp_path):
    rows = pd.concat([sheet.tables[0].rows] * 20, ignore_index=True)
    long_ = dataclasses.replace(sheet, tables=(SheetTable("Units in order", rows),))
    path = tmp_path / "deployment.html"
    path.write_text(render_sheet(long_), encoding="utf-8")
    with chromium() as browser:
        page = browser.new_page()
        page.goto(path.as_uri())
        paper = page.pdf(prefer_css_page_size=True)
    # 40 rows of 5 mm and the head on 186 mm of height; 841.9 by 595.3 points are A4 on its side
    assert paper.count(b"/MediaBox [0 0 842") == 2 or b"/Count 2" in paper
