"""Exports: a copy of a plan for members, or for everybody once an approver has released it."""

import shutil
import tempfile
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from fastapi import APIRouter, Response, status
from fastapi.responses import FileResponse

from api.deps import Asker, Running
from api.errors import ConflictError, UnknownResourceError
from api.guard import MAP_POLICY
from api.once import OnlyOnce
from api.present import BASE, export_out, exports_out
from api.public.copying import copy_for
from api.public.material import TITLE
from api.routes import HTML, ZIP, problems, sends
from api.routes.files import file_answer
from api.rows import Paged, found, page_of, unknown
from api.schemas import ExportIn, ExportOut, Id, Page
from api.store import Audience, Export, FileRole, Plan, now
from api.store.results import keep_export

router = APIRouter(tags=["exports"])
public = APIRouter(prefix="/public/{export_id}", tags=["public"])


@router.post(
    "/plans/{plan_id}/exports",
    status_code=status.HTTP_201_CREATED,
    summary="Make a copy of a plan",
    responses=problems(401, 403, 404, 409, 422, 429, 503, 507),
)
def post_export(  # FastAPI reads the arguments
    service: Running,
    asker: Asker,
    once: OnlyOnce,
    plan_id: Id,
    asked: ExportIn,
    response: Response,
) -> ExportOut:
    """For members with everything and a label on it; for the public from an allow-list."""
    store = service.store
    folder = Path(tempfile.mkdtemp(prefix="export-", dir=store.scratch))
    try:
        label = copy_for(
            asked.audience, store, plan_id, folder, service.aside, title=asked.title or TITLE
        )
        with store.database.session() as session:
            plan = found(session, Plan, plan_id)
            row = Export(
                project_id=plan.project_id,
                plan_id=plan_id,
                audience=asked.audience,
                label=label,
                created_by=asker.user_id,
            )
            session.add(row)
            session.flush()
            keep_export(session, store.files, row, folder)
            shown = export_out(session, row)
            location = f"{BASE}/exports/{row.export_id}"
            once.remember(session, status.HTTP_201_CREATED, shown, location)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    response.headers["Location"] = location
    return shown


@router.get("/plans/{plan_id}/exports", summary="Copies of a plan", responses=problems(401, 404))
def get_exports(service: Running, plan_id: Id, paging: Paged) -> Page[ExportOut]:
    """For members and for everybody, with their labels."""
    asked = sa.select(Export).where(Export.plan_id == plan_id)
    path = f"{BASE}/plans/{plan_id}/exports"
    with service.store.database.reading() as session:
        return page_of(
            session,
            asked,
            partial(exports_out, session),
            path=path,
            paging=paging,
        )


@router.get("/exports/{export_id}", summary="A copy", responses=problems(401, 404))
def get_export(service: Running, export_id: Id) -> ExportOut:
    """For whom it is, and where its file is."""
    with service.store.database.reading() as session:
        return export_out(session, found(session, Export, export_id))


@router.get(
    "/exports/{export_id}/file",
    summary="The file of a copy",
    response_class=FileResponse,
    responses={**sends(ZIP), **problems(401, 404)},
)
def get_export_file(service: Running, export_id: Id) -> FileResponse:
    """One zip; downloads are logged."""
    return _archive(service, export_id)


@router.post(
    "/exports/{export_id}/release",
    summary="Let everybody read a public copy",
    responses=problems(401, 403, 404, 409),
)
def post_release(service: Running, asker: Asker, export_id: Id) -> ExportOut:
    """Take a second pair of eyes: who made the copy does not release it."""
    with service.store.database.session() as session:
        row = found(session, Export, export_id)
        if row.audience != Audience.PUBLIC:
            raise ConflictError(f"{export_id}: a restricted copy; only a public one is released")
        if row.created_by == asker.user_id:
            raise ConflictError(f"{export_id}: you made it yourself; somebody else releases it")
        row.released, row.released_by = row.released or now(), row.released_by or asker.user_id
        return export_out(session, row)


@router.delete(
    "/exports/{export_id}/release",
    summary="Take a public copy back",
    responses=problems(401, 403, 404),
)
def delete_release(service: Running, export_id: Id) -> ExportOut:
    """Nobody without a role reads it from now on; what was downloaded is out."""
    with service.store.database.session() as session:
        row = found(session, Export, export_id)
        row.released = row.released_by = None
        return export_out(session, row)


@public.get(
    "",
    summary="The page of a public consultation",
    response_class=FileResponse,
    responses={**sends(HTML), **problems(404)},
)
def get_public_page(service: Running, export_id: Id) -> FileResponse:
    """For anybody who was given the address; one page that loads nothing else."""
    _check_released(service, export_id)
    headers = {"Content-Security-Policy": MAP_POLICY}
    return file_answer(
        service.store, export_id, FileRole.FILE, "consultation.html", headers=headers
    )


@public.get(
    "/file",
    summary="The files of a public consultation",
    response_class=FileResponse,
    responses={**sends(ZIP), **problems(404)},
)
def get_public_file(service: Running, export_id: Id) -> FileResponse:
    """Send the same in one zip, with the furniture as GeoJSON."""
    _check_released(service, export_id)
    return _archive(service, export_id)


def _check_released(service: Running, export_id: str) -> None:
    with service.store.database.reading() as session:
        row = session.get(Export, export_id)
        # Whoever guesses an address learns nothing, not even that there is a copy.
        if row is None or row.released is None:
            raise UnknownResourceError(unknown(export_id))


def _archive(service: Running, export_id: str) -> FileResponse:
    return file_answer(
        service.store,
        export_id,
        FileRole.ARCHIVE,
        "archive.zip",
        file_name=f"{export_id}.zip",
    )
