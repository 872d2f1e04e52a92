"""The OpenAPI document: what FastAPI knows of the routes, how one signs in, and what may go wrong.

What every route has in common is said here, from the table of permissions and the routes' own
parameters: a route names only the problems that are its own.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.auth.table import ONLY_IN_PERSON, PERMISSIONS, SIGN_IN, Need
from api.errors import MEDIA_TYPE

Described = dict[str, Any]

_WAYS_IN = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-sbd",
        "description": "Of a browser that signed in; called `sbd` on plain loopback.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token."},
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "Any user name with a token as the password, for QGIS and GDAL.",
    },
}

# Who asks is told before anything is looked at; safe methods change nothing.
_SAFE = frozenset({"get", "head"})
_OPEN = frozenset({Need.NOBODY, Need.SIGNED_IN})

_IN_WORDS = {
    400: "The body or the query can't be read",
    401: "Nobody is signed in, or not in a way that counts",
    403: "You may not do this",
    404: "There is nothing under this id",
    409: "What is there now does not allow this",
    412: "Somebody else changed it meanwhile",
    413: "The body is too large",
    415: "A file of a kind that is not read here",
    422: "What was given can't be used",
    428: "If-Match is missing",
    429: "Too many requests; Retry-After says how long to wait",
    502: "The provider of sign-ins does not answer as it should",
    503: "The store, or a process, can't be reached now",
    507: "No room is left to keep it",
}

# What a creation makes: its address below `/api/v1`, and the parameter that its answer names.
_MADE = {
    "/users": "user_id",
    "/tokens": "token_id",
    "/projects": "project_id",
    "/projects/{project_id}/uploads": "job_id",
    "/projects/{project_id}/sites": "job_id",
    "/projects/{project_id}/comments": "comment_id",
    "/projects/{project_id}/events": "event_id",
    "/projects/{project_id}/comparisons": "comparison_id",
    "/sites/{site_id}/assessments": "job_id",
    "/sites/{site_id}/proposals": "job_id",
    "/sites/{site_id}/edit-sessions": "session_id",
    "/proposals/{proposal_id}/plans": "job_id",
    "/plans/{plan_id}/comments": "comment_id",
    "/plans/{plan_id}/exports": "export_id",
}

_V1 = "/api/v1"


def install_openapi(app: FastAPI) -> None:
    """Let the document of `app` say what all its routes have in common."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way to change it


def _document(app: FastAPI) -> Described:
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    components = found.setdefault("components", {})
    components["securitySchemes"] = _WAYS_IN
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            need = PERMISSIONS.get((method.upper(), path), Need.SIGNED_IN)
            open_to_all = need is Need.NOBODY
            operation["security"] = [] if open_to_all else [{name: []} for name in _WAYS_IN]
            _tell_problems(operation, method, path, need)
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _without_null(parameter["schema"])
    _tell_links(found["paths"])
    # FastAPI's own shape of an error: no route answers in it.
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    return found


def _tell_problems(operation: Described, method: str, path: str, need: Need) -> None:
    """Say of every error, the route's own and the common ones, that it comes as a problem."""
    answers = operation["responses"]
    answers.pop("422", None) if not _reads(operation) else None
    known = {int(status) for status in answers if int(status) >= 400}
    for status in sorted(known | set(_common(operation, method, path, need))):
        answers[str(status)] = {
            "description": _IN_WORDS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def _common(operation: Described, method: str, path: str, need: Need) -> Iterator[int]:
    """Yield the errors that a route may answer before, or after, its own code runs."""
    is_change = method not in _SAFE
    # The door lets nobody in whose secret is wrong, and reads no stranger's body.
    if need is not Need.NOBODY:
        yield 401
    if is_change or need not in _OPEN or (method.upper(), path) in ONLY_IN_PERSON:
        yield 403
    if "{" in path:
        yield 404
    if _reads(operation):
        yield 422
    if "requestBody" in operation:
        yield from (400, 413)
    if is_change and (method.upper(), path) != SIGN_IN:
        yield 507
    yield from (429, 503)


def _without_null(schema: Described) -> Described:
    """Return what a parameter may be: in a query or a header nothing is null, it is left out."""
    kept = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kept) != 1:
        return schema
    return {**{name: said for name, said in schema.items() if name != "anyOf"}, **kept[0]}


def _reads(operation: Described) -> bool:
    """Return whether anything of a request is looked at that could be wrong."""
    return bool(operation.get("parameters")) or "requestBody" in operation


def _tell_links(paths: Described) -> None:
    """Let each creation name the operations that its answer leads to."""
    for below, name in _MADE.items():
        creation = paths[_V1 + below]["post"]
        status = next(status for status in creation["responses"] if status in ("201", "202"))
        creation["responses"][status]["links"] = dict(_links(paths, name))


def _links(paths: Described, name: str) -> Iterator[tuple[str, Described]]:
    for path, operations in paths.items():
        if f"{{{name}}}" not in path:
            continue
        for operation in operations.values():
            given = {f"path.{name}": f"$response.body#/{name}"}
            wanted = {parameter["name"] for parameter in operation.get("parameters", ())}
            if "if-match" in wanted:
                given["header.if-match"] = "$response.header.ETag"
            key = operation["operationId"]
            yield key, {"operationId": key, "parameters": given}
