"""The calendar of a project: days on which much happens."""

import sqlalchemy as sa
from fastapi import APIRouter, Response, status

from api.deps import Asker, Running
from api.once import OnlyOnce
from api.present import BASE
from api.routes import problems
from api.rows import IfMatch, Paged, changed, check_match, each, found, page_of, tagged
from api.schemas import EventIn, EventOut, Id, Page
from api.store import CalendarEvent

router = APIRouter(tags=["calendar"])


@router.get(
    "/projects/{project_id}/events", summary="Events of a project", responses=problems(401, 404)
)
def get_events(service: Running, project_id: Id, paging: Paged) -> Page[EventOut]:
    """Days, hours and people; a plan takes those that it is given."""
    asked = sa.select(CalendarEvent).where(CalendarEvent.project_id == project_id)
    path = f"{BASE}/projects/{project_id}/events"
    with service.store.database.reading() as session:
        return page_of(session, asked, each(_shown), path=path, paging=paging)


@router.post(
    "/projects/{project_id}/events",
    status_code=status.HTTP_201_CREATED,
    summary="Enter an event",
    responses=problems(401, 403, 404, 409, 422),
)
def post_event(  # FastAPI reads the arguments
    service: Running,
    asker: Asker,
    once: OnlyOnce,
    project_id: Id,
    asked: EventIn,
    response: Response,
) -> EventOut:
    """Put an event into the calendar."""
    with service.store.database.session() as session:
        event = CalendarEvent(project_id=project_id, created_by=asker.user_id, **asked.model_dump())
        session.add(event)
        session.flush()
        shown = _shown(event)
        location = f"{BASE}/events/{event.event_id}"
        once.remember(session, status.HTTP_201_CREATED, shown, location)
    response.headers["Location"] = location
    tagged(response, event)
    return shown


@router.get("/events/{event_id}", summary="An event", responses=problems(401, 404))
def get_event(service: Running, event_id: Id, response: Response) -> EventOut:
    """Its days, hours and people."""
    with service.store.database.reading() as session:
        event = found(session, CalendarEvent, event_id)
        tagged(response, event)
        return _shown(event)


@router.put(
    "/events/{event_id}",
    summary="Change an event",
    responses=problems(401, 403, 404, 412, 422, 428),
)
def put_event(
    service: Running, event_id: Id, asked: EventIn, response: Response, if_match: IfMatch = None
) -> EventOut:
    """Put other values in the place of all of them."""
    with service.store.database.session() as session:
        event = found(session, CalendarEvent, event_id)
        check_match(event, if_match)
        changed(event, asked.model_dump())
        shown = _shown(event)
    tagged(response, event)
    return shown


@router.delete(
    "/events/{event_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Strike an event",
    responses=problems(401, 403, 404, 412, 428),
)
def delete_event(service: Running, event_id: Id, if_match: IfMatch = None) -> None:
    """Take an event out of the calendar; plans that were made with it stay as they are."""
    with service.store.database.session() as session:
        event = found(session, CalendarEvent, event_id)
        check_match(event, if_match)
        session.delete(event)


def _shown(event: CalendarEvent) -> EventOut:
    return EventOut.model_validate(event, from_attributes=True)
