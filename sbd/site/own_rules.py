"""Somebody's own place rules in, with what they leave open, rules that keep the contract out."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sbd.model import tables
from sbd.site.clearances import CLEARANCES, Clearance
from sbd.site.shapes import only_polygons

# A kind that nobody has a usual clearance for: nothing may stand on its polygon.
_OTHER = Clearance(0.0, "forbid", "", "as drawn", "assumed")


def settled_rules(rules: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return place rules (`tables.PLACE_RULES`) from rows that may leave much open.

    Points and lines grow by their `clearance_m`, where it is open by what is usual for their kind;
    polygons grow only by a stated one. An open `effect` is "price" where a price or a deepest
    foundation is stated; where all three are open, what is usual for the kind holds.

    Parameters
    ----------
    rules : GeoDataFrame
        Metric; `effect` may be "", `price` and `clearance_m` may be NaN.
    """
    usual = [CLEARANCES.get(kind, _OTHER) for kind in rules["kind"]]
    price = pd.to_numeric(rules["price"]).to_numpy(dtype=float)
    deepest = rules["deepest_foundation"].to_numpy(dtype=object)
    effect = rules["effect"].to_numpy(dtype=object)
    stated = (np.nan_to_num(price) > 0.0) | (deepest != "")
    by_kind = (effect == "") & ~stated
    effect = np.where((effect == "") & stated, "price", effect)
    settled = rules.assign(
        effect=np.where(by_kind, [own.effect for own in usual], effect),
        deepest_foundation=np.where(by_kind, [own.deepest_foundation for own in usual], deepest),
        price=np.nan_to_num(price),
        source=[
            own.source if open_ else "as given" for own, open_ in zip(usual, by_kind, strict=True)
        ],
        geometry=_grown(rules, usual),
    )
    return settled[[*tables.PLACE_RULES.columns, "source"]]


def _grown(rules: gpd.GeoDataFrame, usual: list[Clearance]) -> gpd.GeoSeries:
    shapes = rules.geometry.to_numpy()
    drawn = shapely.get_dimensions(shapes) == 2
    stated = pd.to_numeric(rules["clearance_m"]).to_numpy(dtype=float)
    by_kind = np.where(drawn, 0.0, [own.reach_m for own in usual])
    reach = np.where(np.isnan(stated), by_kind, stated)
    # Without a clearance a line is still there: a unit on it would stand on what it shows.
    reach = np.where(drawn, reach, np.maximum(reach, 0.05))
    grown = np.where(reach > 0.0, shapely.buffer(shapes, reach, quad_segs=6), shapes)
    return gpd.GeoSeries(only_polygons(grown, at_least_m2=0.0), rules.index, crs=rules.crs)
