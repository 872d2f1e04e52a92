"""Edits on a solved field: put obstacles up, take them away, see the speeds at once."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Response, status
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, format_sse_event

from api.deps import Running
from api.edits import EditDesk
from api.errors import problem_of
from api.present import BASE
from api.routes import problems
from api.schemas import EditAnswer, EditRequest, EditSessionOut, EditSessionRequest, Id
from api.store import Kind
from sbd.catalogue.vehicles import vehicle_named
from sbd.errors import SbdError
from sbd.export.jsontext import to_json

router = APIRouter(tags=["edits"])

_ANSWERS_IN_WORDS = (
    "Server-sent events, the first at once. `bound` (after adding): the speeds from before, "
    "nowhere below the answer. `preview`: exact on cells of 1 m and 32 headings. `final`: exact "
    "at the settings of the session, and the last. `problem`: what went wrong. Each answer "
    "carries every point of the zone's outline. What is removed goes before what is added."
)


@router.post(
    "/sites/{site_id}/edit-sessions",
    status_code=status.HTTP_201_CREATED,
    summary="Open an editing session",
    responses=problems(404, 422, 503),
)
async def post_session(
    service: Running, site_id: Id, request: EditSessionRequest, response: Response
) -> EditSessionOut:
    """Solve the upper speed field of a vehicle and keep it warm; takes some seconds."""
    service.store.load(Kind.SITE, site_id)
    vehicle_named(request.vehicle)
    if request.heights_id is not None:
        service.store.load(Kind.HEIGHTS, request.heights_id)
    session_id, answer = await service.edits.open(site_id, request.model_dump(mode="json"))
    href = f"{BASE}/edit-sessions/{session_id}"
    response.headers["Location"] = href
    return EditSessionOut(
        session_id=session_id, edits=f"{href}/edits", answer=EditAnswer.model_validate(answer)
    )


@router.post(
    "/edit-sessions/{session_id}/edits",
    summary="Put obstacles up or take them away",
    description=_ANSWERS_IN_WORDS,
    response_class=StreamingResponse,
    responses={
        200: {"content": {EventSourceResponse.media_type: {"schema": {"type": "string"}}}},
        **problems(404, 422, 503),
    },
)
async def post_edit(service: Running, session_id: Id, request: EditRequest) -> Response:
    """Stream the answers to an edit as they come."""
    add = [shape.model_dump() for shape in request.add]
    remove = [shape.model_dump() for shape in request.remove]
    first = await service.edits.first(session_id, add, remove)
    return EventSourceResponse(_stream(service.edits, session_id, first))


@router.delete(
    "/edit-sessions/{session_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Close an editing session",
)
async def delete_session(service: Running, session_id: Id) -> None:
    """Free what it kept; one that is gone is no fault."""
    await service.edits.close(session_id)


async def _stream(desk: EditDesk, session_id: str, first: dict[str, Any]) -> AsyncIterator[bytes]:
    yield format_sse_event(event=first["stage"], data_str=to_json(first))
    try:
        async for answer in desk.others(session_id):
            yield format_sse_event(event=answer["stage"], data_str=to_json(answer))
    except SbdError as error:
        yield format_sse_event(event="problem", data_str=to_json(problem_of(error)))
