"""Comments on plans and projects, pinned to a place or to a barrier."""

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response, status
from shapely.geometry import shape
from sqlalchemy.orm import Session

from api.auth.permissions import Need, may
from api.deps import Asker, Running
from api.errors import ConflictError, NotAllowedError, UnknownResourceError
from api.once import OnlyOnce
from api.present import BASE, comment_out
from api.routes import problems
from api.rows import IfMatch, Paged, changed, check_match, each, found, found_in, page_of, tagged
from api.schemas import CommentIn, CommentOut, CommentPatch, Id, Page
from api.store import Comment, Member, Plan, PlanFeature, Role

router = APIRouter(tags=["comments"])


@router.get(
    "/projects/{project_id}/comments",
    summary="Comments of a project",
    responses=problems(401, 404),
)
def get_project_comments(service: Running, project_id: Id, paging: Paged) -> Page[CommentOut]:
    """Those on its plans among them."""
    asked = sa.select(Comment).where(Comment.project_id == project_id)
    path = f"{BASE}/projects/{project_id}/comments"
    with service.store.database.reading() as session:
        return page_of(session, asked, each(comment_out), path=path, paging=paging)


@router.get("/plans/{plan_id}/comments", summary="Comments on a plan", responses=problems(401, 404))
def get_plan_comments(service: Running, plan_id: Id, paging: Paged) -> Page[CommentOut]:
    """Answers name what they answer."""
    asked = sa.select(Comment).where(Comment.plan_id == plan_id)
    path = f"{BASE}/plans/{plan_id}/comments"
    with service.store.database.reading() as session:
        return page_of(session, asked, each(comment_out), path=path, paging=paging)


@router.post(
    "/projects/{project_id}/comments",
    status_code=status.HTTP_201_CREATED,
    summary="Comment on a project",
    responses=problems(401, 403, 404, 409, 422),
)
def post_project_comment(  # FastAPI reads the arguments
    service: Running,
    request: Request,
    once: OnlyOnce,
    project_id: Id,
    asked: CommentIn,
    response: Response,
) -> CommentOut:
    """Say something about the project as a whole, or about a place in it."""
    return _made(service, request, once, response, project_id, None, asked)


@router.post(
    "/plans/{plan_id}/comments",
    status_code=status.HTTP_201_CREATED,
    summary="Comment on a plan",
    responses=problems(401, 403, 404, 409, 422),
)
def post_plan_comment(  # FastAPI reads the arguments
    service: Running,
    request: Request,
    once: OnlyOnce,
    plan_id: Id,
    asked: CommentIn,
    response: Response,
) -> CommentOut:
    """Say something about a plan, a place or a line of its barriers."""
    return _made(service, request, once, response, request.state.project_id, plan_id, asked)


@router.get("/comments/{comment_id}", summary="A comment", responses=problems(401, 403, 404))
def get_comment(
    service: Running, request: Request, asker: Asker, comment_id: Id, response: Response
) -> CommentOut:
    """Return what was said, and where; a private operator reads his own and what answers it."""
    with service.store.database.reading() as session:
        comment = found(session, Comment, comment_id)
        if not may(request, Need.READ) and not _is_said_to(session, comment, asker.user_id):
            raise NotAllowedError(
                f"{comment_id!r}: written by somebody else; a private operator reads his own "
                "comments and what answers them"
            )
        tagged(response, comment)
        return comment_out(comment)


@router.patch(
    "/comments/{comment_id}",
    summary="Change a comment, or settle it",
    responses=problems(401, 403, 404, 412, 422, 428),
)
def patch_comment(  # FastAPI reads the arguments
    service: Running,
    request: Request,
    asker: Asker,
    comment_id: Id,
    asked: CommentPatch,
    response: Response,
    if_match: IfMatch = None,
) -> CommentOut:
    """Only who wrote it changes its words; planners may settle any."""
    with service.store.database.session() as session:
        comment = found(session, Comment, comment_id)
        own = comment.created_by == asker.user_id
        if not own and (asked.text is not None or not may(request, Need.PLAN)):
            raise NotAllowedError(
                f"{comment_id!r}: written by somebody else; a planner can settle it, "
                "nobody else changes its words"
            )
        check_match(comment, if_match)
        changed(comment, asked.model_dump(exclude_none=True))
        shown = comment_out(comment)
    tagged(response, comment)
    return shown


@router.delete(
    "/comments/{comment_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Take a comment back",
    responses=problems(401, 403, 404, 409, 412, 428),
)
def delete_comment(
    service: Running, asker: Asker, comment_id: Id, if_match: IfMatch = None
) -> None:
    """Only who wrote it may, and only as long as nobody has answered."""
    with service.store.database.session() as session:
        comment = found(session, Comment, comment_id)
        if comment.created_by != asker.user_id:
            raise NotAllowedError(f"{comment_id!r}: written by somebody else")
        check_match(comment, if_match)
        if session.scalars(sa.select(Comment).where(Comment.answers == comment_id)).first():
            raise ConflictError(f"{comment_id!r}: was answered, so it stays; change its words")
        session.delete(comment)


def _is_said_to(session: Session, comment: Comment, user_id: str) -> bool:
    """Return whether somebody wrote a comment, or the one that it answers."""
    if comment.created_by == user_id:
        return True
    answered = session.get(Comment, comment.answers) if comment.answers is not None else None
    return answered is not None and answered.created_by == user_id


def _made(  # what a creation needs
    service: Running,
    request: Request,
    once: OnlyOnce,
    response: Response,
    project_id: str,
    plan_id: str | None,
    asked: CommentIn,
) -> CommentOut:
    with service.store.database.session() as session:
        _check(session, project_id, plan_id, asked, request.state.member)
        comment = Comment(
            project_id=project_id,
            plan_id=plan_id,
            answers=asked.answers,
            text=asked.text,
            place=shape(asked.place.model_dump()) if asked.place else None,
            line_id=asked.line_id,
            audience=asked.audience,
            created_by=request.state.principal.user_id,
        )
        session.add(comment)
        session.flush()
        shown = comment_out(comment)
        location = f"{BASE}/comments/{comment.comment_id}"
        once.remember(session, status.HTTP_201_CREATED, shown, location)
    response.headers["Location"] = location
    tagged(response, comment)
    return shown


def _check(
    session: Session,
    project_id: str,
    plan_id: str | None,
    asked: CommentIn,
    member: Member | None,
) -> None:
    """Refuse a comment on what is not there, or outside of an operator's frontage."""
    if member is not None and member.role == Role.PRIVATE_OPERATOR:
        _check_operator(asked, member)
    if plan_id is not None:
        found_in(session, Plan, plan_id, project_id)
    if asked.answers is not None:
        answered = found_in(session, Comment, asked.answers, project_id)
        if answered.plan_id != plan_id:
            raise UnknownResourceError(f"{asked.answers!r}: not a comment of this list")
    if asked.line_id is not None and not _has_line(session, plan_id, asked.line_id):
        raise UnknownResourceError(f"line {asked.line_id!r}: the plan has none of this name")


def _check_operator(asked: CommentIn, member: Member) -> None:
    place = shape(asked.place.model_dump()) if asked.place else None
    if place is None or member.frontage is None or not member.frontage.covers(place):
        raise NotAllowedError("comment: pin it to a place on your own frontage")
    # Whether there is a line of this name would tell how many there are.
    if asked.line_id is not None:
        raise NotAllowedError("comment: leave line_id out; a place on your own frontage is enough")


def _has_line(session: Session, plan_id: str | None, line_id: str) -> bool:
    rows = session.scalars(
        sa.select(PlanFeature.properties).where(
            PlanFeature.plan_id == plan_id, PlanFeature.layer == "barriers"
        )
    )
    return any(properties.get("line_id") == line_id for properties in rows)
