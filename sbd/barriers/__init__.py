"""Stage 5 of 9: DrivableSurface + SpeedField -> candidate chords, lines and units."""

from sbd.barriers.propose import propose_layout

__all__ = ["propose_layout"]
