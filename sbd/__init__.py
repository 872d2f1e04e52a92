"""Security by design: protect public squares against vehicle attacks without making fortresses."""

from sbd.errors import (
    CancelledError,
    InfeasiblePlanError,
    InputError,
    SbdError,
    SourceError,
)
from sbd.model.request import Hand, PlanRequest
from sbd.model.vehicle import Vehicle
from sbd.model.verdict import Verdict
from sbd.objects import Assessment, Proposal, Site, assess, open_point, propose, sensitivity
from sbd.pipeline import (
    best_under_budget,
    break_even_days,
    compare,
    front,
    life_cycle,
    placement_session,
    products_with,
    read_calendar,
    verify,
    warm_up,
    year_plan,
)

__all__ = [
    "Assessment",
    "CancelledError",
    "Hand",
    "InfeasiblePlanError",
    "InputError",
    "PlanRequest",
    "Proposal",
    "SbdError",
    "Site",
    "SourceError",
    "Vehicle",
    "Verdict",
    "assess",
    "best_under_budget",
    "break_even_days",
    "compare",
    "front",
    "life_cycle",
    "open_point",
    "placement_session",
    "products_with",
    "propose",
    "read_calendar",
    "sensitivity",
    "verify",
    "warm_up",
    "year_plan",
]
