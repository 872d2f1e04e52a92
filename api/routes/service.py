"""Whether the service is up, ready, and what it counts."""

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from api.deps import Running
from api.errors import StoreUnavailableError
from api.observe import METRICS_TYPE
from api.routes import problems
from api.schemas import Health, Ready

router = APIRouter(tags=["service"])


@router.get("/healthz", summary="Whether the service is up")
def get_health(request: Request) -> Health:
    """Answer as long as the service takes requests."""
    return Health(status="ok", version=request.app.version)


@router.get("/readyz", summary="Whether the service can work", responses=problems(503))
def get_ready(service: Running) -> Ready:
    """Answer 200 where the store can be read and jobs are taken; workers may still be loading."""
    if service.jobs.stopping.is_set() or service.jobs.workers == 0:
        raise StoreUnavailableError("service: it is stopping, or has not begun yet")
    with service.store.database.reading() as session:
        session.execute(sa.text("SELECT 1"))
    return Ready(status="ready")


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {METRICS_TYPE: {}}}, **problems(401, 403)},
)
def get_metrics(service: Running) -> Response:
    """Count requests by route, and the queue; for administrators."""
    return Response(service.figures.text(), media_type=METRICS_TYPE)
