"""A site and somebody's own layers in, the site with them out; what lies outside is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon

from sbd.errors import InputError, LayerError
from sbd.geometry.crs import require_metric
from sbd.model import tables
from sbd.model.raw import EXTRA_LAYERS, ExtraLayers
from sbd.model.site import SCHEMAS, Site
from sbd.site.own_rules import settled_rules
from sbd.site.report import Row, report_table
from sbd.site.rule_findings import UTILITY_PLANS, counted_kinds
from sbd.site.shapes import Shapes, only_lines, only_polygons

ID_COLUMN = {name: next(iter(SCHEMAS[name].columns)) for name in EXTRA_LAYERS}

# What must be on the looked-at ground: a plan can't serve it elsewhere. Of the other layers a city
# often hands over its whole map.
MUST_BE_INSIDE = ("demands", "deliveries", "crowds")

# A door is drawn on a facade that the rim may cut.
RIM_TOLERANCE_M = 1.0


def with_layers(site: Site, layers: ExtraLayers) -> Site:
    """Return a site with somebody's own layers added to its own.

    A row with the id of one that the site has takes its place; all others come beside. Rules and
    lines are cut to the study area. The layers come to the site's reference system. A site with
    other layers has another fingerprint: assess it again.

    Raises
    ------
    LayerError
        A door, a delivery or a crowd lies outside the study area; all of them are named.
    InputError
        A layer that can't be added, such as `solids`.
    """
    unknown = sorted(set(layers.layers) - set(EXTRA_LAYERS))
    if unknown:
        raise InputError(
            f"{layers.source}: layers {', '.join(unknown)} can't be added to a site; "
            f"give any of {', '.join(EXTRA_LAYERS)}"
        )
    given = {name: layer.to_crs(site.crs) for name, layer in layers.layers.items()}
    placed, rows = placed_layers(given, site.study_shape, site.zone_shape, source=layers.source)
    joined = {
        name: _joined(getattr(site, name), layer, ID_COLUMN[name]) for name, layer in placed.items()
    }
    report = _without_settled(site.report, placed)
    added = report_table(rows, layers.repairs)
    together = pd.concat([report, added], ignore_index=True).drop_duplicates()
    return replace(site, **joined, report=together.reset_index(drop=True))


def placed_layers(
    given: Mapping[str, gpd.GeoDataFrame],
    study: Polygon | MultiPolygon,
    zone: Polygon | MultiPolygon,
    *,
    source: str,
) -> tuple[dict[str, gpd.GeoDataFrame], list[Row]]:
    """Return added layers settled and cut to the study area, and what to report of them.

    Raises LayerError as `with_layers`.
    """
    faults = [
        f"{name}: {fault}"
        for name in MUST_BE_INSIDE
        if name in given
        for fault in _outside(given[name], study, ID_COLUMN[name])
    ]
    if faults:
        raise LayerError(source, faults)
    placed: dict[str, gpd.GeoDataFrame] = {}
    rows: list[Row] = []
    for name, layer in given.items():
        require_metric(layer, name)
        placed[name], left_out = _cut(name, layer, study)
        rows += _rows(name, placed[name], left_out, source)
    if "crowds" in placed:
        rows += _exposed(placed["crowds"], zone)
    return placed, rows


def _cut(
    name: str, layer: gpd.GeoDataFrame, study: Polygon | MultiPolygon
) -> tuple[gpd.GeoDataFrame, int]:
    """Return a layer inside the study area, and how many of its rows are nowhere in it."""
    if layer.empty:
        return tables.empty_layer(SCHEMAS[name], layer.crs), 0
    if name == "place_rules":
        layer = settled_rules(layer)
    shapes = layer.geometry.to_numpy()
    if name in ("place_rules", "crowds"):
        shapes = only_polygons(shapely.intersection(shapes, study))
    elif name == "desire_lines":
        shapes = only_lines(shapely.intersection(shapes, study), at_least_m=0.5)
    cut = layer.set_geometry(gpd.GeoSeries(shapes, layer.index, crs=layer.crs))
    inside = ~shapely.is_empty(shapes)
    return cut[inside].reset_index(drop=True), int((~inside).sum())


def _outside(layer: gpd.GeoDataFrame, study: Polygon | MultiPolygon, id_column: str) -> list[str]:
    """Return a fault for each row that lies nowhere in the study area."""
    away_m = shapely.distance(layer.geometry.to_numpy(), study)
    names = layer["name"].where(layer["name"] == "", " (" + layer["name"].astype(object) + ")")
    return [
        f"{layer[id_column].iloc[row]!r}{names.iloc[row]} lies {away_m[row]:.0f} m outside the "
        "study area; widen the margin, move it, or take it out"
        for row in np.flatnonzero(away_m > RIM_TOLERANCE_M)
    ]


def _rows(name: str, layer: gpd.GeoDataFrame, left_out: int, source: str) -> list[Row]:
    item = f"own {name.replace('_', ' ')}"
    rows = []
    if len(layer):
        what = counted_kinds(layer) if name == "place_rules" else f"{len(layer)} rows"
        rows.append(Row("source", item, f"{what}, from {source}", float(len(layer))))
    if left_out:
        note = f"of {source}, nowhere in the study area"
        rows.append(Row("left_out", item, note, float(left_out)))
    return rows


def _exposed(crowds: gpd.GeoDataFrame, zone: Polygon | MultiPolygon) -> list[Row]:
    """Return the crowds that stand where no barrier is asked to protect them."""
    bare_m2 = shapely.area(shapely.difference(crowds.geometry.to_numpy(), zone))
    called: Shapes = np.where(crowds["name"] == "", crowds["crowd_id"], crowds["name"])
    return [
        Row(
            "unknown",
            f"crowd {called[row]} beside the zone",
            f"{bare_m2[row]:.0f} m2 of it lie outside the zone: vehicles may reach people there; "
            "draw the zone around them",
            round(float(bare_m2[row]), 1),
        )
        for row in np.flatnonzero(bare_m2 > 1.0)
    ]


def _joined(own: gpd.GeoDataFrame, given: gpd.GeoDataFrame, id_column: str) -> gpd.GeoDataFrame:
    kept = own[~own[id_column].isin(given[id_column])]
    both = [layer for layer in (kept, given) if len(layer)]
    if not both:
        return own
    table = pd.concat(both, ignore_index=True)
    # A column that only one of them has is text beyond the contract: a gap in it says nothing.
    others = table.columns.drop("geometry")
    texts = [name for name in others if not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{name: table[name].fillna("") for name in texts})


def _without_settled(report: pd.DataFrame, placed: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    """Return the report without what the layers answer: somebody asked for plans of utilities."""
    rules: Sequence[str] = placed["place_rules"]["kind"] if "place_rules" in placed else ()
    return report[(report["item"] != UTILITY_PLANS).to_numpy() | ("utility" not in set(rules))]
