"""How the row of a job changes: taken up again, ended, tried once more; each with its event."""

from sqlalchemy.orm import Session

from api.errors import (
    ServiceStoppedError,
    TooLongError,
    TooMuchMemoryError,
    UnknownResourceError,
    WorkerLostError,
    problem_of,
)
from api.processes import GIBIBYTE
from api.queue.events import END, RETRY, append_events, retries_after_loss, thin_events
from api.queue.limits import QueueLimits
from api.queue.slots import Claim, Why
from api.queue.tasks import SMALLER, Record
from api.store import Job, JobState, now
from sbd.errors import SbdError

# A job whose process is ended from outside is tried once more.
MOST_LOSSES = 1
# A job that was under way each time the service broke down may be what breaks it.
MOST_ATTEMPTS = 5


def job_of(session: Session, job_id: str, *, to_change: bool = False) -> Job:
    """Return a job, and let nobody else change it meanwhile where it is `to_change`.

    Raises UnknownResourceError where there is none.
    """
    job = session.get(Job, job_id, with_for_update=to_change or None)
    if job is None:
        raise UnknownResourceError(f"job {job_id[:40]!r}: nothing under this id")
    return job


def end(session: Session, job: Job, state: JobState, problem: Record | None) -> None:
    """End a job for good; its last event says how."""
    job.state, job.finished, job.error = state, now(), problem
    thin_events(session, job.job_id)
    append_events(session, job.job_id, [(END, {"state": str(state), "error": problem})])


def taken_up(session: Session, job: Job) -> None:
    """Queue a job again that was under way when the service broke down."""
    if job.cancel_asked:
        end(session, job, JobState.CANCELLED, None)
    elif job.attempts >= MOST_ATTEMPTS:
        words = (
            f"{job.kind} {job.result_id}: the service ended {job.attempts} times while this was "
            f"under way, so it may be the reason; {SMALLER}"
        )
        end(session, job, JobState.FAILED, problem_of(ServiceStoppedError(words)))
    else:
        queue_again(session, job, "the service ended meanwhile", is_lost=False)


def queue_again(session: Session, job: Job, reason: str, *, is_lost: bool) -> None:
    """Let a job wait for another attempt."""
    job.state, job.started = JobState.QUEUED, None
    told = {"reason": reason, "attempt": job.attempts + 1, "lost": is_lost}
    append_events(session, job.job_id, [(RETRY, told)])


def put_back(session: Session, job: Job) -> None:
    """Let a job that a stop of the service interrupted wait for the next start."""
    job.attempts -= 1  # that it was interrupted is not the job's fault
    queue_again(session, job, "the service stops", is_lost=False)


def not_begun(session: Session, job: Job) -> None:
    """Let a job wait on for which there was nothing to compute with."""
    job.attempts -= 1
    queue_again(session, job, "there was nothing to compute with", is_lost=False)


def tried_again_or_failed(session: Session, job: Job) -> None:
    """Try a job once more whose process was lost; fail it where that was done already."""
    if retries_after_loss(session, job.job_id) < MOST_LOSSES:
        reason = "the process that computed was ended from outside"
        queue_again(session, job, reason, is_lost=True)
        return
    words = (
        f"{job.kind} {job.result_id}: the process that computed was ended from outside twice (most "
        f"often for want of memory); {SMALLER}"
    )
    end(session, job, JobState.FAILED, problem_of(WorkerLostError(words)))


def too_much(claim: Claim, why: Why, limits: QueueLimits) -> SbdError:
    """Return the error of a job that went over a limit, with the limit and the way out."""
    if why is Why.TIME:
        seconds = f"{limits.job_seconds:g} s"
        return TooLongError(
            f"{claim.label}: not done in {seconds}, the most a job may take; {SMALLER}"
        )
    size = f"{limits.job_bytes / GIBIBYTE:.3g} GiB"
    return TooMuchMemoryError(
        f"{claim.label}: it needed more than {size} of memory, the most a job may hold; {SMALLER}"
    )
