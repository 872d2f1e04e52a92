"""Assessments: which vehicle can arrive how fast, for every metre of a site's zone."""

from functools import partial
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Response, status
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from api.deps import Asker, Running
from api.once import OnlyOnce
from api.orders import order_assessment
from api.present import BASE, assessment_out, assessments_out, job_href, job_out
from api.routes import ANY, GEOJSON, problems, sends
from api.routes.files import file_answer
from api.routes.sites import LayerName
from api.rows import Paged, found, page_of
from api.schemas import AssessmentOut, AssessmentRequest, Id, JobOut, Page
from api.store import Assessment, FileRole, Site

router = APIRouter(tags=["assessments"])

FileName = Annotated[str, InPath(pattern=r"^[\w.-]{1,80}$", examples=["placement.geojson"])]


@router.post(
    "/sites/{site_id}/assessments",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Assess the approaches of a site",
    responses=problems(401, 403, 404, 409, 422, 429),
)
def post_assessment(  # FastAPI reads the arguments
    service: Running,
    asker: Asker,
    once: OnlyOnce,
    site_id: Id,
    request: AssessmentRequest,
    response: Response,
) -> JobOut:
    """Compute the speeds as a job, without a plan."""
    with service.store.database.session() as session:
        site = found(session, Site, site_id)
        job = order_assessment(service, session, site, request, asker.user_id)
        shown = job_out(job)
        once.remember(session, status.HTTP_202_ACCEPTED, shown, job_href(job))
    response.headers["Location"] = job_href(job)
    return shown


@router.get(
    "/sites/{site_id}/assessments", summary="Assessments of a site", responses=problems(401, 404)
)
def get_assessments(service: Running, site_id: Id, paging: Paged) -> Page[AssessmentOut]:
    """Those that are done."""
    asked = sa.select(Assessment).where(Assessment.site_id == site_id)
    path = f"{BASE}/sites/{site_id}/assessments"
    with service.store.database.reading() as session:
        return page_of(
            session,
            asked,
            partial(assessments_out, session),
            path=path,
            paging=paging,
        )


@router.get("/assessments/{assessment_id}", summary="An assessment", responses=problems(401, 404))
def get_assessment(service: Running, assessment_id: Id) -> AssessmentOut:
    """Return what was asked, the highest figures, and where the layers are."""
    with service.store.database.reading() as session:
        return assessment_out(session, found(session, Assessment, assessment_id))


@router.get(
    "/assessments/{assessment_id}/layers/{layer}",
    summary="A layer of an assessment as GeoJSON",
    response_class=FileResponse,
    responses={**sends(GEOJSON), **problems(401, 404)},
)
def get_assessment_layer(service: Running, assessment_id: Id, layer: LayerName) -> FileResponse:
    """Perimeter and corridors in longitude and latitude."""
    return file_answer(service.store, assessment_id, FileRole.LAYER, layer)


@router.get(
    "/assessments/{assessment_id}/files/{name}",
    summary="A file of an assessment",
    response_class=FileResponse,
    responses={**sends(ANY), **problems(401, 404)},
)
def get_assessment_file(service: Running, assessment_id: Id, name: FileName) -> FileResponse:
    """Send a file as a download."""
    download = f"{assessment_id}-{name}"
    return file_answer(service.store, assessment_id, FileRole.FILE, name, file_name=download)
