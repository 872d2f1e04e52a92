"""Stage 5 of 9: DrivableSurface + SpeedField -> candidate chords, lines and units."""
