"""A sheet and a picture in, one page of HTML out that prints on A4."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2
import matplotlib.pyplot as plt
from markupsafe import Markup

from sbd.export.page import own_asset
from sbd.export.plot import plot_lines
from sbd.export.workbook import plain_cell
from sbd.model.proposal import Proposal
from sbd.model.sheet import Sheet, SheetTable

PICTURE_DPI = 130
MOST_DECIMALS = 7


@dataclass(frozen=True, slots=True)
class _Printed:
    """A table as the page shows it: every cell a text."""

    title: str
    columns: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


def render_sheet(sheet: Sheet, *, picture: str = "") -> str:
    """Return the page of a sheet: one HTML text with everything inside.

    Parameters
    ----------
    picture : str
        A data URI; none where it is empty.
    """
    tables = [_printed(table) for table in sheet.tables if table.printed and len(table.rows)]
    template = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    ).from_string(own_asset("sheet.html"))
    style = Markup(own_asset("sheet.css"))
    return template.render(sheet=sheet, tables=tables, picture=picture, style=style)


def lines_picture(proposal: Proposal) -> str:
    """Return the plan with the number of each line, as a data URI; empty without a line."""
    if proposal.barriers.empty:
        return ""
    figure = plot_lines(proposal).get_figure(root=True)
    buffer = io.BytesIO()
    if figure is None:
        return ""
    try:
        figure.savefig(buffer, format="png", dpi=PICTURE_DPI)
    finally:
        plt.close(figure)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _printed(table: SheetTable) -> _Printed:
    columns = [[plain_cell(value) for value in table.rows[name]] for name in table.rows.columns]
    return _Printed(
        title=table.title,
        columns=tuple(map(str, table.rows.columns)),
        numbers=tuple(all(_is_number(value) for value in column) for column in columns),
        rows=tuple(zip(*map(_words, columns), strict=True)),
        note=table.note,
    )


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _words(column: Sequence[str | float | bool | None]) -> list[str]:
    """Return the cells of a column as people read them, numbers with as many decimals as the most.

    >>> _words([12345.0, 0.25, None]), _words([3.0, 4.0]), _words([True, "yes and no"])
    (['12 345.00', '0.25', ''], ['3', '4'], ['yes', 'yes and no'])
    """
    decimals = max((_decimals(value) for value in column if isinstance(value, float)), default=0)
    return [_word(value, decimals) for value in column]


def _word(value: str | float | bool | None, decimals: int) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.{decimals}f}".replace(",", " ")


def _decimals(value: float) -> int:
    """Return how many decimals a number has, up to those of a coordinate to the centimetre."""
    return len(f"{value:.{MOST_DECIMALS}f}".rstrip("0").partition(".")[2])
