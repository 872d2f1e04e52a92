"""One file a resource: parse, call, present."""

from typing import Any


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of errors."""
    # By its name: FastAPI would build a model anew for each error of each route, and check none.
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"content": content} for status in statuses}


def sends(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of an answer that is a file."""
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


def streams() -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of server-sent events: the schema is that of each."""
    fields = {name: {"type": "string"} for name in ("event", "data", "id")}
    event = {
        "description": "Each event; its data are JSON.",
        "type": "object",
        "properties": fields,
        "required": ["event", "data"],
    }
    return {200: {"content": {"text/event-stream": {"schema": event}}}}


GEOJSON = "application/geo+json"
HTML = "text/html"
ZIP = "application/zip"
ANY = "*/*"  # as the ending of the file's name says
