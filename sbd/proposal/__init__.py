"""Stage 8 of 9: Layout + Verdict -> Proposal."""

from sbd.proposal.assemble import assemble
from sbd.proposal.compare import Comparison, compare
from sbd.proposal.summary import summary
from sbd.proposal.words import summary_text

__all__ = ["Comparison", "assemble", "compare", "summary", "summary_text"]
