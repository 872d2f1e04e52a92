"""Raw layers and a request in, a Site out: the order of the steps, on one screen."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import pyproj
import shapely
from shapely import MultiPolygon, Polygon

from sbd.errors import ExtractError, ZoneError
from sbd.geometry.crs import WGS84
from sbd.model import tables
from sbd.model.raw import RawLayers
from sbd.model.site import Site
from sbd.model.words import DEFAULT_MARGIN_M
from sbd.progress import Progress, ignore
from sbd.site.below import deep_voids
from sbd.site.carriageways import TrimmedZone, open_carriageways, trim_zone
from sbd.site.closing import mark_open
from sbd.site.coast import sea
from sbd.site.demands import demand_table
from sbd.site.desire_lines import desire_line_table
from sbd.site.entries import entry_table
from sbd.site.features import project, tag, touching
from sbd.site.findings import (
    broken_building_rows,
    closed_passages,
    edge_rows,
    empty_rows,
    overhang_rows,
    source_rows,
    street_rows,
    visit_rows,
    zone_rows,
)
from sbd.site.furniture import furniture_table
from sbd.site.ground import free_ground, surface_table
from sbd.site.openings import cut_openings
from sbd.site.place_rules import place_rule_table, tactile_without_place
from sbd.site.report import Row, report_table
from sbd.site.request import ZoneRequest, check_margin
from sbd.site.rule_findings import desire_rows, mapped_rule_rows, utility_plan_rows
from sbd.site.shapes import GRID_M, on_grid, only_polygons, within
from sbd.site.solids import drops, solid_buildings, walls, waters
from sbd.site.steps import find_steps, step_rows
from sbd.site.streets import street_table, way_lines
from sbd.site.system import metric_system
from sbd.site.unknowns import empty_ground
from sbd.site.walks import walking_lines
from sbd.site.zone import find_zone

log = logging.getLogger(__name__)

# Solids reach this far past the rim, so that the rim cuts them cleanly.
RIM_OVERLAP_M = 2.0

# Between the zone and where vehicles come in there must be room for a barrier.
LEAST_ROOM_M = 1.0

# Things to check on a visit are counted within this distance of the zone.
VISIT_REACH_M = 50.0


# Nearer to the edge of the data there is hardly room for a barrier, and nothing is known of the
# vehicles that come over the edge but the speed that is assumed of them.
LEAST_DATA_AROUND_M = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The zone and the ground that is looked at around it."""

    name: str
    zone: gpd.GeoDataFrame
    zone_shape: Polygon | MultiPolygon
    study: Polygon | MultiPolygon
    margin_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """All that stands, runs and opens around a zone, before entries are found and it is trimmed.

    Entries that are None are still to find; so are desire lines, along `walks`.
    """

    solids: gpd.GeoDataFrame
    furniture: gpd.GeoDataFrame
    ground: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    ways: gpd.GeoDataFrame
    demands: gpd.GeoDataFrame
    steps: gpd.GeoDataFrame
    place_rules: gpd.GeoDataFrame
    walks: gpd.GeoDataFrame | None = None
    desire_lines: gpd.GeoDataFrame | None = None
    deliveries: gpd.GeoDataFrame | None = None
    crowds: gpd.GeoDataFrame | None = None
    entries: gpd.GeoDataFrame | None = None


def build_site(
    raw: RawLayers,
    request: ZoneRequest,
    *,
    margin_m: float = DEFAULT_MARGIN_M,
    crs: str | int | None = None,
    close: Iterable[str] = (),
    keep_open: Iterable[str] = (),
    progress: Progress = ignore,
) -> Site:
    """Return the site around a zone from OpenStreetMap features.

    Parameters
    ----------
    margin_m : float
        How far around the zone run-ups are looked at [m]; less where the data ends.
    crs : EPSG number or PROJ text
        Metric reference system of every layer; by default the UTM zone of the place.
    close, keep_open : names or ids ("way/123") of streets
        What the planner decides otherwise than the default, street by street.

    Raises
    ------
    ZoneError
        The zone can't be used: empty, outside the data, all of it, on buildings or streets that
        stay open only, out of reach of every vehicle, or with no street or no solid near it.
    ExtractError
        The data holds no building at all.
    CrsError, InputError
        The reference system, the margin or a street's name can't be used.
    """
    check_margin(margin_m)
    _require_buildings(raw)
    progress("site", 0.05, "projecting the features")
    place = request.place_wgs84() or raw.covered.representative_point()
    system = metric_system(crs, place)
    features = project(raw.features, system)
    covered = gpd.GeoSeries([raw.covered], crs=WGS84).to_crs(system).iloc[0]
    zone = find_zone(request, features, covered)
    _require_data_around(zone.shape, covered, raw.source)
    frame = make_frame(
        zone.name,
        gpd.GeoDataFrame(
            {"zone_id": [zone.zone_id], "name": [zone.name]}, geometry=[zone.shape], crs=system
        ),
        covered,
        margin_m=margin_m,
    )
    near = touching(features, shapely.buffer(frame.study, RIM_OVERLAP_M))
    progress("site", 0.25, f"{len(near)} features around {zone.name}")
    ways = way_lines(near)
    solids, holes = _solids(near, ways, frame.study)
    progress("site", 0.45, f"{len(solids)} solids")
    streets = street_table(ways, frame.study, solids.geometry.to_numpy())
    steps = find_steps(near, ways, frame.study)
    around = Surroundings(
        solids=solids,
        furniture=furniture_table(near, frame.study),
        ground=surface_table(near, frame.study),
        streets=mark_open(streets, close=close, keep_open=keep_open),
        # A high bridge says nothing of the ground that it passes over.
        ways=ways[~ways["high"].to_numpy()],
        demands=demand_table(near, frame.zone_shape),
        steps=steps.table,
        place_rules=place_rule_table(near, frame.study, solids.geometry.to_numpy()),
        walks=walking_lines(ways, near),
    )
    progress("site", 0.6, f"{len(streets)} streets")
    rows = [
        *source_rows(raw.source, raw.date, raw.attribution, system=_name_of(system)),
        *broken_building_rows(near),
        *closed_passages(near),
        *overhang_rows(near, frame.zone_shape, within_m=VISIT_REACH_M),
        *step_rows(steps),
        *visit_rows(solids, around.furniture, holes, frame.zone_shape, within_m=VISIT_REACH_M),
        *mapped_rule_rows(
            around.place_rules,
            deep=deep_voids(near),
            tactile=tactile_without_place(near),
        ),
    ]
    return assemble(
        frame,
        around,
        rows,
        before=raw.repairs,
        objects=near,
        attribution=raw.attribution,
        progress=progress,
    )


def make_frame(
    name: str,
    zone: gpd.GeoDataFrame,
    covered: Polygon | MultiPolygon,
    *,
    margin_m: float,
) -> Frame:
    """Return the zone with its study area: the zone grown by the margin, where there is data."""
    shape = shapely.set_precision(shapely.union_all(zone.geometry.to_numpy()), GRID_M)
    grown = shapely.buffer(shape, margin_m)
    # An extract may be in several pieces; only what touches the zone can be driven from.
    pieces = shapely.get_parts(within(grown, covered))
    study = shapely.union_all(pieces[shapely.intersects(pieces, shape)])
    return Frame(name=name, zone=zone, zone_shape=shape, study=study, margin_m=margin_m)


def assemble(
    frame: Frame,
    around: Surroundings,
    rows: Sequence[Row],
    *,
    before: pd.DataFrame,
    objects: gpd.GeoDataFrame | None,
    attribution: str,
    progress: Progress = ignore,
) -> Site:
    """Return the site with its entries, after checking that there is something to protect.

    `objects` are the mapped features that tell empty ground from unknown ground; None where the
    layers are a city's own, which map no small objects.
    """
    shapes = around.solids.geometry.to_numpy()
    _require_streets_and_solids(frame, around)
    ground = free_ground(frame.study, shapes)
    progress("site", 0.75, "finding where vehicles come in")
    entries = around.entries
    if entries is None:
        entries = entry_table(
            frame.study, frame.zone_shape, ground, shapes, around.ways, margin_m=frame.margin_m
        )
    carriageways = open_carriageways(around.streets, ground)
    trimmed = trim_zone(frame.zone_shape, ground, carriageways, entries)
    _require_room(trimmed, entries)
    progress("site", 0.85, "finding where people walk in")
    desired = around.desire_lines
    if desired is None and around.walks is not None:
        desired = desire_line_table(around.walks, trimmed.shape, frame.study)
    progress("site", 0.9, "writing the data report")
    found = [*rows, *zone_rows(trimmed), *street_rows(around.streets)]
    found += [
        *desire_rows(desired),
        *utility_plan_rows(around.place_rules, own=objects is None),
    ]
    if around.entries is None:
        found += edge_rows(frame.study, frame.zone_shape, entries, margin_m=frame.margin_m)
    if objects is not None:
        found += empty_rows(empty_ground(ground, objects, frame.zone_shape))
    system = pyproj.CRS(frame.zone.crs)
    log.info(
        "site %s: %d solids, %d streets, %d entries, %.0f of %.0f m2 to protect",
        frame.name,
        len(around.solids),
        len(around.streets),
        len(entries),
        trimmed.shape.area,
        trimmed.drivable_m2,
    )
    site = Site(
        name=frame.name,
        zone=frame.zone,
        solids=_contract(around.solids, tables.SOLIDS, "name"),
        furniture=_contract(around.furniture, tables.FURNITURE, "name", "tags"),
        ground=_contract(around.ground, tables.GROUND),
        steps=_contract(around.steps, tables.STEPS),
        streets=_contract(around.streets, tables.STREETS, "width_from", "surface"),
        entries=_contract(entries, tables.ENTRIES, "distance_m", "unknown_run_up_m"),
        demands=_contract(around.demands, tables.DEMANDS),
        place_rules=_contract(around.place_rules, tables.PLACE_RULES, "source"),
        desire_lines=desired,
        deliveries=around.deliveries,
        crowds=around.crowds,
        study_area=gpd.GeoDataFrame({"name": [frame.name]}, geometry=[frame.study], crs=system),
        report=report_table(found, before),
        attribution=attribution,
    )
    progress("site", 1.0, frame.name)
    return site


def _solids(
    near: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, study: Polygon | MultiPolygon
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the solids of the study area with their openings, and the openings."""
    overlap = shapely.buffer(study, RIM_OVERLAP_M)
    kinds = [solid_buildings(near), walls(near), waters(near), sea(near, overlap), drops(near)]
    found = pd.concat([layer for layer in kinds if len(layer)] or kinds[:1], ignore_index=True)
    found = found.drop_duplicates("solid_id")
    shapes = only_polygons(shapely.intersection(found.geometry.to_numpy(), overlap))
    found = found.set_geometry(gpd.GeoSeries(shapes, found.index, crs=near.crs))
    cut, holes = cut_openings(found[~shapely.is_empty(shapes)], ways, near)
    snapped = on_grid(cut.geometry.to_numpy())
    cut = cut.set_geometry(gpd.GeoSeries(snapped, cut.index, crs=near.crs))
    return cut[shapely.intersects(snapped, study)].reset_index(drop=True), holes


def _contract(layer: gpd.GeoDataFrame, schema: object, *extra: str) -> gpd.GeoDataFrame:
    """Return the columns of the contract and the few beyond it that later stages may read."""
    wanted = [name for name in schema.columns if name != "geometry"]  # type: ignore[attr-defined]  # a pandera schema, untyped
    names = [*wanted, *(name for name in extra if name in layer), "geometry"]
    return layer[names].reset_index(drop=True)


def _require_buildings(raw: RawLayers) -> None:
    if not (tag(raw.features, "building") != "").any():
        raise ExtractError(
            f"{raw.source}: no building among its {len(raw.features)} features, so nothing that "
            "a barrier could be anchored on; give an extract with buildings"
        )


def _require_data_around(
    shape: Polygon | MultiPolygon, covered: Polygon | MultiPolygon, source: str
) -> None:
    """Raise ZoneError where the data ends so near that neither run-up nor barrier has a place."""
    edge_m = float(shapely.distance(shape, shapely.boundary(covered)))
    if edge_m < LEAST_DATA_AROUND_M:
        raise ZoneError(
            f"zone: {edge_m:.0f} m from the edge of the data of {source}, at least "
            f"{LEAST_DATA_AROUND_M:g} m are needed for the barriers alone; take a larger extract"
        )


def _require_streets_and_solids(frame: Frame, around: Surroundings) -> None:
    reach = f"within {frame.margin_m:g} m of {frame.name}"
    if around.streets.empty:
        raise ZoneError(f"zone: no street {reach}; widen the margin, or check where the zone is")
    if around.solids.empty:
        raise ZoneError(
            f"zone: no building, wall or water {reach}, so nothing that a barrier could be "
            "anchored on; widen the margin or give the solids as layers"
        )


def _require_room(trimmed: TrimmedZone, entries: gpd.GeoDataFrame) -> None:
    distance = shapely.distance(entries.geometry.to_numpy(), trimmed.shape)
    if len(distance) and distance.min() < LEAST_ROOM_M:
        street = entries["street"].iloc[int(distance.argmin())]
        raise ZoneError(
            f"zone: it comes within {distance.min():.1f} m of the edge of the data ({street}), "
            f"and a barrier needs {LEAST_ROOM_M:g} m between; draw it smaller or give a larger "
            "extract"
        )


def _name_of(system: pyproj.CRS) -> str:
    return f"{system.to_string()} ({system.name})"
