"""Case + lines -> what a vehicle that is stopped still reaches: crowds, and ground of the zone."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from sbd.catalogue.products import Product
from sbd.model.verdict import Check
from sbd.verify.breach import at
from sbd.verify.case import Case

COLUMNS = ("run_out_m", "penetration_m")
NAMED = 5
# Of the polygon that stands for a quarter of a circle.
SEGMENTS = 16


@dataclass(frozen=True, slots=True, eq=False)
class _Reach:
    """How far a vehicle, or major debris, comes past what stands; NaN where nobody says."""

    name: str
    shape: BaseGeometry
    run_out_m: float

    @property
    def ground(self) -> BaseGeometry:
        # Part by part: all of a row at once takes several times as long.
        parts = shapely.get_parts(self.shape)
        return shapely.union_all(shapely.buffer(parts, self.run_out_m, quad_segs=SEGMENTS))


def run_out_check(
    case: Case, barriers: gpd.GeoDataFrame | None, products: Sequence[Product] = ()
) -> tuple[Check | None, list[str]]:
    """Return whether run-out keeps clear of all crowds; without crowds, what to keep clear.

    Measured from the outline of the units and from the line, to all sides, and solids in between
    help nothing: errs to the safe side. A run-out that nobody states is a condition.
    """
    reaches = _reaches(case, barriers, products)
    known = [reach for reach in reaches if reach.run_out_m == reach.run_out_m]  # not NaN
    unknown = [reach.name for reach in reaches if reach.run_out_m != reach.run_out_m]
    advice = []
    if unknown:
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        advice.append(
            f"run-out: how far a vehicle comes past {', '.join(unknown[:NAMED])}{more} is not "
            "stated; keep crowds away until the maker says"
        )
    crowds = case.site.crowds
    if crowds.empty:
        taken = shapely.union_all([reach.ground for reach in known])
        area_m2 = case.site.zone_shape.intersection(case.arena.ground).intersection(taken).area
        if area_m2 >= 0.5:
            advice.append(
                f"run-out: {area_m2:.0f} m² of the zone lie within the rated penetration of a "
                "line: keep crowds out of it"
            )
        return None, advice
    faults = []
    for crowd_id, name, shape in zip(
        crowds["crowd_id"], crowds["name"], crowds.geometry, strict=True
    ):
        for reach in known:
            off_m = reach.shape.distance(shape)
            if off_m <= reach.run_out_m:
                spot = shapely.get_coordinates(shapely.shortest_line(shape, reach.shape))[0]
                faults.append(
                    f"{name or crowd_id} is {off_m:.2f} m from {reach.name} {at(spot)}, where a "
                    f"vehicle comes {reach.run_out_m:.2f} m"
                )
    more = f"; and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
    return (
        Check(
            name="run_out",
            question="Does no crowd stand where a vehicle that is stopped, or debris, comes to?",
            width_m=0.0,
            passes=not faults,
            wanted=True,
            note="; ".join(faults[:NAMED]) + more or _nearest(crowds, known),
        ),
        advice,
    )


def _nearest(crowds: gpd.GeoDataFrame, known: list[_Reach]) -> str:
    people = shapely.union_all(crowds.geometry.to_numpy())
    spare = [(reach.shape.distance(people) - reach.run_out_m, reach.name) for reach in known]
    if not spare:
        return f"{len(crowds)} crowds, no line whose run-out is known"
    least_m, name = min(spare)
    return f"{len(crowds)} crowds; {least_m:.2f} m to spare behind {name}, the nearest"


def _reaches(
    case: Case, barriers: gpd.GeoDataFrame | None, products: Sequence[Product]
) -> list[_Reach]:
    """Return a reach for each line and product; each unit counts by the best figure there is."""
    table = case.table
    by_product = {product.product_id: product.run_out_m for product in products}
    by_line = {} if barriers is None else _by_line(barriers)
    line = table["line_id"].map(by_line).to_numpy(dtype=float)
    own = _column(table)
    made = table.get("product_id", pd.Series(index=table.index, dtype=object)).map(by_product)
    # The line's figure is that of its worst product; a unit's own goes first, the product's next.
    run_out_m = np.where(np.isnan(own), made.to_numpy(dtype=float), own)
    run_out_m = np.where(np.isnan(run_out_m), line, run_out_m)
    units = table.assign(_run_out_m=run_out_m)
    found = [
        _Reach(str(line_id), shapely.union_all(rows.geometry.to_numpy()), float(run_out_m))
        for (line_id, run_out_m), rows in units.groupby(["line_id", "_run_out_m"], dropna=False)
    ]
    if barriers is not None:
        rows = zip(barriers["line_id"], barriers.geometry, strict=True)
        least = units.groupby("line_id")["_run_out_m"].min()
        found += [_Reach(str(name), shape, float(least.get(name, np.nan))) for name, shape in rows]
    return found


def _by_line(barriers: gpd.GeoDataFrame) -> dict[str, float]:
    return dict(zip(barriers["line_id"], _column(barriers), strict=True))


def _column(table: gpd.GeoDataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the farthest that a vehicle, or debris, comes by the table's own columns."""
    told = [pd.to_numeric(table[name], errors="coerce") for name in COLUMNS if name in table]
    if not told:
        return np.full(len(table), np.nan)
    return np.asarray(pd.concat(told, axis=1).max(axis=1), dtype=float)
