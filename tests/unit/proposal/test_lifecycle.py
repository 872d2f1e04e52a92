"""What a layout costs over its years, against sums done by hand."""

import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from sbd.catalogue.products import load_products
from sbd.catalogue.rates import load_rates
from sbd.errors import CatalogueError, InputError
from sbd.proposal.breakeven import Bent, break_even_days, first_at_or_above, prices_for
from sbd.proposal.calendar import Calendar, Event
from sbd.proposal.lifecycle import life_cycle
from sbd.proposal.money import annuity, replacements

RATES = replace(
    load_rates(),
    **{f"crew_hour_{end}": 50.0 for end in ("low", "high")},
    **{f"guard_hour_{end}": 40.0 for end in ("low", "high")},
    **{f"lorry_trip_{end}": 400.0 for end in ("low", "high")},
    **{f"storage_m2_year_{end}": 100.0 for end in ("low", "high")},
    discount_rate=0.0,
)
A_BOLLARD = next(p for p in load_products() if p.product_id == "bollard-shallow-n2a-48")
A_SET = next(p for p in load_products() if p.product_id == "modular-n2a-48")
A_GATE = next(p for p in load_products() if p.product_id == "portable-gate-n2-64")

BOLLARD = replace(
    A_BOLLARD,
    **{"cost_low": 4000.0, "cost_high": 6000.0, "line_fixed_cost": 2500.0},
    **{"maintenance_share": 0.01, "life_years": 25.0},
)
MODULE = replace(
    A_SET,
    **{"cost_low": 8000.0, "cost_high": 12_000.0, "line_fixed_cost": 500.0},
    **{"rent_day_low": 100.0, "rent_day_high": 300.0, "crew_hours": 0.5, "units_per_lorry": 10},
    **{"maintenance_share": 0.05, "life_years": 8.0, "storage_m2": 2.0},
)
GATE = replace(
    A_GATE,
    **{"cost_low": 20_000.0, "cost_high": 20_000.0, "line_fixed_cost": 500.0},
    **{"rent_day_low": float("nan"), "rent_day_high": float("nan"), "crew_hours": 2.0},
    **{"units_per_lorry": 2, "maintenance_share": 0.0, "life_years": 20.0, "storage_m2": 0.0},
    staff_when_open=1.5,
)
PRODUCTS = (BOLLARD, MODULE, GATE)
TEN_YEARS = {"years": 10, "rates": RATES, "products": PRODUCTS}


def units(product, count, *, line="L1", openable=False):
    return pd.DataFrame(
        {
            "product_id": [product.product_id] * count,
            "line_id": [line] * count,
            "layout": ["permanent" if product is BOLLARD else "temporary"] * count,
            "openable": [openable] * count,
        }
    )


def days_in_may(count, *, opens="10:00", closes="20:00", apart=1):
    """Return one event a day of ten hours, on every day or on every other one."""
    return Calendar(
        tuple(
            Event(
                f"e{n}", "", *[date(2026, 1 + n // 14, 1 + apart * (n % 14))] * 2, opens, closes, 9
            )
            for n in range(count)
        )
    )


def item(cycle, name):
    rows = cycle.items[cycle.items["item"] == name]
    return (rows["low"].sum(), rows["high"].sum())


@pytest.mark.parametrize(
    ("rate", "years", "worth"),
    # (1 - 1.03^-15) / 0.03; 10 years undiscounted; 1/1.05 + 1/1.05^2
    [(0.03, 15, 11.93794), (0.0, 10, 10.0), (0.05, 2, 1.859410)],
)
def test_an_annuity_is_the_sum_of_its_discounted_payments(rate, years, worth):
    assert annuity(rate, years) == pytest.approx(worth, rel=1e-6)
    assert annuity(rate, years) == pytest.approx(
        sum((1 + rate) ** -year for year in range(1, years + 1))
    )


def test_a_life_that_ends_with_the_horizon_is_not_bought_again():
    # 8 and 16 years of 20: 1.05^-8 + 1.05^-16; of 16 only the first
    assert replacements(0.05, 20, 8) == pytest.approx(0.676839 + 0.458112, abs=1e-5)
    assert replacements(0.05, 16, 8) == pytest.approx(0.676839, abs=1e-5)


def test_a_permanent_line_costs_its_price_its_upkeep_and_nothing_by_the_day():
    cycle = life_cycle(units(BOLLARD, 5), days_in_may(4), **TEN_YEARS)
    # 5 bollards, 1 % of that a year for ten years, once a line
    assert item(cycle, "purchase and installation") == (20_000.0, 30_000.0)
    assert item(cycle, "maintenance") == (2_000.0, 3_000.0)
    assert item(cycle, "design, survey, making good") == (2_500.0, 2_500.0)
    assert (cycle.low, cycle.high) == (24_500.0, 35_500.0)
    assert cycle.ways == {}


def test_a_few_days_a_year_are_rented():
    # 12 modules. 4 days on end a year for ten years: 12 * 4 * 10 * 100 to 300 = 48 000 to 144 000,
    # the middle 96 000. Bought: 12 * 8 000 to 12 000 = 96 000 to 144 000, as much again after
    # eight years, 5 % of it for ten years, and 24 m2 * 100 * 10: middle 120 + 120 + 60 + 24 k.
    cycle = life_cycle(units(MODULE, 12), days_in_may(4), **TEN_YEARS)
    assert cycle.ways == {MODULE.product_id: "rent"}
    assert item(cycle, "rent") == (48_000.0, 144_000.0)
    assert cycle.items["note"].str.contains("buying would cost 264000 to 384000").any()
    # one set-up: 2 lorries there and back twice, 12 * 0.5 hours; ten years of each
    assert item(cycle, "transport") == (2 * 2 * 400 * 10,) * 2
    assert item(cycle, "placing and taking away") == (12 * 0.5 * 50 * 10,) * 2
    assert cycle.low == 48_000 + 500 + 16_000 + 3_000


def test_many_days_a_year_are_bought():
    cycle = life_cycle(units(MODULE, 12), days_in_may(20), **TEN_YEARS)
    assert cycle.ways == {MODULE.product_id: "buy"}
    assert item(cycle, "purchase") == (96_000.0, 144_000.0)
    assert item(cycle, "replacement") == (96_000.0, 144_000.0)
    assert item(cycle, "maintenance") == (48_000.0, 72_000.0)
    assert item(cycle, "storage") == (24_000.0, 24_000.0)
    assert item(cycle, "rent") == (0.0, 0.0)


def test_later_money_is_worth_less():
    # one payment a year for two years at 5 %: 1.85941; the price itself is paid today
    rates = replace(RATES, discount_rate=0.05)
    cycle = life_cycle(units(BOLLARD, 1), Calendar(), years=2, rates=rates, products=PRODUCTS)
    assert item(cycle, "purchase and installation")[0] == 4000.0
    assert item(cycle, "maintenance")[0] == pytest.approx(40.0 * 1.859410, rel=1e-6)


def test_one_crossing_is_staffed_once_however_many_units_open():
    # three gates side by side and, in another line, one more: two crossings of 1.5 persons,
    # 12 days of 10 hours, 40 an hour, ten years; more than the gates at 4 * 20 000
    gates = pd.concat([units(GATE, 3, openable=True), units(GATE, 1, line="L2", openable=True)])
    cycle = life_cycle(gates, days_in_may(12), **TEN_YEARS)
    assert item(cycle, "staff at openable crossings") == (2 * 1.5 * 120 * 40 * 10,) * 2
    assert cycle.largest == "staff at openable crossings"


def test_units_that_do_not_open_between_two_that_do_make_two_crossings():
    rows = pd.concat(
        [units(GATE, 1, openable=True), units(MODULE, 1), units(GATE, 1, openable=True)]
    )
    cycle = life_cycle(rows, days_in_may(1), **TEN_YEARS)
    assert item(cycle, "staff at openable crossings")[0] == 2 * 1.5 * 10 * 40 * 10


def test_days_that_do_not_follow_each_other_are_carried_each_time():
    together = life_cycle(units(MODULE, 12), days_in_may(3), **TEN_YEARS)
    apart = life_cycle(units(MODULE, 12), days_in_may(3, apart=2), **TEN_YEARS)
    assert item(apart, "transport")[0] == 3 * item(together, "transport")[0]
    assert item(apart, "rent") == item(together, "rent")


def test_products_of_one_layout_share_their_lorries():
    # 12 modules at 10 a lorry and 1 gate at 2: 1.2 + 0.5 loads are two lorries, not three
    rows = pd.concat([units(MODULE, 12), units(GATE, 1, line="L2", openable=True)])
    cycle = life_cycle(rows, days_in_may(1), **TEN_YEARS)
    assert item(cycle, "transport")[0] == 2 * 2 * 400 * 10


def test_no_unit_costs_nothing():
    cycle = life_cycle(units(BOLLARD, 0), days_in_may(4), **TEN_YEARS)
    assert (cycle.low, cycle.high, cycle.largest) == (0.0, 0.0, "")


def test_every_figure_says_where_it_comes_from():
    rows = pd.concat([units(MODULE, 12), units(GATE, 1, line="L2", openable=True)])
    items = life_cycle(rows, days_in_may(20), years=20).items
    assert (items["source"].str.len() > 10).all()
    assert set(items["standing"]) <= {"measured", "published", "second-hand", "assumed"}
    assert set(items["unit"]) == {"EUR"}


def test_a_product_that_the_catalogue_lacks_is_named():
    with pytest.raises(CatalogueError, match=r"modular-n2a-48: in the layout, but not in"):
        life_cycle(units(MODULE, 1), Calendar(), products=(BOLLARD,))


def test_two_currencies_are_not_added():
    with pytest.raises(CatalogueError, match="CHF and EUR"):
        life_cycle(units(BOLLARD, 1), Calendar(), products=(replace(BOLLARD, currency="CHF"),))


@pytest.mark.parametrize("years", [0, -3, 101])
def test_a_horizon_that_is_none_is_refused(years):
    with pytest.raises(InputError, match="horizon"):
        life_cycle(units(BOLLARD, 1), Calendar(), years=years, products=PRODUCTS)


def test_break_even_is_where_the_two_lines_meet():
    # Middle, ten years undiscounted: 5 bollards 25 000 + 2 500 + 2 500 = 30 000 and nothing a day.
    # 2 modules a day: rent 2 * 200 * 10 = 4 000, transport 2 * 400 * 10 = 8 000 (an event lasts a
    # day), placing 2 * 0.5 * 50 * 10 = 500; once 500. Rent stays below buying (54 000) until day
    # 13.5, so 30 000 = 500 + 12 500 d.
    found = break_even_days(
        units(BOLLARD, 5), units(MODULE, 2), days_in_may(3, apart=2), **TEN_YEARS
    )
    assert found.middle == pytest.approx(29_500 / 12_500)
    # 24 500 = 500 + (2 * 300 * 10 + 8 500) d and 35 500 = 500 + (2 * 100 * 10 + 8 500) d
    assert found.earliest == pytest.approx(24_000 / 14_500)
    assert found.latest == pytest.approx(35_000 / 10_500)


def test_break_even_agrees_with_the_life_cycles_on_both_sides():
    calendars = {count: days_in_may(count, apart=2) for count in (3, 1, 2, 5)}
    day = break_even_days(units(BOLLARD, 5), units(MODULE, 2), calendars[3], **TEN_YEARS).middle

    def cost(rows, calendar):
        cycle = life_cycle(rows, calendar, **TEN_YEARS)
        return cycle.low + cycle.high

    for count, calendar in calendars.items():
        cheaper = cost(units(BOLLARD, 5), calendar) < cost(units(MODULE, 2), calendar)
        assert cheaper == (count > day)


def test_break_even_past_the_day_on_which_buying_gets_cheaper():
    # 100 bollards: 10 * 55 000 + 2 500. One module: once 500, rent 2 000 a day up to buying at
    # 8 000 to 12 000 twice, 5 % for ten years, storage 2 000: middle 27 000, from day 13.5 on.
    # Then 552 500 = 27 500 + 8 250 d.
    found = break_even_days(
        units(BOLLARD, 100), units(MODULE, 1), days_in_may(3, apart=2), **TEN_YEARS
    )
    assert found.middle == pytest.approx(525_000 / 8_250)


def test_a_permanent_layout_that_never_pays_has_no_break_even():
    found = break_even_days(units(BOLLARD, 5000), units(MODULE, 1), days_in_may(4), **TEN_YEARS)
    assert (found.earliest, found.middle, found.latest) == (None, None, None)


def test_a_permanent_layout_that_is_cheaper_at_once_breaks_even_at_none():
    found = break_even_days(units(BOLLARD, 0), units(MODULE, 1), days_in_may(4), **TEN_YEARS)
    assert (found.earliest, found.middle, found.latest) == (0.0, 0.0, 0.0)


def test_break_even_needs_an_event_to_know_what_a_day_is():
    with pytest.raises(InputError, match="no event"):
        break_even_days(units(BOLLARD, 1), units(MODULE, 1), Calendar(), **TEN_YEARS)


def test_curves_that_cross_twice_meet_where_they_first_do():
    # 30 a day until 300 are reached on day 10; the other starts at 100 and climbs by 10 a day: they
    # meet on day 5 and again on day 20
    assert first_at_or_above(Bent(0.0, 0.0, ((300.0, 30.0),)), Bent(100.0, 10.0)) == 5.0


def test_a_unit_costs_what_a_layout_of_many_costs_by_unit():
    calendar = days_in_may(20)
    prices = prices_for(PRODUCTS, calendar, years=10, rates=RATES)
    cycle = life_cycle(units(MODULE, 100), calendar, **TEN_YEARS)
    once = item(cycle, "design, survey, making good")[0]
    assert prices[MODULE.product_id] * 100 == pytest.approx((cycle.low + cycle.high) / 2 - once)
    # 5 000 + 1 % for ten years
    assert prices[BOLLARD.product_id] == 5_500.0


def test_prices_of_a_layout_leave_the_other_kind_out():
    assert set(prices_for(PRODUCTS, days_in_may(4), layout="permanent")) == {BOLLARD.product_id}
    assert BOLLARD.product_id not in prices_for(PRODUCTS, days_in_may(4), layout="temporary")
    with pytest.raises(InputError, match="layout 'both'"):
        prices_for(PRODUCTS, days_in_may(4), layout="both")


def test_more_event_days_make_what_is_temporary_dearer_and_nothing_else():
    few = prices_for(PRODUCTS, days_in_may(2), years=10, rates=RATES)
    many = prices_for(PRODUCTS, days_in_may(40, apart=2), years=10, rates=RATES)
    assert many[BOLLARD.product_id] == few[BOLLARD.product_id]
    assert many[MODULE.product_id] > few[MODULE.product_id]


def test_the_dict_of_a_life_cycle_is_plain():
    cycle = life_cycle(units(MODULE, 12), days_in_may(4), **TEN_YEARS)
    found = json.loads(json.dumps(cycle.as_dict()))
    assert found["low"] == 67_500.0
    assert found["ways"] == {MODULE.product_id: "rent"}
    assert found["items"][0]["item"] == "rent"


A_RETRACTABLE = next(p for p in load_products() if p.product_id == "retractable-n2-64")
RETRACTABLE = replace(
    A_RETRACTABLE,
    **{"cost_low": 10_000.0, "cost_high": 10_000.0, "line_fixed_cost": 0.0},
    **{"maintenance_share": 0.0, "life_years": 30.0, "staff_when_open": 2.0},
)
OPENED = replace(
    RATES,
    **{"ordinary_openings_day_low": 1.0, "ordinary_openings_day_high": 6.0},
    **{"opening_minutes_low": 3.0, "opening_minutes_high": 5.0},
)
WITH_GATES = {"years": 10, "rates": OPENED, "products": (*PRODUCTS, RETRACTABLE)}


def built_in(product, count):
    return units(product, count, openable=True).assign(layout="permanent")


def test_what_is_built_in_is_opened_on_ordinary_days_too():
    # 10 event days of ten hours by 2 persons: 200 h at 40 for ten years. The other 355 days: 1
    # opening of 3 minutes to 6 of 5 minutes, so 0.05 to 0.5 h, by 2 persons: 35.5 to 355 h a year.
    cycle = life_cycle(built_in(RETRACTABLE, 3), days_in_may(10), **WITH_GATES)
    assert item(cycle, "staff at openable crossings") == (80_000.0, 80_000.0)
    low, high = item(cycle, "opening on ordinary days")
    assert (low, high) == pytest.approx((35.5 * 40 * 10, 355 * 40 * 10))
    row = cycle.items[cycle.items["item"] == "opening on ordinary days"].iloc[0]
    assert row["standing"] == "assumed"
    assert "355 days: 1 to 6 openings a day" in row["note"]


def test_what_nobody_has_to_open_or_is_away_costs_no_staff_on_ordinary_days():
    alone = replace(RETRACTABLE, staff_when_open=0.0)
    given = {**WITH_GATES, "products": (*PRODUCTS, alone)}
    assert item(life_cycle(built_in(alone, 3), days_in_may(10), **given), "opening on")[1] == 0.0
    away = life_cycle(units(GATE, 1, openable=True), days_in_may(10), **WITH_GATES)
    assert item(away, "opening on ordinary days") == (0.0, 0.0)


def test_break_even_knows_who_opens_on_ordinary_days():
    # Temporary gates, one crossing of 1.5 persons, are staffed on event days only.
    calendar = days_in_may(3, apart=2)
    rare = replace(OPENED, **{f"ordinary_openings_day_{end}": 0.0 for end in ("low", "high")})
    given = units(GATE, 1, openable=True), calendar
    without, with_staff = (
        break_even_days(
            built_in(RETRACTABLE, 3), *given, years=10, rates=rates, products=WITH_GATES["products"]
        ).middle
        for rates in (rare, OPENED)
    )
    assert without < with_staff
    cost = {
        name: life_cycle(rows, calendar, **WITH_GATES)
        for name, rows in (("built", built_in(RETRACTABLE, 3)), ("away", given[0]))
    }
    cheaper = cost["built"].low + cost["built"].high < cost["away"].low + cost["away"].high
    assert cheaper == (with_staff < 3)


def test_the_price_of_a_lane_unit_holds_its_share_of_who_opens_it():
    prices = prices_for(WITH_GATES["products"], days_in_may(10), years=10, rates=OPENED)
    # 0.27 m and a gap of 1.2 m: 1.47 m of 4 m each. 2 * (100 + 0.5 * (17.75 + 177.5)) * 400.
    share = 2.0 / (4.0 / (0.27 + 1.2))
    hours = 100 + 0.5 * (355 * 0.05 + 355 * 0.5)
    assert prices[RETRACTABLE.product_id] == pytest.approx(10_000 + share * hours * 40 * 10)
