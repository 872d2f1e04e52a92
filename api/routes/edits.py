"""Edits of a place that is kept warm: obstacles and lines, answered at once and then in full."""

from collections.abc import AsyncIterator
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Response, status
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, format_sse_event

from api.deps import Running
from api.editing import EditDesk
from api.errors import problem_of
from api.present import BASE
from api.routes import problems, streams
from api.rows import found
from api.schemas import EditAnswer, Id
from api.schemas.drafts import DraftAnswer, DraftEdits, DraftSessionOut, DraftSessionRequest
from api.store import Site
from sbd.catalogue.vehicles import vehicle_named
from sbd.errors import SbdError
from sbd.export.jsontext import to_json

router = APIRouter(tags=["edits"])

_ANSWERS_IN_WORDS = (
    "Server-sent events, the first at once. With `changes` of a draft: `draft` (what the cheapest "
    "rest costs, the judge's quick checks, who gets through, what strikes the lines that were "
    "moved; all previews, none says that the plan holds), later `verdict` (the whole judge) and "
    "`cut` (the ground meshed again). With obstacles: `bound` (after adding): the speeds from "
    "before, nowhere below the answer; `preview`: exact on cells of 1 m and 32 headings; `final`: "
    "exact at the settings of the session; each with every point of the zone's outline. What is "
    "removed goes before what is added. `problem`: what went wrong. A newer edit ends the answers "
    "to the one before."
)


@router.post(
    "/sites/{site_id}/edit-sessions",
    status_code=status.HTTP_201_CREATED,
    summary="Open an editing session",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def post_session(
    service: Running, site_id: Id, request: DraftSessionRequest, response: Response
) -> DraftSessionOut:
    """Solve the upper speed field of a vehicle, and draw a plan, and keep them warm."""
    for name in (request.vehicle, *(request.plan.vehicles if request.plan else ())):
        vehicle_named(name)
    project_id = await to_thread.run_sync(_project_of, service, site_id)
    asked = request.model_dump(mode="json")
    session_id, said = await service.edits.open(project_id, site_id, asked)
    href = f"{BASE}/edit-sessions/{session_id}"
    response.headers["Location"] = href
    return DraftSessionOut(
        session_id=session_id,
        edits=f"{href}/edits",
        answer=EditAnswer.model_validate(said[0]),
        draft=DraftAnswer.model_validate(said[1]) if said[1:] else None,
    )


@router.post(
    "/edit-sessions/{session_id}/edits",
    summary="Put obstacles up or take them away, and change a draft",
    description=_ANSWERS_IN_WORDS,
    response_class=StreamingResponse,
    responses={
        **streams(),
        **problems(401, 403, 404, 422, 503),
    },
)
async def post_edit(service: Running, session_id: Id, request: DraftEdits) -> Response:
    """Stream the answers to an edit as they come."""
    edit, first = await service.edits.first(session_id, request.model_dump(mode="json"))
    return EventSourceResponse(_stream(service.edits, session_id, edit, first))


@router.delete(
    "/edit-sessions/{session_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Close an editing session",
    responses=problems(401, 403, 404),
)
async def delete_session(service: Running, session_id: Id) -> None:
    """Free what it kept; one that is gone is no fault."""
    await service.edits.close(session_id)


def _project_of(service: Running, site_id: str) -> str:
    with service.store.database.reading() as session:
        return found(session, Site, site_id).project_id


async def _stream(
    desk: EditDesk, session_id: str, edit: int, first: dict[str, Any]
) -> AsyncIterator[bytes]:
    yield format_sse_event(event=first["stage"], data_str=to_json(first))
    try:
        async for answer in desk.others(session_id, edit):
            yield format_sse_event(event=answer["stage"], data_str=to_json(answer))
    except SbdError as error:
        yield format_sse_event(event="problem", data_str=to_json(problem_of(error)))
