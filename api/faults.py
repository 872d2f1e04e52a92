"""What the store can't do now -> an answer that says what helps: 507 for no room, 503 otherwise."""

import errno
import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from api.errors import (
    InternalError,
    StoreUnavailableError,
    answer_protocol,
    problem_answer,
    problem_of,
    route_of,
)
from api.store.faults import FULL, fault_of
from sbd.errors import OutputError

log = logging.getLogger(__name__)


def install_store_faults(app: FastAPI) -> None:
    """Answer faults of the database, and of disks, in the words of the store."""
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(OSError, _disk)
    app.add_exception_handler(HTTPException, _body)


def _database(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)  # registered for this class only
    return _answer(request, error, fault_of(error))


def _disk(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OSError)  # registered for this class only
    return _answer(request, error, _disk_fault(error))


def _body(request: Request, error: Exception) -> JSONResponse:
    # The framework takes whatever goes wrong while it reads a body for a fault of the body.
    cause = error.__cause__
    if isinstance(cause, OSError) and (known := _disk_fault(cause)) is not None:
        return _answer(request, cause, known)
    return answer_protocol(request, error)


def _disk_fault(error: OSError) -> OutputError | None:
    if error.errno in FULL:
        return OutputError(
            f"{error.strerror}: make room in the data folder, and where the system keeps "
            "temporary files; nothing was kept"
        )
    if error.errno == errno.EROFS:
        return StoreUnavailableError(
            f"{error.strerror}: make the data folder writable, nothing was kept"
        )
    return None


def _answer(request: Request, error: Exception, known: OutputError | None) -> JSONResponse:
    log.error("%s %s: %s", request.method, route_of(request), known, exc_info=error)
    detail = f"{request.method} {request.url.path}: a fault of the program; the log has the details"
    problem = problem_of(known or InternalError(detail))
    return problem_answer({**problem, "instance": request.url.path})
