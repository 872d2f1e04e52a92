"""A scene in, a PNG of it out."""

import io

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from api.public.colours import colour_of
from api.public.scene import Scene, drawing

_LONG_SIDE_INCH, _DOTS_PER_INCH = 9.0, 150
_STROKE = 1.2  # points around a piece, or a bollard would be smaller than a dot


def picture(scene: Scene) -> bytes:
    """Return a picture of the furniture on its square; the file holds nothing but the picture."""
    drawn = drawing(scene)
    scale = _LONG_SIDE_INCH / max(drawn.width_m, drawn.height_m)
    figure = Figure(figsize=(drawn.width_m * scale, drawn.height_m * scale), facecolor="#f6f2ea")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, drawn.width_m)
    axes.set_ylim(0, drawn.height_m)
    for shapes, colour, edge in (
        (drawn.water, "#cfe3ec", "none"),
        (drawn.zone, "#e4edd9", "none"),
        (drawn.buildings, "#ded6c8", "#c4b9a6"),
    ):
        axes.add_collection(PolyCollection(_outlines(shapes), facecolor=colour, edgecolor=edge))
    colours = [colour_of(piece.furniture.word) for piece in scene.pieces]
    pieces = _outlines(drawn.outlines)
    axes.add_collection(
        PolyCollection(pieces, facecolor=colours, edgecolor=colours, linewidth=_STROKE)
    )
    for number, x, y in drawn.pins:
        look = {"boxstyle": "circle", "facecolor": "#b3541e", "edgecolor": "white"}
        axes.text(x, y, str(number), color="white", bbox=look, ha="center", va="center", size=7)
    axes.text(
        0.995, 0.006, scene.attribution, transform=axes.transAxes, ha="right", fontsize=6, alpha=0.8
    )
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
    return out.getvalue()


def _outlines(shapes: list[shapely.Polygon]) -> list[NDArray[np.float64]]:
    # Courtyards are filled: a picture this small shows none.
    return [shapely.get_coordinates(shape.exterior) for shape in shapes]
