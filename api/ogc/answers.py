"""A page in, the answer out: with its tag, or that it is still what the asker has."""

import hashlib
import json
from typing import Any

from fastapi import Request, Response

from api.ogc.pages import JSON
from api.store.base import now

UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "It is still what If-None-Match names"}
}


def root_of(request: Request) -> str:
    """Return the address that everything here is below."""
    return f"{str(request.base_url).rstrip('/')}/ogc"


def answer(
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
