"""Files that a planner sends in: map extracts, own layers, heights, product lists."""

from functools import partial
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, File, Query, Response, UploadFile, status

from api.auth.first import AskedFirst
from api.deps import Asker, Running
from api.present import BASE, job_href, job_out, upload_out, uploads_out
from api.routes import problems
from api.rows import Paged, found, page_of
from api.schemas import Id, JobOut, Page, UploadOut
from api.store import JobKind, Upload, UploadKind
from api.uploads import ENDINGS, KINDS_IN_WORDS, drafted, stored_name, upload_id_of

router = APIRouter(tags=["uploads"], route_class=AskedFirst)

Kind = Annotated[UploadKind, Query(description="What the file is for.")]


@router.post(
    "/projects/{project_id}/uploads",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Send in a file",
    responses=problems(401, 403, 404, 413, 415, 422, 429, 503, 507),
)
def post_upload(  # FastAPI reads the arguments
    service: Running,
    asker: Asker,
    project_id: Id,
    kind: Kind,
    response: Response,
    file: Annotated[UploadFile, File(description="What ends as its kind does.")],
) -> JobOut:
    """Keep a file and read it as a job; the same file gets the same id.

    A file that can't be read fails its job with the reason, and is no upload of the project.
    """
    store = service.store
    file_name = stored_name(file.filename or "", ENDINGS[kind], kind=KINDS_IN_WORDS[kind])
    with drafted(file, file_name, kind, store.scratch, service.aside) as draft:
        kept = store.files.keep(draft)
    with store.database.session() as session:
        job = service.jobs.submit(
            session,
            project_id=project_id,
            kind=JobKind.UPLOAD,
            result_id=upload_id_of(project_id, kind, kept.digest),
            request={
                "kind": str(kind),
                "file_name": file_name,
                "digest": kept.digest,
                "bytes": kept.bytes,
            },
            user_id=asker.user_id,
        )
        shown = job_out(job)
    response.headers["Location"] = job_href(job)
    return shown


@router.get(
    "/projects/{project_id}/uploads",
    summary="Files of a project that were sent in",
    responses=problems(401, 404, 422),
)
def get_uploads(
    service: Running,
    project_id: Id,
    paging: Paged,
    kind: Annotated[UploadKind | None, Query(description="Only of this kind.")] = None,
) -> Page[UploadOut]:
    """Those that could be read."""
    asked = sa.select(Upload).where(Upload.project_id == project_id)
    if kind is not None:
        asked = asked.where(Upload.kind == kind)
    path = f"{BASE}/projects/{project_id}/uploads"
    with service.store.database.reading() as session:
        return page_of(
            session,
            asked,
            partial(uploads_out, session),
            path=path,
            paging=paging,
            kind=kind,
        )


@router.get("/uploads/{upload_id}", summary="What a file holds", responses=problems(401, 404))
def get_upload(service: Running, upload_id: Id) -> UploadOut:
    """Of an extract: where its data speaks, how old it is, what was repaired."""
    with service.store.database.reading() as session:
        return upload_out(session, found(session, Upload, upload_id))
