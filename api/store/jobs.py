"""Work outside the request: jobs, what they tell, and requests that came twice."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Made, Table, new_id, now


class JobKind(StrEnum):
    """What a job makes."""

    UPLOAD = "upload"
    SITE = "site"
    ASSESSMENT = "assessment"
    PLAN = "plan"


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINISHED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

_ACTIVE = sa.text("state IN ('queued', 'running')")


class Job(Made, Table):
    """A piece of work; it is done exactly when its result is there."""

    __tablename__ = "jobs"
    __table_args__ = (
        # Two who ask for the same thing in the same moment get the same job.
        sa.Index(
            "ix_jobs_active",
            "result_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
    )

    job_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("job"))
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"), index=True)
    kind: Mapped[str]  # a JobKind
    state: Mapped[str] = mapped_column(default=JobState.QUEUED, index=True)
    request: Mapped[dict[str, Any]]  # all that the work needs to know
    result_id: Mapped[str]  # of what it makes
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    error: Mapped[dict[str, Any] | None]  # a problem (RFC 9457)


class JobEvent(Table):
    """One thing that happened in a job; the number is the event's id in its stream."""

    __tablename__ = "job_events"

    job_id: Mapped[str] = mapped_column(sa.ForeignKey("jobs.job_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]  # progress, retry, or end
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)


class RepeatedRequest(Table):
    """The answer to a creation that carried an idempotency key, for when it comes again."""

    __tablename__ = "repeated_requests"

    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.user_id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int]
    body: Mapped[dict[str, Any]]
    location: Mapped[str | None]
    created: Mapped[datetime] = mapped_column(default=now, index=True)
