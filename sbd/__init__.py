"""Security by design: protect public squares against vehicle attacks without making fortresses."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

# A name is loaded when it is first asked for: together they bring every library of the flow, which
# takes seconds, and an error, a vehicle or the words of the command line need none of those.
_NAMES = {
    "sbd.errors": (
        "CancelledError",
        "InfeasiblePlanError",
        "InputError",
        "SbdError",
        "SourceError",
    ),
    "sbd.model.request": ("Hand", "PlanRequest"),
    "sbd.model.vehicle": ("Vehicle",),
    "sbd.model.verdict": ("Verdict",),
    "sbd.objects": (
        "Assessment",
        "Proposal",
        "Site",
        "assess",
        "open_point",
        "propose",
        "sensitivity",
    ),
    "sbd.pipeline": (
        "best_under_budget",
        "break_even_days",
        "compare",
        "front",
        "life_cycle",
        "placement_session",
        "products_with",
        "read_calendar",
        "verify",
        "warm_up",
        "year_plan",
    ),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}


def _loaded(name: str) -> Any:
    """Return a public name from the module that it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


if not TYPE_CHECKING:  # which would take any name for one that is there
    __getattr__ = _loaded


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Library(ModuleType):
    """A package in which a public name wins over a folder that is called the same: `verify`."""

    def __setattr__(self, name: str, value: object) -> None:
        # To import `sbd.verify.judge` would put the folder in the place of the verb.
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Library
