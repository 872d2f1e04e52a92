"""Site + footprints -> Verdict, by questions that each say what the plan needs to hear."""

import geopandas as gpd
import pyproj

from sbd.errors import InputError
from sbd.model.site import Site
from sbd.model.verdict import Check, Verdict
from sbd.progress import Progress, ignore
from sbd.verify.access import engine_checks, wheelchair_check
from sbd.verify.breach import Finding
from sbd.verify.case import Case, build_case
from sbd.verify.certificate import gap_table
from sbd.verify.footprints import faults_of_standing, outside_study_area
from sbd.verify.sabotage import sabotage_check
from sbd.verify.strength import strength_check

STAGE = "verdict"


def judge_layout(
    site: Site,
    footprints: gpd.GeoDataFrame,
    *,
    threat_width_m: float = 1.2,
    wheelchair_width_m: float = 0.9,
    engine_width_m: float = 3.5,
    openable_wanted: int = 0,
    barriers: gpd.GeoDataFrame | None = None,
    progress: Progress = ignore,
) -> Verdict:
    """Return the verdict of an independent judge on any layout.

    A disc as wide as the threat must not get from any entry, or any street that stays open, to the
    zone. That proves it for every vehicle at least as wide, whatever its length and turning. The
    same is asked the other way round for a wheelchair, and for a fire engine with gates open, which
    also has to turn through each lane, body and all, on the bends of the lane rules. Every
    answer is found in two ways that must agree, and a judge who would not notice a missing unit is
    not believed: each is taken away in turn, and every way in that this opens must be found.

    Parameters
    ----------
    footprints : GeoDataFrame
        Unit polygons in the reference system of the site; `unit_id`, `line_id` and `openable`
        are used where there are any (`prepare_footprints` makes such a table of any layer).
    threat_width_m, wheelchair_width_m, engine_width_m : float
        Diameters of the discs [m]. A gap of exactly the threat's width keeps it out, a gap of
        exactly the engine's width lets it in.
    openable_wanted : int
        How many lanes must let a fire engine in, each opened alone.
    barriers : GeoDataFrame, optional
        Lines with their strength (`tables.BARRIERS`); without them strength is not judged, and the
        verdict says so as a condition.

    Raises
    ------
    InputError
        Footprints that are no polygons or in another reference system, or a width that is none.
    ZoneError
        No part of the zone is free ground.

    Notes
    -----
    Furniture stops nothing, unknown ground beyond the rim is free: both err to the safe side.
    Height, kerbs and slopes are not looked at. The middle of the disc decides: a nose that pokes
    in between two units by less than half a width is no breach.
    """
    widths = {"threat": threat_width_m, "wheelchair": wheelchair_width_m, "engine": engine_width_m}
    for name, width_m in widths.items():
        if not 0.1 <= width_m <= 10.0:
            raise InputError(f"{name} width {width_m:g} m: give one between 0.1 and 10 m")
    progress(STAGE, 0.0, "free ground")
    case = build_case(site, footprints, widest_m=max(widths.values()))
    progress(STAGE, 0.1, "control without units")
    bare = case.find(threat_width_m, case.none())
    control, conditions = _control(case, bare)
    progress(STAGE, 0.2, "threat")
    shut = case.find(threat_width_m)
    checks = [control, _threat(case, shut)]
    gaps = gap_table(case.arena, shut, case.owners, crs=pyproj.CRS(site.crs))
    progress(STAGE, 0.4, "each unit taken away in turn")
    noticed = sabotage_check(case, shut)
    checks += [noticed] if noticed else []
    progress(STAGE, 0.6, "wheelchair")
    checks.append(wheelchair_check(case, wheelchair_width_m))
    progress(STAGE, 0.7, "fire engine")
    engine, advice = engine_checks(case, shut, engine_width_m, openable_wanted)
    checks += engine
    conditions += advice
    progress(STAGE, 0.9, "standing and strength")
    checks.append(_standing(case))
    if barriers is None:
        conditions.append("strength: no ratings were given, only the gaps were judged")
    else:
        check, proofs = strength_check(barriers, case.table)
        checks.append(check)
        conditions += proofs
    progress(STAGE, 1.0, "done")
    return Verdict(tuple(checks), gaps, tuple(conditions))


def _control(case: Case, bare: Finding) -> tuple[Check, list[str]]:
    """Return whether the question can be answered with yes at all: without units it must be."""
    question = f"Without any unit, does anything {bare.width_m:g} m wide get in (control)?"
    note = case.words(bare, case.none(), wanted=True)
    if not len(case.arena.sources):
        note = "void: the site has no entry and no street that stays open, so nothing can come in"
    elif bare.passes is False:
        # An honest answer, and not an empty one: both methods looked for a way and found none.
        note = f"nothing to protect against: closed by nature; {note}"
        return Check("control", question, bare.width_m, False, False, note), [note]
    return Check("control", question, bare.width_m, bare.passes, True, note), []


def _threat(case: Case, shut: Finding) -> Check:
    return Check(
        name="threat",
        question=f"With everything shut, does anything {shut.width_m:g} m wide get in?",
        width_m=shut.width_m,
        passes=shut.passes,
        wanted=False,
        note=case.words(shut, wanted=False),
    )


def _standing(case: Case) -> Check:
    faults = faults_of_standing(case.arena, case.table)
    outside = outside_study_area(case.arena, case.table)
    note = "; ".join(faults) or f"all {len(case.table)} units"
    if outside:
        note += f"; warning: outside the study area, where nothing is known: {', '.join(outside)}"
    return Check(
        name="standing",
        question="Does every unit stand on free ground, off open streets, clear of the others?",
        width_m=0.0,
        passes=not faults,
        wanted=True,
        note=note,
    )
