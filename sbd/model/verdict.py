"""What the judge says of a layout."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import geopandas as gpd

from sbd.model import tables


class Standing(StrEnum):
    """The answer as a whole."""

    HOLDS = "holds"
    CONDITIONAL = "holds on condition"  # closed and passable; some strength is still to be proven
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class Check:
    """One question with the answers of both methods.

    Parameters
    ----------
    name : str
        Short id: control, threat, sabotage, wheelchair, foot, cycle, engine, engine:L3, swept:L3,
        openable, engine_distance, deliveries, second_line, chicane:C1, beside:C1, exits, standing,
        place, hand, run_out, strength.
    question : str
        What was asked, in words, with the width.
    width_m : float
        Diameter of the disc [m]; 0 where the question has none.
    passes : bool or None
        Whether such a disc passes; None where the methods disagree.
    wanted : bool
        The answer that the plan needs.
    note : str
        What was found, in words.
    """

    name: str
    question: str
    width_m: float
    passes: bool | None
    wanted: bool
    note: str

    @property
    def holds(self) -> bool:
        """Whether the answer is the one the plan needs; disagreement never is."""
        return self.passes is self.wanted


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """The judge's answer: every check, every gap, every condition.

    `gaps` is the certificate (`tables.GAPS`): each clear width that keeps the threat out.
    `conditions` are findings that leave the plan standing but must be settled before it is built.
    """

    checks: tuple[Check, ...]
    gaps: gpd.GeoDataFrame
    conditions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "gaps", tables.check_table(self.gaps, tables.GAPS, "gaps"))

    @property
    def standing(self) -> Standing:
        """Fails on any failed check; conditional where conditions are open."""
        if not self.checks or not all(check.holds for check in self.checks):
            return Standing.FAILS
        return Standing.CONDITIONAL if self.conditions else Standing.HOLDS

    @property
    def holds(self) -> bool:
        """Whether the plan stands, with or without conditions."""
        return self.standing is not Standing.FAILS

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict for JSON."""
        return {
            "standing": str(self.standing),
            "holds": self.holds,
            "checks": [
                {
                    "name": check.name,
                    "question": check.question,
                    "width_m": check.width_m,
                    "passes": check.passes,
                    "wanted": check.wanted,
                    "holds": check.holds,
                    "note": check.note,
                }
                for check in self.checks
            ],
            "conditions": list(self.conditions),
            "gaps": len(self.gaps),
            "widest_gap_mm": None if self.gaps.empty else float(self.gaps["width_mm"].max()),
        }
