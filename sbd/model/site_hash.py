"""Site in, fingerprint out: whether an assessment was made of this very site."""

import hashlib
import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from sbd.model.site import OPTIONAL, SCHEMAS, Site

# A tenth of a millimetre: far below what any survey resolves, far above what a file loses.
DECIMALS = 4
# shapely counts its collection types from here
MULTI = 4


def site_hash(site: Site) -> str:
    """Return the SHA-256 of the site's layers as 64 hex digits.

    The same for rows in another order, rings that start elsewhere, columns beyond the contract and
    after a round trip through a GeoPackage; another one as soon as a corner moves by more than
    0.1 mm or any figure of a row changes. The name of the place, the attribution and the data
    report are left out: they move no vehicle. Corners that lie on a rounding edge may give two
    hashes for one place; that errs to the safe side, the assessment is made again.

    The surface of streets counts though it is beyond the contract: grip depends on it. What
    a site does not have leaves its fingerprint as it was before sbd knew of such layers.
    """
    digest = hashlib.sha256(_system(site.crs).encode())
    for name, layer in site.layers.items():
        if name in OPTIONAL and layer.empty:
            continue
        digest.update(f"\n{name}\n".encode())
        digest.update("\n".join(_rows(layer, _columns(name, layer))).encode())
    return digest.hexdigest()


def _columns(name: str, layer: gpd.GeoDataFrame) -> list[str]:
    columns = list(SCHEMAS[name].columns)
    paved = name == "streets" and "surface" in layer and (layer["surface"].fillna("") != "").any()
    return [*columns, "surface"] if paved else columns


def _rows(layer: gpd.GeoDataFrame, columns: list[str]) -> list[str]:
    """Return one text a row, in an order that depends on the content only."""
    table = pd.DataFrame(layer)[[name for name in columns if name != "geometry"]]
    keys = [
        json.dumps([_plain(value) for value in row], ensure_ascii=False)
        for row in table.itertuples(index=False, name=None)
    ]
    outlines = shapely.to_wkb(_canonical(layer), hex=True, byte_order=1)
    return sorted(f"{key} {outline}" for key, outline in zip(keys, outlines, strict=True))


def _canonical(layer: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the shapes rounded, in normal form; a collection of one is that one."""
    shapes = shapely.force_2d(layer.geometry.to_numpy())
    lone = (shapely.get_num_geometries(shapes) == 1) & (shapely.get_type_id(shapes) >= MULTI)
    shapes = np.where(lone, shapely.get_geometry(shapes, 0), shapes)
    # Adding zero makes -0.0 and 0.0 one.
    return np.asarray(
        shapely.normalize(shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS) + 0.0))
    )


def _plain(value: Any) -> str | bool | float | None:
    if isinstance(value, str | bool | np.bool_):
        return value if isinstance(value, str) else bool(value)
    return None if pd.isna(value) else round(float(value), 6) + 0.0


def _system(crs: pyproj.CRS) -> str:
    """Return the authority's code where there is one: texts differ from file to file."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.to_dict())
