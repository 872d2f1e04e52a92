"""Proposal and its life cycle -> the bill of quantities, whose total is the cost of the plan."""

from collections.abc import Iterable

import pandas as pd

from sbd.model.proposal import Proposal
from sbd.model.sheet import Sheet, SheetTable
from sbd.proposal.lifecycle import LifeCycle


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
        tables.append(life_table(cycle))
        low, high = amount(cycle.low), amount(cycle.high)
        facts.append((f"Over {cycle.years} years", f"{cycle.currency} {low} to {high}"))
    return Sheet(
        name="bill",
        title=f"{proposal.site.name}: bill of quantities of the {proposal.layout} layout",
        facts=tuple(facts),
        tables=tuple(tables),
        attribution=proposal.site.attribution,
        listed="Bill of quantities",
    )


def life_table(cycle: LifeCycle) -> SheetTable:
    """Return the items of a life cycle as a table to read."""
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
            "prices of": parts["cost_year"].astype(str),
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
                "prices of": str(row["cost_year"]),
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


def _price(low: float, high: float, currencies: Iterable[str]) -> str:
    """Return a range in its currency; amounts of two are not added."""
    found = sorted(set(currencies))
    if len(found) > 1:
        return f"in {' and '.join(found)}, not added"
    return f"{found[0] if found else ''} {amount(low)} to {amount(high)}".strip()


def amount(value: float) -> str:
    """Return an amount of money without its cents.

    >>> amount(12345.6)
    '12 346'
    """
    return f"{value:,.0f}".replace(",", " ")
