"""What every request passes: known host, own origin, bounded body; safe headers on the answer."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import plain_problem, problem_answer
from api.settings import Limits

_UPLOADS = re.compile(r"/api/v1/projects/[^/]+/uploads/?")
# Bodies that strangers send.
_DOORS = re.compile(r"/api/v1/(session|invitations/[^/]+)/?")

# The page loads its own files only; pictures may be inlined (Leaflet's marker).
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

# Folium writes its scripts and its data into the page, so these pages live without an origin:
# `sandbox` lets the scripts run and keeps them away from the service and from other pages.
MAP_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware around the whole service.

    Parameters
    ----------
    hosts : iterable of str, or None
        Host names a browser may use; a page elsewhere whose name was pointed at this machine
        can't read the plans. None takes any name (a service that is bound wider on purpose).
    """

    def __init__(self, app: ASGIApp, *, limits: Limits, hosts: Iterable[str] | None) -> None:
        self._app = app
        self._limits = limits
        self._hosts = None if hosts is None else frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        most_bytes = self._most_bytes(scope["path"])
        problem = self._objection(scope, headers, most_bytes)
        guarded_send = _with_headers(send)
        if problem is None:
            await self._app(scope, _bounded(receive, most_bytes), guarded_send)
        else:
            await problem_answer(problem)(scope, receive, guarded_send)

    def _most_bytes(self, path: str) -> int:
        if _UPLOADS.fullmatch(path):
            return self._limits.upload_bytes
        return self._limits.door_bytes if _DOORS.fullmatch(path) else self._limits.body_bytes

    def _objection(
        self, scope: Scope, headers: Headers, most_bytes: int
    ) -> dict[str, object] | None:
        host = headers.get("host", "")
        if self._hosts is not None and _name_of(host) not in self._hosts:
            return plain_problem(
                HTTPStatus.MISDIRECTED_REQUEST, f"host {host!r} is not served here"
            )
        is_encrypted = scope["scheme"] == "https"
        if scope["method"] not in _SAFE_METHODS and not _same_origin(
            headers, host, is_encrypted=is_encrypted
        ):
            return plain_problem(
                HTTPStatus.FORBIDDEN, "changes are taken from the service's own page only"
            )
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > most_bytes:
            return plain_problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                _too_large(most_bytes, f"{int(length):,} bytes"),
            )
        return None


def _same_origin(headers: Headers, host: str, *, is_encrypted: bool) -> bool:
    # Programs that are no browser send neither of the two.
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    scheme, _, place = origin.partition("://")
    # A page without TLS under the own name is whoever's who stands on the way.
    return place == host and not (is_encrypted and scheme.lower() != "https")


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # brackets that hold no address
        return ""


def _too_large(most_bytes: int, what: str) -> str:
    return f"the body has {what}; the limit is {most_bytes:,} bytes; send what is needed"


def _bounded(receive: Receive, most_bytes: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most_bytes:
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                _too_large(most_bytes, f"more than {taken - 1:,} bytes"),
            )
        return message

    return counted


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return guarded
