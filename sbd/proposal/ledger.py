"""Proposal -> what it leaves to everyone but the attacker: who gets through, by which figure."""

import re
from collections.abc import Iterable
from typing import Any

from sbd.model.proposal import Proposal
from sbd.model.verdict import Check

# Names of the judge's checks, up to a colon; every other check is not of access.
WHO = {
    "wheelchair": "people in wheelchairs",
    "foot": "people on foot",
    "cycle": "people on bicycles",
    "exits": "people who leave in a hurry",
    "exit_count": "people who leave in a hurry",
    "engine": "fire engines",
    "openable": "fire engines",
    "swept": "fire engines",
    "engine_distance": "fire engines",
    "deliveries": "deliveries",
    "deliveries_shut": "deliveries",
}
# The figure that a check's note holds, the largest where there are several.
_FIGURES = {
    "exits": (re.compile(r"(\d+(?:\.\d+)?) m of clear width"), "m of clear width"),
    "engine_distance": (re.compile(r"(\d+(?:\.\d+)?) m from"), "m to the farthest door"),
}


def access_ledger(proposal: Proposal) -> list[dict[str, Any]]:
    """Return a row for each question of access that the judge asked, in its order; `ledger_of`."""
    return ledger_of(proposal.verdict.checks)


def ledger_of(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Return a row for each check that is of access, in their order.

    Keys: `who`, `check`, `question`, `answer` ("yes", "no", "not decided"), `holds`, `figure` (or
    None) and `unit`, `note`. What nobody asked is not there.
    """
    return [
        {
            "who": WHO[_kind(check)],
            "check": check.name,
            "question": check.question,
            "answer": {True: "yes", False: "no", None: "not decided"}[check.passes],
            "holds": check.holds,
            **_figure(check),
            "note": check.note,
        }
        for check in checks
        if _kind(check) in WHO
    ]


def width_taken_m(proposal: Proposal) -> float:
    """Return the clear width that the units take from people on foot, gates shut, all lines."""
    return float(proposal.units["width_m"].astype(float).sum())


def figure_of(proposal: Proposal, check: str) -> float:
    """Return the figure of a check by its name; NaN where it was not asked or tells none."""
    for row in access_ledger(proposal):
        if row["check"] == check and row["figure"] is not None:
            return float(row["figure"])
    return float("nan")


def _kind(check: Check) -> str:
    return check.name.partition(":")[0]


def _figure(check: Check) -> dict[str, Any]:
    pattern, unit = _FIGURES.get(check.name, (None, ""))
    found = [float(text) for text in pattern.findall(check.note)] if pattern else []
    return {"figure": max(found, default=None), "unit": unit if found else ""}
