"""Stage 4 of 9: DrivableSurface + Vehicle -> SpeedField, and what it says of a perimeter."""

from sbd.approach.field import solve_field
from sbd.approach.impact import Impacts, impacts_at
from sbd.approach.perimeter import assess_perimeter

__all__ = ["Impacts", "assess_perimeter", "impacts_at", "solve_field"]
