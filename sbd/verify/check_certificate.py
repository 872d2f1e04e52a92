"""Certificate file -> whether its proof holds; needs Python and shapely, nothing else.

    python check_certificate.py CERTIFICATE.json

Exit code 0: proven. 1: not, and every reason is printed. See docs/certificate.md for the format.

The argument: the middle of a disc comes no nearer to an obstacle than half its width. So it never
crosses a segment that is no longer than the width and has an obstacle at both ends. Whatever
obstacles and such segments (the gaps) part from each other, no disc joins. That is all that is
checked: every gap is short and hangs on its two obstacles, and no source is left in one piece with
the zone.
"""

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

Json = dict[str, Any]  # as it was read: anything may be in it
Key = tuple[str, str]

SLACK_M = 0.0005  # a gap this much over the width counts as shut, a disc is that much wider
TOUCH_M = 0.001  # obstacles nearer than twice this to each other leave nothing between them
LINE_M = 0.0001  # half the thickness of a gap when the ground is cut along it
OUTSIDE_M = 20.0  # ground around everything that is listed


def seal(certificate: Json) -> str:
    """Return the digest of everything in a certificate but the digest itself."""
    content = {key: value for key, value in certificate.items() if key != "sha256"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def faults_of(certificate: Json) -> list[str]:
    """Return every reason why a certificate proves nothing; an empty list is a proof."""
    if (certificate.get("format"), certificate.get("version")) != ("sbd-certificate", 1):
        return ["not an sbd-certificate of version 1"]
    try:
        faults = [] if certificate["sha256"] == seal(certificate) else ["changed after sealing"]
        return faults + _faults_of_bound(certificate.get("bound")) + _faults_of_cut(certificate)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        return [f"can't be read: {type(error).__name__} {error}"]
    except shapely.errors.ShapelyError as error:
        return [f"can't be read: {error}"]


def _faults_of_cut(certificate: Json) -> list[str]:
    width_m = float(certificate["width_m"])
    if not 0.1 <= width_m <= 10:
        return [f"a width of {width_m} m"]
    listed = certificate["obstacles"]
    obstacles = {(row["kind"], row["id"]): shape(row["geometry"]) for row in listed}
    gaps = [
        (row, shape(row["geometry"]), [(end["kind"], end["id"]) for end in row["between"]])
        for row in certificate["gaps"]
    ]
    zone, sources = ([shape(g) for g in certificate[name]] for name in ("zone", "sources"))
    if len(obstacles) != len(listed):
        return ["an obstacle is listed twice"]
    everything = [*obstacles.values(), *zone, *sources, *(line for _, line, _ in gaps)]
    if not all(part.is_valid and not part.is_empty for part in everything):
        return ["a geometry that is empty or crosses itself"]
    faults = [fault for gap in gaps for fault in _faults_of_gap(*gap, obstacles, width_m)]
    lines = [line for _, line, _ in gaps]
    joined = _joined(obstacles.values(), lines, zone, sources, width_m)
    faults += [
        f"a way from source {source} to piece {piece} of the zone" for source, piece in joined
    ]
    # A check that can't fail is none: without the units there must be a way.
    solid = [part for (kind, _), part in obstacles.items() if kind != "unit"]
    natural = [line for _, line, ends in gaps if "unit" not in (kind for kind, _ in ends)]
    if certificate["closed_by_nature"] is not True and not _joined(
        solid, natural, zone, sources, width_m
    ):
        faults.append("nothing to prove: without the units no source meets the zone either")
    return faults


def _faults_of_bound(bound: Json | None) -> list[str]:
    """Return what is wrong with a flow that shows how cheap a cut of its network can be at best."""
    if bound is None:
        return []
    excess: dict[int, int] = {}
    for tail, head, capacity, flow in bound["arcs"]:
        if not 0 <= flow <= capacity:
            return [f"bound: a flow of {flow} where {capacity} is the cost, from {tail} to {head}"]
        excess[tail] = excess.get(tail, 0) - flow
        excess[head] = excess.get(head, 0) + flow
    value = excess.pop(bound["sink"], 0)
    if excess.pop(bound["source"], 0) != -value or any(excess.values()):
        return ["bound: flow is lost or made on the way"]
    if value != bound["value"] or bound["cost"] < value:
        return [f"bound: the flow is {value}; {bound['value']} is stated, the cost {bound['cost']}"]
    return []


def _faults_of_gap(
    row: Json,
    line: BaseGeometry,
    ends: list[Key],
    obstacles: dict[Key, BaseGeometry],
    width_m: float,
) -> list[str]:
    name, length_m = row["id"], line.length
    if line.geom_type != "LineString" or len(line.coords) != 2 or len(ends) != 2:
        return [f"gap {name}: not one straight line between two obstacles"]
    faults = []
    if not abs(length_m - row["width_m"]) <= LINE_M:
        faults.append(f"gap {name}: {row['width_m']} m are stated, its line has {length_m:.4f} m")
    if length_m > width_m + SLACK_M:
        faults.append(f"gap {name}: {length_m:.4f} m, wider than {width_m} m")
    for end, key in zip(shapely.points(line.coords), ends, strict=True):
        if key not in obstacles or obstacles[key].distance(end) > TOUCH_M:
            faults.append(f"gap {name}: does not reach {' '.join(key)}")
    return faults


def _joined(
    standing: Iterable[BaseGeometry],
    gaps: list[BaseGeometry],
    zone: list[BaseGeometry],
    sources: list[BaseGeometry],
    width_m: float,
) -> list[tuple[int, int]]:
    """Return every pair of source and piece of zone with a disc's middle in one piece of ground."""
    obstacles = list(standing)
    bounds = shapely.total_bounds([*obstacles, *gaps, *zone, *sources])
    ground = shapely.box(*bounds).buffer(OUTSIDE_M, join_style="mitre")
    shut = [*shapely.buffer(obstacles, TOUCH_M), *shapely.buffer(gaps, LINE_M, cap_style="square")]
    pieces = shapely.get_parts(ground.difference(shapely.union_all(shut)))
    # Circles become polygons of 256 sides within them: what is left is never too little.
    near = shapely.union_all(shapely.buffer(obstacles, width_m / 2 + SLACK_M, quad_segs=64))
    tree = shapely.STRtree(pieces)
    held = [
        [set(tree.query(part.difference(near), predicate="intersects").tolist()) for part in parts]
        for parts in (sources, zone)
    ]
    return [
        (i + 1, j + 1)
        for i, one in enumerate(held[0])
        for j, two in enumerate(held[1])
        if one & two
    ]


def main(arguments: list[str]) -> int:
    """Check one file and say what was found."""
    if len(arguments) != 1:
        sys.stderr.write("give one certificate: python check_certificate.py CERTIFICATE.json\n")
        return 1
    try:
        certificate = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        faults = faults_of(certificate)
    except (OSError, ValueError, AttributeError) as error:
        faults = [f"can't be read: {error}"]
    for fault in faults:
        sys.stdout.write(f"NOT PROVEN  {fault}\n")
    if not faults:
        sys.stdout.write(
            f"PROVEN  nothing {certificate['width_m']} m wide gets in: "
            f"{len(certificate['gaps'])} gaps, {len(certificate['obstacles'])} obstacles\n"
        )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
