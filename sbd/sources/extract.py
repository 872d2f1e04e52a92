"""OpenStreetMap file -> raw layers, in one pass, cut to an area, with every repair counted."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from osmium.osm.types import OSMEntity
from shapely import MultiPolygon, Polygon

from sbd.errors import ExtractError
from sbd.model.raw import RawLayers
from sbd.progress import Progress, ignore
from sbd.sources.assemble import Coverage, assemble
from sbd.sources.elements import Elements, Node, Relation, Way, way_of_known_nodes
from sbd.sources.tagging import KEYS, matters

log = logging.getLogger(__name__)

FORMATS = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf")

_Pending: TypeAlias = tuple[int, dict[str, str], str, bool]
_CHUNK = 20_000
# Of the nodes in a file without a stated box, this share on each side may be the far ends of ways
# that run past the edge. Taking them off errs small: more ground counts as unknown.
_STRAY_SHARE = 0.005
# From this many nodes on, a corner of the box without any counts as unknown, not as empty.
_DENSE = 2_000


def read_extract(
    path: Path, area: Polygon | MultiPolygon | None = None, *, progress: Progress = ignore
) -> RawLayers:
    """Return what an OpenStreetMap file says of an area.

    Nodes, ways and relations are read once. Objects that touch the area are kept whole, so their
    geometry may run past it.

    Parameters
    ----------
    path : Path
        An .osm, .osm.gz, .osm.bz2 or .osm.pbf file.
    area : Polygon or MultiPolygon, optional
        In longitude and latitude; None takes everything.

    Raises
    ------
    ExtractError
        The file is missing, empty, cut off, not OpenStreetMap data, or says nothing of the area.
    """
    _require_readable(path)
    harvest = _Harvest(path, area)
    for count, thing in enumerate(_things(path, harvest)):
        if count % _CHUNK == 0:
            progress("read", 0.8 * count / (count + 2 * _CHUNK), f"reading {path.name}")
        harvest.take(thing)
    elements = harvest.elements()
    progress("read", 0.85, f"putting together {path.name}")
    coverage = harvest.coverage()
    layers = assemble(elements, coverage, area=area, source=path.name, date=harvest.date)
    if layers.features.empty:
        raise ExtractError(_nothing_there(path, area, coverage.covered))
    log.info("%s: %d features as of %s", path.name, len(layers.features), layers.date)
    progress("read", 1.0, f"{len(layers.features)} map objects")
    return layers


def _require_readable(path: Path) -> None:
    if not path.name.lower().endswith(FORMATS):
        raise ExtractError(
            f"{path}: not a map extract; give a file that ends in {_listed(FORMATS)}"
        )
    if not path.is_file():
        raise ExtractError(f"{path}: no such file; check the path")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise ExtractError(
            f"{path}: can't be opened ({error.strerror}); check its rights"
        ) from None
    if empty:
        raise ExtractError(f"{path}: the file is empty (0 bytes); download it again")


def _things(path: Path, harvest: "_Harvest") -> Iterator[OSMEntity]:
    """Yield nodes of use, all ways, all relations; the reader's errors become ExtractError."""
    try:
        telling = osmium.filter.KeyFilter(*sorted(KEYS), "place")
        telling.enable_for(osmium.osm.NODE)
        # the reader looks at the ending letter by letter: .OSM.PBF would be unknown to it
        form = next(form for form in FORMATS if path.name.lower().endswith(form))
        file = osmium.io.File(str(path), form.removeprefix("."))
        processor = osmium.FileProcessor(file).with_locations().with_filter(telling)
        harvest.look_at(processor.header)
        yield from processor
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise ExtractError(
            f"{path}: damaged, cut off or not OpenStreetMap data ({error}); download it again"
        ) from None


@dataclass(slots=True)
class _Harvest:
    """Collects what a file gives, one object at a time."""

    path: Path
    area: Polygon | MultiPolygon | None
    nodes: list[Node] = field(default_factory=list)
    ways: dict[int, Way] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    beyond: set[int] = field(default_factory=set)
    pending: list[_Pending] = field(default_factory=list)
    hulls: list[shapely.Geometry] = field(default_factory=list)
    places: list[NDArray[np.float64]] = field(default_factory=list)
    seen: int = 0
    box: Polygon | None = None
    date: str = "unknown"
    stamped: bool = False
    newest: float = 0.0
    wkb: osmium.geom.WKBFactory = field(default_factory=osmium.geom.WKBFactory)

    def look_at(self, header: osmium.io.Header) -> None:
        """Take the box and the date from the file's header."""
        if header.has_multiple_object_versions:
            raise ExtractError(
                f"{self.path}: a change or history file; give a plain extract (one version each)"
            )
        box = header.box()
        if box.valid() and box.size() > 0:
            low, high = box.bottom_left, box.top_right
            self.box = shapely.box(low.lon, low.lat, high.lon, high.lat)
        stamp = header.get("osmosis_replication_timestamp", "")
        self.stamped = bool(stamp)
        self.date = stamp[:10] or self.date

    def take(self, thing: OSMEntity) -> None:
        """Keep one object of the file."""
        if isinstance(thing, osmium.osm.Area | osmium.osm.Changeset):
            return  # neither is asked for
        if not self.stamped:
            # nodes without tags are not looked at: errs to an older date
            self.newest = max(self.newest, thing.timestamp.timestamp())
        if isinstance(thing, osmium.osm.Way):
            self._take_way(thing)
        elif isinstance(thing, osmium.osm.Node):
            self._take_node(thing)
        elif thing.tags.get("type") in ("multipolygon", "route"):
            members = tuple((m.type, m.ref, m.role) for m in thing.members)
            self.relations.append(Relation(thing.id, dict(thing.tags), members))

    def _take_node(self, node: osmium.osm.Node) -> None:
        place = node.location
        if not place.valid() or (self.area is not None and not _inside(place, self.area.bounds)):
            return
        tags = dict(node.tags)
        if matters(tags):
            self.nodes.append(Node(node.id, tags, shapely.Point(place.lon, place.lat)))

    def _take_way(self, way: osmium.osm.Way) -> None:
        tags = dict(way.tags)
        try:
            line = self.wkb.create_linestring(way)
        except (RuntimeError, osmium.InvalidLocationError):
            nodes = [(n.ref, (n.lon, n.lat) if n.location.valid() else None) for n in way.nodes]
            self.ways[way.id] = way_of_known_nodes(way.id, tags, nodes)
            return
        closed = len(way.nodes) > 3 and way.is_closed()
        self.pending.append((way.id, tags, line, closed))
        if len(self.pending) >= _CHUNK:
            self._settle()

    def _settle(self) -> None:
        """Turn the pending lines into shapes; forget closed ones that lie outside the area.

        A ring outside the area can't shape anything inside it. An open line can: it may be a side
        of a multipolygon that reaches in.
        """
        if not self.pending:
            return
        lines = shapely.from_wkb([line for _, _, line, _ in self.pending])
        self._measure(lines)
        outside = np.zeros(len(lines), dtype=bool)
        if self.area is not None:
            outside = ~shapely.intersects(shapely.box(*self.area.bounds), shapely.envelope(lines))
        for (number, tags, _, closed), line, far in zip(self.pending, lines, outside, strict=True):
            if far and closed:
                self.beyond.add(number)
            else:
                self.ways[number] = Way(number, tags, line, closed)
        self.pending.clear()

    def _measure(self, lines: NDArray[np.object_]) -> None:
        places = shapely.get_coordinates(lines)
        self.seen += len(places)
        self.hulls.append(shapely.convex_hull(shapely.multipoints(places)))
        if self.box is None:
            self.places.append(places)

    def elements(self) -> Elements:
        """Return everything collected; raise ExtractError where it can't be a whole extract."""
        self._settle()
        if self.newest > 0:
            self.date = str(np.datetime64(int(self.newest), "s").astype("datetime64[D]"))
        known = len(self.beyond) + sum(way.line is not None for way in self.ways.values())
        if not known and self.ways:
            raise ExtractError(
                f"{self.path}: none of its {len(self.ways)} ways finds its nodes; sort the file by "
                "type and number (osmium sort), or cut it again with complete ways"
            )
        if not known:
            raise ExtractError(
                f"{self.path}: holds no way (street, building, wall), so it is cut off or "
                "filtered; download it again"
            )
        return Elements(self.nodes, self.ways, self.relations, frozenset(self.beyond))

    def coverage(self) -> Coverage:
        """Return where the file speaks: its box, less corners in which it has nothing at all."""
        hull = shapely.convex_hull(shapely.union_all(self.hulls))
        if self.box is None:
            box = _box_without_strays(np.concatenate(self.places)) if self.places else hull
            return Coverage(_as_polygon(shapely.intersection(box, hull), hull), stated=False)
        if self.seen < _DENSE:
            return Coverage(self.box, stated=True)
        covered = _as_polygon(shapely.intersection(self.box, hull), self.box)
        return Coverage(covered, stated=True, empty_share=1 - covered.area / self.box.area)


def _inside(place: osmium.osm.Location, bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return bool(west <= place.lon <= east and south <= place.lat <= north)


def _box_without_strays(places: NDArray[np.float64]) -> Polygon:
    skip = int(_STRAY_SHARE * len(places))
    ordered = np.sort(places, axis=0)
    return shapely.box(*ordered[skip], *ordered[len(places) - 1 - skip])


def _as_polygon(shape: shapely.Geometry, otherwise: shapely.Geometry) -> Polygon:
    """Return `shape`, or where it has no area `otherwise`, or a polygon of a metre around that."""
    for candidate in (shape, otherwise):
        if isinstance(candidate, Polygon) and candidate.area > 0:
            return candidate
    return otherwise.buffer(1e-5)


def _nothing_there(path: Path, area: Polygon | MultiPolygon | None, covered: Polygon) -> str:
    if area is None:
        return (
            f"{path}: no street, building or other object that a plan needs; give another extract"
        )
    centre = area.centroid
    west, south, east, north = covered.bounds
    return (
        f"{path}: nothing at {centre.y:.4f}, {centre.x:.4f}; the file covers latitude "
        f"{south:.4f} to {north:.4f}, longitude {west:.4f} to {east:.4f}; move the centre "
        "(LAT,LON) or give an extract of that place"
    )


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + " or " + words[-1]
