"""A plan with its verdict: what stands where, what it costs, what it closes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa
import pyproj

from sbd.model import tables
from sbd.model.assessment import Assessment
from sbd.model.site import Site
from sbd.model.verdict import Verdict

_SCHEMAS = {
    "barriers": tables.BARRIERS,
    "units": tables.UNITS,
    "footprints": tables.FOOTPRINTS,
    "closures": tables.CLOSURES,
}
# What a proposal may tell beyond that.
OPTIONAL: dict[str, pa.DataFrameSchema] = {
    "run_out": tables.RUN_OUT,
    "failures": tables.FAILURES,
    "why": tables.WHY,
}


@dataclass(frozen=True, slots=True)
class AccessShortfall:
    """A place where people cross a line and no gap is as wide as their country asks.

    Parameters
    ----------
    desire_id, kind : str
        The desire line, of people on "foot" or "cycle".
    line_id : str
        The barrier it crosses.
    at_m : (x, y)
        Where.
    wanted_m, found_m : float
        Clear width asked, and the best within reach; 0 where no gap is.
    """

    desire_id: str
    kind: str
    line_id: str
    at_m: tuple[float, float]
    wanted_m: float
    found_m: float

    def __str__(self) -> str:
        x, y = self.at_m
        return (
            f"desire line {self.desire_id} ({self.kind}) crosses {self.line_id} at "
            f"({x:.0f}, {y:.0f}): {self.wanted_m:.2f} m asked, {self.found_m:.2f} m possible there"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the barriers go, before anyone judged it.

    Parameters
    ----------
    barriers, units, footprints : GeoDataFrame
        Lines, unit points and unit polygons (`sbd.model.tables`); footprints and units share ids.
    cost_bound : float
        No closed layout of this catalogue costs less (proven lower bound, chord costs).
    cost_found : float
        Chord cost of the chosen layout, same measure as `cost_bound`.
    run_out : GeoDataFrame or None
        Ground behind each line that is lost (`tables.RUN_OUT`); a line without run-out has no row.
    why : DataFrame or None
        Why each line stands where it does (`tables.WHY`).
    access_shortfalls : tuple of AccessShortfall
        Where people would be held up; only where no country's width was asked for.
    proven : bool
        Whether the solver ended its proof; else `cost_bound` is as far as it came in time.
    notes : tuple of str
        What could not be asked of the plan, in words.
    bound : mapping or None
        The flow that bounds its cost, as certificates carry it (docs/certificate.md).
    """

    barriers: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    footprints: gpd.GeoDataFrame
    cost_bound: float
    cost_found: float
    run_out: gpd.GeoDataFrame | None = None
    why: pd.DataFrame | None = None
    access_shortfalls: tuple[AccessShortfall, ...] = ()
    proven: bool = True
    notes: tuple[str, ...] = ()
    bound: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A layout for one site with the verdict of the independent judge; there is none without.

    `run_out`, `failures` and `why` (`sbd.model.tables`) are None where nobody asked; a failure that
    lets nothing in has no row.
    """

    site: Site
    assessment: Assessment
    layout: str
    barriers: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    footprints: gpd.GeoDataFrame
    closures: gpd.GeoDataFrame
    verdict: Verdict
    cost_bound: float
    cost_found: float
    meta: dict[str, Any] = field(default_factory=dict)
    run_out: gpd.GeoDataFrame | None = None
    failures: gpd.GeoDataFrame | None = None
    why: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        told = {name: s for name, s in OPTIONAL.items() if getattr(self, name) is not None}
        for name, schema in {**_SCHEMAS, **told}.items():
            object.__setattr__(self, name, tables.check_table(getattr(self, name), schema, name))

    @property
    def crs(self) -> pyproj.CRS:
        """The metric reference system of every layer."""
        return self.site.crs

    @property
    def gap_share(self) -> float:
        """How far the cost may be above the proven minimum, as a share of it."""
        return 0.0 if self.cost_found <= 0 else 1.0 - self.cost_bound / self.cost_found
