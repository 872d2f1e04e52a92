"""A chosen layout -> why each of its lines stands where it does (`tables.WHY`)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from shapely import LineString

from sbd.barriers.budget import within_budget
from sbd.barriers.covers import ground_of
from sbd.barriers.demand import Demand, energies_kj
from sbd.barriers.prepared import Prepared, prepare
from sbd.barriers.propose import layout_of
from sbd.barriers.relax import named_wishes
from sbd.barriers.selecting import Chosen, costs_of, fitted_selection
from sbd.catalogue.product import Product
from sbd.model import tables
from sbd.model.assessment import Assessment
from sbd.model.proposal import Layout
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.optimise.choice import cheapest_selection
from sbd.optimise.cut import Selection
from sbd.optimise.network import FORBIDDEN, Bools, ChordGraph, Ints, repriced
from sbd.optimise.roads import outside_nodes
from sbd.optimise.wishes import Wish
from sbd.progress import Progress, ignore
from sbd.units import KMH_PER_MPS

TIME_LIMIT_S = 10.0  # of each other plan that is looked for
MOST_PLACES = 200  # at which the speed in the zone is looked up
HEADINGS = 8
BESIDE_M = 3.0  # other places for a line begin so far from it


def layout_with_reasons(
    surface: DrivableSurface,
    demand: Assessment | Demand,
    request: PlanRequest,
    *,
    products: Sequence[Product] | None = None,
    prices: Mapping[str, float] | None = None,
    progress: Progress = ignore,
) -> Layout:
    """Return what `propose_layout` returns, with `why`; takes one more plan a line and a wish."""
    prepared = prepare(surface, demand, request, products=products, prices=prices)
    chosen = fitted_selection(prepared, progress=progress)
    prepared, chosen = within_budget(prepared, chosen, layout_of, progress=progress)
    layout = layout_of(prepared, chosen)
    return replace(layout, why=reasons(prepared, chosen, layout))


def reasons(prepared: Prepared, chosen: Chosen, layout: Layout) -> pd.DataFrame:
    """Return one row a line (`tables.WHY`).

    What the next best plan costs more is the difference of chord costs with all chords near the
    line forbidden, a lower figure where the solver ran out of time; NaN where there is no other
    plan. A line is held by the wishes without which the cheapest plan leaves one of its chords out.
    What happens without it is what the field says of the ground it opens: an upper figure.
    """
    others = {
        name: _solved(prepared, prepared.graph, item.without(chosen.wish))
        for name, item in named_wishes(prepared.request, chosen.wish).items()
        if item.matters
    }
    rows = []
    for row in layout.barriers.itertuples():
        chords = _chords_of(prepared, chosen, row.geometry)
        rows.append(
            {
                "line_id": row.line_id,
                "demand": _demand(row),
                "next_best_cost_more": _next_best_more(prepared, chosen, chords),
                "held_by": _held_by(chords, others),
                "without_it": _without_it(prepared, chosen, chords),
            }
        )
    table = pd.DataFrame(rows, columns=list(tables.WHY.columns))
    return tables.check_table(table, tables.WHY, "why")


def _demand(row: object) -> str:
    middle = row.geometry.interpolate(0.5, normalized=True)  # type: ignore[attr-defined]
    vehicle, mass_kg = row.vehicle, row.mass_kg  # type: ignore[attr-defined]
    speed_kmh, energy_kj = row.speed_kmh, row.energy_kj  # type: ignore[attr-defined]
    return (
        f"{vehicle} of {mass_kg:.0f} kg at {speed_kmh:.0f} km/h, {energy_kj:.0f} kJ, around "
        f"({middle.x:.0f}, {middle.y:.0f})"
    )


def _chords_of(prepared: Prepared, chosen: Chosen, shape: LineString) -> Ints:
    """Return the chords of the graph that a line of the layout stands on; none for a pin."""
    for line in chosen.lines:
        if LineString(line.line.vertices).equals_exact(shape, 1e-3):
            members = np.searchsorted(prepared.found.number, line.line.all_chords)
            return np.asarray(np.unique(members), dtype=np.int64)
    return np.zeros(0, dtype=np.int64)


def _solved(prepared: Prepared, graph: ChordGraph, wish: Wish) -> Selection | None:
    chains = repriced(graph, prepared.chains)
    found = cheapest_selection(graph, wish, chains=chains, time_limit_s=TIME_LIMIT_S)
    return found if isinstance(found, Selection) else None


def _next_best_more(prepared: Prepared, chosen: Chosen, chords: Ints) -> float:
    if not len(chords):
        return float("nan")
    plain = prepared.graph
    # A chord beside it is the same line; what counts is another place.
    line = shapely.linestrings(prepared.found.chords.ends[prepared.found.number[chords]])
    beside = shapely.union_all(line)
    banned = np.asarray(shapely.dwithin(shapely.points(plain.middle_m), beside, BESIDE_M))
    graph = replace(
        plain,
        cost_forth=np.where(banned, FORBIDDEN, plain.cost_forth),
        cost_back=np.where(banned, FORBIDDEN, plain.cost_back),
        gate_forth=np.where(banned, FORBIDDEN, plain.gate_forth),
        gate_back=np.where(banned, FORBIDDEN, plain.gate_back),
    )
    other = _solved(prepared, graph, chosen.wish)
    if other is None:
        return float("nan")
    cost = costs_of(prepared, chosen.selection)[0]
    return round(max(costs_of(prepared, other)[1] - cost, 0.0), 2)


def _held_by(chords: Ints, others: Mapping[str, Selection | None]) -> str:
    if not len(chords):
        return "the planner's hand: it was pinned"
    names = [
        name
        for name, other in others.items()
        if other is not None and not np.isin(chords, other.chords).all()
    ]
    least = "least cost of closing the zone"
    return f"{', '.join(names)}: without, it would stand elsewhere" if names else least


def _without_it(prepared: Prepared, chosen: Chosen, chords: Ints) -> str:
    closed = np.setdiff1d(chosen.selection.chords, chords)
    ground = ground_of(prepared.found)
    outside = outside_nodes(ground, prepared.graph.source, ground.number[closed])
    reached = outside & prepared.graph.sink
    if not len(chords) or not reached.any():
        return "nothing new reaches the zone"
    share = ground.area_m2[reached].sum() / ground.area_m2[prepared.graph.sink].sum()
    vehicle, speed_kmh, energy_kj = _fastest(prepared, reached)
    return (
        f"{100 * share:.0f} % of the zone ({ground.area_m2[reached].sum():.0f} m2) is reached, "
        f"hardest by {vehicle} at up to {speed_kmh:.0f} km/h, {energy_kj:.0f} kJ"
    )


def _fastest(prepared: Prepared, reached: Bools) -> tuple[str, float, float]:
    """Return the vehicle with the most energy anywhere on some ground: upper figures."""
    mesh = prepared.found.chords.mesh
    nodes = np.flatnonzero(reached)
    nodes = nodes[np.unique(np.linspace(0, len(nodes) - 1, MOST_PLACES).astype(np.int64))]
    places = mesh.vertices[mesh.triangles[nodes]].mean(axis=1)
    turn = 2 * np.pi * np.arange(HEADINGS) / HEADINGS
    headings = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    points = np.repeat(places, HEADINGS, axis=0)
    demand = prepared.demand
    speed = demand(points, np.tile(headings, (len(places), 1))).speed_mps.max(axis=0)
    energy = energies_kj(demand.masses_kg, speed)
    worst = int(np.argmax(energy))
    return demand.names[worst], float(speed[worst]) * KMH_PER_MPS, float(energy[worst])
