"""Site + footprints -> what the judge says when one unit is missing, and whether it noticed."""

import geopandas as gpd
import numpy as np
import pandas as pd

from sbd.errors import InputError
from sbd.model.site import Site
from sbd.model.verdict import Check
from sbd.progress import Progress, ignore
from sbd.verify.breach import Finding
from sbd.verify.case import Case, build_case
from sbd.verify.removal import without_each

# Up to this much more than the width the judge may call a gap shut, or be undecided [m].
SLACK_M = 6e-4
NAMED = 5


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
        `unit_id`; `merged_gap_m`, the clear width that is left where the unit stood, NaN where it
        parts no outside from the zone; `found`, whether a disc gets in once the unit is gone (None
        where the methods disagree).

    Raises
    ------
    InputError
        The layout lets the disc in as it is, so that no unit can be missed.
    """
    case = build_case(site, footprints, widest_m=threat_width_m)
    progress("sabotage", 0.0, "with all units")
    shut = case.find(threat_width_m)
    if shut.passes is not False:
        raise InputError(
            f"sabotage: {threat_width_m:g} m get in, or may get in, with all units in place; "
            "close the layout first"
        )
    progress("sabotage", 0.2, f"without each of {len(case.table)} units")
    found = without_each(case, shut)
    progress("sabotage", 1.0, "done")
    return found


def sabotage_check(case: Case, shut: Finding) -> Check | None:
    """Return whether the judge notices each missing unit; None where none can be missed.

    A unit counts where its neighbours leave more than the width between outside and zone, by
    distances alone, or where the judge finds a way in without it. All of them must be found.
    """
    if shut.passes is not False or case.table.empty:
        return None
    table = without_each(case, shut)
    found = (table["found"] == True).to_numpy()  # noqa: E712 - None is no answer
    wide = (table["merged_gap_m"] > shut.width_m + SLACK_M).to_numpy()
    counted, missed = int((found | wide).sum()), np.flatnonzero(wide & ~found)
    note = f"{counted - len(missed)} of {counted} removed units found"
    if len(missed):
        names = [
            f"{table['unit_id'][row]} (leaves {table['merged_gap_m'][row]:.3f} m)"
            for row in missed[:NAMED]
        ]
        more = f" and {len(missed) - NAMED} more" if len(missed) > NAMED else ""
        note += f"; missed: {', '.join(names)}{more}, so the verdict is void"
    if len(table) > counted:
        note += f"; without any one of the other {len(table) - counted} it stays shut"
    return Check(
        name="sabotage",
        question="With one unit taken away, each in turn, does the judge find the way in?",
        width_m=shut.width_m,
        passes=not len(missed),
        wanted=True,
        note=note,
    )
