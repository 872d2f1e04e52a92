"""The queue: jobs as rows in, results as rows and files out; each job is done once or says why not.

A job is a row before its request is answered, so it outlives the process. It is done exactly when
its result is there: both are one transaction. One server at a time works on a queue, but any
process may add to it.
"""

import logging
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from api.errors import InternalError, UnknownResourceError, problem_of
from api.processes import can_watch_memory
from api.queue import rows
from api.queue.engines import Engine, LocalEngine
from api.queue.events import PROGRESS, Event, append_events, events_after
from api.queue.following import KEEP_ALIVE_S, Bell, Follower
from api.queue.inputs import inputs_of, lay_out
from api.queue.limits import QueueLimits
from api.queue.slots import Claim, Ending, Slot, Why
from api.queue.tasks import Record, Task, Work
from api.store import FINISHED, Database, Job, JobKind, JobState, now
from api.store.files import FileStore
from api.store.results import keep_ahead
from sbd.errors import SbdError

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
_STORE_PAUSE_S = 1.0
_NOT_TAKEN_PAUSE_S = 1.0
# Who stops a service often ends all its processes in the same moment.
_STOP_FOLLOWS_S = 0.5

_OPEN = (JobState.QUEUED, JobState.RUNNING)


class Keep(Protocol):
    """Writes the result of a job into the store, in the transaction that marks the job done."""

    def __call__(
        self, session: Session, files: FileStore, /, *, job: Job, folder: Path, record: Record
    ) -> object:
        """Keep what lies in `folder`."""


class Kept(Protocol):
    """What the queue needs of a store."""

    @property
    def database(self) -> Database:
        """The tables."""

    @property
    def files(self) -> FileStore:
        """Files by digest."""

    @property
    def scratch(self) -> Path:
        """Folder for work in progress, empty at the start."""


EngineMaker: TypeAlias = Callable[[], Engine]


class Jobs:
    """The queue and its workers.

    Parameters
    ----------
    store : Store
        Open between `start` and `stop`.
    works : mapping of kind to callable
        What computes a job, in another process (`api.queue.tasks.Work`).
    keeps : mapping of kind to callable
        What keeps the result of a job.
    warm : callable
        Makes a fresh process ready, so that the first job is not slower than the others.
    engine : callable, optional
        Makes the engine of a slot; processes of this machine by default.
    """

    def __init__(
        self,
        store: Kept,
        limits: QueueLimits,
        *,
        works: Mapping[JobKind, Work],
        keeps: Mapping[JobKind, Keep],
        warm: Callable[[], None],
        engine: EngineMaker | None = None,
    ) -> None:
        self._store, self.limits = store, limits
        self._works, self._keeps = works, keeps
        self._engine: EngineMaker = engine or (lambda: LocalEngine(warm))
        self._bell = Bell()
        self._new = threading.Condition()
        self._asked: set[str] = set()  # jobs that this process was asked to stop
        self._slots: list[Slot] = []
        self.stopping = threading.Event()
        self._follower = Follower(store.database, self._bell, self.stopping)

    # ---------------------------------------------------------------- life

    def start(self) -> None:
        """Take up what a crash left under way, and start the workers."""
        with self._store.database.session() as session:
            for job in session.scalars(sa.select(Job).where(Job.state == JobState.RUNNING)):
                rows.taken_up(session, job)
        if not can_watch_memory():
            log.warning("this system does not say what a process holds: no memory limit for jobs")
        self._slots = [Slot(n, self, self._engine()) for n in range(self.limits.workers)]
        for slot in self._slots:
            slot.start()

    def end_streams(self) -> None:
        """Let every stream of events end, and take no job up any more; quick, for signals too."""
        self.stopping.set()
        self._bell.ring_all()

    def stop(self) -> None:
        """End the workers; what was under way waits for the next start. Returns when all is over.

        Without this, as after a crash, the same happens at the next start.
        """
        self.end_streams()
        with self._new:
            self._new.notify_all()
        for slot in self._slots:
            slot.join()
        self._slots = []

    @property
    def workers(self) -> int:
        """How many jobs are computed at a time."""
        return len(self._slots)

    @property
    def ready_workers(self) -> int:
        """How many of them have something to compute with."""
        return sum(slot.is_ready for slot in self._slots)

    @property
    def process_ids(self) -> list[int]:
        """The processes of this machine that compute, for whoever watches them."""
        return [slot.engine.process_id for slot in self._slots if slot.engine.process_id]

    @property
    def counts(self) -> dict[str, int]:
        """How many jobs there are in each state."""
        asked = sa.select(Job.state, sa.func.count()).group_by(Job.state)
        with self._store.database.reading() as session:
            found = {row[0]: row[1] for row in session.execute(asked)}
        return {str(state): found.get(state, 0) for state in JobState}

    # ---------------------------------------------------------------- what requests ask

    def submit(
        self,
        session: Session,
        project_id: str,
        kind: JobKind,
        result_id: str,
        request: Record,
        user_id: str | None,
    ) -> Job:
        """Queue the work that makes `result_id` and return its job, in the caller's transaction.

        Where that is being made, or made already, the job that does or did it is returned. Work
        starts once the transaction is through.

        Parameters
        ----------
        request : dict
            What the work and the keeper of its result need; see `inputs_of`.

        Raises
        ------
        UnknownResourceError
            The request names a site or an upload that the project does not have.
        """
        inputs_of(session, project_id, kind, request)
        if (known := self._known(session, result_id)) is not None:
            return known
        job = Job(
            project_id=project_id,
            kind=kind,
            result_id=result_id,
            request=request,
            created_by=user_id,
        )
        try:
            with session.begin_nested():
                session.add(job)
        except IntegrityError:
            # Somebody else asked for the same in this moment: an index lets only one be active.
            known = self._known(session, result_id)
            if known is None:
                raise
            return known
        sa.event.listen(session, "after_commit", lambda _: self._wake(), once=True)
        return job

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop, and return it; its process is ended after a grace time.

        One that waits is over at once; one that has ended stays as it is. Raises
        UnknownResourceError where there is none.
        """
        with self._store.database.session() as session:
            job = rows.job_of(session, job_id, to_change=True)
            if job.state in FINISHED:
                return job
            job.cancel_asked = True
            if job.state == JobState.QUEUED:
                rows.end(session, job, JobState.CANCELLED, None)
            else:
                self._asked.add(job_id)
        self._bell.ring(job_id)
        return job

    def told_all(self, job_id: str, after: int) -> bool:
        """Return whether a reader that has seen event `after` has seen the last one.

        Raises UnknownResourceError where there is no such job.
        """
        with self._store.database.reading() as session:
            if session.get(Job, job_id) is None:
                raise UnknownResourceError(f"job {job_id[:40]!r}: nothing under this id")
            events, is_all = events_after(session, job_id, after)
        return is_all and not events

    def follow(
        self, job_id: str, after: int = 0, *, keep_alive_s: float = KEEP_ALIVE_S
    ) -> AsyncIterator[Event | None]:
        """Yield the events of a job behind `after` as they come, and None after a quiet while.

        Ends behind the job's last event, and when the service stops: a reader that comes back
        with the last number goes on where it was.
        """
        return self._follower.follow(job_id, after, keep_alive_s=keep_alive_s)

    # ---------------------------------------------------------------- what slots ask

    def next_job(self) -> Claim | None:
        """Wait for a job and mark it running; None when the service stops."""
        while not self.stopping.is_set():
            try:
                if (claim := self._claimed()) is not None:
                    return claim
            except SQLAlchemyError:
                log.exception("the queue can't be read; it is tried again")
            with self._new:
                if not self.stopping.is_set():
                    self._new.wait(_LOOK_EVERY_S)
        return None

    def scratch_of(self, claim: Claim) -> Path:
        """Return where a job may have a folder; nothing is there."""
        folder = self._store.scratch / claim.job_id
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def task_of(self, claim: Claim, scratch: Path) -> Task | Record:
        """Return the task of a job with its files laid out, or the problem that prevents it."""
        try:
            with self._store.database.reading() as session:
                job = rows.job_of(session, claim.job_id)
                kind, request = JobKind(job.kind), job.request
                inputs = inputs_of(session, job.project_id, kind, request)
            placed = lay_out(inputs, self._store.files, scratch / "in")
        except SbdError as error:
            return problem_of(error)
        return Task(self._works[kind], claim.label, request, placed)

    def tell(self, claim: Claim, reports: list[Record]) -> None:
        """Write down what the work told; where the store is in trouble it is left out."""
        try:
            with self._store.database.session() as session:
                append_events(session, claim.job_id, [(PROGRESS, data) for data in reports])
        except SQLAlchemyError as error:
            log.warning("job %s: progress not kept: %s", claim.job_id, error)
        self._bell.ring(claim.job_id)

    def was_asked_here(self, job_id: str) -> bool:
        """Return whether this process was asked to stop a job."""
        return job_id in self._asked

    def is_cancelled(self, job_id: str) -> bool:
        """Return whether any process was asked to stop a job."""
        try:
            with self._store.database.reading() as session:
                return bool(session.scalar(sa.select(Job.cancel_asked).filter_by(job_id=job_id)))
        except SQLAlchemyError:
            return False

    def settle(self, claim: Claim, ending: Ending, out: Path) -> None:
        """Write down how an attempt ended: a result, an error, or another attempt."""
        outcome = ending.outcome
        if outcome is not None and outcome.record is not None:
            self._keep(claim, outcome.record, out)
        elif outcome is not None and outcome.problem is not None:
            if outcome.fault:
                log.error("job %s: a fault of the program\n%s", claim.job_id, outcome.fault)
            self._finish(claim, JobState.FAILED, outcome.problem)
        elif ending.why is Why.STOPPING:
            self._write(claim, rows.put_back)
        elif ending.why in (Why.TIME, Why.MEMORY):
            error = rows.too_much(claim, ending.why, self.limits)
            self._finish(claim, JobState.FAILED, problem_of(error))
        elif outcome is not None or ending.why is Why.CANCELLED or self.is_cancelled(claim.job_id):
            self._finish(claim, JobState.CANCELLED, None)
        elif ending.why is Why.NOT_TAKEN:
            log.warning("job %s: not begun: %s", claim.job_id, ending.words)
            self._write(claim, rows.not_begun)
            self.stopping.wait(_NOT_TAKEN_PAUSE_S)
        elif self.stopping.wait(_STOP_FOLLOWS_S):
            self._write(claim, rows.put_back)
        else:
            log.warning("job %s: its process was lost: %s", claim.job_id, ending.words)
            self._write(claim, rows.tried_again_or_failed)
        self._asked.discard(claim.job_id)
        self._bell.ring(claim.job_id)
        self._wake()

    def clear(self, scratch: Path) -> None:
        """Take the folder of a job away."""
        shutil.rmtree(scratch, ignore_errors=True)

    # ---------------------------------------------------------------- rows

    def _known(self, session: Session, result_id: str) -> Job | None:
        states = (*_OPEN, JobState.DONE)
        return session.scalars(
            sa.select(Job).where(Job.result_id == result_id, Job.state.in_(states))
        ).first()

    def _wake(self) -> None:
        with self._new:
            self._new.notify_all()

    def _claimed(self) -> Claim | None:
        first = (
            sa.select(Job.job_id)
            .where(Job.state == JobState.QUEUED)
            .order_by(Job.created, Job.job_id)
            .limit(1)
        )
        with self._store.database.reading() as session:
            if session.scalar(first) is None:  # most often; a look takes no lock
                return None
        with self._store.database.session() as session:
            job_id = session.scalar(first)
            if job_id is None:
                return None
            taken = session.execute(
                sa.update(Job)
                .where(Job.job_id == job_id, Job.state == JobState.QUEUED)
                .values(state=JobState.RUNNING, started=now(), attempts=Job.attempts + 1)
            )
            if not taken.rowcount:  # type: ignore[attr-defined]  # of a changing statement
                return None
            job = rows.job_of(session, job_id)
            return Claim(job.job_id, job.kind, job.result_id, job.attempts)

    def _keep(self, claim: Claim, record: Record, out: Path) -> None:
        def keep(session: Session, job: Job) -> None:
            self._keeps[JobKind(job.kind)](
                session, self._store.files, job=job, folder=out, record=record
            )
            rows.end(session, job, JobState.DONE, None)

        try:
            # Files are flushed before the transaction, so that other writers don't wait for that.
            keep_ahead(self._store.files, out)
            self._write(claim, keep)
        except SbdError as error:
            self._finish(claim, JobState.FAILED, problem_of(error))
        except Exception as error:
            log.exception("job %s: its result can't be kept", claim.job_id)
            words = f"{claim.label}: {type(error).__name__}; a fault of the program, see its log"
            self._finish(claim, JobState.FAILED, problem_of(InternalError(words)))

    def _finish(self, claim: Claim, state: JobState, problem: Record | None) -> None:
        self._write(claim, lambda session, job: rows.end(session, job, state, problem))

    def _write(self, claim: Claim, change: Callable[[Session, Job], None]) -> None:
        """Change a job, however long the store is in trouble.

        When the service stops before, the job stays marked as running and the next start takes it
        up: it is done again, not lost.
        """
        while True:
            try:
                with self._store.database.session() as session:
                    job = rows.job_of(session, claim.job_id, to_change=True)
                    if job.state == JobState.RUNNING:
                        change(session, job)
                log.info("job %s: %s %s", job.job_id, job.kind, job.state)
                return
            except (OperationalError, InterfaceError) as error:
                log.warning("job %s: the store is in trouble: %s", claim.job_id, error)
                if self.stopping.wait(_STORE_PAUSE_S):
                    return
