"""Site, Assessment and Proposal with their verbs, for people who type.

The same nouns as in `sbd.model`; the verbs call `sbd.pipeline`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import folium
import geopandas as gpd
from matplotlib.axes import Axes

from sbd import pipeline
from sbd.catalogue.products import Product
from sbd.catalogue.vehicles import DEFAULT_VEHICLES
from sbd.errors import InputError
from sbd.export.corridor import Corridor, corridors_of
from sbd.export.formats import Format
from sbd.export.geopackage import write_assessment, write_proposal, write_site
from sbd.export.map import review_map
from sbd.export.plot import plot_assessment, plot_proposal, plot_site
from sbd.model import assessment as _assessment
from sbd.model import proposal as _proposal
from sbd.model import site as _site
from sbd.model.request import PlanRequest
from sbd.model.vehicle import Vehicle
from sbd.model.words import DEFAULT_MARGIN_M, DEFAULT_YEARS
from sbd.progress import Progress, ignore
from sbd.proposal.calendar import Calendar
from sbd.settings import Settings
from sbd.site import ZoneRequest
from sbd.sources import store
from sbd.sources.overpass import MapService

NounT = TypeVar("NounT")


class Site(_site.Site):
    """A place ready for assessment; see `sbd.model.site.Site` for its layers.

    Every constructor takes `margin_m` (how far around the zone run-ups are looked at), `crs` (an
    EPSG number; the UTM zone by default), `close` and `keep_open` (streets by name or OSM id).

    Examples
    --------
    >>> import sbd
    >>> sbd.Site.demo().crs.to_epsg()
    32635
    """

    __slots__ = ()

    @classmethod
    def from_osm_file(
        cls,
        path: str | Path,
        *,
        center: tuple[float, float] | None = None,
        radius_m: float | None = None,
        zone: gpd.GeoDataFrame | None = None,
        margin_m: float = DEFAULT_MARGIN_M,
        crs: str | int | None = None,
        close: Sequence[str] = (),
        keep_open: Sequence[str] = (),
        progress: Progress = ignore,
    ) -> "Site":
        """Return the site around a centre (latitude, longitude) or a drawn zone of an extract.

        A centre without a radius takes the square that is mapped there.
        """
        site = pipeline.site_from_extract(
            Path(path),
            zone_request(center=center, radius_m=radius_m, zone=zone),
            margin_m=margin_m,
            crs=crs,
            close=close,
            keep_open=keep_open,
            progress=progress,
        )
        return _as(cls, site)

    @classmethod
    def from_place(
        cls,
        text: str,
        *,
        radius_m: float | None = None,
        margin_m: float = DEFAULT_MARGIN_M,
        crs: str | int | None = None,
        close: Sequence[str] = (),
        keep_open: Sequence[str] = (),
        progress: Progress = ignore,
    ) -> "Site":
        """Return the site of a named place, from the map services or their cache.

        Raises SourceError where neither answers.
        """
        service = MapService.from_settings(Settings.from_environment())
        site = pipeline.site_from_service(
            pipeline.place_request(text, service, radius_m=radius_m),
            service,
            margin_m=margin_m,
            crs=crs,
            close=close,
            keep_open=keep_open,
            progress=progress,
        )
        return _as(cls, site)

    @classmethod
    def from_polygon(
        cls,
        zone: gpd.GeoDataFrame | gpd.GeoSeries,
        *,
        extract: str | Path | None = None,
        margin_m: float = DEFAULT_MARGIN_M,
        crs: str | int | None = None,
        close: Sequence[str] = (),
        keep_open: Sequence[str] = (),
        progress: Progress = ignore,
    ) -> "Site":
        """Return the site around a drawn polygon, from an extract or from the map services."""
        request = ZoneRequest.drawn(zone)
        if extract is not None:
            site = pipeline.site_from_extract(
                Path(extract),
                request,
                margin_m=margin_m,
                crs=crs,
                close=close,
                keep_open=keep_open,
                progress=progress,
            )
        else:
            site = pipeline.site_from_service(
                request,
                MapService.from_settings(Settings.from_environment()),
                margin_m=margin_m,
                crs=crs,
                close=close,
                keep_open=keep_open,
                progress=progress,
            )
        return _as(cls, site)

    @classmethod
    def from_layers(
        cls,
        path: str | Path,
        *,
        margin_m: float = DEFAULT_MARGIN_M,
        crs: str | int | None = None,
        close: Sequence[str] = (),
        keep_open: Sequence[str] = (),
        progress: Progress = ignore,
    ) -> "Site":
        """Return the site of a city's own layers: a GeoPackage or a folder of GeoJSON."""
        site = pipeline.site_from_layers(
            Path(path),
            margin_m=margin_m,
            crs=crs,
            close=close,
            keep_open=keep_open,
            progress=progress,
        )
        return _as(cls, site)

    @classmethod
    def demo(cls, place: str = "rautatientori") -> "Site":
        """Return a shipped place, which needs no file and no network."""
        return _as(cls, pipeline.site_demo(place))

    @classmethod
    def read(cls, path: str | Path) -> "Site":
        """Return the site of a SITE.gpkg."""
        return _as(cls, store.read_site(Path(path)))

    def write(self, path: str | Path) -> None:
        """Write a SITE.gpkg."""
        write_site(self, Path(path))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Return a plain picture of the site."""
        return plot_site(self, ax=ax)


class Assessment(_assessment.Assessment):
    """Speeds along the outline of a zone; see `sbd.model.assessment.Assessment`."""

    __slots__ = ()

    @classmethod
    def read(cls, path: str | Path) -> "Assessment":
        """Return the assessment of an ASSESSMENT.gpkg, without its speed fields."""
        return _as(cls, store.read_assessment(Path(path)))

    def write(self, path: str | Path) -> None:
        """Write an ASSESSMENT.gpkg."""
        write_assessment(self, Path(path))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Return a plain picture of the speeds and the approaches."""
        return plot_assessment(self, ax=ax)

    def approaches(self) -> list[Corridor]:
        """Return the approaches, hardest first, each with its profile and a `plot()`."""
        return corridors_of(self)

    def write_rasters(self, folder: str | Path) -> list[Path]:
        """Write highest speed and energy of each vehicle as GeoTIFFs; return the paths."""
        return pipeline.write_rasters(self, Path(folder))


class Proposal(_proposal.Proposal):
    """A plan with its verdict; see `sbd.model.proposal.Proposal`."""

    __slots__ = ()

    @classmethod
    def read(cls, path: str | Path) -> "Proposal":
        """Return the proposal of a PROPOSAL.gpkg."""
        return _as(cls, store.read_proposal(Path(path)))

    def write(self, path: str | Path) -> None:
        """Write a PROPOSAL.gpkg."""
        write_proposal(self, Path(path))

    def export(self, folder: str | Path, *, formats: Iterable[str] = tuple(Format)) -> list[Path]:
        """Write the files of the plan into a folder; return their paths."""
        return pipeline.export(self, Path(folder), formats=formats)

    def explore(self) -> folium.Map:
        """Return the review map, which a notebook shows in place."""
        return review_map(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Return a plain picture of the plan."""
        return plot_proposal(self, ax=ax)

    def summary(self) -> dict[str, Any]:
        """Return the figures of the plan, units in the names."""
        return pipeline.summary(self)


def assess(  # noqa: PLR0913  # the settings of a field, each by its name
    site: _site.Site,
    *,
    vehicles: Sequence[str | Vehicle] = DEFAULT_VEHICLES,
    entry_speed_kmh: float | None = None,
    resolution_m: float = 0.5,
    headings: int = 64,
    drive: str = "detailed",
    grip: str = "design",
    max_approach_m: float | None = None,
    speed_limit_kmh: float | None = None,
    heights: str | Path | None = None,
    progress: Progress = ignore,
) -> Assessment:
    """Return which vehicle can reach each metre of the zone's outline, how fast and from where.

    Parameters
    ----------
    vehicles : classes or Vehicles
        ISO 22343-1 classes such as "N2A", or a city's own vehicles.
    entry_speed_kmh : float
        Speed over the rim of the study area; each vehicle's own default otherwise.
    resolution_m : float
        Cell size of the field: 0.5 or 1.
    headings : int
        Headings of the lattice: 32 or 64.
    drive : str
        "detailed" (power, rolling, air drag) or "screening" (constant acceleration).
    grip : str
        "design"; "surface" and "wet" are scenarios, and less safe.
    max_approach_m, speed_limit_kmh : float
        Scenarios, and less safe: only so much run-up counts, nobody drives faster.
    heights : path
        GeoTIFF with the heights of the ground; flat without it.
    """
    found = pipeline.assess(
        site,
        vehicles=vehicles,
        entry_speed_kmh=entry_speed_kmh,
        resolution_m=resolution_m,
        headings=headings,
        drive=drive,
        grip=grip,
        max_approach_m=max_approach_m,
        speed_limit_kmh=speed_limit_kmh,
        heights=None if heights is None else Path(heights),
        progress=progress,
    )
    return _as(Assessment, found)


def sensitivity(
    site: _site.Site,
    *,
    vehicles: Sequence[str | Vehicle] = DEFAULT_VEHICLES,
    resolution_m: float = 0.5,
    headings: int = 64,
    heights: str | Path | None = None,
    progress: Progress = ignore,
) -> pipeline.Sensitivity:
    """Return how far speeds move when an input is off, and the five places to measure first.

    Of the vehicle with the highest energy; give one class to ask about that one.
    """
    return pipeline.sensitivity(
        site,
        vehicles=vehicles,
        resolution_m=resolution_m,
        headings=headings,
        heights=None if heights is None else Path(heights),
        progress=progress,
    )


def propose(  # noqa: PLR0913  # each by its name
    site: _site.Site,
    assessment: _assessment.Assessment | None = None,
    request: PlanRequest | None = None,
    *,
    vehicles: Sequence[str | Vehicle] | None = None,
    products: Sequence[Product] | None = None,
    calendar: Calendar | None = None,
    years: int = DEFAULT_YEARS,
    reasons: bool = False,
    heights: str | Path | None = None,
    progress: Progress = ignore,
    **wishes: Any,
) -> Proposal:
    """Return a plan with the verdict of the independent judge.

    Wishes are the fields of `sbd.PlanRequest`, such as `layout="temporary"` or `openable=2`; given
    as well as `request` they change it. `products` is a city's own list; with a `calendar` of
    events the plan is the cheapest over its years, and "mixed" needs one; with `reasons` each line
    says why it stands there; `heights` are those of an assessment that was read from a file.
    `country="FR"` takes a country's rules of access. Raises InfeasiblePlanError where there is no
    plan.
    """
    found = pipeline.propose(
        site,
        assessment,
        pipeline.plan_request(request or pipeline.DEFAULT_REQUEST, **wishes),
        vehicles=vehicles,
        products=products,
        calendar=calendar,
        years=years,
        reasons=reasons,
        heights=None if heights is None else Path(heights),
        progress=progress,
    )
    return _as(Proposal, found)


def open_point(
    site: _site.Site,
    assessment: _assessment.Assessment,
    point: pipeline.FrontPoint,
    *,
    budget: float | None = None,
    products: Sequence[Product] | None = None,
    heights: str | Path | None = None,
    progress: Progress = ignore,
) -> Proposal:
    """Return the proposal of a point of `sbd.front`: its plan with units and a verdict.

    `assessment` is the one that the front was made with, `budget` what the units may cost. Raises
    InfeasiblePlanError where the units don't fit or cost more.
    """
    found = pipeline.open_point(
        site,
        assessment,
        point,
        budget=budget,
        products=products,
        heights=None if heights is None else Path(heights),
        progress=progress,
    )
    return _as(Proposal, found)


def zone_request(
    *,
    center: tuple[float, float] | None,
    radius_m: float | None,
    zone: gpd.GeoDataFrame | None,
) -> ZoneRequest:
    """Return the request that a centre, a radius and a drawn zone make together."""
    if zone is None:
        return ZoneRequest(center=center, radius_m=radius_m)
    if center is not None or radius_m is not None:
        raise InputError("zone: a polygon and a centre or radius; give one way to say where it is")
    return ZoneRequest.drawn(zone)


def _as(kind: type[NounT], noun: Any) -> NounT:
    """Return `noun` as its class with verbs."""
    return kind(**{field.name: getattr(noun, field.name) for field in fields(noun)})
