"""DrivableSurface -> which product may stand where, and what the ground there adds to its price.

Three things bar a product from a place: crowds that its run-out reaches, ground on which nothing
may stand, and ground that allows no foundation as deep as its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.barriers.demand import Floats
from sbd.catalogue.product import Product
from sbd.model.surface import DrivableSurface
from sbd.model.tables import FOUNDATIONS

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
        Where no unit may stand; may be empty.
    shallow : tuple of (number in `tables.FOUNDATIONS`, Polygon or MultiPolygon)
        Where no foundation may be deeper than that.
    priced : tree of Polygon
        Where a unit costs `price` more, (n,); where several lie over each other they add up.
    """

    crowds: shapely.Geometry
    forbidden: shapely.Geometry
    shallow: tuple[tuple[int, shapely.Geometry], ...]
    priced: shapely.STRtree
    price: Floats

    def reached(self, products: Sequence[Product], lines: Shapes) -> Bools:
        """Say whose run-out reaches a crowd from the rear of a unit on which lines, (n, p).

        No wall is taken to stop what comes through, and the way counts in every direction: both
        err to the safe side.
        """
        if self.crowds.is_empty:
            return np.zeros((len(lines), len(products)), dtype=bool)
        reach = np.array([p.run_out_m + 0.5 * p.depth_m + TOUCH_M for p in products])
        return np.asarray(shapely.distance(lines, self.crowds)[:, None] <= reach)

    def concerns(self, products: Sequence[Product], line: shapely.Geometry) -> bool:
        """Say whether anything of this matters for units of some products along a line."""
        aside_m = max(float(np.hypot(p.width_m, p.depth_m)) for p in products)
        if self.reached(products, np.array([line.buffer(aside_m)], dtype=object)).any():
            return True
        grounds = (self.forbidden, *(ground for _, ground in self.shallow))
        return (
            any(shapely.dwithin(line, ground, aside_m) for ground in grounds)
            or self.priced.query(line, predicate="dwithin", distance=aside_m).size > 0
        )

    def barred_units(self, product: Product, shapes: Shapes) -> Bools:
        """Say which units of a product may not stand where they are, (n,)."""
        barred = np.zeros(len(shapes), dtype=bool)
        if not self.crowds.is_empty:
            barred |= shapely.dwithin(self.crowds, shapes, product.run_out_m + TOUCH_M)
        grounds = [self.forbidden, *self._too_shallow(product)]
        if any(not ground.is_empty for ground in grounds):
            cores = shapely.buffer(shapes, -TOUCH_M)
            for ground in grounds:
                barred |= shapely.intersects(ground, cores)
        return barred

    def unit_extras(self, shapes: Shapes) -> Floats:
        """Return what the ground under units adds to the price of each, (n,)."""
        if not len(self.price):
            return np.zeros(len(shapes))
        unit, rule = self.priced.query(shapely.buffer(shapes, -TOUCH_M), predicate="intersects")
        extra = np.zeros(len(shapes))
        np.add.at(extra, unit, self.price[rule])
        return extra

    def barred_lines(self, products: Sequence[Product], lines: Shapes, *, gap_m: float) -> Bools:
        """Say which products may not close which straight lines, (n, p).

        Bad ground that one gap spans bars nothing: units stand beside it. A longer stretch holds a
        unit in any row. A run-out that reaches a crowd from some place of the line bars the product
        from all of it, which errs high.
        """
        barred = self.reached(products, lines)
        for number, ground in self.shallow:
            stretch = longest_stretch_m(lines, ground) > gap_m
            barred |= stretch[:, None] & (_depths(products) > number)
        return barred | (longest_stretch_m(lines, self.forbidden) > gap_m)[:, None]

    def line_extras(self, lines: Shapes) -> Floats:
        """Return what the ground adds to each unit on straight lines, on average, (n,)."""
        extra = np.zeros(len(lines))
        if len(self.price):
            line, rule = self.priced.query(lines, predicate="intersects")
            covered = shapely.length(
                shapely.intersection(lines[line], self.priced.geometries[rule])
            ) / np.maximum(shapely.length(lines[line]), TOUCH_M)
            np.add.at(extra, line, covered * self.price[rule])
        return extra

    def _too_shallow(self, product: Product) -> list[shapely.Geometry]:
        depth = _depths([product])[0]
        return [ground for number, ground in self.shallow if depth > number]


def siting_of(surface: DrivableSurface) -> Siting:
    """Return what crowds and place rules of a surface say; nothing where it has neither."""
    rules, crowds = surface.place_rules, surface.crowds
    if rules is None or rules.empty:
        shallow, forbidden, priced, price = [], shapely.Polygon(), [], np.zeros(0)
    else:
        forbids = rules["effect"] == "forbid"
        costs = (rules["effect"] == "price") & (rules["price"] > 0)
        forbidden = _union(rules[forbids])
        priced, price = rules.geometry[costs].to_numpy(), rules["price"][costs].to_numpy(float)
        shallow = [
            (number, _union(rules[~forbids & (rules["deepest_foundation"] == letter)]))
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
    >>> longest_stretch_m(line, two_strips).tolist()
    [3.0]
    """
    longest = np.zeros(len(lines))
    if ground.is_empty:
        return longest
    hit = np.flatnonzero(shapely.intersects(ground, lines))
    pieces, owner = shapely.get_parts(shapely.intersection(lines[hit], ground), return_index=True)
    np.maximum.at(longest, hit[owner], shapely.length(pieces))
    return longest


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
    """Return the place of each foundation in `tables.FOUNDATIONS`; an unknown one is deepest."""
    known = {letter: number for number, letter in enumerate(FOUNDATIONS)}
    return np.array([known.get(p.foundation, len(FOUNDATIONS)) for p in products], dtype=np.int64)
