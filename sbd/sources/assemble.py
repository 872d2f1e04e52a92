"""Elements of OpenStreetMap -> features with shapes, and a row for everything repaired or lost."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, MultiPolygon, Polygon

from sbd.geometry.crs import WGS84
from sbd.model.raw import RawLayers
from sbd.sources.elements import Elements, Tags, Way
from sbd.sources.multipolygons import (
    Assembled,
    Soundness,
    assemble_multipolygon,
    polygons_of,
)
from sbd.sources.tagging import ROUTES, is_area, matters, needs_closing

# A gap of a building outline that no vehicle fits through is a slip of the pen.
CLOSING_GAP_M = 1.0

# what happened: (topic, item, note) of the data report
FINDINGS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "shortened": (
            "repaired",
            "ways with missing nodes",
            "kept as far as their nodes are in the data; the longest piece of each",
        ),
        "closed": (
            "repaired",
            "outlines closed over a gap",
            f"the gap was under {CLOSING_GAP_M:g} m",
        ),
        "crossing": (
            "repaired",
            "outlines that cross themselves",
            "taken apart into sound polygons",
        ),
        "outer": (
            "repaired",
            "outlines drawn twice",
            "tagged on the multipolygon and on its outer way; kept once, with the holes",
        ),
        "partly": (
            "repaired",
            "multipolygons with missing or open sides",
            "every ring that closes is kept",
        ),
        "broken": (
            "left_out",
            "multipolygons with missing or open sides",
            "no sound outline is left, or a hole may be unknown; vehicles count as able to pass",
        ),
        "open": (
            "left_out",
            "outlines that do not close",
            "an open outline can't be shown to be solid; vehicles count as able to pass",
        ),
        "no_area": (
            "left_out",
            "outlines without an area",
            "too few corners, or all on one line",
        ),
        "no_line": (
            "left_out",
            "ways with fewer than two known nodes",
            "in the whole file; they have no place to look at",
        ),
        "point_building": (
            "left_out",
            "buildings mapped as points",
            "no outline is known; look on site what stands there",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where a source speaks.

    Parameters
    ----------
    covered : Polygon
        In longitude and latitude.
    stated : bool
        Whether the source says so itself.
    empty_share : float
        Share of the stated box in which it has nothing; left out of `covered`.
    """

    covered: Polygon
    stated: bool
    empty_share: float = 0.0


@dataclass(slots=True)
class _Rows:
    """Features in the making, column by column."""

    osm_id: list[str] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    routes: list[str] = field(default_factory=list)
    geometry: list[shapely.Geometry] = field(default_factory=list)
    findings: list[tuple[str, ...]] = field(default_factory=list)

    def add(
        self, osm_id: str, tags: Tags, geometry: shapely.Geometry, *findings: str, routes: str = ""
    ) -> None:
        self.osm_id.append(osm_id)
        self.tags.append(dict(tags))
        self.routes.append(routes)
        self.geometry.append(geometry)
        self.findings.append(findings)


def assemble(
    elements: Elements,
    coverage: Coverage,
    *,
    area: Polygon | MultiPolygon | None,
    source: str,
    date: str,
) -> RawLayers:
    """Return the features that touch `area`, with what was repaired or left out there.

    Errs on the side of the vehicle: an outline that can't be shown to be solid is left out.

    Parameters
    ----------
    area : Polygon, MultiPolygon or None
        In longitude and latitude; None keeps everything.
    source, date : str
        For the data report.
    """
    rows = _Rows()
    multipolygons = list(_multipolygons(elements, area))
    drawn = {number for whole in multipolygons for number in whole.drawn_ways}
    for whole in multipolygons:
        _add_multipolygon(rows, whole)
    routes = _routes(elements)
    for way in elements.ways.values():
        _add_way(rows, way, routes.get(way.number, ""), drawn=way.number in drawn)
    for node in elements.nodes:
        lost = ("point_building",) if "building" in node.tags else ()
        rows.add(f"node/{node.number}", node.tags, node.point, *lost)
    features = _cut(_repaired(rows), area)
    counts = Counter(name for names in features["findings"] for name in names)
    counts["no_line"] = sum(
        way.line is None and matters(way.tags) for way in elements.ways.values()
    )
    return RawLayers(
        features=_kept(features),
        covered=coverage.covered,
        source=source,
        date=date,
        repairs=_report(counts, coverage, has_routes=bool(routes)),
    )


def _multipolygons(elements: Elements, area: Polygon | MultiPolygon | None) -> Iterator[Assembled]:
    near = None if area is None else shapely.box(*area.bounds)
    for relation in elements.relations:
        if relation.tags.get("type") != "multipolygon":
            continue
        if near is not None and not _reaches(relation.members, elements, near):
            continue
        whole = assemble_multipolygon(relation, elements)
        if whole is not None:
            yield whole


def _reaches(members: tuple[tuple[str, int, str], ...], elements: Elements, near: Polygon) -> bool:
    """Return whether the box around a relation's known ways touches the box `near`."""
    ways = (elements.ways.get(ref) for kind, ref, _ in members if kind == "w")
    lines = [way.line for way in ways if way is not None and way.line is not None]
    return bool(lines) and bool(near.intersects(shapely.box(*shapely.total_bounds(lines))))


def _add_multipolygon(rows: _Rows, whole: Assembled) -> None:
    finding = {Soundness.PARTLY: ("partly",), Soundness.BROKEN: ("broken",)}.get(
        whole.soundness, ()
    )
    doubled = ("outer",) if whole.drawn_ways else ()
    osm_id = f"relation/{whole.relation.number}"
    rows.add(osm_id, whole.tags, whole.shape, *finding, *doubled)


def _routes(elements: Elements) -> dict[int, str]:
    """Return the kinds of public transport that use a way; platforms and stops do not count."""
    kinds = defaultdict(set)
    for relation in elements.relations:
        kind = relation.tags.get("route")
        if relation.tags.get("type") != "route" or kind not in ROUTES:
            continue
        for member_kind, ref, role in relation.members:
            if member_kind == "w" and not role.startswith(("platform", "stop")):
                kinds[ref].add(kind)
    return {number: " ".join(sorted(names)) for number, names in kinds.items()}


def _add_way(rows: _Rows, way: Way, routes: str, *, drawn: bool) -> None:
    if way.line is None or not (matters(way.tags) or routes):
        return
    if drawn and is_area(way.tags) and "barrier" not in way.tags:
        return
    # the fence around a park that is drawn as a whole stays a fence
    shape, finding = (way.line, ()) if drawn else _shape_of(way, way.line)
    shortened = ("shortened",) if way.missing and not finding else ()
    rows.add(f"way/{way.number}", way.tags, shape, *finding, *shortened, routes=routes)


def _shape_of(way: Way, line: LineString) -> tuple[shapely.Geometry, tuple[str, ...]]:
    """Return a way as a polygon or a line, and what had to be done or given up."""
    if way.closed and is_area(way.tags):
        return Polygon(line), ()
    if way.closed or not needs_closing(way.tags):
        return line, ()
    if len(line.coords) > 2 and not way.missing and _gap_m(line) < CLOSING_GAP_M:
        return Polygon(line), ("closed",)
    return line, ("open",)


def _gap_m(line: LineString) -> float:
    """Return the distance between both ends of a line in degrees [m]; for gaps of a few metres."""
    (x1, y1), (x2, y2) = line.coords[0], line.coords[-1]
    return 111_320.0 * math.hypot((x2 - x1) * math.cos(math.radians(y1)), y2 - y1)


def _repaired(rows: _Rows) -> gpd.GeoDataFrame:
    """Return the rows as a table whose polygons are sound; those without an area are marked."""
    shapes = np.array(rows.geometry, dtype=object)
    findings = np.empty(len(shapes), dtype=object)
    findings[:] = rows.findings
    for i in np.flatnonzero(~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)):
        sound = polygons_of(shapely.make_valid(shapes[i]))
        if sound.area > 0:
            shapes[i], findings[i] = sound, (*findings[i], "crossing")
        else:
            shapes[i], findings[i] = shapes[i].boundary, ("no_area",)
    table = {"osm_id": rows.osm_id, "tags": rows.tags, "routes": rows.routes, "findings": findings}
    return gpd.GeoDataFrame(pd.DataFrame(table), geometry=shapes, crs=WGS84)


def _cut(features: gpd.GeoDataFrame, area: Polygon | MultiPolygon | None) -> gpd.GeoDataFrame:
    if area is None:
        return features
    return features.iloc[np.sort(features.sindex.query(area, predicate="intersects"))]


def _kept(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    lost = features["findings"].map(
        lambda names: any(FINDINGS[name][0] == "left_out" for name in names)
    )
    kept = features[~lost.astype(bool)].drop(columns="findings")
    return kept.reset_index(drop=True)


def _report(counts: Counter[str], coverage: Coverage, *, has_routes: bool) -> pd.DataFrame:
    rows = [
        (topic, item, float(counts[name]), note)
        for name, (topic, item, note) in FINDINGS.items()
        if counts[name]
    ]
    if not coverage.stated:
        note = "the file states no box; its edge is taken from its objects, without stray ends"
        rows.append(("unknown", "edge of the data", math.nan, note))
    if coverage.empty_share > 0.01:
        note = f"{coverage.empty_share:.0%} of the stated box holds no object and counts as unknown"
        rows.append(("unknown", "corners without data", math.nan, note))
    if not has_routes:
        note = "the data holds none; look on site which streets buses and trams need"
        rows.append(("unknown", "bus and tram routes", 0.0, note))
    return pd.DataFrame(rows, columns=["topic", "item", "count", "note"])
