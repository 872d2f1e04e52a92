"""Jobs: state, events as they come, stop."""

from collections.abc import AsyncIterator
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Header, Response, status
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from api.deps import Running
from api.present import BASE, job_out
from api.routes import problems, streams
from api.rows import Paged, each, found, page_of
from api.schemas import Id, JobOut, Page
from api.store import Job
from sbd.export.jsontext import to_json

router = APIRouter(tags=["jobs"])

_EVENTS_IN_WORDS = (
    "Server-sent events. `progress` carries stage, share (0 to 1), note and seconds; `retry` says "
    "that the work begins again, and why; `end` carries the state and the error, and is the last. "
    "Ids ascend from 1: a client that sends `Last-Event-ID` goes on behind it; where nothing is "
    "left to tell the answer is 204, on which an EventSource stops asking."
)


@router.get(
    "/projects/{project_id}/jobs", summary="Jobs of a project", responses=problems(401, 404)
)
def get_jobs(service: Running, project_id: Id, paging: Paged) -> Page[JobOut]:
    """Queued, running and finished."""
    asked = sa.select(Job).where(Job.project_id == project_id)
    path = f"{BASE}/projects/{project_id}/jobs"
    with service.store.database.reading() as session:
        return page_of(session, asked, each(job_out), path=path, paging=paging)


@router.get("/jobs/{job_id}", summary="A job", responses=problems(401, 404))
def get_job(service: Running, job_id: Id) -> JobOut:
    """Its state, and its error where it failed."""
    with service.store.database.reading() as session:
        return job_out(found(session, Job, job_id))


@router.delete("/jobs/{job_id}", summary="Stop a job", responses=problems(401, 403, 404))
def delete_job(service: Running, job_id: Id) -> JobOut:
    """Stop at the next step; a job that has ended stays as it is."""
    return job_out(service.jobs.cancel(job_id))


@router.get(
    "/jobs/{job_id}/events",
    summary="What a job does, as it happens",
    description=_EVENTS_IN_WORDS,
    response_class=StreamingResponse,
    responses={
        **streams(),
        204: {"description": "All was told."},
        **problems(401, 404),
    },
)
def get_job_events(
    service: Running,
    job_id: Id,
    last_event_id: Annotated[
        int, Header(ge=0, le=2**31 - 1, description="Last event that was seen.")
    ] = 0,
) -> Response:
    """Stream the events behind `last_event_id` until the job ends."""
    if last_event_id and service.jobs.told_all(job_id, last_event_id):
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    return EventSourceResponse(_stream(service, job_id, last_event_id))


async def _stream(service: Running, job_id: str, after: int) -> AsyncIterator[bytes]:
    async for event in service.jobs.follow(job_id, after):
        if event is None:
            yield KEEPALIVE_COMMENT
        else:
            data = to_json(event.data)
            yield format_sse_event(event=event.name, data_str=data, id=str(event.number))
