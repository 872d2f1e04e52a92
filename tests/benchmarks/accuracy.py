"""Drawn streets, corners and chicanes in; how far their speeds are from closed forms out.

Hardly any drive, so that the bends alone decide; turned against the grid.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sbd.approach.clearance import make_terrain
from sbd.approach.field import solve_on
from sbd.approach.refine import make_refiner, refine_route
from sbd.approach.routes import find_ways, route_to
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle
from tests.drawn_ground import chicane, corner, street, vehicle

TURNS_DEG = (0.0, 20.0, 37.0)
ROLLING = {"acceleration_mps2": 0.05}
GRIP_MPS2 = 0.8 * 9.81
FAST_MPS = 40.0


@dataclass(frozen=True)
class Error:
    """Field and refined path against the closed form, as shares of it."""

    what: str
    turned_deg: float
    field: float
    refined: float


def errors() -> Iterator[Error]:
    """Yield the errors of each drawn case, one turn after another."""
    for turn in TURNS_DEG:
        yield _error(
            "straight run, 150 m",
            street(150, entry=True, turned_deg=turn),
            vehicle(),
            FieldSettings(0.5, 64, 10.0),
            lambda x, y: x > 148,
            math.sqrt(10.0**2 + 2 * 3 * 150),
            turned_deg=turn,
        )
        # The arc touches both outer sides and passes the inner corner of the ground at 1 m.
        yield _error(
            "90 degree corner",
            corner(6.0, turned_deg=turn),
            vehicle(**ROLLING),
            FieldSettings(0.5, 64, FAST_MPS),
            lambda x, y: (y > 45) & (y < 58),
            math.sqrt(GRIP_MPS2 * (math.sqrt(2) * 7 - 1) / (math.sqrt(2) - 1)),
            turned_deg=turn,
            towards_deg=90.0,
        )
        for aside, length, slack in ((5, 12, 1.0), (5, 12, 1.5), (8, 15, 1.5), (6, 20, 2.0)):
            yield _error(
                "chicane, slack 1 to 2 m",
                chicane(aside, length, slack, turned_deg=turn),
                vehicle(**ROLLING),
                FieldSettings(0.5, 64, FAST_MPS),
                lambda x, y, end=length: (x > end + 45) & (x < end + 58),
                math.sqrt(GRIP_MPS2 * widest_arcs_m(aside, length, slack)),
                turned_deg=turn,
            )


def widest_arcs_m(aside_m: float, length_m: float, slack_m: float) -> float:
    """Return the radius of the two equal arcs through a drawn chicane, for a disc of 1 m.

    The first arc touches the outer side of its lane and passes the inner corner of the ground at
    1 m; both arcs meet in the middle.
    """
    low, high = 10.0, 400.0
    for _ in range(60):
        radius = (low + high) / 2
        before = 1.0 + math.sqrt(2 * (radius - 1) * slack_m - slack_m**2)
        rise = (aside_m + slack_m) / 2
        fits = length_m / 2 + before >= math.sqrt(2 * radius * rise - rise**2)
        low, high = (radius, high) if fits else (low, radius)
    return low


def _error(
    what: str,
    ground: DrivableSurface,
    driver: Vehicle,
    settings: FieldSettings,
    where: Callable[..., np.ndarray],
    possible_mps: float,
    *,
    turned_deg: float,
    towards_deg: float = 0.0,
) -> Error:
    terrain = make_terrain(ground, settings, widest_m=driver.width_m)
    field = solve_on(terrain, driver, bound=Bound.NOMINAL)
    row, column = np.nonzero(field.free)
    x, y = (field.origin_m[n] + cells * field.cell_m for n, cells in enumerate((column, row)))
    turn = math.radians(turned_deg)
    keep = where(x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn))
    row, column = row[keep], column[keep]
    label = field.label[row, :, column].astype(int)
    off = field.heading_rad - math.radians(towards_deg) - turn
    label[:, np.cos(off) < math.cos(math.radians(18))] = -1
    best, heading = np.unravel_index(np.argmax(label), label.shape)
    route = route_to(find_ways(field, terrain, np.array([[row[best], heading, column[best]]])), 0)
    path = refine_route(make_refiner(terrain, driver), route)
    speed = float(field.speed_of_label_mps[label[best, heading]])
    refined = math.nan if path is None else path.speed_mps / possible_mps - 1
    return Error(what, turned_deg, speed / possible_mps - 1, refined)
