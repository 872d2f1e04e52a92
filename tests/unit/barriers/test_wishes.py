"""Wishes beside closing the place, on drawn ones: met, or refused with what would do."""

import dataclasses
import pickle

import geopandas as gpd
import pytest
from shapely import Point, box

from sbd.barriers import propose_layout
from sbd.barriers.covers import exit_need_m
from sbd.barriers.prepared import prepare
from sbd.barriers.selecting import fitted_selection
from sbd.catalogue.access_rules import access_rules
from sbd.errors import InfeasiblePlanError
from sbd.model.request import PlanRequest
from tests.placed import CRS, Everywhere, lets_in, place, street_of

EU = access_rules("EU")


def with_layer(surface, name, rows):
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
    return dataclasses.replace(surface, **{name: table})


def door(x, y, name="D1"):
    return {"demand_id": name, "name": name, "geometry": Point(x, y)}


# Streets of 12 m from the west and the east to a square 40 m wide.
WALLS = [box(0, 0, 60, 44), box(0, 56, 60, 100), box(60, 0, 100, 30), box(60, 70, 100, 100)]
WALLS += [box(100, 0, 160, 44), box(100, 56, 160, 100)]
SQUARE = place(box(0, 0, 160, 100), WALLS, box(60, 30, 100, 70))


def test_a_door_gets_a_crossing_within_reach_on_its_side():
    # The door in the east of the square is 45 m and more from the western mouth.
    surface = with_layer(SQUARE, "demands", [door(99, 35)])
    layout = propose_layout(surface, Everywhere(), PlanRequest(engine_distance_m=40.0))
    opens = layout.units[layout.units["openable"]]
    assert len(opens)
    assert (opens.geometry.x > 90).all()
    assert not lets_in(surface, layout.footprints.geometry)


def test_a_door_nobody_reaches_within_the_distance_is_refused_with_the_distance_that_would_do():
    surface = with_layer(SQUARE, "demands", [door(80, 30)])
    with pytest.raises(InfeasiblePlanError, match="door D1") as caught:
        propose_layout(surface, Everywhere(), PlanRequest(engine_distance_m=5.0))
    (found,) = caught.value.relaxations
    assert (found.asked, found.unit) == (5.0, "m")
    # Straight from the nearer mouth at (100, 50) it is 28 m; ways from chord to chord are longer.
    assert 20.0 < found.possible < 60.0
    wide = PlanRequest(engine_distance_m=found.possible)
    assert propose_layout(surface, Everywhere(), wide).units["openable"].any()


def test_a_door_without_any_way_is_not_asked_but_named():
    surface = with_layer(SQUARE, "demands", [door(30, 20), door(99, 35, "D2")])
    layout = propose_layout(surface, Everywhere(), PlanRequest(engine_distance_m=60.0))
    assert layout.units["openable"].any()


def test_a_delivery_inside_needs_a_crossing_and_gets_one():
    rows = [
        {
            "delivery_id": "V1",
            "name": "shop",
            "who": "deliveries",
            "opens": "06:00",
            "closes": "10:00",
            "width_m": 2.6,
            "geometry": Point(80, 50),
        }
    ]
    surface = with_layer(SQUARE, "deliveries", rows)
    assert propose_layout(surface, Everywhere(), PlanRequest(openable=1)).units["openable"].any()


def test_everybody_gets_out_or_the_minutes_that_it_takes_are_named():
    # One street of 12 m: its row leaves 9 m and some, where 4.8 m are needed.
    surface = street_of(12.0)
    one_exit = dataclasses.replace(EU, exits_min=1.0)
    enough = PlanRequest(access=one_exit, people=2000, exit_minutes=8.0)
    assert exit_need_m(enough) < 8.5
    layout = propose_layout(surface, Everywhere(), enough)
    assert not lets_in(surface, layout.footprints.geometry)
    many = dataclasses.replace(enough, people=20_000)
    with pytest.raises(InfeasiblePlanError, match="exit time") as caught:
        propose_layout(surface, Everywhere(), many)
    (found,) = [r for r in caught.value.relaxations if r.wish == "exit time"]
    assert found.possible > 8.0
    assert "instead of 8 minutes" in str(caught.value)
    with pytest.raises(InfeasiblePlanError, match="exits: 1 instead of 3"):
        propose_layout(surface, Everywhere(), dataclasses.replace(enough, access=EU))


def test_less_ground_enclosed_costs_more_or_is_refused_with_the_ground_that_would_do():
    free = propose_layout(SQUARE, Everywhere(), PlanRequest())
    # The square alone has 40 x 40 m2.
    with pytest.raises(InfeasiblePlanError, match="enclosed ground") as caught:
        propose_layout(SQUARE, Everywhere(), PlanRequest(enclosed_max_m2=1000.0))
    (found,) = caught.value.relaxations
    assert 1600.0 <= found.possible <= 2000.0
    tight = propose_layout(SQUARE, Everywhere(), PlanRequest(enclosed_max_m2=found.possible))
    assert tight.cost_found >= free.cost_found


def test_a_budget_below_the_cheapest_plan_is_refused_with_its_cost():
    with pytest.raises(InfeasiblePlanError, match="budget") as caught:
        propose_layout(SQUARE, Everywhere(), PlanRequest(budget=1000.0))
    (found,) = caught.value.relaxations
    rich = PlanRequest(budget=found.possible)
    assert propose_layout(SQUARE, Everywhere(), rich).proven


def test_the_relaxations_cross_process_borders():
    with pytest.raises(InfeasiblePlanError) as caught:
        propose_layout(SQUARE, Everywhere(), PlanRequest(budget=1000.0))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.relaxations) == (str(caught.value), caught.value.relaxations)


def test_a_solver_out_of_time_gives_its_best_plan_unproven_or_says_that_it_has_none():
    prepared = prepare(SQUARE, Everywhere(), PlanRequest(openable=1))
    with pytest.raises(InfeasiblePlanError, match="0 s"):
        fitted_selection(prepared, time_limit_s=0.0)
