"""Site + Assessment + Layout + Verdict -> Proposal."""

from collections.abc import Mapping

import geopandas as gpd

from sbd.model.assessment import Assessment
from sbd.model.proposal import Layout, Proposal
from sbd.model.site import Site
from sbd.model.verdict import Verdict
from sbd.proposal.closures import closed_streets


def assemble(
    site: Site,
    assessment: Assessment,
    placed: Layout,
    verdict: Verdict,
    *,
    layout: str,
    openable_wanted: int = 0,
    seconds: Mapping[str, float] | None = None,
    failures: gpd.GeoDataFrame | None = None,
) -> Proposal:
    """Return the proposal: what was placed, what the judge says, and which streets it closes.

    Parameters
    ----------
    layout : str
        "permanent", "temporary" or "mixed".
    openable_wanted : int
        Least number of openable lanes that was asked for.
    seconds : mapping, optional
        How long each stage took; kept in `meta` for the record.
    failures : GeoDataFrame, optional
        What each barrier that fails would let in (`tables.FAILURES`).

    Raises
    ------
    LayerError
        A table of the layout breaks its contract.
    """
    return Proposal(
        site=site,
        assessment=assessment,
        layout=layout,
        barriers=placed.barriers,
        units=placed.units,
        footprints=placed.footprints,
        closures=closed_streets(site, placed.barriers, placed.footprints),
        verdict=verdict,
        cost_bound=placed.cost_bound,
        cost_found=placed.cost_found,
        meta={
            "openable_wanted": openable_wanted,
            "seconds": {name: float(value) for name, value in (seconds or {}).items()},
            "bound": placed.bound,
        },
        run_out=placed.run_out,
        failures=failures,
        why=placed.why,
    )
