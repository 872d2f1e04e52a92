"""Certificate file -> whether its proof holds; needs Python and shapely, nothing else.

    python check_certificate.py CERTIFICATE.json

Exit code 0: proven; 1: not, with every reason. The middle of a disc comes no nearer to an obstacle
than half its width: it never crosses a segment no longer than the width with an obstacle at both
ends (a gap), and what gaps and obstacles part stays apart. Format and reasons: docs/certificate.md.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

Json = dict[str, Any]  # as it was read: anything may be in it

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
        return faults + _bound(certificate.get("bound")) + _cut(certificate)
    except (LookupError, TypeError, ValueError, AttributeError, ShapelyError) as error:
        return [f"can't be read: {type(error).__name__} {error}"]


def _cut(certificate: Json) -> list[str]:
    width_m, listed = float(certificate["width_m"]), certificate["obstacles"]
    obstacles = {(row["kind"], row["id"]): shape(row["geometry"]) for row in listed}
    gaps = [(row, shape(row["geometry"])) for row in certificate["gaps"]]
    ends = [[shape(part) for part in certificate[name]] for name in ("sources", "zone")]
    if not 0.1 <= width_m <= 10:
        return [f"a width of {width_m} m"]
    if len(obstacles) != len(listed):
        return ["an obstacle is listed twice"]
    everything = [*obstacles.values(), *ends[0], *ends[1], *(line for _, line in gaps)]
    if not all(part.is_valid and not part.is_empty for part in everything):
        return ["a geometry that is empty or crosses itself"]
    faults = [fault for row, line in gaps for fault in _gap(row, line, obstacles, width_m)]
    ways = _ways([*obstacles.values()], [line for _, line in gaps], ends, width_m)
    faults += [f"a way from source {one} to piece {two} of the zone" for one, two in ways]
    # A check that can't fail is none: without the units there must be a way.
    solid = [part for (kind, _), part in obstacles.items() if kind != "unit"]
    natural = [line for row, line in gaps if all(e["kind"] != "unit" for e in row["between"])]
    if certificate["closed_by_nature"] is not True and not _ways(solid, natural, ends, width_m):
        faults.append("nothing to prove: without the units no source meets the zone either")
    return faults


def _gap(row: Json, line: Any, obstacles: dict[tuple[str, str], Any], width_m: float) -> list[str]:
    name, keys = f"gap {row['id']}", [(end["kind"], end["id"]) for end in row["between"]]
    if line.geom_type != "LineString" or len(line.coords) != 2 or len(keys) != 2:
        return [f"{name}: not one straight line between two obstacles"]
    faults = [f"{name}: {row['width_m']} m are stated, its line has {line.length:.4f} m"]
    faults = [] if abs(line.length - row["width_m"]) <= LINE_M else faults
    if line.length > width_m + SLACK_M:
        faults.append(f"{name}: {line.length:.4f} m, wider than {width_m} m")
    for end, key in zip(shapely.points(line.coords), keys, strict=True):
        if key not in obstacles or obstacles[key].distance(end) > TOUCH_M:
            faults.append(f"{name}: does not reach {' '.join(key)}")
    return faults


def _ways(solid: list[Any], gaps: list[Any], ends: list[list[Any]], width_m: float) -> list[Any]:
    """Return every pair of source and piece of zone with a disc's middle in one piece of ground."""
    bounds = shapely.total_bounds([*solid, *gaps, *ends[0], *ends[1]])
    ground = shapely.box(*bounds).buffer(OUTSIDE_M, join_style="mitre")
    shut = [*shapely.buffer(solid, TOUCH_M), *shapely.buffer(gaps, LINE_M, cap_style="square")]
    pieces = shapely.STRtree(shapely.get_parts(ground.difference(shapely.union_all(shut))))
    # Circles become polygons of 256 sides within them: what is left is never too little.
    near = shapely.union_all(shapely.buffer(solid, width_m / 2 + SLACK_M, quad_segs=64))
    sources, zone = (
        [set(pieces.query(part.difference(near), predicate="intersects")) for part in parts]
        for parts in ends
    )
    pairs = ((one, two) for one in range(len(sources)) for two in range(len(zone)))
    return [(one + 1, two + 1) for one, two in pairs if sources[one] & zone[two]]


def _bound(bound: Json | None) -> list[str]:
    """Return what is wrong with a flow that shows how cheap a cut of its network can be at best."""
    if bound is None:
        return []
    excess = {bound["source"]: 0, bound["sink"]: 0}
    for tail, head, capacity, flow, *_chord in bound["arcs"]:
        if not 0 <= flow <= capacity:
            return [f"bound: a flow of {flow} where {capacity} is the cost, from {tail} to {head}"]
        excess[tail], excess[head] = excess.get(tail, 0) - flow, excess.get(head, 0) + flow
    value = excess.pop(bound["sink"])
    if excess.pop(bound["source"]) != -value or any(excess.values()):
        return ["bound: flow is lost or made on the way"]
    stated = f"{bound['value']} is stated, the cost {bound['cost']}"
    right = value == bound["value"] and bound["cost"] >= value
    return [] if right else [f"bound: the flow is {value}; {stated}"]


def main(arguments: list[str]) -> int:
    """Check one file and say what was found."""
    try:
        certificate = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        faults = faults_of(certificate)
    except (OSError, LookupError, ValueError, AttributeError) as error:
        faults = [f"can't be read: {error}; give one file: check_certificate.py CERTIFICATE.json"]
    proven = [] if faults else [f"PROVEN  nothing {certificate['width_m']} m wide gets in\n"]
    sys.stdout.writelines([*proven, *(f"NOT PROVEN  {fault}\n" for fault in faults)])
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
