"""Site + footprints -> what the judge says when one unit is missing."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sbd.model.site import Site
from sbd.progress import Progress, ignore
from sbd.verify.case import Case, build_case


def sabotage(
    site: Site,
    footprints: gpd.GeoDataFrame,
    *,
    threat_width_m: float = 1.2,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Return for each unit what the judge says without it.

    Where a plan has one closed row of units, the judge must find a way in exactly where the merged
    gap exceeds the width. Behind a second row it rightly stays quiet.

    Returns
    -------
    DataFrame
        `unit_id`; `merged_gap_m`, the clear width between the two neighbours of the unit, NaN where
        it has not exactly two within the threat's width; `found`, whether a disc gets in once the
        unit is gone (None where the methods disagree).
    """
    case = build_case(site, footprints, widest_m=threat_width_m)
    rows = []
    for number, unit_id in enumerate(case.table["unit_id"]):
        progress("sabotage", number / len(case.table), f"without {unit_id}")
        standing = np.arange(len(case.table)) != number
        rows.append(
            {
                "unit_id": unit_id,
                "merged_gap_m": _merged_gap_m(case, number, threat_width_m),
                "found": case.find(threat_width_m, standing).passes,
            }
        )
    return pd.DataFrame(rows, columns=["unit_id", "merged_gap_m", "found"])


def _merged_gap_m(case: Case, number: int, width_m: float) -> float:
    """Return the distance between the two obstacles beside a unit, near that unit."""
    unit = case.shapes[number]
    others = np.delete(case.shapes, number)
    # Both sides of a street may belong to one solid, so only what is near counts, piece by piece.
    around = unit.buffer(2 * width_m)
    solids = shapely.union_all(case.arena.solids).intersection(around)
    pieces = np.concatenate([others, shapely.get_parts(solids)])
    beside = pieces[shapely.dwithin(pieces, unit, width_m) & ~shapely.is_empty(pieces)]
    return float(shapely.distance(*beside)) if len(beside) == 2 else float("nan")
