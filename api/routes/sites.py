"""Sites: a zone to protect with all that stands, runs and opens around it."""

import hashlib
import json
from functools import partial
from importlib.metadata import version
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response, status
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from api.auth.audit import entry_of
from api.deps import Asker, Running
from api.errors import UnknownResourceError
from api.once import OnlyOnce
from api.orders import check_upload
from api.present import BASE, job_href, job_out, site_out, sites_out
from api.routes import GEOJSON, problems, sends
from api.routes.files import file_answer
from api.rows import Paged, found, page_of
from api.schemas import Id, JobOut, Page, SiteOut, SiteRequest
from api.store import FileRole, JobKind, Site, UploadKind
from sbd.model.words import ODBL_ATTRIBUTION
from sbd.sources.shipped import SHIPPED_PLACES

router = APIRouter(tags=["sites"])

LayerName = Annotated[str, InPath(pattern=r"^[a-z_]{1,40}$", examples=["solids"])]


@router.post(
    "/projects/{project_id}/sites",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Make a site ready",
    responses=problems(401, 403, 404, 409, 422, 429),
)
def post_site(  # FastAPI reads the arguments
    service: Running,
    asker: Asker,
    once: OnlyOnce,
    project_id: Id,
    request: SiteRequest,
    response: Response,
) -> JobOut:
    """Cut the data to the place and sort it, as a job; the same request gets the same site."""
    asked = request.model_dump(mode="json")
    with service.store.database.session() as session:
        _check_source(session, project_id, request)
        job = service.jobs.submit(
            session,
            project_id=project_id,
            kind=JobKind.SITE,
            result_id=_site_id(project_id, asked),
            request={"asked": asked},
            user_id=asker.user_id,
        )
        shown = job_out(job)
        once.remember(session, status.HTTP_202_ACCEPTED, shown, job_href(job))
    response.headers["Location"] = job_href(job)
    return shown


@router.get(
    "/projects/{project_id}/sites", summary="Sites of a project", responses=problems(401, 404)
)
def get_sites(service: Running, project_id: Id, paging: Paged) -> Page[SiteOut]:
    """Those that are ready."""
    asked = sa.select(Site).where(Site.project_id == project_id)
    path = f"{BASE}/projects/{project_id}/sites"
    with service.store.database.reading() as session:
        return page_of(
            session,
            asked,
            partial(sites_out, session),
            path=path,
            paging=paging,
        )


@router.get("/sites/{site_id}", summary="A site", responses=problems(401, 404))
def get_site(service: Running, site_id: Id) -> SiteOut:
    """Return what was asked, the data report, and where the layers are."""
    with service.store.database.reading() as session:
        return site_out(session, found(session, Site, site_id))


@router.get(
    "/sites/{site_id}/layers/{layer}",
    summary="A layer of a site as GeoJSON",
    response_class=FileResponse,
    responses={**sends(GEOJSON), **problems(401, 404)},
)
def get_site_layer(
    service: Running, request: Request, site_id: Id, layer: LayerName
) -> FileResponse:
    """Longitude and latitude, for display; the metric layers are in the plan's GeoPackage."""
    with service.store.database.reading() as session:
        entry_of(request).is_open_map = _is_open_map(found(session, Site, site_id))
    return file_answer(service.store, site_id, FileRole.LAYER, layer)


def _is_open_map(site: Site) -> bool:
    """Return whether nothing but the open map is in a site, which anybody may have."""
    own_layers = site.request.get("layers_id")
    return own_layers is None and site.record.get("attribution") == ODBL_ATTRIBUTION


def _site_id(project_id: str, asked: dict[str, object]) -> str:
    # Another version may read the same data in another way, so it makes another site.
    canonical = json.dumps([version("sbd"), project_id, asked], sort_keys=True)
    return f"site-{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"


def _check_source(session: Session, project_id: str, request: SiteRequest) -> None:
    """Refuse a place that is not shipped, and files that are not there or of another kind."""
    if request.place is not None and request.place not in SHIPPED_PLACES:
        known = ", ".join(SHIPPED_PLACES)
        raise UnknownResourceError(f"place {request.place[:40]!r}: not shipped; there are {known}")
    check_upload(session, project_id, request.extract_id, UploadKind.EXTRACT)
    check_upload(session, project_id, request.layers_id, UploadKind.LAYERS)
