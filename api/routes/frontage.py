"""What a private operator sees: the furniture in front of his own door, and nothing else."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from shapely.geometry import Polygon, mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from api.auth.permissions import Need, may
from api.deps import Asker, Running
from api.present import comment_out
from api.routes import problems
from api.schemas import FrontageOut, Id
from api.store import Comment, Member, Plan, PlanFeature, PlanState

router = APIRouter(tags=["frontage"])

# Drafts are nobody's business but the planners'.
_SHOWN = (PlanState.IN_REVIEW, PlanState.APPROVED)
# Ids, ratings and costs lead to weak points; what stands there does not.
_TOLD = ("kind", "width_m", "depth_m")


@router.get(
    "/projects/{project_id}/frontage",
    summary="What is planned on your frontage",
    responses=problems(401, 404),
)
def get_frontage(service: Running, request: Request, asker: Asker, project_id: Id) -> FrontageOut:
    """Where furniture is planned and how large it is, without speeds, energies or ratings.

    A private operator sees what stands on his own ground, what is said of places there, what he
    said himself and what answers it; other members see all of it, as he would.
    """
    member: Member | None = request.state.member
    # Who reads nothing else is a private operator: without ground of his own he sees none.
    ground = None if may(request, Need.READ) else (member and member.frontage) or Polygon()
    with service.store.database.reading() as session:
        plan = _newest(session, project_id)
        shapes = [] if plan is None else _units(session, plan.plan_id)
        talk = session.scalars(
            sa.select(Comment)
            .where(Comment.project_id == project_id)
            .order_by(Comment.created, Comment.comment_id)
        ).all()
        own = {row.comment_id for row in talk if row.created_by == asker.user_id}
        return FrontageOut(
            plan_id=None if plan is None else plan.plan_id,
            state=None if plan is None else PlanState(plan.state),
            furniture={
                "type": "FeatureCollection",
                "features": [
                    _feature(row)
                    for row in shapes
                    if ground is None or _stands_on(row.shape, ground)
                ],
            },
            comments=[comment_out(row) for row in talk if _concerns(row, ground, own)],
        )


def _stands_on(footprint: BaseGeometry, ground: BaseGeometry) -> bool:
    """Return whether some of a unit is on a ground; what only touches it stands next door."""
    return bool(ground.intersects(footprint)) and not ground.touches(footprint)


def _concerns(comment: Comment, ground: BaseGeometry | None, own: set[str]) -> bool:
    """Return whether a comment is of a place on a ground (None: any), or somebody's own talk."""
    if comment.place is not None and (ground is None or ground.covers(comment.place)):
        return True
    return ground is not None and not own.isdisjoint({comment.comment_id, comment.answers})


def _newest(session: Session, project_id: str) -> Plan | None:
    asked = sa.select(Plan).where(Plan.project_id == project_id, Plan.state.in_(_SHOWN))
    return session.scalars(
        asked.order_by(Plan.created.desc(), Plan.plan_id.desc()).limit(1)
    ).first()


def _units(session: Session, plan_id: str) -> list[PlanFeature]:
    asked = sa.select(PlanFeature).where(
        PlanFeature.plan_id == plan_id, PlanFeature.layer == "footprints"
    )
    return list(session.scalars(asked.order_by(PlanFeature.number)))


def _feature(row: PlanFeature) -> dict[str, Any]:
    told = {name: row.properties.get(name) for name in _TOLD}
    return {"type": "Feature", "geometry": mapping(row.shape), "properties": told}
