"""A drawn avenue that stays open beside a zone: slowing there costs less than stronger lines."""

from dataclasses import replace

import pytest
import shapely
from shapely import box

from sbd.approach.dynamics import kinetic_energy_kj, run_up_speed_mps
from sbd.approach.perimeter import assess_perimeter
from sbd.barriers import propose_layout
from sbd.barriers.chicane_places import possible_chicanes
from sbd.barriers.chicanes import slowed, worth
from sbd.barriers.cost import offer_for
from sbd.barriers.demand import FieldDemand
from sbd.barriers.engine_way import engine_of, tightest_spacing_m, weave
from sbd.catalogue.products import load_products
from sbd.errors import InfeasiblePlanError
from sbd.model.assessment import FieldSettings
from sbd.model.request import PlanRequest
from tests.drawn_ground import vehicle
from tests.placed import lets_in, place

pytestmark = pytest.mark.slow  # fields and engine ways are searched, not looked up

SETTINGS = FieldSettings(1.0, 32, 5.0)
TRUCK = vehicle(
    name="N2A", mass_kg=7200.0, acceleration_mps2=1.0, width_m=2.1, min_turning_radius_m=12.0
)
ONE = PlanRequest(chicanes=1)


def avenue(width_m):
    """A street from the west between walls, dead at x = 238; the zone lies north of its end."""
    study = box(0, -10, 240, width_m + 30)
    walls = [
        box(0, width_m, 200, width_m + 30),
        box(0, -10, 240, 0),
        box(238, 0, 240, width_m + 30),
        box(200, width_m + 28, 240, width_m + 30),
    ]
    zone = box(200, width_m, 238, width_m + 28)
    return place(study, walls, zone, streets=[box(0, 1, 238, width_m - 1)])


def assessed(surface):
    return assess_perimeter(surface, [TRUCK], SETTINGS, site_hash="drawn", attribution="drawn")


def planned(surface, assessment):
    return propose_layout(surface, assessment, PlanRequest())


@pytest.fixture(scope="module")
def wide():
    surface = avenue(12.0)
    return surface, assessed(surface)


@pytest.fixture(scope="module")
def found(wide):
    return slowed(*wide, ONE, plan=planned)


@pytest.mark.parametrize(("way_m", "mps", "kj"), [(200.0, 23.0, 1904.0), (15.0, 9.2, 306.0)])
def test_a_short_run_up_after_a_slow_place_is_worth_a_sixth_of_a_long_one(way_m, mps, kj):
    # sqrt(7^2 + 2 * 1.2 * 200) = 23.0; sqrt(49 + 36) = 9.22; 7.2 t.
    speed = run_up_speed_mps(way_m, acceleration_mps2=1.2, entry_speed_mps=7.0)
    assert float(speed) == pytest.approx(mps, abs=0.03)
    assert float(kinetic_energy_kj(7200.0, speed)) == pytest.approx(kj, abs=1.0)


def test_a_chicane_is_taken_where_the_plan_with_it_is_cheaper(wide, found):
    assert found.cost_without == worth(planned(*wide))[1]
    assert found.cost < found.cost_without
    assert len(found.barriers) == 3
    # Its own cost is in the sum.
    assert worth(found.whole) == (0.0, pytest.approx(found.cost))


def test_behind_a_chicane_vehicles_are_slower_in_the_field_solved_anew(wide, found):
    surface, before = wide
    ground = surface.ground.difference(found.chicanes.union_all())
    again = assessed(replace(surface, ground=ground))
    assert found.assessment.perimeter["speed_upper_kmh"].max() == pytest.approx(
        again.perimeter["speed_upper_kmh"].max(), abs=0.5
    )
    assert again.perimeter["speed_upper_kmh"].max() < before.perimeter["speed_upper_kmh"].max() - 5


def test_the_units_of_a_chicane_stop_what_comes_there_and_stand_clear_of_each_other(wide, found):
    surface, _ = wide
    assert set(found.barriers["strength"]) <= {"tested", "by_energy"}
    assert surface.ground.buffer(0.01).covers(found.chicanes.union_all())
    shapes = found.whole.footprints.geometry
    pairs = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    assert pairs.size == 0
    assert found.whole.footprints["unit_id"].is_unique


def test_an_engine_still_comes_through_and_the_zone_stays_shut(wide, found):
    surface, _ = wide
    # A disc of 3.5 m comes past the rows to the end of the avenue, one of 1.2 m not to the zone.
    end = replace(surface, zone=box(205, 2, 235, 10), open_streets=surface.open_streets.iloc[:0])
    assert lets_in(end, found.chicanes.geometry, width_m=3.5)
    assert not lets_in(surface, found.whole.footprints.geometry)


def test_a_lane_of_an_engine_stays_open_beside_every_row(wide):
    surface, assessment = wide
    offered = offer_for(load_products(), ONE)
    places = possible_chicanes(surface, assessment, FieldDemand(assessment), offered, ONE)
    assert places
    for one in places:
        for row in one.rows:
            shapes = shapely.union_all([unit.shape for unit in row.units])
            across = 12.0 - (shapes.bounds[3] - shapes.bounds[1])
            assert across >= 3.5


def test_a_street_of_any_width_in_between_has_places_too():
    # An engine's way is searched for 12.0 m; the 0.4 m over it are no reason to refuse it.
    surface = avenue(12.4)
    assessment = assessed(surface)
    offered = offer_for(load_products(), ONE)
    places = possible_chicanes(surface, assessment, FieldDemand(assessment), offered, ONE)
    assert places
    assert {one.place.street_m for one in places} == {12.0}


def test_a_street_too_narrow_to_weave_gets_none():
    # Two lanes of 5 m that overlap take more than 10 m.
    surface = avenue(9.0)
    answer = slowed(surface, assessed(surface), ONE, plan=planned)
    assert answer.chicanes.empty
    assert answer.cost == answer.cost_without
    assert answer.whole is answer.layout


def test_none_is_taken_where_none_is_asked_for_or_the_plan_is_cheap_anyhow(wide):
    assert slowed(*wide, PlanRequest(), plan=planned).chicanes.empty


def test_a_refused_plan_stays_refused_where_chicanes_do_not_help(wide):
    def never(surface, assessment):
        raise InfeasiblePlanError("zone: drawn to fail")

    with pytest.raises(InfeasiblePlanError, match="drawn to fail"):
        slowed(*wide, ONE, plan=never)


def test_an_engine_needs_more_way_from_row_to_row_where_it_moves_further_aside():
    engine = engine_of(None)
    spacing = [
        tightest_spacing_m(engine, street_m=street_m, lane_m=5.5, depth_m=0.4)
        for street_m in (11.5, 14.0)
    ]
    assert spacing[0] < spacing[1]
    # In a lane that its body and the margins fill it can't even begin to turn.
    assert tightest_spacing_m(engine, street_m=12.0, lane_m=3.5, depth_m=0.4) is None
    way = weave(engine, street_m=11.5, lane_m=5.5, spacing_m=float(spacing[0]), depth_m=0.4)
    assert abs(way[1:, 2] - way[:-1, 2]).max() <= 0.4 / engine.radius_m + 1e-9
