"""Jobs outside the request: a queue, and warm processes that take one job each at a time.

A process has its own pool of one, so when it is killed only its own job fails and the pool is made
again. Requests never wait for a result: they read the record, or follow the events.
"""

import logging
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.errors import InternalError, ServiceStoppedError, WorkerLostError, problem_of
from api.events import CANCEL_FLAG, END, append_event
from api.settings import Limits
from api.store import FolderStore, Kind, Record
from sbd.errors import CancelledError, SbdError

log = logging.getLogger(__name__)

Work = Callable[[Path, str], None]

FINISHED = ("done", "failed", "cancelled")

_STOP = None


class Jobs:
    """The queue and its workers.

    Parameters
    ----------
    run : callable (root folder of the store, job id)
        Does the work of a job in another process; raises SbdError where the work says no.
    warm : callable
        Makes a fresh process ready, so that the first job is not slower than the others.
    """

    def __init__(
        self, store: FolderStore, limits: Limits, *, run: Work, warm: Callable[[], None]
    ) -> None:
        self._store = store
        self._limits = limits
        self._run = run
        self._warm = warm
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._lock = threading.RLock()
        self._active: dict[str, str] = {}  # result id -> the job that makes it
        self._slots: list[_Slot] = []
        self.stopping = threading.Event()

    # ---------------------------------------------------------------- life

    def start(self) -> None:
        """Start the workers; jobs that a crash left behind are failed with that reason."""
        for job_id in self._store.ids(Kind.JOB):
            record = self._store.load(Kind.JOB, job_id)
            if record["state"] not in FINISHED:
                self._finish(job_id, "failed", ServiceStoppedError(_stopped(record)))
        self._slots = [_Slot(number, self) for number in range(self._limits.workers)]
        for slot in self._slots:
            slot.start()

    def stop(self) -> None:
        """End the workers and fail what was not done; returns when all are gone."""
        self.stopping.set()
        with suppress(queue.Empty):
            while (job_id := self._queue.get_nowait()) is not _STOP:
                self._end_if_open(job_id)
        for _ in self._slots:
            self._queue.put(_STOP)
        for slot in self._slots:
            slot.kill()
        for slot in self._slots:
            slot.join()

    @property
    def workers(self) -> int:
        """How many processes compute."""
        return len(self._slots)

    @property
    def process_ids(self) -> list[int]:
        """The processes that compute, for whoever watches them."""
        return [slot.process_id for slot in self._slots]

    @property
    def queued(self) -> int:
        """How many jobs wait for a free process."""
        return self._queue.qsize()

    # ---------------------------------------------------------------- what requests ask

    def submit(self, kind: Kind, result_id: str, request: dict[str, Any]) -> Record:
        """Queue the work that makes `result_id`, and return the job.

        Where that is being made already, the job that makes it is returned; where it is made, a
        job that is done.
        """
        with self._lock:
            if result_id in self._active:
                return self._store.load(Kind.JOB, self._active[result_id])
            job_id = self._store.new_id(Kind.JOB)
            record: Record = {
                "job_id": job_id,
                "kind": kind,
                "state": "queued",
                "created": now(),
                "started": None,
                "finished": None,
                "result_id": result_id,
                "request": request,
                "error": None,
            }
            self._store.save(Kind.JOB, job_id, record)
            if self._store.has(kind, result_id):
                return self._finish(job_id, "done", None)
            self._active[result_id] = job_id
        self._queue.put(job_id)
        return record

    def cancel(self, job_id: str) -> Record:
        """Ask a job to stop; its process is ended where it does not within the grace time."""
        with self._lock:
            record = self._store.load(Kind.JOB, job_id)
            if record["state"] in FINISHED:
                return record
            (self._store.folder(Kind.JOB, job_id) / CANCEL_FLAG).touch()
            if record["state"] == "queued":
                return self._finish(job_id, "cancelled", None)
        for slot in self._slots:
            slot.kill_later(job_id, self._limits.cancel_grace_s)
        return record

    def load(self, job_id: str) -> Record:
        """Return the record of a job."""
        return self._store.load(Kind.JOB, job_id)

    def folder(self, job_id: str) -> Path:
        """Return where the events of a job are."""
        return self._store.folder(Kind.JOB, job_id)

    # ---------------------------------------------------------------- what workers tell

    def next_job(self) -> str | None:
        """Wait for a job and mark it running; None when the service stops."""
        while (job_id := self._queue.get()) is not _STOP:
            with self._lock:
                record = self._store.load(Kind.JOB, job_id)
                if record["state"] == "queued":
                    started = {**record, "state": "running", "started": now()}
                    self._store.save(Kind.JOB, job_id, started)
                    return job_id
        return None

    def settle(self, job_id: str, error: BaseException | None) -> None:
        """Write down how a job ended."""
        if error is None:
            self._finish(job_id, "done", None)
        elif self.stopping.is_set():
            self._end_if_open(job_id)
        elif isinstance(error, CancelledError) or self._was_cancelled(job_id):
            self._finish(job_id, "cancelled", None)
        elif isinstance(error, SbdError):
            self._finish(job_id, "failed", error)
        elif isinstance(error, BrokenProcessPool):
            self._finish(job_id, "failed", WorkerLostError(_lost(self.load(job_id))))
        else:
            log.error("job %s: a fault of the program", job_id, exc_info=error)
            fault = f"{type(error).__name__}: {error}; a fault of the program, the log has more"
            self._finish(job_id, "failed", InternalError(fault))

    def new_pool(self) -> ProcessPoolExecutor:
        """Return a pool of one process."""
        return ProcessPoolExecutor(1, mp_context=_context(), initializer=_ready_worker)

    def submit_to(self, pool: ProcessPoolExecutor, job_id: str) -> "Future[None]":
        """Run a job in a pool."""
        return pool.submit(self._run, self._store.root, job_id)

    def warm(self, pool: ProcessPoolExecutor) -> "Future[None]":
        """Make the process of a pool ready."""
        return pool.submit(self._warm)

    def _end_if_open(self, job_id: str) -> None:
        record = self._store.load(Kind.JOB, job_id)
        if record["state"] not in FINISHED:
            self._finish(job_id, "failed", ServiceStoppedError(_stopped(record)))

    def _was_cancelled(self, job_id: str) -> bool:
        return (self.folder(job_id) / CANCEL_FLAG).exists()

    def _finish(self, job_id: str, state: str, error: SbdError | None) -> Record:
        with self._lock:
            record = self._store.load(Kind.JOB, job_id)
            problem = None if error is None else problem_of(error)
            record = {**record, "state": state, "finished": now(), "error": problem}
            self._store.save(Kind.JOB, job_id, record)
            self._active.pop(record["result_id"], None)
            # The event comes last: whoever reads it finds the record as it will stay.
            append_event(self.folder(job_id), END, {"state": state, "error": problem})
        log.info("job %s: %s %s", job_id, record["kind"], state)
        return record


class _Slot(threading.Thread):
    """One process and the thread that feeds it."""

    def __init__(self, number: int, jobs: Jobs) -> None:
        super().__init__(name=f"sbd-slot-{number}", daemon=True)
        self._jobs = jobs
        self._lock = threading.Lock()
        self.process_id = 0
        self._job_id = ""

    def run(self) -> None:
        pool = self._fresh_pool()
        while (job_id := self._jobs.next_job()) is not None:
            with self._lock:
                self._job_id = job_id
            error = self._outcome(pool, job_id)
            with self._lock:
                self._job_id = ""
                # A kill that came when the work was just done also leaves a pool without a process.
                broken = isinstance(error, BrokenProcessPool) or not self.process_id
            self._jobs.settle(job_id, error)
            if broken and not self._jobs.stopping.is_set():
                pool.shutdown(wait=False)
                pool = self._fresh_pool()
        pool.shutdown(cancel_futures=True)

    def kill(self) -> None:
        """End the process, whatever it does."""
        with self._lock:
            self._kill()

    def kill_later(self, job_id: str, seconds: float) -> None:
        """End the process if it still works on `job_id` after some time."""

        def end() -> None:
            with self._lock:
                if self._job_id == job_id:
                    log.warning("job %s: did not stop by itself; its process is ended", job_id)
                    self._kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()

    def _outcome(self, pool: ProcessPoolExecutor, job_id: str) -> BaseException | None:
        try:
            return self._jobs.submit_to(pool, job_id).exception()
        except (BrokenProcessPool, RuntimeError) as error:
            return error if isinstance(error, BrokenProcessPool) else BrokenProcessPool(str(error))

    def _fresh_pool(self) -> ProcessPoolExecutor:
        pool = self._jobs.new_pool()
        try:
            process_id = pool.submit(os.getpid).result()
        except BrokenProcessPool:
            log.exception("a worker process could not start")
            return pool
        with self._lock:
            self.process_id = process_id
            if self._jobs.stopping.is_set():
                self._kill()
        self._jobs.warm(pool).add_done_callback(_log_cold_worker)
        return pool

    def _kill(self) -> None:
        if self.process_id:
            with suppress(ProcessLookupError):
                os.kill(self.process_id, signal.SIGTERM)
            self.process_id = 0


def now() -> str:
    """Return the time for a record."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _context() -> multiprocessing.context.BaseContext:
    # The service has threads, and a process with threads must not be forked.
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # The libraries are imported once, by the server that forks, and not by every worker.
    context.set_forkserver_preload(["api.work"])
    return context


def _ready_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's, which ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _log_cold_worker(warm: "Future[None]") -> None:
    if not warm.cancelled() and (error := warm.exception()) is not None:
        log.warning("a worker could not be made ready: %s", error)


def _lost(record: Record) -> str:
    return (
        f"{record['kind']} {record['result_id']}: the process that computed was ended from outside "
        "(most often for want of memory); ask again, with a smaller margin or a coarser resolution"
    )


def _stopped(record: Record) -> str:
    return f"{record['kind']} {record['result_id']}: the service was stopped meanwhile; ask again"
