"""Case -> checks of fire engines: they get in, through each lane alone, and near every door."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sbd.model.verdict import Check
from sbd.verify.breach import Finding
from sbd.verify.case import ACCESS_SLACK_M, Case
from sbd.verify.crossing import swept_check
from sbd.verify.distance import Start, distance_check, lane_start
from sbd.verify.footprints import openable_lanes
from sbd.verify.swept import Engine
from sbd.verify.wishes import Wishes


@dataclass(frozen=True, slots=True, eq=False)
class _Lane:
    """One lane alone before the judge; `way` is what the disc finds with only this one open."""

    checks: list[Check]
    advice: list[str]
    start: Start

    @property
    def serves(self) -> bool:
        return all(check.holds for check in self.checks)


def engine_checks(case: Case, shut: Finding, wishes: Wishes) -> tuple[list[Check], list[str]]:
    """Ask with all gates open, with each lane alone, and count the lanes that serve.

    A lane serves where a disc as wide as the engine gets in through it alone, and where the engine
    itself turns through it (asked for where `shut`, the threat's finding, parts street and zone).
    From the lanes that serve every door is measured where a distance is asked for.
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
    engine = Engine.of_lane(width_m, wishes.inner_radius_m, wishes.outer_radius_m)
    found = {lane: _lane(case, shut, lane, units, engine) for lane, units in lanes.items()}
    everything = _all_open(case, found, width_m)
    serving = [lane for lane in found.values() if lane.serves]
    # One gate too many that serves bicycles or deliveries is no fault of the plan.
    enough = len(serving) >= max(wanted, 1)
    alone = [check for lane in found.values() for check in lane.checks]
    spare = [check for check in alone if enough and check.passes is False]
    count = Check(
        name="openable",
        question=f"Do at least {wanted} lanes open for a fire engine, each alone?",
        width_m=0.0,
        passes=len(serving) >= wanted,
        wanted=True,
        note=f"{len(serving)} of {len(lanes)} openable lanes",
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


def _all_open(case: Case, found: dict[str, _Lane], width_m: float) -> Check:
    """Return whether an engine gets in with all gates open; what one lane lets in, all do."""
    question = f"With all gates open, does a fire engine ({width_m:g} m) get in?"
    for lane in found.values():
        if lane.checks[0].passes:
            return replace(lane.checks[0], name="engine", question=question)
    way = case.find(width_m - ACCESS_SLACK_M, ~case.openable)
    return _gate_check(case, "engine", question, width_m, ~case.openable, way)


def _lane(case: Case, shut: Finding, lane: str, units: NDArray[np.bool_], engine: Engine) -> _Lane:
    width_m = engine.lane_m
    question = f"With only {lane} open, does a fire engine ({width_m:g} m) get in?"
    start = lane_start(case, lane, units, width_m)
    disc = _gate_check(case, f"engine:{lane}", question, width_m, ~units, start.way)
    checks: list[Check] = [disc]
    advice: list[str] = []
    if disc.holds and shut.passes is False:
        turning, advice = swept_check(case, shut, lane, units, engine)
        checks.append(turning)
    return _Lane(checks, advice, start)


def _spare_in_words(check: Check, width_m: float) -> str:
    if check.name.startswith("swept:"):
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
