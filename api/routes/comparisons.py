"""Comparisons: what differs from one plan to another, object by object."""

from pathlib import Path

import sqlalchemy as sa
from fastapi import APIRouter, Response, status
from sqlalchemy.orm import Session

from api.deps import Asker, Running
from api.errors import UnknownResourceError
from api.named import Named
from api.once import OnlyOnce
from api.present import BASE
from api.queue import Record
from api.routes import problems
from api.rows import Paged, each, found, found_in, page_of, unknown
from api.schemas import ComparisonIn, ComparisonOut, Id, Page
from api.store import Comparison, FileRole, ItemFile, Plan, Store

router = APIRouter(tags=["comparisons"])

_COMPARED = Named("api.compared:compared")


@router.post(
    "/projects/{project_id}/comparisons",
    status_code=status.HTTP_201_CREATED,
    summary="Compare two plans",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
def post_comparison(  # FastAPI reads the arguments
    service: Running,
    asker: Asker,
    once: OnlyOnce,
    project_id: Id,
    asked: ComparisonIn,
    response: Response,
) -> ComparisonOut:
    """Permanent with temporary, a version with the one before: of one place, two plans."""
    with service.store.database.reading() as session:
        before, after = (
            _file(service.store, session, project_id, plan_id)
            for plan_id in (asked.plan_a, asked.plan_b)
        )
    label = f"comparing {asked.plan_a} with {asked.plan_b}"
    record: Record = service.aside.call(_COMPARED, before, after, label=label)
    with service.store.database.session() as session:
        row = Comparison(
            project_id=project_id,
            plan_a=asked.plan_a,
            plan_b=asked.plan_b,
            record=record,
            created_by=asker.user_id,
        )
        session.add(row)
        session.flush()
        shown = _shown(row)
        location = f"{BASE}/comparisons/{row.comparison_id}"
        once.remember(session, status.HTTP_201_CREATED, shown, location)
    response.headers["Location"] = location
    return shown


@router.get(
    "/projects/{project_id}/comparisons",
    summary="Comparisons of a project",
    responses=problems(401, 404),
)
def get_comparisons(service: Running, project_id: Id, paging: Paged) -> Page[ComparisonOut]:
    """Oldest first."""
    asked = sa.select(Comparison).where(Comparison.project_id == project_id)
    path = f"{BASE}/projects/{project_id}/comparisons"
    with service.store.database.reading() as session:
        return page_of(session, asked, each(_shown), path=path, paging=paging)


@router.get("/comparisons/{comparison_id}", summary="A comparison", responses=problems(401, 404))
def get_comparison(service: Running, comparison_id: Id) -> ComparisonOut:
    """Units that are the same, moved, other, added or removed; every measure side by side."""
    with service.store.database.reading() as session:
        return _shown(found(session, Comparison, comparison_id))


def _file(store: Store, session: Session, project_id: str, plan_id: str) -> Path:
    found_in(session, Plan, plan_id, project_id)
    entry = session.get(ItemFile, (plan_id, FileRole.FILE, "proposal.gpkg"))
    if entry is None:
        raise UnknownResourceError(unknown(plan_id))
    return store.files.path(entry.digest)


def _shown(row: Comparison) -> ComparisonOut:
    return ComparisonOut(
        comparison_id=row.comparison_id,
        project_id=row.project_id,
        plan_a=row.plan_a,
        plan_b=row.plan_b,
        created=row.created,
        created_by=row.created_by,
        **row.record,
    )
