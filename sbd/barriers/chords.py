"""DrivableSurface + demand -> every chord that could be closed, priced from either side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from sbd.barriers.cost import Offer
from sbd.barriers.demand import Demand, Floats, energies_kj
from sbd.barriers.footing import no_footing
from sbd.barriers.pricing import Spans, barred_spans, lane_prices, line_prices
from sbd.barriers.siting import crosses_traffic, everyday_traffic, siting_of
from sbd.geometry.mesh import ON_LINE_M, OUTSIDE, Mesh, segments_of, triangulate
from sbd.model.surface import DrivableSurface
from sbd.optimise.network import FORBIDDEN, ChordGraph, Ints, useful_chords

Bools = NDArray[np.bool_]

FACADE_SPACING_M = 2.0  # cost was up to 12 % off without samples, as speed varies along a street
REGION_SPACING_M = 6.5  # pieces of free outlines are long enough for a lane with its edge units
NARROW_M = 3.0  # passages up to here get their exact width
DEMAND_SPACING_M = 1.5
# What an engine needs to drive up to a crossing and on from it (DIN 14090: 3.5 m between walls).
ENGINE_WAY_M = 3.5
# Lines along a street that stays open follow the edge of its carriageway, straightened by this;
# the zone begins there, so no line can stand further off without giving ground away.
STREET_RIM_M, STREET_SLACK_M = 0.06, 0.06
# Elsewhere the zone begins behind the line: a wheel's breadth that gets between two units, up to
# half the widest gap, is still outside it.
ZONE_RIM_M, ZONE_SLACK_M = 0.8, 0.3

ROUND_OFF_M = 1e-6  # far below the grid of the mesh: a gap is as wide as it is drawn

# What is as long around as a disc of this width still stands within one gap, with room for units.
SPANNED_M = 1.0
AROUND_M = 0.8  # lines around larger things keep this off, for half a unit and a broom

OFF_CROWD_M = 0.2  # lines around a crowd stand so much further off than the run-out asks

PRICE_UNIT = 1e-5  # of the currency; whole numbers of it make exact sums
OPEN_STREET, ZONE = 1, 2  # regions of the mesh; the street has the ground where both lie


@dataclass(frozen=True, slots=True, eq=False)
class PinnedLane:
    """A crossing that stands already: units side by side that open together.

    Parameters
    ----------
    ends : (2, 2) array
        From what stands beside it to what stands beside it.
    gaps : tuple of LineString
        Clear ways between its units, and beside them, while it is shut.
    """

    ends: Floats
    gaps: tuple[shapely.LineString, ...]

    @property
    def clear_m(self) -> float:
        """Clear width when it stands open."""
        return float(np.hypot(*(self.ends[1] - self.ends[0])))


@dataclass(frozen=True, slots=True, eq=False)
class Chords:
    """Every chord between two triangles, with where it stands.

    Parameters
    ----------
    mesh : Mesh
        What the chords are edges of.
    edge : (m,) array
        Edge number of each chord; left of the edge is the tail of the graph, right its head.
    anchored : (m, 2) array
        Whether each end stands on a solid.
    on_rim : (m,) array
        Whether an end lies where the data ends: never an anchor.
    natural : (m,) array
        Closed as it is: two solids no further apart than the widest gap.
    source, sink : (t,) array
        Triangles that vehicles come from, and that they must not reach.
    lanes : mapping of chord number to PinnedLane
        Chords that are crossings which stand already: shut for nothing, opened for nothing.
    """

    mesh: Mesh
    edge: Ints
    anchored: NDArray[np.bool_]
    on_rim: Bools
    natural: Bools
    source: Bools
    sink: Bools
    lanes: Mapping[int, PinnedLane] = field(default_factory=dict)

    @property
    def ends(self) -> Floats:
        """Positions of the ends, (m, 2 ends, 2)."""
        return self.mesh.vertices[self.mesh.edges[self.edge]]

    @property
    def length_m(self) -> Floats:
        """Length of each chord."""
        return self.mesh.length_m[self.edge]

    @property
    def tail(self) -> Ints:
        """Triangle to the left of each chord."""
        return self.mesh.left[self.edge]

    @property
    def head(self) -> Ints:
        """Triangle to the right of each chord."""
        return self.mesh.right[self.edge]

    @property
    def normal_forth(self) -> Floats:
        """Unit normals from tail to head, (m, 2)."""
        way = self.ends[:, 1] - self.ends[:, 0]
        return np.stack([way[:, 1], -way[:, 0]], axis=1) / self.length_m[:, None]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The chords that a cut can use, priced.

    Parameters
    ----------
    graph : ChordGraph
        For the optimiser; its chord k is chord `number[k]` of `chords`.
    price : (2, m) array
        Price of every chord of `chords`, forth and back; inf where it can't or need not be closed.
    energy_kj : (2, m) array
        What arrives there; 0 where nothing was asked.
    barred : (2, m) array
        Where a product would be strong enough, and none of those may stand.
    """

    chords: Chords
    graph: ChordGraph
    number: Ints
    price: Floats
    energy_kj: Floats
    barred: Bools


def find_chords(
    surface: DrivableSurface, *, gap_max_m: float, keep_off_m: Sequence[float] = ()
) -> Chords:
    """Return the chords of a surface.

    The rim where vehicles come in and every street that stays open are the source, the zone is
    the sink. Ground beside an open street, as far as a unit reaches, belongs to the street.

    Parameters
    ----------
    keep_off_m : sequence of float
        How far off crowds lines may have to stand (`Offer.keep_off_m`).
    """
    street = kept_open(surface)
    zone = shapely.difference(protected(surface), street)
    mesh = triangulate(
        surface.ground,
        [street, zone],
        alignments=shapely.union(ways_around(surface), ways_off(surface, keep_off_m)),
        outline_spacing_m=FACADE_SPACING_M,
        region_spacing_m=REGION_SPACING_M,
        narrow_m=NARROW_M,
    )
    rim, entry = _on_rim(mesh, surface)
    solid_vertex = np.zeros(len(mesh.vertices), dtype=bool)
    solid_vertex[mesh.edges[mesh.is_outline & ~rim]] = True
    rim_vertex = np.zeros(len(mesh.vertices), dtype=bool)
    rim_vertex[mesh.edges[rim]] = True
    source = mesh.label == OPEN_STREET
    inner_side = np.where(mesh.left != OUTSIDE, mesh.left, mesh.right)
    source[inner_side[entry]] = True
    edge = np.flatnonzero(~mesh.is_outline)
    anchored = (solid_vertex & ~rim_vertex)[mesh.edges[edge]]
    on_rim = np.asarray(rim_vertex[mesh.edges[edge]].any(axis=1), dtype=np.bool_)
    natural = anchored.all(axis=1) & (mesh.length_m[edge] <= gap_max_m + ROUND_OFF_M)
    return Chords(mesh, edge, anchored, on_rim, natural, source, mesh.label == ZONE)


def kept_open(surface: DrivableSurface) -> Polygon | MultiPolygon:
    """Return the ground of the streets that stay open, with what units stand off it."""
    streets = shapely.union_all(surface.open_streets.geometry.to_numpy())
    return _grown(streets, surface.ground, STREET_RIM_M, STREET_SLACK_M)


def protected(surface: DrivableSurface) -> Polygon | MultiPolygon:
    """Return the zone with a rim as wide as half a unit: lines along it stand outside the zone."""
    return _grown(surface.zone, surface.ground, ZONE_RIM_M, ZONE_SLACK_M)


def ways_around(surface: DrivableSurface) -> shapely.Geometry:
    """Return outlines around what units can't stand on and no gap spans: lines go around it."""
    clumps = shapely.get_parts(shapely.union_all(no_footing(surface)))
    large = clumps[shapely.length(clumps) > np.pi * SPANNED_M]
    # A gap spans a rail or a pipe wherever a line crosses it; outlines would only cut that line.
    grounds = shapely.get_parts(siting_of(surface).forbidden)
    broad = grounds[~shapely.is_empty(shapely.buffer(grounds, -0.5 * SPANNED_M))]
    rims = shapely.buffer([*large, *broad], AROUND_M, join_style="mitre", mitre_limit=2.0)
    return shapely.union_all(shapely.boundary(shapely.simplify(rims, 0.5 * AROUND_M)))


def ways_off(surface: DrivableSurface, keep_off_m: Sequence[float]) -> shapely.Geometry:
    """Return outlines around crowds as far off as the run-out of each product asks."""
    crowds = siting_of(surface).crowds
    if crowds.is_empty:
        return shapely.MultiLineString()
    # Straightened by no more than it is grown: no piece comes closer than it may.
    far = shapely.buffer(crowds, np.array(keep_off_m) + OFF_CROWD_M, join_style="mitre")
    return shapely.union_all(shapely.boundary(shapely.simplify(far, 0.5 * OFF_CROWD_M)))


def _grown(
    shape: shapely.Geometry, ground: shapely.Geometry, by_m: float, slack_m: float
) -> Polygon | MultiPolygon:
    """Return a shape with a rim, its outline straightened by at most `slack_m`.

    A curve of many short pieces would need a unit at every joint. The slack is no wider than the
    rim, so all of the shape stays inside.
    """
    rim = shapely.buffer(shape, by_m, join_style="mitre", mitre_limit=2.0)
    parts = shapely.get_parts(shapely.intersection(shapely.simplify(rim, slack_m), ground))
    # What lies across a thin wall belongs to somebody else.
    inner = shapely.buffer(shape, -ON_LINE_M)
    shapely.prepare(inner)
    own = [p for p in parts if p.geom_type == "Polygon" and inner.intersects(p)]
    return shapely.union_all(own)


def candidates(
    chords: Chords, surface: DrivableSurface, demand: Demand, offered: Offer, *, openable: bool
) -> Candidates:
    """Return the chords with their prices.

    Chords that no cut needs, and chords that can't be closed, cost `FORBIDDEN`; natural ones are
    walls and cost nothing.
    """
    useful = ~chords.natural
    useful[useful] = useful_chords(
        chords.tail[useful], chords.head[useful], chords.source, chords.sink
    )
    rated = np.flatnonzero(useful & ~chords.on_rim)
    price = np.full((2, len(useful)), np.inf)
    gate = np.full((2, len(useful)), np.inf)
    energy_kj = np.zeros((2, len(useful)))
    barred = np.zeros((2, len(useful)), dtype=bool)
    wide = _wide(chords, surface) if openable else np.zeros(len(useful), dtype=bool)
    lines = np.asarray(shapely.linestrings(chords.ends[rated]), dtype=object)
    along = siting_of(surface).along(lines)
    traffic = crosses_traffic(lines, everyday_traffic(surface))
    for side, sign in enumerate((1.0, -1.0)):
        spans = Spans(
            along=along,
            length_m=chords.length_m[rated],
            anchored_ends=chords.anchored[rated].sum(axis=1),
            speed_mps=chord_speeds(chords, rated, demand, sign=sign),
            names=demand.names,
            masses_kg=demand.masses_kg,
            traffic=traffic,
        )
        price[side, rated] = line_prices(offered, spans)
        barred[side, rated] = barred_spans(offered, spans)
        energy = energies_kj(spans.masses_kg, spans.speed_mps)
        energy_kj[side, rated] = energy.max(axis=1, initial=0.0)
        if openable:
            gate[side, rated] = lane_prices(offered, spans)
    gate[:, ~wide] = np.inf
    open_chords = np.flatnonzero(useful)
    graph = ChordGraph(
        node_count=len(chords.mesh.triangles),
        tail=chords.tail[open_chords],
        head=chords.head[open_chords],
        cost_forth=whole_prices(price[0], chords.length_m)[open_chords],
        cost_back=whole_prices(price[1], chords.length_m)[open_chords],
        gate_forth=whole_prices(gate[0], chords.length_m)[open_chords],
        gate_back=whole_prices(gate[1], chords.length_m)[open_chords],
        wide=wide[open_chords],
        middle_m=chords.ends[open_chords].mean(axis=1),
        source=chords.source,
        sink=chords.sink,
    )
    return Candidates(chords, graph, open_chords, price, energy_kj, barred)


def whole_prices(price: Floats, length_m: Floats) -> Ints:
    """Return prices as whole numbers; of equal prices the shorter chord is the cheaper one."""
    known = np.isfinite(price)
    # One unit a metre: 1e-5 of the currency, too little to change any real choice.
    whole = np.round(np.where(known, price, 0.0) / PRICE_UNIT) + np.round(length_m)
    return np.where(known, whole, FORBIDDEN).astype(np.int64)


def chord_speeds(chords: Chords, which: Ints, demand: Demand, *, sign: float) -> Floats:
    """Return the highest speed of each vehicle on chords, (len(which), k).

    Parameters
    ----------
    sign : float
        1 for vehicles that go tail to head, -1 for head to tail.
    """
    ends, length = chords.ends[which], chords.length_m[which]
    count = np.maximum(np.ceil(length / DEMAND_SPACING_M), 2).astype(np.int64)
    owner = np.repeat(np.arange(len(which)), count)
    first = np.cumsum(count) - count
    share = (np.arange(len(owner)) - first[owner] + 0.5) / count[owner]
    points = ends[owner, 0] + (ends[owner, 1] - ends[owner, 0]) * share[:, None]
    normals = sign * chords.normal_forth[which][owner]
    if not len(which):
        return np.zeros((0, len(demand.masses_kg)))
    speed = demand(points, normals).speed_mps
    return np.asarray(np.maximum.reduceat(speed, first, axis=0))


def _on_rim(mesh: Mesh, surface: DrivableSurface) -> tuple[Bools, Bools]:
    """Say which edges lie on the rim of the study area, and which on an entry of it."""
    middle = mesh.vertices[mesh.edges].mean(axis=1)
    rim, entry = np.zeros(len(middle), dtype=bool), np.zeros(len(middle), dtype=bool)
    outline = np.flatnonzero(mesh.is_outline)
    entries = shapely.union_all(surface.entries.geometry.to_numpy())
    for lines, found in ((shapely.boundary(surface.study_area), rim), (entries, entry)):
        pieces = segments_of(lines)
        if len(pieces) and len(outline):
            hits = shapely.STRtree(pieces).query(
                shapely.points(middle[outline]), predicate="dwithin", distance=ON_LINE_M
            )
            found[outline[hits[0]]] = True
    return rim | entry, entry


def _wide(chords: Chords, surface: DrivableSurface) -> Bools:
    """Say where an engine gets across a chord: its middle keeps half its way off every solid."""
    room = shapely.buffer(surface.ground, -ENGINE_WAY_M / 2)
    shapely.prepare(room)
    return np.asarray(shapely.intersects(room, shapely.linestrings(chords.ends)))
