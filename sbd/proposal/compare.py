"""Two proposals of one place -> what differs, object by object and measure by measure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sbd.errors import InputError
from sbd.model.proposal import Proposal
from sbd.proposal.ledger import figure_of
from sbd.proposal.summary import summary

IntArray = NDArray[np.int64]

SAME_M = 0.05  # what a surveyor sets out, no nearer
MOVED_M = 2.0  # farther away it is another unit
_OTHER_PRODUCT_M = 1.0  # a unit of the same product so much farther off is still the likelier one
_NEVER = 1e9

MEASURES = (
    # key, unit, where it stands in the summary
    ("cost_low", "currency", ("cost", "low")),
    ("cost_high", "currency", ("cost", "high")),
    ("units", "1", ("units", "count")),
    ("lines", "1", ("units", "lines")),
    ("length", "m", ("units", "length_m")),
    ("openable_units", "1", ("units", "openable_units")),
    ("openable_wanted", "1", ("units", "openable_wanted")),
    ("widest_gap", "mm", ("units", "widest_gap_mm")),
    ("hardest_energy", "kJ", ("hardest_point", "energy_kj")),
    ("hardest_speed", "km/h", ("hardest_point", "speed_kmh")),
    ("closed_streets", "m", ("closures", "length_m")),
    ("gap_to_bound", "1", ("proof", "gap_share")),
    ("bound", "currency", ("proof", "cost_bound")),
    ("clear_width_taken", "m", ("units", "width_taken_m")),
    ("strip_lost", "m2", ("run_out", "strip_lost_m2")),
    ("failures", "1", ("failures", "count")),
    ("life_cycle_low", "currency", ("life_cycle", "low")),
    ("life_cycle_high", "currency", ("life_cycle", "high")),
    ("lead_time", "weeks", ("work", "lead_time_weeks")),
    ("crew_hours", "h", ("work", "person_hours")),
    ("lorry_trips", "1", ("work", "lorry_trips")),
    ("storage", "m2", ("work", "storage_m2")),
)

FAILURES = (
    # of the worst single failure: key, unit, column
    ("failure_speed", "km/h", "speed_kmh"),
    ("failure_zone_reached", "m2", "zone_reached_m2"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What changes from one proposal to another.

    Parameters
    ----------
    units : GeoDataFrame
        A row a unit of either: `change` ("same", "moved", "other product", "added", "removed"),
        `words` ("moved by 0.4 m"), `unit_before`, `unit_after` (ids, empty where there is none),
        `product_before`, `product_after`, `moved_m`; the place is that after, where there is one.
    measures : DataFrame
        A row a measure: `measure`, `unit`, `before`, `after`, `difference`; NaN where a proposal
        does not have it. `standing` and each of the judge's checks ("check threat": holds, fails,
        not asked) compare in words and have no difference.
    """

    units: gpd.GeoDataFrame
    measures: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """How many units changed in which way."""
        found = self.units["change"].value_counts()
        return {str(change): int(count) for change, count in found.sort_index().items()}


def compare(before: Proposal, after: Proposal) -> Comparison:
    """Return what differs between two proposals of one place.

    Units are matched so that the sum of distances is least, none farther than 2 m; a unit
    within 5 cm with the same product is the same.

    Raises
    ------
    InputError
        The proposals are in different reference systems, or of places that do not touch.
    """
    if before.crs != after.crs:
        raise InputError(
            f"compare: {before.crs.to_string()} and {after.crs.to_string()}; make both sites "
            "with one --crs"
        )
    if not before.site.zone_shape.intersects(after.site.zone_shape):
        raise InputError(f"compare: {before.site.name!r} and {after.site.name!r} are two places")
    return Comparison(_changes(before.units, after.units, before.crs), _measures(before, after))


def _changes(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, crs: object) -> gpd.GeoDataFrame:
    one, other = _pairs(before, after)
    moved = shapely.distance(
        before.geometry.to_numpy()[one], after.geometry.to_numpy()[other]
    ).astype(float)
    product = before["product_id"].to_numpy()[one], after["product_id"].to_numpy()[other]
    change = np.where(moved <= SAME_M, "same", "moved")
    parts = [
        _rows(
            np.where(product[0] != product[1], "other product", change),
            before.iloc[one],
            after.iloc[other],
            moved,
        ),
        _rows("removed", before.drop(index=before.index[one]), None, np.nan),
        _rows("added", None, after.drop(index=after.index[other]), np.nan),
    ]
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    columns = ("change", "moved_m", "product_before", "product_after")
    rows = zip(*(table[name] for name in columns), strict=True)
    table["words"] = [_words(*row) for row in rows]
    return gpd.GeoDataFrame(table, geometry="geometry", crs=crs)


def _words(change: str, moved_m: float, before: str, after: str) -> str:
    """Return what became of one unit.

    >>> _words("moved", 0.42, "planter", "planter")
    'moved by 0.4 m'
    >>> _words("other product", 0.0, "planter", "bench")
    'bench instead of planter'
    """
    shift = f"moved by {moved_m:.{1 if moved_m >= 0.1 else 2}f} m" if moved_m > SAME_M else ""
    if change == "other product":
        other = f"{after} instead of {before}"
        return f"{other}, {shift}" if shift else other
    return shift if change == "moved" else change


def _rows(
    change: object, before: gpd.GeoDataFrame | None, after: gpd.GeoDataFrame | None, moved: object
) -> pd.DataFrame:
    shown = before if after is None else after
    count = 0 if shown is None else len(shown)

    def column(table: gpd.GeoDataFrame | None, name: str) -> object:
        return [""] * count if table is None else table[name].to_numpy()

    return pd.DataFrame(
        {
            "change": change,
            "words": "",
            "unit_before": column(before, "unit_id"),
            "unit_after": column(after, "unit_id"),
            "product_before": column(before, "product_id"),
            "product_after": column(after, "product_id"),
            "moved_m": moved,
            "geometry": [] if shown is None else list(shown.geometry),
        }
    )


def _pairs(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[IntArray, IntArray]:
    """Return the rows of the units that are each other's, matched cluster by cluster."""
    if before.empty or after.empty:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    ends = [shapely.get_coordinates(table.geometry.to_numpy()) for table in (before, after)]
    near = cKDTree(ends[0]).sparse_distance_matrix(
        cKDTree(ends[1]), MOVED_M, output_type="coo_matrix"
    )
    one, other, distance = near.row.astype(np.int64), near.col.astype(np.int64), near.data
    product = [table["product_id"].to_numpy() for table in (before, after)]
    price = distance + _OTHER_PRODUCT_M * (product[0][one] != product[1][other])
    size = len(before) + len(after)
    links = coo_array((np.ones(len(one)), (one, other + len(before))), shape=(size, size))
    _, cluster = connected_components(links, directed=False)
    found = [_matched(one[rows], other[rows], price[rows]) for rows in _grouped(cluster[one])]
    return (
        np.concatenate([pair[0] for pair in found] or [np.zeros(0, dtype=np.int64)]),
        np.concatenate([pair[1] for pair in found] or [np.zeros(0, dtype=np.int64)]),
    )


def _grouped(cluster: NDArray[np.int32]) -> list[IntArray]:
    order = np.argsort(cluster, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(cluster[order])) + 1) if len(order) else []


def _matched(
    one: IntArray, other: IntArray, price: NDArray[np.float64]
) -> tuple[IntArray, IntArray]:
    rows, row = np.unique(one, return_inverse=True)
    columns, column = np.unique(other, return_inverse=True)
    table = np.full((len(rows), len(columns)), _NEVER)
    table[row, column] = price
    chosen = linear_sum_assignment(table)
    real = table[chosen] < _NEVER
    return rows[chosen[0][real]], columns[chosen[1][real]]


def _measures(before: Proposal, after: Proposal) -> pd.DataFrame:
    facts = summary(before), summary(after)
    rows = [
        {"measure": "standing", "unit": "", **_said(*(p.verdict.standing for p in (before, after)))}
    ]
    for name, unit, path in MEASURES:
        rows.append(_measure(name, unit, [_value(figures, path) for figures in facts], facts))
    # What is measured on the proposals themselves.
    both = before, after
    rows.append(_measure("conditions", "1", [len(p.verdict.conditions) for p in both], facts))
    rows.append(_measure("exits", "m", [figure_of(p, "exits") for p in both], facts))
    far = [figure_of(p, "engine_distance") for p in both]
    rows.append(_measure("engine_distance", "m", far, facts))
    for name, unit, column in FAILURES:
        rows.append(_measure(name, unit, [_worst(p, column) for p in both], facts))
    return pd.DataFrame([*rows, *_kinds(facts), *_checks(before, after)])


def _measure(
    name: str, unit: str, values: Sequence[float], facts: Sequence[dict[str, Any]]
) -> dict[str, object]:
    shown = facts[1]["cost"]["currency"] or "" if unit == "currency" else unit
    return {"measure": name, "unit": shown, **_said(*map(float, values))}


def _worst(proposal: Proposal, column: str) -> float:
    """Return the worst of all single failures; 0 where none lets anything in, NaN if not asked."""
    if proposal.failures is None:
        return float("nan")
    return float(proposal.failures[column].astype(float).max()) if len(proposal.failures) else 0.0


def _kinds(facts: Sequence[dict[str, Any]]) -> list[dict[str, object]]:
    counts = [figures["units"]["by_kind"] for figures in facts]
    return [
        {"measure": f"units {kind}", "unit": "1", **_said(*(float(c.get(kind, 0)) for c in counts))}
        for kind in sorted(set().union(*counts))
    ]


def _checks(before: Proposal, after: Proposal) -> list[dict[str, object]]:
    answers = [
        {check.name: "holds" if check.holds else "fails" for check in proposal.verdict.checks}
        for proposal in (before, after)
    ]
    return [
        {
            "measure": f"check {name}",
            "unit": "",
            **_said(*(a.get(name, "not asked") for a in answers)),
        }
        for name in dict.fromkeys([*answers[0], *answers[1]])
    ]


def _value(facts: dict[str, Any], path: tuple[str, str]) -> float:
    part = facts[path[0]]
    value = part.get(path[1]) if isinstance(part, dict) else None
    return float("nan") if value is None else float(value)


def _said(before: object, after: object) -> dict[str, object]:
    numbers = isinstance(before, float) and isinstance(after, float)
    difference = after - before if numbers else float("nan")  # type: ignore[operator]
    return {"before": before, "after": after, "difference": difference}
