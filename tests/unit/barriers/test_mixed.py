"""Mixed plans: each line of one layout by the price of its life, none built into a used street."""

from dataclasses import replace

import geopandas as gpd
import pytest
from shapely import box

from sbd.barriers import propose_layout
from sbd.barriers.cost import offer_for
from sbd.catalogue.products import load_products
from sbd.model.request import PlanRequest
from tests.placed import CRS, Everywhere, lets_in, place

PRODUCTS = load_products()
PERMANENT = {p.product_id for p in PRODUCTS if p.layouts == {"permanent"}}
# A square with two mouths of 12 m, to the west and to the east.
SQUARE = place(
    box(0, 0, 100, 60),
    [box(0, 0, 100, 24), box(0, 36, 100, 60)],
    box(40, 24, 60, 36),
)
STREET = box(0, 27, 40, 33)  # people drive into the square from the west


def driven(surface, *streets):
    names = [f"S{n}" for n in range(len(streets))]
    table = gpd.GeoDataFrame({"street_id": names, "name": names}, geometry=list(streets), crs=CRS)
    return replace(surface, everyday_streets=table)


def planned(surface, prices, layout="mixed", **wishes):
    request = PlanRequest(layout=layout, **wishes)
    return propose_layout(surface, Everywhere(45.0), request, prices=prices)


def prices(*, permanent, temporary):
    """Prices over the life of a unit, one for each layout."""
    return {p.product_id: permanent if p.product_id in PERMANENT else temporary for p in PRODUCTS}


@pytest.mark.parametrize(
    ("given", "layout"),
    [
        (prices(permanent=1000.0, temporary=9000.0), "permanent"),
        (prices(permanent=9000.0, temporary=1000.0), "temporary"),
    ],
)
def test_each_line_is_of_the_layout_that_costs_less_over_its_life(given, layout):
    found = planned(SQUARE, given)
    assert found.barriers["layout"].to_list() == [layout, layout]
    assert not lets_in(SQUARE, found.footprints.geometry)


def test_nothing_permanent_stands_in_a_street_that_is_driven_on_ordinary_days():
    surface = driven(SQUARE, STREET)
    found = planned(surface, prices(permanent=1000.0, temporary=9000.0))
    west = found.barriers.geometry.centroid.x < 50
    assert found.barriers["layout"][west].to_list() == ["temporary"]
    assert found.barriers["layout"][~west].to_list() == ["permanent"]
    assert not lets_in(surface, found.footprints.geometry)


def test_a_lane_lets_the_everyday_traffic_through_a_permanent_line():
    surface = driven(SQUARE, STREET)
    found = planned(surface, prices(permanent=1000.0, temporary=9000.0), openable=1)
    # The western line needs temporary units or a lane: the lane is best put there.
    assert found.barriers["layout"].to_list() == ["permanent", "permanent"]
    lane = found.footprints[found.footprints["openable"]]
    assert (lane.centroid.x < 50).all()


def test_a_line_is_of_one_layout_and_a_mixed_plan_no_dearer_than_either():
    given = prices(permanent=3000.0, temporary=3100.0)
    found = planned(SQUARE, given)
    for _, units in found.units.groupby("line_id"):
        assert units["layout"].nunique() == 1
        layout = units["layout"].iloc[0]
        shared = {p.product_id for p in PRODUCTS if layout in p.layouts}
        assert set(units["product_id"]) <= shared
    others = [planned(SQUARE, given, layout=one).cost_found for one in ("permanent", "temporary")]
    assert found.cost_found <= min(others)


def test_the_tables_keep_what_a_unit_costs_to_buy():
    found = planned(SQUARE, prices(permanent=1.0, temporary=2.0))
    bought = {p.product_id: p.cost_low for p in PRODUCTS}
    assert found.units["cost_low"].to_list() == [bought[n] for n in found.units["product_id"]]


def test_products_without_a_price_of_their_life_count_their_middle_cost():
    one, other = offer_for(PRODUCTS, PlanRequest()).line[:2]
    offered = offer_for(PRODUCTS, PlanRequest(), prices={one.product_id: 7.0})
    assert (offered.price(one), offered.price(other)) == (7.0, other.cost_mid)
