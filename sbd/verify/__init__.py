"""Stage 7 of 9: Site + footprints -> Verdict, by an independent judge."""

from sbd.verify.footprints import prepare_footprints
from sbd.verify.judge import judge_layout
from sbd.verify.proof import certify
from sbd.verify.sabotage import sabotage

__all__ = ["certify", "judge_layout", "prepare_footprints", "sabotage"]
