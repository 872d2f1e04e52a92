"""Proposal in, GeoJSON collections out (RFC 7946): placement, footprints and lines.

Coordinates carry nine decimals. RFC 7946 finds six enough to show a place, but a footprint must
stand up to the judge again after it was read back: gaps are held to a millimetre, six decimals of a
degree are 11 cm, seven 1 cm, nine 0.1 mm.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd

from sbd.export.atomic import write_text
from sbd.export.crossings import crossings_on
from sbd.export.features import features
from sbd.export.jsontext import to_json
from sbd.model.proposal import Proposal

DECIMALS = 9

# Where the weak spots of a plan are is not for everyone.
SENSITIVITY = "restricted"

# The names are those of the tables, so that a file can be read back as one.
_RATING = [
    "layout",
    "kind",
    "product_id",
    "vehicle",
    "mass_kg",
    "speed_kmh",
    "energy_kj",
    "angle_deg",
    "openable",
    "cost_low",
    "cost_high",
    "currency",
    "cost_year",
    "source",
    "standing",
]
_UNIT = [
    "unit_id",
    "line_id",
    *_RATING,
    "width_m",
    "depth_m",
    "bearing_deg",
    "gap_before_mm",
    "gap_after_mm",
]
_LINE = [
    "line_id",
    *_RATING,
    "crossings",
    "length_m",
    "units",
    "rated_vehicle",
    "rated_mass_kg",
    "rated_speed_kmh",
    "strength",
    "penetration_m",
    "narrowest_gap_mm",
    "widest_gap_mm",
]


def placement(proposal: Proposal) -> dict[str, Any]:
    """Return the units as points, one feature a unit, its id the unit's."""
    return _collection(proposal, "placement", proposal.units, _UNIT, "unit_id")


def footprints(proposal: Proposal) -> dict[str, Any]:
    """Return the ground that each unit stands on as polygons; ids are those of the units."""
    return _collection(proposal, "footprints", proposal.footprints, _UNIT, "unit_id")


def lines(proposal: Proposal) -> dict[str, Any]:
    """Return the barrier lines, with the narrowest and the widest clear gap on each.

    The gaps of a line without a unit are null. `openable` says that a line holds a crossing,
    `crossings` how many; which of its units open the footprints say.
    """
    told = _with_gaps(proposal)
    told = told.assign(crossings=crossings_on(proposal.units, told["line_id"]))
    return _collection(proposal, "lines", told, _LINE, "line_id")


def write_geojson(proposal: Proposal, folder: Path) -> list[Path]:
    """Write placement.geojson, footprints.geojson and lines.geojson, each whole or not at all."""
    collections = [placement(proposal), footprints(proposal), lines(proposal)]
    return [
        write_text(Path(folder) / f"{collection['name']}.geojson", _text(collection))
        for collection in collections
    ]


def _collection(
    proposal: Proposal,
    name: str,
    layer: gpd.GeoDataFrame,
    columns: Iterable[str],
    id_column: str,
) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "name": name,
        "site": proposal.site.name,
        "layout": proposal.layout,
        "verdict": str(proposal.verdict.standing),
        "attribution": proposal.site.attribution,
        "sensitivity": SENSITIVITY,
        "features": list(features(layer, decimals=DECIMALS, columns=columns, id_column=id_column)),
    }


def _with_gaps(proposal: Proposal) -> gpd.GeoDataFrame:
    gaps = proposal.units[["line_id", "gap_before_mm", "gap_after_mm"]].groupby("line_id")
    ids = proposal.barriers["line_id"]
    return proposal.barriers.assign(
        narrowest_gap_mm=ids.map(gaps.min().min(axis=1)),
        widest_gap_mm=ids.map(gaps.max().max(axis=1)),
    )


def _text(collection: dict[str, Any]) -> str:
    """Return the collection with one feature a line, so that two files can be compared."""
    head = {key: value for key, value in collection.items() if key != "features"}
    opening = to_json(head)[:-1]
    rows = map(to_json, collection["features"])
    return f'{opening}, "features": [\n' + ",\n".join(rows) + "\n]}\n"
