"""Jobs: state, events as they come, stop."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Response, status
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from api.deps import Running
from api.events import END, EventReader
from api.jobs import Jobs
from api.present import job_out
from api.routes import problems
from api.schemas import Id, JobOut
from api.store import Kind

router = APIRouter(prefix="/jobs", tags=["jobs"])

_LOOK_EVERY_S = 0.2
_KEEP_ALIVE_S = 15.0

_EVENTS_IN_WORDS = (
    "Server-sent events. `progress` carries stage, share (0 to 1), note and seconds; `end` carries "
    "the state and the error, and is the last. Ids ascend from 1: a client that sends "
    "`Last-Event-ID` goes on behind it; where nothing is left to tell the answer is 204, on which "
    "an EventSource stops asking."
)


@router.get("", summary="Every job, oldest first")
def get_jobs(service: Running) -> list[JobOut]:
    """Queued, running and finished."""
    return [job_out(service.store.load(Kind.JOB, key)) for key in service.store.ids(Kind.JOB)]


@router.get("/{job_id}", summary="A job", responses=problems(404))
def get_job(service: Running, job_id: Id) -> JobOut:
    """Its state, and its error where it failed."""
    return job_out(service.jobs.load(job_id))


@router.delete("/{job_id}", summary="Stop a job", responses=problems(404))
def delete_job(service: Running, job_id: Id) -> JobOut:
    """Stop at the next step; a job that has ended stays as it is."""
    return job_out(service.jobs.cancel(job_id))


@router.get(
    "/{job_id}/events",
    summary="What a job does, as it happens",
    description=_EVENTS_IN_WORDS,
    response_class=StreamingResponse,
    responses={
        200: {"content": {EventSourceResponse.media_type: {"schema": {"type": "string"}}}},
        204: {"description": "All was told."},
        **problems(404),
    },
)
def get_job_events(
    service: Running,
    job_id: Id,
    last_event_id: Annotated[int, Header(ge=0, description="Last event that was seen.")] = 0,
) -> Response:
    """Stream the events behind `last_event_id` until the job ends."""
    service.jobs.load(job_id)
    told = list(EventReader(service.jobs.folder(job_id)).new_events())
    if told and told[-1].name == END and told[-1].number <= last_event_id:
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    return EventSourceResponse(_stream(service.jobs, job_id, last_event_id))


async def _stream(jobs: Jobs, job_id: str, last_event_id: int) -> AsyncIterator[bytes]:
    reader = EventReader(jobs.folder(job_id))
    quiet_since_s = time.monotonic()
    while not jobs.stopping.is_set():
        for event in reader.new_events():
            if event.number > last_event_id:
                yield format_sse_event(event=event.name, data_str=event.data, id=str(event.number))
                quiet_since_s = time.monotonic()
            if event.name == END:
                return
        if time.monotonic() - quiet_since_s > _KEEP_ALIVE_S:
            yield KEEPALIVE_COMMENT
            quiet_since_s = time.monotonic()
        await asyncio.sleep(_LOOK_EVERY_S)
