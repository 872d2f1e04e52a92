"""Multipolygon relation + its ways -> one shape, and what its outer ways stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import shapely
from shapely import MultiPolygon, Polygon

from sbd.sources.elements import Elements, Relation, Tags, Way
from sbd.sources.tagging import matters, stops_vehicles


class Soundness(StrEnum):
    """How a multipolygon came out."""

    WHOLE = "whole"
    PARTLY = "partly"  # members are missing; every ring that closes is kept
    BROKEN = "broken"  # nothing of it can be relied on


@dataclass(frozen=True, slots=True)
class Assembled:
    """A multipolygon put together.

    Parameters
    ----------
    shape : Geometry
        Polygon or MultiPolygon; the known lines where it is broken.
    drawn_ways : frozenset of int
        Ways whose own area the multipolygon stands for: drawing them too would fill its holes.
    """

    relation: Relation
    tags: Tags
    shape: shapely.Geometry
    soundness: Soundness
    drawn_ways: frozenset[int] = frozenset()


def assemble_multipolygon(relation: Relation, elements: Elements) -> Assembled | None:
    """Return the shape of a multipolygon, or None where no plan needs it.

    Rings are nested by size, so islands in holes come back. With members missing, what can't be
    shown to be there is left out: a ring that does not close, and the whole object where it would
    stop vehicles and a hole of it may be unknown.
    """
    members = [(ref, role) for kind, ref, role in relation.members if kind == "w"]
    known = [(elements.ways[ref], role) for ref, role in members if ref in elements.ways]
    lines = [(way, role) for way, role in known if way.line is not None]
    tags, drawn_ways = _tags_of(relation, known)
    if not lines or not matters(tags):
        return None
    lost = [
        role for ref, role in members if ref not in elements.ways and ref not in elements.beyond
    ]
    lost += [role for way, role in known if way.missing or way.line is None]
    rings, unclosed = _rings(lines)
    shape = _nested(rings)
    holes_unknown = any(role != "outer" for role in lost) or unclosed["inner"]
    complete = not lost and not any(unclosed.values())
    if shape.is_empty or (not complete and holes_unknown and stops_vehicles(tags)):
        sketch = shapely.union_all([way.line for way, _ in lines])
        return Assembled(relation, tags, sketch, Soundness.BROKEN, drawn_ways)
    soundness = Soundness.WHOLE if complete else Soundness.PARTLY
    return Assembled(relation, tags, shape, soundness, drawn_ways)


def _tags_of(relation: Relation, known: Sequence[tuple[Way, str]]) -> tuple[Tags, frozenset[int]]:
    """Return the tags that hold for the whole, and the outer ways that repeat them.

    Old maps put the tags on the outer ways instead of the relation, some put them on both.
    """
    outer = [way for way, role in known if role in ("outer", "")]
    own = {key: value for key, value in relation.tags.items() if key != "type"}
    if not matters(own):
        shared = _shared([way.tags for way in outer])
        if not matters(shared):
            return own, frozenset()
        return {**shared, **own}, frozenset(way.number for way in outer if way.closed)
    repeats = (way for way in outer if way.closed and _same_object(way.tags, own))
    return own, frozenset(way.number for way in repeats)


def _shared(all_tags: Sequence[Tags]) -> dict[str, str]:
    if not all_tags:
        return {}
    first, *others = all_tags
    return {k: v for k, v in first.items() if all(tags.get(k) == v for tags in others)}


def _same_object(tags: Tags, own: Tags) -> bool:
    if "building" in tags and "building" in own:
        return True  # building=yes on the way and building=office on the relation are one house
    return any(own.get(key) == value for key, value in tags.items() if matters({key: value}))


def _rings(
    lines: Sequence[tuple[Way, str]],
) -> tuple[list[tuple[Polygon, str]], Mapping[str, bool]]:
    """Return closed rings with their role, and for each role whether lines were left over."""
    rings = [(Polygon(way.line), role) for way, role in lines if way.closed]
    unclosed = {}
    for role in ("outer", "inner"):
        pool = [
            way.line
            for way, given in lines
            if not way.closed and (given == "inner") == (role == "inner")
        ]
        faces, cuts, dangles, invalid = shapely.polygonize_full(pool)
        rings += [(Polygon(face.exterior), role) for face in faces.geoms]
        unclosed[role] = not (cuts.is_empty and dangles.is_empty and invalid.is_empty)
    return rings, unclosed


def _nested(rings: Sequence[tuple[Polygon, str]]) -> Polygon | MultiPolygon:
    """Put rings together from the largest to the smallest, so that an island in a hole is kept.

    >>> outer, hole, isle = (shapely.box(-r, -r, r, r) for r in (4, 2, 1))
    >>> _nested([(isle, "outer"), (outer, "outer"), (hole, "inner")]).area
    52.0
    """
    shape: shapely.Geometry = Polygon()
    for ring, role in sorted(rings, key=lambda pair: -pair[0].area):
        sound = polygons_of(shapely.make_valid(ring))
        inside = not shape.is_empty and shape.contains(sound.representative_point())
        is_hole = role == "inner" or (role == "" and inside)
        shape = shape.difference(sound) if is_hole else shape.union(sound)
    return polygons_of(shape)


def polygons_of(shape: shapely.Geometry) -> Polygon | MultiPolygon:
    """Return the polygons in a shape, without the lines and points that a repair leaves behind.

    >>> polygons_of(shapely.from_wkt("GEOMETRYCOLLECTION (POINT (5 5))")).is_empty
    True
    """
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon | MultiPolygon)]
    union = shapely.union_all(parts)
    return union if isinstance(union, Polygon | MultiPolygon) else Polygon()
