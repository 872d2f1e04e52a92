"""`sbd cost` and `sbd deploy`: what a plan costs over the years, and how it is set up."""

import argparse
from dataclasses import asdict
from typing import Any

from sbd import pipeline
from sbd.commands.answer import Answer, table, writable_folder
from sbd.errors import InputError
from sbd.export.files import write_sheets
from sbd.export.jsontext import plain
from sbd.model.proposal import Proposal
from sbd.model.words import LAYOUTS
from sbd.progress import Progress
from sbd.proposal.bill import bill_sheet
from sbd.proposal.breakeven import BreakEven
from sbd.proposal.calendar import Calendar
from sbd.proposal.lifecycle import LifeCycle
from sbd.proposal.sheets import deployment_sheet
from sbd.sources.store import read_proposal


def run_cost(options: argparse.Namespace, progress: Progress) -> Answer:
    """Say what a PROPOSAL.gpkg costs over its years, and from when on another one is cheaper."""
    progress("cost", 0.0, "reading")
    calendar = pipeline.read_calendar(options.calendar)
    plan = read_proposal(options.proposal)
    cost = _cost(plan, calendar, options)
    data: dict[str, Any] = {"name": plan.site.name, "layout": plan.layout, **cost.as_dict()}
    text = [f"{plan.site.name}, {plan.layout}: {_total(cost)}", table(cost.items[_SHOWN])]
    if options.against:
        other = read_proposal(options.against)
        against = _cost(other, calendar, options)
        data["against"] = {"layout": other.layout, **against.as_dict()}
        text.append(f"Against it, {other.layout}: {_total(against)}")
        even = _break_even(plan, other, calendar, options)
        data["break_even_days"] = asdict(even)
        text.append(_in_words(even))
    return Answer(plain(data), "\n".join(text))


_SHOWN = ["item", "product_id", "low", "high", "unit", "standing"]


def _cost(plan: Proposal, calendar: Calendar, options: argparse.Namespace) -> LifeCycle:
    products = pipeline.products_with(options.catalogue)
    return pipeline.life_cycle(plan, calendar, years=options.years, products=products)


def _break_even(
    plan: Proposal, other: Proposal, calendar: Calendar, options: argparse.Namespace
) -> BreakEven:
    by_layout = {each.layout: each for each in (plan, other)}
    if by_layout.keys() != set(LAYOUTS):
        raise InputError(
            f"cost: {plan.layout} against {other.layout}; break-even is between a permanent and a "
            "temporary layout"
        )
    return pipeline.break_even_days(
        by_layout["permanent"],
        by_layout["temporary"],
        calendar,
        years=options.years,
        products=pipeline.products_with(options.catalogue),
    )


def _in_words(even: BreakEven) -> str:
    ends = [
        "never" if days is None else f"from {days:.0f}"
        for days in (even.earliest, even.middle, even.latest)
    ]
    return (
        f"Event days a year on which permanent is the cheaper one: {ends[1]} "
        f"(at the ends of the price ranges: {ends[0]}, {ends[2]})"
    )


def _total(cost: LifeCycle) -> str:
    return (
        f"{cost.low:,.0f} to {cost.high:,.0f} {cost.currency} in money of today over "
        f"{cost.years} years, most of it for {cost.largest or 'nothing'}"
    )


def run_deploy(options: argparse.Namespace, progress: Progress) -> Answer:
    """Write the deployment sheet and the bill of a PROPOSAL.gpkg."""
    folder = writable_folder(options.output)
    progress("deploy", 0.0, "reading")
    plan = read_proposal(options.proposal)
    calendar = pipeline.read_calendar(options.calendar) if options.calendar else None
    products = pipeline.products_with(options.catalogue)
    work = pipeline.deployment(plan, calendar=calendar, crew=options.crew, products=products)
    sheets = (deployment_sheet(plan, work, calendar=calendar), bill_sheet(plan))
    files = [str(path) for path in write_sheets(plan, sheets, folder)]
    text = [*(f"conflict: {conflict}" for conflict in work.conflicts), *files]
    return Answer({"files": files, "conflicts": list(work.conflicts)}, "\n".join(text))
