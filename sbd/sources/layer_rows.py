"""Rows of a layer in, what their columns say together out: faults that no single column has."""

import re

import geopandas as gpd
import pandas as pd
import shapely

CLOCKS = ("opens", "closes")

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::00(?:\.0+)?)?(?:Z|\+00(?::00)?)?")


def clock_text(value: object) -> object:
    """Return a time of day as HH:MM, in whatever way a file stores it; else the value itself.

    >>> clock_text("6:00"), clock_text("06:00:00"), clock_text("noon")
    ('06:00', '06:00', 'noon')
    """
    match = _TIME.fullmatch(str(value).strip())
    return f"{int(match[1]):02d}:{match[2]}" if match else value


def row_faults(name: str, layer: gpd.GeoDataFrame) -> list[str]:
    """Return what the rows of a layer contradict themselves in, each with its row."""
    if name == "deliveries" and set(CLOCKS) <= set(layer.columns):
        return [
            f"opens and closes are both {row.opens}; give a window, 00:00 to 23:59 is all day "
            f"(row {row.Index})"
            for row in layer.itertuples()
            if row.opens == row.closes
        ]
    if name == "place_rules" and "kind" in layer:
        return _rule_faults(layer)
    return []


def _rule_faults(rules: gpd.GeoDataFrame) -> list[str]:
    price = pd.to_numeric(rules["price"], errors="coerce").fillna(0.0)
    idle = (rules["effect"] == "price") & (price == 0.0) & (rules["deepest_foundation"] == "")
    bare = (shapely.get_dimensions(rules.geometry.to_numpy()) < 2) & rules["clearance_m"].isna()
    return [
        *(
            "effect 'price' with neither price nor deepest_foundation does nothing; give one of "
            f"them (row {row})"
            for row in rules.index[idle]
        ),
        *(
            "kind 'other' as a point or a line has no width; give clearance_m, or draw a polygon "
            f"(row {row})"
            for row in rules.index[bare & (rules["kind"] == "other")]
        ),
    ]
