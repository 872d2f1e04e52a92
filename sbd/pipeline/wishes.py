"""Words and drawings of a planner -> PlanRequest."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import shapely

from sbd.catalogue.access_rules import access_rules
from sbd.errors import InputError
from sbd.model.request import Hand, PlanRequest
from sbd.model.site import Site
from sbd.model.words import DEFAULT_OPENABLE

# A wider clear gap may let a small car through: DfT/CPNI Traffic Advisory Leaflet 1/11.
GAP_LIMIT_M = 1.2
DEFAULT_REQUEST = PlanRequest(openable=DEFAULT_OPENABLE, gap_max_m=GAP_LIMIT_M)


def plan_request(
    request: PlanRequest = DEFAULT_REQUEST, *, country: str | None = None, **wishes: Any
) -> PlanRequest:
    """Return a request with some wishes changed.

    Parameters
    ----------
    request : PlanRequest
        To start from.
    country : str
        Whose rules of access hold; without it only the least gap for a wheelchair does.
    wishes
        Fields of `PlanRequest`; None leaves one as it is.

    Examples
    --------
    >>> plan_request(country="FR", openable=2).access.country
    'FR'
    """
    given = {name: value for name, value in wishes.items() if value is not None}
    if country is not None:
        given["access"] = access_rules(country)
    return replace(request, **given)


def with_rules(request: PlanRequest) -> PlanRequest:
    """Return a request with the strictest rules read, where it needs rules and names no country.

    How many people a metre of exit lets out is a country's figure.
    """
    if request.access is not None or not request.people:
        return request
    return replace(request, access=access_rules())


def planners_hand(
    site: Site,
    *,
    pinned: gpd.GeoDataFrame | None = None,
    forbidden: gpd.GeoDataFrame | None = None,
) -> Hand:
    """Return what the planner holds fixed, in the reference system of the site.

    Parameters
    ----------
    pinned : GeoDataFrame
        Footprints of units with their `product_id`, in any reference system.
    forbidden : GeoDataFrame
        Polygons on which nothing may stand.

    Raises
    ------
    InputError
        Shapes that are no polygons, units of no product, layers without a reference system.
    """
    ground = (
        None if forbidden is None else shapely.union_all(_polygons(forbidden, site, "forbidden"))
    )
    if pinned is None:
        return Hand(forbidden=ground)
    if "product_id" not in pinned:
        raise InputError("pinned: no column product_id; say of which product each unit is")
    return Hand(pinned=pinned.set_geometry(_polygons(pinned, site, "pinned")), forbidden=ground)


def _polygons(layer: gpd.GeoDataFrame, site: Site, name: str) -> gpd.GeoSeries:
    if layer.crs is None:
        raise InputError(f"{name}: no reference system; say which one the coordinates are in")
    shapes = layer.to_crs(site.crs).geometry
    wrong = ~shapes.geom_type.isin(("Polygon", "MultiPolygon")) | shapes.is_empty
    if wrong.any():
        raise InputError(
            f"{name}: {int(wrong.sum())} of {len(shapes)} shapes are no polygons; draw outlines"
        )
    return shapes
