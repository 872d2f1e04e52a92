"""Several layouts of one place over a year."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from shapely import box

from sbd.catalogue.products import load_products
from sbd.catalogue.rates import load_rates
from sbd.errors import InputError
from sbd.proposal.calendar import Calendar, Event
from sbd.proposal.compare import compare
from sbd.proposal.lifecycle import life_cycle
from sbd.proposal.sheets import comparison_sheet, year_sheet
from sbd.proposal.year import year_plan
from tests.judged import town
from tests.proposed import STREETS, layout_of, proposal_of, with_streets

RATES = replace(load_rates(), discount_rate=0.0)
BOLLARD, MODULE = "bollard-shallow-n2a-48", "modular-n2a-48"
POSTS = [box(50, y, 50.2, y + 0.2) for y in (27.0, 28.2, 29.4, 30.6, 31.8, 33.0)]
MODULES = [box(55, y, 55.6, y + 0.6) for y in (27.0, 28.8, 30.6, 32.4)]

MARKET = Event("market", "Market", date(2026, 12, 1), date(2026, 12, 4), "10:00", "20:00", 2000)
RACE = Event("race", "Race", date(2026, 6, 6), date(2026, 6, 6), "08:00", "16:00", 9000)
FAIR = Event("fair", "Fair", date(2026, 12, 3), date(2026, 12, 3), "18:00", "23:00", 500)
CALENDAR = Calendar((MARKET, RACE, FAIR))


def plan(site, shapes, product_id, layout):
    found = proposal_of(site, layout_of(shapes, product_id=product_id, layout=layout))
    return replace(found, layout=layout)


@pytest.fixture(scope="module")
def site():
    return with_streets(town(), STREETS)


@pytest.fixture(scope="module")
def ordinary(site):
    return plan(site, POSTS, BOLLARD, "permanent")


@pytest.fixture(scope="module")
def event(site):
    return plan(site, MODULES, MODULE, "temporary")


@pytest.fixture(scope="module")
def both(ordinary, event):
    """The posts and, beside them, the modules of an event."""
    units = pd.concat([ordinary.units, event.units.assign(line_id="L2")], ignore_index=True)
    units["unit_id"] = [f"u{n}" for n in range(len(units))]
    return replace(ordinary, units=units, layout="mixed")


def test_each_date_has_its_layout(ordinary, both, event):
    year = year_plan(CALENDAR, {"ordinary": ordinary, "event": both, "race": event})
    assert year.kind_on(date(2026, 6, 6)) == "race"
    assert year.kind_on(date(2026, 12, 3)) == "event"
    assert year.kind_on(date(2026, 7, 1)) == "ordinary"
    assert year.periods[["kind", "days"]].to_numpy().tolist() == [["race", 1], ["event", 4]]


def test_a_day_of_two_events_counts_once_with_the_hours_of_both(ordinary, both):
    year = year_plan(CALENDAR, {"ordinary": ordinary, "event": both})
    day = year.days.set_index("date").loc[date(2026, 12, 3)]
    assert (day["event_id"], day["people"]) == ("market, fair", 2500)
    assert (day["opens"], day["closes"]) == ("10:00", "23:00")


def test_what_is_permanent_is_built_once_however_many_layouts_have_it(ordinary, both):
    year = year_plan(CALENDAR, {"ordinary": ordinary, "event": both}, years=10, rates=RATES)
    alone = life_cycle(ordinary, CALENDAR, years=10, rates=RATES)
    # the modules alone: once-a-line cost and all
    modules = life_cycle(both.units[6:], CALENDAR, years=10, rates=RATES)
    assert year.cost.low == pytest.approx(alone.low + modules.low)
    assert year.cost.high == pytest.approx(alone.high + modules.high)
    assert year.conflicts == ()


def test_layouts_that_take_turns_share_what_is_bought(event):
    # More days than renting pays for; four modules serve both kinds of day, placed for each.
    long_ = replace(MARKET, date_from=date(2026, 7, 1), date_to=date(2026, 12, 20))
    calendar = Calendar((long_, RACE))
    year = year_plan(calendar, {"event": event, "race": event}, years=10, rates=RATES)
    items = year.cost.items.set_index("item")
    assert items.loc["purchase", "amount"] == 4
    # one lorry there and back twice, for the race and for the market
    assert items.loc["transport", "amount"] == 4


def test_nothing_need_stand_on_ordinary_days(event):
    year = year_plan(CALENDAR, {"event": event}, rates=RATES)
    same = life_cycle(event, CALENDAR, rates=RATES)
    assert year.cost.low == pytest.approx(same.low)
    assert year.kind_on(date(2026, 1, 1)) == "ordinary"


def test_a_temporary_layout_of_ordinary_days_stands_on_all_others(event):
    year = year_plan(CALENDAR, {"ordinary": event, "event": event}, years=10, rates=RATES)
    product = {p.product_id: p for p in load_products()}[MODULE]
    # 360 ordinary days are too many to rent
    assert year.cost.ways == {MODULE: "buy"}
    assert year.cost.items.set_index("item").loc["purchase", "low"] == 4 * product.cost_low
    # two stretches of event days: two set-ups of each kind, of 1 lorry there and back twice
    assert year.cost.items.set_index("item").loc["transport", "amount"] == 8


def test_a_permanent_unit_that_another_layout_forgets_is_told(ordinary, event):
    year = year_plan(CALENDAR, {"ordinary": ordinary, "event": event})
    assert len(year.conflicts) == 1
    assert "6 permanent units of the layout 'ordinary'" in year.conflicts[0]
    assert "not in 'event'" in year.conflicts[0]


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["ordinary"], "no layout for 5 event days"),
        (["event", "christmas"], "no event 'christmas'"),
        ([], "no layout; give one"),
    ],
)
def test_a_year_with_holes_is_refused(ordinary, kinds, words):
    with pytest.raises(InputError, match=words):
        year_plan(CALENDAR, dict.fromkeys(kinds, ordinary))


def test_layouts_of_two_places_do_not_take_turns(ordinary, event):
    site = event.site
    zone = site.zone.set_geometry(site.zone.translate(5_000.0, 0.0))
    layers = {**site.layers, "zone": zone}
    elsewhere = type(site)(name="", **layers, report=site.report, attribution="")
    with pytest.raises(InputError, match="'event' is of another place"):
        year_plan(CALENDAR, {"ordinary": ordinary, "event": replace(event, site=elsewhere)})


def test_the_sheet_of_a_year_says_what_stands_when(ordinary, both, event):
    year = year_plan(CALENDAR, {"ordinary": ordinary, "event": both, "race": event})
    sheet = year_sheet(year, name="Main Square")
    tables = {table.title: table.rows for table in sheet.tables}
    when = tables["Which stands when"].to_numpy().tolist()
    assert when == [
        ["race", "2026-06-06", "2026-06-06", 1],
        ["event", "2026-12-01", "2026-12-04", 4],
    ]
    assert tables["Layouts"]["permanent"].tolist() == [6, 6, 0]
    assert dict(sheet.facts)["Event days"] == "5; every other day is ordinary"
    assert sheet.warnings == year.conflicts
    assert len(sheet.warnings) == 2  # the race's layout forgets the posts of both others


def test_the_sheet_of_a_comparison_lists_what_differs(ordinary, both):
    tables = {t.title: t.rows for t in comparison_sheet(compare(ordinary, both), name="X").tables}
    changed = tables["Units that differ"]
    assert changed["change"].tolist() == ["added"] * 4
    assert "moved [m]" in changed
    assert "crew hours" in tables["Every measure"]["measure"].tolist()
