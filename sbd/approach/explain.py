"""Ways in; what holds the speed at their end, and which figures it hangs on, out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.approach.dynamics import LabelScale, acceleration_mps2
from sbd.approach.routes import Forest, Piece, Route, route_to
from sbd.approach.rules import driven
from sbd.model.assessment import FieldSettings
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle

UNKNOWN_SURFACE = "unknown"
MAP_ERROR = "0.5 to 1 m"  # by which outlines in OpenStreetMap are commonly off
LEAST_LOSS = 0.01  # of the run-up; a bend that takes less holds nothing
_MOST_INPUTS = 3


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds the speed at the end of a way.

    Parameters
    ----------
    limited_by : str
        One of `tables.LIMITS`, without "gap", which needs the walls.
    piece : int
        The piece of the way that holds it, the last bend that takes speed away; -1 where none does.
    """

    limited_by: str
    piece: int


def hold_of(route: Route, scale: LabelScale, settings: FieldSettings) -> Hold:
    """Return what holds the speed at the end of a way.

    Counted back from the end: a top speed that is reached, then the last bend that takes speed
    away, then whether most of the run-up was brought along over the rim or won inside.
    """
    label, bend = route.start_label, -1
    for number, piece in enumerate(route.pieces):
        label, lost = label_after(label, piece)
        if piece.cap < scale.top_label and lost > LEAST_LOSS * label:
            bend = number
    if label >= scale.top_label:
        return Hold(_top_name(scale, settings), -1)
    if bend >= 0:
        return Hold("bend", bend)
    return Hold("entry speed" if 2 * route.start_label > label else "acceleration", -1)


def label_after(label: int, piece: Piece) -> tuple[int, int]:
    """Return the label after a piece, and how much of it its bend took away."""
    after = min(min(label, piece.cap) + piece.gain, piece.cap)
    return after, label + piece.gain - after


def holds_of(forest: Forest, targets: Sequence[int], settings: FieldSettings) -> dict[int, Hold]:
    """Return what holds the speed at the end of the ways to some targets."""
    return {n: hold_of(route_to(forest, n), forest.scale, settings) for n in targets}


def _top_name(scale: LabelScale, settings: FieldSettings) -> str:
    reached = float(scale.speed_of_label_mps[scale.top_label])
    if reached < float(scale.speed_of_label_mps[-1]) - 1e-6:
        return "approach limit"
    limit = settings.speed_limit_mps
    return "speed limit" if limit is not None and reached >= limit - 1e-6 else "top speed"


def inputs_of(
    limited_by: str,
    speed_mps: float,
    vehicle: Vehicle,
    settings: FieldSettings,
    *,
    obstacles: str,
) -> str:
    """Return the inputs that move a row most, each with its standing, the strongest first.

    Parameters
    ----------
    limited_by : str
        One of `tables.LIMITS`.
    obstacles : str
        Standing of the obstacles' positions (`obstacle_standing`).
    """
    drive = _drive_figures(vehicle, settings, speed_mps)
    walls = f"obstacle positions: {obstacles}"
    entry = "entry speed: " + (
        "assumed, the run-up beyond the data"
        if settings.entry_speed_mps is None
        else "given in the settings"
    )
    by_limit: dict[str, list[str]] = {
        "top speed": [_figure(vehicle, "top_speed_kmh")],
        "speed limit": ["speed limit: given in the settings"],
        "approach limit": ["longest approach: given in the settings", *drive],
        "entry speed": [entry, *drive],
        "acceleration": [*drive, walls],
        "bend": [_figure(vehicle, "friction"), walls, *drive],
        "gap": [walls, _figure(vehicle, "width_m"), _figure(vehicle, "friction")],
        "no way": [_figure(vehicle, "width_m"), walls],
    }
    return "; ".join(by_limit[limited_by][:_MOST_INPUTS])


def obstacle_standing(attribution: str) -> str:
    """Return how sure the positions of obstacles are, by whose data they are.

    >>> obstacle_standing("© OpenStreetMap contributors, ODbL 1.0")
    'OpenStreetMap, 0.5 to 1 m'
    """
    if "openstreetmap" in attribution.lower():
        return f"OpenStreetMap, {MAP_ERROR}"
    return attribution or "unknown"


def _drive_figures(vehicle: Vehicle, settings: FieldSettings, speed_mps: float) -> list[str]:
    """Return acceleration, and power where that is what limits the drive at this speed."""
    driver = driven(vehicle, settings)
    figures = [_figure(vehicle, "acceleration_mps2")]
    slowed = float(acceleration_mps2(driver, speed_mps)) < 0.9 * driver.acceleration_mps2
    if slowed and math.isfinite(driver.power_w):
        figures.insert(0, _figure(vehicle, "power_w"))
    return figures


def _figure(vehicle: Vehicle, name: str) -> str:
    figure = vehicle.figures.get(name)
    return f"{name}: {'assumed' if figure is None else figure.standing}"


def surface_words(line: shapely.LineString, surface: DrivableSurface) -> str:
    """Return the surfaces along a way by length: "sett 60 %, unknown 40 %".

    Where two overlap both count, and the shares are of all that is known.
    """
    total = line.length
    shares: dict[str, float] = {}
    if surface.paving is not None and total > 0.0:
        near = surface.paving.iloc[surface.paving.sindex.query(line, predicate="intersects")]
        for name, shapes in near.groupby("surface"):
            length = shapely.intersection(line, shapely.union_all(shapes.geometry)).length
            if name:
                shares[str(name)] = length / total
    known = sum(shares.values())
    shares = {name: share / max(known, 1.0) for name, share in shares.items()}
    shares[UNKNOWN_SURFACE] = max(0.0, 1.0 - known)
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    said = [f"{name} {share:.0%}".replace("%", " %") for name, share in ordered if share >= 0.005]
    return ", ".join(said) or f"{UNKNOWN_SURFACE} 100 %"


def piece_ends(route: Route) -> NDArray[np.float64]:
    """Return how far along the way each piece ends [m]."""
    return np.cumsum([piece.length_m for piece in route.pieces] or [0.0])
