"""Stage 4 of 9: DrivableSurface + Vehicle -> SpeedField, and what it says of a perimeter."""
