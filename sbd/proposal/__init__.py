"""Stage 8 of 9: Layout + Verdict -> Proposal, what it costs over the years and how it is set up."""

from sbd.proposal.assemble import assemble
from sbd.proposal.bill import bill_sheet
from sbd.proposal.breakeven import BreakEven, break_even_days, prices_for
from sbd.proposal.calendar import Calendar, Event, parse_calendar
from sbd.proposal.compare import Comparison, compare
from sbd.proposal.deployment import Deployment, deployment
from sbd.proposal.lifecycle import LifeCycle, life_cycle, with_life_cycle
from sbd.proposal.sheets import comparison_sheet, deployment_sheet, year_sheet
from sbd.proposal.summary import summary
from sbd.proposal.words import summary_text
from sbd.proposal.year import YearPlan, year_plan

__all__ = [
    "BreakEven",
    "Calendar",
    "Comparison",
    "Deployment",
    "Event",
    "LifeCycle",
    "YearPlan",
    "assemble",
    "bill_sheet",
    "break_even_days",
    "compare",
    "comparison_sheet",
    "deployment",
    "deployment_sheet",
    "life_cycle",
    "parse_calendar",
    "prices_for",
    "summary",
    "summary_text",
    "with_life_cycle",
    "year_plan",
    "year_sheet",
]
