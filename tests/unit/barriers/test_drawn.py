"""Units drawn by hand are paid for, and what strikes them is told."""

import geopandas as gpd
import pytest
from shapely import box
from shapely.affinity import translate

from sbd.barriers.drawn import cheapest_rest, loads_on
from sbd.barriers.session import PlacementSession
from sbd.catalogue.products import load_products
from sbd.errors import InfeasiblePlanError
from sbd.model.request import PlanRequest
from tests.placed import Everywhere, place

TOWN = box(0, 0, 100, 100)
BLOCKS = [box(0, 0, 40, 40), box(60, 0, 100, 40), box(0, 60, 40, 100), box(60, 60, 100, 100)]
SURFACE = place(TOWN, BLOCKS, box(42, 42, 58, 58))


@pytest.fixture(scope="module")
def planned():
    session = PlacementSession.start(SURFACE, Everywhere(), PlanRequest())
    return session, session.plan()


def test_with_nothing_kept_it_is_the_whole_plan(planned):
    session, _ = planned
    assert cheapest_rest(session.prepared, []).cost == pytest.approx(session.answer().cost)


def test_a_wall_where_a_line_would_run_saves_that_line(planned):
    session, _ = planned
    whole = cheapest_rest(session.prepared, [])
    wall = whole.lines[0].buffer(0.3)
    rest = cheapest_rest(session.prepared, [wall])
    assert 0.0 < rest.cost < whole.cost
    assert len(rest.lines) == len(whole.lines) - 1


def test_a_whole_plan_that_is_kept_leaves_nothing_to_pay(planned):
    session, layout = planned
    rest = cheapest_rest(session.prepared, list(layout.footprints.geometry))
    assert (rest.cost, len(rest.lines)) == (0.0, 0)


def test_half_a_wall_is_no_wall(planned):
    session, _ = planned
    whole = cheapest_rest(session.prepared, [])
    line = whole.lines[0]
    half = cheapest_rest(session.prepared, [line.interpolate(0.1, normalized=True).buffer(0.3)])
    assert half.cost == pytest.approx(whole.cost)


def test_forbidden_ground_never_makes_it_cheaper_and_may_leave_nothing(planned):
    session, layout = planned
    line = layout.barriers.geometry.iloc[0]
    banned = cheapest_rest(session.prepared, [], [line.buffer(2.0)])
    assert banned.cost >= cheapest_rest(session.prepared, []).cost
    with pytest.raises(InfeasiblePlanError):
        cheapest_rest(session.prepared, [], [TOWN])


def test_what_strikes_a_line_is_told_wherever_it_stands(planned):
    session, layout = planned
    units = layout.footprints[layout.footprints["line_id"] == "L1"]
    shifted = units.set_geometry([translate(shape, 0.5, 0.5) for shape in units.geometry])
    (load,) = loads_on(shifted, session.prepared.demand, load_products())
    demand = Everywhere()
    assert load.vehicle in demand.names
    assert load.speed_kmh > 0
    assert load.strength in ("tested", "by_energy")


def test_a_unit_of_an_unknown_product_counts_for_nothing(planned):
    session, layout = planned
    units = layout.footprints[layout.footprints["line_id"] == "L1"].assign(product_id="wish")
    (load,) = loads_on(gpd.GeoDataFrame(units), session.prepared.demand, load_products())
    assert load.strength == "short"


def test_no_units_are_struck_by_nothing(planned):
    session, layout = planned
    assert loads_on(layout.footprints.iloc[:0], session.prepared.demand, ()) == ()
