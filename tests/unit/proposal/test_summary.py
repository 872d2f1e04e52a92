"""The figures and the words of a proposal."""

import json
from dataclasses import replace
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, box

from sbd.catalogue.products import load_products
from sbd.errors import CatalogueError
from sbd.model.proposal import Proposal
from sbd.model.request import PlanRequest
from sbd.model.verdict import Check
from sbd.proposal import summary, summary_text
from sbd.proposal.calendar import Calendar, Event
from sbd.proposal.ledger import access_ledger, figure_of
from sbd.proposal.lifecycle import life_cycle, with_life_cycle
from sbd.verify import judge_layout
from tests.judged import BLOCKS, WALLS, town
from tests.proposed import empty_layout, layout_of, proposal_of


@pytest.fixture
def told(proposal):
    """The plan with what it may tell beside its layers."""
    run_out = gpd.GeoDataFrame(
        {
            "line_id": ["L1"],
            "product_id": ["bollard-deep"],
            "run_out_m": [7.7],
            "strip_lost_m2": [61.6],
            "evidence": ["7 tests"],
        },
        geometry=[box(50, 26, 57.7, 34)],
        crs=proposal.crs,
    )
    failures = gpd.GeoDataFrame(
        {
            "failure_id": ["F1", "F2"],
            "what": ["line L1 fails", "gate of L1 stands open"],
            "line_id": ["L1", "L1"],
            "vehicle": ["N2A", "N2A"],
            "zone_reached_m2": [900.0, 900.0],
            "speed_kmh": [20.0, 31.0],
            "energy_kj": [111.0, 267.0],
        },
        geometry=[box(65, 10, 90, 46)] * 2,
        crs=proposal.crs,
    )
    why = pd.DataFrame(
        {
            "line_id": ["L1"],
            "demand": ["keeps Main Street out"],
            "next_best_cost_more": [4200.0],
            "held_by": ["the two walls"],
            "without_it": ["the zone is reached"],
        }
    )
    return replace(proposal, run_out=run_out, failures=failures, why=why)


def words(proposal):
    """The text with its line breaks taken out."""
    return " ".join(summary_text(proposal).split())


def test_the_figures_add_up(proposal):
    facts = summary(proposal)
    assert facts["units"] == {
        "count": 6,
        "by_kind": {"fixed_bollard": 6},
        "lines": 1,
        "openable_units": 0,
        "openable_wanted": 0,
        "length_m": 8.0,
        "widest_gap_mm": 971.4,
        "width_taken_m": 1.2,  # six posts of 0.2 m
    }
    assert facts["cost"] == {
        "low": 12345.0,
        "high": 23456.0,
        "currency": "EUR",
        "year": 2025,
        "standing": "published",
        "sources": ["drawn"],
    }
    # 1 - 17 000 / 17 500
    assert facts["proof"]["gap_share"] == 0.0286
    assert facts["sensitivity"] == "restricted"
    assert facts["seconds"] == {"placement": 1.5}
    assert json.loads(json.dumps(facts)) == facts


def test_the_hardest_point_is_the_unit_that_takes_most(proposal):
    worst = summary(proposal)["hardest_point"]
    assert worst["unit_id"] == "L1-06"
    assert worst["energy_kj"] == 606.0
    assert worst["street"] == "Main Street"
    assert -90 <= worst["lat"] <= 90


def test_closed_streets_are_added_up_by_name_longest_first(proposal):
    closures = summary(proposal)["closures"]
    assert [street["name"] for street in closures["streets"]] == [
        "Main Street",
        "Yard Lane",
        "unnamed service road",
    ]
    assert closures["length_m"] == pytest.approx(29.9 + 20 + 10, abs=0.1)


def test_costs_in_two_currencies_are_not_added(site, posts):
    placed = layout_of(posts)
    proposal = proposal_of(site, placed)
    other = placed.barriers.assign(line_id="L2", currency="CHF")
    mixed = pd.concat([placed.barriers, other], ignore_index=True)
    changed = Proposal(**{**_fields(proposal), "barriers": mixed})
    with pytest.raises(CatalogueError, match="CHF and EUR"):
        summary(changed)


def test_the_text_fits_a_page_and_says_what_matters(proposal):
    text = summary_text(proposal)
    assert 15 <= len(text.splitlines()) <= 30
    assert max(map(len, text.splitlines())) <= 98
    for part in (
        "Main Square: permanent protection against vehicles",
        "Restricted",
        "6 fixed bollards on 1 line, 8 m in all. People pass through gaps of up to 0.97 m.",
        "Cost: EUR 12 300 to 23 500, prices of 2025 (published figures)",
        "at most 3% dearer than the cheapest line possible (proven)",
        "Two-axle truck (N2A, 7.2 t)",
        "unit L1-06 near Main Street, up to 48 km/h by N2A, 606 kJ",
        "THE PLAN HOLDS ON CONDITION",
        "nothing 1.2 m wide or wider gets in; without the units it would; "
        "a wheelchair (0.9 m) gets in.",
        "agree with the fire service",
        "60 m of streets: Main Street 30 m, Yard Lane 20 m, unnamed service road 10 m.",
        "© drawn",
    ):
        assert part in words(proposal)


def test_a_failed_plan_is_shown_as_failed_with_the_place(site, posts):
    text = words(proposal_of(site, layout_of(posts[:-1])))
    assert "THE PLAN FAILS: do not build it like this" in text
    # The last post is missing: 2 * 0.971 + 0.2 m
    assert "its narrowest place is 2.143 m, between L1-05 and solid s2" in text


def test_an_openable_lane_is_told(site):
    # Posts at the edges of a lane of 3.6 m, three that open inside it, blocks beside it.
    shapes = [
        box(50, 26, 51, 27),
        box(50, 28, 50.2, 28.2),
        *(box(50, y, 50.2, y + 0.2) for y in (28.9, 29.9, 30.9)),
        box(50, 31.8, 50.2, 32),
        box(50, 33, 51, 34),
    ]
    placed = layout_of(shapes, openable=[False, False, True, True, True, False, False])
    text = words(proposal_of(site, placed, openable=1))
    assert "3 of them open." in text
    assert "a fire engine (3.5 m) gets in by 1 lane that opens" in text
    assert "Main Street 30 m (lane that opens)" in text
    assert "THE PLAN HOLDS - Found" in text


def test_what_many_lines_share_is_said_once(site, posts):
    placed = layout_of(posts)
    # More energy than asked for, but of a lighter vehicle: 3500 kg at 80 km/h are 864 kJ.
    tested = {"strength": "by_energy", "rated_mass_kg": 3500.0, "rated_speed_kmh": 80.0}
    one = placed.barriers.assign(**tested)
    both = pd.concat([one, one.assign(line_id="L2")], ignore_index=True)
    text = words(proposal_of(site, replace(placed, barriers=both)))
    assert "2 lines are strong enough by energy, but were tested with another mass" in text
    assert text.count("640 kJ arrive") == 1


def test_a_place_that_needs_nothing_says_so():
    wall = box(20, 26, 21, 34)
    walled = town((*BLOCKS, *WALLS, wall), entries=(LineString([(0, 26), (0, 34)]),))
    proposal = proposal_of(walled, empty_layout())
    facts = summary(proposal)
    assert facts["hardest_point"] is None
    assert facts["cost"]["low"] == 0.0
    text = words(proposal)
    assert "No barrier is needed" in text
    assert "closed by nature" in text


def test_what_is_unknown_comes_before_what_a_visit_should_see(site, posts):
    report = pd.DataFrame(
        [
            ("visit", "walls", 2.0, "look; 0 within 50 m of the zone"),
            ("visit", "archways", 1.0, "measure; 3 within 50 m of the zone"),
            ("unknown", "run-up", 1.0, "the data ends here"),
        ],
        columns=["topic", "item", "count", "note"],
    )
    known = type(site)(name="X", **site.layers, report=report, attribution="")
    text = words(proposal_of(known, layout_of(posts)))
    order = [text.index(part) for part in ("run-up: the", "archways: measure", "walls: look")]
    assert order == sorted(order)


def test_what_nobody_asked_is_not_said(proposal):
    facts = summary(proposal)
    assert (facts["run_out"], facts["failures"], facts["life_cycle"]) == (None, None, None)
    assert facts["why"] == []
    text = summary_text(proposal)
    for part in ("Keep clear", "If one thing fails", "Why these lines", "Over the years"):
        assert part not in text


def test_a_product_of_another_catalogue_leaves_the_work_untold(proposal):
    # The drawn posts are of "bollard-deep", which the shipped catalogue does not hold.
    assert summary(proposal)["work"] is None
    shipped = load_products()
    own = replace(shipped[0], product_id="bollard-deep", lead_time_weeks=30.0)
    assert summary(proposal, products=[own])["work"]["lead_time_weeks"] == 30.0


def test_the_strip_that_is_lost_is_told_with_its_widest_line(proposal, told):
    facts = summary(told)["run_out"]
    assert facts["strip_lost_m2"] == 61.6
    assert facts["lines"][0]["line_id"] == "L1"
    assert "Keep clear behind the lines: 62 m2 in all" in words(told)
    assert "up to 7.7 m past line L1" in words(told)


def test_the_worst_failure_is_told_and_the_others_counted(told):
    facts = summary(told)["failures"]
    assert [row["what"] for row in facts["cases"]] == ["gate of L1 stands open", "line L1 fails"]
    text = words(told)
    assert "Worst: gate of L1 stands open: N2A reaches 900 m2 of the zone at up to 31 km/h" in text
    assert "267 kJ. 1 other failure lets one in." in text


def test_no_failure_that_lets_anyone_in_is_good_news(told):
    calm = replace(told, failures=told.failures.iloc[:0])
    assert summary(calm)["failures"] == {"count": 0, "cases": []}
    assert "No single barrier or gate that fails lets a vehicle into the zone." in words(calm)


def test_each_line_says_why_it_stands(told):
    assert summary(told)["why"][0]["next_best_cost_more"] == 4200.0
    assert (
        "L1: keeps Main Street out; held there by the two walls; the next best costs EUR 4 200 "
        "more; without it the zone is reached."
    ) in words(told)


def test_a_line_without_another_plan_says_so(told):
    alone = replace(told, why=told.why.assign(next_best_cost_more=float("nan")))
    assert json.loads(json.dumps(summary(alone)["why"]))[0]["next_best_cost_more"] is None
    assert "nothing else would do" in words(alone)


def test_the_years_are_told_with_what_takes_most(site, posts):
    fair = Event("f", "Fair", date(2026, 5, 2), date(2026, 5, 3), "10:00", "18:00", 900)
    modules = layout_of(posts, product_id="modular-n2a-48", layout="temporary")
    plan = replace(proposal_of(site, modules), layout="temporary")
    cycle = life_cycle(plan, Calendar((fair,)), years=10)
    told = with_life_cycle(plan, cycle)
    assert summary(told)["life_cycle"]["ways"] == {"modular-n2a-48": "rent"}
    text = words(told)
    assert "in 10 years, in money of today; most of it: rent. Cheaper: rent modular-n2a-48." in text
    # 6 units of 0.4 person hours; one lorry there and back twice; 6 * 0.7 m2
    assert "Setting up and taking away once: 2 person hours, 2 lorry trips; 4 m2 of store" in text


def test_the_ledger_takes_the_figures_of_the_judge(proposal):
    asked = (
        Check("exits", "?", 0.0, True, True, "12.30 m of clear width in 9 gaps at the bottleneck"),
        Check("engine_distance", "?", 3.5, True, True, "farthest is A, 44.5 m from L2"),
        Check("foot", "?", 1.2, False, True, "Path: nothing gets across"),
    )
    verdict = replace(proposal.verdict, checks=(*proposal.verdict.checks, *asked))
    found = replace(proposal, verdict=verdict)
    ledger = {row["check"]: row for row in access_ledger(found)}
    assert (ledger["exits"]["figure"], ledger["engine_distance"]["figure"]) == (12.3, 44.5)
    assert (ledger["foot"]["holds"], ledger["foot"]["who"]) == (False, "people on foot")
    assert "threat" not in ledger
    assert "People who leave in a hurry: get out in time (12.3 m of clear width)." in words(found)
    assert "NO: ? no. Path: nothing gets across" in words(found)


def test_the_figure_of_the_exits_is_read_from_what_the_judge_really_says(site, posts):
    placed = layout_of(posts)
    asked = PlanRequest(people=100)
    verdict = judge_layout(site, placed.footprints, request=asked, barriers=placed.barriers)
    found = replace(proposal_of(site, placed), verdict=verdict)
    # seven gaps of 0.9714 m between six posts of 0.2 m on 8 m
    assert figure_of(found, "exits") == pytest.approx(6.8, abs=0.02)


def _fields(proposal):
    return {name: getattr(proposal, name) for name in proposal.__slots__}
