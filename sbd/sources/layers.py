"""A city's own layers: GeoPackage or folder of GeoJSON -> CityLayers, all faults told at once."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyproj
import shapely
from numpy.typing import NDArray

from sbd.errors import InputError, LayerError
from sbd.model import tables
from sbd.model.raw import CityLayers
from sbd.sources.vectorfile import layer_names, read_table, system_fault

GEOJSON_ENDINGS = (".geojson", ".json")

_YES = ("true", "yes", "1", "t", "y")
_NO = ("false", "no", "0", "f", "n")


@dataclass(frozen=True, slots=True)
class LayerForm:
    """What a city gives in a layer, and what is filled in for it.

    Parameters
    ----------
    required : bool
        Whether the layer must be there.
    given : tuple of str
        Columns that must be there, besides the geometry.
    filled : mapping of column to value
        Columns that may be missing or have gaps, and what stands in for them.
    schema : DataFrameSchema
        What the layer must keep to once filled.
    """

    required: bool
    id_column: str
    given: tuple[str, ...]
    filled: Mapping[str, object]
    schema: pa.DataFrameSchema

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the layer besides the geometry."""
        return (self.id_column, *self.given, *self.filled)


_STREETS = (
    tables.STREETS.update_column("width_m", nullable=True)
    .update_column(
        "stays_open", dtype=object, coerce=False, nullable=True, checks=pa.Check.isin([True, False])
    )
    .add_columns({"surface": pa.Column(str, coerce=True)})
)

# In the order of a SITE.gpkg. NaN and None are for the site stage to settle.
FORMS: Mapping[str, LayerForm] = MappingProxyType(
    {
        "zone": LayerForm(True, "zone_id", (), {"name": ""}, tables.ZONE),
        "solids": LayerForm(True, "solid_id", ("kind",), {}, tables.SOLIDS),
        "furniture": LayerForm(
            False, "furniture_id", ("kind",), {"standing": "unknown rating"}, tables.FURNITURE
        ),
        "ground": LayerForm(False, "ground_id", ("surface",), {}, tables.GROUND),
        "steps": LayerForm(
            False,
            "step_id",
            (),
            {"kind": "step", "height_m": math.nan},
            tables.STEPS.update_column("height_m", nullable=True),
        ),
        "streets": LayerForm(
            True,
            "street_id",
            (),
            {
                "name": "",
                "highway": "",
                "width_m": math.nan,
                "surface": "",
                "stays_open": None,
                "reason": "",
            },
            _STREETS,
        ),
        "entries": LayerForm(
            False, "entry_id", (), {"street": "open ground", "width_m": math.nan}, tables.ENTRIES
        ),
        "demands": LayerForm(False, "demand_id", (), {"name": ""}, tables.DEMANDS),
    }
)


def read_layers(path: Path) -> CityLayers:
    """Return a city's own layers, checked, in the reference system they came in.

    The schema is written down in `docs/layers.md`.

    Parameters
    ----------
    path : Path
        A GeoPackage with the layers of `FORMS`, or a folder with one GeoJSON file a layer.

    Raises
    ------
    LayerError
        Every fault of every layer: missing layers and columns, wrong values, broken geometry,
        missing or mixed reference systems, degrees taken for metres.
    """
    find = _folder(path) if path.is_dir() else _geopackage(path)
    faults: list[str] = []
    notes: list[tuple[str, str, float, str]] = []
    layers = {}
    for name, form in FORMS.items():
        if name in find:
            layers[name] = _checked(name, form, find[name], faults, notes)
        elif form.required:
            faults.append(f"layer {name} is missing; there are {', '.join(sorted(find)) or 'none'}")
    found = {name: layer for name, layer in layers.items() if layer is not None}
    faults += _mixed_systems(found)
    if "zone" in found and found["zone"].empty:
        faults.append("zone: it has no row; draw a polygon to protect")
    if faults:
        raise LayerError(str(path), faults)
    notes += [
        ("left_out", f"layer {name}", math.nan, "sbd has no use for a layer of this name")
        for name in sorted(set(find) - set(FORMS))
    ]
    system = found["zone"].crs
    empty = {name: tables.empty_layer(form.schema, system) for name, form in FORMS.items()}
    return CityLayers(
        **{**empty, **found},
        source=path.name,
        repairs=pd.DataFrame(notes, columns=["topic", "item", "count", "note"]),
    )


def _folder(path: Path) -> dict[str, Callable[[], pd.DataFrame]]:
    files = [file for file in sorted(path.iterdir()) if file.suffix.lower() in GEOJSON_ENDINGS]
    if not files:
        raise LayerError(
            str(path), ["the folder holds no .geojson file; give one file a layer, as zone.geojson"]
        )
    return {file.stem: partial(read_table, file) for file in files}


def _geopackage(path: Path) -> dict[str, Callable[[], pd.DataFrame]]:
    try:
        names = layer_names(path)
    except InputError as error:
        way_out = "give a GeoPackage or a folder of GeoJSON"
        raise LayerError(
            str(path), [f"{str(error).removeprefix(f'{path}: ')}; {way_out}"]
        ) from error
    return {name: partial(read_table, path, name) for name in names}


def _checked(
    name: str,
    form: LayerForm,
    read: Callable[[], pd.DataFrame],
    faults: list[str],
    notes: list[tuple[str, str, float, str]],
) -> gpd.GeoDataFrame | None:
    """Return a layer that keeps to its form, or None after telling its faults."""
    try:
        table = read()
    except InputError as error:
        faults.append(f"{name}: {error}")
        return None
    if not isinstance(table, gpd.GeoDataFrame):
        faults.append(f"{name}: it has no geometry; give a layer of shapes")
        return None
    before = len(faults)
    fault = system_fault(table)
    faults += [] if fault is None else [f"{name}: {fault}"]
    faults += [f"{name}: {fault}" for fault in _given_faults(table, form)]
    layer = _filled(_plain(table), name, form, notes)
    try:
        checked = tables.check_table(layer, form.schema, name)
    except LayerError as error:
        # a missing column was told above, in the words of the city's schema
        told = [f"column {column} is missing" for column in form.given]
        faults += [f"{name}: {fault}" for fault in error.faults if fault not in told]
        return None
    return checked if len(faults) == before else None


def _plain(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer in two dimensions, with points that were stored as groups of one."""
    shapes = shapely.force_2d(table.geometry.to_numpy())
    alone = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes[alone] = shapely.get_geometry(shapes[alone], 0)
    system = None if table.crs is None else pyproj.CRS(table.crs).to_2d()
    others = pd.DataFrame(table.drop(columns=table.geometry.name))
    return gpd.GeoDataFrame(others, geometry=shapes, crs=system)


def _given_faults(table: gpd.GeoDataFrame, form: LayerForm) -> list[str]:
    faults = [f"column {name} is missing" for name in form.given if name not in table]
    if "stays_open" in form.filled and "stays_open" in table:
        faults += [
            f"stays_open: {value!r} is neither yes nor no (row {row})"
            for row, value in table["stays_open"].items()
            if not pd.isna(value) and _truth(value) is None
        ]
    return faults


def _filled(
    table: gpd.GeoDataFrame,
    name: str,
    form: LayerForm,
    notes: list[tuple[str, str, float, str]],
) -> gpd.GeoDataFrame:
    """Return the layer with its missing columns and gaps filled, each with a note."""
    new: dict[str, object] = {}
    if form.id_column not in table:
        new[form.id_column] = [f"{name}-{row + 1}" for row in range(len(table))]
        notes.append(("repaired", f"{name}: {form.id_column}", float(len(table)), "numbered here"))
    for column, value in form.filled.items():
        old = table[column] if column in table else pd.Series([None] * len(table), dtype=object)
        gaps = old.isna().to_numpy()
        if column == "stays_open":
            new[column] = pd.Series([_truth(item) for item in old], index=table.index, dtype=object)
        else:
            new[column] = old.astype(object).where(~gaps, value).to_numpy()
        if gaps.any():
            topic, note = _note_on(column, value)
            notes.append((topic, f"{name}: {column}", float(gaps.sum()), note))
    filled = table.assign(**new)
    if name == "entries":
        # an entry is a piece of the rim: it is as wide as it is long
        width = filled["width_m"].where(filled["width_m"].notna(), _lengths_m(filled))
        filled = filled.assign(width_m=width)
    return filled


def _lengths_m(layer: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return the length of each shape [m], whatever its reference system counts in."""
    shapes = layer.geometry.to_numpy()
    if layer.crs is None or not layer.crs.is_geographic:
        unit_m = 1.0 if layer.crs is None else layer.crs.axis_info[0].unit_conversion_factor
        return np.asarray(shapely.length(shapes) * unit_m)
    globe = pyproj.Geod(ellps="WGS84")
    return np.array([0.0 if shape is None else globe.geometry_length(shape) for shape in shapes])


def _note_on(column: str, value: object) -> tuple[str, str]:
    if column == "width_m":
        return "unknown", "not given; taken from the shape, or assumed for the class of street"
    if column == "height_m":
        return "unknown", "not given; a step of unknown height stops no vehicle"
    if column == "surface":
        return "unknown", "not given; takes no grip off any vehicle"
    if column == "stays_open":
        return "unknown", "not given; settled by the class of the street"
    return "repaired", f"not given; {value!r} stands in" if value else "not given; left empty"


def _truth(value: object) -> bool | None:
    """Return a yes or no in whatever way a file stores it; None where it is neither.

    >>> _truth("Yes"), _truth(0), _truth("maybe"), _truth(None)
    (True, False, None, None)
    """
    word = str(value).strip().lower().removesuffix(".0")
    if word in _YES:
        return True
    return False if word in _NO else None


def _mixed_systems(layers: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    if "zone" not in layers or layers["zone"].crs is None:
        return []
    zone = layers["zone"].crs
    return [
        f"{name}: {layer.crs.to_string()}, but the zone is in {zone.to_string()}; give all layers "
        "in one reference system"
        for name, layer in layers.items()
        if layer.crs is not None and layer.crs != zone
    ]
