"""Assessment in; each ranked approach as an object with its profile, and its picture, out."""

import json
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sbd.export.looks import PURPLE, VERMILION
from sbd.model.assessment import Assessment

PROFILE = ("distance_m", "speed_kmh", "limited_by", "radius_m", "clear_width_m")

# What limits the speed: colour, width and dash, so that nothing is said by colour only.
_BLUE, _GREEN = "#0072b2", "#009e73"
LIMIT_LOOKS = {
    "engine": (_BLUE, 2.0, "-"),
    "entry": (_BLUE, 2.0, "-"),
    "bend radius": (VERMILION, 4.5, "-"),
    "gap": (VERMILION, 4.5, (0, (1.5, 0.6))),
    "braking": (PURPLE, 2.5, "--"),
    "top speed": (_GREEN, 2.5, ":"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Corridor:
    """One ranked approach: the way, and what limits the speed along it.

    Parameters
    ----------
    corridor_id, rank, vehicle, entry_id, street : str, int
        As in `tables.CORRIDORS`.
    speed_lower_kmh, speed_kmh, speed_upper_kmh : float
        At the end: attained by a checked path, nominal, and beaten by no checked path.
    limited_by : str
        What holds the speed at the end.
    surface : str
        Along the way, by length.
    profile : DataFrame
        `distance_m`, `speed_kmh`, `limited_by` (entry, engine, bend radius, gap, braking, top
        speed), and where a bend limits `radius_m` and `clear_width_m` (else nan).
    line : LineString
        The way of the vehicle's reference point, in the system of the assessment.
    """

    corridor_id: str
    rank: int
    vehicle: str
    entry_id: str
    street: str
    speed_lower_kmh: float
    speed_kmh: float
    speed_upper_kmh: float
    energy_kj: float
    length_m: float
    limited_by: str
    surface: str
    profile: pd.DataFrame
    line: shapely.LineString

    @property
    def title(self) -> str:
        """Rank, vehicle and street in words."""
        return f"Approach {self.rank}: {self.vehicle} over {self.street or 'open ground'}"

    def places(self, crs: object = None) -> gpd.GeoDataFrame:
        """Return the profile's rows with the place of each, as points."""
        share = self.profile["distance_m"] / max(self.length_m, 1e-9)
        points = shapely.line_interpolate_point(self.line, share.clip(0, 1), normalized=True)
        return gpd.GeoDataFrame(
            self.profile.assign(corridor_id=self.corridor_id), geometry=points, crs=crs
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the speed over the way, coloured by what limits it, with the way as a small plan.

        Draws on `ax`, or on a new figure.
        """
        if ax is None:
            _, ax = plt.subplots(figsize=(9.0, 4.0), layout="constrained")
        shown = _draw_limits(ax, self.profile)
        ax.errorbar(
            self.length_m,
            self.speed_kmh,
            yerr=[
                [max(self.speed_kmh - self.speed_lower_kmh, 0.0)],
                [max(self.speed_upper_kmh - self.speed_kmh, 0.0)],
            ],
            color="black",
            capsize=5,
            zorder=5,
        )
        ax.set_xlim(0.0, 1.02 * max(self.length_m, 1.0))
        ax.set_ylim(0.0, 1.1 * max(self.speed_upper_kmh, float(self.profile["speed_kmh"].max()), 1))
        ax.set_xlabel("way driven [m]")
        ax.set_ylabel("speed [km/h]")
        reached = f"{self.speed_kmh:.0f} km/h ({self.speed_lower_kmh:.0f} to "
        words = f"{reached}{self.speed_upper_kmh:.0f}), held by: {self.limited_by}"
        ax.set_title(f"{self.title}\n{words}", loc="left", fontsize=11)
        ax.grid(axis="y", color="#dddddd")
        ax.set_axisbelow(True)
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
        ax.legend(handles=shown, loc="upper left", bbox_to_anchor=(1.01, 0.42), frameon=False)
        _draw_plan(ax, self)
        return ax


def corridors_of(assessment: Assessment) -> list[Corridor]:
    """Return the approaches of an assessment, the hardest first; one from a file will do."""
    table = assessment.corridors.sort_values("rank", kind="stable")
    return [
        Corridor(
            **{name: getattr(row, name) for name in Corridor.__slots__ if name in table.columns}
            | {"profile": profile_of(row.profile), "line": row.geometry}
        )
        for row in table.itertuples(index=False)
    ]


def profile_of(text: str) -> pd.DataFrame:
    """Return the profile of a corridor's row as a table.

    >>> rows = '[[0, 30, "entry", null, null], [9, 20, "bend radius", 5.1, 4.0]]'
    >>> profile_of(rows)["radius_m"].tolist()
    [nan, 5.1]
    """
    table = pd.DataFrame(json.loads(text) if text else [], columns=list(PROFILE))
    numbers = [name for name in PROFILE if name != "limited_by"]
    return table.astype(dict.fromkeys(numbers, float) | {"limited_by": str})


def _draw_limits(ax: Axes, profile: pd.DataFrame) -> list[Line2D]:
    """Draw the speed in stretches of one limit; return the legend of those that occur."""
    distance, speed = profile["distance_m"].to_numpy(), profile["speed_kmh"].to_numpy()
    names = profile["limited_by"].to_numpy()
    ends = np.flatnonzero(names[1:] != names[:-1]) + 1
    for rows in np.split(np.arange(len(names)), ends):
        # Each stretch begins where the one before ended.
        reach = np.arange(max(int(rows[0]) - 1, 0), int(rows[-1]) + 1) if len(rows) else rows
        if len(reach):
            ax.plot(distance[reach], speed[reach], solid_capstyle="butt", **_look(names[rows[0]]))
    kinds = list(dict.fromkeys("engine" if name == "entry" else name for name in names))
    return [Line2D([], [], label=name, **_look(name)) for name in kinds]


def _look(name: str) -> dict[str, Any]:
    colour, width, dash = LIMIT_LOOKS.get(name, LIMIT_LOOKS["engine"])
    return {"color": colour, "linewidth": width, "linestyle": dash}


def _draw_plan(ax: Axes, corridor: Corridor) -> None:
    """Draw the way on a small plan beside the picture, in the same colours."""
    plan = ax.inset_axes((1.02, 0.48, 0.28, 0.52))
    places = shapely.get_coordinates(corridor.places().geometry.to_numpy())
    x, y = shapely.get_coordinates(corridor.line).T
    plan.plot(x, y, color="#bbbbbb", linewidth=4.0, solid_capstyle="round")
    table = pd.DataFrame({"distance_m": places[:, 0], "speed_kmh": places[:, 1]})
    _draw_limits(plan, table.assign(limited_by=corridor.profile["limited_by"].to_numpy()))
    plan.annotate("", xy=(x[-1], y[-1]), xytext=(x[-2], y[-2]), arrowprops={"arrowstyle": "-|>"})
    plan.plot(x[-1], y[-1], marker="o", color="black", markersize=5)
    plan.set_aspect("equal", adjustable="datalim")
    plan.set_xticks([])
    plan.set_yticks([])
    plan.set_title("north is up; ● the zone's edge", fontsize=8)
