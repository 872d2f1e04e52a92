"""Jobs of the store -> what OGC API - Processes says of them; only those that a process does."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.errors import NoSuchJobError
from api.ogc.execution import Link, Status, StatusInfo
from api.ogc.pages import JSON
from api.ogc.processes import OF_KIND
from api.present import BASE, assessment_out, job_out, plan_out
from api.queue import PROGRESS
from api.store import FINISHED, Assessment, Job, JobEvent, JobKind, JobState, Plan

_RESULTS = "http://www.opengis.net/def/rel/ogc/1.0/results"
_PROCESS = "http://www.opengis.net/def/rel/ogc/1.0/processes"

_STATUS: dict[JobState, Status] = {
    JobState.QUEUED: "accepted",
    JobState.RUNNING: "running",
    JobState.DONE: "successful",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "dismissed",
}

STATUSES: tuple[Status, ...] = tuple(_STATUS.values())


def job_named(session: Session, job_id: str) -> Job:
    """Return a job of a process; raises NoSuchJobError for any other."""
    job = session.get(Job, job_id)
    if job is None or JobKind(job.kind) not in OF_KIND:
        raise NoSuchJobError(f"job {job_id[:40]!r}: nothing under this id")
    return job


def jobs_of(
    session: Session,
    readable: sa.Select[Any],
    *,
    kinds: Iterable[JobKind],
    statuses: Iterable[str],
    offset: int,
    limit: int,
) -> list[Job]:
    """Return jobs of processes in some projects, oldest first."""
    asked = sa.select(Job).where(
        Job.project_id.in_(readable), Job.kind.in_(list(kinds)), sa.or_(*map(_is, statuses))
    )
    page = asked.order_by(Job.created, Job.job_id).offset(offset).limit(limit)
    return list(session.scalars(page))


def status_of(job: Job) -> Status:
    """Return where a job is; one that was told to stop is dismissed before its process is gone."""
    if job.cancel_asked and job.state not in FINISHED:
        return "dismissed"
    return _STATUS[JobState(job.state)]


def status_infos(session: Session, root: str, jobs: Sequence[Job]) -> list[StatusInfo]:
    """Return what is said of some jobs."""
    told = _last_told(session, [job.job_id for job in jobs])
    return [_status_info(root, job, told.get(job.job_id, {})) for job in jobs]


def result_of(session: Session, job: Job) -> BaseModel:
    """Return what a job has made."""
    if JobKind(job.kind) is JobKind.ASSESSMENT:
        return assessment_out(session, session.get_one(Assessment, job.result_id))
    return plan_out(session, session.get_one(Plan, job.result_id))


def _is(status: str) -> sa.ColumnElement[bool]:
    """Return the condition that a job has a status, as `status_of` finds it."""
    is_stopping = sa.and_(Job.cancel_asked, Job.state.not_in(FINISHED))
    state = next(state for state, named in _STATUS.items() if named == status)
    if status == "dismissed":
        return sa.or_(Job.state == state, is_stopping)
    return sa.and_(Job.state == state, sa.not_(is_stopping))


def _last_told(session: Session, job_ids: list[str]) -> dict[str, dict[str, Any]]:
    """Return the last report of each job that has told any."""
    last = (
        sa.select(JobEvent.job_id, sa.func.max(JobEvent.number).label("number"))
        .where(JobEvent.job_id.in_(job_ids), JobEvent.name == PROGRESS)
        .group_by(JobEvent.job_id)
        .subquery()
    )
    on = sa.and_(JobEvent.job_id == last.c.job_id, JobEvent.number == last.c.number)
    told = session.execute(sa.select(JobEvent.job_id, JobEvent.data).join(last, on))
    return {row.job_id: row.data for row in told}


def _status_info(root: str, job: Job, told: dict[str, Any]) -> StatusInfo:
    status = status_of(job)
    process = OF_KIND[JobKind(job.kind)]
    share = 1.0 if status == "successful" else told.get("share", 0.0)
    return StatusInfo(
        job_id=job.job_id,
        process_id=process.process_id,
        status=status,
        message=job.error["detail"] if job.error else told.get("note") or None,
        progress=int(100 * share),
        created=job.created,
        started=job.started,
        finished=job.finished,
        links=list(_links(root, job, status, process.process_id)),
    )


def _links(root: str, job: Job, status: Status, process_id: str) -> Iterable[Link]:
    here = f"{root}/jobs/{job.job_id}"
    below = root.removesuffix("/ogc")
    yield Link(href=here, rel="self", type=JSON)
    yield Link(href=f"{root}/processes/{process_id}", rel=_PROCESS, type=JSON)
    yield Link(href=f"{below}{BASE}/jobs/{job.job_id}", rel="related", type=JSON, title="The job")
    if status == "successful":
        result = f"{below}{job_out(job).result}"
        yield Link(href=f"{here}/results", rel=_RESULTS, type=JSON)
        yield Link(href=result, rel="related", type=JSON, title="What it made")
