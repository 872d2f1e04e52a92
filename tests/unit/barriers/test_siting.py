"""What ground and crowds bar or make dearer: in the price of a chord and unit by unit."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from sbd.barriers import propose_layout
from sbd.barriers.siting import longest_stretch_m, siting_of
from sbd.catalogue.products import load_products
from sbd.errors import InfeasiblePlanError
from sbd.model.request import PlanRequest
from tests.placed import CRS, Everywhere, lets_in, place, street_of

PRODUCTS = {p.product_id: p for p in load_products()}
DEEP, PINNED = PRODUCTS["bollard-deep-n2-64"], PRODUCTS["planter-pinned-n2-64"]


def rule(shape, *, effect="forbid", price=0.0, deepest=""):
    return {
        "place_rule_id": shape.wkt,
        "kind": "utility",
        "effect": effect,
        "price": price,
        "deepest_foundation": deepest,
        "standing": "published",
        "geometry": shape,
    }


def ruled(surface, *rules, crowds=()):
    people = [{"crowd_id": c.wkt, "name": "", "people": 100.0, "geometry": c} for c in crowds]
    layers = {
        "place_rules": gpd.GeoDataFrame(list(rules), crs=CRS) if rules else None,
        "crowds": gpd.GeoDataFrame(people, crs=CRS) if people else None,
    }
    return replace(surface, **layers)


def planned(surface, speed_kmh=50.0, **wishes):
    return propose_layout(surface, Everywhere(speed_kmh), PlanRequest(**wishes))


def line(*corners):
    return np.array([LineString(corners)], dtype=object)


STREET = street_of(12.0)  # along x from 0 to a zone at 60, between facades at y = -6 and 6


def test_a_run_out_counts_from_the_rear_face():
    siting = siting_of(ruled(STREET, crowds=[box(70, 0, 80, 12)]))
    stops_in_5 = replace(DEEP, penetration_high_m=5.0, debris_m=float("nan"), depth_m=0.3)
    unit = np.array([box(64.7, 5, 65.0, 5.3), box(64.6, 5, 64.9, 5.3)], dtype=object)
    # Rear faces 5.0 and 5.1 m before the crowd.
    assert siting.barred_units(stops_in_5, unit).tolist() == [True, False]
    # The line through the middle of the same units: half a depth further off.
    lines = np.array([LineString([(x, 0), (x, 12)]) for x in (64.85, 64.75)], dtype=object)
    assert siting.along(lines).barred([stops_in_5], gap_m=1.2)[:, 0].tolist() == [True, False]


@pytest.mark.parametrize(("width_m", "barred"), [(1.1, False), (1.3, True)])
def test_forbidden_ground_bars_a_line_only_where_no_gap_spans_it(width_m, barred):
    siting = siting_of(ruled(STREET, rule(box(0, 5, 100, 5 + width_m))))
    assert siting.along(line((50, 0), (50, 12))).barred([DEEP], gap_m=1.2).all() == barred


@pytest.mark.parametrize("seed", range(4))
def test_the_longest_stretch_is_that_of_a_plain_intersection(seed):
    rng = np.random.default_rng(seed)
    discs = [Point(*rng.uniform(0, 20, 2)).buffer(rng.uniform(1, 4)) for _ in range(6)]
    blocks = [box(x, y, x + 2, y + 2) for x, y in rng.integers(0, 18, (4, 2)).tolist()]
    ground = shapely.union_all([*discs, *blocks])
    ends = np.concatenate([rng.uniform(0, 20, (30, 2, 2)), rng.integers(0, 20, (30, 2, 2))])
    lines = np.asarray(shapely.linestrings(ends), dtype=object)
    found = longest_stretch_m(lines, ground)
    for line, length_m in zip(lines, found, strict=True):
        pieces = shapely.get_parts(shapely.line_merge(shapely.intersection(line, ground)))
        assert length_m == pytest.approx(max(shapely.length(pieces), default=0.0), abs=1e-6)


def test_a_shallow_cellar_bars_deep_foundations_and_no_others():
    siting = siting_of(ruled(STREET, rule(box(0, 0, 100, 12), effect="price", deepest="B")))
    across = line((50, 0), (50, 12))
    assert siting.along(across).barred([DEEP, PINNED], gap_m=1.2).tolist() == [[True, False]]
    unit = np.array([box(50, 5, 50.3, 5.3)], dtype=object)
    assert siting.barred_units(DEEP, unit).tolist() == [True]
    assert siting.barred_units(PINNED, unit).tolist() == [False]


def test_priced_ground_costs_by_the_share_of_a_line_and_by_the_whole_unit():
    siting = siting_of(
        ruled(
            STREET,
            rule(box(0, 0, 100, 3), effect="price", price=1000.0),
            rule(box(0, 2, 100, 6), effect="price", price=500.0),
        )
    )
    # Of 12 m: 3 m at 1000 and 4 m at 500.
    assert siting.along(line((50, 0), (50, 12))).extra == pytest.approx(
        [1000 / 4 + 500 / 3], abs=1.0
    )
    units = np.array([box(0, y, 0.3, y + 0.3) for y in (1.0, 2.5, 5.0, 8.0)], dtype=object)
    assert siting.unit_extras(units).tolist() == [1000.0, 1500.0, 500.0, 0.0]
    assert siting.unit_extras(np.array([box(0, 6, 0.3, 6.3)], dtype=object)) == [0.0]  # touches


def test_rails_that_a_gap_spans_lie_in_a_gap_and_leave_the_cost_as_it_is():
    rails = box(0, -0.4, 60, 0.4)
    free, found = planned(STREET), planned(ruled(STREET, rule(rails)))
    assert not found.footprints.intersects(rails).any()
    assert not lets_in(STREET, found.footprints.geometry)
    assert found.cost_found == free.cost_found


def test_a_line_goes_where_the_ground_allows_it():
    duct = box(0, -2, 40, 2)
    found = planned(ruled(STREET, rule(duct)))
    assert found.barriers.geometry.distance(duct).min() > 0
    assert not lets_in(STREET, found.footprints.geometry)


def test_forbidden_ground_all_along_the_street_leaves_no_plan():
    # 7200 kg at 50 km/h.
    with pytest.raises(InfeasiblePlanError, match="694 kJ arrive, and the ground there bears no"):
        planned(ruled(STREET, rule(box(0, -2, 62, 2))))


def test_dear_ground_is_avoided_or_paid_for():
    half = planned(ruled(STREET, rule(box(0, -6, 30, 6), effect="price", price=900.0)))
    assert half.cost_found == planned(STREET).cost_found
    assert half.barriers.geometry.bounds["minx"].min() >= 30
    everywhere = rule(box(0, -20, 80, 20), effect="price", price=900.0)
    dear, plain = planned(ruled(STREET, everywhere)), planned(STREET)
    paid = dear.barriers["cost_low"].sum() - plain.barriers["cost_low"].sum()
    assert paid == pytest.approx(900.0 * len(plain.units))
    assert dear.units["cost_low"].sum() - plain.units["cost_low"].sum() == pytest.approx(paid)


def test_over_a_cellar_a_plan_keeps_to_foundations_that_it_bears():
    cellar = rule(box(0, -20, 80, 20), effect="price", deepest="Ap")
    found = planned(ruled(STREET, cellar))
    foundations = {PRODUCTS[name].foundation for name in found.units["product_id"]}
    assert foundations <= {"A", "Ap"}
    assert not lets_in(STREET, found.footprints.geometry)


@pytest.mark.parametrize("openable", [0, 1])
def test_no_unit_stands_where_its_run_out_reaches_the_crowd(openable):
    crowd = box(64, -10, 78, 10)
    found = planned(ruled(STREET, crowds=[crowd]), openable=openable).footprints
    run_out_m = found["product_id"].map(lambda name: PRODUCTS[name].run_out_m)
    assert (found.distance(crowd) > run_out_m).all()
    assert not lets_in(STREET, found.geometry)


def test_a_line_in_the_open_stands_off_the_crowd_by_its_run_out():
    square = place(box(0, 0, 120, 120), [], box(50, 50, 70, 70))
    crowd = Point(60, 60).buffer(9)
    found = planned(ruled(square, crowds=[crowd])).footprints
    run_out_m = found["product_id"].map(lambda name: PRODUCTS[name].run_out_m)
    assert (found.distance(crowd) > run_out_m).all()
    assert not lets_in(square, found.geometry)


def test_a_crowd_too_close_to_every_line_leaves_no_plan():
    with pytest.raises(InfeasiblePlanError, match=r"694 kJ arrive, a crowd is 0\.\d m away"):
        planned(ruled(STREET, crowds=[box(0.5, -6, 78, 6)]))
