"""Sites: a zone to protect with all that stands, runs and opens around it."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Response, status
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from api.deps import Running
from api.errors import UnknownResourceError
from api.present import job_href, job_out, site_out
from api.routes import problems
from api.schemas import Id, JobOut, PlanRequest, SiteOut, SiteRequest
from api.store import Kind
from sbd.catalogue.vehicles import vehicle_named
from sbd.sources.shipped import SHIPPED_PLACES

router = APIRouter(prefix="/sites", tags=["sites"])

LayerName = Annotated[str, InPath(pattern=r"^[a-z_]{1,40}$", examples=["solids"])]


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Make a site ready",
    responses=problems(404, 422),
)
def post_site(service: Running, request: SiteRequest, response: Response) -> JobOut:
    """Cut the data to the place and sort it, as a job; the same request gets the same site."""
    if request.place is not None and request.place not in SHIPPED_PLACES:
        known = ", ".join(SHIPPED_PLACES)
        raise UnknownResourceError(f"place {request.place[:40]!r}: not shipped; there are {known}")
    if request.extract_id is not None:
        service.store.load(Kind.EXTRACT, request.extract_id)
    asked = request.model_dump(mode="json")
    # Another version may read the same data in another way, so it makes another site.
    canonical = json.dumps([version("sbd"), asked], sort_keys=True)
    site_id = f"{Kind.SITE}-{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"
    record = service.jobs.submit(Kind.SITE, site_id, asked)
    response.headers["Location"] = job_href(record)
    return job_out(record)


@router.get("", summary="Every site, oldest first")
def get_sites(service: Running) -> list[SiteOut]:
    """Sites stay until their folder is taken away."""
    return [site_out(service.store.load(Kind.SITE, key)) for key in service.store.ids(Kind.SITE)]


@router.get("/{site_id}", summary="A site", responses=problems(404))
def get_site(service: Running, site_id: Id) -> SiteOut:
    """Return what was asked, the data report, and where the layers are."""
    return site_out(service.store.load(Kind.SITE, site_id))


@router.get(
    "/{site_id}/layers/{layer}",
    summary="A layer of a site as GeoJSON",
    response_class=FileResponse,
    responses=problems(404),
)
def get_site_layer(service: Running, site_id: Id, layer: LayerName) -> FileResponse:
    """Longitude and latitude, for display; the metric layers are in the plan's GeoPackage."""
    record = service.store.load(Kind.SITE, site_id)
    return layer_answer(service.store.folder(Kind.SITE, site_id), layer, record["layers"])


@router.post(
    "/{site_id}/plans",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Plan the protection of a site",
    responses=problems(404, 422),
)
def post_plan(service: Running, site_id: Id, request: PlanRequest, response: Response) -> JobOut:
    """Assess the approaches, place barriers and judge them, as a job."""
    service.store.load(Kind.SITE, site_id)
    for name in request.vehicles:
        vehicle_named(name)
    if request.heights_id is not None:
        service.store.load(Kind.HEIGHTS, request.heights_id)
    asked = {"site_id": site_id, **request.model_dump(mode="json")}
    record = service.jobs.submit(Kind.PLAN, service.store.new_id(Kind.PLAN), asked)
    response.headers["Location"] = job_href(record)
    return job_out(record)


def layer_answer(folder: Path, layer: str, known: list[str]) -> FileResponse:
    """Return the file of a layer; only names of the record lead to a file."""
    if layer not in known:
        raise UnknownResourceError(f"layer {layer!r}: not here; there are {', '.join(known)}")
    path = folder / "layers" / f"{layer}.geojson"
    return FileResponse(path, media_type="application/geo+json")
