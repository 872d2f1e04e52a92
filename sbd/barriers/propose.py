"""DrivableSurface + demand -> a layout: the cheapest closed plan, with what proves it."""

import logging
from collections.abc import Mapping, Sequence

from sbd.barriers.budget import within_budget
from sbd.barriers.demand import Demand
from sbd.barriers.flow import bound_of
from sbd.barriers.prepared import STAGE, Prepared
from sbd.barriers.selecting import Chosen, costs_of, fitted_selection
from sbd.barriers.tabulate import access_shortfalls, layout_tables
from sbd.barriers.workshop import Workshop
from sbd.catalogue.product import Product
from sbd.model.assessment import Assessment
from sbd.model.proposal import Layout
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.progress import Progress, ignore

log = logging.getLogger(__name__)


def propose_layout(
    surface: DrivableSurface,
    demand: Assessment | Demand,
    request: PlanRequest,
    *,
    products: Sequence[Product] | None = None,
    prices: Mapping[str, float] | None = None,
    workshop: Workshop | None = None,
    progress: Progress = ignore,
) -> Layout:
    """Return the cheapest layout that closes the zone, units in place.

    Lines run from solid to solid or close on themselves, cross no street that stays open and never
    lean on the rim of the data. Chords are priced by the class that is needed on the attacked side;
    the selection is a minimum cut, or with openable crossings a MIP. A zone that no vehicle can
    reach gets an empty layout.

    Parameters
    ----------
    request : PlanRequest
        What the plan must meet; both sides of the gap rule hold for what is drawn.
    products : sequence of Product or None
        A city's own list; None takes the catalogue.
    prices : mapping of product_id to float
        What a unit counts for in the choice, over its life say; None: its middle cost. The tables
        of the layout keep what it costs to buy.
    workshop : Workshop or None
        From plans of the same place, which makes this one sooner.

    Raises
    ------
    InfeasiblePlanError
        No closed line exists, or the wishes can't be met together: the message names what is in the
        way, `relaxations` what would help.
    """
    workshop = Workshop() if workshop is None else workshop
    prepared, known = workshop.prepared(
        surface, demand, request, products=products, prices=prices, progress=progress
    )
    progress(STAGE, 0.5, "choosing the cheapest closed plan")
    chosen = fitted_selection(prepared, known=known, progress=progress)
    layout = layout_of(*within_budget(prepared, chosen, layout_of, progress=progress))
    progress(STAGE, 1.0, f"{len(layout.units)} units on {len(layout.barriers)} lines")
    return layout


def layout_of(prepared: Prepared, chosen: Chosen) -> Layout:
    """Return the layout of chosen lines, with the units that stay."""
    cost, bound = costs_of(prepared, chosen.selection)
    log.info("%d lines, %.0f at least %.0f", len(chosen.lines), cost, bound)
    barriers, units, footprints, run_out = layout_tables(
        chosen.lines,
        zone=prepared.surface.zone,
        layout=prepared.request.layout,
        crs=prepared.surface.crs,
        pins=prepared.pins,
    )
    return Layout(
        barriers,
        units,
        footprints,
        cost_bound=round(bound + prepared.pinned_cost, 2),
        cost_found=round(cost + prepared.pinned_cost, 2),
        run_out=run_out,
        access_shortfalls=access_shortfalls(chosen.lines, zone=prepared.surface.zone),
        proven=chosen.selection.proven,
        notes=prepared.asked.notes,
        bound=bound_of(prepared, chosen.selection),
    )
