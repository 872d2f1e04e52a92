"""DrivableSurface + demand + request -> everything a choice of lines needs, made once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sbd.barriers.blocked import refuse_open_zone
from sbd.barriers.chords import Candidates, Chords, candidates, find_chords
from sbd.barriers.cost import Offer, offer_for
from sbd.barriers.covers import Asked, asked_of
from sbd.barriers.demand import Demand, FieldDemand
from sbd.barriers.pinned_lanes import opened, with_lanes
from sbd.barriers.pins import Pin, with_hand
from sbd.barriers.runs import Terrain, terrain
from sbd.barriers.shortcuts import Limits, limits_of
from sbd.catalogue.product import Product
from sbd.catalogue.products import load_products
from sbd.model.assessment import Assessment
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.optimise.network import FORBIDDEN, ChainGraph, ChordGraph, compressed, repriced
from sbd.progress import Progress, ignore

STAGE = "barriers"


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One place with its chords priced for one request.

    Parameters
    ----------
    surface : DrivableSurface
        With the planner's hand in it.
    pins : tuple of Pin
        Units that stay.
    graph, chains : ChordGraph, ChainGraph
        Of the candidates.
    asked : Asked
        Wishes beside closing the place.
    terrain : Terrain
        Where units may stand.
    limits : Limits
        Where lines may run.
    """

    surface: DrivableSurface
    demand: Demand
    request: PlanRequest
    catalogue: tuple[Product, ...]
    offered: Offer
    pins: tuple[Pin, ...]
    found: Candidates
    chains: ChainGraph
    asked: Asked
    terrain: Terrain
    limits: Limits

    @property
    def graph(self) -> ChordGraph:
        """The chord graph with its prices."""
        return self.found.graph

    @property
    def pinned_cost(self) -> float:
        """What the units cost that stay."""
        return sum(pin.line.price for pin in self.pins)


def prepare(
    surface: DrivableSurface,
    demand: Assessment | Demand,
    request: PlanRequest,
    *,
    products: Sequence[Product] | None = None,
    prices: Mapping[str, float] | None = None,
    chords: Chords | None = None,
    progress: Progress = ignore,
) -> Prepared:
    """Return what a choice of lines needs.

    `chords` are those of the surface where they are known. Raises InfeasiblePlanError where the
    zone lies on what stays open.
    """
    asked = FieldDemand(demand) if isinstance(demand, Assessment) else demand
    catalogue = load_products() if products is None else products
    offered = offer_for(catalogue, request, prices=prices)
    surface, pins = with_hand(surface, request.hand, asked, catalogue)
    progress(STAGE, 0.0, "looking for chords")
    if chords is None:
        chords = find_chords(surface, gap_max_m=request.gap_max_m, keep_off_m=offered.keep_off_m)
    chords = with_lanes(chords, pins, surface, gap_max_m=request.gap_max_m)
    refuse_open_zone(surface, chords)
    progress(STAGE, 0.3, f"pricing {len(chords.edge)} chords")
    found = _priced(chords, surface, asked, offered, request)
    around = terrain(surface, request.access, request.desire_widths_m)
    return Prepared(
        surface=surface,
        demand=asked,
        request=request,
        catalogue=tuple(catalogue),
        offered=offered,
        pins=pins,
        found=found,
        chains=compressed(found.graph),
        asked=asked_of(found, surface, request, offered, around.desires),
        terrain=around,
        limits=limits_of(surface),
    )


def priced_to_buy(prepared: Prepared) -> Prepared:
    """Return the same place with chords and units priced by what they cost to buy, no more."""
    offered = replace(prepared.offered, prices={}, surcharge=0.0)
    chords, surface = prepared.found.chords, prepared.surface
    found = _priced(chords, surface, prepared.demand, offered, prepared.request)
    chains = repriced(found.graph, prepared.chains)
    return replace(prepared, offered=offered, found=found, chains=chains)


def _priced(
    chords: Chords, surface: DrivableSurface, demand: Demand, offered: Offer, request: PlanRequest
) -> Candidates:
    lanes = request.openable > 0 or request.engine_distance_m is not None
    found = candidates(chords, surface, demand, offered, openable=lanes)
    found = opened(found, request.access, openable=lanes)
    if request.hand.no_crossing is None:
        return found
    return _without_crossings(found, request.hand.no_crossing)


def _without_crossings(found: Candidates, ground: BaseGeometry) -> Candidates:
    """Return the candidates with no openable lane on chords that touch some ground."""
    shut = shapely.intersects(shapely.linestrings(found.chords.ends[found.number]), ground)
    forth = np.where(shut, FORBIDDEN, found.graph.gate_forth)
    back = np.where(shut, FORBIDDEN, found.graph.gate_back)
    return replace(found, graph=replace(found.graph, gate_forth=forth, gate_back=back))
