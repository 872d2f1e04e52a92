"""The parts of a site in, what the planner must know of the data out, as report rows."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon

from sbd.site.carriageways import SCRAP_M2, SCRAP_WIDTH_M, TrimmedZone
from sbd.site.features import at_ground, is_area, is_line, is_one_of, is_point, tag
from sbd.site.openings import ARCHWAY_WIDTH_M, GATE_WIDTH_M
from sbd.site.report import Row, some_of
from sbd.site.solids import SMALL_BUILDING_M2, THIN_M, is_raised
from sbd.site.streets import CARRIAGEWAYS
from sbd.site.unknowns import missing_run_up


def source_rows(source: str, date: str, attribution: str, *, system: str) -> list[Row]:
    """Return where the data comes from and the system it is kept in."""
    return [
        Row("source", "data", source),
        Row("source", "date of the data", date),
        Row("source", "attribution", attribution),
        Row("source", "reference system", system),
    ]


def edge_rows(
    study: Polygon | MultiPolygon,
    zone: Polygon | MultiPolygon,
    entries: gpd.GeoDataFrame,
    *,
    margin_m: float,
) -> list[Row]:
    """Return where the data ends short of the margin, and which entries that cuts short."""
    missing = missing_run_up(study, zone, margin_m=margin_m)
    rows = [
        Row(
            "unknown",
            f"run-up from the {side}",
            f"the data ends {distance_m:.0f} m from the zone, {margin_m - distance_m:.0f} m short "
            f"of the {margin_m:g} m asked for; vehicles enter there at speed",
            round(margin_m - distance_m, 1),
        )
        for side, distance_m in zip(missing["side"], missing["distance_m"], strict=True)
    ]
    cut = entries[entries["unknown_run_up_m"].to_numpy() > 0.0]
    if len(cut):
        streets = list(dict.fromkeys(cut["street"]))
        rows.append(
            Row(
                "unknown",
                "entries at the edge of the data",
                f"{some_of(streets)}: up to {cut['unknown_run_up_m'].max():.0f} m of run-up "
                "beyond the data is unknown and counts as driven",
                float(len(cut)),
            )
        )
    return rows


def empty_rows(empty: pd.DataFrame) -> list[Row]:
    """Return the stretches of ground on which nothing is mapped."""
    return [
        Row(
            "unknown",
            f"ground without any mapped object to the {side}",
            f"{area_m2:.0f} m2, {distance_m:.0f} m from the zone: counts as drivable; "
            "water or a drop that is missing in the data would make the plan smaller",
            area_m2,
        )
        for side, distance_m, area_m2 in zip(
            empty["side"], empty["distance_m"], empty["area_m2"], strict=True
        )
    ]


def zone_rows(trimmed: TrimmedZone) -> list[Row]:
    """Return what the streets that stay open, islands and courtyards take of the zone."""
    left_m2, asked_m2 = trimmed.shape.area, trimmed.drivable_m2
    rows = [
        Row(
            "left_out",
            f"zone on {street}",
            f"{area_m2:.0f} m2 are carriageway that stays open; not protected",
            round(area_m2, 1),
        )
        for street, area_m2 in zip(trimmed.lost["street"], trimmed.lost["area_m2"], strict=True)
    ]
    if trimmed.scraps_m2 >= 1.0:
        rows.append(
            Row(
                "left_out",
                "zone on islands and verges",
                f"{trimmed.scraps_m2:.0f} m2 in pieces below "
                f"{SCRAP_M2:g} m2 or narrower than {SCRAP_WIDTH_M:g} m",
                round(trimmed.scraps_m2, 1),
            )
        )
    if trimmed.enclosed_m2 >= 1.0:
        rows.append(
            Row(
                "left_out",
                "zone in closed courtyards",
                f"{trimmed.enclosed_m2:.0f} m2 that no entry leads to; nothing is needed there",
                round(trimmed.enclosed_m2, 1),
            )
        )
    if left_m2 < 0.5 * asked_m2:
        rows.insert(
            0,
            Row(
                "left_out",
                "MORE THAN HALF OF THE ZONE",
                f"only {left_m2:.0f} of {asked_m2:.0f} m2 can be protected while these streets "
                "stay open; close some with --close, or draw the zone beside them",
                round(asked_m2 - left_m2, 1),
            ),
        )
    return rows


def street_rows(streets: gpd.GeoDataFrame) -> list[Row]:
    """Return which streets stay open, and how many widths are assumed."""
    kept = streets[streets["stays_open"].to_numpy(dtype=bool)]
    names = list(dict.fromkeys(name for name in kept["name"] if name))
    rows = []
    if len(kept):
        rows.append(
            Row("source", "streets that stay open", some_of(names) or "without names", len(kept))
        )
    if "width_from" in streets:
        roads = streets[streets["highway"].str.removesuffix("_link").isin(CARRIAGEWAYS)]
        assumed = roads["width_from"] == "assumed for its class"
        rows.append(
            Row(
                "unknown",
                "carriageway widths",
                f"{int(assumed.sum())} of {len(roads)} roads state neither width nor lanes: "
                "a usual width for the class; measure those beside the zone",
                float(assumed.sum()),
            )
        )
    return rows


def broken_building_rows(features: gpd.GeoDataFrame) -> list[Row]:
    """Return the buildings that are points or open lines: nobody knows their outline."""
    building = ~is_one_of(features, "building", ("", "no", "entrance")) & at_ground(features)
    rows = []
    for which, word in ((is_point(features), "points"), (is_line(features), "open lines")):
        found = features[building & which]
        if len(found):
            rows.append(
                Row(
                    "left_out",
                    f"buildings that are {word}",
                    f"{some_of(list(found['osm_id']))}: no outline, so they stop nothing",
                    float(len(found)),
                )
            )
    return rows


def visit_rows(
    solids: gpd.GeoDataFrame,
    furniture: gpd.GeoDataFrame,
    holes: gpd.GeoDataFrame,
    zone: Polygon | MultiPolygon,
    *,
    within_m: float,
) -> list[Row]:
    """Return what a site visit should measure; items near the zone are named first."""
    kind = furniture["kind"]
    walls = solids[solids["kind"].isin(["wall", "retaining_wall"])]
    archways = holes[holes["kind"] == "archway"]
    untagged = holes[holes["kind"] == "untagged archway"]
    in_walls = holes[holes["kind"].isin(["gate", "wall crossing"])]
    lists = [
        (
            "small buildings",
            furniture[kind == "small_building"],
            f"below {SMALL_BUILDING_M2:g} m2: count as light, stop nothing, anchor nothing",
        ),
        ("light buildings", furniture[kind == "light_building"], "count as furniture"),
        (
            "raised buildings",
            furniture[kind == "raised_building"],
            "start above the ground by their tags: passable beneath; check the clear height",
        ),
        (
            "existing bollards",
            furniture[kind == "bollard"],
            "unknown rating: count as passable; ask for the test certificate, fixed or removable",
        ),
        (
            "existing barriers, blocks and gates",
            furniture[(furniture["standing"] == "unknown rating") & (kind != "bollard")],
            "unknown rating: count as passable",
        ),
        (
            "archways",
            archways,
            f"passable, {ARCHWAY_WIDTH_M:g} m wide unless stated; measure width and height",
        ),
        (
            "roads drawn through buildings",
            untagged,
            "no archway is mapped; counts as one; check that it is there",
        ),
        (
            "openings in walls",
            in_walls,
            f"where a way crosses or a gate stands ({GATE_WIDTH_M:g} m unless stated)",
        ),
        (
            "walls",
            walls,
            f"count as solid, {THIN_M:g} m thick where drawn as a line; check height and strength",
        ),
        (
            "fountains and basins",
            furniture[kind.isin(["fountain", "pool"])],
            "depth unknown: count as passable",
        ),
    ]
    rows = (_visit_row(item, found, why, zone, within_m) for item, found, why in lists)
    return [row for row in rows if row is not None]


def overhang_rows(
    features: gpd.GeoDataFrame, zone: Polygon | MultiPolygon, *, within_m: float
) -> list[Row]:
    """Return building parts that start above the ground: arcades may be under them.

    Their outline counts as solid down to the ground, as most such parts are upper floors set
    back; an open arcade there errs to the unsafe side and has to be seen.
    """
    parts = features[
        ~is_one_of(features, "building:part", ("", "no"))
        & is_area(features)
        & is_raised(features)
        & is_one_of(features, "building", ("", "no"))
    ]
    near = parts[shapely.dwithin(parts.geometry.to_numpy(), zone, within_m)]
    why = "their building counts as solid down to the ground; look for arcades under them"
    row = _visit_row("building parts above the ground", near, why, zone, within_m)
    return [] if row is None else [row]


def closed_passages(features: gpd.GeoDataFrame) -> list[Row]:
    """Return how much is left out because it is not at ground level."""
    below = is_one_of(features, "tunnel", ("yes", "culvert")) & ~is_one_of(
        features, "highway", ("",)
    )
    if not below.any():
        return []
    names = [name for name in tag(features[below], "name") if name]
    note = "not at ground level: no run-up through them"
    if names:
        note += f" ({some_of(list(dict.fromkeys(names)))})"
    return [Row("left_out", "tunnels", note, float(below.sum()))]


def _visit_row(
    item: str,
    found: gpd.GeoDataFrame,
    why: str,
    zone: Polygon | MultiPolygon,
    within_m: float,
) -> Row | None:
    if found.empty:
        return None
    distance = shapely.distance(found.geometry.to_numpy(), zone)
    near = int((distance <= within_m).sum())
    order = np.argsort(distance, kind="stable")
    key = next(name for name in ("furniture_id", "osm_id", "solid_id") if name in found)
    labels = list(dict.fromkeys(found[key].to_numpy()[order]))
    note = f"{why}; {near} within {within_m:g} m of the zone; nearest {some_of(labels)}"
    return Row("visit", item, note, float(len(labels)))
