"""A city's event list as a CSV file -> rows of text, for the calendar to check."""

import csv
from pathlib import Path

from sbd.errors import InputError

# A list of a year's events is a few kilobytes; ten thousand times that is another file.
LARGEST_BYTES = 20_000_000


def read_calendar_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of an event list, as text by column name.

    Columns are separated by commas or, where the header holds one, by semicolons, as spreadsheets
    in some countries write them. Text is UTF-8, with or without a byte order mark. Empty lines are
    left out; a row that is shorter than the header has empty columns.

    Raises
    ------
    InputError
        No such file, not UTF-8, larger than any event list, or a row longer than the header.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{path}: {path.stat().st_size} bytes; an event list has less")
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't be read ({error}); give a CSV file in UTF-8") from error
    if not lines:
        raise InputError(f"{path}: the file is empty; give a header and a row for each event")
    reader = csv.DictReader(lines, delimiter=";" if ";" in lines[0] else ",", restval="")
    rows = []
    for row in reader:
        if None in row:
            raise InputError(
                f"{path}: line {reader.line_num} has more columns than the header; put text that "
                "holds a comma in quotes"
            )
        rows.append({(name or "").strip(): text for name, text in row.items()})
    return rows
