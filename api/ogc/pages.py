"""Collections and items in, the JSON of OGC API - Features out, with its links."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import shapely.geometry
from starlette.datastructures import QueryParams

from api.ogc.asked import Asked
from api.ogc.holdings import Holding
from api.ogc.items import Row
from api.ogc.systems import CRS84, as_asked

JSON, GEOJSON = "application/json", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"

_CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    f"{_CORE}/core",
    f"{_CORE}/oas30",
    f"{_CORE}/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)

_REL = "http://www.opengis.net/def/rel/ogc/1.0/"

Page = dict[str, Any]


def link(href: str, rel: str, media_type: str = JSON, title: str | None = None) -> Page:
    """Return a link as the standard writes it."""
    made = {"href": href, "rel": rel, "type": media_type}
    return made if title is None else {**made, "title": title}


def part_links(
    here: str, query: QueryParams, offset: int, limit: int, *, has_more: bool
) -> list[Page]:
    """Return the links of a part of a list: to itself, and to the next one where there is one."""
    links = [link(f"{here}?{query}".rstrip("?"), "self")]
    if has_more:
        words = {**query, "offset": str(offset + limit)}
        links.append(link(f"{here}?{urlencode(words)}", "next"))
    return links


def landing(root: str) -> Page:
    """Return the page that leads to all others."""
    return {
        "title": "sbd: protection of public squares",
        "description": "Sites and plans of the projects that you may read. Restricted.",
        "links": [
            link(root, "self", title="This page"),
            link(f"{root}/api", "service-desc", OPENAPI, "The service's description"),
            link(f"{root}/conformance", "conformance", title="What is conformed to"),
            link(f"{root}/collections", "data", title="Collections"),
            link(f"{root}/processes", f"{_REL}processes", title="Processes"),
            link(f"{root}/jobs", f"{_REL}job-list", title="Jobs of processes"),
        ],
    }


def conformance() -> Page:
    """Return which parts of the standards are kept."""
    return {"conformsTo": list(CONFORMS_TO)}


def collection(root: str, whole: Holding) -> Page:
    """Return a collection with its extent, systems and links."""
    href = f"{root}/collections/{quote(whole.collection_id)}"
    extent: Page = {"temporal": {"interval": [[_time(whole.since), None]]}}
    if whole.bounds is not None:
        extent["spatial"] = {"bbox": [list(whole.bounds)], "crs": CRS84}
    return {
        "id": whole.collection_id,
        "title": whole.title,
        "description": whole.about,
        "itemType": "feature",
        "extent": extent,
        "crs": list(whole.systems),
        "storageCrs": CRS84,
        "links": [
            link(href, "self", title=whole.title),
            link(f"{href}/items", "items", GEOJSON, f"{whole.title}: items"),
        ],
    }


def collections(root: str, wholes: list[Holding], links: list[Page]) -> Page:
    """Return a part of the list of collections."""
    return {"links": links, "collections": [collection(root, whole) for whole in wholes]}


def feature(row: Row, system: str) -> Page:
    """Return an item as GeoJSON in a system, in the order of that system's axes."""
    (shape,) = as_asked([row.shape], system)
    return {
        "type": "Feature",
        "id": row.item_id,
        "geometry": shapely.geometry.mapping(shape),
        "properties": row.properties,
    }


def items(  # a page of items is made of all of these
    root: str,
    whole: Holding,
    rows: list[Row],
    matched: int,
    asked: Asked,
    *,
    here: str,
    behind: str,
) -> Page:
    """Return a page of items; `here` is its own address and `behind` that of the next one."""
    links = [
        link(here, "self", GEOJSON),
        link(f"{root}/collections/{quote(whole.collection_id)}", "collection"),
    ]
    if asked.offset + len(rows) < matched and rows:
        links.append(link(behind, "next", GEOJSON))
    return {
        "type": "FeatureCollection",
        "links": links,
        "numberMatched": matched,
        "numberReturned": len(rows),
        "features": [feature(row, asked.system) for row in rows],
    }


def one_item(root: str, whole: Holding, row: Row, asked: Asked, *, here: str) -> Page:
    """Return one item with its links."""
    links = [
        link(here, "self", GEOJSON),
        link(f"{root}/collections/{quote(whole.collection_id)}", "collection"),
    ]
    return {**feature(row, asked.system), "links": links}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
