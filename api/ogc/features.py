"""The addresses of OGC API - Features: parse, look, present."""

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from api.auth.audit import entry_of
from api.auth.gate import gate_of
from api.auth.permissions import Need, projects_with
from api.auth.principal import Asking
from api.ogc import pages
from api.ogc.answers import UNCHANGED, answer, root_of
from api.ogc.asked import check_words, item_asked, items_asked, part_asked
from api.ogc.description import (
    COLLECTION_WORDS,
    CRS,
    FORMAT,
    ITEM_WORDS,
    description,
    in_fastapi,
)
from api.ogc.holdings import (
    MOST_PLANS,
    PLANS_OF_A_PAGE,
    Holding,
    Readable,
    holding,
    layers_of_newest,
    whole_collections,
)
from api.ogc.items import item, items
from api.ogc.logged import tell
from api.ogc.pages import GEOJSON, OPENAPI
from api.schemas import Problem

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A word of the query is wrong", "model": Problem},
    401: {"description": "Not signed in", "model": Problem},
}
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "Not there", "model": Problem}}

_SHAPES: dict[int | str, dict[str, Any]] = {
    200: {"content": {GEOJSON: {"schema": {"type": "object"}}}},
    **_MISSING,
}


router = APIRouter(responses={**_REFUSALS, **UNCHANGED})


def _reading(request: Request) -> Iterator[Session]:
    with gate_of(request).database.reading() as session:
        yield session


def _readable(principal: Asking) -> Readable:
    return projects_with(principal, Need.READ)


Reading = Annotated[Session, Depends(_reading)]
Own = Annotated[Readable, Depends(_readable)]


@router.get("", summary="Landing page", openapi_extra=in_fastapi([FORMAT]))
def get_landing(request: Request) -> Response:
    """Lead to the description, the conformance and the collections."""
    check_words(request.query_params, ())
    return answer(request, pages.landing(root_of(request)))


@router.get(
    "/api",
    summary="Description for OGC clients",
    response_class=Response,
    responses={200: {"content": {OPENAPI: {"schema": {"type": "object"}}}}},
    openapi_extra=in_fastapi([FORMAT]),
)
def get_description(request: Request) -> Response:
    """Describe these addresses in OpenAPI 3.0, which such clients read."""
    check_words(request.query_params, ())
    return answer(request, description(root_of(request)), OPENAPI)


@router.get("/conformance", summary="Conformance", openapi_extra=in_fastapi([FORMAT]))
def get_conformance(request: Request) -> Response:
    """List the parts of the standards that are kept."""
    check_words(request.query_params, ())
    return answer(request, pages.conformance())


@router.get("/collections", summary="Collections", openapi_extra=in_fastapi(COLLECTION_WORDS))
def get_collections(request: Request, session: Reading, own: Own) -> Response:
    """List sites, plans, and the layers of each proposal's newest plan: of so many plans a page."""
    query = request.query_params
    limit, offset = part_asked(query, usual=PLANS_OF_A_PAGE, most=MOST_PLANS)
    layers, has_more = layers_of_newest(session, own, offset=offset, limit=limit)
    wholes = [*(whole_collections(session, own) if offset == 0 else []), *layers]
    here = f"{root_of(request)}/collections"
    links = pages.part_links(here, query, offset, limit, has_more=has_more)
    return answer(request, pages.collections(root_of(request), wholes, links))


@router.get(
    "/collections/{collection_id}",
    summary="A collection",
    responses=_MISSING,
    openapi_extra=in_fastapi([FORMAT]),
)
def get_collection(request: Request, session: Reading, own: Own, collection_id: str) -> Response:
    """Tell its extent and the systems that it can be asked for in."""
    check_words(request.query_params, ())
    tell(entry_of(request), session, own, collection_id)
    whole = holding(session, own, collection_id)
    return answer(request, pages.collection(root_of(request), whole))


@router.get(
    "/collections/{collection_id}/items",
    summary="Items of a collection",
    response_class=Response,
    responses=_SHAPES,
    openapi_extra=in_fastapi(ITEM_WORDS),
)
def get_items(request: Request, session: Reading, own: Own, collection_id: str) -> Response:
    """Give a page of the items that match, as GeoJSON."""
    tell(entry_of(request), session, own, collection_id)
    whole = _asked_of(request, session, own, collection_id)
    asked = items_asked(request.query_params, whole.systems)
    rows, matched = items(session, own, whole, asked)
    words = {**request.query_params, "offset": str(asked.offset + len(rows))}
    here = f"{root_of(request)}/collections/{collection_id}/items"
    page = pages.items(
        root_of(request),
        whole,
        rows,
        matched,
        asked,
        here=f"{here}?{request.query_params}".rstrip("?"),
        behind=f"{here}?{urlencode(words)}",
    )
    return answer(request, page, GEOJSON, system=asked.system, is_stamped=True)


@router.get(
    "/collections/{collection_id}/items/{feature_id}",
    summary="An item",
    response_class=Response,
    responses=_SHAPES,
    openapi_extra=in_fastapi([CRS, FORMAT]),
)
def get_item(
    request: Request, session: Reading, own: Own, collection_id: str, feature_id: str
) -> Response:
    """Give one item, as GeoJSON."""
    tell(entry_of(request), session, own, collection_id, feature_id)
    whole = _asked_of(request, session, own, collection_id)
    asked = item_asked(request.query_params, whole.systems)
    row = item(session, own, whole, feature_id)
    here = f"{root_of(request)}/collections/{collection_id}/items/{row.item_id}"
    page = pages.one_item(root_of(request), whole, row, asked, here=here)
    return answer(request, page, GEOJSON, system=asked.system)


def _asked_of(request: Request, session: Session, own: Own, collection_id: str) -> Holding:
    """Return a collection with what is needed to read its items."""
    names_system = bool({"crs", "bbox-crs"} & request.query_params.keys())
    return holding(session, own, collection_id, with_bounds=False, with_systems=names_system)
