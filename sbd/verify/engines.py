"""Case -> checks of fire engines: they get in, by each way in alone, and near every door.

A way in is one lane, or where a second line is asked for two lanes in a row.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sbd.model.verdict import Check
from sbd.verify.breach import Finding
from sbd.verify.case import ACCESS_SLACK_M, Case
from sbd.verify.crossing import SWEPT, swept_check
from sbd.verify.distance import Start, distance_check, lane_start
from sbd.verify.footprints import openable_lanes
from sbd.verify.swept import Engine
from sbd.verify.wishes import Wishes

Units: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class WayIn:
    """One way in alone before the judge; `start` knows what the disc finds with only it open."""

    checks: list[Check]
    advice: list[str]
    start: Start

    @property
    def serves(self) -> bool:
        """Whether an engine gets in by it."""
        return all(check.holds for check in self.checks)

    @property
    def refused(self) -> list[str]:
        """Names of its lanes that no engine turns through."""
        swept = [check for check in self.checks if check.name.startswith(SWEPT)]
        return [check.name.removeprefix(SWEPT) for check in swept if not check.holds]


def ways_in(case: Case, shut: Finding, wishes: Wishes) -> dict[str, WayIn]:
    """Return each way in, by name, asked alone.

    It serves where a disc as wide as the engine gets in by it alone, and where the engine itself
    turns through its lanes (asked for where `shut`, the threat's finding, parts street and zone).
    """
    width_m = wishes.engine_width_m
    lanes = openable_lanes(case.table)
    engine = Engine.of_lane(width_m, wishes.inner_radius_m, wishes.outer_radius_m)
    ways = _in_a_row(case, lanes, width_m) if wishes.second_line else {k: [k] for k in lanes}
    return {
        name: _way_in(case, shut, name, {lane: lanes[lane] for lane in row}, engine)
        for name, row in ways.items()
    }


def engine_checks(
    case: Case, ways: Callable[[], dict[str, WayIn]], wishes: Wishes
) -> tuple[list[Check], list[str]]:
    """Ask with all gates open, with each way in alone, and count those that serve.

    From those that serve every door is measured where a distance is asked for. `ways` is asked for
    only where engines have to get in, or there are lanes.
    """
    width_m, wanted = wishes.engine_width_m, wishes.openable
    lanes = openable_lanes(case.table)
    if not lanes and not wanted:
        return [], ["fire engine: no openable crossing was asked for; agree with the fire service"]
    if not wanted and case.find(width_m - ACCESS_SLACK_M, case.none()).passes is False:
        return [], [
            f"fire engine: {width_m:g} m do not reach the zone even without any unit; "
            "agree another access with the fire service"
        ]
    found = ways()
    everything = _all_open(case, found, width_m)
    serving = [lane for lane in found.values() if lane.serves]
    # One gate too many that serves bicycles or deliveries is no fault of the plan.
    enough = len(serving) >= max(wanted, 1)
    alone = [check for lane in found.values() for check in lane.checks]
    spare = [check for check in alone if enough and check.passes is False]
    count = Check(
        name="openable",
        question=f"Do at least {wanted} ways in open for a fire engine, each alone?",
        width_m=0.0,
        passes=len(serving) >= wanted,
        wanted=True,
        note=f"{len(serving)} of {len(found)} openable lanes"
        if len(found) == len(lanes)
        else f"{len(serving)} of {len(found)} ways in, by {len(lanes)} openable lanes",
    )
    advice = [text for lane in found.values() for text in lane.advice]
    advice += [_spare_in_words(check, width_m) for check in spare]
    alone = [replace(check, wanted=False) if check in spare else check for check in alone]
    checks = [everything, *alone, count]
    if wishes.engine_distance_m is not None:
        far, remarks = distance_check(
            case, [lane.start for lane in serving], width_m, wishes.engine_distance_m
        )
        checks += [far] if far else []
        advice += remarks
    return checks, advice


def _all_open(case: Case, found: dict[str, WayIn], width_m: float) -> Check:
    """Return whether an engine gets in with all gates open; what one lane lets in, all do."""
    question = f"With all gates open, does a fire engine ({width_m:g} m) get in?"
    for lane in found.values():
        if lane.checks[0].passes:
            return replace(lane.checks[0], name="engine", question=question)
    way = case.find(width_m - ACCESS_SLACK_M, ~case.openable)
    return _gate_check(case, "engine", question, width_m, ~case.openable, way)


def _in_a_row(case: Case, lanes: dict[str, Units], width_m: float) -> dict[str, list[str]]:
    """Return the lanes of each way in where there are second lines: two that let in together only.

    A lane that lets in alone is a way of its own; that the zone is open then is another check's.
    """
    alone = [
        lane
        for lane, units in lanes.items()
        if case.find(width_m - ACCESS_SLACK_M, ~units).passes is not False
    ]
    rest = [lane for lane in lanes if lane not in alone]
    pairs = [
        (one, other)
        for one, other in combinations(rest, 2)
        if case.find(width_m - ACCESS_SLACK_M, ~(lanes[one] | lanes[other])).passes is not False
    ]
    lonely = [lane for lane in rest if not any(lane in pair for pair in pairs)]
    single = {lane: [lane] for lane in (*alone, *lonely)}
    return single | {f"{one}+{other}": [one, other] for one, other in pairs}


def _way_in(case: Case, shut: Finding, name: str, lanes: dict[str, Units], engine: Engine) -> WayIn:
    width_m = engine.lane_m
    question = f"With only {name} open, does a fire engine ({width_m:g} m) get in?"
    units = np.logical_or.reduce(list(lanes.values()))
    start = lane_start(case, name, units, width_m)
    checks: list[Check] = [
        _gate_check(case, f"engine:{name}", question, width_m, ~units, start.way)
    ]
    advice: list[str] = []
    if checks[0].holds and shut.passes is False:
        for lane, opened in lanes.items():
            # Between two lanes is neither street nor zone; with the others open it is one of them.
            parted = shut if len(lanes) == 1 else case.find(shut.width_m, ~(units & ~opened))
            if parted.passes is False:
                turning, remarks = swept_check(case, parted, lane, opened, engine, also=units)
                checks.append(turning)
                advice += remarks
    return WayIn(checks, advice, start)


def _spare_in_words(check: Check, width_m: float) -> str:
    if check.name.startswith(SWEPT):
        return f"{check.name}: opens, but no fire engine turns through it: {check.note}"
    return f"{check.name}: opens, but not for {width_m:g} m"


def _gate_check(
    case: Case,
    name: str,
    question: str,
    width_m: float,
    standing: NDArray[np.bool_],
    way: Finding,
) -> Check:
    note = case.words(way, standing, wanted=True)
    return Check(name, question, width_m, way.passes, True, note)
