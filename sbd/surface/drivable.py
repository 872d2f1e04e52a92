"""Site in, drivable surface out: where vehicles can be, and what they must not reach."""

import geopandas as gpd
import shapely
from shapely import MultiPolygon

from sbd.model.site import Site
from sbd.model.surface import DrivableSurface, Elevation
from sbd.site.carriageways import open_carriageways, trim_zone
from sbd.site.furniture import UNMOVABLE
from sbd.site.ground import free_ground
from sbd.site.shapes import GRID_M, only_polygons
from sbd.site.streets import CARRIAGEWAYS
from sbd.surface.paving import paving_table


def build_surface(site: Site, elevation: Elevation | None = None) -> DrivableSurface:
    """Return the ground of a site as vehicles see it.

    The ground is the study area less the solids, on a millimetre grid and without slivers below
    0.05 m2; furniture stays in it. The zone is cut down to drivable ground off the
    carriageways that stay open, without traffic islands and courtyards that nothing leads to.

    Parameters
    ----------
    elevation : Elevation or None
        Heights of the ground; None takes it for flat, which errs low where streets lead down to
        the zone and high where they lead up.

    Raises
    ------
    ZoneError
        Nothing of the zone is left to protect.
    """
    study = site.study_shape
    ground = free_ground(study, site.solids.geometry.to_numpy())
    carriageways = open_carriageways(site.streets, ground)
    trimmed = trim_zone(site.zone_shape, ground, carriageways, site.entries)
    return DrivableSurface(
        crs=site.crs,
        ground=ground,
        study_area=study,
        solids=_clipped(site.solids, study),
        zone=trimmed.shape,
        entries=site.entries,
        open_streets=carriageways,
        unmovable=site.furniture[site.furniture["kind"].isin(UNMOVABLE)].reset_index(drop=True),
        paving=paving_table(site),
        steps=site.steps,
        elevation=elevation,
        everyday_streets=_everyday(site, ground),
        place_rules=site.place_rules,
        desire_lines=site.desire_lines,
        deliveries=site.deliveries,
        crowds=site.crowds,
        demands=site.demands,
    )


def _everyday(site: Site, ground: MultiPolygon) -> gpd.GeoDataFrame:
    """Return the carriageways that do not stay open, as polygons; no footways and no rails."""
    kinds = site.streets["highway"].str.removesuffix("_link")
    driven = ~site.streets["stays_open"] & kinds.isin(CARRIAGEWAYS)
    return open_carriageways(site.streets[driven].assign(stays_open=True), ground)


def _clipped(solids: gpd.GeoDataFrame, study: shapely.Geometry) -> gpd.GeoDataFrame:
    shapes = only_polygons(
        shapely.intersection(solids.geometry.to_numpy(), study, grid_size=GRID_M)
    )
    cut = solids.set_geometry(gpd.GeoSeries(shapes, solids.index, crs=solids.crs))
    return cut[~shapely.is_empty(shapes)].reset_index(drop=True)
