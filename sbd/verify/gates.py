"""Case -> whether the zone stays shut while one crossing stands open."""

from sbd.model.verdict import Check
from sbd.verify.case import Case
from sbd.verify.footprints import openable_lanes
from sbd.verify.wishes import Wishes


def second_line_check(case: Case, wishes: Wishes) -> Check | None:
    """Ask for the threat with each openable lane open, one at a time, all others shut.

    None where no second line was asked for.
    """
    if not wishes.second_line:
        return None
    width_m = wishes.threat_width_m
    faults, unsure = [], False
    lanes = openable_lanes(case.table)
    for lane, units in lanes.items():
        found = case.find(width_m, ~units)
        unsure |= found.passes is None
        if found.passes is not False:
            faults.append(f"with {lane} open: {case.words(found, ~units, wanted=False)}")
    return Check(
        name="second_line",
        question=(
            f"With any one lane open and all others shut, does anything {width_m:g} m wide get in?"
        ),
        width_m=width_m,
        passes=None if unsure else bool(faults),
        wanted=False,
        note="; ".join(faults) or f"shut behind each of {len(lanes)} openable lanes",
    )
