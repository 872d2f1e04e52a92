"""Errors into answers: one table, one shape (RFC 9457, `application/problem+json`)."""

import logging
import re
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException

from sbd.errors import (
    CancelledError,
    FieldError,
    InfeasiblePlanError,
    InputError,
    LayerError,
    OutputError,
    SbdError,
    SourceError,
)

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_MOST_FAULTS = 50


class UnknownResourceError(InputError):
    """There is nothing under this id."""

    def __init__(self, message: str, *, is_foreign: bool = False) -> None:
        super().__init__(message)
        self.is_foreign = is_foreign  # there is, in another project: the audit log says so


class NoSuchProcessError(UnknownResourceError):
    """There is no process of this name."""


class NoSuchJobError(UnknownResourceError):
    """There is no job under this id."""


class ResultNotReadyError(UnknownResourceError):
    """The job has not ended yet."""


class SignInNeededError(InputError):
    """Nobody is signed in, or not in a way that counts."""

    def __init__(self, message: str, *, challenge: bool = False) -> None:
        super().__init__(message)
        self.challenge = challenge  # whether to ask for HTTP Basic, as programs expect


class NotAllowedError(InputError):
    """Whoever asks may not do this."""


class ConflictError(InputError):
    """What is there now does not allow this."""


class PreconditionError(InputError):
    """Somebody else changed it meanwhile."""


class PreconditionMissingError(InputError):
    """A change must say which state it was made against."""


class TooManyRequestsError(InputError):
    """More than is taken in this time."""

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SessionGoneError(InputError):
    """The editing session is not there any more."""


class QueryError(InputError):
    """A word of a query is unknown, or its value is none."""


class UploadKindError(InputError):
    """A file of a kind that is not read here."""


class TooLongError(InputError):
    """The work took longer than a job may."""


class TooMuchMemoryError(InputError):
    """The work needed more memory than a job may hold."""


class WorkerLostError(SbdError):
    """The process that computed was ended from outside."""

    retry_after_s = 1


class ServiceStoppedError(SbdError):
    """The service was stopped before the work was done."""


class StoreUnavailableError(OutputError):
    """The store takes no changes now: read-only, busy, or out of reach."""


class InternalError(SbdError):
    """A fault of the program, not of what was asked."""


class WorkerBrokeError(InternalError):
    """The process that computed broke down by itself."""


# Looked up along the class's ancestors, so a new InputError is a 422 until it says otherwise.
STATUS: dict[type[BaseException], int] = {
    SbdError: HTTPStatus.INTERNAL_SERVER_ERROR,
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    OutputError: HTTPStatus.INSUFFICIENT_STORAGE,
    StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    InfeasiblePlanError: HTTPStatus.CONFLICT,
    CancelledError: HTTPStatus.CONFLICT,
    SourceError: HTTPStatus.BAD_GATEWAY,
    FieldError: HTTPStatus.INTERNAL_SERVER_ERROR,
    UnknownResourceError: HTTPStatus.NOT_FOUND,
    SignInNeededError: HTTPStatus.UNAUTHORIZED,
    NotAllowedError: HTTPStatus.FORBIDDEN,
    ConflictError: HTTPStatus.CONFLICT,
    PreconditionError: HTTPStatus.PRECONDITION_FAILED,
    PreconditionMissingError: HTTPStatus.PRECONDITION_REQUIRED,
    TooManyRequestsError: HTTPStatus.TOO_MANY_REQUESTS,
    SessionGoneError: HTTPStatus.NOT_FOUND,
    UploadKindError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    QueryError: HTTPStatus.BAD_REQUEST,  # OGC API - Features asks for 400
    WorkerLostError: HTTPStatus.SERVICE_UNAVAILABLE,
    ServiceStoppedError: HTTPStatus.SERVICE_UNAVAILABLE,
}


# What OGC API - Processes gives a name of its own.
_OGC = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
_TYPES: dict[type[BaseException], str] = {
    NoSuchProcessError: f"{_OGC}no-such-process",
    NoSuchJobError: f"{_OGC}no-such-job",
    ResultNotReadyError: f"{_OGC}result-not-ready",
}


def problem_of(error: SbdError) -> dict[str, Any]:
    """Return a deliberate error as a problem; the library's message is the detail.

    >>> problem_of(UnknownResourceError("site 'site-0': nothing under this id"))["status"]
    404
    """
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    problem = {
        "type": _TYPES.get(type(error), f"urn:sbd:problem:{_kebab(type(error).__name__)}"),
        "title": (type(error).__doc__ or "").partition("\n")[0].rstrip("."),
        "status": int(status),
        "detail": str(error),
    }
    if isinstance(error, LayerError):
        problem["faults"] = list(error.faults)
    return problem


def problem_answer(problem: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    """Return a problem as an answer."""
    return JSONResponse(problem, problem["status"], headers, MEDIA_TYPE)


def headers_of(error: SbdError) -> dict[str, str] | None:
    """Return the headers that belong to an error.

    >>> headers_of(TooManyRequestsError("sign-in: too often", retry_after_s=30))
    {'Retry-After': '30'}
    """
    if isinstance(error, TooManyRequestsError | WorkerLostError):
        return {"Retry-After": str(error.retry_after_s)}
    if isinstance(error, SignInNeededError) and error.challenge:
        return {"WWW-Authenticate": 'Basic realm="sbd", charset="UTF-8"'}
    return None


def plain_problem(status: int, detail: str) -> dict[str, Any]:
    """Return a problem of the protocol itself (no such path, a body too large)."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
    }


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error of `app` in the one shape."""
    app.add_exception_handler(SbdError, _deliberate)
    app.add_exception_handler(IntegrityError, _contradicted)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, answer_protocol)
    app.add_exception_handler(Exception, _fault)


def _deliberate(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SbdError)  # registered for this class only
    problem = problem_of(error)
    if isinstance(error, UnknownResourceError) and error.is_foreign:
        request.state.audit.is_refusal = True
    # The address may hold the secret of an invitation; that of the route does not.
    log.info("%s %s: %s", request.method, route_of(request), error)
    return problem_answer({**problem, "instance": request.url.path}, headers_of(error))


def _contradicted(request: Request, error: Exception) -> JSONResponse:
    """Answer where two did in the same moment what only one of them can have done."""
    # PostgreSQL's words hold the value that was there already: it may be somebody's name.
    log.info("%s %s: %s", request.method, route_of(request), type(error).__name__)
    detail = (
        "somebody else did the same, or took away what this needs, in the same moment; look at it "
        "again, then try again"
    )
    problem = problem_of(ConflictError(detail))
    return problem_answer({**problem, "instance": request.url.path})


def _unreadable(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # registered for this class only
    found = error.errors()
    # A body of some MB can have a fault in every corner, and the answer would be ten times as long.
    told = found[:_MOST_FAULTS]
    faults = [f"{_place_in_request(fault['loc'])}: {fault['msg']}" for fault in told]
    if len(found) > len(told):
        faults.append(f"and {len(found) - len(told):,} more faults; mend these first")
    problem = plain_problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(faults))
    return problem_answer({**problem, "faults": faults, "instance": request.url.path})


def answer_protocol(request: Request, error: Exception) -> JSONResponse:
    """Answer what HTTP itself forbids."""
    assert isinstance(error, HTTPException)  # registered for this class only
    status, detail = error.status_code, str(error.detail)
    headers = dict(error.headers) if error.headers else {}
    taken = _methods_taken(request)
    # The page's files stand behind all addresses, and none of them is called so.
    if status == HTTPStatus.NOT_FOUND and taken and request.method not in taken:
        status, detail = HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.METHOD_NOT_ALLOWED.phrase
    if status == HTTPStatus.METHOD_NOT_ALLOWED and taken:
        headers["Allow"] = ", ".join(sorted(taken))
    problem = plain_problem(status, detail)
    return problem_answer({**problem, "instance": request.url.path}, headers)


def _methods_taken(request: Request) -> set[str]:
    """Return which methods an address takes: all its routes together, not the first one's."""
    rows: dict[Any, tuple[str, str]] = getattr(request.app.state, "permission_rows", {})
    taken = {
        method
        for method, template in rows.values()
        if re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", template), request.url.path)
    }
    if "GET" in taken:
        taken.add("HEAD")
    return taken


def _fault(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s", request.method, route_of(request), exc_info=error)
    detail = f"{request.method} {request.url.path}: a fault of the program; the log has the details"
    return problem_answer(problem_of(InternalError(detail)))


def route_of(request: Request) -> str:
    """Return the address template that answers a request, without what is filled into it."""
    return getattr(request.scope.get("route"), "path", None) or "(no route)"


def _place_in_request(location: tuple[int | str, ...]) -> str:
    inner = [str(part) for part in location if part != "body"]
    return ".".join(inner) or "body"


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name.removesuffix("Error")).lower()
