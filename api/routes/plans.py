"""Plans: layers to see, files to take home, the map as one page."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from api.auth.audit import entry_of
from api.deps import Running
from api.errors import UnknownResourceError
from api.guard import MAP_POLICY
from api.present import plan_out
from api.routes import ANY, GEOJSON, HTML, ZIP, problems, sends
from api.routes.assessments import FileName
from api.routes.files import file_answer
from api.routes.sites import LayerName
from api.rows import found, found_in, tagged
from api.schemas import Id, PlanOut
from api.store import FileRole, Plan

router = APIRouter(prefix="/plans/{plan_id}", tags=["plans"])
maps = APIRouter(tags=["plans"])


@router.get("", summary="A plan with its verdict", responses=problems(401, 404))
def get_plan(service: Running, plan_id: Id, response: Response) -> PlanOut:
    """Verdict, summary, and where the layers and files are."""
    with service.store.database.reading() as session:
        plan = found(session, Plan, plan_id)
        tagged(response, plan)
        return plan_out(session, plan)


@router.get(
    "/layers/{layer}",
    summary="A layer of a plan as GeoJSON",
    response_class=FileResponse,
    responses={**sends(GEOJSON), **problems(401, 404)},
)
def get_plan_layer(service: Running, plan_id: Id, layer: LayerName) -> FileResponse:
    """Longitude and latitude, for display."""
    return file_answer(service.store, plan_id, FileRole.LAYER, layer)


@router.get(
    "/map",
    summary="The interactive map as one page",
    response_class=FileResponse,
    responses={**sends(HTML), **problems(401, 404)},
)
def get_plan_map(service: Running, plan_id: Id) -> FileResponse:
    """Folium's page with everything inlined, under a policy of its own."""
    return _map(service, plan_id)


@router.get(
    "/files/{name}",
    summary="A file of a plan",
    response_class=FileResponse,
    responses={**sends(ANY), **problems(401, 404)},
)
def get_plan_file(service: Running, plan_id: Id, name: FileName) -> FileResponse:
    """Send a file as a download, so that none is run as a page; downloads are logged."""
    return file_answer(service.store, plan_id, FileRole.FILE, name, file_name=f"{plan_id}-{name}")


@router.get(
    "/archive",
    summary="All files of a plan in one zip",
    response_class=FileResponse,
    responses={**sends(ZIP), **problems(401, 404)},
)
def get_plan_archive(service: Running, plan_id: Id) -> FileResponse:
    """Send the same files in one; downloads are logged."""
    return file_answer(
        service.store, plan_id, FileRole.ARCHIVE, "archive.zip", file_name=f"{plan_id}.zip"
    )


@maps.get(
    "/projects/{project_id}/map",
    summary="The review map of a project's plan",
    response_class=FileResponse,
    responses={**sends(HTML), **problems(401, 404)},
)
def get_project_map(
    service: Running,
    request: Request,
    project_id: Id,
    plan: Annotated[Id | None, Query(description="Which plan; the newest by default.")] = None,
) -> FileResponse:
    """Of any version; it loads no file but itself."""
    with service.store.database.reading() as session:
        if plan is not None:
            shown = found_in(session, Plan, plan, project_id)
        else:
            shown = _newest(session, project_id)
    entry_of(request).item_id = shown.plan_id
    return _map(service, shown.plan_id)


def _newest(session: Session, project_id: str) -> Plan:
    newest = session.scalars(
        sa.select(Plan)
        .where(Plan.project_id == project_id)
        .order_by(Plan.created.desc(), Plan.plan_id.desc())
        .limit(1)
    ).first()
    if newest is None:
        raise UnknownResourceError(f"{project_id!r}: has no plan yet")
    return newest


def _map(service: Running, plan_id: str) -> FileResponse:
    headers = {"Content-Security-Policy": MAP_POLICY}
    return file_answer(service.store, plan_id, FileRole.FILE, "map.html", headers=headers)
