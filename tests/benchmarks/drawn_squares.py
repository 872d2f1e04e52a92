"""A size in, a drawn square between blocks out: the synthetic town of the benchmark."""

import shapely
from shapely import LineString, box

from sbd.model.surface import DrivableSurface
from tests.drawn_ground import surface

PITCH_M = 85.0  # from street to street
STREET_M = 10.0
SQUARE_M = (100.0, 80.0)


def drawn_square(side_m: float) -> DrivableSurface:
    """Return a square in a grid of streets, all of which come in over the rim.

    With 500 m it has about 11.5 million free states at 0.5 m and 64 headings.
    """
    half, broad = side_m / 2, STREET_M / 2
    count = int(half // PITCH_M)
    lines = [k * PITCH_M for k in range(-count, count + 1)]
    streets = [box(-half, at - broad, half, at + broad) for at in lines]
    streets += [box(at - broad, -half, at + broad, half) for at in lines]
    wide, deep = SQUARE_M
    zone = box(-wide / 2, -deep / 2, wide / 2, deep / 2)
    rim = [
        LineString([(edge, at - broad), (edge, at + broad)])
        for at in lines
        for edge in (-half, half)
    ]
    rim += [LineString([(y, x) for x, y in line.coords]) for line in rim]
    ground = shapely.union_all([*streets, zone])
    return surface(ground, study=box(-half, -half, half, half), entries=rim, zone=zone)
