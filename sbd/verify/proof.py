"""Site + footprints -> a certificate: why nothing gets in, for anybody to check without us.

The proof is a cut. Around the pieces of the zone run closed curves made of solids, units and gaps
no longer than the width; no source is left on the same side as the zone. `check_certificate.py`
checks it with shapely alone.
"""

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from sbd.errors import InputError
from sbd.model.site import Site
from sbd.progress import Progress, ignore
from sbd.verify.breach import Finding
from sbd.verify.case import Case, build_case
from sbd.verify.certificate import gap_table
from sbd.verify.check_certificate import seal
from sbd.verify.narrows import Floats, rooms_with

FORMAT, VERSION = "sbd-certificate", 1
# A gap belongs to a room where it is within this of the room's outline [m].
BESIDE_M = 1e-4
# Obstacles this far beyond a disc from the cut are listed too [m].
ROUND_M = 0.1


def certify(
    site: Site,
    footprints: gpd.GeoDataFrame,
    *,
    threat_width_m: float = 1.2,
    bound: Mapping[str, Any] | None = None,
    progress: Progress = ignore,
) -> dict[str, Any]:
    """Return the certificate of a layout that nothing of `threat_width_m` gets through, for JSON.

    Listed are the obstacles around the zone, every gap, and the zone and the sources as the judge
    sees them. Coordinates are in the reference system of the site, unrounded. The less is listed,
    the harder the proof: an obstacle left out closes nothing.

    Parameters
    ----------
    bound : mapping, optional
        A flow that shows how cheap a cut can be at best: `currency`, `source` and `sink` (nodes),
        `arcs` ([tail, head, capacity, flow] in whole numbers, and the ends of the chord where they
        are known), `value` (of the flow) and `cost` (of the plan). It is handed on and checked, not
        made here: the judge knows no costs.

    Raises
    ------
    InputError
        Something gets in, or the two methods disagree, so there is nothing to certify.
    """
    progress("certificate", 0.0, "judging")
    case = build_case(site, footprints, widest_m=threat_width_m)
    shut = case.find(threat_width_m)
    if shut.passes is not False:
        raise InputError(
            f"certificate: {case.words(shut, wanted=False)}; close the layout before certifying it"
        )
    bare = case.find(threat_width_m, case.none())
    progress("certificate", 0.7, "listing")
    certificate = {
        "format": FORMAT,
        "version": VERSION,
        "site": site.name,
        "attribution": site.attribution,
        "crs": pyproj.CRS(site.crs).to_string(),
        "width_m": threat_width_m,
        "closed_by_nature": bare.passes is False,
        **_cut(case, shut),
        "zone": [_json(piece) for piece in shut.zone],
        "sources": [_json(source) for source in case.arena.sources],
    }
    if bound is not None:
        certificate["bound"] = dict(bound)
    progress("certificate", 1.0, "done")
    return {**certificate, "sha256": seal(certificate)}


def _cut(case: Case, shut: Finding) -> dict[str, Any]:
    """Return the gaps and the obstacles that stand around the zone."""
    rooms, owners = shut.rooms, case.owners
    around = shapely.boundary(rooms.faces[rooms_with(rooms, shut.zone, shut.width_m)])
    # What the list of the verdict holds, and what parts the zone's rooms from the rest.
    listed = gap_table(case.arena, shut, owners, crs=pyproj.CRS(case.table.crs))
    lines = np.array([shapely.LineString(segment) for segment in rooms.segments], dtype=object)
    rows = shapely.STRtree(lines).query(around, predicate="dwithin", distance=BESIDE_M)[1]
    segments = [rooms.segments[row] for row in np.unique(rows)]
    segments += [shapely.get_coordinates(line) for line in listed.geometry]
    gaps = [_gap(case, segment) for segment in segments]
    gaps = list({tuple(map(tuple, gap["geometry"]["coordinates"])): gap for gap in gaps}.values())
    named = {(end["kind"], end["id"]) for gap in gaps for end in gap["between"]}
    reach_m = shut.width_m / 2 + ROUND_M
    near = set(
        shapely.STRtree(case.arena.solids)
        .query(np.concatenate([around, shut.zone]), predicate="dwithin", distance=reach_m)[1]
        .tolist()
    )
    # What stands outside the study area narrows nothing, as there all is unknown.
    standing = shapely.intersection(case.shapes, case.arena.study)
    obstacles = [
        ("unit", name, shape) for name, shape in zip(case.table["unit_id"], standing, strict=True)
    ]
    obstacles += [
        ("solid", name, shape)
        for row, (name, shape) in enumerate(
            zip(case.arena.solid_ids, case.arena.solids, strict=True)
        )
        if row in near or ("solid", name) in named
    ]
    obstacles.append(("rim", "rim", case.arena.rim))
    return {
        "obstacles": [
            {"kind": kind, "id": str(name), "geometry": _json(shape)}
            for kind, name, shape in obstacles
            if not shape.is_empty
        ],
        "gaps": [{"id": f"G{number}", **gap} for number, gap in enumerate(gaps, start=1)],
    }


def _gap(case: Case, segment: Floats) -> dict[str, Any]:
    """Return a gap between the outlines as drawn, with the names of both its owners."""
    owner, drawn = case.owners.of_points(segment)
    line = shapely.LineString(drawn)
    return {
        "width_m": float(line.length),
        "between": [_name(case, int(who)) for who in owner],
        "geometry": _json(line),
    }


def _name(case: Case, owner: int) -> dict[str, str]:
    if owner < 0:
        return {"kind": "rim", "id": "rim"}
    if owner < case.owners.units:
        return {"kind": "unit", "id": str(case.owners.names[owner])}
    return {"kind": "solid", "id": str(case.arena.solid_ids[owner - case.owners.units])}


def _json(shape: BaseGeometry) -> dict[str, Any]:
    # Through text and back: lists instead of tuples, as whoever reads the file gets them.
    found: dict[str, Any] = json.loads(json.dumps(mapping(shape)))
    return found
