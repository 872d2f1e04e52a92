"""ASGI middleware: a request -> who asks, before anything of it is read; what it did -> the log."""

import base64
import contextlib
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.audit import Entry, note, told_method
from api.auth.demo import DemoSignIn
from api.auth.gate import Gate
from api.auth.limits import Often, address_key
from api.auth.principal import Principal, sign_in_needed
from api.auth.sign_in import cookie_name, find_session
from api.auth.table import DOWNLOADS, LAYERS, PERMISSIONS, SIGN_INS, Need
from api.auth.tokens import find_token
from api.errors import NotAllowedError, headers_of, problem_answer, problem_of
from api.store.faults import database_faults
from api.store.people import Scope as TokenScope
from api.store.people import SignIn, Token
from sbd.errors import OutputError, SbdError

# What is written of "last seen" may be this old: not every reading is a writing.
_SEEN_EVERY = timedelta(minutes=1)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

# What a form of another page can send without asking first; a missing type is one of them.
_FORM_TYPES = ("", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain")

_OPEN_TO_ALL = [
    (method, compile_path(path)[0])
    for (method, path), need in PERMISSIONS.items()
    if need is Need.NOBODY and method not in _SAFE
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks, and how that was told."""

    principal: Principal | None
    by_cookie: bool = False
    by_token: bool = False
    by_place: bool = False  # the demo, on this machine


class Doorman:
    """Tells who asks, and writes down who did what.

    It stands inside the guard of hosts and origins and outside the routes: `request.state` has
    `principal` and `audit` from here on. A stranger's body is not read at all, and no change or
    download is answered before its row is in the audit log.

    Parameters
    ----------
    gate : Gate
        Of the service.
    demo : DemoSignIn, optional
        Signs whoever asks from this machine in, over a throw-away store.
    """

    def __init__(self, app: ASGIApp, *, gate: Gate, demo: DemoSignIn | None = None) -> None:
        self._app = app
        self._gate = gate
        self._demo = demo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        entry = Entry()
        connection.state.audit = entry
        connection.state.principal = None
        try:
            asked = await to_thread.run_sync(self._look_at, connection)
        except SbdError as error:
            await _refusal(error)(scope, receive, send)
            return
        entry.by_token = asked.by_token
        connection.state.is_demo = asked.by_place
        if asked.principal is not None:
            connection.state.principal = asked.principal
            entry.user_id, entry.token_id = asked.principal.user_id, asked.principal.token_id
        objection = _objection(connection, asked)
        logged = _Logged(self._gate, connection, entry, send)
        if objection is not None:
            await _refusal(objection)(scope, receive, logged.send)
            return
        await self._app(scope, receive, logged.send)

    def _look_at(self, connection: HTTPConnection) -> _Asked:
        """Return who asks.

        Raises TooManyRequestsError for too many requests or wrong tokens, OutputError where the
        store is out of reach.
        """
        gate = self._gate
        key = address_key(connection.client.host if connection.client else "")
        with database_faults():
            asked = self._identified(connection)
        if asked.by_token and asked.principal is None:
            gate.limits.take(Often.SIGN_IN, key)
        who = asked.principal.user_id if asked.principal is not None else key
        gate.limits.take(Often.GENERAL, who)
        return asked

    def _identified(self, connection: HTTPConnection) -> _Asked:
        token = token_in(connection.headers)
        if token is not None:
            return _Asked(self._of_token(token), by_token=True)
        secret = connection.cookies.get(cookie_name(self._gate.settings))
        if secret is not None and (found := self._of_session(secret)) is not None:
            return _Asked(found, by_cookie=True)
        if self._demo is not None and (found := self._demo.principal(connection)) is not None:
            return _Asked(found, by_place=True)
        return _Asked(None)

    def _of_token(self, secret: str) -> Principal | None:
        now = self._gate.clock()
        with self._gate.database.reading() as session:
            found = find_token(session, secret, now)
        if found is None:
            return None
        token, user = found
        if token.last_used is None or now - token.last_used > _SEEN_EVERY:
            self._note_use(
                sa.update(Token).where(Token.token_id == token.token_id).values(last_used=now)
            )
        return Principal(
            user.user_id,
            user.name,
            is_administrator=user.is_administrator,
            scope=TokenScope(token.scope),
            token_id=token.token_id,
            token_project=token.project_id,
        )

    def _of_session(self, secret: str) -> Principal | None:
        now = self._gate.clock()
        with self._gate.database.reading() as session:
            found = find_session(session, self._gate, secret)
        if found is None:
            return None
        signed_in, user = found
        if now - signed_in.last_seen > _SEEN_EVERY:
            self._note_use(
                sa.update(SignIn)
                .where(SignIn.secret_hash == signed_in.secret_hash)
                .values(last_seen=now)
            )
        return Principal(user.user_id, user.name, is_administrator=user.is_administrator)

    def _note_use(self, change: sa.Update) -> None:
        # A store that takes no changes now can still be read.
        with (
            contextlib.suppress(OutputError),
            database_faults(),
            self._gate.database.session() as session,
        ):
            session.execute(change)


def token_in(headers: Headers) -> str | None:
    """Return the token of a request: after `Bearer`, or as the password of HTTP Basic.

    The user name does not matter. None where there is neither; of several none counts, because what
    stands between may have looked at another one.

    >>> token_in(Headers({"Authorization": "Bearer sbd_x"}))
    'sbd_x'
    >>> token_in(Headers({"Authorization": "Basic cWdpczpzYmRfeA=="}))
    'sbd_x'
    """
    if len(all_given := headers.getlist("authorization")) > 1:
        return ""
    scheme, _, given = "".join(all_given).partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(given.strip(), validate=True).decode()
    except ValueError:  # no Base64, not even ASCII, or no UTF-8 inside
        return ""
    return text.partition(":")[2]


def _objection(connection: HTTPConnection, asked: _Asked) -> SbdError | None:
    """Return why a request goes no further, None where it may."""
    method, path = connection.scope["method"], connection.scope["path"]
    if method in _SAFE:
        return None
    if asked.by_cookie and method == "POST" and _could_be_foreign_form(connection.headers):
        return NotAllowedError(
            "changes are taken from the service's own page only; a program names its Origin, "
            "sends JSON, or uses a token"
        )
    if asked.principal is None and not any(
        method == open_method and pattern.match(path) for open_method, pattern in _OPEN_TO_ALL
    ):
        what = "token: not known, past or revoked" if asked.by_token else "nobody is signed in"
        return sign_in_needed(connection, f"{what}; sign in first")
    return None


def _could_be_foreign_form(headers: Headers) -> bool:
    """Return whether this could be a form on another page: the guard has seen where it is from.

    Every browser of these years names an origin with a POST; one that does not is not believed.
    """
    if "origin" in headers or "sec-fetch-site" in headers:
        return False
    return headers.get("content-type", "").partition(";")[0].strip().lower() in _FORM_TYPES


class _Logged:
    """Sends an answer on once its row is in the audit log."""

    def __init__(self, gate: Gate, connection: HTTPConnection, entry: Entry, send: Send) -> None:
        self._gate = gate
        self._connection = connection
        self._entry = entry
        self._send = send
        self._is_replaced = False

    async def send(self, message: Message) -> None:
        """Pass a message on; hold the answer back where it can't be logged."""
        if message["type"] == "http.response.start" and self._counts(message["status"]):
            try:
                await to_thread.run_sync(self._write, message["status"])
            except OutputError as error:
                self._is_replaced = True
                await _refusal(error)(self._connection.scope, _no_body, self._send)
        if not self._is_replaced:
            await self._send(message)

    def _counts(self, status: int) -> bool:
        entry, method = self._entry, self._connection.scope["method"]
        is_refused = status == 403 or entry.is_refusal
        is_wrong_secret = status == 401 and (entry.by_token or entry.row in SIGN_INS)
        is_change = status < 400 and (
            entry.row in SIGN_INS or (method not in _SAFE and entry.row is not None)
        )
        is_download = entry.row in DOWNLOADS and status < 300
        is_news = self._is_layer(status) and self._gate.lookings.is_news(*self._look())
        return is_refused or is_wrong_secret or is_change or is_download or is_news

    def _is_layer(self, status: int) -> bool:
        # Nothing changed (304) for who has it already, from a day on which that was written down.
        is_own = self._entry.row in LAYERS and not self._entry.is_open_map
        return is_own and status < 300

    def _look(self) -> tuple[tuple[str, str], date]:
        path = self._connection.scope["path"]
        return (self._entry.user_id or "", path), self._gate.clock().date()

    def _write(self, status: int) -> None:
        entry = self._entry
        method = told_method(self._connection.scope["method"])
        if self._is_layer(status):
            entry.about = {"layer": self._connection.scope["path"].rpartition("/")[2]}
        with database_faults(), self._gate.database.session() as session:
            note(
                session,
                # An address may hold a secret; its template does not.
                " ".join(entry.row) if entry.row is not None else f"{method} at the door",
                entry=entry,
                status=status,
                request_id=getattr(self._connection.state, "request_id", ""),
                at=self._gate.clock(),
            )
        if self._is_layer(status):
            self._gate.lookings.remember(*self._look())


def _refusal(error: SbdError) -> ASGIApp:
    return problem_answer(problem_of(error), headers_of(error))


async def _no_body() -> Message:
    return {"type": "http.disconnect"}
