"""Stage 8 of 9: Layout + Verdict -> Proposal."""

from sbd.proposal.assemble import assemble
from sbd.proposal.summary import summary
from sbd.proposal.words import summary_text

__all__ = ["assemble", "summary", "summary_text"]
