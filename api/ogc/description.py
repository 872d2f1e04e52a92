"""What there is to ask -> an OpenAPI 3.0 description of OGC API - Features here."""

from importlib.metadata import version
from typing import Any

from api.ogc.asked import LIMIT, MOST

Described = dict[str, Any]


def _word(name: str, about: str, schema: Described, **more: Any) -> Described:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": about,
        "schema": schema,
        **more,
    }


_LIST: Described = {"style": "form", "explode": False}
_ADDRESS: Described = {"type": "string", "format": "uri"}

FORMAT = _word("f", "The form of the answer.", {"type": "string", "enum": ["json"]})
CRS = _word("crs", "System of the answer; without it CRS84.", _ADDRESS, **_LIST)
OFFSET = _word(
    "offset",
    "So many are left out first.",
    {"type": "integer", "minimum": 0, "maximum": 999_999_999},
)
ITEM_WORDS = [
    _word(
        "limit",
        f"Most items of a page; above {MOST} counts as {MOST}.",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
        **_LIST,
    ),
    OFFSET,
    _word(
        "bbox",
        "Lower and upper corner; what touches the window is in.",
        {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number"},
        },
        **_LIST,
    ),
    _word("bbox-crs", "System of the window; without it CRS84.", _ADDRESS, **_LIST),
    CRS,
    _word(
        "datetime",
        "A time or an interval: of when sites and plans were made.",
        {"type": "string"},
        **_LIST,
    ),
    FORMAT,
]


def in_fastapi(words: list[Described]) -> Described:
    """Return words of a query as the framework's own description takes them."""
    return {"parameters": words}


def description(root: str) -> Described:
    """Return the description with the address that the service is asked under."""
    collection = _in_path("collection_id", "Id of a collection")
    feature = _in_path("feature_id", "Id of an item")
    below = "/collections/{collection_id}"
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "sbd: OGC API - Features",
            "description": "Sites and plans of the projects that you may read. Restricted.",
            "version": version("sbd"),
        },
        "servers": [{"url": root}],
        "security": [{"token": []}],
        "paths": {
            "/": _get("Landing page", "landing", [FORMAT]),
            "/api": _get("This description", "description", [FORMAT]),
            "/conformance": _get("What is conformed to", "conformance", [FORMAT]),
            "/collections": _get("Collections", "collections", [OFFSET, FORMAT]),
            below: _get("A collection", "collection", [collection, FORMAT]),
            f"{below}/items": _get("Items", "items", [collection, *ITEM_WORDS], is_shape=True),
            f"{below}/items/{{feature_id}}": _get(
                "An item", "item", [collection, feature, CRS, FORMAT], is_shape=True
            ),
        },
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "Any user name, an API token as the password.",
                }
            }
        },
    }


def _in_path(name: str, about: str) -> Described:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": about,
        "schema": {"type": "string"},
    }


def _get(title: str, name: str, words: list[Described], *, is_shape: bool = False) -> Described:
    kind = "application/geo+json" if is_shape else "application/json"
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    refusals = {"400": "A word of the query is wrong", "401": "Not signed in", "404": "Not there"}
    return {
        "get": {
            "summary": title,
            "operationId": name,
            "parameters": words,
            "responses": {
                "200": {"description": title, "content": {kind: {"schema": {"type": "object"}}}},
                **{
                    code: {"description": text, "content": problem}
                    for code, text in refusals.items()
                },
            },
        }
    }
