"""What people say about plans, and what leaves the house: comments, reviews, exports."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Geometry, Made, Table, Versioned, new_id


class Audience(StrEnum):
    """Who may see something."""

    RESTRICTED = "restricted"  # members of the project
    PUBLIC = "public"  # anybody: no speeds, energies, corridors, gaps, ratings or weak points


class Decision(StrEnum):
    """What a reviewer or approver says."""

    SIGNED = "signed"
    CHANGES_ASKED = "changes_asked"


class Comment(Made, Versioned, Table):
    """A remark on a plan, pinned to a place or to a barrier, or on the project as a whole."""

    __tablename__ = "comments"

    comment_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("comment"))
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"), index=True)
    plan_id: Mapped[str | None] = mapped_column(sa.ForeignKey("plans.plan_id"), index=True)
    answers: Mapped[str | None] = mapped_column(sa.ForeignKey("comments.comment_id"))
    text: Mapped[str]
    place: Mapped[Any | None] = mapped_column(Geometry)  # a point
    line_id: Mapped[str | None]  # of the plan's barriers
    audience: Mapped[str] = mapped_column(default=Audience.RESTRICTED)
    is_resolved: Mapped[bool] = mapped_column(default=False)


class Review(Made, Table):
    """What one discipline says of one plan; the last one of a discipline counts."""

    __tablename__ = "reviews"

    review_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("review"))
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"), index=True)
    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.plan_id"), index=True)
    discipline: Mapped[str]  # a Discipline
    decision: Mapped[str]  # a Decision
    text: Mapped[str] = mapped_column(default="")
    content_hash: Mapped[str]  # of the plan that was looked at


class Export(Made, Table):
    """A copy of a plan for one audience; its file is the item's archive."""

    __tablename__ = "exports"

    export_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("export"))
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"), index=True)
    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.plan_id"), index=True)
    audience: Mapped[str]  # an Audience
    label: Mapped[str]  # the sensitivity in words, as it stands on the export
    released: Mapped[datetime | None]  # from when on anybody may read a public one
    released_by: Mapped[str | None] = mapped_column(sa.ForeignKey("users.user_id"))
