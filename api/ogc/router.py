"""The addresses of OGC API - Features: parse, look, present."""

import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from api.auth.gate import gate_of
from api.auth.permissions import Need, projects_with
from api.auth.principal import Asking
from api.ogc import pages
from api.ogc.asked import check_words, item_asked, items_asked, offset_asked
from api.ogc.description import CRS, FORMAT, ITEM_WORDS, OFFSET, description, in_fastapi
from api.ogc.holdings import (
    PLANS_OF_A_PAGE,
    Readable,
    holding,
    item,
    items,
    layers_of_newest,
    whole_collections,
)
from api.ogc.pages import GEOJSON, JSON, OPENAPI
from api.schemas import Problem
from api.store.base import now

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A word of the query is wrong", "model": Problem},
    401: {"description": "Not signed in", "model": Problem},
}
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "Not there", "model": Problem}}

_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "It is still what If-None-Match names"}
}
_SHAPES: dict[int | str, dict[str, Any]] = {
    200: {"content": {GEOJSON: {"schema": {"type": "object"}}}},
    **_MISSING,
}


router = APIRouter(prefix="/ogc", tags=["ogc"], responses={**_REFUSALS, **_UNCHANGED})


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
    return _answer(request, pages.landing(_root(request)))


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
    return _answer(request, description(_root(request)), OPENAPI)


@router.get("/conformance", summary="Conformance", openapi_extra=in_fastapi([FORMAT]))
def get_conformance(request: Request) -> Response:
    """List the parts of the standards that are kept."""
    check_words(request.query_params, ())
    return _answer(request, pages.conformance())


@router.get("/collections", summary="Collections", openapi_extra=in_fastapi([OFFSET, FORMAT]))
def get_collections(request: Request, session: Reading, own: Own) -> Response:
    """List sites, plans, and the layers of each proposal's newest plan."""
    offset = offset_asked(request.query_params)
    layers, has_more = layers_of_newest(session, own, offset)
    wholes = [*(whole_collections(session, own) if offset == 0 else []), *layers]
    behind = offset + PLANS_OF_A_PAGE if has_more else None
    return _answer(request, pages.collections(_root(request), wholes, offset, behind))


@router.get(
    "/collections/{collection_id}",
    summary="A collection",
    responses=_MISSING,
    openapi_extra=in_fastapi([FORMAT]),
)
def get_collection(request: Request, session: Reading, own: Own, collection_id: str) -> Response:
    """Tell its extent and the systems that it can be asked for in."""
    check_words(request.query_params, ())
    whole = holding(session, own, collection_id)
    return _answer(request, pages.collection(_root(request), whole))


@router.get(
    "/collections/{collection_id}/items",
    summary="Items of a collection",
    response_class=Response,
    responses=_SHAPES,
    openapi_extra=in_fastapi(ITEM_WORDS),
)
def get_items(request: Request, session: Reading, own: Own, collection_id: str) -> Response:
    """Give a page of the items that match, as GeoJSON."""
    whole = holding(session, own, collection_id, with_bounds=False)
    asked = items_asked(request.query_params, whole.systems)
    rows, matched = items(session, own, whole, asked)
    words = {**request.query_params, "offset": str(asked.offset + len(rows))}
    here = f"{_root(request)}/collections/{collection_id}/items"
    page = pages.items(
        _root(request),
        whole,
        rows,
        matched,
        asked,
        here=f"{here}?{request.query_params}".rstrip("?"),
        behind=f"{here}?{urlencode(words)}",
    )
    return _answer(request, page, GEOJSON, system=asked.system, is_stamped=True)


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
    whole = holding(session, own, collection_id, with_bounds=False)
    asked = item_asked(request.query_params, whole.systems)
    row = item(session, own, whole, feature_id)
    here = f"{_root(request)}/collections/{collection_id}/items/{row.item_id}"
    page = pages.one_item(_root(request), whole, row, asked, here=here)
    return _answer(request, page, GEOJSON, system=asked.system)


def _root(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc"


def _answer(
    request: Request,
    page: dict[str, Any],
    media_type: str = JSON,
    *,
    system: str | None = None,
    is_stamped: bool = False,
) -> Response:
    """Return a page, or that it is still what the asker has."""
    told = json.dumps(page, ensure_ascii=False, allow_nan=False)
    # Without the time of the answer, which would make every answer new.
    tag = f'"{hashlib.sha256(f"{system}{told}".encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if system is not None:
        headers["Content-Crs"] = f"<{system}>"
    known = {part.strip().removeprefix("W/") for part in _if_none_match(request).split(",")}
    if tag in known:
        return Response(status_code=304, headers=headers)
    if is_stamped:
        stamp = now().isoformat().replace("+00:00", "Z")
        told = json.dumps({**page, "timeStamp": stamp}, ensure_ascii=False, allow_nan=False)
    return Response(told, media_type=media_type, headers=headers)


def _if_none_match(request: Request) -> str:
    return request.headers.get("if-none-match", "")
