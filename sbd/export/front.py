"""The points of a front, one a row -> front.csv and a chart of them, front.png."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sbd.export.atomic import whole_file, write_text
from sbd.export.looks import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION

# One colour and one sign a level of protection, the weakest first, so that none is told by colour.
_LEVELS = list(zip((SKY, GREEN, ORANGE, VERMILION, PURPLE, BLUE, BLACK), "osD^vPX", strict=True))
_SIZE_IN, _DOTS_PER_INCH = (10.0, 6.5), 150


def write_front(table: pd.DataFrame, folder: Path) -> list[Path]:
    """Write the points of a front and their chart into a folder; return the paths.

    Parameters
    ----------
    table : DataFrame
        Columns point, cost, proven, vehicles, protection_kj, crossings, enclosed_m2.
    """
    folder = Path(folder)
    rows = write_text(folder / "front.csv", table.to_csv(index=False, lineterminator="\n"))
    chart = folder / "front.png"
    with whole_file(chart) as draft:
        _chart(table).savefig(draft, format="png", dpi=_DOTS_PER_INCH)
    return [rows, chart]


def _chart(table: pd.DataFrame) -> Figure:
    """Draw cost against ground enclosed, by vehicles stopped; beside each sign is its point.

    Signs are larger with more crossings, and hollow where the cost is not proven.
    """
    figure = Figure(figsize=_SIZE_IN, layout="constrained")
    axes = figure.add_subplot()
    handles: list[Line2D] = []
    levels = list(dict.fromkeys(table.sort_values("protection_kj")["vehicles"]))
    for number, vehicles in enumerate(levels):
        colour, sign = _LEVELS[number % len(_LEVELS)]
        rows = table[table["vehicles"] == vehicles]
        axes.scatter(
            rows["cost"] / 1000.0,
            rows["enclosed_m2"],
            s=30.0 + 30.0 * rows["crossings"],
            marker=sign,
            facecolors=[colour if proven else "white" for proven in rows["proven"]],
            edgecolors=colour,
        )
        handles.append(Line2D([], [], color=colour, marker=sign, linestyle="", label=vehicles))
    for row in table.itertuples():
        axes.annotate(
            f"{row.point}",
            (float(row.cost) / 1000.0, float(row.enclosed_m2)),  # type: ignore[arg-type]  # pandas
            xytext=(5, 4),
            textcoords="offset points",
            fontsize=7,
        )
    for crossings in np.unique(table["crossings"]):
        size = float(np.sqrt(30.0 + 30.0 * crossings))
        label = f"{crossings} openable crossings"
        handles.append(
            Line2D([], [], color="grey", marker="o", markersize=size, linestyle="", label=label)
        )
    if not table["proven"].all():
        handles.append(
            Line2D([], [], color="grey", marker="o", mfc="white", linestyle="", label="unproven")
        )
    axes.set_xlabel("cost of the lines, thousands")
    axes.set_ylabel("ground that vehicles no longer reach, m\N{SUPERSCRIPT TWO}")
    axes.grid(visible=True, alpha=0.3)
    if handles:
        axes.legend(handles=handles, title="stops", fontsize=8)
    return figure
