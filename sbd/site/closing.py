"""Streets in, streets out that know whether they may be closed, and why."""

import difflib
from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sbd.errors import InputError
from sbd.site.features import plain_name
from sbd.site.shapes import Shapes
from sbd.site.streets import CARRIAGEWAYS, MAIN_ROADS

TRANSIT = ("bus", "trolleybus", "tram")
CLOSABLE = "may be closed"
SAID = ", as its layer says"

# Rails count as lying in a street's carriageway within half its width and this much more [m].
RAIL_REACH_M = 1.0
RAIL_SHARE = 0.5


def mark_open(
    streets: gpd.GeoDataFrame,
    *,
    close: Iterable[str] = (),
    keep_open: Iterable[str] = (),
    said: bool = False,
) -> gpd.GeoDataFrame:
    """Return the streets with `stays_open` and `reason`.

    By default roads from trunk (and motorway) to tertiary with their links stay open, and so do
    streets on a bus or tram route, streets with tram rails in them, and the rails. `close` and
    `keep_open` name streets, by name (case and accents do not matter) or by id ("way/123"), that
    the planner decides otherwise. A name never closes rails, an id does. With `said`, the column
    `stays_open` of the layer itself goes before the default where it is not None.

    Raises
    ------
    InputError
        A street that is not there, with the names that come near, or one in both lists.
    """
    reason = _default_reasons(streets)
    closed = _rows_of(streets, close, "--close", rails=False)
    kept = _rows_of(streets, keep_open, "--keep-open", rails=True)
    if (both := closed & kept).any():
        label = _label(streets.iloc[int(np.flatnonzero(both)[0])])
        raise InputError(f"street {label!r}: both --close and --keep-open; give one of them")
    stays_open = reason != ""
    words = np.where(stays_open, reason, CLOSABLE)
    if said:
        stated = streets["stays_open"].notna().to_numpy()
        value = streets["stays_open"].eq(True).to_numpy(dtype=bool)
        stays_open = np.where(stated, value, stays_open)
        words = np.where(stated, np.where(value, "stays open", CLOSABLE) + SAID, words)
    stays_open = (stays_open & ~closed) | kept
    words = np.where(kept, "kept open by the planner", words)
    words = np.where(closed, "closed by the planner", words)
    return streets.assign(stays_open=stays_open, reason=words)


def _default_reasons(streets: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return why each street stays open; an empty text where it may be closed."""
    highway = streets["highway"].astype(object)
    plain = highway.str.removesuffix("_link")
    carries = plain.isin([*CARRIAGEWAYS, "pedestrian"]).to_numpy()
    routes = [[kind for kind in TRANSIT if kind in text.split()] for text in streets["routes"]]
    on_route = carries & np.array([bool(kinds) for kinds in routes], dtype=bool)
    route_words = np.array([" and ".join(kinds) + " route" for kinds in routes], dtype=object)
    rail = streets["rail"].to_numpy(dtype=bool)
    tracks = streets.geometry.to_numpy()[rail & (highway == "tram").to_numpy()]
    with_rails = carries & ~rail & _has_rails(streets, tracks)
    reason = np.full(len(streets), "", dtype=object)
    reason[with_rails] = "tram rails in the carriageway"
    reason[on_route] = route_words[on_route]
    main = plain.isin(MAIN_ROADS).to_numpy()
    reason[main] = (highway[main] + " road").to_numpy()
    reason[rail] = (highway[rail] + " rails").to_numpy()
    return reason


def _has_rails(streets: gpd.GeoDataFrame, tracks: Shapes) -> NDArray[np.bool_]:
    """Return which streets have rails in the carriageway along half their length or more."""
    lines = streets.geometry.to_numpy()
    share = np.zeros(len(lines))
    if len(tracks):
        reach = streets["width_m"].to_numpy() / 2 + RAIL_REACH_M
        line, track = shapely.STRtree(tracks).query(lines, predicate="dwithin", distance=reach)
        # Cut the street by the tracks' surroundings: how much of it runs beside them.
        beside = pd.Series(shapely.buffer(tracks[track], reach[line], cap_style="flat"))
        for row, shapes in beside.groupby(line):
            inside = shapely.intersection(lines[row], shapely.union_all(shapes.to_numpy()))
            share[row] = inside.length / max(lines[row].length, 1e-9)
    return share >= RAIL_SHARE


def _rows_of(
    streets: gpd.GeoDataFrame, asked: Iterable[str], option: str, *, rails: bool
) -> NDArray[np.bool_]:
    plain_names = np.array([plain_name(name) for name in streets["name"]], dtype=object)
    ids = streets["street_id"].to_numpy(dtype=object)
    rail = streets["rail"].to_numpy(dtype=bool)
    chosen = np.zeros(len(streets), dtype=bool)
    for text in asked:
        by_name = (plain_names == plain_name(text)) & (plain_names != "")
        rows = (ids == text.strip()) | (by_name if rails else by_name & ~rail)
        if not rows.any():
            raise InputError(f"{option} {text!r}: no such street here; {_near(streets, text)}")
        chosen |= rows
    return chosen


def _near(streets: gpd.GeoDataFrame, text: str) -> str:
    names = {plain_name(name): name for name in sorted(streets["name"]) if name}
    near = difflib.get_close_matches(plain_name(text), list(names), n=4, cutoff=0.4)
    if near:
        return "near it: " + ", ".join(names[key] for key in near)
    return 'give a name from the layer "streets" or an id like "way/123"'


def _label(street: pd.Series) -> str:
    return str(street["name"] or street["street_id"])
