"""The product list: figures with sources, and every fault named at once."""

import pytest

from sbd.catalogue.products import Role, load_products, parse_products
from sbd.errors import CatalogueError
from sbd.model.tables import LAYOUTS, STANDINGS

HEADER = (
    "product_id,kind,layouts,roles,shape,width_m,depth_m,gap_min_m,gap_max_m,foundation,"
    "closed_to_ground,rated_vehicle,rated_mass_kg,rated_speed_kmh,penetration_low_m,penetration_high_m,tests,"
    "cost_low,cost_high,line_fixed_cost,currency,cost_year,performance_source,"
    "performance_standing,cost_source,cost_standing,rating,debris_m,foundation_depth_m,"
    "unit_mass_kg,rent_day_low,rent_day_high,crew,crew_hours,lifting_gear,units_per_lorry,"
    "staff_when_open,maintenance_share,life_years,lead_time_weeks,storage_m2,life_source,"
    "life_standing"
)
ROW = (
    "b1,fixed_bollard,permanent,line,round,0.27,0.27,0.9,1.2,B,yes,N2A,7200,64,1,2,3,"
    "4000,6000,2000,EUR,2025,tests,published,offer,assumed,,7.5,0.5,300,,,3,0,lorry_crane,"
    "40,0,0.01,25,26,0,offer,assumed"
)
GOOD = dict(zip(HEADER.split(","), ROW.split(","), strict=True))


def parsed(*changes):
    rows = [",".join((GOOD | change).values()) for change in changes]
    return parse_products([HEADER, *rows], name="list.csv")


def test_the_shipped_list_offers_both_layouts_a_line_and_a_lane():
    products = load_products()
    for layout in LAYOUTS:
        for role in Role:
            assert any(layout in p.layouts and role in p.roles for p in products), (layout, role)


def test_every_shipped_figure_has_a_source_a_standing_and_a_year():
    for product in load_products():
        assert product.performance_source
        assert product.cost_source
        assert product.standing in STANDINGS
        assert product.cost_year >= 2017


def test_energy_is_that_of_the_test_vehicle():
    # 7200 kg at 64 km/h: 0.5 * 7200 * (64 / 3.6)^2 = 1 137.8 kJ
    assert parsed({})[0].rated_energy_kj == pytest.approx(1137.8, abs=0.1)


def test_the_weaker_standing_counts():
    assert parsed({})[0].standing == "assumed"
    assert parsed({"cost_standing": "measured"})[0].standing == "published"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cost_low": "-1"}, "cost_low -1; it can't be negative"),
        ({"cost_low": "7000"}, "cost_low 7000 above cost_high 6000"),
        ({"gap_min_m": "1.3"}, "gap_min_m 1.3 above gap_max_m 1.2"),
        ({"penetration_low_m": "3"}, "penetration_low_m 3 above penetration_high_m 2"),
        ({"width_m": "0.275"}, "whole centimetres"),
        ({"width_m": "0"}, "width_m 0; it must be positive"),
        ({"rated_mass_kg": "nan"}, "rated_mass_kg nan"),
        ({"layouts": "summer"}, "layouts 'summer'"),
        ({"roles": ""}, "no role"),
        ({"roles": "roof"}, "roles 'roof' is not understood"),
        ({"shape": "star"}, "shape 'star' is not understood"),
        ({"cost_standing": "sure"}, "cost_standing 'sure'"),
        ({"cost_source": ""}, "cost_source is empty"),
        ({"tests": "many"}, "tests 'many' is not understood"),
    ],
)
def test_a_fault_is_named(change, words):
    with pytest.raises(CatalogueError, match=r"list\.csv") as caught:
        parsed(change)
    assert words in str(caught.value)


def test_all_faults_come_at_once():
    with pytest.raises(CatalogueError) as caught:
        parsed({"cost_low": "-1", "roles": ""}, {"product_id": "b2", "width_m": "x"})
    for words in ("line 2", "cost_low -1", "no role", "line 3", "width_m 'x'"):
        assert words in str(caught.value)


def test_ids_are_unique_and_one_currency_is_used():
    with pytest.raises(CatalogueError) as caught:
        parsed({}, {"currency": "CHF"})
    assert "'b1' is there twice" in str(caught.value)
    assert "CHF, EUR mixed" in str(caught.value)


def test_missing_columns_are_named():
    with pytest.raises(CatalogueError, match="width_m"):
        parse_products(["product_id,kind", "b1,bollard"], name="list.csv")


def test_an_empty_list_is_refused():
    with pytest.raises(CatalogueError, match="no product"):
        parse_products([HEADER], name="list.csv")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CatalogueError, match=r"nowhere\.csv"):
        load_products(tmp_path / "nowhere.csv")
