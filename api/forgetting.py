"""Rows that nobody asks for any more -> gone, a few at a time: nobody waits for a large change."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from api.queue.events import PROGRESS
from api.store import Database, Job, JobEvent, RepeatedRequest, now

# Who lost an answer asks again within minutes; a laptop that was closed over a holiday, in days.
REPEATS_KEPT = timedelta(days=7)
# How a job went is looked at while it goes, and when it went wrong.
PROGRESS_KEPT = timedelta(days=30)

_REPEATS_AT_ONCE = 5_000
_JOBS_AT_ONCE = 100  # of some 200 rows each


def forget_repeats(database: Database, *, at: datetime | None = None) -> int:
    """Take away answers that were kept for idempotency keys; return how many.

    A key that comes again later is a new one.
    """
    before = (at or now()) - REPEATS_KEPT
    gone = 0
    while True:
        with database.session() as session:
            old = session.scalars(
                sa.select(RepeatedRequest)
                .where(RepeatedRequest.created < before)
                .limit(_REPEATS_AT_ONCE)
            ).all()
            for row in old:
                session.delete(row)
        gone += len(old)
        if len(old) < _REPEATS_AT_ONCE:
            return gone


def forget_progress(database: Database, *, at: datetime | None = None) -> int:
    """Take away the progress of jobs that ended long ago; return of how many.

    Retries and the end stay, and with them how it ended.
    """
    before = (at or now()) - PROGRESS_KEPT
    told = sa.exists().where(JobEvent.job_id == Job.job_id, JobEvent.name == PROGRESS)
    ended = sa.select(Job.job_id).where(Job.finished < before, told).limit(_JOBS_AT_ONCE)
    gone = 0
    while True:
        with database.reading() as session:  # most often there are none; a look takes no lock
            jobs = session.scalars(ended).all()
        if not jobs:
            return gone
        with database.session() as session:
            session.execute(
                sa.delete(JobEvent).where(JobEvent.job_id.in_(jobs), JobEvent.name == PROGRESS)
            )
        gone += len(jobs)
