"""DrivableSurface -> the shapes on which no unit may stand though vehicles drive over them."""

import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.model.surface import DrivableSurface

# Point-like furniture: radius [m] around it that stays free, for the root collar of a tree or a
# spade beside a hydrant. Assumed, and so that one gap can span it; a survey replaces it.
RADIUS_M = {"tree": 0.45}
RADIUS_ELSE_M = 0.4


def no_footing(surface: DrivableSurface) -> NDArray[np.object_]:
    """Return trees, fountains and the like as polygons, points and lines with a radius."""
    shapes = surface.unmovable.geometry.to_numpy()
    radius = [RADIUS_M.get(str(kind), RADIUS_ELSE_M) for kind in surface.unmovable["kind"]]
    areal = shapely.get_dimensions(shapes) == 2
    grown = shapely.buffer(shapes, np.where(areal, 0.0, np.array(radius, dtype=np.float64)))
    return np.asarray(grown, dtype=object)
