"""Stage 7 of 9: Site + footprints -> Verdict, by an independent judge."""

from sbd.verify.footprints import prepare_footprints
from sbd.verify.hearing import open_hearing
from sbd.verify.judge import judge, judge_layout
from sbd.verify.proof import certify
from sbd.verify.sabotage import sabotage

__all__ = [
    "certify",
    "judge",
    "judge_layout",
    "open_hearing",
    "prepare_footprints",
    "sabotage",
]
