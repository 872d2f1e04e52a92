"""Map extracts that a planner sends in."""

import hashlib
import re
import shutil
from typing import Annotated

from fastapi import APIRouter, File, Response, UploadFile, status

from api.deps import Running
from api.errors import UploadKindError
from api.present import extract_out, job_href, job_out
from api.routes import problems
from api.schemas import ExtractOut, Id, JobOut
from api.store import Kind
from sbd.errors import ExtractError

router = APIRouter(prefix="/extracts", tags=["extracts"])

ENDINGS = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf")

_CHUNK_BYTES = 1024 * 1024


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
    file_name = stored_name(file.filename or "")
    upload_id = service.store.new_id(Kind.UPLOAD)
    with service.store.filling(Kind.UPLOAD, upload_id) as folder:
        path = folder / file_name
        with path.open("wb") as stream:
            shutil.copyfileobj(file.file, stream, _CHUNK_BYTES)
        if path.stat().st_size == 0:
            raise ExtractError(f"{file_name}: the file is empty (0 bytes); send a map extract")
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        extract_id = f"{Kind.EXTRACT}-{digest[:12]}"
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


def stored_name(sent_name: str) -> str:
    """Return a name that can do no harm, with one of the endings that can be read.

    Raises UploadKindError where it ends otherwise.

    >>> stored_name("../../my city.osm.pbf")
    'my_city.osm.pbf'
    """
    name = sent_name.replace("\\", "/").rpartition("/")[2]
    ending = next((end for end in ENDINGS if name.lower().endswith(end)), None)
    if ending is None:
        raise UploadKindError(
            f"file {name[:80]!r}: not a map extract; give one of {', '.join(ENDINGS)}"
        )
    stem = re.sub(r"[^A-Za-z0-9_-]", "_", name[: -len(ending)])[:60]
    return f"{stem or 'extract'}{ending}"
