"""The planner's hand: what is pinned stays to the millimetre, the rest is chosen around it."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point, box

from sbd.barriers import propose_layout
from sbd.catalogue.access_rules import access_rules
from sbd.catalogue.products import load_products
from sbd.errors import InfeasiblePlanError, InputError
from sbd.model.request import Hand, PlanRequest
from tests.placed import CRS, Everywhere, lets_in, place, street_of

STREET = street_of(12.0)  # along x from 0 to a zone at 60, between facades at y = -6 and 6
PRODUCTS = {p.product_id: p for p in load_products()}
STRONG, WEAK = "bollard-shallow-n2a-80", "bollard-shallow-n2a-48"  # against 7.2 t at 50 km/h


def hand(*shapes, product_id=STRONG, forbidden=None):
    rows = {"unit_id": [f"U{n}" for n in range(len(shapes))], "product_id": product_id}
    pinned = gpd.GeoDataFrame(rows, geometry=list(shapes), crs=CRS) if shapes else None
    return Hand(pinned=pinned, forbidden=forbidden)


def planned(given, surface=STREET, **wishes):
    return propose_layout(surface, Everywhere(50.0), PlanRequest(hand=given, **wishes))


def post(x, y):
    return Point(x, y).buffer(0.135)


# Eight posts leave nine clear gaps of (12 - 8 * 0.27) / 9 = 1.0933 m.
ROW = [post(30.0, -6 + 1.0933 + 0.135 + k * 1.3633) for k in range(8)]


@pytest.mark.parametrize("product_id", [STRONG, WEAK])
def test_a_pinned_unit_stays_and_the_place_is_shut_with_or_without_its_help(product_id):
    shape = box(29.5, -1.0, 30.6, 1.3)
    found = planned(hand(shape, product_id=product_id))
    kept = found.footprints[found.footprints["pinned"]]
    assert kept.geometry.iloc[0].equals(shape)
    assert kept["pin_id"].to_list() == ["U0"]
    assert not lets_in(STREET, found.footprints.geometry)
    others = found.footprints[~found.footprints["pinned"]].geometry
    assert others.intersection(shape).area.max() == 0.0
    if product_id == WEAK:
        assert kept["strength"].to_list() == ["short"]
        assert not lets_in(STREET, others)  # nothing leans on what is too weak


@pytest.mark.parametrize(
    ("product_id", "said", "opens"),
    [
        ("retractable-n3-80", None, True),
        ("retractable-n3-80", False, False),
        (STRONG, None, False),
    ],
)
def test_a_pinned_unit_opens_as_its_table_says_or_as_its_product_is_made_for(
    product_id, said, opens
):
    given = hand(post(30.0, 0.0), product_id=product_id)
    if said is not None:
        given = Hand(pinned=given.pinned.assign(openable=said))
    found = planned(given).footprints
    assert found.loc[found["pinned"], "openable"].to_list() == [opens]


def test_a_pinned_row_that_closes_the_street_is_all_there_is():
    found = planned(hand(*ROW))
    assert found.barriers["line_id"].to_list() == [f"P{n}" for n in range(1, 9)]
    assert not lets_in(STREET, found.footprints.geometry)
    assert found.cost_found == found.cost_bound == 8 * PRODUCTS[STRONG].cost_mid


def test_a_hole_in_a_pinned_row_is_filled():
    found = planned(hand(*ROW[:3], *ROW[5:]))
    filled = found.footprints[~found.footprints["pinned"]]
    assert not lets_in(STREET, found.footprints.geometry)
    # Posts 2 and 5 are 3 * 1.3633 - 0.27 = 3.82 m apart in the clear: two posts more, or one broad
    # planter, and nothing like the 12 m elsewhere.
    assert 1 <= len(filled) <= 2
    assert np.abs(filled.centroid.x - 30).max() < 1.0


def test_a_pin_never_makes_a_plan_cheaper():
    free = planned(Hand())
    for shape in (post(30, 0), post(59.5, 5.0), post(2.0, -3.0)):
        assert planned(hand(shape)).cost_found >= free.cost_found


def test_no_unit_stands_on_ground_that_the_hand_forbids():
    spot = box(58.0, -3, 60.5, 3)
    found = planned(hand(forbidden=spot))
    assert not found.footprints.intersects(spot).any()
    assert not lets_in(STREET, found.footprints.geometry)


AVENUE = place(
    box(0, 0, 100, 100), [box(0, 60, 40, 100)], box(60, 60, 90, 90), streets=[box(0, 20, 100, 30)]
)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([box(39, 70, 41, 71)], r"U0 at \(40, 70\) stands across a building"),
        ([box(50, 24, 51, 25)], "U0 .* stands in a street that stays open"),
        ([box(99.5, 50, 101, 51)], "U0 .* stands outside the study area"),
        ([box(50, 50, 51, 51), box(50.5, 50, 52, 51)], "U1 .* stands in U0"),
    ],
)
def test_a_pin_that_can_not_stand_there_is_refused_by_name(shapes, message):
    with pytest.raises(InputError, match=message):
        planned(hand(*shapes), AVENUE)


def test_a_pin_of_no_known_product_is_refused():
    with pytest.raises(InputError, match=r"U0 \(garden-gnome\)"):
        planned(hand(post(30, 0), product_id="garden-gnome"))


def lane_hand(row, opens, *, openable=True):
    """The posts of a row, some of which are retractable."""
    products = ["retractable-n3-80" if k in opens else STRONG for k in range(len(row))]
    given = hand(*row, product_id=products).pinned
    return Hand(pinned=given.assign(openable=[openable and k in opens for k in range(len(row))]))


def test_a_pinned_lane_is_the_crossing_that_was_asked_for():
    # Posts 2 to 5 open: 3 * 1.3633 + 0.27 m and a gap of 1.0933 m on either side, 6.55 m in all.
    found = planned(lane_hand(ROW, {2, 3, 4, 5}), openable=1)
    assert len(found.footprints) == 8
    assert found.units["openable"].sum() == 4
    assert found.cost_found == found.cost_bound
    lanes = found.barriers[found.barriers["openable"]]
    assert lanes["pin_id"].to_list() == ["U2 U3 U4 U5"]
    assert lanes["units"].to_list() == [4]
    gaps = found.units[found.units["openable"]]["gap_before_mm"]
    assert gaps.to_list() == pytest.approx([1093.3] * 4, abs=0.2)
    assert not lets_in(STREET, found.footprints.geometry)


@pytest.mark.parametrize(
    ("opens", "openable"),
    # Shut for good; post 3 alone opens 0.27 + 2 * 1.0933 = 2.46 m.
    [({2, 3, 4, 5}, False), ({3}, True)],
)
def test_behind_a_pinned_row_without_a_lane_for_an_engine_no_crossing_helps(opens, openable):
    with pytest.raises(InfeasiblePlanError, match="1 asked for, 0 possible"):
        planned(lane_hand(ROW, opens, openable=openable), openable=1)


def test_two_crossings_are_the_pinned_one_and_one_more_elsewhere():
    # Streets of 12 m from the west and the east to a square; the pinned row shuts the west.
    walls = [box(0, 0, 60, 44), box(0, 56, 60, 100), box(60, 0, 100, 30), box(60, 70, 100, 100)]
    walls += [box(100, 0, 160, 44), box(100, 56, 160, 100)]
    square = place(box(0, 0, 160, 100), walls, box(60, 30, 100, 70))
    row = [post(30.0, 50 + shape.centroid.y) for shape in ROW]
    one = planned(lane_hand(row, {2, 3, 4, 5}), square, openable=1)
    two = planned(lane_hand(row, {2, 3, 4, 5}), square, openable=2)
    for found, lanes in ((one, 1), (two, 2)):
        assert not lets_in(square, found.footprints.geometry)
        assert found.barriers["openable"].sum() == lanes
    new = two.footprints[~two.footprints["pinned"]]
    assert new.loc[new["openable"]].geometry.centroid.x.min() > 90
    assert not one.footprints.loc[~one.footprints["pinned"], "openable"].any()
    # A door in the square is served through it; exits beside its units count as well.
    access = dataclasses.replace(access_rules("EU"), exits_min=4.0)
    doors = gpd.GeoDataFrame(
        {"demand_id": ["D1"], "name": ["D1"]}, geometry=[Point(61, 31)], crs=CRS
    )
    served = planned(
        lane_hand(row, {2, 3, 4, 5}),
        dataclasses.replace(square, demands=doors),
        engine_distance_m=60.0,
        people=100,
        access=access,
    )
    assert served.barriers["openable"].sum() == 1


def test_what_stands_is_opened_before_a_crossing_is_built_though_that_may_be_cheaper_than_a_row():
    # A gate of 4.5 m costs less than the bollards that close the eastern street of 12 m.
    walls = [box(0, 0, 60, 44), box(0, 56, 60, 100), box(60, 0, 100, 30), box(60, 70, 100, 100)]
    walls += [box(100, 0, 160, 44), box(100, 56, 160, 100)]
    square = place(box(0, 0, 160, 100), walls, box(60, 30, 100, 70))
    row = [post(30.0, 50 + shape.centroid.y) for shape in ROW]
    gate = next(p for p in load_products() if p.kind == "swing_gate")
    products = [
        dataclasses.replace(p, cost_low=1.0, cost_high=1.0) if p.kind == gate.kind else p
        for p in load_products()
    ]
    request = PlanRequest(hand=lane_hand(row, {2, 3, 4, 5}), openable=1)
    found = propose_layout(square, Everywhere(50.0), request, products=products)
    assert found.units.loc[found.units["openable"], "pinned"].all()
    free = propose_layout(square, Everywhere(50.0), PlanRequest(openable=1), products=products)
    assert free.barriers["openable"].sum() == 1
