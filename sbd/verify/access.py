"""Case -> checks of access: people on wheels and fire engines still get in."""

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.model.verdict import Check
from sbd.verify.breach import Finding
from sbd.verify.case import Case
from sbd.verify.crossing import swept_check
from sbd.verify.footprints import openable_lanes

# What has to pass may be this much tighter than asked: a lane of exactly 3.5 m is 3.5 m wide.
ACCESS_SLACK_M = 1e-3


def wheelchair_check(case: Case, width_m: float) -> Check:
    """Ask for every piece of the zone that a wheelchair could reach before."""
    before = case.find(width_m - ACCESS_SLACK_M, case.none())
    now = case.find(width_m - ACCESS_SLACK_M)
    wanted = bool(before.by_rooms.any())
    kept = bool(now.by_rooms[before.by_rooms].all())
    note = case.words(now, wanted=True)
    if not wanted:
        note = f"too narrow without any unit: {note}"
    elif not kept:
        lost = now.zone[np.flatnonzero(before.by_rooms & ~now.by_rooms)]
        note = f"{shapely.area(lost).sum():.0f} m² of the zone are cut off"
    return Check(
        name="wheelchair",
        question=f"With everything shut, does a wheelchair ({width_m:g} m) get into the zone?",
        width_m=width_m,
        passes=(wanted and kept) if before.agree and now.agree else None,
        wanted=wanted,
        note=note,
    )


def engine_checks(
    case: Case, shut: Finding, width_m: float, openable_wanted: int
) -> tuple[list[Check], list[str]]:
    """Ask with all gates open, with each lane alone, and count the lanes that serve.

    A lane serves where a disc as wide as the engine gets in through it alone, and where the engine
    itself turns through it (asked for where `shut`, the threat's finding, parts street and zone).
    """
    lanes = openable_lanes(case.table)
    if not lanes and not openable_wanted:
        return [], ["fire engine: no openable crossing was asked for; agree with the fire service"]
    if not openable_wanted and case.find(width_m - ACCESS_SLACK_M, case.none()).passes is False:
        return [], [
            f"fire engine: {width_m:g} m do not reach the zone even without any unit; "
            "agree another access with the fire service"
        ]
    asked = f"does a fire engine ({width_m:g} m) get in?"
    everything = _gate_check(
        case, "engine", f"With all gates open, {asked}", width_m, ~case.openable
    )
    alone: list[Check] = []
    advice: list[str] = []
    serve = 0
    for lane, units in lanes.items():
        found = [
            _gate_check(case, f"engine:{lane}", f"With only {lane} open, {asked}", width_m, ~units)
        ]
        if found[0].holds and shut.passes is False:
            turning, remarks = swept_check(case, shut, lane, units, width_m)
            found.append(turning)
            advice += remarks
        serve += all(check.holds for check in found)
        alone += found
    # One gate too many that serves bicycles or deliveries is no fault of the plan.
    enough = serve >= max(openable_wanted, 1)
    spare = [check for check in alone if enough and check.passes is False]
    count = Check(
        name="openable",
        question=f"Do at least {openable_wanted} lanes open for a fire engine, each alone?",
        width_m=0.0,
        passes=serve >= openable_wanted,
        wanted=True,
        note=f"{serve} of {len(lanes)} openable lanes",
    )
    advice += [_spare_in_words(check, width_m) for check in spare]
    alone = [replace(check, wanted=False) if check in spare else check for check in alone]
    return [everything, *alone, count], advice


def _spare_in_words(check: Check, width_m: float) -> str:
    if check.name.startswith("swept:"):
        return f"{check.name}: opens, but no fire engine turns through it: {check.note}"
    return f"{check.name}: opens, but not for {width_m:g} m"


def _gate_check(
    case: Case, name: str, question: str, width_m: float, standing: NDArray[np.bool_]
) -> Check:
    finding = case.find(width_m - ACCESS_SLACK_M, standing)
    return Check(
        name, question, width_m, finding.passes, True, case.words(finding, standing, wanted=True)
    )
