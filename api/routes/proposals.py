"""Proposals: a name over plans, each a version that is computed as a job."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response, status
from sqlalchemy.orm import Session

from api.deps import Asker, Running
from api.once import OnlyOnce
from api.orders import order_plan
from api.present import BASE, job_href, job_out, plans_out, proposal_out, proposals_out
from api.routes import problems
from api.rows import IfMatch, Paged, changed, check_match, found, page_of, tagged
from api.schemas import (
    Id,
    JobOut,
    Page,
    PlanOut,
    PlanRequest,
    ProposalOut,
    ProposalPatch,
    ProposalRequest,
)
from api.store import Plan, Proposal, Site
from api.store.lists import within

router = APIRouter(tags=["proposals"])

Box = Annotated[
    str | None,
    Query(
        pattern=r"^-?[0-9]+(\.[0-9]+)?(,-?[0-9]+(\.[0-9]+)?){3}$",
        max_length=120,
        description="West, south, east, north in degrees: only zones that touch it.",
        examples=["24.94,60.17,24.95,60.18"],
    ),
]


@router.post(
    "/sites/{site_id}/proposals",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Plan the protection of a site",
    responses=problems(401, 403, 404, 409, 422, 429),
)
def post_proposal(  # FastAPI reads the arguments
    service: Running,
    asker: Asker,
    once: OnlyOnce,
    site_id: Id,
    request: ProposalRequest,
    response: Response,
) -> JobOut:
    """Assess, place and judge as a job, which makes a proposal with its first plan."""
    asked = PlanRequest.model_validate(request.model_dump(exclude={"name"}))
    with service.store.database.session() as session:
        site = found(session, Site, site_id)
        named = {"name": request.name}
        return _ordered(service, session, asker, once, response, site, asked, named)


@router.post(
    "/proposals/{proposal_id}/plans",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Plan again: the next version",
    responses=problems(401, 403, 404, 409, 422, 429),
)
def post_plan(  # FastAPI reads the arguments
    service: Running,
    asker: Asker,
    once: OnlyOnce,
    proposal_id: Id,
    request: PlanRequest,
    response: Response,
) -> JobOut:
    """Make a new draft; the plans before it stay as they are."""
    with service.store.database.session() as session:
        proposal = found(session, Proposal, proposal_id)
        site = found(session, Site, proposal.site_id)
        named = {"proposal_id": proposal_id}
        return _ordered(service, session, asker, once, response, site, request, named)


@router.get(
    "/projects/{project_id}/proposals",
    summary="Proposals of a project",
    responses=problems(401, 404, 422),
)
def get_proposals(
    service: Running,
    project_id: Id,
    paging: Paged,
    bbox: Box = None,
) -> Page[ProposalOut]:
    """Each with its newest plan, how that one stands, and what it costs."""
    asked = sa.select(Proposal).where(Proposal.project_id == project_id)
    path = f"{BASE}/projects/{project_id}/proposals"
    with service.store.database.reading() as session:
        only = None if bbox is None else within(session, bbox)
        shown = partial(proposals_out, session)
        return page_of(session, asked, shown, path=path, paging=paging, only=only, bbox=bbox)


@router.get("/proposals/{proposal_id}", summary="A proposal", responses=problems(401, 404))
def get_proposal(service: Running, proposal_id: Id, response: Response) -> ProposalOut:
    """Its name, and its newest plan."""
    with service.store.database.reading() as session:
        proposal = found(session, Proposal, proposal_id)
        tagged(response, proposal)
        return proposal_out(session, proposal)


@router.patch(
    "/proposals/{proposal_id}",
    summary="Give a proposal another name",
    responses=problems(401, 403, 404, 412, 422, 428),
)
def patch_proposal(
    service: Running,
    proposal_id: Id,
    asked: ProposalPatch,
    response: Response,
    if_match: IfMatch = None,
) -> ProposalOut:
    """Its plans keep theirs: what is approved says what it was called then."""
    with service.store.database.session() as session:
        proposal = found(session, Proposal, proposal_id)
        check_match(proposal, if_match)
        changed(proposal, {"name": asked.name})
        shown = proposal_out(session, proposal)
    tagged(response, proposal)
    return shown


@router.get("/proposals/{proposal_id}/plans", summary="Versions", responses=problems(401, 404))
def get_plans(service: Running, proposal_id: Id, paging: Paged) -> Page[PlanOut]:
    """Every plan of a proposal, each with its verdict."""
    asked = sa.select(Plan).where(Plan.proposal_id == proposal_id)
    path = f"{BASE}/proposals/{proposal_id}/plans"
    with service.store.database.reading() as session:
        return page_of(session, asked, partial(plans_out, session), path=path, paging=paging)


def _ordered(  # what a creation needs
    service: Running,
    session: Session,
    asker: Asker,
    once: OnlyOnce,
    response: Response,
    site: Site,
    request: PlanRequest,
    named: Mapping[str, str | None],
) -> JobOut:
    job = order_plan(service, session, site, request, asker.user_id, **named)
    shown = job_out(job)
    once.remember(session, status.HTTP_202_ACCEPTED, shown, job_href(job))
    response.headers["Location"] = job_href(job)
    return shown
