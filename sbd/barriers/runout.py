"""A fitted line -> the part of the zone behind it where a vehicle may come to rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon

from sbd.barriers.fitting import FittedLine
from sbd.barriers.proof import least_evidence
from sbd.barriers.rows import Unit
from sbd.catalogue.coverage import Evidence
from sbd.catalogue.product import Product

# A buffer's arcs are polygons inside the circle; grown by this they lie around it.
QUARTER_SIDES = 16
AROUND_SHARE = float(1 / np.cos(np.pi / (4 * QUARTER_SIDES)))


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """Ground of the zone that is lost behind one line.

    Parameters
    ----------
    product : Product
        The one with the longest run-out on the line.
    ground : Polygon or MultiPolygon
        May be empty: the line stands further off than that, or nothing comes through.
    unknown : bool
        No test of the very impact says how far the vehicle comes: a harder one only, or none. A
        slower vehicle has come further than a faster one.
    evidence : str
        The tests that say so, in words.
    """

    product: Product
    ground: Polygon | MultiPolygon
    unknown: bool
    evidence: str

    @property
    def run_out_m(self) -> float:
        """Longest run-out on the line."""
        return self.product.run_out_m


def strip_behind(line: FittedLine, zone: Polygon | MultiPolygon) -> Strip:
    """Return the ground of a zone that the run-out of a line takes.

    Every unit and half the gaps beside it count with the run-out of its product, around corners and
    through walls alike, which errs high. What a product without published debris throws is missing,
    which errs low; the words say so.
    """
    reach = [
        shapely.buffer(
            shapely.union(unit.shape, way),
            unit.product.run_out_m * AROUND_SHARE,
            quad_segs=QUARTER_SIDES,
        )
        for unit, way in zip(line.units, _ways(line), strict=True)
    ]
    parts = shapely.get_parts(shapely.intersection(shapely.union_all(reach), zone))
    areas = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    used = sorted({unit.product.product_id: unit.product for unit in line.units}.items())
    proof = [_told(product, line.units) for _, product in used]
    return Strip(
        product=max((product for _, product in used), key=lambda product: product.run_out_m),
        ground=shapely.union_all(areas),
        unknown=any(unknown for unknown, _ in proof),
        evidence="; ".join(words for _, words in proof),
    )


def _ways(line: FittedLine) -> list[LineString]:
    """Return the way from the middle of the gap before each unit to that of the gap after it."""
    middles = np.array([unit.centre for unit in line.units])
    if line.line.closed:
        first, last = middles[-1], middles[0]
    else:
        # A gap at a wall belongs to the unit beside it as a whole.
        first, last = (
            2 * line.line.vertices[end] - middle
            for end, middle in ((0, middles[0]), (-1, middles[-1]))
        )
    around = np.concatenate([[first], middles, [last]])
    between = 0.5 * (around[:-1] + around[1:])
    return [LineString([between[k], middles[k], between[k + 1]]) for k in range(len(middles))]


def _told(product: Product, units: Sequence[Unit]) -> tuple[bool, str]:
    """Say whether the run-out of a product is unknown for what strikes its units, and in words."""
    own = [unit for unit in units if unit.product is product]
    answer = least_evidence(product, own)
    tests = f"{product.tests} published test" + ("s" if product.tests != 1 else "")
    far = f"{product.product_id}: {product.run_out_m:g} m in {tests}"
    debris = "" if np.isfinite(product.debris_m) else ", debris not published"
    if answer is Evidence.TESTED:
        return False, far + debris
    harder = answer is Evidence.HARDER
    gap = "only a harder impact was tested" if harder else "no test covers what arrives"
    return True, f"{far}{debris}; {gap}, so how far this one comes is unknown"
