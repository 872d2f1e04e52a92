"""DrivableSurface -> which product may stand where, and what the ground there adds to its price.

Three things bar a product from a place: crowds that its run-out reaches, ground on which nothing
may stand, and ground that allows no foundation as deep as its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.barriers.demand import Floats
from sbd.catalogue.product import Product
from sbd.geometry.mesh import segments_of
from sbd.model.surface import DrivableSurface
from sbd.model.words import FOUNDATIONS

Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]

GRAZED_M = 1.0  # a line that takes no more of a carriageway leaves it open
TOUCH_M = 0.002  # shapes that share less than this only touch


@dataclass(frozen=True, slots=True, eq=False)
class Siting:
    """What crowds and ground say of every place.

    Parameters
    ----------
    crowds : Polygon or MultiPolygon
        Where nothing may come to rest; empty where nobody said so.
    forbidden : Polygon or MultiPolygon
        Where no unit may stand, less what may be touched; may be empty.
    shallow : tuple of (number in `words.FOUNDATIONS`, Polygon or MultiPolygon)
        Where no foundation may be deeper than that.
    priced : tree of Polygon
        Where a unit costs `price` more, (n,); where several lie over each other they add up.
    """

    crowds: shapely.Geometry
    forbidden: shapely.Geometry
    shallow: tuple[tuple[int, shapely.Geometry], ...]
    priced: shapely.STRtree
    price: Floats

    def concerns(self, products: Sequence[Product], line: shapely.Geometry) -> bool:
        """Say whether anything of this matters for units of some products along a line."""
        aside_m = max(float(np.hypot(p.width_m, p.depth_m)) for p in products)
        reach_m = aside_m + max(p.run_out_m for p in products)
        grounds = (self.forbidden, *(ground for _, ground in self.shallow))
        return (
            bool(shapely.dwithin(self.crowds, line, reach_m))
            or any(shapely.dwithin(ground, line, aside_m) for ground in grounds)
            or self.priced.query(line, predicate="dwithin", distance=aside_m).size > 0
        )

    def barred_units(self, product: Product, shapes: Shapes) -> Bools:
        """Say which units of a product may not stand where they are, (n,)."""
        barred = np.asarray(shapely.intersects(self.forbidden, shapes))
        if not self.crowds.is_empty:
            barred |= shapely.dwithin(self.crowds, shapes, product.run_out_m + TOUCH_M)
        depth = _depths([product])[0]
        for number, ground in self.shallow:
            if depth > number:
                barred |= shapely.intersects(ground, shapes)
        return barred

    def unit_extras(self, shapes: Shapes) -> Floats:
        """Return what the ground under units adds to the price of each, (n,)."""
        extra = np.zeros(len(shapes))
        if len(self.price):
            unit, rule = self.priced.query(shapes, predicate="intersects")
            np.add.at(extra, unit, self.price[rule])
        return extra

    def along(self, lines: Shapes) -> "Along":
        """Return what straight lines meet; what it bars is asked product by product."""
        extra = np.zeros(len(lines))
        if len(self.price):
            line, rule = self.priced.query(lines, predicate="intersects")
            covered = shapely.length(
                shapely.intersection(lines[line], self.priced.geometries[rule])
            ) / np.maximum(shapely.length(lines[line]), TOUCH_M)
            np.add.at(extra, line, covered * self.price[rule])
        crowd_m = np.full(len(lines), np.inf)
        if not self.crowds.is_empty:
            crowd_m = shapely.distance(lines, self.crowds)
        return Along(
            crowd_m=crowd_m,
            forbidden_m=longest_stretch_m(lines, self.forbidden),
            shallow_m=tuple(
                (number, longest_stretch_m(lines, ground)) for number, ground in self.shallow
            ),
            extra=extra,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """What straight lines meet on their way.

    Parameters
    ----------
    crowd_m : (n,) array
        From each line to the nearest crowd; inf where there is none.
    forbidden_m : (n,) array
        Longest stretch of it on ground where no unit may stand.
    shallow_m : tuple of (number in `words.FOUNDATIONS`, (n,) array)
        Longest stretch on ground that bears nothing deeper.
    extra : (n,) array
        What the ground adds to each unit on the line, on average.
    """

    crowd_m: Floats
    forbidden_m: Floats
    shallow_m: tuple[tuple[int, Floats], ...]
    extra: Floats

    def barred(self, products: Sequence[Product], *, gap_m: float) -> Bools:
        """Say which products may not close which lines, (n, p).

        Bad ground that one gap spans bars nothing: units stand beside it. A longer stretch holds a
        unit in any row. A run-out that reaches a crowd from some place of the line bars the product
        from all of it, which errs high; so does that no wall is taken to stop what comes through,
        and that the way counts in every direction.
        """
        reach_m = np.array([p.run_out_m + 0.5 * p.depth_m + TOUCH_M for p in products])
        barred = self.crowd_m[:, None] <= reach_m
        for number, stretch_m in self.shallow_m:
            barred |= (stretch_m > gap_m)[:, None] & (_depths(products) > number)
        return np.asarray(barred | (self.forbidden_m > gap_m)[:, None])


@lru_cache(maxsize=4)
def siting_of(surface: DrivableSurface) -> Siting:
    """Return what crowds and place rules of a surface say; nothing where it has neither.

    The same surface is asked about several times in a plan: the last few are remembered.
    """
    rules, crowds = surface.place_rules, surface.crowds
    if rules is None or rules.empty:
        shallow, forbidden, priced, price = [], shapely.Polygon(), [], np.zeros(0)
    else:
        forbids = rules["effect"] == "forbid"
        costs = (rules["effect"] == "price") & (rules["price"] > 0)
        forbidden = shapely.buffer(_union(rules[forbids]), -TOUCH_M)
        # A unit may touch: it stands in what it overlaps.
        priced = shapely.buffer(rules.geometry[costs].to_numpy(), -TOUCH_M)
        price = rules["price"][costs].to_numpy(float)
        shallow = [
            (
                number,
                shapely.buffer(
                    _union(rules[~forbids & (rules["deepest_foundation"] == letter)]), -TOUCH_M
                ),
            )
            for number, letter in enumerate(FOUNDATIONS)
        ]
    siting = Siting(
        crowds=shapely.Polygon() if crowds is None else _union(crowds),
        forbidden=forbidden,
        shallow=tuple((number, ground) for number, ground in shallow if not ground.is_empty),
        priced=shapely.STRtree(priced),
        price=price,
    )
    shapely.prepare([siting.crowds, siting.forbidden, *(ground for _, ground in siting.shallow)])
    return siting


def longest_stretch_m(lines: Shapes, ground: shapely.Geometry) -> Floats:
    """Return the longest piece of each straight line that lies on some ground, (n,).

    >>> from shapely import LineString, box
    >>> line = np.array([LineString([(0, 0), (10, 0)])], dtype=object)
    >>> two_strips = shapely.union(box(1, -1, 2, 1), box(5, -1, 8, 1))
    >>> longest_stretch_m(line, two_strips).round(6).tolist()
    [3.0]
    """
    longest = np.zeros(len(lines))
    shapely.prepare(ground)
    hit = np.flatnonzero(shapely.intersects(ground, lines))
    if not len(hit):
        return longest
    ends = shapely.get_coordinates(lines[hit]).reshape(-1, 2, 2)
    way = ends[:, 1] - ends[:, 0]
    owner, share = _knots(ends[:, 0], way, segments_of(shapely.boundary(ground)))
    # Between two crossings of the outline a line is wholly inside or wholly outside.
    same = owner[1:] == owner[:-1]
    low, high, of = share[:-1][same], share[1:][same], owner[1:][same]
    middle = ends[of, 0] + way[of] * (0.5 * (low + high))[:, None]
    inside = shapely.contains_xy(ground, middle)
    starts_anew = np.append(True, (of[1:] != of[:-1]) | ~inside[1:] | ~inside[:-1])
    stretch = np.cumsum(starts_anew) - 1
    size_m = np.hypot(*way.T)[of] * (high - low) * inside
    np.maximum.at(longest, hit[of], np.bincount(stretch, weights=size_m)[stretch])
    return longest


def _knots(start: Floats, way: Floats, outline: Shapes) -> tuple[NDArray[np.int64], Floats]:
    """Return where lines cross an outline, with their ends: line and share of its way, in order."""
    lines = shapely.linestrings(np.stack([start, start + way], axis=1))
    line, edge = shapely.STRtree(outline).query(lines, predicate="intersects")
    sides = shapely.get_coordinates(outline).reshape(-1, 2, 2)[edge]
    along, off = sides[:, 1] - sides[:, 0], sides - start[line][:, None]
    cross = way[line, 0] * along[:, 1] - way[line, 1] * along[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (off[:, 0, 0] * along[:, 1] - off[:, 0, 1] * along[:, 0]) / cross
    # A side that a line runs along changes nothing but at its ends.
    flat = ~np.isfinite(share)
    size = np.maximum((way[line] ** 2).sum(axis=1), TOUCH_M**2)
    beside = (off * way[line][:, None]).sum(axis=2) / size[:, None]
    every = np.arange(len(start))
    owner = np.concatenate([every, every, line[~flat], line[flat], line[flat]])
    knots = np.concatenate(
        [np.zeros(len(start)), np.ones(len(start)), share[~flat], *beside[flat].T]
    )
    knots = np.clip(knots, 0.0, 1.0)
    order = np.lexsort((knots, owner))
    return owner[order], knots[order]


def everyday_traffic(surface: DrivableSurface) -> shapely.Geometry:
    """Return the ground that people drive on ordinary days and a plan closes; may be empty."""
    streets = surface.everyday_streets
    traffic = shapely.Polygon() if streets is None or streets.empty else _union(streets)
    shapely.prepare(traffic)
    return traffic


def crosses_traffic(lines: Shapes, traffic: shapely.Geometry) -> Bools:
    """Say which straight lines shut a street that people drive on ordinary days, (n,)."""
    return longest_stretch_m(lines, traffic) > GRAZED_M


def _union(layer: gpd.GeoDataFrame) -> shapely.Geometry:
    return shapely.union_all(layer.geometry.to_numpy())


def _depths(products: Sequence[Product]) -> NDArray[np.int64]:
    """Return the place of each foundation in `words.FOUNDATIONS`; an unknown one is deepest."""
    known = {letter: number for number, letter in enumerate(FOUNDATIONS)}
    return np.array([known.get(p.foundation, len(FOUNDATIONS)) for p in products], dtype=np.int64)
