"""Stage 9 of 9: Proposal -> files."""
