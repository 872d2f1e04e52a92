"""The events of a job as rows: appended under ascending numbers, read from any number on.

The number of a row is the id of its event, so a reader that lost its connection goes on where it
was, also after a restart of the service. While a job is open its numbers have no hole; when it
ends, a long row of progress is thinned, and numbers that were told never change their meaning.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.store import FINISHED, Job, JobEvent

PROGRESS, RETRY, END = "progress", "retry", "end"

# As many rows of progress an ended job keeps; enough to show how it went.
MOST_KEPT = 200
_MOST_READ = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a job.

    Parameters
    ----------
    number : int
        Ascending from 1.
    name : str
        progress (stage, share, note, seconds), retry (reason, attempt), or end (state, error).
    """

    number: int
    name: str
    data: dict[str, Any]


def append_events(session: Session, job_id: str, events: list[tuple[str, dict[str, Any]]]) -> None:
    """Write events behind the others of a job."""
    last = sa.select(sa.func.max(JobEvent.number)).where(JobEvent.job_id == job_id)
    start = (session.scalar(last) or 0) + 1
    for number, (name, data) in enumerate(events, start):
        session.add(JobEvent(job_id=job_id, number=number, name=name, data=data))


def events_after(session: Session, job_id: str, after: int) -> tuple[list[Event], bool]:
    """Return what was told behind a number, oldest first, and whether nothing will follow it."""
    # The state is read first: the end of a job is written together with its last event.
    state = session.scalar(sa.select(Job.state).where(Job.job_id == job_id))
    rows = session.scalars(
        sa.select(JobEvent)
        .where(JobEvent.job_id == job_id, JobEvent.number > after)
        .order_by(JobEvent.number)
        .limit(_MOST_READ)
    ).all()
    events = [Event(row.number, row.name, row.data) for row in rows]
    return events, (state is None or state in FINISHED) and len(events) < _MOST_READ


def thin_events(session: Session, job_id: str) -> None:
    """Leave every so many-th row of progress and the last one, where there are very many."""
    numbers = session.scalars(
        sa.select(JobEvent.number)
        .where(JobEvent.job_id == job_id, JobEvent.name == PROGRESS)
        .order_by(JobEvent.number)
    ).all()
    if len(numbers) <= MOST_KEPT:
        return
    step = -(-len(numbers) // MOST_KEPT)
    gone = [n for k, n in enumerate(numbers[:-1]) if k % step]
    for first in range(0, len(gone), 500):
        session.execute(
            sa.delete(JobEvent).where(
                JobEvent.job_id == job_id, JobEvent.number.in_(gone[first : first + 500])
            )
        )


def retries_after_loss(session: Session, job_id: str) -> int:
    """Return how often a job was started again because its process was ended from outside."""
    rows = session.scalars(
        sa.select(JobEvent.data).where(JobEvent.job_id == job_id, JobEvent.name == RETRY)
    )
    return sum(bool(data.get("lost")) for data in rows)
