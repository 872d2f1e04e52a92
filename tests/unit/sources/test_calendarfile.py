import pytest

from sbd.errors import InputError
from sbd.sources.calendarfile import read_calendar_rows

HEADER = "event_id,name,date_from,date_to,opens,closes,people"


def test_rows_come_as_text_by_column(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(f'{HEADER}\ne1,"Market, big",2026-05-02,2026-05-03,10:00,18:00,900\n\n')
    rows = read_calendar_rows(path)
    assert len(rows) == 1
    assert rows[0]["name"] == "Market, big"
    assert rows[0]["people"] == "900"


def test_semicolons_and_a_byte_order_mark_are_what_spreadsheets_write(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("\ufeff" + HEADER.replace(",", ";") + "\ne1;Fête;2026-05-02;;;;\n", "utf-8")
    rows = read_calendar_rows(path)
    assert rows[0]["event_id"] == "e1"
    assert rows[0]["name"] == "Fête"


def test_a_short_row_has_empty_columns(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(f"{HEADER}\ne1,Market\n")
    assert read_calendar_rows(path)[0]["closes"] == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (HEADER.encode() + b"\ne1,a,b,c,d,e,f,g\n", "line 2 has more columns"),
        (b"\xff\xfe\x00", "can't be read"),
    ],
)
def test_a_file_that_is_no_list_is_refused_by_name(tmp_path, content, words):
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read_calendar_rows(path)
    assert "events.csv" in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv"):
        read_calendar_rows(tmp_path / "none.csv")
