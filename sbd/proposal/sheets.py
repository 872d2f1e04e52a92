"""Proposal, deployment, life cycle -> the sheets that crews, buyers and treasurers work with."""

from collections.abc import Iterable

import pandas as pd

from sbd.model.proposal import Proposal
from sbd.model.sheet import Sheet, SheetTable
from sbd.proposal.calendar import Calendar
from sbd.proposal.deployment import Deployment
from sbd.proposal.lifecycle import LifeCycle

GEAR_WORDS = {
    "none": "none",
    "forklift": "forklift",
    "lorry_crane": "lorry with crane",
    "crane": "mobile crane",
}


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
            SheetTable("Crossings that open", _crossings(plan)),
            SheetTable("Deliveries and residents", _openings(plan)),
            SheetTable("What is needed", _stock(plan)),
            SheetTable("Lines in order of placing", _lines(proposal, plan)),
            SheetTable(
                "Units in order of placing",
                _steps(plan),
                note=f"East and north in {crs}; latitude and longitude in WGS 84; the bearing is "
                "that of the line, clockwise from grid north.",
            ),
        ),
        warnings=(*plan.conflicts, *_fragile(proposal)),
        attribution=proposal.site.attribution,
        listed="Units in order of placing",
    )


def bill_sheet(proposal: Proposal, *, cycle: LifeCycle | None = None) -> Sheet:
    """Return the bill of quantities, and what the layout costs over its years where that is given.

    Unit prices are those of the plan; they add up to its cost.
    """
    units, lines = proposal.units, proposal.barriers
    bill = pd.concat([_positions(units), _once(units, lines)], ignore_index=True)
    tables = [
        SheetTable("Bill of quantities", bill, note="Prices without tax, ranges as low and high."),
        SheetTable("Units", _unit_list(units), printed=False),
    ]
    facts = [
        ("Lines", str(len(lines))),
        ("Units", str(len(units))),
        ("Price", _price(bill["total low"].sum(), bill["total high"].sum(), lines["currency"])),
    ]
    if cycle is not None:
        tables.append(_life_table(cycle))
        low, high = _amount(cycle.low), _amount(cycle.high)
        facts.append((f"Over {cycle.years} years", f"{cycle.currency} {low} to {high}"))
    return Sheet(
        name="bill",
        title=f"{proposal.site.name}: bill of quantities of the {proposal.layout} layout",
        facts=tuple(facts),
        tables=tuple(tables),
        attribution=proposal.site.attribution,
        listed="Bill of quantities",
    )


def _work(plan: Deployment) -> list[tuple[str, str]]:
    built = (plan.stock["layout"] == "permanent").any()
    moved = plan.stock["layout"] == "temporary"
    facts = [("Units", f"{len(plan.steps)}, in {plan.steps['line_id'].nunique()} lines")]
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
    times = "once" if calendar.set_ups == 1 else f"{calendar.set_ups} times"
    days = f"{calendar.days} days a year, set up {times}"
    facts = [("Events", days)]
    if plan.start_by and plan.place_hours:
        named = first.name or first.event_id
        facts.append(("Start work", f"{plan.start_by} at the latest, for {named}"))
    return facts


def _fragile(proposal: Proposal) -> Iterable[str]:
    if str(proposal.verdict.standing) == "fails":
        yield "The independent judge says that this plan fails: do not set it up like this."


def _crossings(plan: Deployment) -> pd.DataFrame:
    table = plan.crossings
    return pd.DataFrame(
        {
            "crossing": table["crossing"],
            "line": table["line_id"],
            "units that open": table["units"],
            "clear width [m]": table["clear_m"],
            "persons": table["persons"],
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
    work = plan.steps.groupby("line_id").agg(start=("start_h", "min"), end=("end_h", "max"))
    return pd.DataFrame(
        {
            "line": order,
            "length [m]": lines["length_m"].round(1).to_numpy(),
            "units": lines["units"].to_numpy(),
            "must stop": [
                f"{row.vehicle}, {row.mass_kg:.0f} kg at {row.speed_kmh:.0f} km/h"
                for row in lines.itertuples()
            ],
            "energy [kJ]": lines["energy_kj"].round(0).to_numpy(),
            "from [h]": work["start"].loc[order].round(2).to_numpy(),
            "to [h]": work["end"].loc[order].round(2).to_numpy(),
        }
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
    return table[list(names)].rename(columns=names).assign(opens=opens)


def _positions(units: pd.DataFrame) -> pd.DataFrame:
    """Return a row for the units of one product at one price."""
    by = ["product_id", "kind", "layout", "cost_low", "cost_high", "currency", "cost_year"]
    parts = units.groupby([*by, "source", "standing"], sort=True).size().reset_index(name="count")
    return pd.DataFrame(
        {
            "item": parts["product_id"],
            "what": parts["kind"].str.replace("_", " ") + ", " + parts["layout"],
            "quantity": parts["count"],
            "of": "units",
            "each low": parts["cost_low"],
            "each high": parts["cost_high"],
            "total low": (parts["count"] * parts["cost_low"]).round(2),
            "total high": (parts["count"] * parts["cost_high"]).round(2),
            "currency": parts["currency"],
            "prices of": parts["cost_year"],
            "standing": parts["standing"],
            "source": parts["source"],
        }
    )


def _once(units: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return what the lines cost beyond their units: design, survey, making good."""
    of_units = units.groupby("line_id")[["cost_low", "cost_high"]].sum()
    of_lines = lines.set_index("line_id")
    rows = []
    for line_id, row in of_lines.iterrows():
        low, high = (
            round(float(row[end]) - float(of_units[end].get(line_id, 0.0)), 2)
            for end in ("cost_low", "cost_high")
        )
        rows.append(
            {
                "item": f"line {line_id}",
                "what": "design, survey, making good",
                "quantity": 1,
                "of": "line",
                "each low": low,
                "each high": high,
                "total low": low,
                "total high": high,
                "currency": row["currency"],
                "prices of": row["cost_year"],
                "standing": row["standing"],
                "source": row["source"],
            }
        )
    return pd.DataFrame(rows)


def _unit_list(units: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit": units["unit_id"],
            "line": units["line_id"],
            "product": units["product_id"],
            "opens": units["openable"].astype(bool),
            "price low": units["cost_low"],
            "price high": units["cost_high"],
            "currency": units["currency"],
        }
    )


def _life_table(cycle: LifeCycle) -> SheetTable:
    items = cycle.items
    rows = pd.DataFrame(
        {
            "item": items["item"],
            "product": items["product_id"],
            "amount": items["amount"],
            "of": items["amount_unit"],
            "low": items["low"].round(0),
            "high": items["high"].round(0),
            "currency": items["unit"],
            "note": items["note"],
            "standing": items["standing"],
            "source": items["source"],
        }
    )
    return SheetTable(
        f"Over {cycle.years} years",
        rows,
        note=f"In money of today, later costs discounted by {cycle.discount_rate:.1%} a year.",
    )


def _price(low: float, high: float, currencies: Iterable[str]) -> str:
    """Return a range in its currency; amounts of two are not added."""
    found = sorted(set(currencies))
    if len(found) > 1:
        return f"in {' and '.join(found)}, not added"
    return f"{found[0] if found else ''} {_amount(low)} to {_amount(high)}".strip()


def _amount(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


def _hours(value: float) -> str:
    """Return hours as people say them.

    >>> _hours(0.75), _hours(3.25)
    ('45 minutes', '3 h 15 min')
    """
    minutes = round(value * 60)
    return f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
