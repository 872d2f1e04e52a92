"""Layers in metres -> GeoJSON for a screen: longitude and latitude, rounded to a centimetre."""

from pathlib import Path

import geopandas as gpd

from sbd.export.features import features
from sbd.export.jsontext import to_json

# 1e-7 degrees of latitude are 1.1 cm; the files to take home are finer.
DECIMALS = 7


def write_display_layer(layer: gpd.GeoDataFrame, path: Path) -> Path:
    """Write a layer for display and return its path; every column of the table goes along."""
    columns = [str(name) for name in layer.columns if name != layer.geometry.name]
    rows = list(features(layer, decimals=DECIMALS, columns=columns))
    path.write_text(to_json({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    return path
