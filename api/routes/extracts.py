"""Map extracts that a planner sends in."""

from typing import Annotated

from fastapi import APIRouter, File, Response, UploadFile, status

from api.deps import Running
from api.present import extract_out, job_href, job_out
from api.routes import problems
from api.schemas import ExtractOut, Id, JobOut
from api.store import Kind
from api.uploads import keep_upload, stored_name

router = APIRouter(prefix="/extracts", tags=["extracts"])

ENDINGS = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf")


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Send in a map extract",
    responses=problems(413, 415, 422, 507),
)
def post_extract(
    service: Running,
    response: Response,
    file: Annotated[UploadFile, File(description="OpenStreetMap data: " + ", ".join(ENDINGS))],
) -> JobOut:
    """Keep the file, and read it as a job; the same file gets the same id."""
    file_name = stored_name(file.filename or "", ENDINGS, kind="map extract")
    upload_id = service.store.new_id(Kind.UPLOAD)
    with service.store.filling(Kind.UPLOAD, upload_id) as folder:
        extract_id = f"{Kind.EXTRACT}-{keep_upload(file, folder, file_name)}"
    request = {"upload_id": upload_id, "file_name": file_name}
    record = service.jobs.submit(Kind.EXTRACT, extract_id, request)
    if record["state"] == "done" or record["request"]["upload_id"] != upload_id:
        service.store.discard(Kind.UPLOAD, upload_id)  # the same file is here, or on its way
    response.headers["Location"] = job_href(record)
    return job_out(record)


@router.get("/{extract_id}", summary="What an extract holds", responses=problems(404))
def get_extract(service: Running, extract_id: Id) -> ExtractOut:
    """Where its data speaks, how old it is, and the squares that it knows."""
    return extract_out(service.store.load(Kind.EXTRACT, extract_id))
