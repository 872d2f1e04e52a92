"""Proposal, deployment, life cycle, year, comparison -> the sheets that people work with."""

from collections.abc import Iterable

import pandas as pd

from sbd.model.proposal import Proposal
from sbd.model.sheet import Sheet, SheetTable
from sbd.proposal.bill import amount, life_table
from sbd.proposal.calendar import Calendar
from sbd.proposal.compare import Comparison
from sbd.proposal.deployment import Deployment
from sbd.proposal.year import YearPlan

GEAR_WORDS = {
    "none": "none",
    "forklift": "forklift",
    "lorry_crane": "lorry with crane",
    "crane": "mobile crane",
}
# Units on paper, four pages of A4; a longer list is in the spreadsheet and the CSV only.
MOST_PRINTED = 120


def deployment_sheet(
    proposal: Proposal, plan: Deployment, *, calendar: Calendar | None = None
) -> Sheet:
    """Return the sheet for those who place the units and run the crossings."""
    crs = proposal.crs.to_string()
    return Sheet(
        name="deployment",
        title=f"{proposal.site.name}: deployment of the {proposal.layout} layout",
        facts=(*_work(plan), *_events(calendar, plan)),
        tables=(
            SheetTable(
                "Crossings that open",
                _crossings(plan, calendar),
                note="Every crossing opens for fire engines at any time.",
            ),
            SheetTable("Deliveries and residents", _openings(plan)),
            SheetTable("What is needed", _stock(plan)),
            SheetTable("Lines in order of placing", _lines(proposal, plan)),
            SheetTable(
                "Units in order of placing",
                _steps(plan),
                note=f"East and north in {crs}; latitude and longitude in WGS 84; the bearing is "
                "that of the line, clockwise from grid north.",
                printed=len(plan.steps) <= MOST_PRINTED,
            ),
        ),
        warnings=(*plan.conflicts, *_fragile(proposal)),
        attribution=proposal.site.attribution,
        listed="Units in order of placing",
    )


def year_sheet(year: YearPlan, *, name: str) -> Sheet:
    """Return which layout stands on which dates, and what the year of layouts costs.

    Parameters
    ----------
    name : str
        What people call the place.
    """
    days = year.days
    listed = pd.DataFrame(
        {
            "date": days["date"].astype(str),
            "event": days["name"].where(days["name"] != "", days["event_id"]),
            "people": days["people"],
            "from": days["opens"],
            "to": days["closes"],
            "layout": days["kind"],
        }
    )
    periods = year.periods.rename(columns={"kind": "layout", "date_from": "from", "date_to": "to"})
    periods = periods.assign(**{end: periods[end].astype(str) for end in ("from", "to")})
    cost = year.cost
    money = f"{cost.currency} {amount(cost.low)} to {amount(cost.high)}"
    plans = {
        "layout": list(year.plans),
        "units": [len(plan.units) for plan in year.plans.values()],
        "permanent": [_permanent(plan) for plan in year.plans.values()],
        "verdict": [str(plan.verdict.standing) for plan in year.plans.values()],
    }
    return Sheet(
        name="year",
        title=f"{name}: layouts over the year",
        facts=(
            ("Event days", f"{year.calendar.days}; every other day is ordinary"),
            ("Set up", f"{year.calendar.set_ups} times a year"),
            (f"Over {cost.years} years", money),
        ),
        tables=(
            SheetTable("Layouts", pd.DataFrame(plans)),
            SheetTable("Which stands when", periods),
            SheetTable("Days of events", listed),
            life_table(cost),
        ),
        warnings=year.conflicts,
        attribution=next(iter(year.plans.values())).site.attribution,
        listed="Days of events",
    )


def comparison_sheet(found: Comparison, *, name: str) -> Sheet:
    """Return every measure of two plans side by side, and what became of each unit."""
    units = pd.DataFrame(found.units.drop(columns="geometry"))
    changed = units[units["change"] != "same"]
    heads = {
        "unit_before": "unit before",
        "unit_after": "unit after",
        "product_before": "product before",
        "product_after": "product after",
        "moved_m": "moved [m]",
    }
    listed = changed.rename(columns=heads).assign(**{"moved [m]": changed["moved_m"].round(2)})
    counts = tuple((change, f"{count} units") for change, count in found.counts.items())
    measures = found.measures.assign(measure=found.measures["measure"].str.replace("_", " "))
    return Sheet(
        name="comparison",
        title=f"{name}: two plans compared",
        facts=counts,
        tables=(
            SheetTable("Every measure", measures),
            SheetTable("Units that differ", listed),
        ),
        listed="Every measure",
    )


def _permanent(plan: Proposal) -> int:
    return int((plan.units["layout"] == "permanent").sum())


def _work(plan: Deployment) -> list[tuple[str, str]]:
    built = (plan.stock["layout"] == "permanent").any()
    moved = plan.stock["layout"] == "temporary"
    lines = plan.steps["line_id"].nunique()
    listed = "" if len(plan.steps) <= MOST_PRINTED else "; all of them in deployment.xlsx and .csv"
    facts = [("Units", f"{len(plan.steps)}, in {lines} line{'' if lines == 1 else 's'}{listed}")]
    if moved.any():
        facts += [
            ("Crew", f"{plan.persons} persons"),
            ("Placing", f"{_hours(plan.place_hours)} from the first unit to the last"),
            ("Taking away", _hours(plan.clear_hours)),
            ("Work in all", f"{plan.person_hours:.1f} person hours, placing and taking away"),
            ("Lorries", f"{plan.lorries} loads, {plan.trips} trips for placing and taking away"),
            ("Lifting gear", GEAR_WORDS[plan.gear]),
            ("Store", f"{plan.storage_m2:.0f} m2 while not in use"),
        ]
    if built:
        facts.append(("Built in", "by the contractor, whose price holds the work"))
    return [*facts, ("Order by", f"{plan.lead_time_weeks:g} weeks before")]


def _events(calendar: Calendar | None, plan: Deployment) -> list[tuple[str, str]]:
    if calendar is None or not calendar.events:
        return []
    first = min(calendar.events, key=lambda event: (event.window_min[0], event.event_id))
    days = f"{calendar.days} days a year"
    if plan.place_hours:
        times = "once" if calendar.set_ups == 1 else f"{calendar.set_ups} times"
        days = f"{days}, set up {times}"
    facts = [("Events", days)]
    if plan.start_by and plan.place_hours:
        named = first.name or first.event_id
        facts.append(("Start work", f"{plan.start_by} at the latest, for {named}"))
    return facts


def _fragile(proposal: Proposal) -> Iterable[str]:
    if str(proposal.verdict.standing) == "fails":
        yield "The independent judge says that this plan fails: do not set it up like this."


def _crossings(plan: Deployment, calendar: Calendar | None) -> pd.DataFrame:
    """Return for each crossing who stands by it when, and whom it lets in."""
    table, openings = plan.crossings, plan.openings
    events = calendar.events if calendar else ()
    hours = [f"{e.opens} to {e.closes} ({e.name or e.event_id})" for e in events]
    guests = (openings["delivery"] + " " + openings["opens"] + " to " + openings["closes"]).groupby(
        openings["crossing"]
    )
    opens_for = guests.agg(", ".join)
    return pd.DataFrame(
        {
            "crossing": table["crossing"],
            "line": table["line_id"],
            "units that open": table["units"],
            "clear width [m]": table["clear_m"],
            "persons, with relief": table["persons"],
            "who stand there": ["; ".join(hours) if n > 0 else "" for n in table["persons"]],
            "opens for": table["crossing"].map(opens_for).fillna("fire engines"),
            "latitude": table["lat"],
            "longitude": table["lon"],
        }
    )


def _openings(plan: Deployment) -> pd.DataFrame:
    table = plan.openings
    return pd.DataFrame(
        {
            "who": table["delivery"] + " (" + table["who"] + ")",
            "from": table["opens"],
            "to": table["closes"],
            "width [m]": table["width_m"],
            "by crossing": table["crossing"].replace("", "none"),
            "away [m]": table["distance_m"],
            "settle first": table["conflict"],
        }
    )


def _stock(plan: Deployment) -> pd.DataFrame:
    table = plan.stock
    return pd.DataFrame(
        {
            "product": table["product_id"],
            "kind": table["kind"].str.replace("_", " "),
            "layout": table["layout"],
            "units": table["units"],
            "mass in all [kg]": table["mass_kg"].round(0),
            "lorry loads": table["lorries"],
            "persons a unit": table["crew"],
            "person hours": table["person_hours"].round(1),
            "lifting gear": table["gear"].map(GEAR_WORDS),
            "store [m2]": table["storage_m2"].round(1),
            "lead time [weeks]": table["lead_time_weeks"],
        }
    )


def _lines(proposal: Proposal, plan: Deployment) -> pd.DataFrame:
    fixed = plan.steps[~plan.steps["openable"].astype(bool)]
    order = list(dict.fromkeys([*fixed["line_id"], *plan.steps["line_id"]]))
    lines = proposal.barriers.set_index("line_id").loc[order]
    table = pd.DataFrame(
        {
            "line": order,
            "length [m]": lines["length_m"].round(1).to_numpy(),
            "units": lines["units"].to_numpy(),
            "must stop": [
                f"{row.vehicle}, {row.mass_kg:.0f} kg at {row.speed_kmh:.0f} km/h"
                for row in lines.itertuples()
            ],
            "energy [kJ]": lines["energy_kj"].round(0).to_numpy(),
        }
    )
    if not plan.place_hours:
        return table
    work = plan.steps.groupby("line_id").agg(start=("start_h", "min"), end=("end_h", "max"))
    hours = work.loc[order].round(2)
    return table.assign(
        **{"from [h]": hours["start"].to_numpy(), "to [h]": hours["end"].to_numpy()}
    )


def _steps(plan: Deployment) -> pd.DataFrame:
    table = plan.steps
    names = {
        "step": "step",
        "unit_id": "unit",
        "product_id": "product",
        "lorry": "lorry",
        "east_m": "east [m]",
        "north_m": "north [m]",
        "lat": "latitude",
        "lon": "longitude",
        "bearing_deg": "bearing [deg]",
        "gap_before_mm": "gap before [mm]",
        "gap_after_mm": "gap after [mm]",
        "mass_kg": "mass [kg]",
    }
    opens = table["openable"].astype(bool).map({True: "opens", False: ""})
    # What is built in comes with the contractor.
    loads = table["lorry"].where(table["lorry"] > 0).astype("Int64")
    steps = table.assign(lorry=loads)[list(names)].rename(columns=names).assign(opens=opens)
    return steps if plan.lorries else steps.drop(columns="lorry")


def _hours(value: float) -> str:
    """Return hours as people say them.

    >>> _hours(0.75), _hours(3.25)
    ('45 minutes', '3 h 15 min')
    """
    minutes = round(value * 60)
    return f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
