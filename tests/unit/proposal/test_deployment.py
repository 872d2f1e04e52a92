"""How a layout is set up: order, crew, lorries, hours, who opens what."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

from sbd.catalogue.products import load_products
from sbd.errors import CatalogueError, InputError
from sbd.model.hours import overlap_min
from sbd.proposal.bill import bill_sheet
from sbd.proposal.calendar import Calendar, Event
from sbd.proposal.deployment import deployment, placing_order
from sbd.proposal.lifecycle import life_cycle
from sbd.proposal.sheets import deployment_sheet
from tests.judged import CRS, town
from tests.proposed import STREETS, layout_of, proposal_of, with_streets

A_SET = next(p for p in load_products() if p.product_id == "modular-n2a-48")
A_GATE = next(p for p in load_products() if p.product_id == "portable-gate-n2-64")
# Two persons place a module in a quarter of an hour, three a gate in an hour.
MODULE = replace(A_SET, crew=2, crew_hours=1.0, units_per_lorry=4, storage_m2=2.0)
GATE = replace(A_GATE, crew=3, crew_hours=6.0, units_per_lorry=2, storage_m2=6.0)
PRODUCTS = (MODULE, GATE)

MARKET = Event("m", "Market", date(2026, 12, 1), date(2026, 12, 4), "10:00", "20:00", 2000)
CALENDAR = Calendar((MARKET,))


def deliveries(*rows):
    columns = ["name", "who", "opens", "closes", "width_m"]
    table = pd.DataFrame(rows, columns=[*columns, "geometry"])
    ids = [f"d{n}" for n in range(len(rows))]
    return gpd.GeoDataFrame(table.assign(delivery_id=ids), geometry="geometry", crs=CRS)


BAKERY = ("Bakery", "deliveries", "06:00", "09:00", 2.5, Point(70, 30))
BREWERY = ("Brewery", "deliveries", "09:00", "12:00", 2.5, Point(70, 32))


def plan_of(*windows):
    """Six modules on line L1 and a gate on line L2, whose attack is the harder one."""
    site = with_streets(town(), STREETS)
    layers = {**site.layers, "deliveries": deliveries(*windows)} if windows else site.layers
    site = type(site)(name=site.name, **layers, report=site.report, attribution="© drawn")
    shapes = [box(50, y, 50.6, y + 0.6) for y in (26.4, 27.7, 29.0, 30.3, 31.6, 32.9)]
    modules = layout_of(shapes, product_id=MODULE.product_id, layout="temporary")
    gate = layout_of(
        [box(56, 27, 57, 31.5)],
        product_id=GATE.product_id,
        layout="temporary",
        openable=[True],
        gap_mm=500.0,
    )
    found = proposal_of(site, modules)
    hard = {"line_id": "L2", "energy_kj": 900.0}
    return replace(
        found,
        layout="temporary",
        units=pd.concat(
            [found.units, gate.units.assign(**hard, unit_id="L2-01", width_m=4.5)],
            ignore_index=True,
        ),
        barriers=pd.concat([found.barriers, gate.barriers.assign(**hard)], ignore_index=True),
    )


@pytest.fixture(scope="module")
def proposal():
    return plan_of(BAKERY, BREWERY)


@pytest.fixture(scope="module")
def plan(proposal):
    return deployment(proposal, calendar=CALENDAR, crew=6, products=PRODUCTS)


def test_the_hardest_line_comes_first_and_what_opens_last(proposal):
    units = proposal.units.copy()
    units.loc[6, "openable"] = False  # a module stands there instead of the gate
    assert placing_order(units)["line_id"].tolist() == ["L2"] + ["L1"] * 6
    assert placing_order(proposal.units)["line_id"].tolist() == ["L1"] * 6 + ["L2"]


def test_teams_work_side_by_side(plan):
    # Six persons are two teams of three: six modules of half an hour of two persons' work, 0.25 h
    # each, take three rounds; then the gate, half of 6 person hours by three.
    assert plan.persons == 6
    assert plan.steps["end_h"].tolist() == [0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1.75]
    assert plan.place_hours == 1.75
    assert plan.person_hours == 6 * 1.0 + 6.0


def test_one_team_takes_longer(proposal):
    # 6 * 0.25 + 1
    assert deployment(proposal, products=PRODUCTS).persons == 3
    assert deployment(proposal, products=PRODUCTS).place_hours == 2.5


def test_fewer_persons_than_a_unit_needs_are_refused(proposal):
    with pytest.raises(InputError, match=r"crew of 2: portable-gate-n2-64 needs 3 persons"):
        deployment(proposal, crew=2, products=PRODUCTS)


def test_units_come_in_the_order_in_which_they_are_placed(plan):
    # Four modules fill a lorry; two more are half of one, and the gate the other half.
    assert plan.steps["lorry"].tolist() == [1, 1, 1, 1, 2, 2, 2]
    assert (plan.lorries, plan.trips) == (2, 4)


def test_gear_and_store_are_those_of_all_units(plan):
    assert plan.gear == "forklift"
    assert plan.storage_m2 == 6 * 2.0 + 6.0
    assert plan.lead_time_weeks == max(MODULE.lead_time_weeks, GATE.lead_time_weeks)


def test_each_unit_has_its_place_on_the_grid_and_on_the_globe(plan, proposal):
    step = plan.steps.set_index("unit_id").loc["L2-01"]
    assert (step["east_m"], step["north_m"]) == (56.5, 29.25)
    back = gpd.GeoSeries.from_xy([step["lon"]], [step["lat"]], crs=4326).to_crs(CRS).iloc[0]
    assert back.distance(Point(56.5, 29.25)) < 0.02


def test_a_crossing_is_as_wide_as_its_units_and_the_gaps_beside_them(plan):
    gate = plan.crossings.iloc[0]
    # 4.5 m and half a metre on each side
    assert (gate["crossing"], gate["clear_m"], gate["persons"]) == ("C1", 5.5, 1.5)


def test_a_delivery_among_the_crowd_is_named_with_its_hours(plan):
    openings = plan.openings.set_index("delivery")
    assert openings.loc["Bakery", "conflict"] == ""
    assert "2.0 h among the crowd" in openings.loc["Brewery", "conflict"]
    assert len(plan.conflicts) == 1
    assert plan.conflicts[0].startswith("Brewery (deliveries, 09:00 to 12:00): Market is on")


def test_without_a_calendar_no_hours_clash(proposal):
    assert deployment(proposal, products=PRODUCTS).conflicts == ()
    assert deployment(proposal, products=PRODUCTS).start_by == ""


def test_a_lorry_wider_than_every_crossing_is_named(proposal):
    wide = deliveries(("Fair", "other", "06:00", "07:00", 6.0, Point(70, 30)))
    site = replace(proposal.site, deliveries=wide)
    found = deployment(replace(proposal, site=site), products=PRODUCTS)
    assert found.openings.loc[0, "crossing"] == ""
    assert found.conflicts == ("Fair (other, 06:00 to 07:00): no openable crossing is 6 m wide",)


def test_work_starts_as_long_before_the_event_as_it_takes(plan):
    # 10:00 less 1 h 45 min
    assert plan.start_by == "2026-12-01 08:15"


def test_work_for_an_early_event_starts_the_day_before(proposal):
    early = Calendar((replace(MARKET, opens="00:30"),))
    found = deployment(proposal, calendar=early, crew=6, products=PRODUCTS)
    assert found.start_by == "2026-11-30 22:45"


def test_what_is_built_in_needs_no_crew_of_ours(site, posts):
    built = proposal_of(site, layout_of(posts, product_id="bollard-shallow-n2a-48"))
    found = deployment(built)
    assert (found.persons, found.place_hours, found.trips, found.storage_m2) == (0, 0.0, 0, 0.0)
    assert found.lead_time_weeks == 26


def test_a_product_that_the_catalogue_lacks_is_named(proposal):
    with pytest.raises(CatalogueError, match="portable-gate-n2-64"):
        deployment(proposal, products=(MODULE,))


@pytest.mark.parametrize(
    ("one", "other", "minutes"),
    # a night window against the small hours, the same hours, and none in common
    [((1320, 1560), (60, 300), 60), ((0, 1440), (600, 720), 120), ((0, 60), (60, 120), 0)],
)
def test_windows_share_what_lies_in_both(one, other, minutes):
    assert overlap_min(one, other) == minutes
    assert overlap_min(other, one) == minutes


def test_the_sheet_says_what_the_crew_needs(proposal, plan):
    sheet = deployment_sheet(proposal, plan, calendar=CALENDAR)
    facts = dict(sheet.facts)
    assert facts["Crew"] == "6 persons"
    assert facts["Placing"] == "1 h 45 min from the first unit to the last"
    assert facts["Start work"] == "2026-12-01 08:15 at the latest, for Market"
    assert facts["Lorries"] == "2 loads, 4 trips for placing and taking away"
    tables = {table.title: table.rows for table in sheet.tables}
    assert tables["Lines in order of placing"]["line"].tolist() == ["L1", "L2"]
    assert len(tables["Units in order of placing"]) == 7
    gate = tables["Crossings that open"].iloc[0]
    assert gate["who stand there"] == "10:00 to 20:00 (Market)"
    assert gate["opens for"] == "Bakery 06:00 to 09:00, Brewery 09:00 to 12:00"
    assert any("Brewery" in warning for warning in sheet.warnings)


def test_the_sheet_of_a_built_layout_without_guests_has_no_hours_and_no_lorries(site, posts):
    built = proposal_of(site, layout_of(posts, product_id="bollard-shallow-n2a-48"))
    sheet = deployment_sheet(built, deployment(built))
    facts = dict(sheet.facts)
    assert facts["Units"] == "6, in 1 line"
    assert facts["Built in"].startswith("by the contractor")
    assert "Crew" not in facts
    tables = {table.title: table.rows for table in sheet.tables}
    assert "from [h]" not in tables["Lines in order of placing"]
    assert "lorry" not in tables["Units in order of placing"]
    assert tables["Crossings that open"].empty


def test_a_long_list_of_units_is_not_printed(proposal, plan):
    many = replace(plan, steps=pd.concat([plan.steps] * 20, ignore_index=True))
    sheet = deployment_sheet(proposal, many)
    printed = {table.title: table.printed for table in sheet.tables}
    assert not printed["Units in order of placing"]
    assert "deployment.xlsx" in dict(sheet.facts)["Units"]


def test_a_bill_adds_up_to_the_cost_of_the_plan(proposal):
    lines, units = proposal.barriers, proposal.units
    bill = {table.title: table.rows for table in bill_sheet(proposal).tables}["Bill of quantities"]
    assert bill["total low"].sum() == pytest.approx(lines["cost_low"].sum())
    assert bill["total high"].sum() == pytest.approx(lines["cost_high"].sum())
    assert bill["quantity"][bill["of"] == "units"].sum() == len(units)


def test_a_bill_tells_the_years_where_they_are_given(proposal):
    cycle = life_cycle(proposal, CALENDAR, years=10, products=PRODUCTS)
    sheet = bill_sheet(proposal, cycle=cycle)
    assert "Over 10 years" in dict(sheet.facts)
    assert "Over 10 years" in [table.title for table in sheet.tables]
