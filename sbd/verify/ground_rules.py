"""Case + products -> whether units stand where they may, and the planner's hand was followed."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sbd.catalogue.products import Product
from sbd.model.request import Hand
from sbd.model.verdict import Check
from sbd.model.words import FOUNDATIONS
from sbd.verify.breach import at
from sbd.verify.case import Case
from sbd.verify.footprints import cores_of
from sbd.verify.narrows import Shapes

# A pinned unit may have moved by no more than files round [m].
PINNED_M = 0.01
NAMED = 5


def place_check(case: Case, products: Sequence[Product]) -> tuple[Check | None, list[str]]:
    """Return whether units keep off forbidden ground and dig no deeper than allowed.

    None where the site has no place rules. A unit on ground of a shallowest foundation whose own
    is not known is a condition.
    """
    rules = case.site.place_rules
    if rules.empty:
        return None, []
    unit, rule = _standing_on(case.table, rules)
    forbids = (rules["effect"] == "forbid").to_numpy()
    names = (rules["kind"].str.replace("_", " ") + " " + rules["place_rule_id"]).to_numpy()
    faults = [
        f"{_unit(case, u)} stands on {names[r]}, where nothing may stand"
        for u, r in zip(unit, rule, strict=True)
        if forbids[r]
    ]
    own = _foundations(case.table, products)
    allowed = rules["deepest_foundation"].to_numpy(dtype=object)
    unknown = set()
    for u, r in zip(unit.tolist(), rule.tolist(), strict=True):
        if forbids[r] or not allowed[r]:
            continue
        if not own[u]:
            unknown.add(str(case.table["unit_id"][u]))
        elif FOUNDATIONS.index(own[u]) > FOUNDATIONS.index(allowed[r]):
            faults.append(
                f"{_unit(case, u)} has foundation {own[u]} on {names[r]}, which allows "
                f"{allowed[r]} at most"
            )
    advice = []
    if unknown:
        advice.append(
            f"place: the foundation of {_cut(sorted(unknown))} is not known; the ground there "
            "allows no deep one"
        )
    check = Check(
        name="place",
        question="Does every unit keep off forbidden ground and dig no deeper than it may?",
        width_m=0.0,
        passes=not faults,
        wanted=True,
        note=_cut(faults) or f"all {len(case.table)} units, {len(rules)} place rules",
    )
    return check, advice


def hand_check(case: Case, hand: Hand) -> Check | None:
    """Return whether every pinned unit stands where it was drawn and none on forbidden ground.

    None where the planner's hand holds nothing.
    """
    if hand.pinned is None and hand.forbidden is None:
        return None
    faults = []
    pinned = 0 if hand.pinned is None else len(hand.pinned)
    if hand.pinned is not None:
        faults += [
            f"no unit stands where one was pinned {at(shapely.get_coordinates(shape.centroid)[0])}"
            for shape in hand.pinned.geometry
            if not _stands_there(case.shapes, shape)
        ]
    if hand.forbidden is not None:
        inside = shapely.intersects(hand.forbidden, cores_of(case.shapes))
        faults += [
            f"{_unit(case, int(row))} stands on ground that the planner forbade"
            for row in np.flatnonzero(inside & ~_is_pinned(case.shapes, hand.pinned))
        ]
    return Check(
        name="hand",
        question="Does every pinned unit stand as drawn, and none on ground that was forbidden?",
        width_m=0.0,
        passes=not faults,
        wanted=True,
        note=_cut(faults) or f"{pinned} pinned units kept",
    )


def _standing_on(
    table: gpd.GeoDataFrame, rules: gpd.GeoDataFrame
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    tree = shapely.STRtree(rules.geometry.to_numpy())
    unit, rule = tree.query(cores_of(table.geometry.to_numpy()), predicate="intersects")
    order = np.lexsort((rule, unit))
    return unit[order], rule[order]


def _foundations(table: gpd.GeoDataFrame, products: Sequence[Product]) -> list[str]:
    """Return the letter of each unit's foundation, empty where nobody says."""
    known = {product.product_id: product.foundation for product in products}
    nothing = pd.Series(None, index=table.index, dtype=object)
    made = table.get("product_id", nothing).map(known)
    told = table.get("foundation", nothing)
    letters = told.where(told.isin(FOUNDATIONS), made)
    return [str(letter) for letter in letters.where(letters.isin(FOUNDATIONS), "")]


def _stands_there(shapes: Shapes, drawn: shapely.Geometry) -> bool:
    near = shapes[shapely.dwithin(shapes, drawn, PINNED_M)]
    return bool((shapely.hausdorff_distance(near, drawn) <= PINNED_M).any())


def _is_pinned(shapes: Shapes, pinned: gpd.GeoDataFrame | None) -> NDArray[np.bool_]:
    drawn = np.empty(0, dtype=object) if pinned is None else pinned.geometry.to_numpy()
    return np.array([_stands_there(drawn, shape) for shape in shapes], dtype=bool)


def _unit(case: Case, row: int) -> str:
    spot = shapely.get_coordinates(shapely.centroid(case.shapes[row]))[0]
    return f"{case.table['unit_id'][row]} ({at(spot)})"


def _cut(texts: list[str]) -> str:
    more = f"; and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return "; ".join(texts[:NAMED]) + more
