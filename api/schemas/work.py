"""Jobs, and what goes wrong."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.shapes import Id
from api.store import JobKind, JobState


class Problem(BaseModel):
    """RFC 9457: what went wrong, with the library's own words in `detail`."""

    type: str
    title: str
    status: int
    detail: Annotated[
        str,
        Field(examples=["zone: 0 m2; the polygon is empty; draw one with at least three corners"]),
    ]
    instance: str | None = None
    faults: list[str] | None = None


class JobOut(BaseModel):
    """Work outside the request; `result` is where its product is once it is done."""

    job_id: Id
    project_id: Id
    kind: JobKind
    state: JobState
    attempts: Annotated[int, Field(description="How often it was begun.")]
    created: datetime
    created_by: str | None
    started: datetime | None = None
    finished: datetime | None = None
    result_id: Id
    result: Annotated[str, Field(examples=["/api/v1/plans/plan-3f9a0c51d2e4"])]
    events: Annotated[str, Field(examples=["/api/v1/jobs/job-3f9a0c51d2e4/events"])]
    error: Problem | None = None


class Health(BaseModel):
    """Whether the service is up."""

    status: Literal["ok"]
    version: str


class Ready(BaseModel):
    """Whether the service can work."""

    status: Literal["ready"]
