"""Plans: layers to see, files to take home, the map as one page."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from api.deps import Running
from api.errors import UnknownResourceError
from api.guard import MAP_POLICY
from api.present import plan_out
from api.routes import problems
from api.routes.sites import LayerName, layer_answer
from api.schemas import Id, PlanOut
from api.store import Kind

router = APIRouter(prefix="/plans", tags=["plans"])

FileName = Annotated[str, InPath(pattern=r"^[\w.-]{1,80}$", examples=["placement.geojson"])]


@router.get("", summary="Every plan, oldest first")
def get_plans(service: Running) -> list[PlanOut]:
    """Plans stay until their folder is taken away."""
    return [plan_out(service.store.load(Kind.PLAN, key)) for key in service.store.ids(Kind.PLAN)]


@router.get("/{plan_id}", summary="A plan with its verdict", responses=problems(404))
def get_plan(service: Running, plan_id: Id) -> PlanOut:
    """Verdict, summary, and where the layers and files are."""
    return plan_out(service.store.load(Kind.PLAN, plan_id))


@router.get(
    "/{plan_id}/layers/{layer}",
    summary="A layer of a plan as GeoJSON",
    response_class=FileResponse,
    responses=problems(404),
)
def get_plan_layer(service: Running, plan_id: Id, layer: LayerName) -> FileResponse:
    """Longitude and latitude, for display."""
    record = service.store.load(Kind.PLAN, plan_id)
    return layer_answer(service.store.folder(Kind.PLAN, plan_id), layer, record["layers"])


@router.get(
    "/{plan_id}/map",
    summary="The interactive map as one page",
    response_class=FileResponse,
    responses=problems(404),
)
def get_plan_map(service: Running, plan_id: Id) -> FileResponse:
    """Folium's page with everything inlined, under a policy of its own."""
    service.store.load(Kind.PLAN, plan_id)
    path = service.store.folder(Kind.PLAN, plan_id) / "files" / "map.html"
    headers = {"Content-Security-Policy": MAP_POLICY}
    return FileResponse(path, headers=headers, media_type="text/html; charset=utf-8")


@router.get(
    "/{plan_id}/files/{name}",
    summary="A file of a plan",
    response_class=FileResponse,
    responses=problems(404),
)
def get_plan_file(service: Running, plan_id: Id, name: FileName) -> FileResponse:
    """Send a file as a download, so that none is run as a page."""
    record = service.store.load(Kind.PLAN, plan_id)
    entry = next((entry for entry in record["files"] if entry["name"] == name), None)
    if entry is None:
        known = ", ".join(entry["name"] for entry in record["files"])
        raise UnknownResourceError(f"file {name!r}: not here; there are {known}")
    path = service.store.folder(Kind.PLAN, plan_id) / "files" / name
    return FileResponse(path, media_type=entry["media_type"], filename=f"{plan_id}-{name}")


@router.get(
    "/{plan_id}/archive",
    summary="All files of a plan in one zip",
    response_class=FileResponse,
    responses=problems(404),
)
def get_plan_archive(service: Running, plan_id: Id) -> FileResponse:
    """Send the same files in one."""
    service.store.load(Kind.PLAN, plan_id)
    path = service.store.folder(Kind.PLAN, plan_id) / "files.zip"
    return FileResponse(path, media_type="application/zip", filename=f"{plan_id}.zip")
