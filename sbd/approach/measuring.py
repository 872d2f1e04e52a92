"""Two fields that differ in room and the metres they differ at in; the places that decide out.

On a way of the faster field the slower one keeps up for a while: somewhere beside that way it is
as fast as the way needs. The last place where it does is where room is short: there a gap, a
corner or a wall decides, and there a measurement is worth most.
"""

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.approach.clearance import Terrain
from sbd.approach.impact import Impacts
from sbd.approach.narrows import Narrow, narrow_near
from sbd.approach.routes import Route, find_ways, route_to
from sbd.errors import FieldError
from sbd.model import tables
from sbd.model.speed_field import SpeedField
from sbd.units import KMH_PER_MPS

FIRST = 5
SAME_PLACE_M = 10.0

_SAMPLE_M = 1.0
_BESIDE_M = 1.5  # a way may be displaced by that much and is still the same way
_BESIDE_HEADINGS = 2
_BEHIND, _AHEAD, _BEND = 8, 5, 25  # samples in which a gap or wall is looked for, and a bend

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Deciding:
    """What decides over each of n moved metres.

    Parameters
    ----------
    point : (n,) int array
        Number of the point on the outline.
    place_m : (n, 2) array
        Where to measure.
    what : (n,) object array
        As in `Narrow`.
    clear_width_m : (n,) array
        As in `Narrow`.
    change_mps, change_kj : (n,) array
        How far the metre moves, always positive.
    """

    point: IntArray
    place_m: FloatArray
    what: NDArray[np.object_]
    clear_width_m: FloatArray
    change_mps: FloatArray
    change_kj: FloatArray

    def and_also(self, other: "Deciding") -> "Deciding":
        """Return the metres of both."""
        return Deciding(
            *(
                np.concatenate([getattr(self, name), getattr(other, name)])
                for name in self.__slots__
            )
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """Places along a way: (n, 2) from the origin of the grid, headings [rad], labels needed."""

    place_m: FloatArray
    heading_rad: FloatArray
    needed: FloatArray


def deciding_places(
    faster: SpeedField,
    slower: NDArray[np.uint16],
    terrain: Terrain,
    fast_impacts: Impacts,
    slow_impacts: Impacts,
    moved: IntArray,
    *,
    room_m: float,
) -> Deciding:
    """Return what decides over each moved metre.

    Parameters
    ----------
    slower : (rows, headings, columns) uint16 array
        Labels with less room, on the scale of the faster field.
    terrain : Terrain
        As the vehicle meets it.
    moved : (n,) int array
        Points that the faster field hits faster.
    room_m : float
        Walls that leave so much more than the vehicle's width are no gap.
    """
    states = [getattr(fast_impacts, name) for name in ("row", "heading", "column")]
    forest = find_ways(faster, terrain, np.stack(states, axis=-1)[moved])
    if np.any(forest.node_of_target < 0):
        raise FieldError(
            f"speed field of {faster.vehicle.name!r}: a speed that no way attains; "
            "this is a fault of sbd, please report the site"
        )
    short = fast_impacts.label[moved] - np.maximum(slow_impacts.label[moved], 0)
    known: dict[tuple[int, ...], Narrow] = {}
    places = []
    for target in range(len(moved)):
        route = route_to(forest, target)
        samples = _samples(route, int(fast_impacts.label[moved[target]]), terrain)
        last = _last_kept_up(samples, slower, faster, short[target] / 2)
        # Ways to neighbouring metres share all but their ends.
        key = tuple(np.round(samples.place_m[last]).astype(int).tolist())
        if key not in known:
            stretch = slice(max(0, last - _BEHIND), last + _BEND + 1)
            known[key] = narrow_near(
                samples.place_m[stretch],
                samples.heading_rad[stretch],
                terrain.walls,
                ahead=min(last, _BEHIND) + _AHEAD,
                gap_m=faster.vehicle.width_m + room_m,
            )
        places.append(known[key])
    return Deciding(
        point=moved,
        place_m=np.array([place.place_m for place in places]).reshape(-1, 2) + terrain.origin_m,
        what=np.array([place.what for place in places], dtype=object),
        clear_width_m=np.array([place.clear_width_m for place in places], dtype=np.float64),
        change_mps=(fast_impacts.speed_mps - slow_impacts.speed_mps)[moved],
        change_kj=(fast_impacts.energy_kj - slow_impacts.energy_kj)[moved],
    )


def measure_first(
    deciding: Deciding, vehicle: str, *, step_m: float, crs: object
) -> gpd.GeoDataFrame:
    """Return the places that decide most, at most five (`tables.MEASURE_FIRST`).

    Places within 10 m of a stronger one are one. Ranked by the change of energy summed over the
    metres it decides over; a metre that moves both up and down counts once, with the larger.
    """
    order = np.lexsort((deciding.point, -np.round(deciding.change_kj, 6)))
    rows: list[dict[str, object]] = []
    summed_kj = []
    for members in _same_place(deciding.place_m, order):
        leader = members[0]
        # The strongest first, so that the first of each point is its larger change.
        points, first = np.unique(deciding.point[members], return_index=True)
        summed_kj.append(-round(float(deciding.change_kj[members][first].sum()), 6))
        rows.append(
            {
                "vehicle": vehicle,
                "what": deciding.what[leader],
                "clear_width_m": deciding.clear_width_m[leader],
                "change_kmh": float(deciding.change_mps[members].max()) * KMH_PER_MPS,
                "change_kj": float(deciding.change_kj[members].max()),
                "metres": len(points) * step_m,
                "geometry": shapely.Point(deciding.place_m[leader]),
            }
        )
    if not rows:
        return tables.empty_layer(tables.MEASURE_FIRST, crs)
    ranked = sorted(range(len(rows)), key=summed_kj.__getitem__)[:FIRST]
    table = gpd.GeoDataFrame([rows[n] for n in ranked], crs=crs)
    table = table.assign(rank=range(1, len(ranked) + 1))
    return table[list(tables.MEASURE_FIRST.columns)]


def _same_place(place_m: FloatArray, order: IntArray) -> list[IntArray]:
    """Return groups of places within 10 m of their first, each in the order given."""
    groups = []
    left = order
    while len(left):
        off = np.hypot(*(place_m[left] - place_m[left[0]]).T)
        groups.append(left[off <= SAME_PLACE_M])
        left = left[off > SAME_PLACE_M]
    return groups


def _samples(route: Route, end_label: int, terrain: Terrain) -> _Samples:
    """Return places along a way with the label that it needs there to end on its label."""
    length = np.array([piece.length_m for piece in route.pieces])
    gain = np.array([piece.gain for piece in route.pieces], dtype=np.float64)
    needed = [float(end_label)]
    for won in gain[::-1]:
        needed.append(max(needed[-1] - won, 0.0))
    count = max(2, math.ceil(route.length_m / _SAMPLE_M) + 1)
    share = np.linspace(0.0, 1.0, count)
    line = shapely.line_interpolate_point(route.line, share, normalized=True)
    place = shapely.get_coordinates(line) - terrain.origin_m
    step = np.diff(place, axis=0)
    heading = np.arctan2(step[:, 1], step[:, 0])
    ends = np.concatenate([[0.0], np.cumsum(length)])
    return _Samples(
        place_m=place,
        heading_rad=np.append(heading, heading[-1]),
        needed=np.interp(share * ends[-1], ends, needed[::-1]),
    )


def _last_kept_up(
    samples: _Samples, slower: NDArray[np.uint16], field: SpeedField, most_short: float
) -> int:
    """Return the last sample at which the slower field is short by at most so much; 0 for none."""
    rows, headings, columns = slower.shape
    reach = math.ceil(_BESIDE_M / field.cell_m)
    beside = np.arange(-reach, reach + 1)
    turned = np.arange(-_BESIDE_HEADINGS, _BESIDE_HEADINGS + 1)
    for n in range(len(samples.needed) - 1, 0, -1):
        x, y = np.round(samples.place_m[n] / field.cell_m).astype(np.int64)
        nearest = int(np.argmax(np.cos(field.heading_rad - samples.heading_rad[n])))
        row = np.clip(y + beside, 0, rows - 1)
        column = np.clip(x + beside, 0, columns - 1)
        here = slower[np.ix_(row, (nearest + turned) % headings, column)].max()
        if here >= samples.needed[n] - most_short:
            return n
    return 0
