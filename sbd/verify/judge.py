"""Site + footprints -> Verdict, by questions that each say what the plan needs to hear."""

from collections.abc import Sequence

import geopandas as gpd
import pyproj

from sbd.catalogue.products import Product
from sbd.model.request import PlanRequest
from sbd.model.site import Site
from sbd.model.verdict import Check, Verdict
from sbd.progress import Progress, ignore
from sbd.verify.access import delivery_checks, wheelchair_check
from sbd.verify.breach import Finding
from sbd.verify.case import Case
from sbd.verify.certificate import gap_table
from sbd.verify.engines import engine_checks
from sbd.verify.exits import exit_checks
from sbd.verify.footprints import chicanes_of, faults_of_standing, outside_study_area
from sbd.verify.gates import second_line_check
from sbd.verify.ground_rules import hand_check, place_check
from sbd.verify.hearing import Hearing, open_hearing
from sbd.verify.passages import passage_checks
from sbd.verify.run_out import run_out_check
from sbd.verify.sabotage import sabotage_check
from sbd.verify.slowing import slowing_checks
from sbd.verify.strength import strength_check

STAGE = "verdict"


def judge_layout(  # noqa: PLR0913 - every one has a name, and most calls need three
    site: Site,
    footprints: gpd.GeoDataFrame,
    *,
    request: PlanRequest | None = None,
    threat_width_m: float | None = None,
    wheelchair_width_m: float | None = None,
    engine_width_m: float | None = None,
    openable_wanted: int | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    products: Sequence[Product] = (),
    progress: Progress = ignore,
) -> Verdict:
    """Return the verdict of an independent judge on any layout.

    A disc as wide as the threat must not get from any entry, or any street that stays open, to the
    zone. That proves it for every vehicle at least as wide, whatever its length and turning. The
    same is asked the other way round for wheelchairs, along lines where people walk and cycle, for
    deliveries and for fire engines with gates open; engines also have to turn through each lane,
    body and all, on the bends of the lane rules, and weave through chicanes, whose rows let nothing
    pass beside their lanes. Every such answer is found in two ways that must
    agree, and a judge who would not notice a missing unit is not believed: each is taken away in
    turn, and every way in that this opens must be found.

    Parameters
    ----------
    site : Site
        Its doors, desire lines, deliveries, crowds and place rules are asked for where it has any.
    footprints : GeoDataFrame
        Unit polygons in the reference system of the site; `unit_id`, `line_id` and `openable`
        are used where there are any (`prepare_footprints` makes such a table of any layer), and
        `product_id`, `rated_*`, `penetration_m` and what strikes them where lines are not given.
    request : PlanRequest, optional
        What was wished for, with the country's figures.
    threat_width_m, wheelchair_width_m, engine_width_m : float, optional
        Diameters of the discs [m]; they go before those of the request, and are 1.2, 0.9 and 3.5
        without any. A gap of exactly the threat's width keeps it out, a gap of exactly the
        engine's width lets it in.
    openable_wanted : int, optional
        How many lanes must let a fire engine in, each opened alone; goes before the request's.
    barriers : GeoDataFrame, optional
        Lines with their strength (`tables.BARRIERS`); without them the units are asked, and what
        they do not say is a condition.
    products : sequence of Product, optional
        For foundation, rating and run-out of what `product_id` names.

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
    progress(STAGE, 0.0, "free ground")
    hearing = open_hearing(
        site,
        footprints,
        request=request,
        threat_width_m=threat_width_m,
        wheelchair_width_m=wheelchair_width_m,
        engine_width_m=engine_width_m,
        openable_wanted=openable_wanted,
        barriers=barriers,
        products=products,
    )
    return judge(hearing, progress=progress)


def judge(hearing: Hearing, *, progress: Progress = ignore) -> Verdict:
    """Return the verdict of a hearing: every question, whatever was asked before."""
    case, wishes = hearing.case, hearing.wishes
    barriers, products = hearing.barriers, hearing.products
    progress(STAGE, 0.1, "control without units")
    bare = case.find(wishes.threat_width_m, case.none())
    control, conditions = _control(case, bare)
    progress(STAGE, 0.2, "threat")
    shut = hearing.shut
    gaps = gap_table(case.arena, shut, case.owners, crs=pyproj.CRS(case.site.crs))
    checks: list[Check | None] = [control, _threat(case, shut)]
    for share, what, ask in (
        (0.4, "each unit taken away in turn", lambda: (sabotage_check(case, shut), [])),
        (0.6, "wheelchair", lambda: wheelchair_check(case, wishes.wheelchair_width_m)),
        (0.65, "desire lines", lambda: passage_checks(case, wishes)),
        (0.7, "fire engine", lambda: engine_checks(case, lambda: hearing.ways_in, wishes)),
        (0.8, "deliveries", lambda: delivery_checks(case, wishes)),
        (0.85, "second line", lambda: (second_line_check(case, wishes), [])),
        (0.87, "exits", lambda: exit_checks(case, wishes)),
        (0.89, "chicanes", lambda: slowing_checks(case, wishes)),
        (0.9, "standing", lambda: (_standing(case), _chicanes(case))),
        (0.91, "ground", lambda: place_check(case, products)),
        (0.92, "planner's hand", lambda: (hand_check(case, wishes.hand), [])),
        (0.93, "run-out", lambda: run_out_check(case, barriers, products)),
        (0.96, "strength", lambda: strength_check(barriers, case.table, products)),
    ):
        progress(STAGE, share, what)
        found, advice = ask()
        checks += found if isinstance(found, list) else [found]
        conditions += advice
    progress(STAGE, 1.0, "done")
    return Verdict(tuple(check for check in checks if check is not None), gaps, tuple(conditions))


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


def _chicanes(case: Case) -> list[str]:
    """Return what is to be settled about units that stand on streets to slow vehicles."""
    lines = case.table["line_id"][chicanes_of(case.table)].unique()
    if not len(lines):
        return []
    return [
        f"chicanes {', '.join(sorted(map(str, lines)))} stand on streets that stay open: agree the "
        "lane that is left with the road authority and the fire service"
    ]


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
