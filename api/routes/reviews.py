"""The way of a plan through the hands: submission, sign-offs, approval."""

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response, status
from sqlalchemy.orm import Session

from api import review
from api.deps import Asker, Running
from api.once import OnlyOnce
from api.present import BASE
from api.routes import problems
from api.rows import found, tagged
from api.schemas import DecisionIn, Id, ReviewIn, ReviewOut, ReviewState
from api.store import (
    Audience,
    Comment,
    Decision,
    Discipline,
    Plan,
    PlanState,
    Project,
    Proposal,
    Review,
)
from api.store.results import content_hash_of

router = APIRouter(prefix="/plans/{plan_id}", tags=["reviews"])


@router.post(
    "/submission",
    summary="Put a draft before the reviewers",
    responses=problems(401, 403, 404, 409),
)
def post_submission(service: Running, asker: Asker, plan_id: Id, response: Response) -> ReviewState:
    """Only a plan that the judge lets pass is submitted."""
    with service.store.database.session() as session:
        plan = found(session, Plan, plan_id)
        review.submitted(plan, asker.user_id)
        tagged(response, plan)
        return _state(session, plan)


@router.delete("/submission", summary="Take a plan back", responses=problems(401, 403, 404, 409))
def delete_submission(service: Running, plan_id: Id, response: Response) -> ReviewState:
    """Make it a draft again, as long as nobody has decided."""
    with service.store.database.session() as session:
        plan = found(session, Plan, plan_id)
        review.taken_back(plan)
        tagged(response, plan)
        return _state(session, plan)


@router.get("/reviews", summary="Where a plan is on its way", responses=problems(401, 404))
def get_reviews(service: Running, plan_id: Id, response: Response) -> ReviewState:
    """Its state, what was said, and which sign-offs an approval still waits for."""
    with service.store.database.reading() as session:
        plan = found(session, Plan, plan_id)
        tagged(response, plan)
        return _state(session, plan)


@router.post(
    "/reviews",
    status_code=status.HTTP_201_CREATED,
    summary="Sign a plan, or ask for changes",
    responses=problems(401, 403, 404, 409, 422),
)
def post_review(  # FastAPI reads the arguments
    service: Running,
    request: Request,
    asker: Asker,
    once: OnlyOnce,
    plan_id: Id,
    asked: ReviewIn,
) -> ReviewOut:
    """Each discipline for itself; its last word counts."""
    with service.store.database.session() as session:
        plan = found(session, Plan, plan_id)
        row = Review(
            project_id=plan.project_id,
            plan_id=plan_id,
            discipline=asked.discipline,
            decision=asked.decision,
            text=asked.text,
            content_hash=plan.content_hash,
            created_by=asker.user_id,
        )
        review.reviewed(plan, row, request.state.member, authors=_authors(session, plan))
        session.add(row)
        session.flush()
        shown = _shown(row)
        once.remember(session, status.HTTP_201_CREATED, shown, f"{BASE}/plans/{plan_id}/reviews")
    return shown


@router.post(
    "/approval",
    summary="Approve a plan, or ask for changes",
    responses=problems(401, 403, 404, 409, 422),
)
def post_approval(
    service: Running, asker: Asker, plan_id: Id, asked: DecisionIn, response: Response
) -> ReviewState:
    """Decide for good: an approved plan never changes; whoever edits it makes a new draft.

    What is said to it is kept as a comment on the plan, for the project alone.
    """
    with service.store.database.session() as session:
        plan = found(session, Plan, plan_id)
        review.decided(
            plan,
            asked.decision,
            user_id=asker.user_id,
            seen=asked.content_hash,
            # Computed afresh: what is approved is what the store holds today.
            stored=content_hash_of(session, service.store.files, plan),
            authors=_authors(session, plan),
            missing=_missing(session, plan),
        )
        if asked.text.strip():
            session.add(_words_on(plan, asked.text, asker.user_id))
        tagged(response, plan)
        return _state(session, plan)


def _words_on(plan: Plan, text: str, user_id: str) -> Comment:
    return Comment(
        project_id=plan.project_id,
        plan_id=plan.plan_id,
        text=text,
        audience=Audience.RESTRICTED,
        created_by=user_id,
    )


def _authors(session: Session, plan: Plan) -> list[str | None]:
    rows = session.execute(
        sa.select(Plan.created_by, Plan.submitted_by).where(Plan.proposal_id == plan.proposal_id)
    )
    proposal = found(session, Proposal, plan.proposal_id)
    return [proposal.created_by, *(name for row in rows for name in row if name is not None)]


def _reviews(session: Session, plan: Plan) -> list[Review]:
    asked = sa.select(Review).where(Review.plan_id == plan.plan_id)
    return list(session.scalars(asked.order_by(Review.created, Review.review_id)))


def _missing(session: Session, plan: Plan) -> list[Discipline]:
    project = found(session, Project, plan.project_id)
    return review.missing_sign_offs(project.sign_offs, _reviews(session, plan), plan.content_hash)


def _state(session: Session, plan: Plan) -> ReviewState:
    return ReviewState(
        plan_id=plan.plan_id,
        state=PlanState(plan.state),
        content_hash=plan.content_hash,
        submitted=plan.submitted,
        submitted_by=plan.submitted_by,
        decided=plan.decided,
        decided_by=plan.decided_by,
        missing=_missing(session, plan),
        reviews=[_shown(row) for row in _reviews(session, plan)],
    )


def _shown(row: Review) -> ReviewOut:
    return ReviewOut(
        review_id=row.review_id,
        plan_id=row.plan_id,
        discipline=Discipline(row.discipline),
        decision=Decision(row.decision),
        text=row.text,
        content_hash=row.content_hash,
        created=row.created,
        created_by=row.created_by,
    )
