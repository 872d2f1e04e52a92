"""Each line says what it answers, what the next best costs and what holds it there."""

from shapely import box

from sbd.barriers.why import layout_with_reasons
from sbd.model.request import PlanRequest
from tests.placed import Everywhere, place, street_of


def test_a_line_at_a_waist_says_what_the_next_best_costs_more():
    # A street of 12 m with a waist of 6 m: without the waist a line of 12 m is next.
    surface = street_of(12.0)
    waist = [box(20, 3, 21, 6), box(20, -6, 21, -3)]
    narrowed = place(surface.study_area, [*surface.solids.geometry, *waist], surface.zone)
    layout = layout_with_reasons(narrowed, Everywhere(), PlanRequest())
    row = layout.why.iloc[0]
    assert row["line_id"] == layout.barriers["line_id"].iloc[0]
    assert "N2A" in row["demand"]
    assert row["next_best_cost_more"] > 0
    assert row["held_by"] == "least cost of closing the zone"
    assert "100 % of the zone" in row["without_it"]
    assert "50 km/h" in row["without_it"]


def test_the_wish_for_a_crossing_holds_the_line_that_has_room_for_one():
    # Beyond the waist of 3.4 m, which a lane does not fit, no engine comes; but here a second
    # mouth of 12 m leads in from the south, and is shut outside its own waist of 3.4 m for it.
    walls = [
        box(0, 0, 40, 100),
        box(0, 70, 100, 100),
        box(60, 0, 100, 40),
        box(60, 60, 100, 100),
        box(80, 40, 81, 46),
        box(80, 54, 81, 60),
    ]
    surface = place(box(0, 0, 100, 100), walls, box(42, 45, 55, 65))
    plain = layout_with_reasons(surface, Everywhere(), PlanRequest())
    gated = layout_with_reasons(surface, Everywhere(), PlanRequest(openable=1))
    assert set(plain.why["held_by"]) == {"least cost of closing the zone"}
    moved = gated.why[gated.why["held_by"].str.contains("openable crossings")]
    stays = {shape.wkt for shape in plain.barriers.geometry}
    new = [r.line_id for r in gated.barriers.itertuples() if r.geometry.wkt not in stays]
    assert set(moved["line_id"]) <= set(new)
