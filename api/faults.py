"""What the store can't do now -> an answer that says what helps: 507 for no room, 503 otherwise."""

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError

from api.errors import InternalError, problem_answer, problem_of, route_of
from api.store.faults import fault_of

log = logging.getLogger(__name__)


def install_store_faults(app: FastAPI) -> None:
    """Answer faults of the database in the words of the store."""
    app.add_exception_handler(DBAPIError, _fault)


def _fault(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)  # registered for this class only
    known = fault_of(error)
    log.error("%s %s: %s", request.method, route_of(request), known, exc_info=error)
    detail = f"{request.method} {request.url.path}: a fault of the program; the log has the details"
    problem = problem_of(known or InternalError(detail))
    return problem_answer({**problem, "instance": request.url.path})
