"""A polygon in, what is wrong with its outline out."""

import shapely


def outline_fault(shape: shapely.Polygon | shapely.MultiPolygon) -> str:
    """Return why a polygon bounds no ground, and where; nothing where it bounds some.

    >>> outline_fault(shapely.box(0, 0, 2, 2))
    ''
    >>> outline_fault(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))
    'the outline is not simple (Self-intersection at 1 1); draw it so that it never crosses itself'
    """
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape).replace("[", " at ").replace("]", "")
        return f"the outline is not simple ({reason}); draw it so that it never crosses itself"
    if shape.area == 0.0:
        return "a polygon without area; draw it with three corners that lie in no line"
    return ""
