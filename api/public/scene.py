"""What is to be seen, in degrees -> the same in metres of a picture, cut to a window."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray

from api.public.furniture import Piece, metres_per_degree

MARGIN_M = 30.0
_SEEN_M = 0.05  # what is smaller is not seen in a picture


@dataclass(frozen=True, slots=True)
class Pin:
    """A comment; `at_deg` is None for one on the plan as a whole."""

    number: int
    text: str
    day: date
    at_deg: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Scene:
    """What may be seen, in longitude and latitude."""

    pieces: Sequence[Piece]
    zone: shapely.Geometry
    buildings: Sequence[shapely.Geometry]
    water: Sequence[shapely.Geometry]
    pins: Sequence[Pin]
    attribution: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The same in metres from the lower left corner of the picture.

    Parameters
    ----------
    width_m, height_m : float
        Of the picture.
    outlines : list of Polygon
        Of the pieces, in their order.
    pins : list of (number, x, y)
        Of those comments that are pinned to a place in the picture.
    """

    width_m: float
    height_m: float
    zone: list[shapely.Polygon]
    buildings: list[shapely.Polygon]
    water: list[shapely.Polygon]
    outlines: list[shapely.Polygon]
    pins: list[tuple[int, float, float]]


def drawing(scene: Scene) -> Drawing:
    """Return a scene in metres."""
    shown = [scene.zone, *(piece.outline for piece in scene.pieces)]
    west, south, east, north = shapely.total_bounds(np.array(shown, dtype=object))
    scale = np.array(metres_per_degree((south + north) / 2))
    corner = np.array([west, south]) - MARGIN_M / scale
    width_m, height_m = (np.array([east, north]) - corner) * scale + MARGIN_M
    move = partial(_moved, corner=corner, scale=scale)
    window = shapely.box(0, 0, width_m, height_m)

    def cut(shapes: Iterable[shapely.Geometry]) -> list[shapely.Polygon]:
        return [part for shape in shapes for part in _polygons(_seen(shape, move, window))]

    placed = [(pin.number, *move(np.array([pin.at_deg]))[0]) for pin in scene.pins if pin.at_deg]
    return Drawing(
        width_m=float(width_m),
        height_m=float(height_m),
        zone=cut([scene.zone]),
        buildings=cut(scene.buildings),
        water=cut(scene.water),
        outlines=[shapely.transform(piece.outline, move) for piece in scene.pieces],
        pins=[pin for pin in placed if 0 <= pin[1] <= width_m and 0 <= pin[2] <= height_m],
    )


def _moved(
    degrees: NDArray[np.float64], *, corner: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    return (degrees - corner) * scale


def _seen(
    shape: shapely.Geometry, move: "partial[NDArray[np.float64]]", window: shapely.Polygon
) -> shapely.Geometry:
    metres = shapely.make_valid(shapely.transform(shapely.force_2d(shape), move))
    return shapely.simplify(shapely.intersection(metres, window), _SEEN_M)


def _polygons(shape: shapely.Geometry) -> list[shapely.Polygon]:
    parts = shapely.get_parts(shape)
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
