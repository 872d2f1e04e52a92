"""What is asked of a site in, a job out: the checks that come before work is queued."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from api.deps import Service
from api.errors import ConflictError
from api.rows import found_in
from api.schemas import AssessmentRequest, PlanRequest
from api.store import Job, JobKind, Site, Upload, UploadKind, new_id
from sbd.catalogue.access_rules import access_rules
from sbd.catalogue.vehicles import vehicle_named


def order_assessment(
    service: Service,
    session: Session,
    site: Site,
    asked: AssessmentRequest,
    user_id: str | None,
    **further: Any,
) -> Job:
    """Queue the assessment of a site; `further` is kept with the job.

    Raises InputError for a vehicle that is not in the catalogue, UnknownResourceError or
    ConflictError for a file that can't be meant.
    """
    _check_vehicles(asked)
    check_upload(session, site.project_id, asked.heights_id, UploadKind.HEIGHTS)
    return _queued(service, session, site, JobKind.ASSESSMENT, asked, user_id, further)


def order_plan(
    service: Service,
    session: Session,
    site: Site,
    asked: PlanRequest,
    user_id: str | None,
    **further: Any,
) -> Job:
    """Queue a plan of a site; `further` names its proposal, or how a new one is called.

    Raises as `order_assessment` does.
    """
    _check_vehicles(asked)
    if asked.country is not None:
        access_rules(asked.country)
    check_upload(session, site.project_id, asked.heights_id, UploadKind.HEIGHTS)
    check_upload(session, site.project_id, asked.catalogue_id, UploadKind.CATALOGUE)
    return _queued(service, session, site, JobKind.PLAN, asked, user_id, further)


def check_upload(
    session: Session, project_id: str, upload_id: str | None, kind: UploadKind
) -> None:
    """Refuse a file that is not in the project, or was sent in for something else."""
    if upload_id is None:
        return
    upload = found_in(session, Upload, upload_id, project_id)
    if upload.kind != kind:
        raise ConflictError(f"{upload_id!r}: is of kind {upload.kind}; {kind} is needed")


def _check_vehicles(asked: AssessmentRequest) -> None:
    for name in asked.vehicles:
        vehicle_named(name)


def _queued(
    service: Service,
    session: Session,
    site: Site,
    kind: JobKind,
    asked: AssessmentRequest,
    user_id: str | None,
    further: Mapping[str, Any],
) -> Job:
    return service.jobs.submit(
        session,
        project_id=site.project_id,
        kind=kind,
        result_id=new_id(kind),
        request={"asked": asked.model_dump(mode="json"), "site_id": site.site_id, **further},
        user_id=user_id,
    )
