"""A noun in, one GeoPackage out: every layer in the metric system.

Each layer stands under its own name, with its columns in the order and the types of the table; an
empty one is there too, with columns and a geometry type. Geometry keeps its kind, so a layer of
polygons and multipolygons has the type "Unknown". Of a proposal, ``run_out``, ``failures`` and
``why`` are there where somebody asked for them. These tables hold no geometry:

``report``
    The data report of the site (`sbd.model.tables.REPORT`).
``why``
    Why each line stands where it does (`sbd.model.tables.WHY`).
``meta``
    Two text columns, `key` and `value`; the value is JSON. Infinite and missing numbers are null.
    Always there: `kind` (site, assessment, sensitivity or proposal) and `sbd_version`. Columns
    beyond the contract that hold lists or dicts are stored as JSON and named in `json_columns`, a
    dict of layer name to column names.
"""

import dataclasses
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import (
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
)

from sbd.export.atomic import unwritable, whole_file
from sbd.export.jsontext import to_json
from sbd.model.assessment import Assessment
from sbd.model.proposal import Proposal
from sbd.model.site import Site
from sbd.model.vehicle import Vehicle

# The file carries no clock time: the same content gives the same bytes.
LAST_CHANGE = "2000-01-01T00:00:00.000Z"

_GDAL_OPTIONS = {"OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_CURRENT_DATE": LAST_CHANGE}
_WRITING = threading.Lock()

# What an empty layer is declared as; the kind of any other is that of its shapes.
_KIND_OF_EMPTY = {
    "zone": "Polygon",
    "solids": "Polygon",
    "furniture": "Unknown",
    "ground": "Polygon",
    "steps": "LineString",
    "streets": "LineString",
    "entries": "LineString",
    "demands": "Point",
    "place_rules": "Polygon",
    "desire_lines": "LineString",
    "deliveries": "Point",
    "crowds": "Polygon",
    "study_area": "Polygon",
    "perimeter": "Point",
    "corridors": "LineString",
    "measure_first": "Point",
    "barriers": "LineString",
    "units": "Point",
    "footprints": "Polygon",
    "gaps": "LineString",
    "closures": "LineString",
    "run_out": "Polygon",
    "failures": "Polygon",
}

_GDAL_FAULTS = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError)


def write_site(site: Site, path: Path) -> Path:
    """Write a site as SITE.gpkg, whole or not at all.

    Raises OutputError where the file can't be written.
    """
    return _write(path, site.layers, {"report": site.report}, {"kind": "site", **_site_meta(site)})


def write_assessment(assessment: Assessment, path: Path) -> Path:
    """Write an assessment as ASSESSMENT.gpkg, whole or not at all; its speed fields stay behind.

    Raises OutputError where the file can't be written.
    """
    meta = {"kind": "assessment", **_assessment_meta(assessment)}
    return _write(path, _assessment_layers(assessment), {}, meta)


def write_sensitivity(
    measure_first: gpd.GeoDataFrame,
    variations: pd.DataFrame,
    path: Path,
    *,
    vehicle: str,
    attribution: str,
) -> Path:
    """Write where to measure first and what each input moves, whole or not at all.

    Raises OutputError where the file can't be written.
    """
    meta = {"kind": "sensitivity", "vehicle": vehicle, "attribution": attribution}
    return _write(path, {"measure_first": measure_first}, {"variations": variations}, meta)


def write_proposal(proposal: Proposal, path: Path) -> Path:
    """Write a proposal with its site and its assessment as PROPOSAL.gpkg, whole or not at all.

    Raises OutputError where the file can't be written.
    """
    layers = {
        **proposal.site.layers,
        **_assessment_layers(proposal.assessment),
        "barriers": proposal.barriers,
        "units": proposal.units,
        "footprints": proposal.footprints,
        "gaps": proposal.verdict.gaps,
        "closures": proposal.closures,
        **_told(run_out=proposal.run_out, failures=proposal.failures),
    }
    lists = {"report": proposal.site.report, **_told(why=proposal.why)}
    meta = {
        "kind": "proposal",
        "layout": proposal.layout,
        "cost_bound": proposal.cost_bound,
        "cost_found": proposal.cost_found,
        "verdict": {
            "standing": str(proposal.verdict.standing),
            "checks": [dataclasses.asdict(check) for check in proposal.verdict.checks],
            "conditions": list(proposal.verdict.conditions),
        },
        "site": _site_meta(proposal.site),
        "assessment": _assessment_meta(proposal.assessment),
        "meta": proposal.meta,
    }
    return _write(path, layers, lists, meta)


def _told(**tables: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Return the tables that a proposal has; one that nobody asked for is not in the file."""
    return {name: table for name, table in tables.items() if table is not None}


def _site_meta(site: Site) -> dict[str, Any]:
    return {"name": site.name, "attribution": site.attribution}


def _assessment_meta(assessment: Assessment) -> dict[str, Any]:
    return {
        "vehicles": [_vehicle(vehicle) for vehicle in assessment.vehicles],
        "settings": dataclasses.asdict(assessment.settings),
        "site_hash": assessment.site_hash,
        "attribution": assessment.attribution,
        "seconds": dict(assessment.seconds),
        "heights": assessment.heights,
    }


def _vehicle(vehicle: Vehicle) -> dict[str, Any]:
    """Return every field; `figures` becomes a dict of name to source and standing."""
    # A mapping proxy can't be copied, so dataclasses.asdict won't do.
    values = {entry.name: getattr(vehicle, entry.name) for entry in dataclasses.fields(vehicle)}
    figures = {name: dataclasses.asdict(figure) for name, figure in vehicle.figures.items()}
    return {**values, "figures": figures}


def _assessment_layers(assessment: Assessment) -> dict[str, gpd.GeoDataFrame]:
    return {"perimeter": assessment.perimeter, "corridors": assessment.corridors}


def _write(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    lists: Mapping[str, pd.DataFrame],
    meta: Mapping[str, Any],
) -> Path:
    path = Path(path)
    nested = {name: _nested_columns(layer) for name, layer in {**layers, **lists}.items()}
    nested = {name: columns for name, columns in nested.items() if columns}
    extra = {"json_columns": nested} if nested else {}
    rows = {"sbd_version": version("sbd"), **meta, **extra}
    sheets = {
        **{name: _flat(table, nested.get(name, [])) for name, table in {**layers, **lists}.items()},
        "meta": pd.DataFrame(
            {"key": list(rows), "value": [to_json(value) for value in rows.values()]}, dtype=str
        ),
    }
    with whole_file(path) as draft, _gdal_ready():
        try:
            for name, sheet in sheets.items():
                _write_sheet(draft, name, sheet)
            _require_rows(draft, {name: len(sheet) for name, sheet in sheets.items()})
        except (*_GDAL_FAULTS, sqlite3.Error) as error:
            raise unwritable(path, str(error)) from error
    return path


@contextmanager
def _gdal_ready() -> Iterator[None]:
    """Let GDAL leave the flushing to `whole_file` and take the date from here.

    Flushing once and not after each layer is three times faster. The options hold for the whole
    process, so writers wait for each other.
    """
    with _WRITING:
        before = {name: pyogrio.get_gdal_config_option(name) for name in _GDAL_OPTIONS}
        pyogrio.set_gdal_config_options(_GDAL_OPTIONS)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(before)


def _write_sheet(path: Path, name: str, sheet: pd.DataFrame) -> None:
    kind = _KIND_OF_EMPTY[name] if isinstance(sheet, gpd.GeoDataFrame) and sheet.empty else None
    pyogrio.write_dataframe(
        sheet,
        path,
        layer=name,
        driver="GPKG",
        geometry_type=kind,
        promote_to_multi=False,
        # A layer of a city may have a column `fid`; the row number must not swallow it.
        layer_options={"FID": "row_id"},
    )


def _require_rows(path: Path, counts: Mapping[str, int]) -> None:
    """Raise sqlite3.DatabaseError unless every row arrived.

    GDAL reports a full disk on closing to its log only, so what it wrote is counted.
    """
    with closing(sqlite3.connect(path)) as database:
        for name, count in counts.items():
            (found,) = database.execute(f'SELECT count(*) FROM "{name}"').fetchone()
            if found != count:
                raise sqlite3.DatabaseError(f"{found} of {count} rows of {name} arrived")


def _nested_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns that hold a list or a dict in any row."""
    return [
        str(name)
        for name, kind in table.dtypes.items()
        if kind.kind == "O"
        and table[name].map(lambda value: isinstance(value, dict | list | tuple)).any()
    ]


def _flat(table: pd.DataFrame, nested: list[str]) -> pd.DataFrame:
    return table.assign(**{name: table[name].map(to_json) for name in nested}) if nested else table
