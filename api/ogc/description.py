"""What there is to ask -> an OpenAPI 3.0 description of the OGC addresses here."""

from importlib.metadata import version
from typing import Any

from api.ogc.asked import LIMIT, MOST
from api.ogc.holdings import MOST_PLANS, PLANS_OF_A_PAGE

Described = dict[str, Any]

_JSON, _GEOJSON = "application/json", "application/geo+json"


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


def _limit(of: str, usual: int, most: int) -> Described:
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": usual}
    return _word("limit", f"Most {of} of a page; above {most} counts as {most}.", schema, **_LIST)


LIMIT_WORD = _limit("rows", LIMIT, MOST)
COLLECTION_WORDS = [
    _limit("plans, each with all its layers,", PLANS_OF_A_PAGE, MOST_PLANS),
    OFFSET,
    FORMAT,
]
PROCESS_WORD = _word("processID", "Only jobs of this process.", {"type": "string"})
STATUS_WORD = _word(
    "status",
    "Only jobs that are there.",
    {"type": "string", "enum": ["accepted", "running", "successful", "failed", "dismissed"]},
)
ITEM_WORDS = [
    LIMIT_WORD,
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
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "sbd: OGC API - Features and Processes",
            "description": "Sites and plans of the projects that you may read. Restricted.",
            "version": version("sbd"),
        },
        "servers": [{"url": root}],
        "security": [{"token": []}],
        "paths": {**_features(), **_processes()},
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


def _features() -> Described:
    collection = _in_path("collection_id", "Id of a collection")
    feature = _in_path("feature_id", "Id of an item")
    below = "/collections/{collection_id}"
    return {
        "/": _get("Landing page", "landing", [FORMAT]),
        "/api": _get("This description", "description", [FORMAT]),
        "/conformance": _get("What is conformed to", "conformance", [FORMAT]),
        "/collections": _get("Collections", "collections", COLLECTION_WORDS),
        below: _get("A collection", "collection", [collection, FORMAT]),
        f"{below}/items": _get("Items", "items", [collection, *ITEM_WORDS], kind=_GEOJSON),
        f"{below}/items/{{feature_id}}": _get(
            "An item", "item", [collection, feature, CRS, FORMAT], kind=_GEOJSON
        ),
    }


def _processes() -> Described:
    process, job = _in_path("process_id", "Id of a process"), _in_path("job_id", "Id of a job")
    words = [LIMIT_WORD, OFFSET, PROCESS_WORD, STATUS_WORD, FORMAT]
    body = {"required": True, "content": {_JSON: {"schema": {"type": "object"}}}}
    execution = _operation("Execute a process", "execute", [process], status="201")
    return {
        "/processes": _get("Processes", "processes", [LIMIT_WORD, OFFSET, FORMAT]),
        "/processes/{process_id}": _get("A process", "process", [process, FORMAT]),
        "/processes/{process_id}/execution": {"post": {**execution, "requestBody": body}},
        "/jobs": _get("Jobs of processes", "jobs", words),
        "/jobs/{job_id}": {
            **_get("Status of a job", "status", [job, FORMAT]),
            "delete": _operation("Dismiss a job", "dismiss", [job]),
        },
        "/jobs/{job_id}/results": _get("Result of a job", "results", [job, FORMAT]),
    }


def _get(title: str, name: str, words: list[Described], *, kind: str = _JSON) -> Described:
    return {"get": _operation(title, name, words, kind=kind)}


def _operation(
    title: str, name: str, words: list[Described], *, kind: str = _JSON, status: str = "200"
) -> Described:
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    refusals = {"400": "A word of the query is wrong", "401": "Not signed in", "404": "Not there"}
    return {
        "summary": title,
        "operationId": name,
        "parameters": words,
        "responses": {
            status: {"description": title, "content": {kind: {"schema": {"type": "object"}}}},
            **{code: {"description": text, "content": problem} for code, text in refusals.items()},
        },
    }
