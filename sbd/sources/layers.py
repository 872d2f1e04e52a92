"""A city's own layers: GeoPackage or folder of files -> checked layers, all faults told at once."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from sbd.errors import InputError, LayerError
from sbd.model import tables
from sbd.model.raw import EXTRA_LAYERS, CityLayers, ExtraLayers
from sbd.sources.forms import FORMS, LayerForm
from sbd.sources.layer_rows import CLOCKS, clock_text, row_faults
from sbd.sources.pointfile import CSV_ENDING, read_places
from sbd.sources.vectorfile import layer_names, read_table, system_fault

GEOJSON_ENDINGS = (".geojson", ".json")

Readers: TypeAlias = dict[str, Callable[[], pd.DataFrame]]
Notes: TypeAlias = list[tuple[str, str, float, str]]

_YES = ("true", "yes", "1", "t", "y")
_NO = ("false", "no", "0", "f", "n")


def read_layers(path: Path) -> CityLayers:
    """Return a city's own layers, checked, in the reference system they came in.

    The schema is written down in `docs/layers.md`.

    Parameters
    ----------
    path : Path
        A GeoPackage with the layers of `FORMS`, or a folder with one GeoJSON or CSV file a layer.

    Raises
    ------
    LayerError
        Every fault of every layer: missing layers and columns, wrong values, broken geometry,
        missing or mixed reference systems, degrees taken for metres.
    """
    find = _folder(path) if path.is_dir() else _geopackage(path)
    faults = [
        f"layer {name} is missing; there are {', '.join(sorted(find)) or 'none'}"
        for name, form in FORMS.items()
        if form.required and name not in find
    ]
    notes: Notes = []
    found = _read(find, tuple(FORMS), {}, faults, notes)
    if "zone" in found and found["zone"].crs is not None:
        for name in _in_degrees_by_form(path) & found.keys():
            found[name] = found[name].to_crs(found["zone"].crs)
    faults += _mixed_systems(found)
    if "zone" in found and found["zone"].empty:
        faults.append("zone: it has no row; draw a polygon to protect")
    if faults:
        raise LayerError(str(path), faults)
    system = found["zone"].crs
    empty = {name: tables.empty_layer(form.schema, system) for name, form in FORMS.items()}
    return CityLayers(**{**empty, **found}, source=path.name, repairs=_note_table(notes))


def read_extra_layers(path: Path) -> ExtraLayers:
    """Return layers to add to a site, checked, each in the reference system it came in.

    Ids that are not given are numbered with the name of the file before them, so that the rows of
    two files stay apart and a file that is read again replaces its own.

    Parameters
    ----------
    path : Path
        A GeoPackage or a folder with any of `EXTRA_LAYERS`, or one GeoJSON or CSV file that
        is named like its layer, as deliveries.csv.

    Raises
    ------
    LayerError
        None of the layers is there, or any fault of any of them, all at once.
    """
    find = _folder(path) if path.is_dir() else _one_file(path) or _geopackage(path)
    known = [name for name in EXTRA_LAYERS if name in find]
    if not known:
        raise LayerError(
            str(path),
            [
                f"no layer to add; there are {', '.join(sorted(find)) or 'none'}, and sbd knows "
                f"{', '.join(EXTRA_LAYERS)}; name the layer or the file like one of them"
            ],
        )
    faults: list[str] = []
    notes: Notes = []
    numbered = {name: name if path.stem == name else f"{path.stem}-{name}" for name in known}
    found = _read(find, EXTRA_LAYERS, numbered, faults, notes)
    if faults:
        raise LayerError(str(path), faults)
    return ExtraLayers(layers=found, source=path.name, repairs=_note_table(notes))


def _read(
    find: Readers,
    wanted: tuple[str, ...],
    numbered: Mapping[str, str],
    faults: list[str],
    notes: Notes,
) -> dict[str, gpd.GeoDataFrame]:
    """Return the wanted layers that are there and sound; faults and notes grow."""
    layers = {
        name: _checked(name, FORMS[name], find[name], numbered.get(name, name), faults, notes)
        for name in wanted
        if name in find
    }
    notes += [
        (
            "left_out",
            f"layer {name}",
            math.nan,
            "of a whole site: give it with --layers"
            if name in FORMS
            else "sbd has no use for a layer of this name",
        )
        for name in sorted(set(find) - set(wanted))
    ]
    return {name: layer for name, layer in layers.items() if layer is not None}


def _note_table(notes: Notes) -> pd.DataFrame:
    return pd.DataFrame(notes, columns=["topic", "item", "count", "note"])


def _folder(path: Path) -> Readers:
    files = [
        file
        for file in sorted(path.iterdir())
        if file.suffix.lower() in (*GEOJSON_ENDINGS, CSV_ENDING)
    ]
    if not files:
        raise LayerError(
            str(path),
            [
                "the folder holds no .geojson file and no .csv file; give one file a layer, as "
                "zone.geojson"
            ],
        )
    stems = [file.stem for file in files]
    doubles = sorted({stem for stem in stems if stems.count(stem) > 1})
    if doubles:
        raise LayerError(str(path), [f"layer {name}: several files; keep one" for name in doubles])
    return {file.stem: _reader(file) for file in files}


def _one_file(path: Path) -> Readers:
    """Return the reader of a file that holds one layer and is named like it; else none."""
    alone = path.suffix.lower() in (*GEOJSON_ENDINGS, CSV_ENDING)
    return {path.stem: _reader(path)} if alone and path.is_file() else {}


def _reader(file: Path) -> Callable[[], pd.DataFrame]:
    return partial(read_places if file.suffix.lower() == CSV_ENDING else read_table, file)


def _in_degrees_by_form(path: Path) -> set[str]:
    """Return the layers of a folder that can only be in longitude and latitude."""
    files = path.iterdir() if path.is_dir() else ()
    return {file.stem for file in files if file.suffix.lower() == CSV_ENDING}


def _geopackage(path: Path) -> Readers:
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
    numbered: str,
    faults: list[str],
    notes: Notes,
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
    layer = _filled(_plain(table), name, form, numbered, notes)
    faults += [f"{name}: {fault}" for fault in row_faults(name, layer)]
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
    numbered: str,
    notes: Notes,
) -> gpd.GeoDataFrame:
    """Return the layer with its missing columns and gaps filled, each with a note."""
    new: dict[str, object] = {}
    if form.id_column not in table:
        new[form.id_column] = [f"{numbered}-{row + 1}" for row in range(len(table))]
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
    new.update({column: table[column].map(clock_text) for column in CLOCKS if column in table})
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
    if column in ("effect", "price", "deepest_foundation", "clearance_m"):
        return "repaired", "not given; what is usual for the kind stands in"
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
