"""Rasters of heights that a planner sends in."""

from typing import Annotated

from fastapi import APIRouter, File, Response, UploadFile, status

from api.deps import Running
from api.jobs import now
from api.present import BASE
from api.routes import problems
from api.schemas import HeightsOut, Id
from api.store import Kind, write_record
from api.uploads import keep_upload, stored_name

router = APIRouter(prefix="/heights", tags=["heights"])

ENDINGS = (".tif", ".tiff")


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Send in heights of the ground",
    responses=problems(413, 415, 422, 507),
)
def post_heights(
    service: Running,
    response: Response,
    file: Annotated[UploadFile, File(description="GeoTIFF in any reference system")],
) -> HeightsOut:
    """Keep the file; whether it covers a site is told by the plan that asks for it."""
    file_name = stored_name(file.filename or "", ENDINGS, kind="raster of heights")
    upload_id = service.store.new_id(Kind.UPLOAD)
    try:
        with service.store.filling(Kind.UPLOAD, upload_id) as folder:
            heights_id = f"{Kind.HEIGHTS}-{keep_upload(file, folder, file_name)}"
        # The same file gets the same id, and is kept once.
        with service.store.filling(Kind.HEIGHTS, heights_id) as folder:
            kept = service.store.folder(Kind.UPLOAD, upload_id) / file_name
            size = kept.rename(folder / file_name).stat().st_size
            record = {"heights_id": heights_id, "file_name": file_name, "bytes": size}
            write_record(folder, {**record, "created": now()})
    finally:
        service.store.discard(Kind.UPLOAD, upload_id)
    response.headers["Location"] = f"{BASE}/heights/{heights_id}"
    return get_heights(service, heights_id)


@router.get("/{heights_id}", summary="A raster of heights", responses=problems(404))
def get_heights(service: Running, heights_id: Id) -> HeightsOut:
    """Return its name and its size."""
    return HeightsOut(**service.store.load(Kind.HEIGHTS, heights_id))
