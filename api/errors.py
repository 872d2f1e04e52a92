"""Errors into answers: one table, one shape (RFC 9457, `application/problem+json`)."""

import logging
import re
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
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


class UnknownResourceError(InputError):
    """There is nothing under this id."""


class SessionGoneError(InputError):
    """The editing session is not there any more."""


class UploadKindError(InputError):
    """A file of a kind that is not read here."""


class WorkerLostError(SbdError):
    """The process that computed was ended from outside."""


class ServiceStoppedError(SbdError):
    """The service was stopped before the work was done."""


class InternalError(SbdError):
    """A fault of the program, not of what was asked."""


# Looked up along the class's ancestors, so a new InputError is a 422 until it says otherwise.
STATUS: dict[type[BaseException], int] = {
    SbdError: HTTPStatus.INTERNAL_SERVER_ERROR,
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    OutputError: HTTPStatus.INSUFFICIENT_STORAGE,
    InfeasiblePlanError: HTTPStatus.CONFLICT,
    CancelledError: HTTPStatus.CONFLICT,
    SourceError: HTTPStatus.BAD_GATEWAY,
    FieldError: HTTPStatus.INTERNAL_SERVER_ERROR,
    UnknownResourceError: HTTPStatus.NOT_FOUND,
    SessionGoneError: HTTPStatus.NOT_FOUND,
    UploadKindError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    WorkerLostError: HTTPStatus.SERVICE_UNAVAILABLE,
    ServiceStoppedError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem_of(error: SbdError) -> dict[str, Any]:
    """Return a deliberate error as a problem; the library's message is the detail.

    >>> problem_of(UnknownResourceError("site 'site-0': nothing under this id"))["status"]
    404
    """
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    problem = {
        "type": f"urn:sbd:problem:{_kebab(type(error).__name__)}",
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
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _protocol)
    app.add_exception_handler(Exception, _fault)


def _deliberate(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SbdError)  # registered for this class only
    problem = problem_of(error)
    log.info("%s %s: %s", request.method, request.url.path, error)
    return problem_answer({**problem, "instance": request.url.path})


def _unreadable(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # registered for this class only
    faults = [f"{_place_in_request(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
    problem = plain_problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(faults))
    return problem_answer({**problem, "faults": faults, "instance": request.url.path})


def _protocol(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # registered for this class only
    problem = plain_problem(error.status_code, str(error.detail))
    headers = dict(error.headers) if error.headers else None
    return problem_answer({**problem, "instance": request.url.path}, headers)


def _fault(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    detail = f"{request.method} {request.url.path}: a fault of the program; the log has the details"
    return problem_answer(problem_of(InternalError(detail)))


def _place_in_request(location: tuple[int | str, ...]) -> str:
    inner = [str(part) for part in location if part != "body"]
    return ".".join(inner) or "body"


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name.removesuffix("Error")).lower()
