"""Features and their clearance in, rows of `tables.PLACE_RULES` out."""

import geopandas as gpd

from sbd.site.clearances import Clearance
from sbd.site.shapes import Shapes


def rule_rows(
    found: gpd.GeoDataFrame, kind: str, shapes: Shapes, clearance: Clearance
) -> gpd.GeoDataFrame:
    """Return one rule a feature, in their order, with ids "node/5:door"."""
    return gpd.GeoDataFrame(
        {
            "place_rule_id": found["osm_id"].astype(object) + f":{kind}",
            "kind": kind,
            "effect": clearance.effect,
            "price": 0.0,
            "deepest_foundation": clearance.deepest_foundation,
            "standing": clearance.standing,
            "source": clearance.source,
        },
        geometry=gpd.GeoSeries(shapes, found.index, crs=found.crs),
        crs=found.crs,
    )
