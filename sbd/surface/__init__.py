"""Stage 3 of 9: Site -> DrivableSurface."""

from sbd.surface.drivable import build_surface

__all__ = ["build_surface"]
