"""GeoPackages that sbd wrote -> Site, Assessment, Proposal; and any layout to judge."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import geopandas as gpd
import pandas as pd

from sbd.errors import InputError, LayerError
from sbd.model.assessment import Assessment, FieldSettings
from sbd.model.proposal import OPTIONAL as TOLD
from sbd.model.proposal import Proposal
from sbd.model.site import OPTIONAL, SCHEMAS, Site
from sbd.model.vehicle import Figure, Vehicle
from sbd.model.verdict import Check, Verdict
from sbd.sources.vectorfile import layer_names, read_table

Noun = TypeVar("Noun")

_ASSESSMENT = ("perimeter", "corridors")
_PLAN = ("barriers", "units", "footprints", "closures")
_LAYERS: Mapping[str, Sequence[str]] = {
    "site": (*SCHEMAS, "report"),
    "assessment": _ASSESSMENT,
    "proposal": (*SCHEMAS, "report", *_ASSESSMENT, *_PLAN, "gaps", *TOLD),
}
_Tables: TypeAlias = Mapping[str, Any]
_Meta: TypeAlias = Mapping[str, Any]

# what makes each, for who gave the wrong file
_MADE_BY = {
    "site": "make one with `sbd site`",
    "assessment": "make one with `sbd assess`",
    "proposal": "make one with `sbd propose`",
}


def read_site(path: Path) -> Site:
    """Return the site in a SITE.gpkg.

    Raises
    ------
    InputError
        No such file, not a GeoPackage, not one of sbd's, or one that holds something else.
    LayerError
        Layers, columns or entries are missing or hold what they must not.
    """
    return _read(path, "site", _site)


def read_assessment(path: Path) -> Assessment:
    """Return the assessment in an ASSESSMENT.gpkg; its speed fields are not kept in files.

    Raises InputError and LayerError as `read_site`.
    """
    return _read(path, "assessment", _assessment)


def read_proposal(path: Path) -> Proposal:
    """Return the proposal in a PROPOSAL.gpkg with its site, its assessment and its verdict.

    Raises InputError and LayerError as `read_site`.
    """
    return _read(path, "proposal", _proposal)


def read_footprints(path: Path) -> gpd.GeoDataFrame:
    """Return the layer of a layout that anyone drew: GeoJSON, GeoPackage, any file of shapes.

    Of a GeoPackage with several layers the one named "footprints" is taken. What the shapes are is
    for the judge to check.

    Raises InputError where the file can't be read or holds no shapes.
    """
    names = layer_names(path)
    if len(names) > 1 and "footprints" not in names:
        raise InputError(
            f"{path}: {len(names)} layers ({', '.join(names)}); name one of them 'footprints'"
        )
    table = read_table(path, "footprints" if "footprints" in names else None)
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"{path}: the file holds no shapes; give one polygon for each unit")
    return table


def _read(path: Path, kind: str, build: Callable[[_Tables, _Meta], Noun]) -> Noun:
    names = layer_names(path)
    if "meta" not in names:
        raise InputError(f"{path}: not written by sbd (no table meta); {_MADE_BY[kind]}")
    meta = _meta(path)
    if meta.get("kind") != kind:
        raise InputError(f"{path}: holds {_a(meta.get('kind'))}, not {_a(kind)}; {_MADE_BY[kind]}")
    wanted = [name for name in _LAYERS[kind] if name in names or name not in (*OPTIONAL, *TOLD)]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise LayerError(str(path), [f"layer {name} is missing" for name in missing])
    nested = meta.get("json_columns", {})
    tables = {name: _unpacked(read_table(path, name), nested.get(name, ())) for name in wanted}
    try:
        return build(tables, meta)
    except KeyError as error:
        raise LayerError(str(path), [f"meta: {error.args[0]} is missing"]) from error
    except (TypeError, AttributeError, ValueError) as error:
        raise LayerError(str(path), [f"meta: an entry can't be read ({error})"]) from error


def _meta(path: Path) -> dict[str, Any]:
    table = read_table(path, "meta")
    if not {"key", "value"} <= set(table.columns):
        raise LayerError(str(path), ["meta: columns key and value are missing"])
    try:
        return {key: json.loads(value) for key, value in table[["key", "value"]].to_numpy()}
    except (TypeError, ValueError) as error:
        raise LayerError(str(path), [f"meta: not JSON ({error})"]) from error


def _unpacked(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return a table with its lists and dicts, which a GeoPackage keeps as text."""
    return table.assign(
        **{
            name: pd.Series([json.loads(text) for text in table[name]], table.index, dtype=object)
            for name in columns
        }
    )


def _site(tables: _Tables, meta: _Meta) -> Site:
    return Site(
        name=meta["name"],
        attribution=meta["attribution"],
        report=tables["report"],
        **{name: tables[name] for name in SCHEMAS if name in tables},
    )


def _assessment(tables: _Tables, meta: _Meta) -> Assessment:
    return Assessment(
        perimeter=tables["perimeter"],
        corridors=tables["corridors"],
        vehicles=tuple(_vehicle(values) for values in meta["vehicles"]),
        settings=FieldSettings(**meta["settings"]),
        site_hash=meta["site_hash"],
        attribution=meta["attribution"],
        seconds=meta["seconds"],
        heights=meta.get("heights", ""),
    )


def _vehicle(values: Mapping[str, Any]) -> Vehicle:
    figures = {name: Figure(**figure) for name, figure in values["figures"].items()}
    # JSON has no infinity: null stands for no limit
    unlimited = {name: math.inf for name, value in values.items() if value is None}
    return Vehicle(**{**values, **unlimited, "figures": figures})


def _proposal(tables: _Tables, meta: _Meta) -> Proposal:
    verdict = meta["verdict"]
    return Proposal(
        site=_site(tables, meta["site"]),
        assessment=_assessment(tables, meta["assessment"]),
        layout=meta["layout"],
        **{name: tables[name] for name in _PLAN},
        verdict=Verdict(
            checks=tuple(Check(**check) for check in verdict["checks"]),
            gaps=tables["gaps"],
            conditions=tuple(verdict["conditions"]),
        ),
        cost_bound=_number(meta["cost_bound"]),
        cost_found=_number(meta["cost_found"]),
        meta=meta["meta"],
        **{name: tables[name] for name in TOLD if name in tables},
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _a(kind: object) -> str:
    words = {"site": "a site", "assessment": "an assessment", "proposal": "a proposal"}
    return words.get(str(kind), "nothing that sbd knows")
