"""The figures and the words of a proposal."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from shapely import LineString, box

from sbd.errors import CatalogueError
from sbd.model.proposal import Proposal
from sbd.proposal import summary, summary_text
from tests.judged import BLOCKS, WALLS, town
from tests.proposed import empty_layout, layout_of, proposal_of


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


def _fields(proposal):
    return {name: getattr(proposal, name) for name in proposal.__slots__}
