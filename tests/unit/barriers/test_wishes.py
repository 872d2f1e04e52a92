"""Wishes beside closing the place, on drawn ones: met, or refused with what would do."""

import dataclasses
import pickle

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point, box

from sbd.barriers import propose_layout
from sbd.barriers.exits import exit_need_m
from sbd.barriers.prepared import prepare
from sbd.barriers.selecting import fitted_selection
from sbd.catalogue.access_rules import access_rules
from sbd.errors import InfeasiblePlanError
from sbd.model.request import PlanRequest
from tests.placed import CRS, Everywhere, lets_in, place, street_of

EU = access_rules("EU")
ONE_EXIT = dataclasses.replace(EU, exits_min=1.0)


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


def delivery(x, y):
    return {
        "delivery_id": "V1",
        "name": "shop",
        "who": "deliveries",
        "opens": "06:00",
        "closes": "10:00",
        "width_m": 2.6,
        "geometry": Point(x, y),
    }


def test_what_is_delivered_while_crossings_are_shut_stays_outside_or_is_refused_with_its_hours():
    # A shop in the western street: the cheapest line stands before it, where vehicles are slow.
    slow_west = Everywhere(lambda points, _: np.where(points[:, 0] < 40, 20.0, 80.0))
    free = propose_layout(SQUARE, slow_west, PlanRequest(openable=1))
    assert min(free.footprints.geometry.centroid.x) < 42
    surface = with_layer(SQUARE, "deliveries", [delivery(50, 44.5)])
    request = PlanRequest(openable=1, shut_hours=(("09:00", "18:00"),))
    found = propose_layout(surface, slow_west, request)
    assert min(found.footprints.geometry.centroid.x) > 50
    assert found.cost_found > free.cost_found
    assert not lets_in(surface, found.footprints.geometry)
    # In the square there is no outside: its last hour is what must go.
    surface = with_layer(SQUARE, "deliveries", [delivery(80, 50)])
    with pytest.raises(InfeasiblePlanError, match="0 h instead of 1 h") as caught:
        propose_layout(surface, Everywhere(), request)
    (relaxed,) = caught.value.relaxations
    assert relaxed.wish == "delivery V1, from 06:00 to 10:00 with crossings shut"
    later = dataclasses.replace(request, shut_hours=(("10:00", "18:00"),))
    assert propose_layout(surface, Everywhere(), later).units["openable"].any()


def test_exits_are_counted_alike_by_planner_and_judge():
    # Two mouths of 12 m: two exits each, one more each 10 m of a row. Five are one too many.
    asked = PlanRequest(people=100, access=dataclasses.replace(EU, exits_min=4.0))
    layout = propose_layout(SQUARE, Everywhere(), asked)
    assert not lets_in(SQUARE, layout.footprints.geometry)
    more = PlanRequest(people=100, access=dataclasses.replace(EU, exits_min=5.0))
    with pytest.raises(InfeasiblePlanError, match="exits: 4 instead of 5"):
        propose_layout(SQUARE, Everywhere(), more)


def test_a_delivery_inside_needs_a_crossing_and_gets_one():
    surface = with_layer(SQUARE, "deliveries", [delivery(80, 50)])
    assert propose_layout(surface, Everywhere(), PlanRequest(openable=1)).units["openable"].any()


def test_everybody_gets_out_or_the_minutes_that_it_takes_are_named():
    # One street of 12 m: its row leaves 9 m and some, where 4.8 m are needed.
    surface = street_of(12.0)
    enough = PlanRequest(access=ONE_EXIT, people=2000, exit_minutes=8.0)
    assert exit_need_m(enough) < 8.5
    layout = propose_layout(surface, Everywhere(), enough)
    assert not lets_in(surface, layout.footprints.geometry)
    many = dataclasses.replace(enough, people=20_000)
    with pytest.raises(InfeasiblePlanError, match="exit time") as caught:
        propose_layout(surface, Everywhere(), many)
    (found,) = [r for r in caught.value.relaxations if r.wish == "exit time"]
    assert found.possible > 8.0
    assert "instead of 8 minutes" in str(caught.value)
    with pytest.raises(InfeasiblePlanError, match="exits: 2 instead of 3"):
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


def bought(layout):
    """What a layout costs to buy, in middle prices."""
    return float((0.5 * (layout.barriers["cost_low"] + layout.barriers["cost_high"])).sum())


def test_a_budget_below_the_cheapest_plan_is_refused_with_its_cost():
    with pytest.raises(InfeasiblePlanError, match="budget: 1000 was given") as caught:
        propose_layout(SQUARE, Everywhere(), PlanRequest(budget=1000.0))
    (found,) = caught.value.relaxations
    rich = PlanRequest(budget=found.possible)
    layout = propose_layout(SQUARE, Everywhere(), rich)
    assert layout.proven
    assert bought(layout) == pytest.approx(found.possible)


def test_a_budget_too_little_for_a_crossing_names_crossing_and_money():
    shut = bought(propose_layout(SQUARE, Everywhere(), PlanRequest()))
    with_gate = bought(propose_layout(SQUARE, Everywhere(), PlanRequest(openable=1)))
    assert with_gate > shut
    request = PlanRequest(openable=1, people=100, access=ONE_EXIT, budget=0.5 * (shut + with_gate))
    with pytest.raises(InfeasiblePlanError, match="openable crossings: 0 instead of 1") as caught:
        propose_layout(SQUARE, Everywhere(), request)
    # Exits and clear widths cost nothing here: they are not in the set.
    assert [r.wish for r in caught.value.relaxations] == ["budget", "openable crossings"]
    money, _ = caught.value.relaxations
    assert bought(
        propose_layout(SQUARE, Everywhere(), dataclasses.replace(request, budget=money.possible))
    )


def test_where_the_budget_binds_the_plan_that_costs_least_to_buy_is_taken():
    # What the cheapest product to buy costs over its life is ten times that here.
    plain = propose_layout(SQUARE, Everywhere(), PlanRequest())
    product = plain.units["product_id"].mode()[0]
    prices = {product: 10 * float(plain.units["cost_high"].max())}
    dear = propose_layout(SQUARE, Everywhere(), PlanRequest(), prices=prices)
    assert product not in set(dear.units["product_id"])
    assert bought(dear) > bought(plain)
    asked = PlanRequest(budget=bought(plain))
    found = propose_layout(SQUARE, Everywhere(), asked, prices=prices)
    assert bought(found) <= asked.budget
    assert found.cost_found == found.cost_bound


def test_the_relaxations_cross_process_borders():
    with pytest.raises(InfeasiblePlanError) as caught:
        propose_layout(SQUARE, Everywhere(), PlanRequest(budget=1000.0))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.relaxations) == (str(caught.value), caught.value.relaxations)


def test_a_solver_out_of_time_gives_its_best_plan_unproven_or_says_that_it_has_none():
    prepared = prepare(SQUARE, Everywhere(), PlanRequest(openable=1))
    with pytest.raises(InfeasiblePlanError, match="0 s"):
        fitted_selection(prepared, time_limit_s=0.0)
