"""Published figures of gaps, rows, exits and ways for engines, each with its source."""

import math
from dataclasses import replace

import numpy as np
import pytest
from shapely import box

from sbd.barriers.cost import chord_prices
from sbd.catalogue.access_rules import access_rules
from sbd.catalogue.products import load_products
from sbd.verify import judge_layout
from tests.judged import WALLS, check, one_gap, row, town


@pytest.mark.parametrize(
    ("gap_m", "gets_in"),
    [
        # DfT/CPNI Traffic Advisory Leaflet 1/11: at most 1.20 m between bollards.
        (1.2, False),
        # A product was tested with gaps of 1.40 m (NPSA sheets, July 2025): above the guidance.
        (1.4, True),
        # Planters on the Croisette in Cannes stood 1.50 m apart (Nice-Matin, 19 April 2017).
        (1.5, True),
    ],
)
def test_a_gap_above_the_guidance_is_found(gap_m, gets_in):
    verdict = judge_layout(town(), one_gap(gap_m))
    assert check(verdict, "threat").passes is gets_in


def test_a_street_of_twelve_metres_takes_eight_posts():
    # The least n with (12 - 0.2 n) / (n + 1) <= 1.2 is 8: 9 gaps of 1.1556 m, 10.4 m in all.
    post = replace(load_products()[0], width_m=0.2)
    price = chord_prices(
        [post],
        np.array([[1.0]]),
        length_m=np.array([12.0]),
        anchored_ends=np.array([2]),
        gap_m=1.2,
        last_resort=np.array([False]),
    )
    assert price[0] - post.line_fixed_cost == 8
    street = (box(0, 0, 60, 24), box(0, 36, 60, 60), *WALLS)
    posts, _ = row(8, width_m=0.2, low=24.0, high=36.0)
    verdict = judge_layout(town(street), posts)
    widths_m = verdict.gaps["width_mm"].to_numpy() / 1000
    assert len(widths_m) == 9
    assert widths_m == pytest.approx(1.1556, rel=1e-3)
    assert widths_m.sum() == pytest.approx(10.4, rel=1e-3)


def test_people_through_a_width_in_eight_minutes():
    # 82 a minute and metre on the level (Guide to Safety at Sports Grounds, as quoted by
    # planners): 1.829 m let 1199 people out in 8 minutes.
    flow = access_rules("UK").exit_flow_per_m_min
    assert math.floor(1.829 * flow * 8) == pytest.approx(1199, abs=1)


def test_a_french_lane_for_engines():
    # Arrete of 31 January 1986, article 4: 3 m wide, 3.5 m high, 11 m inside, 15/R wider in bends.
    rules = access_rules("FR")
    assert (rules.lane_width_m, rules.lane_height_m, rules.inner_radius_m) == (3.0, 3.5, 11.0)
    widening_m = rules.outer_radius_m - rules.inner_radius_m - rules.lane_width_m
    assert widening_m == pytest.approx(15 / 11, rel=0.01)


def test_a_british_gateway_lets_an_engine_through():
    # Approved Document B: 3.1 m in a gateway, 3.7 m between kerbs.
    assert access_rules("UK").lane_width_m <= 3.1
